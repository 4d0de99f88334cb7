//! Input: a failure, in any shape an HTTP client has for one. Output: what to answer, and what to do about it.

use crate::convert::{self, run, to_document};
use crate::objects::loads;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyString};
use sluicegate::{Dialect, Failure};
use std::collections::BTreeMap;

/// Makes one envelope of any upstream failure: HTTP body, event, WebSocket frame, page, nothing. Headers: a mapping or
/// pairs. `now_ms`: since 1970, for an upstream that names a date. `dialect`: the client's.
#[pyfunction]
#[pyo3(
    signature = (body = None, *, status = None, headers = None, now_ms = None, dialect = None, request_id = None),
    text_signature = "(body=None, *, status=None, headers=(), now_ms=None, dialect='responses', request_id=None)"
)]
pub(crate) fn error_envelope<'py>(
    py: Python<'py>,
    body: Option<&Bound<'py, PyAny>>,
    status: Option<i64>,
    headers: Option<&Bound<'py, PyAny>>,
    now_ms: Option<u64>,
    dialect: Option<&str>,
    request_id: Option<&str>,
) -> PyResult<Bound<'py, PyAny>> {
    let client = dialect.map_or_else(|| Ok(Dialect::default()), |name| convert::dialect(name, "dialect"))?;
    let body = body.map(to_document).transpose()?;
    let body = body.as_ref().map_or(&[][..], |body| body.as_bytes());
    let headers = headers.map_or(Ok(Vec::new()), to_headers)?;
    let headers: Vec<_> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let status = status.and_then(|status| status.try_into().ok());
    let failure = Failure { status, headers: &headers, body, now_ms };
    let json =
        run(py, body.len(), || Ok(sluicegate::error_envelope(&failure).to_json_for(client, request_id)))?;
    loads(py, &json)
}

/// The headers of the answer to a failure: what its body is, and when to come back.
#[pyfunction]
#[pyo3(signature = (retry_after_ms = None))]
pub(crate) fn failure_headers(retry_after_ms: Option<u64>) -> BTreeMap<&'static str, String> {
    sluicegate::failure_headers(retry_after_ms).into_iter().collect()
}

/// Those of a mapping of any kind, or of an iterable of pairs.
pub(crate) fn to_headers(headers: &Bound<'_, PyAny>) -> PyResult<Vec<(String, String)>> {
    let items = intern!(headers.py(), "items");
    let pairs = if headers.hasattr(items)? { headers.call_method0(items)? } else { headers.clone() };
    pairs
        .try_iter()?
        .map(|pair| {
            let [name, value] = pair?.extract::<[Bound<'_, PyAny>; 2]>()?;
            Ok((to_text(&name)?, to_text(&value)?))
        })
        .collect()
}

/// As it would stand in a header; a `bool` as in JSON, where WebSocket frames have it.
fn to_text(value: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(text.to_string_lossy().into_owned());
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(String::from_utf8_lossy(bytes.as_bytes()).into_owned());
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(flag.is_true().to_string());
    }
    if value.is_instance_of::<PyInt>() || value.is_instance_of::<PyFloat>() {
        return value.str()?.extract();
    }
    let kind = value.get_type().name()?;
    Err(PyTypeError::new_err(format!("a header must be str, bytes, int, float or bool, not {kind}")))
}
