//! Records in memory, of which no tenant has more than a part.
//!
//! Input: keys and records, by tenant. Output: records. State: all of them, and which are whose.

use sluicegate::{Error, MemoryStore, Store as _};
use std::collections::{HashMap, VecDeque};

/// Of the 1024 records and 64 MiB that there are in all.
const RECORDS: usize = 256;
const BYTES: usize = 16 << 20;

#[derive(Default)]
pub(crate) struct Memory {
    store: MemoryStore,
    tenants: HashMap<String, Shelf>,
}

/// One tenant's records, the oldest first.
#[derive(Default)]
struct Shelf {
    records: VecDeque<Kept>,
    bytes: usize,
}

struct Kept {
    key: String,
    bytes: usize,
    expires_ms: u64,
}

impl Memory {
    pub(crate) fn get(&mut self, key: &str, now_ms: u64) -> Result<Option<Vec<u8>>, Error> {
        self.store.get(key, now_ms)
    }

    /// The tenant's oldest records go where there would be too many.
    pub(crate) fn put(
        &mut self,
        tenant: &str,
        record: (&str, &[u8]),
        ttl_s: u64,
        now_ms: u64,
    ) -> Result<(), Error> {
        let (key, value) = record;
        self.tenants.retain(|_, shelf| shelf.has_some(now_ms));
        let shelf = self.tenants.entry(tenant.to_owned()).or_default();
        let expires_ms = now_ms + ttl_s * 1000;
        shelf.bytes += value.len();
        shelf.records.push_back(Kept { key: key.to_owned(), bytes: value.len(), expires_ms });
        self.store.put(key, value, ttl_s, now_ms)?;
        while shelf.records.len() > RECORDS || shelf.bytes > BYTES {
            let Some(oldest) = shelf.take() else { break };
            self.store.put(&oldest, &[], 0, now_ms)?;
        }
        Ok(())
    }
}

impl Shelf {
    fn take(&mut self) -> Option<String> {
        let Kept { key, bytes, .. } = self.records.pop_front()?;
        self.bytes -= bytes;
        Some(key)
    }

    /// Without those that are gone from the store.
    fn has_some(&mut self, now_ms: u64) -> bool {
        while self.records.front().is_some_and(|kept| kept.expires_ms <= now_ms) {
            self.take();
        }
        !self.records.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{BYTES, Memory, RECORDS};

    #[test]
    fn a_tenant_takes_no_more_than_its_part_and_nothing_of_others() {
        let mut memory = Memory::default();
        memory.put("quiet", ("q", b"mine"), 60, 0).unwrap();
        for nth in 0..RECORDS + 10 {
            memory.put("loud", (&format!("l{nth}"), b"x"), 60, 0).unwrap();
        }
        assert_eq!(memory.get("q", 0).unwrap().as_deref(), Some(&b"mine"[..]));
        assert_eq!(memory.get("l9", 0).unwrap(), None);
        assert!(memory.get("l10", 0).unwrap().is_some());
        for nth in 0..5 {
            memory.put("large", (&format!("b{nth}"), &vec![0; BYTES / 4]), 60, 0).unwrap();
        }
        assert_eq!(memory.get("b0", 0).unwrap(), None);
        assert!(memory.get("b1", 0).unwrap().is_some() && memory.get("q", 0).unwrap().is_some());
        memory.put("late", ("x", b""), 60, 61_000).unwrap();
        assert_eq!(memory.tenants.len(), 1);
    }
}
