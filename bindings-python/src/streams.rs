//! The transcoder as a Python class.
//!
//! Input: upstream bytes or frames. Output: the bytes of a stream for the client. State: the core's own object.

use crate::convert::{
    WHOLE, dialect, emit, guarded, options_json, read_options, to_bytes, to_outcome_json, to_py_err,
    to_py_outcome, with_text,
};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use sluicegate::Options;

/// Translates one stream of the upstream's dialect into the client's, the same bytes for any chunking of the input. The
/// same dialect twice passes it on with exactly one sound end. One transcoder per stream: calling it from two threads at
/// once raises `RuntimeError`. Options: `TranscoderOptions`.
#[pyclass(module = "sluicegate", subclass)]
pub(crate) struct Transcoder(sluicegate::Transcoder);

#[pymethods]
impl Transcoder {
    #[new]
    #[pyo3(signature = (*, client, upstream, **options))]
    fn new(client: &str, upstream: &str, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let (client, upstream) = (dialect(client, "client")?, dialect(upstream, "upstream")?);
        let options = read_options(options, |json| Options::for_pair(json, client, upstream))?;
        Ok(Self(sluicegate::Transcoder::new(client, upstream, options)))
    }

    /// Takes the next bytes of the upstream body; what the client must be sent now, possibly nothing.
    fn feed<'py>(&mut self, chunk: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = to_bytes(chunk)?;
        let bytes = bytes.as_bytes();
        emit(chunk.py(), bytes.len(), |out| self.0.feed(bytes, out))
    }

    /// Takes one event as JSON without SSE framing: a WebSocket text frame, or one chat chunk.
    fn feed_event<'py>(&mut self, frame: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        with_text(frame, |json| emit(frame.py(), json.len(), |out| self.0.feed_event(json, out)))
    }

    /// Ends the stream; without an end of its own that is a failure in the client's form.
    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        emit(py, WHOLE, |out| self.0.finish(out))
    }

    /// For Responses clients the final Response as JSON; `None` before the end.
    fn response<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        Ok(guarded(|| self.0.response())?.map(|response| PyBytes::new(py, &response)))
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

    /// Whether anything but a failure was written.
    #[getter]
    fn has_output(&self) -> bool {
        self.0.has_output()
    }

    /// The older name of `has_output`.
    #[getter]
    fn committed(&self) -> bool {
        self.0.has_output()
    }

    /// What to send while the upstream is silent, between any two results: the event `ping` to a Messages client whose
    /// message began, else a heartbeat.
    #[pyo3(signature = (block = false))]
    fn ping(&self, block: bool) -> &'static [u8] {
        self.0.ping(block)
    }

    /// A comment to send while the upstream is silent, between any two results.
    #[staticmethod]
    #[pyo3(signature = (block = false))]
    fn heartbeat(block: bool) -> &'static [u8] {
        sluicegate::Transcoder::heartbeat(block)
    }
}

/// Of options for an upstream and clients of any dialect, those that one pair reads. Raises `Error` for any other.
#[pyfunction]
pub(crate) fn pair_options<'py>(
    client: &str,
    upstream: &str,
    options: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyDict>> {
    let (client, upstream) = (dialect(client, "client")?, dialect(upstream, "upstream")?);
    Options::for_upstream(options_json(options)?.as_bytes(), upstream).map_err(|error| to_py_err(&error))?;
    let known = PyDict::new(options.py());
    for name in Options::names_for_pair(client, upstream) {
        if let Some(value) = options.get_item(name)? {
            known.set_item(name, value)?;
        }
    }
    Ok(known)
}
