//! Enters: one chunk at a time. Leaves: what a Responses client must be told of it. The one place that decides.

use super::calls::{CallRef, Calls};
use super::items::Items;
use super::options::ResponsesOptions;
use super::think::Think;
use crate::chat::{self, Choice, Chunk, Delta, Tone, ToolCall};
use crate::envelope::{self, Envelope};
use crate::json::{Str, Value, write};
use crate::limits::MAX_RESPONSE_BYTES;
use crate::outcome::{FinishReason, NoteCode, Notes, Status, Usage};
use crate::responses::{Event, Events, Head, Lane};
use crate::source::{Consumer, Input, Repeat};

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(super) options: ResponsesOptions,
    pub(super) events: Events,
    pub(super) served: Served,
    /// There once something was said; frozen, so that every event is of the same response.
    pub(super) head: Option<Head>,
    pub(super) items: Items,
    pub(super) calls: Calls,
    think: Think,
    pub(super) notes: Notes,
    pub(super) usage: Option<Usage>,
    /// What the upstream said of why it stopped; the response is over when its stream is.
    pub(super) finish: Option<FinishReason>,
    pub(super) end: Option<End>,
    pub(super) committed: bool,
    /// Which choice is the answer.
    choice: Option<u64>,
    pub(super) room: Room,
    /// Where the last chunk's text went, if it did nothing else.
    repeatable: Option<Spot>,
}

/// What the upstream calls itself and this completion; names are JSON string contents.
#[derive(Debug, Default)]
pub(super) struct Served {
    pub(super) id: Option<Box<[u8]>>,
    pub(super) model: Option<Box<[u8]>>,
    pub(super) created: Option<u64>,
    pub(super) service_tier: Option<Box<[u8]>>,
}

/// Bytes of the response so far.
#[derive(Debug, Default)]
pub(super) struct Room(usize);

impl Room {
    /// Room for more of the response; noted where there is none.
    #[inline]
    pub(super) fn take(&mut self, bytes: usize, notes: &mut Notes) -> bool {
        self.0 = self.0.saturating_add(bytes);
        let has_room = self.0 <= MAX_RESPONSE_BYTES;
        if !has_room {
            notes.push(NoteCode::LimitExceeded, String::new(), b"response");
        }
        has_room
    }
}

/// Where a piece was said.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Spot {
    Text(Lane),
    Call(CallRef),
}

/// Where the pieces of one chunk were said.
#[derive(Debug, Default)]
struct Spots {
    count: usize,
    last: Option<Spot>,
}

impl Spots {
    fn add(&mut self, spot: Option<Spot>) {
        self.count += usize::from(spot.is_some());
        self.last = spot.or(self.last);
    }
}

/// How the stream ended.
#[derive(Debug)]
pub(super) struct End {
    pub(super) status: Status,
    pub(super) finish_reason: Option<FinishReason>,
    pub(super) error: Option<Box<Envelope>>,
}

impl Consumer for State {
    type Place = Spot;

    fn place(&self) -> Option<Spot> {
        self.repeatable
    }

    fn varying<'a>(&self, event: &Event<'a>) -> Option<Value<'a>> {
        chat::only_text(event.json)
    }

    #[inline]
    fn again<'c>(&mut self, spot: Spot, repeats: impl Iterator<Item = Repeat<'c>>, out: &mut Vec<u8>) {
        let pieces = repeats.map(|repeat| repeat.text).filter(|text| !text.is_empty());
        match spot {
            Spot::Text(lane) => self.say_again(lane, pieces, out),
            Spot::Call(at) => pieces.for_each(|piece| self.call_piece(at, piece.as_str(), out)),
        }
    }

    fn input(&mut self, input: &Input<'_>, _: &[u8], out: &mut Vec<u8>) {
        self.repeatable = None;
        match input {
            _ if self.end.is_some() => {}
            Input::Event(event) => self.event(event, out),
            Input::Document(document) => self.document(*document, out),
            Input::Done => self.done(out),
            Input::Malformed(name) => {
                self.notes.push(NoteCode::MalformedEvent, String::new(), name.as_bytes());
            }
            Input::TooLarge => self.notes.push(NoteCode::EventTooLarge, String::new(), b""),
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        if self.end.is_none() {
            self.close(out);
        }
        if self.options.done_sentinel && !self.options.frames {
            out.extend_from_slice(b"data: [DONE]\n\n");
        }
    }
}

