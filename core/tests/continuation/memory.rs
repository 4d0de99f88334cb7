//! The memory store against a slow model of it; no test sleeps.

use proptest::prelude::*;
use sluicegate::{MemoryStore, Store};

fn get(store: &mut MemoryStore, key: &str, now_ms: u64) -> Option<String> {
    store.get(key, now_ms).unwrap().map(|value| String::from_utf8(value).unwrap())
}

#[test]
fn a_record_lives_for_its_time() {
    let mut store = MemoryStore::default();
    store.put("a", b"1", 2, 1000).unwrap();
    assert_eq!(get(&mut store, "a", 2999).as_deref(), Some("1"));
    assert_eq!(get(&mut store, "a", 0).as_deref(), Some("1"), "the clock went back");
    assert_eq!(get(&mut store, "a", 3000), None);
    assert_eq!(get(&mut store, "a", 0), None, "gone is gone");
    store.put("a", b"1", u64::MAX, u64::MAX - 1).unwrap();
    assert_eq!(get(&mut store, "a", u64::MAX - 1).as_deref(), Some("1"));
    store.put("a", b"1", 0, 0).unwrap();
    assert_eq!(get(&mut store, "a", 0), None);
}

#[test]
fn by_default_it_holds_1024_records_and_64_mib() {
    let mut store = MemoryStore::default();
    for nth in 0..1025 {
        store.put(&nth.to_string(), b"", 3600, nth).unwrap();
    }
    assert_eq!(get(&mut store, "0", 1025), None);
    assert_eq!(get(&mut store, "1", 1025).as_deref(), Some(""));
    let (mut store, eight) = (MemoryStore::default(), vec![b'x'; (8 << 20) - 1]);
    for key in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        store.put(key, &eight, 3600, 0).unwrap();
    }
    assert!(get(&mut store, "a", 0).is_some(), "with their keys exactly 64 MiB");
    store.put("i", b"", 3600, 0).unwrap();
    assert_eq!(get(&mut store, "b", 0), None, "the one not used for longest");
    assert!(get(&mut store, "a", 0).is_some() && get(&mut store, "c", 0).is_some());
}

#[test]
fn what_is_too_large_pushes_nothing_out() {
    let mut store = MemoryStore::with_limits(2, 10);
    store.put("a", b"1", 1, 0).unwrap();
    store.put("b", &[b'x'; 10], 1, 0).unwrap();
    assert_eq!(get(&mut store, "b", 0), None);
    assert_eq!(get(&mut store, "a", 0).as_deref(), Some("1"));
    store.put("a", &[b'x'; 10], 1, 0).unwrap();
    assert_eq!(get(&mut store, "a", 0), None, "the old value is not the new one");
}

/// Puts `count` records of `size` bytes for a tenant.
fn fill(store: &mut MemoryStore, tenant: &str, count: usize, size: usize) {
    for nth in 0..count {
        let key = format!("{tenant}{nth}");
        assert_eq!(store.put_new(&key, &vec![b'x'; size - key.len()], 60, 0, tenant), Ok(true));
    }
}

/// How many of a tenant's first records are there; looking makes them used.
fn held(store: &mut MemoryStore, tenant: &str, count: usize) -> usize {
    (0..count).filter(|nth| get(store, &format!("{tenant}{nth}"), 0).is_some()).count()
}

#[test]
fn a_tenant_that_floods_loses_its_own() {
    for (max_entries, max_bytes) in [(10, 1 << 20), (1 << 20, 100)] {
        let mut store = MemoryStore::with_limits(max_entries, max_bytes);
        fill(&mut store, "a", 5, 10);
        fill(&mut store, "b", 1000, 10);
        assert_eq!(held(&mut store, "a", 5), 5);
        assert_eq!(held(&mut store, "b", 1000), 5);
        // With a third tenant the share is smaller; the oldest goes first.
        fill(&mut store, "c", 3, 10);
        assert_eq!(["a", "b", "c"].map(|tenant| held(&mut store, tenant, 1000)), [3, 4, 3]);
        assert_eq!(get(&mut store, "a0", 0), None);
    }
}

#[test]
fn a_tenant_with_one_large_record_can_put_another() {
    let mut store = MemoryStore::with_limits(100, 100);
    fill(&mut store, "a", 1, 10);
    fill(&mut store, "b", 1, 90);
    assert_eq!(store.put_new("b9", &[b'x'; 88], 60, 0, "b"), Ok(true));
    assert!(get(&mut store, "b9", 0).is_some(), "what was just put stays");
    assert_eq!([held(&mut store, "a", 1), held(&mut store, "b", 1)], [1, 0]);
}

