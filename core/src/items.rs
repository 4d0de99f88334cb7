//! Enters: what an event or item says of its identity. Leaves: which item of the response it is.
//!
//! Item ids rotate (Copilot), `output_index` and `call_id` may be missing, and a terminal array's positions are not
//! indexes. So: by item id, then `output_index`, then `call_id`, then the single open item of the type. A candidate of
//! another type, or with another call id, is no match. Bounded by [`MAX_ITEMS`] and [`MAX_ID_BYTES`].

use crate::json::Str;
use crate::limits::{MAX_ID_BYTES, MAX_ITEMS, RETAINED_BYTES};
use crate::responses::{Item, ItemKind};
use std::collections::HashMap;

/// Position in the order of first sight.
pub(crate) type ItemRef = usize;

/// What is known of the item that an event is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity<'a> {
    pub(crate) kind: ItemKind,
    pub(crate) id: Option<Str<'a>>,
    pub(crate) output_index: Option<u64>,
    pub(crate) call_id: Option<Str<'a>>,
}

impl<'a> Identity<'a> {
    pub(crate) fn of(item: &Item<'a>, output_index: Option<u64>) -> Self {
        Self { kind: item.kind, id: item.id, output_index, call_id: item.call_id }
    }
}

#[derive(Debug)]
struct Entry {
    kind: ItemKind,
    call_id: Option<Box<[u8]>>,
    output_index: Option<u64>,
    is_open: bool,
    /// Seen in `output_item.added` or `.done`, not only in a delta.
    is_announced: bool,
}

/// Which events belong to which item.
#[derive(Debug, Default)]
pub(crate) struct Items {
    entries: Vec<Entry>,
    by_id: HashMap<Box<[u8]>, ItemRef>,
    by_index: HashMap<u64, ItemRef>,
    by_call: HashMap<Box<[u8]>, ItemRef>,
    /// By type.
    open: [Open; ItemKind::Other as usize + 1],
    recent: Recent,
    id_bytes: usize,
    changes: usize,
}

/// The identity of the last delta and what [`Items::find`] says of it: nearly always that of the next one.
#[derive(Debug, Default)]
struct Recent {
    id: Vec<u8>,
    output_index: Option<u64>,
    /// Small, as transcoders idle by the thousand.
    item: Option<(u32, ItemKind)>,
}

/// The open items of one type; where `count` is 1, `sum` is the one.
#[derive(Debug, Default, Clone, Copy)]
struct Open {
    count: u32,
    sum: u32,
}

impl Items {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How often something was learned, so that an id or index may mean another item than before.
    pub(crate) fn changes(&self) -> usize {
        self.changes
    }

    fn changed(&mut self) {
        self.changes += 1;
        self.recent.item = None;
    }

    pub(crate) fn output_index(&self, item: ItemRef) -> Option<u64> {
        self.entries.get(item)?.output_index
    }

    pub(crate) fn is_done(&self, item: ItemRef) -> bool {
        self.entries.get(item).is_some_and(|entry| entry.is_announced && !entry.is_open)
    }

    /// The item a delta or done event is about, new if nothing matches; `None` when the response has too many.
    pub(crate) fn resolve(&mut self, identity: Identity<'_>) -> Option<ItemRef> {
        if let Some(item) = self.recent.get(&identity) {
            return Some(item);
        }
        let found = self.find(&identity);
        let item = self.remember(found, identity);
        self.recent.set(&identity, item);
        item
    }

    /// The item of `output_item.added`: it opens a new one unless its id, its call id, or an index that only deltas
    /// used so far says otherwise.
    pub(crate) fn add(&mut self, identity: Identity<'_>) -> Option<ItemRef> {
        let found = self
            .by_id(&identity)
            .or_else(|| self.by_call(&identity))
            .or_else(|| self.by_index(&identity).filter(|item| !self.entries[*item].is_announced));
        let item = self.remember(found, identity)?;
        self.changed();
        self.entries[item].is_announced = true;
        Some(item)
    }

    /// The item of `output_item.done`.
    pub(crate) fn close(&mut self, identity: Identity<'_>) -> Option<ItemRef> {
        let item = self.resolve(identity)?;
        self.changed();
        let entry = &mut self.entries[item];
        entry.is_announced = true;
        if std::mem::take(&mut entry.is_open) {
            let open = &mut self.open[entry.kind as usize];
            *open = Open { count: open.count - 1, sum: open.sum - item as u32 };
        }
        Some(item)
    }

