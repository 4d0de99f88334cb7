//! The tee as a Python class.
//!
//! Input: a Responses stream. Output: what each of its consumers makes of it. State: the core's own object.

use crate::convert::{WHOLE, read_options, run, to_chunk, to_outcome_json, to_py_outcome, with_text};
use crate::host::{OnEvent, Shape};
use crate::objects::loads;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyType};
use sluicegate::{Dialect, Error, Frames, Options, TeeOutput};

/// Several consumers of one Responses stream, each event parsed once for all: `chat` and `relay` give bytes, `collect` the
/// bodies at the end. One tee per stream. Options: `TranscoderOptions`.
#[pyclass(module = "sluicegate")]
pub(crate) struct Tee {
    inner: sluicegate::Tee,
    on_event: Option<OnEvent>,
    /// Of the two outputs.
    shapes: Option<[Shape; 2]>,
    /// Of a call that the host's function failed.
    held: TeeOutput,
}

#[pymethods]
impl Tee {
    #[new]
    #[pyo3(signature = (
        *, chat = false, relay = false, collect = false, on_event = None, frames = None, objects = None, **options
    ))]
    fn new(
        chat: bool,
        relay: bool,
        collect: bool,
        on_event: Option<&Bound<'_, PyAny>>,
        frames: Option<bool>,
        objects: Option<bool>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let options = read_options(options, |json| Options::for_upstream(json, Dialect::Responses))?;
        let mut inner = sluicegate::Tee::new(options);
        inner = if chat { inner.chat() } else { inner };
        inner = if relay { inner.relay() } else { inner };
        inner = if collect { inner.collect() } else { inner };
        let on_event = OnEvent::new(on_event)?;
        if let Some(on_event) = &on_event {
            inner.watch_events(on_event.names());
        }
        let shape = |own: Frames| Shape::new(own, frames == Some(true), objects == Some(true));
        let (chat, relay) = inner.frames();
        let shapes = shape(chat).zip(shape(relay)).map(<[Shape; 2]>::from);
        Ok(Self { inner, on_event, shapes, held: TeeOutput::default() })
    }

    /// For annotations: `Tee[list[bytes]]`.
    #[classmethod]
    fn __class_getitem__<'py>(cls: &Bound<'py, PyType>, _given: &Bound<'py, PyAny>) -> Bound<'py, PyType> {
        cls.clone()
    }

    /// Takes the next bytes of the upstream body; what each client must be sent now.
    fn feed<'py>(own: &Bound<'py, Self>, chunk: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let bytes = to_chunk(chunk)?;
        let bytes = bytes.as_bytes();
        Self::give(own, bytes.len(), false, |inner, out| inner.feed(bytes, out))
    }

    /// Takes one event without SSE framing: a WebSocket text frame; as JSON or as a mapping.
    fn feed_event<'py>(own: &Bound<'py, Self>, frame: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        with_text(frame, |json| Self::give(own, json.len(), false, |inner, out| inner.feed_event(json, out)))
    }

    /// Ends the stream.
    fn finish<'py>(own: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::give(own, WHOLE, true, sluicegate::Tee::finish)
    }

    /// After `finish`, with `collect`: the final Response as JSON.
    fn final_response<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.inner.final_response().map(|json| PyBytes::new(py, json))
    }

    /// After `finish`, with `collect`: the chat completion as JSON, or the error envelope.
    fn final_completion<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.inner.final_completion().map(|json| PyBytes::new(py, json))
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

impl Tee {
    /// As with a transcoder.
    fn give<'py>(
        own: &Bound<'py, Self>,
        size: usize,
        is_end: bool,
        verb: impl FnOnce(&mut sluicegate::Tee, &mut TeeOutput) -> Result<(), Error> + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = own.py();
        let mut borrowed = own.try_borrow_mut()?;
        let Self { inner, on_event, held, .. } = &mut *borrowed;
        let mut out = std::mem::take(held);
        let had = out != TeeOutput::default();
        let done = run(py, size, || verb(inner, &mut out));
        if let Err(error) = done
            && !had
        {
            return Err(error);
        }
        if let Some(on_event) = on_event {
            let (callback, events) = (on_event.callback(py), on_event.events(py, inner.events()));
            drop(borrowed);
            let told = OnEvent::tell(&callback, events);
            borrowed = own.try_borrow_mut()?;
            if let Err(error) = told {
                borrowed.held = out;
                return Err(error);
            }
        }
        let given = [&out.chat, &out.responses];
        let [chat, responses] = match &mut borrowed.shapes {
            Some([chat, responses]) => {
                [chat.give(py, given[0], is_end)?, responses.give(py, given[1], is_end)?]
            }
            None => given.map(|bytes| PyBytes::new(py, bytes).into_any()),
        };
        to_py_output(py, chat, responses)
    }
}

fn to_py_output<'py>(
    py: Python<'py>,
    chat: Bound<'py, PyAny>,
    responses: Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    static TEE_OUTPUT: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    TEE_OUTPUT.import(py, "sluicegate.types", "TeeOutput")?.call1((chat, responses))
}
