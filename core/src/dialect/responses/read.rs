//! The Responses reader: decides what an answer consists of, from events, items and the terminal response.
//!
//! Input: one event at a time. Output: calls of a [`Writer`], and of an [`ItemLog`] for a body of the same dialect.
//! State: which items, texts and calls there are, how much of each was passed on, and what still waits; never a text.

mod announced;
mod calls;
mod end;
mod listed;
mod parts;
mod searches;
mod snapshots;
mod texts;
mod untold;
mod verdict;
mod whole;

use super::{
    Event, EventKind, Identity, ItemRef, ItemTracker, ItemType, NameRestorer, Response, Streamed, rate_limits,
};
use crate::answer::{CallKind, Context, RunWriter, TextKind, TextRef, Writer};
use crate::envelope::{self, Envelope};
use crate::input::{Input, RepeatedDelta};
use crate::json::{Str, Value};
use crate::limits::MAX_HELD_BYTES;
use crate::options::Options;
use crate::outcome::{MadeFailure, NoteCode};
use crate::translation::Reader;
use calls::Calls;
use parts::{Latest, Parts};
use untold::Untold;

#[derive(Debug, Clone, Default)]
pub(crate) struct ResponsesReader<L = ()> {
    items: ItemTracker,
    /// In the order of `items`.
    states: Vec<ItemState>,
    parts: Parts,
    calls: Calls,
    /// What follows the stream item by item.
    pub(crate) log: L,
    /// Names of the client's tools that the response lists; `None`: it lists no tools.
    own_tools: Option<Box<OwnTools>>,
    untold: Untold,
    restorer: Option<Box<NameRestorer>>,
    target: Option<Target>,
    /// The response was steered: its successor may follow.
    is_steered: bool,
}

/// Names of the client's tools.
#[derive(Debug, Clone)]
struct OwnTools(Vec<Box<[u8]>>);

/// How much of an item was passed on.
#[derive(Debug, Default, Clone, Copy)]
struct ItemState {
    has_text: bool,
    has_image: bool,
    /// Its image was made, and is not there.
    lacks_image: bool,
    has_search: bool,
    is_commentary: bool,
    /// Its opaque state was passed on, or noted.
    has_opaque: bool,
    /// Summary or full: whichever came first.
    reasoning: Option<TextKind>,
    latest: Latest,
}

/// Where the text of a delta went.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    Call(ItemRef),
    Text(TextRef),
}

/// Follows a Responses stream item by item, as the reader understands it: what a body of the same dialect needs.
pub(crate) trait ItemLog {
    /// Whether anything is kept: pieces are not even shown to one that keeps nothing.
    const FOLLOWS: bool = true;

