//! Enters: a client's request, a backend's rules. Leaves: what to send, what was changed, what the answer must be told.
//! Kept: compiled profiles.

use crate::convert::{dumps, loads, read_options, run, to_document, to_py_err};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{IntoPyDict, PyDict, PyMapping, PyString, PyType};
use sluicegate::{Change, Error, Normalized, RequestOptions};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The rules of one backend and route, compiled: a built-in name, or the members that `docs/profiles.md` has, all
/// but `name` optional where it `extends` a built-in one. It never changes; any number of threads may use it.
#[pyclass(module = "sluicegate", frozen)]
pub(crate) struct Profile(Arc<sluicegate::Profile>);

#[pymethods]
impl Profile {
    #[new]
    #[pyo3(text_signature = "(profile)")]
    fn new(profile: Self) -> Self {
        profile
    }

    /// The whole profile, with what it inherited.
    fn json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        loads(py, &self.0.to_json())
    }

    /// Headers that the backend expects, lower case; never credentials.
    #[pyo3(signature = (transport = "http"))]
    fn headers<'py>(&self, py: Python<'py>, transport: &str) -> PyResult<Bound<'py, PyDict>> {
        let options = [("transport", transport)].into_py_dict(py)?;
        let options = read_options(Some(&options), RequestOptions::from_json)?;
        self.0.headers(options.transport).into_py_dict(py)
    }

    /// The built-in profile for a route: `codex` for the Codex paths, `codex_v1` for `/v1/…`.
    #[staticmethod]
    fn for_path(path: &Bound<'_, PyString>) -> Option<&'static str> {
        sluicegate::Profile::for_path(&path.to_string_lossy())
    }
}

impl Profile {
    fn chat() -> Self {
        Self(built_in("chat").unwrap_or_default())
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self(built_in("codex").unwrap_or_default())
    }
}

/// A name, a mapping, or a profile.
impl<'py> FromPyObject<'_, 'py> for Profile {
    type Error = PyErr;

    fn extract(profile: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(compiled) = profile.cast::<Self>() {
            return Ok(Self(Arc::clone(&compiled.get().0)));
        }
        if let Ok(name) = profile.cast::<PyString>() {
            return built_in(&name.to_string_lossy()).map(Self).map_err(|error| to_py_err(&error));
        }
        let Ok(mapping) = profile.cast::<PyMapping>() else {
            let kind = profile.get_type().name()?;
            let message = format!("profile must be a name, a mapping or a Profile, not {kind}");
            return Err(PyTypeError::new_err(message));
        };
        let read = sluicegate::Profile::from_json(dumps(&mapping)?.as_bytes());
        read.map(|profile| Self(Arc::new(profile))).map_err(|error| to_py_err(&error))
    }
}

/// Each is parsed once.
fn built_in(name: &str) -> Result<Arc<sluicegate::Profile>, Error> {
    static PARSED: Mutex<BTreeMap<String, Arc<sluicegate::Profile>>> = Mutex::new(BTreeMap::new());
    let mut parsed = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(profile) = parsed.get(name) {
        return Ok(Arc::clone(profile));
    }
    let profile = Arc::new(sluicegate::Profile::find(name)?);
    parsed.insert(name.to_owned(), Arc::clone(&profile));
    Ok(profile)
}

/// Makes a Responses request one that the profile's backend accepts. A body with `messages` and no `input` is taken for
/// a chat request. Options: `RequestOptions`.
#[pyfunction]
#[pyo3(
    signature = (body, profile = Profile::default(), **options),
    text_signature = "(body, profile='codex', **options)"
)]
pub(crate) fn normalize_request<'py>(
    body: &Bound<'py, PyAny>,
    profile: Profile,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    normalize(body, profile, options, sluicegate::normalize_request)
}

/// Makes a chat completion request a Responses request that the profile's backend accepts. A body with `input` and no
/// `messages` is taken for a Responses request. Options: `RequestOptions`.
#[pyfunction]
#[pyo3(
    signature = (body, profile = Profile::default(), **options),
    text_signature = "(body, profile='codex', **options)"
)]
pub(crate) fn chat_to_responses<'py>(
    body: &Bound<'py, PyAny>,
    profile: Profile,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    normalize(body, profile, options, sluicegate::chat_to_responses)
}

/// Makes a Responses request a chat completion request for a server that speaks only chat. A body with `messages` and no
/// `input` is one already. Options: `RequestOptions`.
#[pyfunction]
#[pyo3(
    signature = (body, profile = Profile::chat(), **options),
    text_signature = "(body, profile='chat', **options)"
)]
pub(crate) fn responses_to_chat<'py>(
    body: &Bound<'py, PyAny>,
    profile: Profile,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    normalize(body, profile, options, sluicegate::responses_to_chat)
}

/// What becomes of each member of a chat request: `{"class": "mapped|passed|removed|rejected", …}`.
#[pyfunction]
pub(crate) fn chat_fields(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    loads(py, sluicegate::chat_fields())
}

type Verb = fn(&[u8], &sluicegate::Profile, &RequestOptions) -> Result<Normalized, Error>;

fn normalize<'py>(
    body: &Bound<'py, PyAny>,
    Profile(rules): Profile,
    options: Option<&Bound<'py, PyDict>>,
    verb: Verb,
) -> PyResult<Bound<'py, PyAny>> {
    let options = read_options(options, RequestOptions::from_json)?;
    let (py, document) = (body.py(), to_document(body)?);
    let bytes = document.as_bytes();
    to_py_normalized(py, &run(py, bytes.len(), || verb(bytes, &rules, &options))?)
}

fn to_py_normalized<'py>(py: Python<'py>, normalized: &Normalized) -> PyResult<Bound<'py, PyAny>> {
    static NORMALIZED: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let changes = normalized.changes.iter().map(|change| to_py_change(py, change));
    let changes = changes.collect::<PyResult<Vec<_>>>()?;
    let context = loads(py, &normalized.context.to_json())?;
    let class = NORMALIZED.import(py, "sluicegate.request_types", "Normalized")?;
    class.call1((&*normalized.body, changes, context))
}

fn to_py_change<'py>(py: Python<'py>, change: &Change) -> PyResult<Bound<'py, PyAny>> {
    static CHANGE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = CHANGE.import(py, "sluicegate.request_types", "Change")?;
    class.call1((change.action.as_str(), &change.path, &change.reason))
}
