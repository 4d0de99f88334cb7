//! The Messages reader: decides what an answer consists of, from the events of a stream or from one Message.
//!
//! Input: one event at a time. Output: calls of a [`Writer`], and of a [`MessageLog`] for a body of the same dialect. State:
//! the blocks, which of them is being passed on, the counts, why it ended.
//!
//! Real servers are looser than the rules: what the SDKs or Claude Code accept is read as they read it.

mod blocks;
mod calls;
mod citations;
mod end;
mod searches;

use super::event::{Delta, Event, EventKind, with_blocks};
use super::usage::{Counts, common_tier, tool_usage};
use super::{BlockType, DeltaKind};
use crate::answer::{Begins, Context, Further, RunWriter, TextKind, TextRef, Writer};
use crate::envelope;
use crate::input::{Input, RepeatedDelta};
use crate::json::{Progress, Str, Value};
use crate::limits::MAX_HELD_BYTES;
use crate::options::Options;
use crate::outcome::NoteCode;
use crate::translation::Reader;
use blocks::{BlockState, Blocks, Role};
use end::Ending;
use searches::Searches;

#[derive(Debug, Clone, Default)]
pub(crate) struct MessagesReader<L = ()> {
    blocks: Blocks,
    /// Number of calls that were passed on.
    calls: usize,
    searches: Searches,
    counts: Counts,
    has_begun: bool,
    has_text: bool,
    /// Code points of the answer so far, for citations.
    length: u64,
    ending: Ending,
    /// The text so far of the thought that is being passed on, for writers that give it back with its signature.
    thought: Vec<u8>,
    /// What follows the stream event by event.
    pub(crate) log: L,
    target: Option<Target>,
    /// The start of a block, while nothing else came.
    last_start: Option<(u64, Progress)>,
}

/// Where the piece of a delta went: a block, by its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    at: usize,
    kind: DeltaKind,
    index: Option<u64>,
}

/// Follows a Messages stream event by event: what a body of the same dialect needs.
pub(crate) trait MessageLog {
    fn new(_options: &Options) -> Self;
    fn event(&mut self, _event: &Event<'_>) {}
    /// A further piece of the block with that index.
    fn piece(&mut self, _index: Option<u64>, _kind: DeltaKind, _piece: Str<'_>) {}
}

impl MessageLog for () {
    fn new(_: &Options) -> Self {}
}

/// The text blocks of a message are one text; citations split it into blocks.
const TEXT: TextRef = TextRef::new(0, 0, TextKind::Text);

impl<L: MessageLog> Reader for MessagesReader<L> {
    type Event<'a> = Event<'a>;
    type Target = Target;

    fn target(&self) -> Option<Target> {
        self.target
    }

    #[inline]
    fn on_repeats<'c>(
        &mut self,
        target: Target,
        repeats: impl Iterator<Item = RepeatedDelta<'c>>,
        writer: &mut impl RunWriter,
        cx: &mut Context<'_>,
    ) {
        let Self { blocks, length, thought, log, .. } = self;
        let pieces = repeats.map(|repeat| repeat.text).filter(|piece| !piece.is_empty());
        let pieces = pieces.inspect(|piece| log.piece(target.index, target.kind, piece.as_str()));
        match blocks.get(target.at).role {
            Role::Text => writer.texts(TEXT, pieces.inspect(|piece| *length += piece.code_points()), cx),
            Role::Thinking(text)
                if blocks.is_first(target.at) && writer.shows_reasoning_items(cx.options) =>
            {
                writer.texts(text, pieces.inspect(|piece| keep(thought, piece.as_str())), cx);
            }
            Role::Thinking(text) => writer.texts(text, pieces, cx),
            Role::Call(nth) => writer.argument_run(nth, pieces, cx),
            _ => pieces.for_each(drop),
        }
    }

    fn input(&mut self, input: &Input<'_, Event<'_>>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        self.target = None;
        match input {
            Input::Event(event) if cx.facts.end.is_some() => Self::late(event, cx),
            Input::Event(event) => self.event(event, writer, cx),
            Input::Document(event) if event.kind == EventKind::Message => {
                self.log.event(event);
                self.message(event, writer, cx);
            }
            Input::Document(event) if cx.facts.end.is_none() => {
                Self::fail(envelope::of_json(event.json), writer, cx);
            }
            Input::Done if cx.facts.end.is_none() => self.over(cx.options.done_is_complete, writer, cx),
            Input::Page(body) if cx.facts.end.is_none() => Self::fail(envelope::of_page(body), writer, cx),
            Input::Done | Input::Document(_) | Input::Page(_) => {}
            Input::Malformed { data, name } => match envelope::of_malformed(data, name) {
                Some(error) if cx.facts.end.is_none() => Self::fail(error, writer, cx),
                _ => cx.facts.note(NoteCode::MalformedEvent, name.as_bytes()),
            },
            Input::TooLarge => cx.facts.note(NoteCode::EventTooLarge, b""),
        }
    }

    fn refused(&mut self, failure: envelope::Envelope, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        Self::fail(failure, writer, cx);
    }

    fn end(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if cx.facts.end.is_none() {
            self.over(false, writer, cx);
        }
        writer.end(cx);
    }
}

impl<L: MessageLog> MessagesReader<L> {
    pub(crate) fn new(options: &Options) -> Self
    where
        L: Default,
    {
        Self { log: L::new(options), ..Self::default() }
    }

