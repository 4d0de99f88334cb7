//! The collector as a Python class.
//!
//! Input: a stream of any dialect. Output: the body of any client. State: the core's own object.

use crate::convert::{
    WHOLE, dialect, guarded, read_options, run, to_chunk, to_document, to_outcome_json, to_py_outcome,
    to_status, with_text,
};
use crate::host::OnEvent;
use crate::objects::loads;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use sluicegate::{Error, Options};

/// Reads one stream of the upstream's dialect and gives the body of any client: for clients that asked `stream: false` of
/// an upstream that only streams. One collector per stream. Options: `TranscoderOptions`.
#[pyclass(module = "sluicegate", subclass)]
pub(crate) struct Collector {
    inner: sluicegate::Collector,
    on_event: Option<OnEvent>,
}

#[pymethods]
impl Collector {
    #[new]
    #[pyo3(signature = (*, upstream, client = None, on_event = None, **options))]
    fn new(
        upstream: &str,
        client: Option<&str>,
        on_event: Option<&Bound<'_, PyAny>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let upstream = dialect(upstream, "upstream")?;
        let options = read_options(options, |json| Options::for_upstream(json, upstream))?;
        let client = client.map(|client| dialect(client, "client")).transpose()?;
        let mut inner = match client {
            Some(client) => sluicegate::Collector::for_client(client, upstream, options),
            None => sluicegate::Collector::new(upstream, options),
        };
        let on_event = OnEvent::new(on_event)?;
        if let Some(on_event) = &on_event {
            inner.watch_events(on_event.names());
        }
        Ok(Self { inner, on_event })
    }

    /// Takes the next bytes of the upstream body.
    fn feed(own: &Bound<'_, Self>, chunk: &Bound<'_, PyAny>) -> PyResult<()> {
        let bytes = to_chunk(chunk)?;
        let bytes = bytes.as_bytes();
        Self::take(own, bytes.len(), |inner| inner.feed(bytes))
    }

    /// Takes one event without SSE framing: a WebSocket text frame, or one chat chunk; as JSON or as a mapping.
    fn feed_event(own: &Bound<'_, Self>, frame: &Bound<'_, PyAny>) -> PyResult<()> {
        with_text(frame, |json| Self::take(own, json.len(), |inner| inner.feed_event(json)))
    }

    /// Takes one finished body as it is, with the HTTP status that it came with; it must be the only input.
    #[pyo3(signature = (body, status = None))]
    fn feed_document(own: &Bound<'_, Self>, body: &Bound<'_, PyAny>, status: Option<i64>) -> PyResult<()> {
        let (body, status) = (to_document(body)?, status.map(to_status));
        let bytes = body.as_bytes();
        Self::take(own, bytes.len(), |inner| inner.feed_document(bytes, status))
    }

    /// Ends the stream.
    fn finish(own: &Bound<'_, Self>) -> PyResult<()> {
        Self::take(own, WHOLE, sluicegate::Collector::finish)
    }

    /// After `finish`: the final Response as JSON, however the stream ended. See `outcome` before using it.
    fn final_response<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.inner.final_response().map(|json| PyBytes::new(py, json))
    }

    /// After `finish`: the chat completion as JSON, or the error envelope of an answer that failed or was cut.
    fn final_completion<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.inner.final_completion().map(|json| PyBytes::new(py, json))
    }

    /// After `finish`: the Message of Anthropic's API as JSON, or the error body of an answer that failed or was cut.
    fn final_message<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        Ok(guarded(|| self.inner.final_message())?.map(|json| PyBytes::new(py, &json)))
    }

    /// What it would be if the stream ended here: a collector of its own that has ended, while this one goes on.
    fn snapshot(&self, py: Python<'_>) -> PyResult<Self> {
        let inner = run(py, WHOLE, || Ok(self.inner.snapshot()))?;
        Ok(Self { inner, on_event: None })
    }

    /// The id of the answer, as the outcome will have it; `None` while it is not known.
    #[getter]
    fn response_id(&self) -> Option<String> {
        self.inner.response_id()
    }

    /// What the answer has taken so far, as the upstream last counted.
    #[getter]
    fn usage<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.inner.usage().map(|usage| loads(py, &usage.to_json())).transpose()
    }

    /// What to do about the failure that the answer turned out to be.
    #[getter]
    fn failure<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.inner.failure().map(|failure| loads(py, &failure.to_json())).transpose()
    }

    /// The summary of the stream; `None` before its end or `finish`.
    #[getter]
    fn outcome<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        to_py_outcome(py, || self.inner.outcome())
    }

    /// `outcome` as the exact JSON text that all three languages give.
    #[getter]
    fn outcome_json(&self) -> PyResult<Option<String>> {
        to_outcome_json(|| self.inner.outcome())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        OnEvent::traverse(self.on_event.as_ref(), &visit)
    }

    fn __clear__(&mut self) {
        self.on_event = None;
    }
}

impl Collector {
    /// Calls the core, then the host's function.
    fn take(
        own: &Bound<'_, Self>,
        size: usize,
        verb: impl FnOnce(&mut sluicegate::Collector) -> Result<(), Error> + Send,
    ) -> PyResult<()> {
        let py = own.py();
        let mut borrowed = own.try_borrow_mut()?;
        let Self { inner, on_event } = &mut *borrowed;
        run(py, size, || verb(inner))?;
        let Some(on_event) = on_event else { return Ok(()) };
        let (callback, events) = (on_event.callback(py), on_event.events(py, inner.events()));
        drop(borrowed);
        OnEvent::tell(&callback, events)
    }
}
