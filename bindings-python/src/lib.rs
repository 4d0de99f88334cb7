//! Enters: Python values. Leaves: Python values. Kept: one core object each; every decision is the core's.

mod catalog;
mod collect;
mod continuation;
mod convert;
mod envelope;
mod images;
mod lint;
mod request;
mod sink;
mod source;
mod sse;
mod store;
mod streams;
mod websocket;

use pyo3::prelude::*;

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::{
        catalog::Catalog, collect::ResponseCollector, continuation::Continuation, envelope::error_envelope,
        envelope::failure_headers, images::ImageExtractor, images::images_api, lint::lint, request::Profile,
        request::chat_fields, request::chat_to_responses, request::normalize_request,
        request::responses_to_chat, source::content_type, source::is_sse, sse::SseParser, store::MemoryStore,
        streams::ChatTranscoder, streams::ResponsesRelay, streams::ResponsesTranscoder, websocket::Baseline,
        websocket::after_failure, websocket::client_frame, websocket::error_frame, websocket::http_body,
        websocket::ws_request,
    };
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
