//! Enters: chat completion chunks. Leaves: Responses SSE, the final Response. Kept: the core's transcoder.

use crate::convert::{WHOLE, emit, read_options, to_bytes, to_outcome_json, to_py_outcome, with_text};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use sluicegate::ResponsesOptions;

/// Turns one chat completion stream, or one chat completion, into one Responses stream, the same bytes for any chunking
/// of the input. One transcoder per stream: calling it from two threads at once raises `RuntimeError`. Options:
/// `ResponsesOptions`.
#[pyclass(module = "sluicegate")]
pub(crate) struct ResponsesTranscoder(sluicegate::ResponsesTranscoder);

#[pymethods]
impl ResponsesTranscoder {
    #[new]
    #[pyo3(signature = (**options))]
    fn new(options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        Ok(Self(sluicegate::ResponsesTranscoder::new(read_options(options, ResponsesOptions::from_json)?)))
    }

    /// Takes the next bytes of the upstream body; what the client must be sent now, possibly nothing.
    fn feed<'py>(&mut self, chunk: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = to_bytes(chunk)?;
        let bytes = bytes.as_bytes();
        emit(chunk.py(), bytes.len(), |out| self.0.feed(bytes, out))
    }

    /// Takes one chunk as JSON without SSE framing.
    fn feed_event<'py>(&mut self, json: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        with_text(json, |text| emit(json.py(), text.len(), |out| self.0.feed_event(text, out)))
    }

    /// Ends the stream; without a finish reason that is `response.failed`.
    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        emit(py, WHOLE, |out| self.0.finish(out))
    }

    /// The final Response as JSON; `None` before the end.
    fn response<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.0.response().map(|response| PyBytes::new(py, &response))
    }

    /// What the stream turned out to be; `None` before its end or `finish`.
    #[getter]
    fn outcome<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        to_py_outcome(py, self.0.outcome())
    }

    /// `outcome` as the exact JSON text that all three languages give.
    #[getter]
    fn outcome_json(&self) -> Option<String> {
        to_outcome_json(self.0.outcome())
    }

    /// Whether anything but a failure was emitted.
    #[getter]
    fn committed(&self) -> bool {
        self.0.committed()
    }

    /// A comment to send while the upstream is silent, between any two results.
    #[staticmethod]
    #[pyo3(signature = (block = false))]
    fn heartbeat(block: bool) -> &'static [u8] {
        sluicegate::ResponsesTranscoder::heartbeat(block)
    }
}
