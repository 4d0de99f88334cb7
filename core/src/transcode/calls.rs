//! Enters: what becomes known of each function call, in any order. Leaves: each call once, its arguments once.
//!
//! Chat needs id and name in a call's first delta, so a call is held back until both are known; its arguments wait
//! with it, bounded by [`MAX_HELD_BYTES`].

use super::speaker::Speaker;
use crate::items::ItemRef;
use crate::json::{Progress, Str};
use crate::limits::MAX_HELD_BYTES;
use crate::outcome::{NoteCode, Notes};
use std::collections::HashMap;

/// Names and arguments are JSON string contents.
#[derive(Debug, Default)]
struct Call {
    item: ItemRef,
    id: Option<Box<[u8]>>,
    item_id: Option<Box<[u8]>>,
    name: Option<Box<[u8]>>,
    /// Chat index, once announced.
    index: Option<usize>,
    /// All argument bytes taken so far, said or held.
    taken: Progress,
    held: Vec<u8>,
    /// `arguments` of `output_item.added`: a snapshot, used only if nothing better comes.
    added: Option<Box<[u8]>>,
    is_inconsistent: bool,
}

#[derive(Debug, Default)]
pub(super) struct Calls {
    list: Vec<Call>,
    by_item: HashMap<ItemRef, usize>,
    announced: usize,
    held: usize,
}

/// Where calls are said.
pub(super) struct Line<'a> {
    pub(super) speaker: &'a mut Speaker,
    pub(super) notes: &'a mut Notes,
    pub(super) out: &'a mut Vec<u8>,
}

/// What an event says of a call besides its arguments.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) id: Option<Str<'a>>,
    pub(super) item_id: Option<Str<'a>>,
    pub(super) name: Option<Str<'a>>,
}

impl Calls {
    pub(super) fn is_any_announced(&self) -> bool {
        self.announced > 0
    }

    /// The first id and name count. Announces the call as soon as it has both.
    pub(super) fn learn(&mut self, item: ItemRef, known: Known<'_>, line: &mut Line<'_>) {
        let call = self.call(item);
        let keep = |slot: &mut Option<Box<[u8]>>, value: Option<Str<'_>>| {
            *slot = slot.take().or_else(|| value.map(|text| text.raw().into()));
        };
        keep(&mut call.id, known.id);
        keep(&mut call.item_id, known.item_id);
        keep(&mut call.name, known.name);
        self.announce(item, line);
    }

    /// `arguments` of `output_item.added`.
    pub(super) fn added(&mut self, item: ItemRef, arguments: Str<'_>) {
        self.call(item).added = Some(arguments.raw().into());
    }

    /// More arguments.
    pub(super) fn delta(&mut self, item: ItemRef, piece: Str<'_>, line: &mut Line<'_>) {
        let held = self.held;
        let call = self.call(item);
        if let Some(index) = call.index {
            call.taken.push(piece);
            line.speaker.arguments(line.out, index, piece.raw());
        } else if held + piece.raw().len() > MAX_HELD_BYTES {
            line.notes.push(NoteCode::LimitExceeded, String::new(), b"arguments");
        } else {
            call.taken.push(piece);
            call.held.extend_from_slice(piece.raw());
            self.held += piece.raw().len();
        }
    }

    /// The whole arguments: what was never streamed is said, a disagreement is noted once.
    pub(super) fn snapshot(
        &mut self,
        item: ItemRef,
        whole: Str<'_>,
        path: impl FnOnce() -> String,
        line: &mut Line<'_>,
    ) {
        let call = self.call(item);
        match call.taken.rest_of(whole) {
            Some(rest) if rest.is_empty() => {}
            Some(rest) => {
                line.notes.push(NoteCode::Repaired, path(), b"arguments");
                self.delta(item, rest, line);
            }
            None if std::mem::replace(&mut call.is_inconsistent, true) => {}
            None => line.notes.push(NoteCode::InconsistentText, path(), b"arguments"),
        }
    }

    /// The response is over: what is still held back is said, as far as it can be.
    pub(super) fn settle(&mut self, path: impl Fn(ItemRef) -> String, line: &mut Line<'_>) {
        for at in 0..self.list.len() {
            let call = &mut self.list[at];
            let item = call.item;
            if call.name.is_none() {
                line.notes.push(
                    NoteCode::CallNameMissing,
                    path(item),
                    call.id.as_deref().unwrap_or_default(),
                );
                continue;
            }
            if call.id.is_none() {
                let id = call
                    .item_id
                    .clone()
                    .unwrap_or_else(|| format!("call_{}", self.announced).into_bytes().into());
                line.notes.push(NoteCode::CallIdMissing, path(item), &id);
                call.id = Some(id);
            }
            let added = call.added.take().filter(|_| call.taken.is_empty());
            self.announce(item, line);
            if let Some(arguments) = added {
                self.delta(item, Str::from_raw(&arguments), line);
            }
        }
    }

    fn announce(&mut self, item: ItemRef, line: &mut Line<'_>) {
        let index = self.announced;
        let call = self.call(item);
        let (None, Some(id), Some(name)) = (call.index, &call.id, &call.name) else { return };
        call.index = Some(index);
        line.speaker.call(line.out, index, id, name);
        let held = std::mem::take(&mut call.held);
        line.speaker.arguments(line.out, index, &held);
        self.announced += 1;
        self.held -= held.len();
    }

    fn call(&mut self, item: ItemRef) -> &mut Call {
        let next = self.list.len();
        let at = *self.by_item.entry(item).or_insert(next);
        if at == next {
            self.list.push(Call { item, ..Call::default() });
        }
        &mut self.list[at]
    }
}
