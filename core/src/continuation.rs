//! Conversations by `previous_response_id`, for upstreams that store nothing.
//!
//! Input: a request that names the response it continues, and the record of that response from a store. Output: the
//! request with the whole conversation in it; and of its answer, the record for the next turn. State: none; stores
//! keep.
//!
//! A record is the conversation in plain text: whoever reads the store reads every prompt. Whoever writes to it can forge a
//! record, unless records are authenticated by [`Continuation::with_mac_keys`].

mod expand;
mod key;
mod memory;
mod record;
#[cfg(feature = "redis")]
pub(crate) mod redis;
mod seal;
mod tenants;

use crate::error::Error;
use crate::json::Value;
use crate::limits::{MAX_REQUEST_BYTES, MAX_RESPONSE_ID_BYTES, STORE_TTL_S};
use crate::option_reader;
use crate::request;
pub use memory::MemoryStore;
pub use record::{Record, Unrecorded};
use seal::MacKeys;

/// Where records are kept: memory, Redis, or what the caller has. Keys are plain ASCII, values bytes.
pub trait Store {
    /// The value, while it lives.
    fn get(&mut self, key: &str, now_ms: u64) -> Result<Option<Vec<u8>>, Error>;
    /// Keeps the value for `ttl_s` seconds, in place of an earlier one; for none, both are forgotten.
    fn put(&mut self, key: &str, value: &[u8], ttl_s: u64, now_ms: u64) -> Result<(), Error>;
    /// Keeps the value as [`Store::put`] does, unless there is another one, which stays; `false` then. `tenant`: whose it is,
    /// [`Continuation::tenant`].
    ///
    /// As it stands here it is two steps, and another process can put something between them. A store that processes share
    /// does it in one.
    fn put_new(
        &mut self,
        key: &str,
        value: &[u8],
        ttl_s: u64,
        now_ms: u64,
        tenant: &str,
    ) -> Result<bool, Error> {
        let _ = tenant;
        if let Some(kept) = self.get(key, now_ms)? {
            return Ok(kept == value);
        }
        self.put(key, value, ttl_s, now_ms).map(|()| true)
    }
}

/// `previous_response_id` for backends that store nothing: expand, normalize, send, collect, record.
///
/// ```
/// use sluicegate::{Continuation, MemoryStore};
/// let (mut store, tenant) = (MemoryStore::default(), Continuation::new("tenant-1")?);
/// let first = tenant.resolve(&mut store, br#"{"model":"m","input":"2+3?"}"#, 0)?;
/// let response = br#"{"id":"resp_1","status":"completed","output":[{"type":"message","role":"assistant"}]}"#;
/// assert_eq!(tenant.remember(&mut store, &first, response, None, 0)?, Ok(()));
/// let request = br#"{"model":"m","previous_response_id":"resp_1","input":[{"role":"user","content":"+1?"}]}"#;
/// let next = tenant.resolve(&mut store, request, 1)?;
/// assert_eq!(String::from_utf8(next.body).unwrap(), concat!(
///     r#"{"model":"m","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"2+3?"}]},"#,
///     r#"{"type":"message","role":"assistant"},{"role":"user","content":"+1?"}]}"#,
/// ));
/// # Ok::<(), sluicegate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuation {
    scope: Vec<u8>,
    /// Record answers to requests with `store: false` too. Default off.
    pub record_unstored: bool,
    /// How long a record lives, in seconds. Default one hour.
    pub ttl_s: u64,
    /// Outputs without their call. Default: repaired.
    pub orphans: Orphans,
    mac_keys: MacKeys,
}

/// What happens to an output whose call is neither in the history nor in the request.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Orphans {
    /// It stays, and the profile decides: most have it sent as a message of the user.
    #[default]
    Repair,
    /// The request is rejected, and the response that it continues is forgotten, as Open Responses has it.
    Reject,
}

/// A request with its history. Of a first turn: the request as it came, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expanded {
    /// What to normalize and send, and later to record.
    pub body: Vec<u8>,
    /// What the client continues, for [`crate::ChatOptions::previous_response_id`].
    pub previous_response_id: Option<String>,
    /// Where the history's reasoning came from, for [`crate::RequestOptions::history_origin`].
    pub origin: Option<String>,
}

impl Continuation {
    /// `scope`: the tenant. What is recorded in one is found in no other. An empty one is an error: it would be
    /// everybody's.
    pub fn new(scope: impl Into<Vec<u8>>) -> Result<Self, Error> {
        Self::of(scope.into()).named()
    }

    fn of(scope: Vec<u8>) -> Self {
        Self {
            scope,
            record_unstored: false,
            ttl_s: STORE_TTL_S,
            orphans: Orphans::Repair,
            mac_keys: MacKeys::default(),
        }
    }

    fn named(self) -> Result<Self, Error> {
        match self.scope[..] {
            [] => Err(Error::wrong_option("scope", "", "a text that names the tenant")),
            _ => Ok(self),
        }
    }

