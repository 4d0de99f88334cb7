//! Input: records by key. Output: the same, while they live. State: the core's store behind a lock, and a clock.

use crate::convert::{ATTACHED, run, to_bytes};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use sluicegate::Store;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// The core's defaults, which it does not tell; a test compares.
const ENTRIES: usize = 1024;
const BYTES: usize = 64 << 20;

/// Records in this process. Any number of threads may use it.
#[pyclass(module = "sluicegate", frozen)]
pub(crate) struct MemoryStore(Mutex<sluicegate::MemoryStore>);

#[pymethods]
impl MemoryStore {
    #[new]
    #[pyo3(
        signature = (*, max_entries = ENTRIES, max_bytes = BYTES),
        text_signature = "(*, max_entries=1024, max_bytes=67108864)"
    )]
    fn new(max_entries: usize, max_bytes: usize) -> Self {
        Self(Mutex::new(sluicegate::MemoryStore::with_limits(max_entries, max_bytes)))
    }

    /// The value, while it lives.
    #[pyo3(signature = (key, *, now_ms = None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        key: &str,
        now_ms: Option<u64>,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let now_ms = now_ms.unwrap_or_else(now);
        let found = run(py, ATTACHED, || self.with(|store| store.get(key, now_ms)))?;
        Ok(found.map(|value| PyBytes::new(py, &value)))
    }

    /// Keeps the value for `ttl_s` seconds, in place of an earlier one.
    #[pyo3(signature = (key, value, ttl_s, *, now_ms = None))]
    fn put(&self, key: &str, value: &Bound<'_, PyAny>, ttl_s: u64, now_ms: Option<u64>) -> PyResult<()> {
        let (now_ms, bytes) = (now_ms.unwrap_or_else(now), to_bytes(value)?);
        let bytes = bytes.as_bytes();
        run(value.py(), ATTACHED, || self.with(|store| store.put(key, bytes, ttl_s, now_ms)))
    }

    /// Keeps the value unless there is another one under the key, which stays: `False`.
    #[pyo3(signature = (key, value, ttl_s, tenant, *, now_ms = None))]
    fn put_new(
        &self,
        key: &str,
        value: &Bound<'_, PyAny>,
        ttl_s: u64,
        tenant: &str,
        now_ms: Option<u64>,
    ) -> PyResult<bool> {
        let (now_ms, bytes) = (now_ms.unwrap_or_else(now), to_bytes(value)?);
        let bytes = bytes.as_bytes();
        let put = || self.with(|store| store.put_new(key, bytes, ttl_s, now_ms, tenant));
        run(value.py(), bytes.len(), put)
    }
}

impl MemoryStore {
    /// No Python runs in `verb`, so no lock waits for the interpreter. Nor is the interpreter handed over: a fork by
    /// another thread would leave the child a lock that nobody holds any more.
    fn with<T>(&self, verb: impl FnOnce(&mut sluicegate::MemoryStore) -> T) -> T {
        verb(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Milliseconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