    fn event(&mut self, event: &Event<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if self.is_started_again(event) {
            return cx.facts.note(NoteCode::UnknownEvent, b"a second content_block_start");
        }
        self.log.event(event);
        let opens = matches!(event.kind, EventKind::BlockStart | EventKind::BlockDelta);
        if opens && !std::mem::replace(&mut self.has_begun, true) {
            cx.facts.notes.push(NoteCode::Repaired, "message".to_owned(), super::MESSAGE_START.as_bytes());
        }
        match event.kind {
            EventKind::MessageStart => self.message_start(event, writer, cx),
            EventKind::BlockStart => self.block_start(event, writer, cx),
            EventKind::BlockDelta => self.block_delta(event, writer, cx),
            EventKind::BlockStop => self.block_stop(event, writer, cx),
            EventKind::MessageDelta => self.message_delta(event, cx),
            EventKind::MessageStop => self.over(true, writer, cx),
            EventKind::Message => self.message(event, writer, cx),
            EventKind::Ping => {}
            EventKind::Error => Self::fail(envelope::of_event(event.json, event.name), writer, cx),
            EventKind::Other => match envelope::failure_in(event.json) {
                Some(error) => Self::fail(error, writer, cx),
                None => cx.facts.note(NoteCode::UnknownEvent, event.name),
            },
        }
    }

    /// Whether this is the start of a block once more, and nothing came in between.
    fn is_started_again(&mut self, event: &Event<'_>) -> bool {
        if event.kind == EventKind::Ping {
            return false;
        }
        let block = event.block.filter(|_| event.kind == EventKind::BlockStart);
        let digest = |block: Value<'_>| Progress::of(Str::from_raw(block.raw()));
        let last = std::mem::replace(&mut self.last_start, event.index.zip(block.map(digest)));
        last.is_some() && last == self.last_start
    }

    /// After the end nothing can be added.
    fn late(event: &Event<'_>, cx: &mut Context<'_>) {
        if event.kind != EventKind::Ping {
            cx.facts.note(NoteCode::UnknownEvent, event.name);
        }
    }

    fn message_start(&mut self, event: &Event<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if std::mem::replace(&mut self.has_begun, true) {
            cx.facts.note(NoteCode::UnknownEvent, b"a second message_start");
        }
        let Some(message) = event.message else { return };
        self.learn(message, cx);
        for block in message.get("content").into_iter().flat_map(Value::elements) {
            self.whole_block(block, writer, cx);
        }
    }

    /// Records the members of a message.
    fn learn(&mut self, message: Value<'_>, cx: &mut Context<'_>) {
        let text = |key| message.get(key).and_then(Value::as_str).filter(|text| !text.is_blank());
        let usage = message.get("usage");
        let tier = usage.and_then(|usage| usage.get("service_tier")).and_then(Value::as_str);
        cx.facts.learn(text("id"), text("model"), None, tier.map(common_tier));
        self.count(message, usage, cx);
    }

    /// What `usage` counts, and what stands beside it.
    fn count(&mut self, members: Value<'_>, usage: Option<Value<'_>>, cx: &mut Context<'_>) {
        let transformations = members.get(Further::InputTransformations.name());
        cx.facts.learn_further(Further::InputTransformations, transformations);
        if let Some(usage) = usage.filter(|usage| usage.is_object()) {
            self.counts.read(usage);
            let tools = tool_usage(usage);
            cx.facts.learn_further(Further::ToolUsage, tools.as_deref().and_then(Value::document));
            cx.facts.set_usage(self.counts.usage());
        }
    }

