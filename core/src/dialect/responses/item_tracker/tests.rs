use super::{Identity, ItemTracker, ItemType, Str};

fn names() -> [Option<Str<'static>>; 3] {
    [None, Some(Str::from_raw(b"a")), Some(Str::from_raw(b"b"))]
}

/// A delta that comes again must not depend on what was remembered, for the shortcut remembers nothing.
#[test]
fn what_is_remembered_is_what_a_search_finds() {
    let mut seed = 1_u64;
    let mut below = |limit: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 33) as usize % limit
    };
    for _ in 0..4000 {
        let mut items = ItemTracker::default();
        for _ in 0..12 {
            let identity = Identity {
                item_type: [ItemType::FunctionCall, ItemType::Message][below(2)],
                id: names()[below(3)],
                output_index: [None, Some(0), Some(1)][below(3)],
                call_id: names()[below(3)].filter(|_| below(2) == 0),
            };
            let _ = match below(4) {
                0 => items.add(identity),
                1 => items.close(identity, |_| false),
                _ => items.resolve(identity),
            };
            let delta = Identity { call_id: None, ..identity };
            if let Some(item) = items.recent.get(&delta) {
                assert_eq!(items.find(&delta, true), Some(item), "{delta:?}");
            }
        }
    }
}
