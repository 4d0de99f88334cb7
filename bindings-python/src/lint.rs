//! Input: a whole stream. Output: where it breaks a rule that clients rely on.

use crate::convert::{run, to_chunk, to_py_err};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyString, PyType};
use sluicegate::{Error, Finding, LintProfile};

/// Reads a stream as the clients of the profile do: `openai`, `codex_cli`, `chat`, `messages` or `claude_code`.
#[pyfunction]
#[pyo3(signature = (stream, profile = None), text_signature = "(stream, profile='openai')")]
pub(crate) fn lint<'py>(
    stream: &Bound<'py, PyAny>,
    profile: Option<&Bound<'py, PyString>>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let profile = profile.map_or_else(|| Ok(LintProfile::default()), named)?;
    let (py, bytes) = (stream.py(), to_chunk(stream)?);
    let bytes = bytes.as_bytes();
    let findings = run(py, bytes.len(), || Ok(sluicegate::lint(bytes, profile)))?;
    findings.iter().map(|finding| to_py_finding(py, finding)).collect()
}

fn named(profile: &Bound<'_, PyString>) -> PyResult<LintProfile> {
    let name = profile.to_string_lossy();
    let unknown = || to_py_err(&Error::wrong_option("profile", &name, "openai, codex_cli, chat"));
    LintProfile::named(&name).ok_or_else(unknown)
}

fn to_py_finding<'py>(py: Python<'py>, finding: &Finding) -> PyResult<Bound<'py, PyAny>> {
    static FINDING: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let Finding { rule, severity, event, offset, message } = finding;
    let class = FINDING.import(py, "sluicegate.types", "Finding")?;
    class.call1((rule.as_str(), severity.as_str(), event, offset, message))
}
