//! Snapshots of texts and arguments: what deltas may have told before, from done and part events.
//!
//! Input: a whole text or all arguments of a call. Output: what of them never streamed; a disagreement is noted once.

use super::calls::Told;
use super::parts::{PartRef, Snapshot};
use super::texts::info_of;
use super::{ItemLog, ResponsesReader, path};
use crate::answer::{CallKind, Context, TextKind, Writer};
use crate::dialect::responses::object::tokens;
use crate::dialect::responses::{Event, ItemRef, Part};
use crate::json::{Str, Value};
use crate::outcome::NoteCode;

/// A whole text, with what belongs to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct WholeText<'a> {
    pub(super) item: ItemRef,
    /// The id that an event gives the item.
    pub(super) id: Option<Str<'a>>,
    pub(super) kind: TextKind,
    pub(super) index: u64,
    pub(super) text: Str<'a>,
    pub(super) logprobs: Option<Value<'a>>,
}

impl<L: ItemLog> ResponsesReader<L> {
    /// `….done` of a text
    pub(super) fn text_done(
        &mut self,
        kind: TextKind,
        event: &Event<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let mut buffer = Vec::new();
        let Some(text) = event.members.whole.and_then(|whole| whole.as_text(&mut buffer)) else { return };
        let Some((item, kind)) = self.item_of_text(kind, event, cx) else { return };
        let (id, index, logprobs) = (event.item_id(), event.part_index(), tokens(event.members.logprobs));
        if let Some(part) = self.whole(WholeText { item, id, kind, index, text, logprobs }, writer, cx) {
            self.parts.close(part);
        }
    }

    /// `….done` of a call
    pub(super) fn call_done(
        &mut self,
        kind: CallKind,
        event: &Event<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let mut buffer = Vec::new();
        let Some(whole) = event.members.whole.and_then(|whole| whole.as_text(&mut buffer)) else { return };
        let Some(item) = self.item_of_call(kind, event, cx) else { return };
        self.learn_call(item, info_of(kind, event), cx);
        self.whole_arguments(item, whole, writer, cx);
        self.calls.start(item, writer, cx);
        self.calls.done(item, writer, cx);
    }

    /// All arguments of a call, before it is passed on.
    pub(super) fn whole_arguments(
        &mut self,
        item: ItemRef,
        whole: Str<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let Self { calls, items, .. } = self;
        let told = calls.snapshot(item, whole, &|item| path(items, item), writer, cx);
        self.log_arguments(item, told);
    }

    pub(super) fn log_arguments(&mut self, item: ItemRef, told: Told<'_>) {
        match told {
            Told::Rest(rest) => self.log.arguments(item, rest),
            Told::Whole(whole) => self.log.replace_arguments(item, whole),
        }
    }

    /// `….part.done`
    pub(super) fn part_done(&mut self, event: &Event<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let Some((item, kind, index)) = self.part_of(event, cx) else { return };
        let Some(value) = event.members.part else { return };
        let Some(part) = Part::parse(value, self.items.item_type(item)) else { return };
        let id = event.item_id();
        let text = WholeText { item, id, kind, index, text: part.text, logprobs: part.logprobs };
        let Some(at) = self.whole(text, writer, cx) else { return };
        let of = self.text_ref(item, kind, at);
        self.log.part(self.logged(of, event.item_id()), value);
        self.parts.close(at);
        self.annotations(of, &part, 0, writer, cx);
    }

    /// A whole text, by its index: what never streamed is passed on, a disagreement is noted once. Its part; `None` where
    /// it is none, or one too many.
    pub(super) fn whole(
        &mut self,
        whole: WholeText<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) -> Option<PartRef> {
        let WholeText { item, kind, index, text, .. } = whole;
        match self.parts.snapshot(item, kind, index, text, &self.states[item].latest) {
            Snapshot::Of(part) => self.whole_part(part, whole, writer, cx),
            Snapshot::Continues(part, rest) => {
                self.repair(part, rest, whole, writer, cx);
                return None;
            }
            Snapshot::New => return self.new_whole(whole, writer, cx),
        }
        .into()
    }

    /// A whole text of which nothing came.
    pub(super) fn new_whole(
        &mut self,
        whole: WholeText<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) -> Option<PartRef> {
        let WholeText { item, kind, index, text, logprobs, .. } = whole;
        if text.is_empty() && logprobs.is_none() {
            return None;
        }
        let part = self.parts.open(item, kind, index, &mut self.states[item].latest);
        if part.is_none() {
            cx.facts.note(NoteCode::LimitExceeded, b"parts");
        }
        self.repair(part?, text, whole, writer, cx);
        part
    }

    /// A whole text of a part that is known.
    pub(super) fn whole_part(
        &mut self,
        part: PartRef,
        whole: WholeText<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) -> PartRef {
        let own = self.parts.part(part);
        let was_inconsistent = own.is_inconsistent;
        match own.said.rest_of(whole.text) {
            Some(rest) => self.repair(part, rest, whole, writer, cx),
            None => self.contradicted(part, whole, writer, cx),
        }
        if was_inconsistent && !whole.text.is_empty() {
            self.replace(part, whole, writer, cx); // the last snapshot counts
        }
        part
    }

    /// What a snapshot adds: text, or the logprobs that never streamed.
    pub(super) fn repair(
        &mut self,
        part: PartRef,
        rest: Str<'_>,
        whole: WholeText<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let tokens = whole.logprobs.and_then(|all| self.parts.get(part).rest_of_tokens(all));
        let logprobs = tokens.as_deref().map(Value::of_valid);
        if rest.is_empty() && logprobs.is_none() {
            return;
        }
        let text = self.text_ref(whole.item, whole.kind, part);
        if !rest.is_empty() && !text.is_other_form && writer.shows(text.kind, cx.options) {
            self.note_item(NoteCode::Repaired, whole.item, b"text", cx);
        }
        self.log.text(self.logged(text, whole.id), rest, logprobs);
        self.emit(text, rest, logprobs, writer, cx);
    }

    /// A snapshot with less or other text than what came.
    pub(super) fn contradicted(
        &mut self,
        part: PartRef,
        whole: WholeText<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let text = self.text_ref(whole.item, whole.kind, part);
        if whole.text.is_empty() {
            return; // a hole
        }
        let is_shown = !text.is_other_form && writer.shows(text.kind, cx.options);
        if !std::mem::replace(&mut self.parts.part(part).is_inconsistent, true) && is_shown {
            self.note_item(NoteCode::InconsistentText, whole.item, b"text", cx);
        }
        self.replace(part, whole, writer, cx);
    }

    /// What a text is instead of what came: for those who can still say it.
    pub(super) fn replace(
        &mut self,
        part: PartRef,
        whole: WholeText<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let text = self.text_ref(whole.item, whole.kind, part);
        self.log.replace_text(self.logged(text, whole.id), whole.text, whole.logprobs);
        if !text.is_other_form && writer.shows(text.kind, cx.options) {
            writer.replace_text(text, whole.text, whole.logprobs, cx);
        }
    }
}