    /// Matches a terminal `output` with the items streamed: by id, then call id, then as the k-th of its type; what
    /// is left is new. One entry for each of `output`.
    pub(crate) fn match_terminal(&mut self, output: &[Identity<'_>]) -> Vec<Option<ItemRef>> {
        let mut is_taken = vec![false; self.entries.len()];
        let mut matched: Vec<_> = output
            .iter()
            .map(|identity| self.by_id(identity).or_else(|| self.by_call(identity)))
            .map(|found| found.filter(|item| !std::mem::replace(&mut is_taken[*item], true)))
            .collect();
        let mut of_kind: HashMap<ItemKind, std::vec::IntoIter<ItemRef>> = HashMap::new();
        for (identity, matched) in output.iter().zip(&mut matched) {
            let same =
                of_kind.entry(identity.kind).or_insert_with(|| self.of_kind(identity.kind).into_iter());
            let nth = same.next();
            if matched.is_none() {
                *matched = nth.filter(|item| !is_taken[*item] && self.agrees(*item, identity));
                matched.inspect(|item| is_taken[*item] = true);
            }
        }
        output
            .iter()
            .zip(matched)
            .map(|(identity, found)| self.remember(found, without_index(identity)))
            .collect()
    }

    fn of_kind(&self, kind: ItemKind) -> Vec<ItemRef> {
        (0..self.entries.len()).filter(|item| self.entries[*item].kind == kind).collect()
    }

    fn find(&self, identity: &Identity<'_>) -> Option<ItemRef> {
        self.by_id(identity)
            .or_else(|| self.by_index(identity))
            .or_else(|| self.by_call(identity))
            .or_else(|| self.single_open(identity))
    }

    fn by_id(&self, identity: &Identity<'_>) -> Option<ItemRef> {
        self.agreeing(self.by_id.get(identity.id?.raw()), identity)
    }

    fn by_index(&self, identity: &Identity<'_>) -> Option<ItemRef> {
        self.agreeing(self.by_index.get(&identity.output_index?), identity)
    }

    fn by_call(&self, identity: &Identity<'_>) -> Option<ItemRef> {
        self.agreeing(self.by_call.get(identity.call_id?.raw()), identity)
    }

    /// Not for an event whose index is another than that item's: it is of a new item.
    fn single_open(&self, identity: &Identity<'_>) -> Option<ItemRef> {
        let open = Some(self.open[identity.kind as usize]).filter(|open| open.count == 1)?;
        let only = open.sum as ItemRef;
        let is_free = identity.output_index.is_none() || self.entries[only].output_index.is_none();
        (is_free && self.agrees(only, identity)).then_some(only)
    }

    fn agreeing(&self, item: Option<&ItemRef>, identity: &Identity<'_>) -> Option<ItemRef> {
        item.copied().filter(|item| self.agrees(*item, identity))
    }

    fn agrees(&self, item: ItemRef, identity: &Identity<'_>) -> bool {
        let entry = &self.entries[item];
        let is_same_call = match (&entry.call_id, identity.call_id) {
            (Some(known), Some(call_id)) => **known == *call_id.raw(),
            _ => true,
        };
        entry.kind == identity.kind && is_same_call
    }

    /// Learns what `identity` adds to the item found, or enters a new one.
    fn remember(&mut self, found: Option<ItemRef>, identity: Identity<'_>) -> Option<ItemRef> {
        let Some(item) = found else { return self.enter(identity) };
        let entry = &mut self.entries[item];
        let room = MAX_ID_BYTES - self.id_bytes;
        let call_id = identity.call_id.filter(|id| entry.call_id.is_none() && 2 * id.raw().len() <= room);
        if let Some(call_id) = call_id {
            self.id_bytes += 2 * call_id.raw().len();
            entry.call_id = Some(call_id.raw().into());
            self.by_call.insert(call_id.raw().into(), item);
        }
        let index = identity.output_index.filter(|_| entry.output_index.is_none());
        if let Some(index) = index {
            entry.output_index = Some(index);
            self.by_index.insert(index, item);
        }
        if call_id.is_some() || index.is_some() {
            self.changed();
        }
        Some(item)
    }

    fn enter(&mut self, identity: Identity<'_>) -> Option<ItemRef> {
        self.changed();
        let item = self.entries.len();
        let Identity { kind, id, output_index, call_id } = identity;
        let ids: usize = [id, call_id, call_id].into_iter().flatten().map(|id| id.raw().len()).sum();
        if item == MAX_ITEMS || ids > MAX_ID_BYTES - self.id_bytes {
            return None;
        }
        self.id_bytes += ids;
        let call_id: Option<Box<[u8]>> = call_id.map(|id| id.raw().into());
        if let Some(id) = id {
            self.by_id.insert(id.raw().into(), item);
        }
        if let Some(index) = output_index {
            self.by_index.insert(index, item);
        }
        if let Some(call_id) = &call_id {
            self.by_call.insert(call_id.clone(), item);
        }
        self.entries.reserve_exact(usize::from(item == 0)); // one is the rule, and transcoders idle by the thousand
        self.entries.push(Entry { kind, call_id, output_index, is_open: true, is_announced: false });
        let open = &mut self.open[kind as usize];
        *open = Open { count: open.count + 1, sum: open.sum + item as u32 };
        Some(item)
    }
}

impl Recent {
    fn get(&self, identity: &Identity<'_>) -> Option<ItemRef> {
        let (item, kind) = self.item?;
        let is_same = kind == identity.kind
            && self.output_index == identity.output_index
            && identity.call_id.is_none()
            && identity.id.is_some_and(|id| self.id == id.raw());
        is_same.then_some(item as ItemRef)
    }

    fn set(&mut self, identity: &Identity<'_>, item: Option<ItemRef>) {
        self.item = None;
        let id = identity.id.filter(|id| id.raw().len() <= RETAINED_BYTES && identity.call_id.is_none());
        if let (Some(id), Some(item)) = (id, item) {
            self.id.clear();
            self.id.extend_from_slice(id.raw());
            self.output_index = identity.output_index;
            self.item = Some((item as u32, identity.kind));
        }
    }
}

fn without_index<'a>(identity: &Identity<'a>) -> Identity<'a> {
    Identity { output_index: None, ..*identity }
}

#[cfg(test)]
mod tests {
    use super::{Identity, ItemKind, Items, Str};

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
            let mut items = Items::default();
            for _ in 0..12 {
                let identity = Identity {
                    kind: [ItemKind::FunctionCall, ItemKind::Message][below(2)],
                    id: names()[below(3)],
                    output_index: [None, Some(0), Some(1)][below(3)],
                    call_id: names()[below(3)].filter(|_| below(2) == 0),
                };
                let _ = match below(4) {
                    0 => items.add(identity),
                    1 => items.close(identity),
                    _ => items.resolve(identity),
                };
                let delta = Identity { call_id: None, ..identity };
                if let Some(item) = items.recent.get(&delta) {
                    assert_eq!(items.find(&delta), Some(item), "{delta:?}");
                }
            }
        }
    }
}
