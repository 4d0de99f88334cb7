//! Input: how a body begins, or what a client asked for. Output: what it is, and what to call it.

use crate::convert::to_bytes;
use pyo3::prelude::*;

/// Whether a body that begins with these bytes is an event stream, whatever its content type claims; `None` while
/// nothing but white space was seen.
#[pyfunction]
pub(crate) fn is_sse(first_bytes: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
    Ok(sluicegate::is_sse(to_bytes(first_bytes)?.as_bytes()))
}

/// The content type a gateway must send, whatever the upstream claimed.
#[pyfunction]
pub(crate) fn content_type(is_stream: bool) -> &'static str {
    sluicegate::content_type(is_stream)
}