    fn new(options: &Options) -> Self;
    /// `output_item.added`
    fn added(&mut self, _item: ItemRef, _event: &Event<'_>) {}
    /// `output_item.done`
    fn done(&mut self, _item: ItemRef, _event: &Event<'_>) {}
    /// `output_item.interrupted`
    fn interrupted(&mut self, _item: ItemRef) {}
    /// A part was opened, or a piece of its text came, from whatever event. `index` is the order among the parts of its item.
    fn text(&mut self, _of: LoggedPart<'_>, _piece: Str<'_>, _logprobs: Option<Value<'_>>) {}
    /// The upstream took back what it had said of a text.
    fn replace_text(&mut self, _of: LoggedPart<'_>, _whole: Str<'_>, _logprobs: Option<Value<'_>>) {}
    /// A whole part, as sent.
    fn part(&mut self, _of: LoggedPart<'_>, _part: Value<'_>) {}
    fn annotation(&mut self, _of: LoggedPart<'_>, _annotation: Value<'_>) {}
    /// All annotations of a part, as sent.
    fn annotations(&mut self, _of: LoggedPart<'_>, _list: Value<'_>) {}
    fn arguments(&mut self, _item: ItemRef, _piece: Str<'_>) {}
    /// As [`ItemLog::replace_text`].
    fn replace_arguments(&mut self, _item: ItemRef, _whole: Str<'_>) {}
    /// An event on a call's arguments. `id`: of its item.
    fn call_event(&mut self, _item: ItemRef, _streamed: Streamed, _id: Option<Str<'_>>) {}
    /// What a call is in the end.
    fn call(&mut self, _item: ItemRef, _call: LoggedCall<'_>) {}
    /// A response object that is not the last one.
    fn progress(&mut self, _response: Value<'_>) {}
    /// The last response object, and which item each element of its `output` is.
    fn terminal(&mut self, _response: Value<'_>, _items: &ItemTracker, _matched: &[Option<ItemRef>]) {}
    /// The last response object was of a response that was steered: its successor follows.
    fn goes_on(&mut self) {}
    /// The stream is over.
    fn close(&mut self, _items: &ItemTracker) {}
    /// Whether there is more than is kept.
    fn is_full(&self) -> bool {
        false
    }
}

/// A part of an item: in the order of the response, with its kind and id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LoggedPart<'a> {
    pub(crate) item: ItemRef,
    /// The id that the event gives the item.
    pub(crate) id: Option<Str<'a>>,
    pub(crate) index: u64,
    pub(crate) part: usize,
    pub(crate) kind: TextKind,
}

/// A call as it was passed on; JSON string contents.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LoggedCall<'a> {
    pub(crate) kind: CallKind,
    pub(crate) id: Option<&'a [u8]>,
    pub(crate) name: Option<&'a [u8]>,
    /// Arguments that stand for those that never came.
    pub(crate) stand_in: Option<&'a [u8]>,
}

impl ItemLog for () {
    const FOLLOWS: bool = false;

    fn new(_: &Options) -> Self {}
}

impl<L: ItemLog> Reader for ResponsesReader<L> {
    type Event<'a> = Event<'a>;
    type Target = Target;

    fn rename_back(&self, event: &Event<'_>) -> Option<Vec<u8>> {
        self.restorer.as_ref()?.event(event)
    }

    fn target(&self) -> Option<Target> {
        self.target
    }

    fn input(&mut self, input: &Input<'_, Event<'_>>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        self.target = None;
        match input {
            Input::Event(event) if cx.facts.end.is_some() => self.late(event, cx),
            Input::Event(event) if self.untold.has_bare() => self.details(event, writer, cx),
            Input::Event(event) if self.is_steered => self.after_steering(event, writer, cx),
            Input::Event(event) if self.items.first() > 0 => {
                self.event(&Event { base: self.items.first(), ..**event }, writer, cx);
            }
            Input::Event(event) => self.event(event, writer, cx),
            Input::Document(event) => self.document(event.json, writer, cx),
            Input::Done => self.done_sentinel(writer, cx),
            Input::Malformed { data, name } => self.malformed(data, name, writer, cx),
            Input::Page(body) if cx.facts.end.is_none() => self.fail(envelope::of_page(body), writer, cx),
            Input::Page(_) => {}
            Input::TooLarge => cx.facts.note(NoteCode::EventTooLarge, b""),
        }
    }

    /// An earlier delta again, with other texts.
    #[expect(clippy::inline_always, reason = "as in Translation")]
    #[inline(always)]
    fn on_repeats<'c>(
        &mut self,
        target: Target,
        repeats: impl Iterator<Item = RepeatedDelta<'c>>,
        writer: &mut impl RunWriter,
        cx: &mut Context<'_>,
    ) {
        let pieces = repeats.map(|repeat| repeat.text).filter(|piece| !piece.is_empty());
        match target {
            Target::Call(item) if L::FOLLOWS => {
                let Self { calls, log, .. } = self;
                let pieces = pieces.inspect(|piece| log.arguments(item, piece.as_str()));
                calls.deltas(item, pieces, writer, cx);
            }
            Target::Call(item) => self.calls.deltas(item, pieces, writer, cx),
            Target::Text(text) => self.texts(text, pieces, writer, cx),
        }
    }

    fn refused(&mut self, failure: Envelope, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        self.fail(failure, writer, cx);
    }

    fn end(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        self.over(writer, cx);
    }
}

impl<L: ItemLog> ResponsesReader<L> {
    pub(crate) fn new(options: &Options) -> Self
    where
        L: Default,
    {
        Self { restorer: NameRestorer::new(options), log: L::new(options), ..Self::default() }
    }

    fn event(&mut self, event: &Event<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        match event.kind {
            EventKind::Delta(Streamed::Text(kind)) => self.text_delta(kind, event, writer, cx),
            EventKind::Delta(Streamed::Call(kind)) => self.call_delta(kind, false, event, writer, cx),
            EventKind::LegacyCallDelta => self.legacy_delta(event, writer, cx),
            EventKind::Done(Streamed::Text(kind)) => self.text_done(kind, event, writer, cx),
            EventKind::Done(Streamed::Call(kind)) => self.call_done(kind, event, writer, cx),
            EventKind::ItemAdded => self.item_added(event, writer, cx),
            EventKind::ItemDone => self.item_done(event, writer, cx),
            EventKind::PartAdded => self.part_added(event, cx),
            EventKind::PartDone => self.part_done(event, writer, cx),
            EventKind::Progress => self.progress(event, cx),
            EventKind::Terminal(status) => self.terminal(status, event, writer, cx),
            EventKind::Error if envelope::has_status(event.json) => {
                self.fail(envelope::of_json(event.json), writer, cx); // a frame
            }
            EventKind::Error => self.fail_or_wait(envelope::of_event(event.json, event.name), writer, cx),
            EventKind::Annotation => self.annotation_added(event, writer, cx),
            EventKind::PartialImage => self.partial_image(event, writer, cx),
            EventKind::RateLimits => Self::rate_limits(event, cx),
            EventKind::ItemInterrupted => self.item_interrupted(event, cx),
            EventKind::Audio => cx.facts.note(NoteCode::UnknownItem, b"audio"),
            EventKind::Silent => {}
            EventKind::Other if envelope::is_chat(event.json) => {
                self.fail(envelope::made(MadeFailure::WrongDialect), writer, cx);
            }
            EventKind::Other => match envelope::failure_in(event.json) {
                Some(error) => self.fail(error, writer, cx),
                None => cx.facts.note(NoteCode::UnknownEvent, event.name),
            },
        }
    }

    fn progress(&mut self, event: &Event<'_>, cx: &mut Context<'_>) {
        if let Some(response) = event.members.response {
            self.learn(&event.response, cx);
            self.log.progress(response);
            self.untold.announce(event.response.has_failed().then(|| envelope::of_json(event.json)));
        }
    }

    /// Of what was shown already nothing can be taken back; the final response is without it.
    fn item_interrupted(&mut self, event: &Event<'_>, cx: &mut Context<'_>) {
        let (id, output_index) = (event.item_id(), event.output_index());
        let found =
            self.items.resolve(Identity { item_type: ItemType::Other, id, output_index, call_id: None });
        if let Some(item) = self.within_limits(found, cx) {
            self.log.interrupted(item);
        }
    }

    /// Records the members of a response object.
    fn learn(&mut self, response: &Response<'_>, cx: &mut Context<'_>) {
        let Response { id, model, created_at, service_tier, tools, .. } = *response;
        cx.facts.learn(id, model, created_at, service_tier);
        if self.own_tools.is_none() {
            self.own_tools = tools.and_then(own_tools).map(|names| Box::new(OwnTools(names)));
        }
    }

    fn rate_limits(event: &Event<'_>, cx: &mut Context<'_>) {
        let read = rate_limits(event.json);
        if !read.as_ref().is_some_and(|(_, is_whole)| *is_whole) {
            cx.facts.note(NoteCode::LimitExceeded, b"rate_limits");
        }
        cx.facts.rate_limits = read.map(|(limits, _)| limits).or(cx.facts.rate_limits.take());
    }

    /// The item found, with a state; notes that there is no room for more.
    fn within_limits(&mut self, found: Option<ItemRef>, cx: &mut Context<'_>) -> Option<ItemRef> {
        if found.is_none() {
            cx.facts.note(NoteCode::LimitExceeded, b"items");
        }
        self.states.reserve_exact(usize::from(self.states.is_empty())); // one is the rule
        self.states.resize_with(self.items.len(), ItemState::default);
        found
    }

    fn note_item(&self, code: NoteCode, item: ItemRef, detail: &[u8], cx: &mut Context<'_>) {
        cx.facts.notes.push(code, path(&self.items, item), detail);
    }
}

/// JSON path of an item in the final Response, as far as the stream has it.
fn path(items: &ItemTracker, item: ItemRef) -> String {
    format!("output[{}]", items.output_index(item).unwrap_or(item as u64))
}

/// Names of the client's tools in a list of tools, namespaces included; `None` for an empty list. Some servers answer a function
/// with a custom call.
fn own_tools(tools: Value<'_>) -> Option<Vec<Box<[u8]>>> {
    tools.elements().next()?;
    let (mut names, mut bytes) = (Vec::new(), 0);
    let mut take = |tool: Value<'_>| {
        let kind = tool.get("type").and_then(Value::as_str);
        let is_own = kind.is_some_and(|kind| kind.is("custom") || kind.is("function"));
        if let Some(name) = tool.get("name").and_then(Value::as_str).filter(|_| is_own) {
            bytes += name.raw().len();
            if bytes <= MAX_HELD_BYTES {
                names.push(name.raw().into());
            }
        }
    };
    for tool in tools.elements() {
        take(tool);
        tool.get("tools").into_iter().flat_map(Value::elements).for_each(&mut take);
    }
    Some(names)
}
