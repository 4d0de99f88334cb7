//! Input: how a body begins, or what a client asked for. Output: what it is, and what to call it. State: a page, its
//! beginning.

use crate::convert::{run, to_chunk};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Whether a body that begins with these bytes is an event stream, whatever its content type claims; `None` while
/// nothing but white space was seen.
#[pyfunction]
pub(crate) fn is_sse(first_bytes: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
    Ok(sluicegate::is_sse(to_chunk(first_bytes)?.as_bytes()))
}

/// The content type a gateway must send, whatever the upstream claimed.
#[pyfunction]
pub(crate) fn content_type(is_stream: bool) -> &'static str {
    sluicegate::content_type(is_stream)
}

/// The beginning of an upstream's body, for a transport: what it is, and of a page what an envelope is made of.
#[pyclass(module = "sluicegate")]
#[derive(Default)]
pub(crate) struct Page(sluicegate::Page);

#[pymethods]
impl Page {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes.
    fn feed(&mut self, chunk: &Bound<'_, PyAny>) -> PyResult<()> {
        let bytes = to_chunk(chunk)?;
        let bytes = bytes.as_bytes();
        run(chunk.py(), bytes.len(), || {
            self.0.feed(bytes);
            Ok(())
        })
    }

    /// `stream`, `document` (JSON) or `page`; `None` while nothing but white space was seen.
    #[getter]
    fn kind(&self) -> Option<&'static str> {
        self.0.kind().map(sluicegate::BodyKind::as_str)
    }

    /// At most 1 MiB of it, without the white space before it.
    fn bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.bytes())
    }

    /// Whether some of it had no room.
    #[getter]
    fn is_cut(&self) -> bool {
        self.0.is_cut()
    }

    /// Whether no more of it is worth reading, if it is no answer.
    #[getter]
    fn is_full(&self) -> bool {
        self.0.is_full()
    }
}

/// Faults, for a test of what becomes of that.
#[pyfunction]
pub(crate) fn fault(py: Python<'_>, size: usize) -> PyResult<()> {
    #[expect(clippy::panic, reason = "its purpose")]
    run(py, size, || panic!("on purpose"))
}