    /// A body that is no stream: it ends once, and is never cut.
    fn message(&mut self, event: &Event<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if cx.facts.end.is_some() {
            return;
        }
        self.learn(event.json, cx);
        let own = with_blocks(event.json);
        let message = own.as_deref().and_then(Value::document).unwrap_or(event.json);
        for block in message.get("content").into_iter().flat_map(Value::elements) {
            self.whole_block(block, writer, cx);
        }
        self.ending.read(event.json, cx);
        self.over(true, writer, cx);
    }

    fn message_delta(&mut self, event: &Event<'_>, cx: &mut Context<'_>) {
        self.count(event.json, event.usage, cx);
        if let Some(delta) = event.delta {
            self.ending.read(delta, cx);
        }
    }

    fn block_delta(&mut self, event: &Event<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let Some(delta) = event.delta.and_then(Delta::parse) else {
            return cx.facts.note(NoteCode::MalformedEvent, event.name);
        };
        let Some(at) = self.block_of(event.index, &delta, cx) else { return };
        let Some(kind) = delta.kind else { return self.other_delta(at, &delta, writer, cx) };
        let mut buffer = Vec::new();
        let Some(piece) = delta.text(&mut buffer) else {
            return cx.facts.note(NoteCode::MalformedEvent, event.name);
        };
        if self.piece(at, kind, piece, writer, cx) {
            self.target = Some(Target { at, kind, index: event.index });
        }
    }

    /// A delta that brings no text.
    fn other_delta(&mut self, at: usize, delta: &Delta<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let is_late = self.blocks.is_done(at) && !writer.is_silent();
        let block = self.blocks.get_mut(at);
        if let Some(signature) = delta.signature {
            block.signature = Some(signature.raw().into()); // the last one counts
            if is_late {
                cx.facts.note(NoteCode::ReasoningDropped, b"signature");
            }
        } else if let Some(citation) = delta.citation {
            if is_late {
                cx.facts.note(NoteCode::AnnotationDropped, citations::kind(citation));
            } else if !self.blocks.cite(at, citation) {
                cx.facts.note(NoteCode::LimitExceeded, b"annotations");
            }
        } else if block.kind != BlockType::Hosted {
            cx.facts.note(NoteCode::UnknownEvent, delta.name.raw());
        }
    }

    /// A piece of a block; whether the next one can go the same way without being looked at.
    fn piece(
        &mut self,
        at: usize,
        kind: DeltaKind,
        piece: Str<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) -> bool {
        if kind == DeltaKind::Input {
            return self.input_piece(at, piece, writer, cx);
        }
        if !self.blocks.speaks(at) {
            if !self.blocks.hold(at, kind, piece) {
                cx.facts.note(NoteCode::LimitExceeded, b"held text");
            }
            return false;
        }
        self.pass(at, kind, piece, writer, cx)
    }

    /// Passes on a piece of text or thinking.
    fn pass(
        &mut self,
        at: usize,
        kind: DeltaKind,
        piece: Str<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) -> bool {
        if piece.is_empty() {
            return false;
        }
        match (kind, &mut self.blocks.get_mut(at).role) {
            (DeltaKind::Text, role) => {
                let is_text = *role == Role::Text;
                self.blocks.get_mut(at).start.get_or_insert(self.length);
                let begins = if self.has_text { Begins::Nothing } else { Begins::Item };
                self.has_text = true;
                self.length += piece.code_points();
                writer.text(TEXT, begins, piece, None, cx);
                is_text
            }
            (_, Role::Thinking(text)) => {
                let (text, block) = (*text, self.blocks.get_mut(at));
                let begins = if block.has_piece { Begins::Nothing } else { Begins::Item };
                block.has_piece = true;
                if self.blocks.is_first(at) && writer.shows_reasoning_items(cx.options) {
                    keep(&mut self.thought, piece);
                }
                writer.text(text, begins, piece, None, cx);
                true
            }
            _ => {
                cx.facts.note(NoteCode::MalformedEvent, b"thinking_delta");
                false
            }
        }
    }
}

impl BlockState {
    /// What a reader writes of a signature, sealed; `None` where there is nothing to seal.
    fn sealed(&self) -> Option<Vec<u8>> {
        let signature = self.signature.as_deref().filter(|signature| !signature.is_empty())?;
        Some(super::seal("signature", signature))
    }
}

/// Keeps a piece of a thought. What is over the limit is more than a writer takes.
fn keep(thought: &mut Vec<u8>, piece: Str<'_>) {
    if thought.len() <= MAX_HELD_BYTES {
        thought.extend_from_slice(piece.raw());
    }
}
