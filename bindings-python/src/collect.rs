//! The collector as a Python class.
//!
//! Input: a stream of any dialect. Output: the body of any client. State: the core's own object.

use crate::convert::{
    WHOLE, dialect, guarded, read_options, run, to_bytes, to_outcome_json, to_py_outcome, with_text,
};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use sluicegate::Options;

/// Reads one stream of the upstream's dialect and gives the body of any client: for clients that asked `stream: false` of
/// an upstream that only streams. One collector per stream. Options: `TranscoderOptions`.
#[pyclass(module = "sluicegate", subclass)]
pub(crate) struct Collector(sluicegate::Collector);

#[pymethods]
impl Collector {
    #[new]
    #[pyo3(signature = (*, upstream, **options))]
    fn new(upstream: &str, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let upstream = dialect(upstream, "upstream")?;
        let options = read_options(options, |json| Options::for_upstream(json, upstream))?;
        Ok(Self(sluicegate::Collector::new(upstream, options)))
    }

    /// Takes the next bytes of the upstream body.
    fn feed(&mut self, chunk: &Bound<'_, PyAny>) -> PyResult<()> {
        let bytes = to_bytes(chunk)?;
        let bytes = bytes.as_bytes();
        run(chunk.py(), bytes.len(), || self.0.feed(bytes))
    }

    /// Takes one event as JSON without SSE framing: a WebSocket text frame, or one chat chunk.
    fn feed_event(&mut self, frame: &Bound<'_, PyAny>) -> PyResult<()> {
        with_text(frame, |json| run(frame.py(), json.len(), || self.0.feed_event(json)))
    }

    /// Ends the stream.
    fn finish(&mut self, py: Python<'_>) -> PyResult<()> {
        run(py, WHOLE, || self.0.finish())
    }

    /// After `finish`: the final Response as JSON, however the stream ended. See `outcome` before using it.
    fn final_response<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.0.final_response().map(|json| PyBytes::new(py, json))
    }

    /// After `finish`: the chat completion as JSON, or the error envelope of an answer that failed or was cut.
    fn final_completion<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.0.final_completion().map(|json| PyBytes::new(py, json))
    }

    /// After `finish`: the Message of Anthropic's API as JSON, or the error body of an answer that failed or was cut.
    fn final_message<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        Ok(guarded(|| self.0.final_message())?.map(|json| PyBytes::new(py, &json)))
    }

    /// What it would be if the stream ended here: a collector of its own that has ended, while this one goes on.
    fn snapshot(&self, py: Python<'_>) -> PyResult<Self> {
        run(py, WHOLE, || Ok(self.0.snapshot())).map(Self)
    }

    /// The summary of the stream; `None` before its end or `finish`.
    #[getter]
    fn outcome<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        to_py_outcome(py, || self.0.outcome())
    }

    /// `outcome` as the exact JSON text that all three languages give.
    #[getter]
    fn outcome_json(&self) -> PyResult<Option<String>> {
        to_outcome_json(|| self.0.outcome())
    }
}