    /// Authenticates records with HMAC-SHA-256: one that was not made with one of these keys is a miss, and so is one made
    /// without. The first key seals, all open: to change keys, put the new one first, and take the old one away once its
    /// records have died. A key of under 32 bytes is an error.
    pub fn with_mac_keys<K: Into<Vec<u8>>>(self, keys: impl IntoIterator<Item = K>) -> Result<Self, Error> {
        let mac_keys = MacKeys::new(keys.into_iter().map(Into::into).collect())?;
        Ok(Self { mac_keys, ..self })
    }

    /// Reads an object with `scope`, a string, and, named like the fields, what differs from the defaults; `mac_keys` is a
    /// list of keys in hexadecimal.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        Self::of(Vec::new()).with_options(json)
    }

    /// Sets what an object has, read as [`Continuation::from_json`] reads it.
    pub fn with_options(mut self, json: &[u8]) -> Result<Self, Error> {
        option_reader::read("ContinuationOptions", json, |name, value| self.set(name, value))?;
        self.named()
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "scope" => self.scope = option_reader::text(value)?.into_bytes(),
            "record_unstored" => self.record_unstored = value.as_bool()?,
            "ttl_s" => self.ttl_s = value.as_u64()?,
            "orphans" => {
                let choices = [("repair", Orphans::Repair), ("reject", Orphans::Reject)];
                self.orphans = option_reader::one_of(value, &choices)?;
            }
            "mac_keys" => self.mac_keys = MacKeys::from_json(value)?,
            _ => return None,
        }
        Some(())
    }

    /// Where a response is kept: `sluicegate:1:` and the SHA-256 of the scope's length (32 bits, little endian), the
    /// scope and the response id, in hexadecimal.
    pub fn key(&self, response_id: &str) -> String {
        key::key(&self.scope, response_id)
    }

    /// A digest of the scope in hexadecimal: by it a store tells tenants apart.
    pub fn tenant(&self) -> String {
        key::tenant(&self.scope)
    }

    /// The key under which the record is that a request needs; `None` for a request that needs none or whose id was
    /// never given.
    pub fn lookup(&self, request: &[u8]) -> Result<Option<String>, Error> {
        let tree = request::parse(request, MAX_REQUEST_BYTES)?;
        let id = expand::previous(tree.root())?.map(|(_, id)| id);
        Ok(id.filter(|id| id.len() <= MAX_RESPONSE_ID_BYTES).map(|id| self.key(&id)))
    }

    /// Puts the recorded conversation before the request's own input and takes `previous_response_id` out; every other
    /// byte stays. Instructions and tools are not inherited. Without a record of that response in this scope the
    /// request is rejected, with OpenAI's own words.
    pub fn expand(&self, request: &[u8], record: Option<&[u8]>) -> Result<Expanded, Error> {
        let tree = request::parse(request, MAX_REQUEST_BYTES)?;
        let Some((member, id)) = expand::previous(tree.root())? else {
            return Ok(Expanded { body: request.to_vec(), previous_response_id: None, origin: None });
        };
        let history = record.and_then(|record| record::read(record, &self.scope, &self.mac_keys, &id));
        let history = history.ok_or_else(|| expand::not_found(member, &id))?;
        let body = expand::with_history(tree.root(), history.input.raw(), history.output.raw())?;
        if self.orphans == Orphans::Reject {
            request::reject_orphans(&body)?;
        }
        Ok(Expanded { body, previous_response_id: Some(id), origin: history.origin })
    }

    /// What the next turn needs, to be put into a store for [`Continuation::ttl_s`] seconds; or why there is nothing.
    /// `response` as the client gets it, names and ids restored; `origin`: the backend and account that answered. If
    /// that is not where the history came from, the reasoning in it was not sent and is not recorded.
    pub fn record(
        &self,
        turn: &Expanded,
        response: &[u8],
        origin: Option<&str>,
    ) -> Result<Result<Record, Unrecorded>, Error> {
        record::write(self, turn, response, origin)
    }

    /// [`Continuation::expand`] with what the store has. An error that ends the conversation ([`Error::ends_chain`]) takes its
    /// record out of the store.
    pub fn resolve(&self, store: &mut dyn Store, request: &[u8], now_ms: u64) -> Result<Expanded, Error> {
        let Some(key) = self.lookup(request)? else { return self.expand(request, None) };
        let expanded = self.expand(request, store.get(&key, now_ms)?.as_deref());
        if expanded.as_ref().is_err_and(Error::ends_chain) {
            store.put(&key, b"", 0, now_ms)?;
        }
        expanded
    }

    /// [`Continuation::record`] into the store, which keeps an earlier record of that id ([`Unrecorded::IdTaken`]). A store
    /// that fails is an error, but the answer is still good: send it.
    pub fn remember(
        &self,
        store: &mut dyn Store,
        turn: &Expanded,
        response: &[u8],
        origin: Option<&str>,
        now_ms: u64,
    ) -> Result<Result<(), Unrecorded>, Error> {
        match self.record(turn, response, origin)? {
            Ok(Record { key, value }) => {
                let is_kept = store.put_new(&key, &value, self.ttl_s, now_ms, &self.tenant())?;
                Ok(is_kept.then_some(()).ok_or(Unrecorded::IdTaken))
            }
            Err(reason) => Ok(Err(reason)),
        }
    }
}
