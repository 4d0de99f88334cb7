//! Input: requests, records, answers. Output: requests with their history, records. State: a scope and its options.
//! Stores are used from Python, where the host's clients are.

use crate::convert::{guarded, options_json, run, to_bytes, to_document, to_py_err};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyString, PyType};
use sluicegate::Error;

/// The steps of `previous_response_id` that need no store.
#[pyclass(module = "sluicegate", subclass, frozen)]
pub(crate) struct Continuation(sluicegate::Continuation);

#[pymethods]
impl Continuation {
    #[new]
    #[pyo3(signature = (scope, **options))]
    fn new(scope: &Bound<'_, PyAny>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let scope = to_scope(scope)?;
        let json = options.map_or_else(|| Ok("{}".to_owned()), options_json)?;
        let own = sluicegate::Continuation::new(scope).and_then(|own| own.with_options(json.as_bytes()));
        own.map(Self).map_err(|error| to_py_err(&error))
    }

    /// A digest of the scope, by which a store tells tenants apart.
    #[getter]
    fn tenant(&self) -> String {
        self.0.tenant()
    }

    /// How long a record lives, in seconds.
    #[getter]
    fn ttl_s(&self) -> u64 {
        self.0.ttl_s
    }

    /// Where a response is kept.
    fn key(&self, response_id: &Bound<'_, PyString>) -> PyResult<String> {
        guarded(|| self.0.key(&response_id.to_string_lossy()))
    }

    /// The key of the record that a request needs; `None` where it needs none.
    fn lookup(&self, request: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
        let document = to_document(request)?;
        let bytes = document.as_bytes();
        run(request.py(), bytes.len(), || self.0.lookup(bytes))
    }

    /// The request with the recorded conversation before its own input.
    #[pyo3(signature = (request, record = None))]
    fn expand<'py>(
        &self,
        request: &Bound<'py, PyAny>,
        record: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, document, record) = (request.py(), to_document(request)?, record.map(to_bytes).transpose()?);
        let (bytes, record) = (document.as_bytes(), record.as_ref().map(PyBytesMethods::as_bytes));
        let size = bytes.len() + record.map_or(0, <[u8]>::len);
        to_py_expanded(py, run(py, size, || self.0.expand(bytes, record))?)
    }

    /// What the next turn needs, or why there is nothing.
    #[pyo3(signature = (turn, response, *, origin = None))]
    fn record<'py>(
        &self,
        turn: &Bound<'py, PyAny>,
        response: &Bound<'py, PyAny>,
        origin: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, turn, document) = (turn.py(), to_turn(turn)?, to_document(response)?);
        let bytes = document.as_bytes();
        match run(py, turn.body.len() + bytes.len(), || self.0.record(&turn, bytes, origin))? {
            Ok(record) => to_py_record(py, record),
            Err(reason) => Ok(PyString::new(py, reason.as_str()).into_any()),
        }
    }
}

/// Text must be UTF-8 as it stands: with a replacement, two tenants could be one.
fn to_scope(scope: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let Ok(text) = scope.cast::<PyString>() else { return Ok(to_bytes(scope)?.as_bytes().to_vec()) };
    let wrong = |_| to_py_err(&Error::wrong_option("scope", "", "a text"));
    Ok(text.to_cow().map_err(wrong)?.as_bytes().to_vec())
}

fn to_turn(turn: &Bound<'_, PyAny>) -> PyResult<sluicegate::Expanded> {
    let py = turn.py();
    Ok(sluicegate::Expanded {
        body: to_bytes(&turn.getattr(intern!(py, "body"))?)?.as_bytes().to_vec(),
        previous_response_id: turn.getattr(intern!(py, "previous_response_id"))?.extract()?,
        origin: turn.getattr(intern!(py, "origin"))?.extract()?,
    })
}

fn to_py_expanded(py: Python<'_>, expanded: sluicegate::Expanded) -> PyResult<Bound<'_, PyAny>> {
    static EXPANDED: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = EXPANDED.import(py, "sluicegate.continuation_types", "Expanded")?;
    class.call1((PyBytes::new(py, &expanded.body), expanded.previous_response_id, expanded.origin))
}

fn to_py_record(py: Python<'_>, record: sluicegate::Record) -> PyResult<Bound<'_, PyAny>> {
    static RECORD: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = RECORD.import(py, "sluicegate.continuation_types", "Record")?;
    class.call1((record.key, PyBytes::new(py, &record.value)))
}
