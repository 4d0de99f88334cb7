//! Pieces of texts and arguments, and citations, from the events on items and parts.
//!
//! Input: delta, part and annotation events. Output: each piece, passed on.

use super::calls::CallInfo;
use super::parts::PartRef;
use super::{ItemLog, LoggedPart, ResponsesReader, Target, path};
use crate::answer::{Begins, CallKind, Citation, CitedText, Context, RunWriter, TextKind, TextRef, Writer};
use crate::dialect::responses::object::tokens;
use crate::dialect::responses::{Event, Identity, ItemRef, ItemType, Members, Part, Streamed, citation, id};
use crate::json::template_gap::Text;
use crate::json::{Str, Value};
use crate::outcome::NoteCode;

impl<L: ItemLog> ResponsesReader<L> {
    /// `….delta` of a text
    pub(super) fn text_delta<'e>(
        &mut self,
        kind: TextKind,
        event: &Event<'e>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        // A summary was once streamed in objects.
        let inner = |delta: Value<'e>| delta.get("text").filter(|_| kind == TextKind::Summary)?.as_str();
        let text = |delta: Value<'e>| delta.as_str().or_else(|| inner(delta));
        let Some(piece) = event.members.delta.and_then(text) else {
            return cx.facts.note(NoteCode::MalformedEvent, event.name);
        };
        let known = self.items.changes();
        let Some((item, kind)) = self.item_of_text(kind, event, cx) else { return };
        let Some(part) = self.part_at(item, kind, event.part_index(), cx) else { return };
        let logprobs = tokens(event.members.logprobs);
        let text = self.text_ref(item, kind, part);
        self.log.text(self.logged(text, event.item_id()), piece, logprobs);
        self.emit(text, piece, logprobs, writer, cx);
        // What was learned may change what an id or index means for the others; so does each count.
        let is_known = self.items.changes() == known && !self.parts.get(part).is_counted;
        let is_repeatable = !piece.is_empty() && logprobs.is_none() && is_known;
        self.target = is_repeatable.then_some(Target::Text(text));
    }

    /// Further pieces of a text that went the same way; none is empty.
    #[inline]
    pub(super) fn texts<'c>(
        &mut self,
        text: TextRef,
        pieces: impl Iterator<Item = Text<'c>>,
        writer: &mut impl RunWriter,
        cx: &mut Context<'_>,
    ) {
        if !L::FOLLOWS && !text.is_other_form {
            let said = &mut self.parts.part(text.part()).said;
            return writer.texts(text, pieces.inspect(|piece| said.push_text(piece)), cx);
        }
        let of = self.logged(text, None);
        let Self { parts, log, .. } = self;
        let said = &mut parts.part(text.part()).said;
        let pieces = pieces.inspect(|piece| {
            said.push_text(piece);
            log.text(of, piece.as_str(), None);
        });
        if text.is_other_form {
            pieces.for_each(drop);
        } else {
            writer.texts(text, pieces, cx);
        }
    }

    /// `….delta` of a call
    pub(super) fn call_delta(
        &mut self,
        kind: CallKind,
        is_legacy: bool,
        event: &Event<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let mut buffer = Vec::new();
        let delta = event.members.delta.filter(|delta| is_legacy || delta.as_str().is_some());
        let Some(piece) = delta.and_then(|delta| delta.as_text(&mut buffer)) else {
            return cx.facts.note(NoteCode::MalformedEvent, event.name);
        };
        let known = self.items.changes();
        let Some(item) = self.item_of_call(kind, event, cx) else { return };
        let is_same = self.learn_call(item, info_of(kind, event), cx);
        self.calls.start(item, writer, cx);
        if self.calls.takes(item, is_legacy) {
            let told = self.calls.delta(item, piece, writer, cx);
            self.log_arguments(item, told);
            let is_repeatable = is_same && self.items.changes() == known && !self.calls.is_hollow(item);
            self.target = is_repeatable.then_some(Target::Call(item));
        }
    }

    /// `response.output_tool_call.delta`: like the delta of a function's arguments, or with them and the name in an object, or
    /// with `arguments` in place of `delta`. The first one may do no more than name the call.
    pub(super) fn legacy_delta(&mut self, event: &Event<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let Members { delta, whole, name, call_id, .. } = event.members;
        let own = delta.map(|delta| delta.get("function").unwrap_or(delta));
        let in_delta = |key| own.and_then(|own| own.get(key));
        let announced = call_id.and(name).map(|_| Value::of_valid(b"\"\""));
        let members = Members {
            delta: in_delta("arguments").or(delta).or(whole).or(announced),
            name: in_delta("name").or(name),
            call_id: delta.and_then(|delta| delta.get("call_id").or(delta.get("id"))).or(call_id),
            ..event.members
        };
        let custom = identity(Streamed::Call(CallKind::Custom), event);
        let kind = if self.items.knows(&custom) { CallKind::Custom } else { CallKind::Function };
        self.call_delta(kind, true, &Event { members, ..*event }, writer, cx);
        self.target = None;
    }

    /// `….part.added`: a part that may stay empty.
    pub(super) fn part_added(&mut self, event: &Event<'_>, cx: &mut Context<'_>) {
        let Some((item, kind, index)) = self.part_of(event, cx) else { return };
        let part = event.members.part.and_then(|part| Part::parse(part, self.items.item_type(item)));
        if let Some(part) = part {
            self.announce(item, kind, index, part.text, cx);
        }
        if !self.parts.has(item, kind, index) {
            let latest = &mut self.states[item].latest;
            if let Some(part) = self.parts.open(item, kind, index, latest) {
                let of = self.text_ref(item, kind, part);
                let of = self.logged(of, event.item_id());
                self.log.text(of, Str::from_raw(b""), None);
            } else {
                cx.facts.note(NoteCode::LimitExceeded, b"parts");
            }
        }
    }

    /// Item, kind and index of the part that an event holds.
    pub(super) fn part_of(
        &mut self,
        event: &Event<'_>,
        cx: &mut Context<'_>,
    ) -> Option<(ItemRef, TextKind, u64)> {
        let kind = Part::parse(event.members.part?, ItemType::Other)?.kind;
        let (item, kind) = self.item_of_text(kind, event, cx)?;
        Some((item, kind, event.part_index()))
    }

    /// `output_text.annotation.added`
    pub(super) fn annotation_added(
        &mut self,
        event: &Event<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let Some(annotation) = event.members.annotation else { return };
        let Some((item, kind)) = self.item_of_text(TextKind::Text, event, cx) else { return };
        let Some(part) = self.part_at(item, kind, event.part_index(), cx) else { return };
        let text = self.text_ref(item, kind, part);
        self.log.annotation(self.logged(text, event.item_id()), annotation);
        self.annotation(text, annotation, 0, writer, cx);
    }

    /// `before`: characters of the text before the part.
    pub(super) fn annotations(
        &mut self,
        of: TextRef,
        part: &Part<'_>,
        before: u64,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        if let Some(list) = part.annotations {
            self.log.annotations(self.logged(of, None), list);
            list.elements().for_each(|annotation| self.annotation(of, annotation, before, writer, cx));
        }
    }

    fn annotation(
        &mut self,
        of: TextRef,
        annotation: Value<'_>,
        before: u64,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        match citation(annotation) {
            Ok(own) => {
                let [start, end] = [own.start, own.end].map(|at| at.saturating_add(before));
                writer.citation(CitedText::Part(of), &Citation { start, end, ..own }, cx);
            }
            Err(kind) => self.note_item(NoteCode::AnnotationDropped, of.item(), kind, cx),
        }
    }

    /// The item that a text event is about, and the kind of its text there.
    pub(super) fn item_of_text(
        &mut self,
        kind: TextKind,
        event: &Event<'_>,
        cx: &mut Context<'_>,
    ) -> Option<(ItemRef, TextKind)> {
        let item = self.items.resolve(identity(Streamed::Text(kind), event));
        let item = self.within_limits(item, cx)?;
        let is_reasoning = self.items.item_type(item) == ItemType::Reasoning && !kind.is_reasoning();
        Some((item, if is_reasoning { TextKind::Reasoning } else { kind }))
    }

    pub(super) fn item_of_call(
        &mut self,
        kind: CallKind,
        event: &Event<'_>,
        cx: &mut Context<'_>,
    ) -> Option<ItemRef> {
        let streamed = Streamed::Call(kind);
        let item = self.items.resolve(identity(streamed, event));
        let item = self.within_limits(item, cx)?;
        self.log.call_event(item, streamed, event.item_id());
        Some(item)
    }

    fn part_at(
        &mut self,
        item: ItemRef,
        kind: TextKind,
        index: u64,
        cx: &mut Context<'_>,
    ) -> Option<PartRef> {
        let part = self.parts.at(item, kind, index, &mut self.states[item].latest);
        if part.is_none() {
            cx.facts.note(NoteCode::LimitExceeded, b"parts");
        }
        part
    }

    pub(super) fn text_ref(&self, item: ItemRef, kind: TextKind, part: PartRef) -> TextRef {
        let state = &self.states[item];
        let is_other_form = kind.is_reasoning() && state.reasoning.is_some_and(|own| own != kind);
        let mut text = TextRef::new(item, part, kind);
        (text.is_commentary, text.is_other_form) = (state.is_commentary, is_other_form);
        text
    }

    pub(super) fn logged<'e>(&self, text: TextRef, id: Option<Str<'e>>) -> LoggedPart<'e> {
        let (item, part) = (text.item(), text.part());
        LoggedPart { item, id, part, kind: text.kind, index: self.parts.get(part).index }
    }

    /// Passes a piece of text on, if it is to be shown.
    pub(super) fn emit(
        &mut self,
        text: TextRef,
        piece: Str<'_>,
        logprobs: Option<Value<'_>>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        if piece.is_empty() && logprobs.is_none() {
            return;
        }
        let part = self.parts.part(text.part());
        let is_first = part.said.is_empty();
        part.said.push(piece);
        part.note_tokens(logprobs);
        if text.kind.is_reasoning() {
            self.states[text.item()].reasoning.get_or_insert(text.kind);
        }
        if !writer.shows(text.kind, cx.options) {
            return;
        }
        if text.is_other_form {
            return self.note_item(NoteCode::ReasoningDropped, text.item(), b"", cx);
        }
        let state = &mut self.states[text.item()];
        let is_first_of_item = text.kind == TextKind::Text && !std::mem::replace(&mut state.has_text, true);
        let begins = match (is_first_of_item, is_first) {
            (true, _) => Begins::Item,
            (false, true) => Begins::Part,
            (false, false) => Begins::Nothing,
        };
        writer.text(text, begins, piece, logprobs, cx);
    }

    /// What is known of a call besides its arguments.
    pub(super) fn learn_call(&mut self, item: ItemRef, info: CallInfo<'_>, cx: &mut Context<'_>) -> bool {
        let Self { calls, items, own_tools, .. } = self;
        let repeated = info.id.filter(|_| items.repeats_call_id(item));
        let made = repeated.map(|id| [id.raw(), format!("_{item}").as_bytes()].concat());
        if let Some(own) = &made {
            cx.facts.notes.push(NoteCode::CallChanged, path(items, item), own);
        }
        let info = CallInfo { id: made.as_deref().map(Str::from_raw).or(info.id), ..info };
        let context = cx.options.context.as_ref();
        let is_own = |name: &[u8]| {
            let declared = context.map_or(&[][..], |context| &context.custom_tools);
            let is_listed = own_tools.as_ref().map(|own| own.0.iter().any(|own| **own == *name));
            let is_declared = declared.iter().any(|own| Str::from_raw(name).is(own));
            is_declared || is_listed.unwrap_or(declared.is_empty())
        };
        calls.learn(item, info, is_own, &|item| path(items, item), cx)
    }
}

/// The members of a call, from an event on its arguments.
pub(super) fn info_of<'a>(kind: CallKind, event: &Event<'a>) -> CallInfo<'a> {
    let Members { call_id, name, .. } = event.members;
    CallInfo { kind, id: id(call_id), item_id: event.item_id(), name: id(name) }
}

fn identity<'a>(streamed: Streamed, event: &Event<'a>) -> Identity<'a> {
    Identity {
        item_type: streamed.item_type(),
        id: event.item_id(),
        output_index: event.output_index(),
        call_id: id(event.members.call_id),
    }
}
