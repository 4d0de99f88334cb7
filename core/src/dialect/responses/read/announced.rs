//! Texts that items and parts were announced with. They count where nothing better comes.
//!
//! Input: items and parts as they are added. Output: at the end, the texts of those of which none came. State: the texts, up to
//! [`MAX_HELD_BYTES`].

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
}

impl<L: ItemLog> ResponsesReader<L> {
    /// The texts of an item that is added.
    pub(super) fn announce_item(&mut self, at: ItemRef, item: &Item<'_>, cx: &mut Context<'_>) {
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
