//! Enters: Python values. Leaves: Python values. Kept: one core object each; every decision is the core's.

mod catalog;
mod collect;
mod continuation;
mod convert;
mod envelope;
mod host;
mod images;
mod lint;
mod objects;
mod otel;
mod request;
mod sink;
mod source;
mod sse;
mod store;
mod streams;
mod tee;
mod websocket;

use pyo3::prelude::*;

#[pymodule(gil_used = false)] // each object is its thread's own, frozen, or behind a lock
mod _native {
    #[pymodule_export]
    use super::{
        catalog::Catalog, collect::Collector, continuation::Continuation, envelope::error_envelope,
        envelope::failure_headers, images::ImageExtractor, images::images_api, images::images_request,
        lint::lint, otel::otel_attributes, request::Profile, request::chat_fields, request::convert_part,
        request::convert_request, request::count_tokens, request::is_probe, request::messages_fields,
        request::usage_json, source::Page, source::content_type, source::fault, source::is_sse,
        sse::SseParser, store::MemoryStore, streams::Transcoder, streams::pair_options, tee::Tee,
        websocket::Baseline, websocket::after_failure, websocket::client_frame, websocket::error_frame,
        websocket::frame_headers, websocket::http_body, websocket::warm_up_frames,
        websocket::warm_up_response, websocket::ws_request,
    };
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("MAX_HEAD_BYTES", sluicegate::Page::MAX_HEAD_BYTES)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
