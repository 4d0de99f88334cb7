//! Enters: Python's buffers, strings and keyword arguments; the core's results. Leaves: what the other side takes.
//! Nothing else crosses the border, and each crossing is written once.

use crate::objects::{self, loads};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyBytes, PyDict, PyMapping, PyMemoryView, PyString};
use pyo3::{import_exception, intern};
use sluicegate::{Dialect, Outcome};
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

import_exception!(sluicegate.types, Error); // written in Python, so that it pickles and can be read

/// From this size on other threads may run meanwhile; below, handing the interpreter over costs more than the work.
pub(crate) const DETACH_BYTES: usize = 64 << 10;

/// Whatever there is to go through, the interpreter is kept: a lock is held.
pub(crate) const ATTACHED: usize = 0;

/// The size of what a `finish` goes through: unknown, and paid once a stream.
pub(crate) const WHOLE: usize = usize::MAX;

/// Keyword arguments as JSON, so that names, types and defaults are the core's alone.
pub(crate) fn read_options<T: Default>(
    options: Option<&Bound<'_, PyDict>>,
    read: impl FnOnce(&[u8]) -> Result<T, sluicegate::Error>,
) -> PyResult<T> {
    let Some(options) = options else { return Ok(T::default()) };
    let json = options_json(options)?;
    guarded(|| read(json.as_bytes()))?.map_err(|error| to_py_err(&error))
}

/// JSON has neither NaN nor infinities: an option that is or has one is a wrong one.
pub(crate) fn options_json(options: &Bound<'_, PyDict>) -> PyResult<String> {
    strict_json(options).map_err(|error| {
        let is_wrong = |value: &Bound<'_, PyAny>| {
            strict_json(value).is_err_and(|error| error.is_instance_of::<PyValueError>(options.py()))
        };
        let wrong = options.iter().find(|(_, value)| is_wrong(value));
        wrong.map_or(error, |(name, value)| {
            to_py_err(&sluicegate::Error::wrong_option(&name.to_string(), &value.to_string(), "a JSON value"))
        })
    })
}

fn strict_json(value: &Bound<'_, PyAny>) -> PyResult<String> {
    let py = value.py();
    let strict = [("allow_nan", false)].into_py_dict(py)?;
    let json = py.import(intern!(py, "json"))?.call_method("dumps", (value,), Some(&strict))?;
    Ok(json.extract::<Cow<'_, str>>()?.into_owned())
}

/// The dialect of that name; `role`: the argument.
pub(crate) fn dialect(name: &str, role: &str) -> PyResult<Dialect> {
    let unknown = || to_py_err(&sluicegate::Error::wrong_option(role, name, &Dialect::names()));
    Dialect::named(name).ok_or_else(unknown)
}

/// `bytes` as they are; any other buffer copied once, because its owner may change it.
pub(crate) fn to_bytes<'py>(buffer: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(bytes) = buffer.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    Ok(PyMemoryView::from(buffer)?.call_method0(intern!(buffer.py(), "tobytes"))?.cast_into()?)
}

/// The next bytes of a stream, or all of one; text is encoded.
pub(crate) fn to_chunk<'py>(chunk: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    match chunk.cast::<PyString>() {
        Ok(text) => encode(text),
        Err(_) => to_bytes(chunk).map_err(|error| named(error, "a chunk must be bytes or str", chunk)),
    }
}

/// In place of what a buffer is not, what the argument must be. An event in the place of a chunk has a method of its own.
fn named(error: PyErr, what: &str, given: &Bound<'_, PyAny>) -> PyErr {
    if !error.is_instance_of::<PyTypeError>(given.py()) {
        return error;
    }
    let kind = given.get_type().name().map_or_else(|_| "that".to_owned(), |name| name.to_string());
    let hint = if given.cast::<PyMapping>().is_ok() { ": feed_event takes events" } else { "" };
    PyTypeError::new_err(format!("{what}, not {kind}{hint}"))
}

/// A JSON document as UTF-8: a mapping is written, text is encoded, a buffer is as it is.
pub(crate) fn to_document<'py>(document: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(mapping) = document.cast::<PyMapping>() {
        return dumps(mapping);
    }
    document.cast::<PyString>().map_or_else(|_| to_bytes(document), encode)
}

