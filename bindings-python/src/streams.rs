//! The transcoder as a Python class.
//!
//! Input: upstream bytes or frames. Output: the bytes of a stream for the client. State: the core's own object.

use crate::convert::{
    WHOLE, dialect, emit, guarded, options_json, run, to_chunk, to_document, to_outcome_json, to_py_err,
    to_py_outcome, to_status, with_text,
};
use crate::host::{OnEvent, Shape};
use crate::objects::loads;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyType};
use sluicegate::{Error, Options};

/// Translates one stream of the upstream's dialect into the client's, the same bytes for any chunking of the input. The
/// same dialect twice passes it on with exactly one sound end. One transcoder per stream: calling it from two threads at
/// once raises `RuntimeError`. Options: `TranscoderOptions`.
#[pyclass(module = "sluicegate", subclass)]
pub(crate) struct Transcoder {
    inner: sluicegate::Transcoder,
    /// There for hosts that want more than bytes.
    host: Option<Box<Host>>,
}

struct Host {
    on_event: Option<OnEvent>,
    shape: Option<Shape>,
    /// Of a call that the host's function failed.
    held: Vec<u8>,
}

#[pymethods]
impl Transcoder {
    #[new]
    #[pyo3(signature = (*, client, upstream, on_event = None, frames = None, objects = None, **options))]
    fn new(
        client: &str,
        upstream: &str,
        on_event: Option<&Bound<'_, PyAny>>,
        frames: Option<bool>,
        objects: Option<bool>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let options = options.map_or_else(|| Ok("{}".to_owned()), options_json)?;
        let made = || sluicegate::Transcoder::from_names(client, upstream, options.as_bytes());
        let mut inner = guarded(made)?.map_err(|error| to_py_err(&error))?;
        let on_event = OnEvent::new(on_event)?;
        let shape = Shape::new(inner.frames(), frames == Some(true), objects == Some(true));
        if let Some(on_event) = &on_event {
            inner.watch_events(on_event.names());
        }
        let is_asked = on_event.is_some() || shape.is_some();
        let host = is_asked.then(|| Box::new(Host { on_event, shape, held: Vec::new() }));
        Ok(Self { inner, host })
    }

    /// For annotations: `Transcoder[list[bytes]]`.
    #[classmethod]
    fn __class_getitem__<'py>(cls: &Bound<'py, PyType>, _given: &Bound<'py, PyAny>) -> Bound<'py, PyType> {
        cls.clone()
    }

    /// Takes the next bytes of the upstream body; what the client must be sent now, possibly nothing.
    fn feed<'py>(own: &Bound<'py, Self>, chunk: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let bytes = to_chunk(chunk)?;
        let bytes = bytes.as_bytes();
        Self::give(own, bytes.len(), false, |inner, out| inner.feed(bytes, out))
    }

    /// Takes one event without SSE framing: a WebSocket text frame, or one chat chunk; as JSON or as a mapping.
    fn feed_event<'py>(own: &Bound<'py, Self>, frame: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        with_text(frame, |json| Self::give(own, json.len(), false, |inner, out| inner.feed_event(json, out)))
    }

    /// Takes one finished body as it is, with the HTTP status that it came with; it must be the only input.
    #[pyo3(signature = (body, status = None))]
    fn feed_document<'py>(
        own: &Bound<'py, Self>,
        body: &Bound<'py, PyAny>,
        status: Option<i64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (body, status) = (to_document(body)?, status.map(to_status));
        let bytes = body.as_bytes();
        Self::give(own, bytes.len(), false, |inner, out| inner.feed_document(bytes, status, out))
    }

    /// Ends the stream; without an end of its own that is a failure in the client's form.
    fn finish<'py>(own: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::give(own, WHOLE, true, sluicegate::Transcoder::finish)
    }

    /// For Responses clients the final Response as JSON; `None` before the end.
    fn response<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        Ok(guarded(|| self.inner.response())?.map(|response| PyBytes::new(py, &response)))
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

    /// Whether anything but a failure was written.
    #[getter]
    fn has_output(&self) -> bool {
        self.inner.has_output()
    }

    /// The older name of `has_output`.
    #[getter]
    fn committed(&self) -> bool {
        self.inner.has_output()
    }

    /// What to send while the upstream is silent, between any two results: the event `ping` to a Messages client whose
    /// message began, else a heartbeat.
    #[pyo3(signature = (block = false))]
    fn ping(&self, block: bool) -> &'static [u8] {
        self.inner.ping(block)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        OnEvent::traverse(self.host.as_ref().and_then(|host| host.on_event.as_ref()), &visit)
    }

    fn __clear__(&mut self) {
        self.host = None;
    }

    /// A comment to send while the upstream is silent, between any two results.
    #[staticmethod]
    #[pyo3(signature = (block = false))]
    fn heartbeat(block: bool) -> &'static [u8] {
        sluicegate::Transcoder::heartbeat(block)
    }
}

impl Transcoder {
    /// What a call of the core wrote, as the host wants it; the host's function is called before.
    fn give<'py>(
        own: &Bound<'py, Self>,
        size: usize,
        is_end: bool,
        verb: impl FnOnce(&mut sluicegate::Transcoder, &mut Vec<u8>) -> Result<(), Error> + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = own.py();
        let mut borrowed = own.try_borrow_mut()?;
        let Self { inner, host } = &mut *borrowed;
        let Some(host) = host else {
            return emit(py, size, |out| verb(inner, out)).map(Bound::into_any);
        };
        let had = host.held.len();
        let mut out = std::mem::take(&mut host.held);
        let done = run(py, size, || verb(inner, &mut out));
        if let Err(error) = done
            && had == 0
        {
            return Err(error);
        }
        if let Some(on_event) = &host.on_event {
            let (callback, events) = (on_event.callback(py), on_event.events(py, inner.events()));
            if !events.is_empty() {
                drop(borrowed);
                let told = OnEvent::tell(&callback, events);
                borrowed = own.try_borrow_mut()?;
                if let (Err(error), Some(host)) = (told, &mut borrowed.host) {
                    host.held = out;
                    return Err(error);
                }
            }
        }
        match borrowed.host.as_mut().and_then(|host| host.shape.as_mut()) {
            Some(shape) => shape.give(py, &out, is_end),
            None => Ok(PyBytes::new(py, &out).into_any()),
        }
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
