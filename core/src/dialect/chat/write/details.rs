//! Reasoning items as entries of `reasoning_details`, which a client sends back in the next turn.
//!
//! Input: reasoning items, and how much of the message came before each. Output: the entries, once, at the end: clients
//! replace an array that comes again. State: the entries, up to [`MAX_HELD_BYTES`].
//!
//! `index` counts the entries, and the content and each call of the message where they came. So it tells how many of those
//! came before an item, and the next request has it there again; and no two entries have one, for some clients join those.

use crate::answer::{ReasoningItem, TextKind};
use crate::json::{Str, write};
use crate::limits::MAX_HELD_BYTES;
use crate::opaque::{DETAIL_ENCRYPTED, DETAIL_SUMMARY, DETAIL_TEXT};

#[derive(Debug, Clone, Default)]
pub(super) struct Details {
    /// In the order of first sight.
    items: Vec<DetailItem>,
    bytes: usize,
}

#[derive(Debug, Clone)]
struct DetailItem {
    item: usize,
    /// Contents and calls before it.
    before: usize,
    /// Each up to the value of its `index`, which comes last.
    entries: Vec<Vec<u8>>,
}

impl Details {
    /// What is known of an item. `before`: contents and calls that came before it. `false`: there is no room.
    pub(super) fn put(&mut self, of: &ReasoningItem<'_>, before: usize) -> bool {
        let at = self.items.binary_search_by_key(&of.item, |own| own.item).unwrap_or_else(|at| {
            self.items.insert(at, DetailItem { item: of.item, before, entries: Vec::new() });
            at
        });
        let entries = &mut self.items[at].entries;
        let length = |entries: &[Vec<u8>]| entries.iter().map(Vec::len).sum::<usize>();
        self.bytes -= length(entries);
        *entries = entries_of(of);
        let has_room = self.bytes + length(entries) <= MAX_HELD_BYTES;
        if !has_room {
            entries.clear();
        }
        self.bytes += length(entries);
        has_room
    }

    /// The entries, separated by commas.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes + self.bytes / 8);
        let items = std::mem::take(&mut self.items);
        let mut nth = 0;
        for own in items {
            for entry in &own.entries {
                let comma: &[u8] = if out.is_empty() { b"" } else { b"," };
                write::pieces(&mut out, [comma, entry]);
                write::number(&mut out, (own.before + nth) as u64);
                out.push(b'}');
                nth += 1;
            }
        }
        out
    }
}

fn entries_of(of: &ReasoningItem<'_>) -> Vec<Vec<u8>> {
    let texts = of.parts.iter().map(|(kind, text)| match kind {
        TextKind::Summary => (DETAIL_SUMMARY, "summary", *text),
        _ => (DETAIL_TEXT, "text", *text),
    });
    let state = of.state.map(|state| (DETAIL_ENCRYPTED, "data", state));
    texts.chain(state).map(|(kind, member, text)| entry(of, kind, member, text)).collect()
}

fn entry(of: &ReasoningItem<'_>, kind: &str, member: &str, text: Str<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let head = [b"{\"type\":\"", kind.as_bytes(), b"\",\"", member.as_bytes(), b"\":\"", text.raw(), b"\""];
    write::pieces(&mut out, head);
    if let Some(id) = of.id {
        write::pieces(&mut out, [b",\"id\":\"", id.raw(), b"\""]);
    }
    write::pieces(&mut out, [b",\"format\":\"", of.format.as_bytes(), b"\",\"index\":"]);
    out
}
