//! Enters: Responses events. Leaves: Responses SSE with one good end. Kept: the core's relay.

use crate::convert::{WHOLE, emit, read_options, to_bytes, to_outcome_json, to_py_outcome, with_text};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use sluicegate::ChatOptions;

/// Passes one Responses stream on byte for byte, with exactly one terminal event: filled where it was hollow, made
/// where it was missing. One relay per stream. Of the `ChatOptions` it uses `context`, `fc_ids`,
/// `previous_response_id`, `done_is_complete` and `max_event_bytes`.
#[pyclass(module = "sluicegate")]
pub(crate) struct ResponsesRelay(sluicegate::ResponsesRelay);

#[pymethods]
impl ResponsesRelay {
    #[new]
    #[pyo3(signature = (**options))]
    fn new(options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        Ok(Self(sluicegate::ResponsesRelay::new(read_options(options, ChatOptions::from_json)?)))
    }

    /// Takes the next bytes of the upstream body; what the client must be sent now, possibly nothing.
    fn feed<'py>(&mut self, chunk: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = to_bytes(chunk)?;
        let bytes = bytes.as_bytes();
        emit(chunk.py(), bytes.len(), |out| self.0.feed(bytes, out))
    }

    /// Takes one WebSocket text frame; it goes on as an SSE block.
    fn feed_event<'py>(&mut self, frame: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        with_text(frame, |json| emit(frame.py(), json.len(), |out| self.0.feed_event(json, out)))
    }

    /// Ends the stream; without a terminal event that is a `response.failed` with what had arrived.
    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        emit(py, WHOLE, |out| self.0.finish(out))
    }

    /// The final Response as JSON; `None` before a terminal event or `finish`.
    fn response<'py>(&mut self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.0.response().map(|response| PyBytes::new(py, &response))
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

    /// Whether anything but a failure was passed on.
    #[getter]
    fn committed(&self) -> bool {
        self.0.committed()
    }
}