#[test]
fn among_equals_the_least_used_goes() {
    let mut store = MemoryStore::with_limits(3, 100);
    for tenant in ["a", "b", "c"] {
        fill(&mut store, tenant, 1, 10);
    }
    assert_eq!(held(&mut store, "a", 1), 1);
    fill(&mut store, "d", 1, 10);
    assert_eq!(["a", "b", "c", "d"].map(|tenant| held(&mut store, tenant, 1)), [1, 0, 1, 1]);
}

#[test]
fn a_taken_key_stays_what_it_is() {
    let mut store = MemoryStore::with_limits(2, 100);
    let mut put = |value: &[u8], now_ms| store.put_new("k", value, 1, now_ms, "a").unwrap();
    assert!(put(b"1", 0) && put(b"1", 999) && !put(b"2", 999));
    assert!(put(b"2", 1000), "its time was that of the first");
    assert_eq!(get(&mut store, "k", 1000).as_deref(), Some("2"));
    store.put("k", b"3", 1, 1000).unwrap();
    assert_eq!(get(&mut store, "k", 1000).as_deref(), Some("3"), "put replaces");
    let mut none = MemoryStore::with_limits(0, 100);
    none.put("k", b"1", 1, 0).unwrap();
    assert_eq!(get(&mut none, "k", 0), None);
}

/// Everything in one list, the last used at the end.
#[derive(Default)]
struct Model(Vec<Kept>);

#[derive(Clone)]
struct Kept {
    key: String,
    value: Vec<u8>,
    expires: u64,
    tenant: String,
}

impl Kept {
    fn bytes(&self) -> usize {
        self.key.len() + self.value.len()
    }
}

impl Model {
    const ENTRIES: usize = 3;
    const BYTES: usize = 20;

    fn get(&mut self, key: &str, now_ms: u64) -> Option<Vec<u8>> {
        self.0.retain(|kept| kept.expires > now_ms);
        let at = self.0.iter().position(|kept| kept.key == key)?;
        let kept = self.0.remove(at);
        self.0.push(kept);
        self.0.last().map(|kept| kept.value.clone())
    }

    fn put(&mut self, new: Kept, now_ms: u64) {
        self.0.retain(|kept| kept.key != new.key && kept.expires > now_ms);
        if new.expires > now_ms && new.bytes() <= Self::BYTES {
            self.0.push(new);
        }
        let bytes = |kept: &Kept| kept.bytes();
        while self.0.len() > Self::ENTRIES {
            self.drop_of_most(|_| 1);
        }
        while self.0.iter().map(Kept::bytes).sum::<usize>() > Self::BYTES {
            self.drop_of_most(bytes);
        }
    }

    fn put_new(&mut self, new: Kept, now_ms: u64) -> bool {
        self.0.retain(|kept| kept.expires > now_ms);
        if let Some(kept) = self.0.iter().find(|kept| kept.key == new.key) {
            return kept.value == new.value;
        }
        self.put(new, now_ms);
        true
    }

    /// The first record, but for the last one, of the tenant that has most; of the one that comes first where they have
    /// the same.
    fn drop_of_most(&mut self, amount: impl Fn(&Kept) -> usize) {
        let has =
            |tenant: &str| -> usize { self.0.iter().filter(|kept| kept.tenant == tenant).map(&amount).sum() };
        let oldest = |at: &usize| self.0[..*at].iter().all(|kept| kept.tenant != self.0[*at].tenant);
        let first = (0..self.0.len() - 1).filter(oldest);
        let most = first.rev().max_by_key(|at| has(&self.0[*at].tenant)).unwrap();
        self.0.remove(most);
    }
}

proptest! {
    #[test]
    fn it_does_what_a_list_does(steps in prop::collection::vec((0..3_u8, 0..6_usize, 0..14_usize, 0..4_u64, 0..5000_u64), 1..80)) {
        let (mut store, mut model) = (MemoryStore::with_limits(Model::ENTRIES, Model::BYTES), Model::default());
        for (verb, key, length, ttl_s, now_ms) in steps {
            let key = ["a", "b", "cc", "dd", "eee", "ffffffffff"][key];
            let value = vec![b'x'; length];
            let tenant = if verb == 1 { &key[..1] } else { "" };
            let new = Kept { key: key.to_owned(), value: value.clone(), expires: now_ms + ttl_s * 1000, tenant: tenant.to_owned() };
            match verb {
                0 => prop_assert_eq!(store.get(key, now_ms).unwrap(), model.get(key, now_ms)),
                1 => prop_assert_eq!(store.put_new(key, &value, ttl_s, now_ms, tenant).unwrap(), model.put_new(new, now_ms)),
                _ => {
                    model.put(new, now_ms);
                    store.put(key, &value, ttl_s, now_ms).unwrap();
                }
            }
        }
    }
}
