//! Requests and profiles.
//!
//! Input: a client's request, an upstream's rules. Output: what to send, what was changed, what the answer must be told.
//! State: compiled profiles.

use crate::catalog::Catalog;
use crate::convert::{dialect, dumps, guarded, read_options, run, to_document, to_py_err};
use crate::objects::loads;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{IntoPyDict, PyDict, PyMapping, PyString, PyType};
use sluicegate::{Change, ConvertedRequest, Dialect, Error, ModelCatalog, RequestOptions};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The rules of one backend and route, compiled: a built-in name, or the members that `docs/reference/profiles.md` has, all
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

    /// The default one for an upstream of that dialect.
    #[staticmethod]
    fn of_upstream(upstream: &str) -> PyResult<Self> {
        Ok(Self::default_of(dialect(upstream, "upstream")?))
    }

    /// The built-in profile for a route: `codex` for the Codex paths, `codex_v1` for `/v1/…`.
    #[staticmethod]
    fn for_path(path: &Bound<'_, PyString>) -> Option<&'static str> {
        sluicegate::Profile::for_path(&path.to_string_lossy())
    }
}

impl Profile {
    fn default_of(upstream: Dialect) -> Self {
        Self(built_in(sluicegate::Profile::name_for_upstream(upstream)).unwrap_or_default())
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
        let json = dumps(&mapping)?;
        let read = guarded(|| sluicegate::Profile::from_json(json.as_bytes()))?;
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

/// Makes a client's request one that the upstream accepts. With the client `auto` the body tells its dialect. Options:
/// `RequestOptions`.
#[pyfunction]
#[pyo3(
    signature = (body, client = "auto", *, upstream, profile = None, **options),
    text_signature = "(body, client='auto', *, upstream, profile=None, **options)"
)]
pub(crate) fn convert_request<'py>(
    body: &Bound<'py, PyAny>,
    client: &str,
    upstream: &str,
    profile: Option<Profile>,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let client = if client == "auto" { None } else { Some(dialect(client, "client")?) };
    let upstream = dialect(upstream, "upstream")?;
    let Profile(rules) = profile.unwrap_or_else(|| Profile::default_of(upstream));
    let options = request_options(options)?;
    let (py, document) = (body.py(), to_document(body)?);
    let bytes = document.as_bytes();
    let convert = || sluicegate::convert_request(bytes, client, upstream, &rules, &options);
    to_py_request(py, &run(py, bytes.len(), convert)?)
}

/// A part of a request: its JSON text, what was changed, and the context. `_parts.py` has a function for each part.
#[pyfunction]
#[pyo3(signature = (part, json, tools, way, profile, options))]
pub(crate) fn convert_part<'py>(
    part: &Bound<'py, PyString>,
    json: &[u8],
    tools: Option<&[u8]>,
    way: (String, String, Option<String>),
    profile: Option<Profile>,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let (client, upstream, model) = way;
    let (client, upstream) = (dialect(&client, "client")?, dialect(&upstream, "upstream")?);
    let Profile(rules) = profile.unwrap_or_else(|| Profile::default_of(upstream));
    let (py, options) = (part.py(), request_options(options)?);
    let part = sluicegate::RequestPart::named(&part.to_string_lossy())
        .ok_or_else(|| PyTypeError::new_err("there is no such part"))?;
    let convert = || {
        let way = sluicegate::PartWay {
            client,
            upstream,
            model: model.as_deref(),
            profile: &rules,
            options: &options,
        };
        sluicegate::convert_part(part, json, tools, &way)
    };
    let converted = run(py, json.len(), convert)?;
    let changes = converted.changes.iter().map(|change| to_py_change(py, change));
    let changes = changes.collect::<PyResult<Vec<_>>>()?;
    let value = loads(py, &String::from_utf8_lossy(&converted.json))?;
    let context = loads(py, &converted.context.to_json())?;
    CLASS.import(py, "sluicegate.request_types", "ConvertedPart")?.call1((value, changes, context))
}

/// A `usage` object as another dialect has it, as JSON text.
#[pyfunction]
pub(crate) fn usage_json<'py>(
    py: Python<'py>,
    usage: &[u8],
    from_dialect: &str,
    to_dialect: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let (from, to) = (dialect(from_dialect, "from_dialect")?, dialect(to_dialect, "to_dialect")?);
    let converted = run(py, usage.len(), || sluicegate::convert_usage(usage, from, to))?;
    loads(py, &String::from_utf8_lossy(&converted))
}

/// Options as JSON, but that a catalog is taken as it is.
fn request_options(options: Option<&Bound<'_, PyDict>>) -> PyResult<RequestOptions> {
    let given = options.map(|options| options.get_item("catalog")).transpose()?.flatten();
    let own = given.as_ref().and_then(|given| given.cast::<Catalog>().ok());
    let own = own.map(|own| ModelCatalog::Own(own.get().shared()));
    let Some((catalog, options)) = own.zip(options) else {
        return read_options(options, RequestOptions::from_json);
    };
    let others = options.copy()?;
    others.del_item("catalog")?;
    Ok(RequestOptions { catalog, ..read_options(Some(&others), RequestOptions::from_json)? })
}

/// Estimates the input tokens of a request of any dialect.
#[pyfunction]
pub(crate) fn count_tokens(body: &Bound<'_, PyAny>) -> PyResult<u64> {
    let (py, document) = (body.py(), to_document(body)?);
    let bytes = document.as_bytes();
    run(py, bytes.len(), || sluicegate::count_tokens(bytes))
}

/// Whether a Messages request is a client's probe: one token, of which only the status and the usage are read.
#[pyfunction]
pub(crate) fn is_probe(body: &Bound<'_, PyAny>) -> PyResult<bool> {
    let (py, document) = (body.py(), to_document(body)?);
    let bytes = document.as_bytes();
    run(py, bytes.len(), || Ok(sluicegate::is_probe(bytes)))
}

/// What becomes of each member of a chat request: `{"class": "mapped|passed|removed|rejected", …}`.
#[pyfunction]
pub(crate) fn chat_fields(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    loads(py, sluicegate::chat_fields())
}

/// What becomes of each member of a Messages request, in the same form.
#[pyfunction]
pub(crate) fn messages_fields(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    loads(py, sluicegate::messages_fields())
}

fn to_py_request<'py>(py: Python<'py>, request: &ConvertedRequest) -> PyResult<Bound<'py, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let changes = request.changes.iter().map(|change| to_py_change(py, change));
    let changes = changes.collect::<PyResult<Vec<_>>>()?;
    let context = loads(py, &request.context.to_json())?;
    let class = CLASS.import(py, "sluicegate.request_types", "ConvertedRequest")?;
    class.call1((&*request.body, changes, context))
}

fn to_py_change<'py>(py: Python<'py>, change: &Change) -> PyResult<Bound<'py, PyAny>> {
    static CHANGE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = CHANGE.import(py, "sluicegate.request_types", "Change")?;
    class.call1((change.action.as_str(), &change.path, &change.reason))
}
