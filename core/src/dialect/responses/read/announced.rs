//! Texts that items and parts were announced with, and opaque state. They count where nothing better comes.
//!
//! Input: items and parts as they are added. Output: at the end, the texts of those of which none came; with a done item, its
//! state. State: the texts, and those, up to [`MAX_HELD_BYTES`].

use super::snapshots::WholeText;
use super::{ItemLog, ResponsesReader};
use crate::answer::{Context, TextKind, Writer};
use crate::dialect::responses::{Item, ItemRef, Part};
use crate::json::Str;
use crate::limits::MAX_HELD_BYTES;
use crate::outcome::NoteCode;

#[derive(Debug, Clone, Default)]
pub(super) struct Announced {
    texts: Vec<AnnouncedText>,
    /// Of items.
    states: Vec<(ItemRef, Box<[u8]>)>,
    bytes: usize,
}

#[derive(Debug, Clone)]
struct AnnouncedText {
    item: ItemRef,
    kind: TextKind,
    index: u64,
    text: Box<[u8]>,
}

impl Announced {
    /// False where there is no room for it.
    fn hold(&mut self, item: ItemRef, kind: TextKind, index: u64, text: Str<'_>) -> bool {
        let text = text.raw();
        let has_room = self.bytes + text.len() <= MAX_HELD_BYTES;
        if has_room {
            self.bytes += text.len();
            self.texts.push(AnnouncedText { item, kind, index, text: text.into() });
        }
        has_room
    }

    /// As [`Announced::hold`].
    fn hold_state(&mut self, item: ItemRef, state: Str<'_>) -> bool {
        let has_room = self.bytes + state.raw().len() <= MAX_HELD_BYTES;
        if has_room {
            self.bytes += state.raw().len();
            self.states.push((item, state.raw().into()));
        }
        has_room
    }

    /// What an item was announced with, unless it says another.
    pub(super) fn state(&mut self, item: ItemRef, said: Option<Str<'_>>) -> Option<Box<[u8]>> {
        if said.is_some() {
            self.states.retain(|(own, _)| *own != item);
        }
        self.states.iter().find(|(own, _)| *own == item).map(|(_, state)| state.clone())
    }
}

impl<L: ItemLog> ResponsesReader<L> {
    /// The texts of an item that is added, and its state.
    pub(super) fn announce_item(&mut self, at: ItemRef, item: &Item<'_>, cx: &mut Context<'_>) {
        let state = item.encrypted_content;
        if state.is_some_and(|state| !self.untold.texts().hold_state(at, state)) {
            cx.facts.note(NoteCode::LimitExceeded, b"reasoning");
        }
        for list in [item.summary, item.content].into_iter().flatten() {
            for (index, part) in (0..).zip(Part::each(list, item.item_type)) {
                let Some(part) = part else { continue };
                self.announce(at, part.kind, index, part.text, cx);
            }
        }
    }

    /// The text of a part that is added.
    pub(super) fn announce(
        &mut self,
        item: ItemRef,
        kind: TextKind,
        index: u64,
        text: Str<'_>,
        cx: &mut Context<'_>,
    ) {
        if !text.is_empty() && !self.untold.texts().hold(item, kind, index, text) {
            cx.facts.note(NoteCode::LimitExceeded, b"texts");
        }
    }

    /// The texts of which nothing came.
    pub(super) fn pass_on_announced(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let mut texts = self.untold.take_texts().texts;
        texts.retain(|text| self.is_unsaid(text.item, text.kind));
        for AnnouncedText { item, kind, index, text } in texts {
            let text = Str::from_raw(&text);
            self.whole(WholeText { item, id: None, kind, index, text, logprobs: None }, writer, cx);
        }
    }

    fn is_unsaid(&self, item: ItemRef, kind: TextKind) -> bool {
        let known = self.parts.all(kind, &self.states[item].latest);
        known.iter().all(|at| self.parts.get(*at).said.is_empty())
    }
}
