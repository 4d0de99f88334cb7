//! Enters: one event at a time. Leaves: what a chat client must be told of it. The one place that decides.

use super::calls::{Calls, Known, Line};
use super::options::{ChatOptions, CustomTools, ReasoningField};
use super::parts::Parts;
use super::speaker::{Gap, Speaker};
use super::terminal::End;
use crate::chat::{self, CallForm, Voice};
use crate::error::Error;
use crate::items::{Identity, ItemRef, Items};
use crate::json::{Str, Value};
use crate::outcome::{NoteCode, Notes, Reconstructed, Usage};
use crate::responses::{self, Event, Item, ItemKind, Kind, Lane, Members, Response};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) speaker: Speaker,
    pub(super) items: Items,
    pub(super) calls: Calls,
    pub(super) notes: Notes,
    pub(super) usage: Option<Usage>,
    pub(super) reconstructed: Reconstructed,
    pub(super) end: Option<End>,
    parts: Parts,
    /// What was said of each item, in the order of `items`.
    said: Vec<Said>,
    has_text: bool,
    has_reasoning: bool,
}

#[derive(Debug, Default, Clone, Copy)]
struct Said {
    has_text: bool,
    /// Summary or raw: whichever came first.
    reasoning: Option<Lane>,
}

/// A text of an item, as an event or a snapshot names it.
#[derive(Clone, Copy)]
struct Place {
    item: ItemRef,
    lane: Lane,
    index: u64,
}

impl State {
    pub(super) fn new(options: ChatOptions) -> Self {
        Self { speaker: Speaker::new(options), ..Self::default() }
    }

    pub(super) fn options(&self) -> &ChatOptions {
        &self.speaker.options
    }

    pub(super) fn committed(&self) -> bool {
        self.speaker.has_spoken()
    }

    /// One SSE event's data, or one WebSocket frame. `name` is the SSE event name.
    pub(super) fn data(&mut self, data: &str, name: &str, out: &mut Vec<u8>) {
        if chat::is_done(data) {
            return self.done_sentinel(out);
        }
        match Event::parse(data.as_bytes(), name) {
            Ok(event) if self.end.is_some() => self.fill_gaps(&event),
            Ok(event) => self.event(&event, out),
            Err(_) if data.trim().is_empty() => {} // an empty heartbeat
            Err(_) => self.malformed(name.as_bytes()),
        }
    }

    pub(super) fn parse_error(&mut self, error: &Error) {
        if let Error::EventTooLarge { .. } = error {
            self.event_too_large();
        }
    }

    pub(super) fn event_too_large(&mut self) {
        self.notes.push(NoteCode::EventTooLarge, String::new(), b"");
    }

