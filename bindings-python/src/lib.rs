//! Enters: Python values. Leaves: Python values. Kept: one core object each; every decision is the core's.

mod chat;
mod collect;
mod convert;
mod envelope;
mod images;
mod relay;
mod request;
mod sink;
mod source;
mod sse;

use pyo3::prelude::*;

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::{
        chat::ChatTranscoder, collect::ResponseCollector, envelope::error_envelope, images::ImageExtractor,
        images::images_api, relay::ResponsesRelay, request::Profile, request::chat_fields,
        request::chat_to_responses, request::normalize_request, source::content_type, source::is_sse,
        sse::SseParser,
    };
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
