//! Enters: Python values. Leaves: Python values. Kept: one core object each; every decision is the core's.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyMemoryView, PyString, PyType};
use pyo3::{import_exception, intern};
use sluicegate::{ChatOptions, SseOptions};
use std::borrow::Cow;

import_exception!(sluicegate.types, Error); // written in Python, so that it pickles and can be read

/// From this size on other threads may run meanwhile; below, handing the interpreter over costs more than the work.
const DETACH_BYTES: usize = 64 << 10;

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::{ChatTranscoder, SseParser};
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}

/// Incremental SSE parser: one per stream, any chunking, no I/O. Options: `SseOptions`.
#[pyclass(module = "sluicegate")]
struct SseParser(sluicegate::SseParser);

#[pymethods]
impl SseParser {
    #[new]
    #[pyo3(signature = (**options))]
    fn new(options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        Ok(Self(sluicegate::SseParser::new(read_options(options, SseOptions::from_json)?)))
    }

    /// The events that `chunk` completes. All of it is parsed even when `Error` is raised: see `Error.events`.
    fn feed<'py>(&mut self, chunk: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let bytes = to_bytes(chunk)?;
        let mut lent = self.0.feed(bytes.as_bytes());
        let (mut events, mut errors) = (Vec::new(), Vec::new());
        loop {
            match lent.next_event() {
                Ok(Some(event)) => events.push(to_py_event(chunk.py(), &event)?),
                Ok(None) => break,
                Err(error) => errors.push(to_py_err(&error)),
            }
        }
        raise_first(chunk.py(), events, errors)
    }

    /// Ends the stream; the event of an unterminated block under `dispatch_tail`, else none.
    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let event = self.0.finish().map_err(|error| to_py_err(&error))?;
        event.iter().map(|event| to_py_event(py, event)).collect()
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

/// Turns one Responses stream into one chat completion stream, the same bytes for any chunking of the input. One
/// transcoder per stream: calling it from two threads at once raises `RuntimeError`. Options: `ChatOptions`.
#[pyclass(module = "sluicegate")]
struct ChatTranscoder(sluicegate::ChatTranscoder);

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
        self.run(chunk.py(), bytes.len(), |transcoder, out| transcoder.feed(bytes, out))
    }

    /// Takes one event as JSON without SSE framing: a WebSocket text frame.
    fn feed_event<'py>(&mut self, frame: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes;
        let json = if let Ok(text) = frame.cast::<PyString>() {
            text.to_string_lossy()
        } else {
            bytes = to_bytes(frame)?;
            String::from_utf8_lossy(bytes.as_bytes())
        };
        self.run(frame.py(), json.len(), |transcoder, out| transcoder.feed_event(&json, out))
    }

    /// Ends the stream; without a terminal event that is the error frame and `[DONE]`.
    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.run(py, 0, sluicegate::ChatTranscoder::finish)
    }

    /// What the stream turned out to be; `None` before a terminal event or `finish`.
    #[getter]
    fn outcome<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let loads = |json| py.import(intern!(py, "json"))?.call_method1(intern!(py, "loads"), (json,));
        self.outcome_json().map(loads).transpose()
    }

    /// `outcome` as the exact JSON text that all three languages give.
    #[getter]
    fn outcome_json(&self) -> Option<String> {
        self.0.outcome().map(|outcome| outcome.to_json())
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

impl ChatTranscoder {
    fn run<'py>(
        &mut self,
        py: Python<'py>,
        size: usize,
        verb: impl FnOnce(&mut sluicegate::ChatTranscoder, &mut Vec<u8>) -> Result<(), sluicegate::Error> + Send,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let mut out = Vec::new();
        let done = if size < DETACH_BYTES {
            verb(&mut self.0, &mut out)
        } else {
            py.detach(|| verb(&mut self.0, &mut out))
        };
        done.map_err(|error| to_py_err(&error))?;
        Ok(PyBytes::new(py, &out))
    }
}

/// Keyword arguments as JSON, so that names, types and defaults are the core's alone.
fn read_options<T: Default>(
    options: Option<&Bound<'_, PyDict>>,
    read: impl FnOnce(&[u8]) -> Result<T, sluicegate::Error>,
) -> PyResult<T> {
    let Some(options) = options else { return Ok(T::default()) };
    let py = options.py();
    let json = py.import(intern!(py, "json"))?.call_method1(intern!(py, "dumps"), (options,))?;
    read(json.extract::<Cow<'_, str>>()?.as_bytes()).map_err(|error| to_py_err(&error))
}

/// `bytes` as they are; any other buffer copied once, because its owner may change it.
fn to_bytes<'py>(buffer: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(bytes) = buffer.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    Ok(PyMemoryView::from(buffer)?.call_method0(intern!(buffer.py(), "tobytes"))?.cast_into()?)
}

fn to_py_event<'py>(py: Python<'py>, event: &sluicegate::Event<'_>) -> PyResult<Bound<'py, PyAny>> {
    static SSE_EVENT: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    SSE_EVENT.import(py, "sluicegate.types", "SseEvent")?.call1((event.event, event.data, event.id))
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

fn to_py_err(error: &sluicegate::Error) -> PyErr {
    Error::new_err((error.to_string(), error.code(), error.offset(), error.path().map(str::to_owned)))
}
