//! The item tracker: which output item of a response an event is about.
//!
//! Input: the identity that an event, an item or a terminal array gives an item. Output: the item, as its position in the
//! order of first sight. State: ids, indexes and call ids seen, bounded by [`MAX_ITEMS`] and [`MAX_ID_BYTES`].
//!
//! Item ids rotate (Copilot), `output_index` and `call_id` may be missing or change, and positions in a terminal array are
//! no indexes. The first rule that finds an item decides:
//!
//! | given | is the item that | if |
//! |---|---|---|
//! | item id and `output_index` | has both | the type agrees, whatever the call ids are |
//! | item id | has it | type and call id agree; a text event may also name an announced reasoning item: it is that item's text |
//! | `output_index` | has it | type and call id agree |
//! | reasoning: item id | has it and is an announced message | no index contradicts: it is a part of that |
//! | call id | has it | type agrees |
//! | item id | has it as its call id, with another prefix or none | type agrees (gateways name calls by it) |
//! | text: `output_index`, no id | is a reasoning item that is open | there is no message there |
//! | nothing of these | is the only open one of its type | no index contradicts |
//! | done: name and arguments | is an open call with the same | no new index says that it is another |
//! | terminal: id or call id, then name and arguments | has the same, each once | type agrees |
//! | terminal: place | is the k-th of its type | call id agrees; an item that stayed empty has no place if there are more items than places |
//!
//! What no rule finds is a new item.

mod id_hash;
mod open;
mod recent;

use super::{Item, ItemType};
use crate::json::Str;
use crate::limits::{MAX_ID_BYTES, MAX_ITEMS};
use id_hash::IdHash;
use open::Open;
use recent::Recent;
use std::collections::HashMap;

/// Open calls that a done item without a usable id is compared with.
const MAX_CANDIDATES: usize = 64;

/// Position in the order of first sight.
pub(crate) type ItemRef = usize;

/// What is known of the item that an event is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity<'a> {
    pub(crate) item_type: ItemType,
    pub(crate) id: Option<Str<'a>>,
    pub(crate) output_index: Option<u64>,
    pub(crate) call_id: Option<Str<'a>>,
}

impl<'a> Identity<'a> {
    pub(crate) fn of(item: &Item<'a>, output_index: Option<u64>) -> Self {
        Self { item_type: item.item_type, id: item.id, output_index, call_id: item.call_id }
    }
}

#[derive(Debug, Clone)]
struct Entry {
    item_type: ItemType,
    call_id: Option<Box<[u8]>>,
    output_index: Option<u64>,
    is_open: bool,
    /// Seen in `output_item.added` or `.done`, not only in a delta.
    is_announced: bool,
    repeats_call_id: bool,
}

/// Which events belong to which item.
#[derive(Debug, Clone, Default)]
pub(crate) struct ItemTracker {
    entries: Vec<Entry>,
    /// Those before it are of an earlier response, whose ids and indexes may come again.
    first: ItemRef,
    by_id: HashMap<Box<[u8]>, ItemRef, IdHash>,
    by_index: HashMap<u64, ItemRef, IdHash>,
    by_call: HashMap<Box<[u8]>, ItemRef, IdHash>,
    /// By type.
    open: [Open; ItemType::Other as usize + 1],
    recent: Recent,
    id_bytes: u32,
    changes: u32,
}

impl ItemTracker {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How often something was learned, so that an id or index may mean another item than before.
    pub(crate) fn changes(&self) -> u32 {
        self.changes
    }

    fn changed(&mut self) {
        self.changes = self.changes.wrapping_add(1);
        self.recent.item = None;
    }

    /// How many items are of earlier responses: the indexes of this one count from there.
    pub(crate) fn first(&self) -> u64 {
        self.first as u64
    }

    /// Another response follows: nothing more comes of these items, and all have a place before its own.
    pub(crate) fn end_all(&mut self) {
        self.changed();
        self.first = self.entries.len();
        self.open = Default::default();
        for (nth, entry) in self.entries.iter_mut().enumerate() {
            entry.is_open = false;
            entry.output_index.get_or_insert(nth as u64);
        }
    }

    pub(crate) fn output_index(&self, item: ItemRef) -> Option<u64> {
        self.entries.get(item)?.output_index
    }

    pub(crate) fn item_type(&self, item: ItemRef) -> ItemType {
        self.entries[item].item_type
    }

