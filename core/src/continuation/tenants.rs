//! How much each tenant has in a store, to know whose records go when it is full.
//!
//! Input: records that come and go, by their last use. Output: the one to go next. State: the uses of each tenant's
//! records. Every step costs a few map operations, however many tenants there are.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

#[derive(Debug, Default)]
pub(super) struct Tenants {
    holdings: HashMap<Arc<str>, Holding>,
    by_entries: Ranks,
    by_bytes: Ranks,
}

/// What a tenant has and its oldest use, which no other tenant has. The tenant with most comes last; among equals the one
/// that waited longest.
type Ranks = BTreeSet<(usize, Reverse<u64>)>;

/// The bytes of a tenant's records, by last use.
#[derive(Debug, Default)]
struct Holding {
    records: BTreeMap<u64, usize>,
    bytes: usize,
}

/// What a store has too much of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Excess {
    Entries,
    Bytes,
}

impl Tenants {
    pub(super) fn add(&mut self, tenant: &Arc<str>, last_use: u64, bytes: usize) {
        self.change(tenant, |holding| {
            holding.records.insert(last_use, bytes);
            holding.bytes += bytes;
        });
    }

    pub(super) fn remove(&mut self, tenant: &Arc<str>, last_use: u64) {
        self.change(tenant, |holding| {
            holding.bytes -= holding.records.remove(&last_use).unwrap_or_default();
        });
    }

    fn change(&mut self, tenant: &Arc<str>, change: impl FnOnce(&mut Holding)) {
        let holding = self.holdings.entry(tenant.clone()).or_default();
        if let Some([entries, bytes]) = holding.ranks() {
            self.by_entries.remove(&entries);
            self.by_bytes.remove(&bytes);
        }
        change(holding);
        match holding.ranks() {
            Some([entries, bytes]) => {
                self.by_entries.insert(entries);
                self.by_bytes.insert(bytes);
            }
            None => drop(self.holdings.remove(tenant)),
        }
    }

    /// The oldest record of the tenant that has most, but for the record of the last use: that was just put, and a tenant
    /// with little room must be able to change what it has.
    pub(super) fn next_to_go(&self, excess: Excess, newest: u64) -> Option<u64> {
        let ranks = match excess {
            Excess::Entries => &self.by_entries,
            Excess::Bytes => &self.by_bytes,
        };
        ranks.iter().rev().map(|(_, Reverse(oldest))| *oldest).find(|oldest| *oldest != newest)
    }
}

impl Holding {
    /// By entries and by bytes; `None` for nothing.
    fn ranks(&self) -> Option<[(usize, Reverse<u64>); 2]> {
        let (oldest, _) = self.records.first_key_value()?;
        Some([self.records.len(), self.bytes].map(|amount| (amount, Reverse(*oldest))))
    }
}
