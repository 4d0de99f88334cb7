//! Input: a request that continues a response, what a store kept of it, and an answer. Output: the whole request, and
//! what a store must keep. State: by a store in memory, its records; asking any other store is JavaScript's.

use crate::convert::{as_bytes, from_js_number, to_js_err, to_js_number};
use napi::Result;
use napi::bindgen_prelude::{BufferSlice, Either, Env};
use napi_derive::napi;
use sluicegate::{Record, Store};

/// The conversations of one tenant.
#[napi]
pub struct Continuation {
    continuation: sluicegate::Continuation,
}

/// A request with its history.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct Expanded<'env> {
    /// What to normalize, and later to record.
    pub body: BufferSlice<'env>,
    /// What the client continues.
    pub previous_response_id: Option<String>,
    /// Where the history's reasoning came from.
    pub origin: Option<String>,
}

/// What to put into a store, or why nothing.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct Recorded<'env> {
    /// Where.
    pub key: Option<String>,
    /// What.
    pub value: Option<BufferSlice<'env>>,
    /// Why not.
    pub unrecorded: Option<&'static str>,
}

#[napi]
impl Continuation {
    /// Options as JSON text; the scope is one of them.
    #[napi(constructor, catch_unwind)]
    pub fn new(options: String) -> Result<Self> {
        let continuation = sluicegate::Continuation::from_json(options.as_bytes()).map_err(to_js_err)?;
        Ok(Self { continuation })
    }

    /// How long a record lives, in seconds.
    #[napi(getter, catch_unwind)]
    pub fn ttl_s(&self) -> f64 {
        to_js_number(self.continuation.ttl_s)
    }

    /// The scope's digest.
    #[napi(getter, catch_unwind)]
    pub fn tenant(&self) -> String {
        self.continuation.tenant()
    }

    /// Where a response is kept.
    #[napi(catch_unwind)]
    pub fn key(&self, response_id: String) -> String {
        self.continuation.key(&response_id)
    }

    /// Where the record is that a request needs; null where it needs none.
    #[napi(catch_unwind)]
    pub fn lookup(&self, request: Either<String, &[u8]>) -> Result<Option<String>> {
        self.continuation.lookup(as_bytes(&request)).map_err(to_js_err)
    }

    /// The request with its history.
    #[napi(catch_unwind)]
    pub fn expand<'env>(
        &self,
        env: &'env Env,
        request: Either<String, &[u8]>,
        record: Option<&[u8]>,
    ) -> Result<Expanded<'env>> {
        let expanded = self.continuation.expand(as_bytes(&request), record).map_err(to_js_err)?;
        Ok(Expanded {
            body: BufferSlice::copy_from(env, expanded.body)?,
            previous_response_id: expanded.previous_response_id,
            origin: expanded.origin,
        })
    }

    /// What the next turn needs. The body and the origin are those of an expanded request.
    #[napi(catch_unwind)]
    pub fn record<'env>(
        &self,
        env: &'env Env,
        body: Either<String, &[u8]>,
        history_origin: Option<String>,
        response: Either<String, &[u8]>,
        origin: Option<String>,
    ) -> Result<Recorded<'env>> {
        let body = as_bytes(&body).to_vec();
        let turn = sluicegate::Expanded { body, previous_response_id: None, origin: history_origin };
        let recorded = self.continuation.record(&turn, as_bytes(&response), origin.as_deref());
        Ok(match recorded.map_err(to_js_err)? {
            Ok(Record { key, value }) => {
                let value = BufferSlice::copy_from(env, value)?;
                Recorded { key: Some(key), value: Some(value), unrecorded: None }
            }
            Err(reason) => Recorded { key: None, value: None, unrecorded: Some(reason.as_str()) },
        })
    }
}

/// Records in memory.
#[napi]
pub struct MemoryStore {
    store: sluicegate::MemoryStore,
}

#[napi]
impl MemoryStore {
    /// At most so many records, and bytes of them; both or neither.
    #[napi(constructor, catch_unwind)]
    pub fn new(max_entries: Option<f64>, max_bytes: Option<f64>) -> Self {
        let store = match (max_entries.map(to_size), max_bytes.map(to_size)) {
            (Some(entries), Some(bytes)) => sluicegate::MemoryStore::with_limits(entries, bytes),
            _ => sluicegate::MemoryStore::default(),
        };
        Self { store }
    }

    /// The value, while it lives.
    #[napi(catch_unwind)]
    pub fn get<'env>(
        &mut self,
        env: &'env Env,
        key: String,
        now_ms: f64,
    ) -> Result<Option<BufferSlice<'env>>> {
        let value = self.store.get(&key, from_js_number(now_ms)).map_err(to_js_err)?;
        value.map(|value| BufferSlice::copy_from(env, value)).transpose()
    }

    /// Keeps the value for so many seconds.
    #[napi(catch_unwind)]
    pub fn put(&mut self, key: String, value: &[u8], ttl_s: f64, now_ms: f64) -> Result<()> {
        self.store.put(&key, value, from_js_number(ttl_s), from_js_number(now_ms)).map_err(to_js_err)
    }

    /// The same, unless there is another value, which stays; false then.
    #[napi(catch_unwind)]
    pub fn put_new(
        &mut self,
        key: String,
        value: &[u8],
        ttl_s: f64,
        tenant: String,
        now_ms: f64,
    ) -> Result<bool> {
        let (ttl_s, now_ms) = (from_js_number(ttl_s), from_js_number(now_ms));
        self.store.put_new(&key, value, ttl_s, now_ms, &tenant).map_err(to_js_err)
    }
}

fn to_size(number: f64) -> usize {
    usize::try_from(from_js_number(number)).unwrap_or(usize::MAX)
}