    pub(crate) fn is_done(&self, item: ItemRef) -> bool {
        self.entries.get(item).is_some_and(|entry| entry.is_announced && !entry.is_open)
    }

    /// Whether an id, an index or a call id is that of an item which was announced.
    pub(crate) fn knows(&self, identity: &Identity<'_>) -> bool {
        let found = self.by_id(identity, false).or_else(|| self.by_index(identity));
        found.or_else(|| self.by_call(identity)).is_some_and(|item| self.entries[item].is_announced)
    }

    /// The item a delta or done event is about, new if nothing matches; `None` when the response has too many.
    pub(crate) fn resolve(&mut self, identity: Identity<'_>) -> Option<ItemRef> {
        if let Some(item) = self.recent.get(&identity) {
            return Some(item);
        }
        let found = self.find(&identity, true);
        let item = self.remember(found, identity);
        self.recent.set(&identity, item);
        item
    }

    /// The item of `output_item.added`: it opens a new one unless its id, its call id, or an index that only deltas
    /// used so far contradicts it. Two calls may have one call id, each with an id and index of its own.
    pub(crate) fn add(&mut self, identity: Identity<'_>) -> Option<ItemRef> {
        let found = self
            .by_id(&identity, false)
            .or_else(|| {
                self.by_call(&identity)
                    .filter(|item| !self.entries[*item].is_announced || !self.is_elsewhere(*item, &identity))
            })
            .or_else(|| self.by_index(&identity).filter(|item| !self.entries[*item].is_announced));
        let item = self.remember(found, identity)?;
        self.changed();
        self.entries[item].is_announced = true;
        Some(item)
    }

    /// The item of `output_item.done`. `is_same_call`: whether a call has the same name and arguments.
    pub(crate) fn close(
        &mut self,
        identity: Identity<'_>,
        is_same_call: impl Fn(ItemRef) -> bool,
    ) -> Option<ItemRef> {
        let found = self.find(&identity, false).or_else(|| self.open_call_like(&identity, is_same_call));
        let item = self.remember(found, identity)?;
        self.changed();
        let entry = &mut self.entries[item];
        entry.is_announced = true;
        if std::mem::take(&mut entry.is_open) {
            self.open[entry.item_type as usize].remove(item);
        }
        Some(item)
    }

    /// Whether an item has another place than this.
    fn is_elsewhere(&self, item: ItemRef, identity: &Identity<'_>) -> bool {
        let indexes = self.entries[item].output_index.zip(identity.output_index);
        identity.id.is_some() && indexes.is_some_and(|(own, index)| own != index)
    }

    /// Whether another call had the call id of this one before.
    pub(crate) fn repeats_call_id(&self, item: ItemRef) -> bool {
        self.entries[item].repeats_call_id
    }

    fn open_call_like(
        &self,
        identity: &Identity<'_>,
        is_same_call: impl Fn(ItemRef) -> bool,
    ) -> Option<ItemRef> {
        if !identity.item_type.is_call() || self.open[identity.item_type as usize].count == 0 {
            return None;
        }
        let index = identity.output_index;
        let at_index = index.and_then(|index| self.by_index.get(&index).copied());
        if let Some(at) = at_index.filter(|at| self.entries[*at].is_open && is_same_call(*at)) {
            return Some(at);
        }
        let named = identity.id.and_then(|id| self.by_id.get(id.raw()).copied());
        let is_new_index = index.is_some() && at_index.is_none() && identity.id.is_some();
        let has_place = |item: ItemRef, entry: &Entry| {
            !is_new_index || entry.output_index.is_none() || named == Some(item)
        };
        let entries = self.entries.iter().enumerate();
        let open = entries.filter(|(_, entry)| entry.is_open && entry.item_type == identity.item_type);
        let mut open = open.take(MAX_CANDIDATES).filter(|(item, entry)| has_place(*item, entry));
        open.find(|(item, _)| is_same_call(*item)).map(|(item, _)| item)
    }

