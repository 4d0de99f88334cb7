//! A store in memory.
//!
//! Input: records by key, with a time to live. Output: a record, while it lives and there is room. State: the records.
//! Every step costs a few map operations, however many records there are.

use super::Store;
use super::tenants::{Excess, Tenants};
use crate::error::Error;
use crate::limits::{STORE_BYTES, STORE_ENTRIES};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A [`Store`] for one process: by default 1024 records and 64 MiB. Behind a mutex for several threads.
///
/// When it is full, the least recently used record goes of the tenant that has most: no tenant loses what is within its
/// share, the room divided by the tenants that have records, because of what another one puts.
///
/// The caller gives the time. A clock that goes back makes records live longer by as much.
#[derive(Debug)]
pub struct MemoryStore {
    max_entries: usize,
    max_bytes: usize,
    /// Of all keys and values.
    bytes: usize,
    uses: u64,
    /// By last use, the oldest first.
    entries: BTreeMap<u64, StoredRecord>,
    last_use: HashMap<Arc<str>, u64>,
    /// The first to expire first, with their last use.
    expiries: BTreeSet<(u64, u64)>,
    tenants: Tenants,
}

#[derive(Debug)]
struct StoredRecord {
    key: Arc<str>,
    value: Vec<u8>,
    expires_ms: u64,
    tenant: Arc<str>,
}

impl StoredRecord {
    fn bytes(&self) -> usize {
        self.key.len() + self.value.len()
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::with_limits(STORE_ENTRIES, STORE_BYTES)
    }
}

impl MemoryStore {
    /// A store of at most so many records, and so many bytes of keys and values.
    pub fn with_limits(max_entries: usize, max_bytes: usize) -> Self {
        Self {
            max_entries,
            max_bytes,
            bytes: 0,
            uses: 0,
            entries: BTreeMap::new(),
            last_use: HashMap::new(),
            expiries: BTreeSet::new(),
            tenants: Tenants::default(),
        }
    }

    fn add(&mut self, entry: StoredRecord) {
        self.uses += 1;
        self.bytes += entry.bytes();
        self.last_use.insert(entry.key.clone(), self.uses);
        self.expiries.insert((entry.expires_ms, self.uses));
        self.tenants.add(&entry.tenant, self.uses, entry.bytes());
        self.entries.insert(self.uses, entry);
    }

    fn take(&mut self, last_use: u64) -> Option<StoredRecord> {
        let entry = self.entries.remove(&last_use)?;
        self.bytes -= entry.bytes();
        self.last_use.remove(&entry.key);
        self.expiries.remove(&(entry.expires_ms, last_use));
        self.tenants.remove(&entry.tenant, last_use);
        Some(entry)
    }

    fn take_key(&mut self, key: &str) -> Option<StoredRecord> {
        let last_use = *self.last_use.get(key)?;
        self.take(last_use)
    }

    /// In place of what has the key. What cannot be kept must not push out what can.
    fn keep(&mut self, entry: StoredRecord, now_ms: u64) {
        self.take_key(&entry.key);
        let has_room = entry.bytes() <= self.max_bytes && self.max_entries > 0;
        if has_room && entry.expires_ms > now_ms {
            self.add(entry);
            self.drop_excess();
        }
    }

    fn drop_expired(&mut self, now_ms: u64) {
        while let Some((_, last_use)) = self.expiries.first().filter(|(expires, _)| *expires <= now_ms) {
            self.take(*last_use);
        }
    }

    fn drop_excess(&mut self) {
        while let Some(last_use) = self.excess().and_then(|excess| self.tenants.next_to_go(excess, self.uses))
        {
            self.take(last_use);
        }
    }

    fn excess(&self) -> Option<Excess> {
        if self.entries.len() > self.max_entries {
            return Some(Excess::Entries);
        }
        (self.bytes > self.max_bytes).then_some(Excess::Bytes)
    }
}

fn record(key: &str, value: &[u8], ttl_s: u64, now_ms: u64, tenant: &str) -> StoredRecord {
    let expires_ms = now_ms.saturating_add(ttl_s.saturating_mul(1000));
    StoredRecord { key: key.into(), value: value.to_vec(), expires_ms, tenant: tenant.into() }
}

impl Store for MemoryStore {
    fn get(&mut self, key: &str, now_ms: u64) -> Result<Option<Vec<u8>>, Error> {
        self.drop_expired(now_ms);
        let Some(entry) = self.take_key(key) else { return Ok(None) };
        let value = entry.value.clone();
        self.add(entry);
        Ok(Some(value))
    }

    /// What is put so is of one tenant, that has no name.
    fn put(&mut self, key: &str, value: &[u8], ttl_s: u64, now_ms: u64) -> Result<(), Error> {
        self.drop_expired(now_ms);
        self.keep(record(key, value, ttl_s, now_ms, ""), now_ms);
        Ok(())
    }

    fn put_new(
        &mut self,
        key: &str,
        value: &[u8],
        ttl_s: u64,
        now_ms: u64,
        tenant: &str,
    ) -> Result<bool, Error> {
        self.drop_expired(now_ms);
        if let Some(entry) = self.last_use.get(key).and_then(|last_use| self.entries.get(last_use)) {
            return Ok(entry.value == value);
        }
        self.keep(record(key, value, ttl_s, now_ms, tenant), now_ms);
        Ok(true)
    }
}