impl State {
    pub(super) fn new(options: ResponsesOptions) -> Self {
        let events = Events::new(options.framing());
        Self { options, events, ..Self::default() }
    }

    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        let chunk = Chunk::parse(event.json);
        let is_new = self.learn(&chunk);
        if chunk.is_error() || event.is_error() {
            return self.fail(envelope::of_json(event.json), out);
        }
        let mut choices = chunk.choices().peekable();
        let is_empty = choices.peek().is_none();
        if let Some(failure) = is_empty.then(|| envelope::failure_in(event.json)).flatten() {
            return self.fail(failure, out);
        }
        let usage = chunk.usage.and_then(chat::usage);
        self.usage = usage.or(self.usage);
        if chunk.choices.is_none() && usage.is_none() {
            let name =
                if event.name.is_empty() { chunk.object.map_or(&b""[..], Str::raw) } else { event.name };
            return self.notes.push(NoteCode::UnknownEvent, String::new(), name);
        }
        if is_empty && usage.is_some() && self.finish.is_some() {
            return self.close(out); // the last chunk there is
        }
        for choice in choices {
            self.choice(&choice, usage.is_none() && !is_new, out);
        }
    }

    /// A body that is no stream: a whole completion, or an error.
    fn document(&mut self, document: Value<'_>, out: &mut Vec<u8>) {
        let chunk = Chunk::parse(document);
        self.learn(&chunk);
        if let Some(failure) = envelope::failure_in(document) {
            return self.fail(failure, out);
        }
        if chunk.is_error() || chunk.choices.is_none() {
            return self.fail(envelope::of_json(document), out);
        }
        self.usage = chunk.usage.and_then(chat::usage);
        for choice in chunk.choices() {
            if self.is_ours(&choice) {
                self.message(&choice, out);
            }
        }
        self.close(out);
    }

    /// The first id, model and time count; the tier is the latest one, so an earlier chunk that came again could change it
    /// back: true where something was new.
    fn learn(&mut self, chunk: &Chunk<'_>) -> bool {
        let Self { served, notes, .. } = self;
        let mut is_new = false;
        let mut take = |slot: &mut Option<Box<[u8]>>, name: Option<Str<'_>>, member: &str| {
            let Some(name) = name else { return };
            if slot.as_deref() == Some(name.raw()) {
                return;
            }
            if chat::is_repeatable(name) {
                *slot = Some(name.raw().into());
                is_new = true;
            } else {
                notes.push(NoteCode::NameTooLong, member.to_owned(), b"");
            }
        };
        if served.id.is_none() {
            take(&mut served.id, chunk.id, "id");
        }
        if served.model.is_none() {
            take(&mut served.model, chunk.model, "model");
        }
        served.created = served.created.or(chunk.created);
        take(&mut served.service_tier, chunk.service_tier, "service_tier");
        is_new
    }

    /// A Responses client knows one answer: the first one seen.
    fn is_ours(&mut self, choice: &Choice<'_>) -> bool {
        let index = choice.index.unwrap_or_default();
        let is_ours = *self.choice.get_or_insert(index) == index;
        if !is_ours {
            self.notes.push(NoteCode::ChoiceDropped, "choices".to_owned(), b"");
        }
        is_ours
    }

    fn choice(&mut self, choice: &Choice<'_>, is_plain: bool, out: &mut Vec<u8>) {
        if !self.is_ours(choice) {
            return;
        }
        let said = choice.delta.unwrap_or_default();
        let spot = self.delta(&said, false, choice.logprobs, out);
        match choice.finish_reason {
            Some(reason) => self.finished(reason, out),
            None => self.repeatable = spot.filter(|_| is_plain && choice.logprobs.is_none()),
        }
    }

    fn message(&mut self, choice: &Choice<'_>, out: &mut Vec<u8>) {
        let said = choice.delta.unwrap_or_default();
        self.delta(&said, true, choice.logprobs, out);
        if let Some(reason) = choice.finish_reason {
            self.finished(reason, out);
        }
    }

    /// What a chunk or a message says; where, if that is one thing only.
    fn delta(
        &mut self,
        delta: &Delta<'_>,
        is_message: bool,
        logprobs: Option<Value<'_>>,
        out: &mut Vec<u8>,
    ) -> Option<Spot> {
        let (mut spots, calls) = (Spots::default(), self.calls.len());
        if let Some(reasoning) = delta.reasoning {
            chat::texts(reasoning, Tone::Thought, &mut |tone, text| {
                spots.add(self.text(tone, text, None, out));
            });
        }
        let mut tokens = logprobs;
        if let Some(content) = delta.content {
            chat::texts(content, Tone::Said, &mut |tone, text| {
                let tokens = if tone == Tone::Said { tokens.take() } else { None };
                spots.add(self.text(tone, text, tokens, out));
            });
        }
        if let Some(refusal) = delta.refusal {
            chat::texts(refusal, Tone::Said, &mut |_, text| {
                self.say(Lane::Refusal, text, None, out);
                spots.add((!text.is_empty()).then_some(Spot::Text(Lane::Refusal)));
            });
        }
        for call in delta.calls(is_message) {
            spots.add(self.call(&call, out).map(Spot::Call));
        }
        let others = [delta.images, delta.annotations];
        delta.images.into_iter().flat_map(Value::elements).for_each(|image| self.image(image, out));
        delta.annotations.into_iter().flat_map(Value::elements).for_each(|own| self.annotation(own, out));
        let is_one = spots.count == 1 && calls == self.calls.len() && others.iter().all(Option::is_none);
        spots.last.filter(|_| is_one && !self.options.think_tags)
    }

    /// A piece of content or of reasoning; `None` where it says nothing.
    fn text(
        &mut self,
        tone: Tone,
        text: Str<'_>,
        logprobs: Option<Value<'_>>,
        out: &mut Vec<u8>,
    ) -> Option<Spot> {
        if text.is_empty() && logprobs.is_none() {
            return None;
        }
        if tone == Tone::Said && self.options.think_tags {
            self.think_piece(Some(text), out);
            return None;
        }
        let lane = match tone {
            Tone::Said => Lane::Text,
            Tone::Thought => self.options.reasoning.lane()?,
        };
        self.say(lane, text, logprobs, out);
        Some(Spot::Text(lane))
    }

    /// Content that may hold tags; `None` at its end.
    pub(super) fn think_piece(&mut self, text: Option<Str<'_>>, out: &mut Vec<u8>) {
        let mut think = std::mem::take(&mut self.think);
        let mut take = |tone: Tone, piece: &str| {
            let lane = match tone {
                Tone::Said => Some(Lane::Text),
                Tone::Thought => self.options.reasoning.lane(),
            };
            let mut raw = Vec::with_capacity(piece.len());
            write::escaped(&mut raw, piece);
            if let Some(lane) = lane {
                self.say(lane, Str::from_raw(&raw), None, out);
            }
        };
        match text {
            Some(text) => think.push(&text.decode(), &mut take),
            None => think.end(&mut take),
        }
        self.think = think;
    }

    pub(super) fn has_room(&mut self, bytes: usize) -> bool {
        self.room.take(bytes, &mut self.notes)
    }

    /// A piece of a call; which, if it does nothing but add to its arguments.
    fn call(&mut self, said: &ToolCall<'_>, out: &mut Vec<u8>) -> Option<CallRef> {
        let mut buffer = Vec::new();
        let piece = said.arguments.and_then(|own| own.as_text(&mut buffer)).unwrap_or(Str::from_raw(b""));
        let found = self.calls.find(said, piece.raw()).or_else(|| self.open_call(said, piece, out));
        let Some(at) = found else {
            self.notes.push(NoteCode::LimitExceeded, String::new(), b"calls");
            return None;
        };
        if !self.calls.learn(at, said) {
            self.notes.push(NoteCode::LimitExceeded, String::new(), b"calls");
        }
        self.announce(at, out);
        if !piece.is_empty() {
            self.call_piece(at, piece, out);
            self.announce(at, out); // one that was in doubt until something came
        }
        // Whose a piece with an id or a name is may depend on what it says.
        Some(at).filter(|_| said.id.is_none() && said.name.is_none() && !piece.is_empty())
    }
}