    /// Matches a terminal `output`, whose items have no index, with the items streamed; what is left is new. One entry for
    /// each of `output`.
    /// `is_empty`: whether nothing came for an item. `next_like`: the next call with the name and arguments of this one.
    pub(crate) fn match_terminal(
        &mut self,
        output: &[Identity<'_>],
        is_empty: impl Fn(ItemRef) -> bool,
        mut next_like: impl FnMut(usize) -> Option<ItemRef>,
    ) -> Vec<Option<ItemRef>> {
        let mut is_taken = vec![false; self.entries.len()];
        let mut take = |item: &ItemRef| *item >= self.first && !std::mem::replace(&mut is_taken[*item], true);
        let mut matched: Vec<_> = output
            .iter()
            .map(|identity| self.by_id(identity, false).or_else(|| self.by_call(identity)))
            .map(|found| found.filter(&mut take))
            .collect();
        for (nth, found) in matched.iter_mut().enumerate().filter(|(_, found)| found.is_none()) {
            *found = std::iter::from_fn(|| next_like(nth)).find(&mut take);
        }
        let mut places: HashMap<ItemType, std::vec::IntoIter<ItemRef>> = HashMap::new();
        for (identity, matched) in output.iter().zip(&mut matched) {
            let item_type = identity.item_type;
            let sent = || output.iter().filter(|identity| identity.item_type == item_type).count();
            let of_type = places
                .entry(item_type)
                .or_insert_with(|| self.places(item_type, sent(), &is_empty).into_iter());
            let nth = of_type.next();
            if matched.is_none() {
                *matched = nth.filter(|item| !is_taken[*item] && self.agrees(*item, identity));
                matched.inspect(|item| is_taken[*item] = true);
            }
        }
        output.iter().zip(matched).map(|(identity, found)| self.remember(found, *identity)).collect()
    }

    /// The items of a type, from the first on, that have a place in a terminal array which holds `sent` of them.
    fn places(&self, item_type: ItemType, sent: usize, is_empty: impl Fn(ItemRef) -> bool) -> Vec<ItemRef> {
        let of_type = |item: &ItemRef| self.entries[*item].item_type == item_type;
        let all: Vec<_> = (self.first..self.entries.len()).filter(of_type).collect();
        let is_short = sent < all.len();
        all.into_iter().filter(|item| !is_short || !is_empty(*item)).collect()
    }

    /// `is_text`: a text event, which may name a reasoning item.
    fn find(&self, identity: &Identity<'_>, is_text: bool) -> Option<ItemRef> {
        let is_its = |item: &ItemRef| !self.is_done(*item) || !self.is_elsewhere(*item, identity);
        self.by_id(identity, is_text)
            .or_else(|| self.by_index(identity))
            .or_else(|| self.by_id_of_message(identity).filter(|_| is_text))
            .or_else(|| self.by_call(identity).filter(is_its))
            .or_else(|| self.by_name_of_call(identity))
            .or_else(|| self.by_index_of_reasoning(identity).filter(|_| is_text))
            .or_else(|| self.single_open(identity))
    }

    /// What has the id, whatever its type.
    fn of_id(&self, identity: &Identity<'_>) -> Option<ItemRef> {
        self.by_id.get(identity.id?.raw()).copied().filter(|item| *item >= self.first)
    }

    fn by_id(&self, identity: &Identity<'_>, is_text: bool) -> Option<ItemRef> {
        let item = self.of_id(identity)?;
        let Entry { item_type: found, is_announced, .. } = self.entries[item];
        let is_text = is_text && is_announced && identity.item_type == ItemType::Message;
        let is_reasoning = is_text && found == ItemType::Reasoning;
        let at_index = identity.output_index.and_then(|index| self.by_index.get(&index));
        let is_both = found == identity.item_type && at_index == Some(&item);
        (is_both || is_reasoning || self.agrees(item, identity)).then_some(item)
    }

    fn by_index(&self, identity: &Identity<'_>) -> Option<ItemRef> {
        self.agreeing(self.by_index.get(&identity.output_index?), identity)
    }

    fn by_call(&self, identity: &Identity<'_>) -> Option<ItemRef> {
        self.agreeing(self.by_call.get(identity.call_id?.raw()), identity)
    }

    /// Some gateways name a call by its call id, with the prefix of items.
    fn by_name_of_call(&self, identity: &Identity<'_>) -> Option<ItemRef> {
        let id = identity.id.filter(|_| identity.item_type.is_call() && !self.by_call.is_empty())?.raw();
        let prefixes = [&b"fc_"[..], b"ctc_", b"call_"];
        let bare = prefixes.iter().find_map(|prefix| id.strip_prefix(*prefix)).unwrap_or(id);
        let found = |id: &[u8]| self.agreeing(self.by_call.get(id), identity);
        let with_prefix = || prefixes.iter().find_map(|prefix| found(&[prefix, bare].concat()));
        found(id).or_else(|| found(bare)).or_else(with_prefix)
    }

    /// The text of an item that says itself that it is reasoning.
    fn by_index_of_reasoning(&self, identity: &Identity<'_>) -> Option<ItemRef> {
        let item = *self.by_index.get(&identity.output_index?)?;
        let Entry { item_type, is_open, .. } = self.entries[item];
        let is_text = identity.item_type == ItemType::Message && identity.id.is_none();
        (is_text && is_open && item_type == ItemType::Reasoning).then_some(item)
    }

    /// The reasoning of a message, where a server tells both under one id.
    fn by_id_of_message(&self, identity: &Identity<'_>) -> Option<ItemRef> {
        let item = self.of_id(identity)?;
        let Entry { item_type, is_announced, .. } = self.entries[item];
        let is_message = is_announced && item_type == ItemType::Message;
        let is_its = identity.item_type == ItemType::Reasoning && !self.is_elsewhere(item, identity);
        (is_message && is_its).then_some(item)
    }

    /// Not for an event whose index is another than that item's: it is of a new item.
    fn single_open(&self, identity: &Identity<'_>) -> Option<ItemRef> {
        let only = self.open[identity.item_type as usize].only()?;
        let own = self.entries[only].output_index;
        let is_free = identity.output_index.is_none_or(|index| own.is_none_or(|own| own == index));
        (is_free && self.agrees(only, identity)).then_some(only)
    }

    fn agreeing(&self, item: Option<&ItemRef>, identity: &Identity<'_>) -> Option<ItemRef> {
        item.copied().filter(|item| self.agrees(*item, identity))
    }

    fn agrees(&self, item: ItemRef, identity: &Identity<'_>) -> bool {
        let entry = &self.entries[item];
        let has_same_id = match (&entry.call_id, identity.call_id) {
            (Some(known), Some(call_id)) => {
                **known == *call_id.raw() || self.by_call.get(call_id.raw()) == Some(&item)
            }
            _ => true,
        };
        item >= self.first && entry.item_type == identity.item_type && has_same_id
    }

    /// Records what `identity` adds to the item found, or enters a new one.
    fn remember(&mut self, found: Option<ItemRef>, identity: Identity<'_>) -> Option<ItemRef> {
        let Some(item) = found else { return self.enter(identity) };
        let mut is_new = false;
        let room = MAX_ID_BYTES - self.id_bytes as usize;
        let entry = &mut self.entries[item];
        if let Some(id) = identity.call_id.map(Str::raw)
            && entry.call_id.as_deref() != Some(id)
            && 2 * id.len() <= room
            && !self.by_call.contains_key(id)
        {
            self.id_bytes += 2 * id.len() as u32;
            entry.call_id.get_or_insert_with(|| id.into());
            self.by_call.insert(id.into(), item);
            is_new = true;
        }
        if let Some(index) = identity.output_index
            && entry.output_index != Some(index)
            && self.by_index.len() < MAX_ITEMS
            && (entry.output_index.is_none() || !self.by_index.contains_key(&index))
        {
            entry.output_index.get_or_insert(index);
            self.by_index.insert(index, item);
            is_new = true;
        }
        if is_new {
            self.changed();
        }
        Some(item)
    }

    fn enter(&mut self, identity: Identity<'_>) -> Option<ItemRef> {
        self.changed();
        let item = self.entries.len();
        let Identity { item_type, id, output_index, call_id } = identity;
        let ids: usize = [id, call_id, call_id].into_iter().flatten().map(|id| id.raw().len()).sum();
        if item == MAX_ITEMS || ids > MAX_ID_BYTES - self.id_bytes as usize {
            return None;
        }
        self.id_bytes += ids as u32;
        let call_id: Option<Box<[u8]>> = call_id.map(|id| id.raw().into());
        if let Some(id) = id {
            self.by_id.insert(id.raw().into(), item);
        }
        if let Some(index) = output_index {
            self.by_index.insert(index, item);
        }
        let before = call_id.as_ref().and_then(|call_id| self.by_call.insert(call_id.clone(), item));
        let repeats_call_id = before.is_some();
        self.entries.reserve_exact(usize::from(item == 0)); // one is the rule, and transcoders idle by the thousand
        let (is_open, is_announced) = (true, false);
        self.entries.push(Entry { item_type, call_id, output_index, is_open, is_announced, repeats_call_id });
        self.open[item_type as usize].add(item);
        Some(item)
    }
}

#[cfg(test)]
mod tests;
