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

/// Everything in one list, the last used at the end.
struct Model(Vec<(String, Vec<u8>, u64)>);

impl Model {
    const ENTRIES: usize = 3;
    const BYTES: usize = 20;

    fn get(&mut self, key: &str, now_ms: u64) -> Option<Vec<u8>> {
        self.0.retain(|(.., expires)| *expires > now_ms);
        let at = self.0.iter().position(|(own, ..)| own == key)?;
        let entry = self.0.remove(at);
        self.0.push(entry);
        self.0.last().map(|(_, value, _)| value.clone())
    }

    fn put(&mut self, key: &str, value: &[u8], ttl_s: u64, now_ms: u64) {
        self.0.retain(|(own, _, expires)| own != key && *expires > now_ms);
        if ttl_s > 0 && key.len() + value.len() <= Self::BYTES {
            self.0.push((key.to_owned(), value.to_vec(), now_ms + ttl_s * 1000));
        }
        let bytes =
            |list: &[(String, Vec<u8>, u64)]| list.iter().map(|(k, v, _)| k.len() + v.len()).sum::<usize>();
        while self.0.len() > Self::ENTRIES || bytes(&self.0) > Self::BYTES {
            self.0.remove(0);
        }
    }
}

proptest! {
    #[test]
    fn it_does_what_a_list_does(steps in prop::collection::vec((any::<bool>(), 0..6_usize, 0..14_usize, 0..4_u64, 0..5000_u64), 1..80)) {
        let (mut store, mut model) = (MemoryStore::with_limits(Model::ENTRIES, Model::BYTES), Model(Vec::new()));
        for (nth, (is_put, key, length, ttl_s, now_ms)) in steps.into_iter().enumerate() {
            let key = ["a", "b", "cc", "dd", "eee", "ffffffffff"][key];
            let value = vec![nth as u8; length];
            if is_put {
                model.put(key, &value, ttl_s, now_ms);
                store.put(key, &value, ttl_s, now_ms).unwrap();
            } else {
                prop_assert_eq!(store.get(key, now_ms).unwrap(), model.get(key, now_ms));
            }
        }
    }
}
