//! Input: an outcome, and what the host knows of the request. Output: attributes of OpenTelemetry.

use crate::convert::{read_options, run, to_document};
use crate::objects::loads;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use sluicegate::{OtelOptions, Outcome};

/// An outcome as attributes of OpenTelemetry's conventions for generative AI. Options: `OtelOptions`.
#[pyfunction]
#[pyo3(signature = (outcome, **options))]
pub(crate) fn otel_attributes<'py>(
    outcome: &Bound<'py, PyAny>,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let options = read_options(options, OtelOptions::from_json)?;
    let (py, document) = (outcome.py(), to_document(outcome)?);
    let bytes = document.as_bytes();
    let outcome = run(py, bytes.len(), || Outcome::from_json(bytes))?;
    loads(py, &outcome.otel_attributes(&options).to_json())
}
