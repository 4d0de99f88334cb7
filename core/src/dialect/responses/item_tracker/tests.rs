use super::{Identity, ItemTracker, ItemType, MAX_ID_BYTES, MAX_ITEMS, Str};

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

const NOBODY: Identity<'static> =
    Identity { item_type: ItemType::FunctionCall, id: None, output_index: None, call_id: None };

fn is_same(_: usize) -> bool {
    true
}

fn named(id: &'static str) -> Identity<'static> {
    Identity { id: Some(Str::from_raw(id.as_bytes())), ..NOBODY }
}

fn called(call_id: &'static str) -> Identity<'static> {
    Identity { call_id: Some(Str::from_raw(call_id.as_bytes())), ..NOBODY }
}

fn at(index: u64) -> Identity<'static> {
    Identity { output_index: Some(index), ..NOBODY }
}

/// Items that were announced so, one after the other.
fn tracker<const N: usize>(identities: [Identity<'_>; N]) -> ItemTracker {
    let mut items = ItemTracker::default();
    for (nth, identity) in identities.into_iter().enumerate() {
        assert_eq!(items.add(identity), Some(nth));
    }
    items
}

#[test]
fn an_item_takes_an_index_that_only_deltas_used() {
    let mut items = ItemTracker::default();
    assert_eq!(items.resolve(at(0)), Some(0));
    assert_eq!(items.add(Identity { output_index: Some(0), ..named("a") }), Some(0));
    assert_eq!(items.add(Identity { output_index: Some(0), ..named("b") }), Some(1));
}

#[test]
fn id_and_index_together_outweigh_call_id_but_not_type() {
    let known = Identity { output_index: Some(0), ..Identity { id: named("a").id, ..called("x") } };
    let other = Identity { call_id: called("y").call_id, ..known };
    assert_eq!(tracker([known]).resolve(other), Some(0));
    assert_eq!(tracker([known]).resolve(Identity { output_index: None, ..other }), Some(1));
    assert_eq!(tracker([known]).resolve(Identity { output_index: Some(1), ..other }), Some(1));
    assert_eq!(tracker([known]).resolve(Identity { item_type: ItemType::Message, ..known }), Some(1));
}

#[test]
fn call_ids_find_calls() {
    let mut items = tracker([called("x"), called("y")]);
    assert_eq!([items.resolve(called("y")), items.resolve(called("x"))], [Some(1), Some(0)]);
    assert_eq!(items.resolve(called("z")), Some(2));
}

#[test]
fn text_with_an_index_alone_is_of_the_open_reasoning_there() {
    let reasoning = Identity { item_type: ItemType::Reasoning, output_index: Some(0), ..named("r") };
    let text = Identity { item_type: ItemType::Message, ..at(0) };
    assert_eq!(tracker([reasoning]).resolve(text), Some(0));
    assert_eq!(tracker([reasoning]).resolve(at(0)), Some(1));
    assert_eq!(tracker([reasoning]).resolve(Identity { id: named("m").id, ..text }), Some(1));
    let mut items = tracker([reasoning]);
    assert_eq!(items.close(reasoning, is_same), Some(0));
    assert_eq!(items.resolve(text), Some(1));
}

#[test]
fn reasoning_with_the_id_of_an_announced_message_is_a_part_of_it() {
    let message = Identity { item_type: ItemType::Message, output_index: Some(0), ..named("m") };
    let reasoning = Identity { item_type: ItemType::Reasoning, ..message };
    let mut items = tracker([message]);
    assert_eq!([items.resolve(reasoning), items.resolve(message)], [Some(0), Some(0)]);
    assert_eq!(items.resolve(Identity { output_index: Some(1), ..reasoning }), Some(1));
    let mut items = ItemTracker::default(); // nobody announced any
    assert_eq!([items.resolve(reasoning), items.resolve(message)], [Some(0), Some(1)]);
    assert_eq!([items.resolve(reasoning), items.resolve(message)], [Some(0), Some(1)]);
}

#[test]
fn what_names_nothing_is_of_the_only_one_open() {
    let mut items = tracker([at(0), at(1)]);
    assert_eq!(items.close(at(0), is_same), Some(0));
    assert_eq!(items.resolve(NOBODY), Some(1));
    assert_eq!(items.resolve(at(2)), Some(2)); // of a new item
    assert_eq!(items.resolve(NOBODY), Some(3)); // of which it is, nobody knows
}

#[test]
fn a_call_is_known_by_what_it_says() {
    let known = [Identity { call_id: called("x").call_id, ..named("a") }, called("y")];
    let mut items = tracker(known);
    let custom = Identity { item_type: ItemType::CustomCall, ..NOBODY };
    assert_eq!(items.add(custom), Some(2));
    assert_eq!(items.close(known[0], is_same), Some(0));
    assert_eq!(items.close(called("z"), is_same), Some(1)); // the first is closed, the third of another type
    assert_eq!(items.close(called("z2"), is_same), Some(3));
    let text = |id| Identity { item_type: ItemType::Message, ..named(id) };
    assert_eq!(tracker([text("m"), text("n")]).close(text("o"), is_same), Some(2)); // texts are not compared
}

#[test]
fn a_new_index_tells_calls_apart_that_say_the_same() {
    let call = |id, index| Identity { output_index: Some(index), ..named(id) };
    let known = [Identity { call_id: called("x").call_id, ..call("a", 0) }, call("b", 1)];
    let done = Identity { call_id: called("y").call_id, ..call("a", 5) };
    assert_eq!(tracker(known).close(done, |item| item == 0), Some(0)); // that is its own id
    assert_eq!(tracker(known).close(done, |item| item == 1), Some(2));
}

#[test]
fn an_index_stays_with_whose_it_was_first() {
    let mut items = tracker([Identity { output_index: Some(0), ..named("a") }, named("b")]);
    assert_eq!(items.resolve(Identity { output_index: Some(1), ..named("a") }), Some(0));
    assert_eq!(items.resolve(at(1)), Some(0));
    assert_eq!(items.resolve(Identity { output_index: Some(3), ..named("b") }), Some(1));
    assert_eq!([items.output_index(0), items.output_index(1)], [Some(0), Some(3)]);
    assert_eq!(items.resolve(Identity { output_index: Some(3), ..named("a") }), Some(0));
    assert_eq!(items.resolve(at(3)), Some(1));
}

#[test]
fn a_call_id_stays_with_whose_it_was_first() {
    let mut items = tracker([named("a"), named("b")]);
    for (id, item) in [("a", 0), ("b", 1)] {
        assert_eq!(items.resolve(Identity { call_id: called("x").call_id, ..named(id) }), Some(item));
    }
    assert_eq!(items.resolve(called("x")), Some(0));
}

#[test]
fn a_terminal_array_is_matched_by_place() {
    let text = |id: Option<&'static str>| Identity {
        item_type: ItemType::Message,
        id: id.map(|id| Str::from_raw(id.as_bytes())),
        ..NOBODY
    };
    let streamed = || tracker([text(Some("a")), text(Some("b"))]);
    let is_empty = |item| item == 0;
    let matched = |output: &[_]| streamed().match_terminal(output, is_empty, |_| None);
    assert_eq!(matched(&[text(None), text(None)]), [Some(0), Some(1)]);
    assert_eq!(matched(&[text(None)]), [Some(1)]); // one of two: not the empty one
    assert_eq!(matched(&[text(None), NOBODY, NOBODY]), [Some(1), Some(2), Some(3)]);
    assert_eq!(matched(&[text(Some("b")), text(None)]), [Some(1), Some(2)]); // each once
}

#[test]
fn items_and_ids_have_their_limits() {
    let whole = vec![b'x'; MAX_ID_BYTES];
    let id = |length: usize| Some(Str::from_raw(&whole[..length]));
    let mut items = ItemTracker::default();
    assert_eq!(items.add(Identity { id: id(MAX_ID_BYTES), ..NOBODY }), Some(0));
    assert_eq!(items.add(named("b")), None);
    assert_eq!(items.add(NOBODY), Some(1));
    let half = MAX_ID_BYTES / 2;
    let mut items = tracker([named("a"), NOBODY]);
    assert_eq!(items.resolve(Identity { call_id: id(half), ..named("a") }), Some(0));
    assert_eq!((items.by_call.len(), items.id_bytes), (0, 1)); // a call id is kept twice
    assert_eq!(items.resolve(Identity { call_id: id(half - 1), ..named("a") }), Some(0));
    assert_eq!((items.by_call.len(), items.id_bytes), (1, MAX_ID_BYTES as u32 - 1));
    for index in 0..=MAX_ITEMS as u64 {
        assert_eq!(items.resolve(Identity { output_index: Some(index), ..named("a") }), Some(0));
    }
    assert_eq!(items.by_index.len(), MAX_ITEMS);
    assert_eq!((2..=MAX_ITEMS).filter_map(|_| items.add(NOBODY)).last(), Some(MAX_ITEMS - 1));
    assert_eq!(items.add(NOBODY), None);
}
