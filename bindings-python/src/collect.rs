//! Enters: Responses events. Leaves: the final Response, and its chat.completion. Kept: the core's collector.

use crate::convert::{WHOLE, read_options, run, to_bytes, to_outcome_json, to_py_outcome, with_text};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use sluicegate::ChatOptions;

/// Rebuilds the final Response of one stream, and folds its chat completion: for clients that asked `stream: false` of
/// a backend that only streams. One collector per stream. The `ChatOptions` shape the chat completion.
#[pyclass(module = "sluicegate")]
pub(crate) struct ResponseCollector(sluicegate::ResponseCollector);

#[pymethods]
impl ResponseCollector {
    #[new]
    #[pyo3(signature = (**options))]
    fn new(options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        Ok(Self(sluicegate::ResponseCollector::new(read_options(options, ChatOptions::from_json)?)))
    }

    /// Takes the next bytes of the upstream body.
    fn feed(&mut self, chunk: &Bound<'_, PyAny>) -> PyResult<()> {
        let bytes = to_bytes(chunk)?;
        let bytes = bytes.as_bytes();
        run(chunk.py(), bytes.len(), || self.0.feed(bytes))
    }

    /// Takes one event as JSON without SSE framing: a WebSocket text frame.
    fn feed_event(&mut self, frame: &Bound<'_, PyAny>) -> PyResult<()> {
        with_text(frame, |json| run(frame.py(), json.len(), || self.0.feed_event(json)))
    }

    /// Ends the stream: the final Response as JSON, whatever it turned out to be. See `outcome` before using it.
    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        run(py, WHOLE, || self.0.finish()).map(|json| PyBytes::new(py, &json))
    }

    /// After `finish`: the chat completion as JSON, or the error envelope of a response that failed or was cut.
    fn chat_completion<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.0.chat_completion().map(|json| PyBytes::new(py, json))
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
}
