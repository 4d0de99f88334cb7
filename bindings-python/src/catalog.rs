//! Input: what is known of models; a model's name. Output: the way of its requests. State: the core's catalog behind a
//! lock: it is asked by many, and merged into now and then.

use crate::convert::{ATTACHED, guarded, read_options, run, to_document, to_py_err};
use crate::objects::loads;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyType};
use sluicegate::{CatalogShape, Error, RouteOptions};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// Models as data: bundled, or one's own. Any number of threads may use it.
#[pyclass(module = "sluicegate", frozen)]
pub(crate) struct Catalog(RwLock<Arc<sluicegate::Catalog>>);

#[pymethods]
impl Catalog {
    #[new]
    #[pyo3(signature = (json = None))]
    fn new(json: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let Some(json) = json else { return Ok(Self(RwLock::new(Arc::new(sluicegate::Catalog::bundled())))) };
        let document = to_document(json)?;
        let bytes = document.as_bytes();
        run(json.py(), bytes.len(), || sluicegate::Catalog::from_json(bytes))
            .map(|own| Self(RwLock::new(Arc::new(own))))
    }

    /// Merges what an upstream's `/models` says.
    fn merge_live(&self, json: &Bound<'_, PyAny>) -> PyResult<()> {
        let document = to_document(json)?;
        let bytes = document.as_bytes();
        let merge =
            || Arc::make_mut(&mut *self.0.write().unwrap_or_else(PoisonError::into_inner)).merge_live(bytes);
        run(json.py(), ATTACHED, merge) // as in a `MemoryStore`
    }

    /// All that is known of the model that `name` is a variant of.
    fn model<'py>(&self, name: &Bound<'py, PyString>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let found = guarded(|| self.read().model(&name.to_string_lossy()))?;
        found.map(|json| loads(name.py(), &json)).transpose()
    }

    /// The whole catalog.
    #[pyo3(signature = (shape = "codex"))]
    fn to_json<'py>(&self, py: Python<'py>, shape: &str) -> PyResult<Bound<'py, PyAny>> {
        let shape = match shape {
            "codex" => CatalogShape::Codex,
            "openai" => CatalogShape::OpenAi,
            shape => return Err(to_py_err(&Error::wrong_option("shape", shape, "codex, openai"))),
        };
        let json = guarded(|| self.read().to_json(shape))?;
        loads(py, &json)
    }

    /// What a live `/models` document adds, drops and changes.
    fn diff<'py>(&self, json: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let document = to_document(json)?;
        let bytes = document.as_bytes();
        let catalog = self.shared();
        let diff = run(json.py(), bytes.len(), || catalog.diff(bytes))?;
        loads(json.py(), &diff.to_json())
    }

    /// How a request for `model` goes upstream.
    #[pyo3(signature = (model, **options))]
    fn route<'py>(
        &self,
        model: &Bound<'py, PyString>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = read_options(options, RouteOptions::from_json)?;
        let route = guarded(|| self.read().route(&model.to_string_lossy(), &options))?;
        loads(model.py(), &route.to_json())
    }

    /// The route of a request's body, and the body with the model and the effort that it has.
    #[pyo3(signature = (body, **options))]
    fn route_request<'py>(
        &self,
        body: &Bound<'py, PyAny>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
        let options = read_options(options, RouteOptions::from_json)?;
        let (py, document) = (body.py(), to_document(body)?);
        let bytes = document.as_bytes();
        let routed = run(py, bytes.len(), || Ok(self.read().route_request(bytes, &options)))?;
        let class = CLASS.import(py, "sluicegate.route_types", "RoutedRequest")?;
        class.call1((loads(py, &routed.route.to_json())?, routed.model, &*routed.body))
    }
}

impl Catalog {
    /// As it is now.
    pub(crate) fn shared(&self) -> Arc<sluicegate::Catalog> {
        Arc::clone(&self.read())
    }

    /// Never kept while Python runs.
    fn read(&self) -> RwLockReadGuard<'_, Arc<sluicegate::Catalog>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}