/// An HTTP status; a number that is none is no success.
pub(crate) fn to_status(status: i64) -> u16 {
    status.try_into().unwrap_or_default()
}

/// Compact, as few escapes as there can be.
pub(crate) fn dumps<'py>(mapping: &Bound<'py, PyMapping>) -> PyResult<Bound<'py, PyBytes>> {
    let py = mapping.py();
    let dict = py.get_type::<PyDict>().call1((mapping,))?;
    let options = [("ensure_ascii", false)].into_py_dict(py)?;
    options.set_item(intern!(py, "separators"), (",", ":"))?;
    let json = py.import(intern!(py, "json"))?.call_method(intern!(py, "dumps"), (dict,), Some(&options))?;
    encode(json.cast()?)
}

/// A lone surrogate, which UTF-8 has not, becomes the escape that Python and JSON have for it.
fn encode<'py>(text: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyBytes>> {
    let encode = intern!(text.py(), "encode");
    Ok(text.call_method1(encode, ("utf-8", "backslashreplace"))?.cast_into()?)
}

/// Lends the text of a WebSocket frame: `str`, a buffer of UTF-8, or a mapping, which is written.
pub(crate) fn with_text<T>(frame: &Bound<'_, PyAny>, verb: impl FnOnce(&str) -> PyResult<T>) -> PyResult<T> {
    if let Ok(text) = frame.cast::<PyString>() {
        return verb(&text.to_string_lossy());
    }
    if let Some(json) = frame.cast::<PyDict>().ok().and_then(objects::to_json) {
        return verb(&json);
    }
    let what = "an event must be str, bytes or a mapping";
    let bytes = match frame.cast::<PyMapping>() {
        Ok(mapping) => dumps(mapping)?,
        Err(_) => to_bytes(frame).map_err(|error| named(error, what, frame))?,
    };
    verb(&String::from_utf8_lossy(bytes.as_bytes()))
}

/// Calls the core. A fault of it is an `Error`, where pyo3 would raise what is no `Exception`.
pub(crate) fn guarded<T>(call: impl FnOnce() -> T) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|fault| {
        let text = fault.downcast_ref::<&str>().copied();
        let text = text.or_else(|| fault.downcast_ref::<String>().map(String::as_str));
        let message = text.unwrap_or_default().to_owned();
        to_py_err(&sluicegate::Error::Internal { message })
    })
}

/// Calls the core with `size` bytes to go through.
pub(crate) fn run<T: Send>(
    py: Python<'_>,
    size: usize,
    verb: impl FnOnce() -> Result<T, sluicegate::Error> + Send,
) -> PyResult<T> {
    let done = guarded(|| if size < DETACH_BYTES { verb() } else { py.detach(verb) })?;
    done.map_err(|error| to_py_err(&error))
}

/// [`run`], where the core appends to what it is given.
pub(crate) fn emit(
    py: Python<'_>,
    size: usize,
    verb: impl FnOnce(&mut Vec<u8>) -> Result<(), sluicegate::Error> + Send,
) -> PyResult<Bound<'_, PyBytes>> {
    let mut out = Vec::new();
    run(py, size, || verb(&mut out))?;
    Ok(PyBytes::new(py, &out))
}

/// The dictionary that `Outcome` describes.
pub(crate) fn to_py_outcome(
    py: Python<'_>,
    outcome: impl FnOnce() -> Option<Outcome>,
) -> PyResult<Option<Bound<'_, PyAny>>> {
    to_outcome_json(outcome)?.map(|json| loads(py, &json)).transpose()
}

pub(crate) fn to_outcome_json(outcome: impl FnOnce() -> Option<Outcome>) -> PyResult<Option<String>> {
    guarded(|| outcome().map(|outcome| outcome.to_json()))
}

pub(crate) fn to_py_err(error: &sluicegate::Error) -> PyErr {
    let rejected =
        matches!(error, sluicegate::Error::Rejected { .. }).then(|| (REJECTED, Json(error.envelope())));
    let (status, envelope) = rejected.unzip();
    let path = error.path().map(str::to_owned);
    Error::new_err((error.to_string(), error.code(), error.offset(), path, envelope, status))
}

/// The status that goes with the envelope of a rejected request.
const REJECTED: u16 = 400;

/// Becomes what it says.
struct Json(String);

impl<'py> IntoPyObject<'py> for Json {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        loads(py, &self.0)
    }
}
