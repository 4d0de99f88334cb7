//! Input: bytes of an event stream. Output: `SseEvent`s. State: the core's parser.

use crate::convert::{DETACH_BYTES, guarded, read_options, to_chunk, to_py_err};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};
use sluicegate::{Error, Event, SseOptions};
use std::borrow::Cow;

/// Incremental SSE parser: one per stream, any chunking, no I/O. Options: `SseOptions`.
#[pyclass(module = "sluicegate")]
pub(crate) struct SseParser(sluicegate::SseParser);

#[pymethods]
impl SseParser {
    #[new]
    #[pyo3(signature = (**options))]
    fn new(options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        Ok(Self(sluicegate::SseParser::new(read_options(options, SseOptions::from_json)?)))
    }

    /// The events that `chunk` completes. All of it is parsed even when `Error` is raised: see `Error.events`.
    fn feed<'py>(&mut self, chunk: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let (py, bytes) = (chunk.py(), to_chunk(chunk)?);
        let bytes = bytes.as_bytes();
        let (mut events, mut errors) = (Vec::new(), Vec::new());
        if bytes.len() < DETACH_BYTES {
            let to_event = |event: Event<'_>| {
                events.push(to_py_event(py, event.event, event.data, event.id)?);
                Ok(())
            };
            guarded(|| parse(&mut self.0, bytes, &mut errors, to_event))??;
        } else {
            for (event, data, id) in guarded(|| py.detach(|| copied(&mut self.0, bytes, &mut errors)))?? {
                events.push(to_py_event(py, &event, &data, &id)?);
            }
        }
        raise_first(py, events, errors.iter().map(to_py_err).collect())
    }

    /// Ends the stream; the event of an unterminated block under `dispatch_tail`, else none.
    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let event = guarded(|| self.0.finish())?.map_err(|error| to_py_err(&error))?;
        event.iter().map(|event| to_py_event(py, event.event, event.data, event.id)).collect()
    }

    /// The last valid `retry` value, in milliseconds.
    #[getter]
    fn retry(&self) -> Option<u64> {
        self.0.retry()
    }

    /// The last `id` that a dispatched block set.
    #[getter]
    fn last_event_id(&self) -> Cow<'_, str> {
        self.0.last_event_id()
    }

    /// Bytes scanned plus bytes copied; at most twice the bytes fed.
    #[getter]
    fn bytes_touched(&self) -> u64 {
        self.0.bytes_touched()
    }
}

/// All events of a chunk; errors are kept apart.
fn parse(
    parser: &mut sluicegate::SseParser,
    chunk: &[u8],
    errors: &mut Vec<Error>,
    mut take: impl FnMut(Event<'_>) -> PyResult<()>,
) -> PyResult<()> {
    let mut lent = parser.feed(chunk);
    loop {
        match lent.next_event() {
            Ok(Some(event)) => take(event)?,
            Ok(None) => return Ok(()),
            Err(error) => errors.push(error),
        }
    }
}

type Copied = Vec<(String, String, String)>;

/// The same without the interpreter, which making objects of them needs.
fn copied(parser: &mut sluicegate::SseParser, chunk: &[u8], errors: &mut Vec<Error>) -> PyResult<Copied> {
    let mut events = Vec::new();
    let own = |event: Event<'_>| (event.event.to_owned(), event.data.to_owned(), event.id.to_owned());
    parse(parser, chunk, errors, |event| {
        events.push(own(event));
        Ok(())
    })?;
    Ok(events)
}

fn to_py_event<'py>(py: Python<'py>, event: &str, data: &str, id: &str) -> PyResult<Bound<'py, PyAny>> {
    static SSE_EVENT: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    SSE_EVENT.import(py, "sluicegate.types", "SseEvent")?.call1((event, data, id))
}

/// The events, or the first error carrying them and the other errors: nothing of the chunk is lost.
fn raise_first<'py, T: IntoPyObject<'py>>(
    py: Python<'py>,
    events: Vec<T>,
    errors: Vec<PyErr>,
) -> PyResult<Vec<T>> {
    let mut errors = errors.into_iter().map(|error| error.into_value(py).into_bound(py));
    let Some(first) = errors.next() else { return Ok(events) };
    first.setattr(intern!(py, "events"), events)?;
    first.setattr(intern!(py, "further"), errors.collect::<Vec<_>>())?;
    Err(PyErr::from_value(first.into_any()))
}
