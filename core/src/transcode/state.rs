//! Enters: one event at a time. Leaves: what a chat client must be told of it. The one place that decides.

use super::calls::{Calls, Line};
use super::citations::Citations;
use super::options::ChatOptions;
use super::parts::Parts;
use super::speaker::Speaker;
use crate::chat::Voice;
use crate::envelope::{self, Envelope};
use crate::items::{ItemRef, Items};
use crate::outcome::{FinishReason, NoteCode, Notes, Reconstructed, Status, Usage};
use crate::responses::{self, Event, Kind, Lane, Response};
use crate::source::{Consumer, Input, Repeat};

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(super) speaker: Speaker,
    pub(super) items: Items,
    pub(super) calls: Calls,
    pub(super) parts: Parts,
    pub(super) citations: Citations,
    pub(super) notes: Notes,
    pub(super) usage: Option<Usage>,
    pub(super) rate_limits: Option<String>,
    pub(super) reconstructed: Reconstructed,
    pub(super) end: Option<End>,
    /// What was said of each item, in the order of `items`.
    pub(super) said: Vec<Said>,
    pub(super) has_text: bool,
    pub(super) has_reasoning: bool,
    /// Where the last event's text went, if it was a delta that changed nothing else.
    pub(super) repeatable: Option<Spot>,
}

#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Said {
    pub(super) has_text: bool,
    pub(super) has_image: bool,
    pub(super) is_commentary: bool,
    /// Summary or raw: whichever came first.
    pub(super) reasoning: Option<Lane>,
}

/// Where a delta was said.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Spot {
    Call(ItemRef),
    /// A text, and its position in `parts`.
    Text(Voice, usize),
}

/// A text of an item, as an event or a snapshot names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) item: ItemRef,
    pub(super) lane: Lane,
    pub(super) index: u64,
}

/// How the stream ended.
#[derive(Debug)]
pub(crate) struct End {
    pub(super) status: Status,
    pub(super) finish_reason: Option<FinishReason>,
    pub(super) error: Option<Box<Envelope>>,
}

impl Consumer for State {
    type Place = Spot;

    fn place(&self) -> Option<Spot> {
        self.repeatable
    }

    #[inline]
    fn again<'c>(&mut self, spot: Spot, repeats: impl Iterator<Item = Repeat<'c>>, out: &mut Vec<u8>) {
        self.deltas_again(spot, repeats.map(|repeat| repeat.text), out);
    }

    fn input(&mut self, input: &Input<'_>, _: &[u8], out: &mut Vec<u8>) {
        self.repeatable = None;
        match input {
            Input::Event(event) if self.end.is_some() => self.fill_gaps(event),
            Input::Event(event) => self.event(event, out),
            Input::Document(document) => self.document(*document, out),
            Input::Done => self.done_sentinel(out),
            Input::Malformed(name) => self.malformed(name.as_bytes()),
            Input::TooLarge => self.notes.push(NoteCode::EventTooLarge, String::new(), b""),
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.cut_off(out);
    }
}

impl State {
    /// `is_whole`: one completion at the end instead of chunks.
    pub(crate) fn new(options: ChatOptions, is_whole: bool) -> Self {
        Self { speaker: Speaker::new(options, is_whole), ..Self::default() }
    }

    pub(crate) fn note(&mut self, code: NoteCode, detail: &str) {
        self.notes.push(code, String::new(), detail.as_bytes());
    }

    /// Whether the completion has more than is kept.
    pub(crate) fn is_full(&self) -> bool {
        self.speaker.is_full()
    }

    pub(super) fn committed(&self) -> bool {
        self.speaker.has_spoken()
    }

    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        match event.kind {
            Kind::Delta(lane) => self.delta(lane, event, out),
            Kind::Done(lane) => self.text_done(lane, event, out),
            Kind::ItemAdded => self.item_added(event, out),
            Kind::ItemDone => self.item_done(event, out),
            Kind::PartDone | Kind::SummaryPartDone => self.part_done(event, out),
            Kind::Progress => self.learn(event),
            Kind::Terminal(status) => self.terminal(status, event.members.response, out),
            Kind::Error => self.fail(envelope::of_json(event.json), out),
            Kind::Annotation => self.annotation_added(event),
            Kind::PartialImage => self.partial_image(event, out),
            Kind::RateLimits => self.rate_limits(event),
            Kind::Silent => {}
            Kind::Other => self.notes.push(NoteCode::UnknownEvent, String::new(), event.name),
        }
    }

    fn learn(&mut self, event: &Event<'_>) {
        if let Some(response) = event.members.response {
            self.speaker.learn(&Response::parse(response), &mut self.notes);
        }
    }

    pub(super) fn rate_limits(&mut self, event: &Event<'_>) {
        match responses::rate_limits(event.json) {
            Some(limits) => self.rate_limits = Some(limits),
            None => self.notes.push(NoteCode::LimitExceeded, String::new(), b"rate_limits"),
        }
    }

    pub(super) fn malformed(&mut self, name: &[u8]) {
        self.notes.push(NoteCode::MalformedEvent, String::new(), name);
    }

    /// Makes room for what is said of the item found; notes that there is none for more.
    pub(super) fn within_limits<T>(&mut self, found: Option<T>, what: &str) -> Option<T> {
        if found.is_none() {
            self.notes.push(NoteCode::LimitExceeded, String::new(), what.as_bytes());
        }
        self.said.resize_with(self.items.len(), Said::default);
        found
    }

    pub(super) fn note_item(&mut self, code: NoteCode, item: ItemRef, detail: &[u8]) {
        let path = path(&self.items, item);
        self.notes.push(code, path, detail);
    }

    pub(super) fn with_calls(
        &mut self,
        out: &mut Vec<u8>,
        act: impl FnOnce(&mut Calls, &dyn Fn(ItemRef) -> String, &mut Line<'_>),
    ) {
        let Self { speaker, calls, notes, items, .. } = self;
        act(calls, &|item| path(items, item), &mut Line { speaker, notes, out });
    }
}

/// JSON path of an item in the final Response, as far as the stream tells.
fn path(items: &Items, item: ItemRef) -> String {
    format!("output[{}]", items.output_index(item).unwrap_or(item as u64))
}
