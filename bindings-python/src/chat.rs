//! Enters: Responses events. Leaves: chat SSE. Kept: the core's transcoder.

use crate::convert::{WHOLE, emit, read_options, to_bytes, to_outcome_json, to_py_outcome, with_text};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use sluicegate::ChatOptions;

/// Turns one Responses stream into one chat completion stream, the same bytes for any chunking of the input. One
/// transcoder per stream: calling it from two threads at once raises `RuntimeError`. Options: `ChatOptions`.
#[pyclass(module = "sluicegate")]
pub(crate) struct ChatTranscoder(sluicegate::ChatTranscoder);

#[pymethods]
impl ChatTranscoder {
    #[new]
    #[pyo3(signature = (**options))]
    fn new(options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        Ok(Self(sluicegate::ChatTranscoder::new(read_options(options, ChatOptions::from_json)?)))
    }

    /// Takes the next bytes of the upstream body; what the client must be sent now, possibly nothing.
    fn feed<'py>(&mut self, chunk: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = to_bytes(chunk)?;
        let bytes = bytes.as_bytes();
        emit(chunk.py(), bytes.len(), |out| self.0.feed(bytes, out))
    }

    /// Takes one event as JSON without SSE framing: a WebSocket text frame.
    fn feed_event<'py>(&mut self, frame: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        with_text(frame, |json| emit(frame.py(), json.len(), |out| self.0.feed_event(json, out)))
    }

    /// Ends the stream; without a terminal event that is the error frame and `[DONE]`.
    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        emit(py, WHOLE, |out| self.0.finish(out))
    }

    /// What the stream turned out to be; `None` before a terminal event or `finish`.
    #[getter]
    fn outcome<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        to_py_outcome(py, self.0.outcome())
    }

    /// `outcome` as the exact JSON text that all three languages give.
    #[getter]
    fn outcome_json(&self) -> Option<String> {
        to_outcome_json(self.0.outcome())
    }

    /// Whether anything but an error frame was emitted.
    #[getter]
    fn committed(&self) -> bool {
        self.0.committed()
    }

    /// A comment to send while the upstream is silent, between any two results.
    #[staticmethod]
    #[pyo3(signature = (block = false))]
    fn heartbeat(block: bool) -> &'static [u8] {
        sluicegate::ChatTranscoder::heartbeat(block)
    }
}