    fn malformed(&mut self, name: &[u8]) {
        self.notes.push(NoteCode::MalformedEvent, String::new(), name);
    }

    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        match event.kind {
            Kind::Delta(lane) => self.delta(lane, event, out),
            Kind::Done(lane) => self.done(lane, event, out),
            Kind::ItemAdded => self.item_added(event, out),
            Kind::ItemDone => self.item_done(event, out),
            Kind::PartDone | Kind::SummaryPartDone => self.part_done(event, out),
            Kind::Progress => self.learn(event),
            Kind::Terminal(status) => self.terminal(status, event, out),
            Kind::Error => self.fail(crate::envelope::from_event(&event.members), out),
            Kind::Annotation => self.annotation(event),
            Kind::PartialImage | Kind::Silent => {}
            Kind::Other => self.notes.push(NoteCode::UnknownEvent, String::new(), event.name),
        }
    }

    fn learn(&mut self, event: &Event<'_>) {
        if let Some(response) = event.members.response {
            self.speaker.learn(&Response::parse(response), &mut self.notes);
        }
    }

    fn delta(&mut self, lane: Lane, event: &Event<'_>, out: &mut Vec<u8>) {
        let Some(piece) = event.members.delta.and_then(Value::as_str) else {
            return self.malformed(event.name);
        };
        let Some(place) = self.place(lane, event) else { return };
        match lane {
            Lane::Arguments | Lane::Input => {
                let known = self.known(lane, event);
                self.with_calls(out, |calls, line| {
                    calls.learn(place.item, known, line);
                    calls.delta(place.item, piece, line);
                });
            }
            _ => {
                let logprobs = event.members.logprobs.filter(|tokens| tokens.elements().next().is_some());
                self.say(place, piece, logprobs, out);
            }
        }
    }

    fn done(&mut self, lane: Lane, event: &Event<'_>, out: &mut Vec<u8>) {
        let mut buffer = Vec::new();
        let Some(whole) = event.members.whole.and_then(|whole| whole.as_text(&mut buffer)) else { return };
        let Some(place) = self.place(lane, event) else { return };
        if lane.item_kind().is_call() {
            let known = self.known(lane, event);
            self.with_calls(out, |calls, line| calls.learn(place.item, known, line));
        }
        self.snapshot(place, whole, out);
        if lane.item_kind().is_call() {
            self.with_calls(out, |calls, line| calls.done(place.item, line));
        }
    }

    /// The text that an event is about, its item new if need be.
    fn place(&mut self, lane: Lane, event: &Event<'_>) -> Option<Place> {
        let identity = Identity {
            kind: lane.item_kind(),
            id: event.item_id(),
            output_index: event.output_index(),
            call_id: responses::id(event.members.call_id),
        };
        let item = self.items.resolve(identity);
        let item = self.within_limits(item, "items")?;
        Some(Place { item, lane, index: event.part_index() })
    }

    pub(super) fn within_limits<T>(&mut self, found: Option<T>, what: &str) -> Option<T> {
        if found.is_none() {
            self.notes.push(NoteCode::LimitExceeded, String::new(), what.as_bytes());
        }
        self.said.resize_with(self.items.len(), Said::default);
        found
    }

    /// Says a piece of message or reasoning text.
    fn say(&mut self, place: Place, piece: Str<'_>, logprobs: Option<Value<'_>>, out: &mut Vec<u8>) {
        if piece.is_empty() && logprobs.is_none() {
            return;
        }
        let Some(voice) = self.voice(place) else { return };
        let Place { item, lane, index } = place;
        let Some(part) = self.parts.get((item, lane, index)) else {
            self.within_limits::<()>(None, "parts");
            return;
        };
        let said = &mut self.said[item];
        let gap = match voice {
            Voice::Content if self.has_text && !said.has_text => Gap::Message,
            Voice::ReasoningContent | Voice::Reasoning if self.has_reasoning && part.said.is_empty() => {
                Gap::Paragraph
            }
            _ => Gap::None,
        };
        part.said.push(piece);
        match voice {
            Voice::Content => (self.has_text, said.has_text) = (true, true),
            Voice::Refusal => {}
            Voice::ReasoningContent | Voice::Reasoning => self.has_reasoning = true,
        }
        self.speaker.text(out, voice, gap, piece, logprobs);
    }

    /// Where a text goes; `None` for reasoning that is not shown.
    fn voice(&mut self, place: Place) -> Option<Voice> {
        match place.lane {
            Lane::Text => return Some(Voice::Content),
            Lane::Refusal => return Some(Voice::Refusal),
            _ => {}
        }
        let voice = match self.speaker.options.reasoning {
            ReasoningField::ReasoningContent => Voice::ReasoningContent,
            ReasoningField::Reasoning => Voice::Reasoning,
            ReasoningField::Off => return None,
        };
        if *self.said[place.item].reasoning.get_or_insert(place.lane) == place.lane {
            return Some(voice);
        }
        self.note_item(NoteCode::ReasoningDropped, place.item, b"");
        None
    }

    /// A whole text: what was never streamed is said, a disagreement is noted once.
    fn snapshot(&mut self, place: Place, whole: Str<'_>, out: &mut Vec<u8>) {
        let Place { item, lane, index } = place;
        match lane {
            Lane::Arguments | Lane::Input => {
                return self
                    .with_calls_at(item, out, |calls, path, line| calls.snapshot(item, whole, path, line));
            }
            _ if whole.is_empty() && self.parts.is_unsaid((item, lane, index)) => return,
            _ if self.voice(place).is_none() => return,
            _ => {}
        }
        let Some(part) = self.parts.get((item, lane, index)) else {
            self.within_limits::<()>(None, "parts");
            return;
        };
        match part.said.rest_of(whole) {
            Some(rest) if rest.is_empty() => {}
            Some(rest) => {
                self.note_item(NoteCode::Repaired, item, b"text");
                self.say(place, rest, None, out);
            }
            None if std::mem::replace(&mut part.is_inconsistent, true) => {}
            None => self.note_item(NoteCode::InconsistentText, item, b"text"),
        }
    }

    fn part_done(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        let Some(part) = event.members.part else { return };
        let Some((lane, text)) = responses::part(part) else { return };
        let Some(place) = self.place(lane, event) else { return };
        self.snapshot(place, text, out);
        self.note_annotations(place.item, part);
    }

    fn item_added(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        let Some(item) = event.members.item.and_then(Item::parse) else { return self.malformed(event.name) };
        let found = self.items.add(Identity::of(&item, event.output_index()));
        let Some(at) = self.within_limits(found, "items") else { return };
        match item.kind {
            kind if kind.is_call() => {
                let mut buffer = Vec::new();
                self.call_item(at, &item, out);
                if let Some(arguments) = item.arguments.and_then(|arguments| arguments.as_text(&mut buffer)) {
                    self.calls.added(at, arguments);
                }
            }
            _ => self.note_kind(at, &item),
        }
    }

    fn item_done(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        let Some(item) = event.members.item.and_then(Item::parse) else { return self.malformed(event.name) };
        let found = self.items.close(Identity::of(&item, event.output_index()));
        let Some(at) = self.within_limits(found, "items") else { return };
        self.item_snapshot(at, &item, out);
    }

    /// A whole item, from `output_item.done` or the terminal event: says what of it was never streamed.
    pub(super) fn item_snapshot(&mut self, at: ItemRef, item: &Item<'_>, out: &mut Vec<u8>) {
        match item.kind {
            ItemKind::Message | ItemKind::Reasoning => {
                for parts in [item.summary, item.content].into_iter().flatten() {
                    self.parts_snapshot(at, parts, out);
                }
            }
            kind if kind.is_call() => {
                let mut buffer = Vec::new();
                self.call_item(at, item, out);
                if let Some(whole) = item.arguments.and_then(|arguments| arguments.as_text(&mut buffer)) {
                    self.snapshot(Place { item: at, lane: Lane::Arguments, index: 0 }, whole, out);
                }
                if !item.is_cut {
                    self.with_calls(out, |calls, line| calls.done(at, line));
                }
            }
            _ => self.note_kind(at, item),
        }
    }

    fn parts_snapshot(&mut self, at: ItemRef, parts: Value<'_>, out: &mut Vec<u8>) {
        for (index, part) in (0..).zip(parts.elements()) {
            if let Some((lane, text)) = responses::part(part) {
                self.snapshot(Place { item: at, lane, index }, text, out);
                self.note_annotations(at, part);
            }
        }
    }

    fn call_item(&mut self, at: ItemRef, item: &Item<'_>, out: &mut Vec<u8>) {
        if let Some(namespace) = item.namespace {
            self.note_item(NoteCode::NamespaceDropped, at, namespace.raw());
        }
        let form = self.call_form(item.kind);
        let known = Known { form, id: item.call_id, item_id: item.id, name: item.name };
        self.with_calls(out, |calls, line| calls.learn(at, known, line));
    }

    /// Items that a chat client cannot be shown.
    fn note_kind(&mut self, at: ItemRef, item: &Item<'_>) {
        let code = match item.kind {
            ItemKind::Message | ItemKind::Reasoning | ItemKind::FunctionCall | ItemKind::CustomCall => return,
            ItemKind::Image => NoteCode::ImageDropped,
            ItemKind::Hosted => NoteCode::HostedCall,
            ItemKind::ClientCall => NoteCode::ClientCallDropped,
            ItemKind::Other => NoteCode::UnknownItem,
        };
        self.note_item(code, at, item.type_name.raw());
    }

    fn annotation(&mut self, event: &Event<'_>) {
        if let Some(place) = self.place(Lane::Text, event) {
            self.note_item(NoteCode::AnnotationDropped, place.item, b"");
        }
    }

    fn note_annotations(&mut self, at: ItemRef, part: Value<'_>) {
        if responses::annotations(part).next().is_some() {
            self.note_item(NoteCode::AnnotationDropped, at, b"");
        }
    }

    pub(super) fn note_item(&mut self, code: NoteCode, item: ItemRef, detail: &[u8]) {
        let path = path(&self.items, item);
        self.notes.push(code, path, detail);
    }

    fn known<'a>(&self, lane: Lane, event: &Event<'a>) -> Known<'a> {
        let Members { call_id, name, .. } = event.members;
        let form = self.call_form(lane.item_kind());
        Known { form, id: responses::id(call_id), item_id: event.item_id(), name: responses::id(name) }
    }

    fn call_form(&self, kind: ItemKind) -> CallForm {
        match (kind, self.speaker.options.custom_tools) {
            (ItemKind::CustomCall, CustomTools::Function) => CallForm::Wrapped,
            (ItemKind::CustomCall, CustomTools::Custom) => CallForm::Custom,
            _ => CallForm::Function,
        }
    }

    pub(super) fn with_calls<T>(
        &mut self,
        out: &mut Vec<u8>,
        act: impl FnOnce(&mut Calls, &mut Line<'_>) -> T,
    ) -> T {
        let Self { speaker, calls, notes, .. } = self;
        act(calls, &mut Line { speaker, notes, out })
    }

    fn with_calls_at(
        &mut self,
        item: ItemRef,
        out: &mut Vec<u8>,
        act: impl FnOnce(&mut Calls, &dyn Fn() -> String, &mut Line<'_>),
    ) {
        let Self { speaker, calls, notes, items, .. } = self;
        act(calls, &|| path(items, item), &mut Line { speaker, notes, out });
    }
}

/// JSON path of an item in the final Response, as far as the stream tells.
pub(super) fn path(items: &Items, item: ItemRef) -> String {
    format!("output[{}]", items.output_index(item).unwrap_or(item as u64))
}
