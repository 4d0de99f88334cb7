//! The chat reader: decides what an answer consists of, from chunks, or from one chat.completion.
//!
//! Input: one chunk at a time. Output: calls of a [`Writer`]. State: calls, digests of the texts, opaque state.

mod call_assignment;
mod calls;
mod citations;
mod end;
mod nesting;
mod state;
mod texts;
mod think_tags;
mod thoughts;

use super::chunk::{Choice, Chunk, Delta, is_placeholder};
use crate::answer::{Context, RunWriter, TextKind, TextRef, Writer, usage};
use crate::envelope;
use crate::input::{Event as _, Input, RepeatedDelta};
use crate::json::{Progress, Str, Value};
use crate::limits::MAX_CITATIONS;
use crate::options::{Options, ThinkTags as ThinkTagsOption};
use crate::outcome::{FinishReason, NoteCode};
use crate::translation::Reader;
use call_assignment::{CallRef, Calls};
use state::MessageState;
use std::collections::HashSet;
use think_tags::ThinkTags;
use thoughts::Thoughts;

#[derive(Debug, Clone, Default)]
pub(crate) struct ChatReader {
    calls: Calls,
    started: usize,
    /// What came of each text, by its part.
    said: [Progress; 3],
    /// Whether anything of it was passed on.
    has_begun: [bool; 3],
    has_image: bool,
    has_logprobs: bool,
    think_tags: ThinkTags,
    thoughts: Thoughts,
    state: MessageState,
    /// Pages that the answer cites, and its citations.
    cited: HashSet<Box<[u8]>>,
    /// Images of the answer.
    images: HashSet<Progress>,
    /// The last finish reason; the answer is over when its stream is.
    finish: Option<Finish>,
    /// Which choice is the answer.
    choice: Option<u64>,
    /// A call in another one.
    has_lost_call: bool,
    target: Option<Target>,
}

/// Why the upstream stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finish {
    Known(FinishReason),
    Unknown,
}

/// Where a piece went.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    Text(TextRef),
    Call(CallRef),
}

/// Where the pieces of one chunk went.
#[derive(Debug, Clone, Default)]
struct Targets {
    count: usize,
    last: Option<Target>,
}

impl Targets {
    fn add(&mut self, target: Option<Target>) {
        self.count += usize::from(target.is_some());
        self.last = target.or(self.last);
    }
}

/// The texts of chat are one answer: one item.
const fn text_ref(kind: TextKind) -> TextRef {
    let part = match kind {
        TextKind::Text => 0,
        TextKind::Refusal => 1,
        TextKind::Summary | TextKind::Reasoning => 2,
    };
    TextRef::new(0, part, kind)
}

impl Reader for ChatReader {
    type Event<'a> = Chunk<'a>;
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
        let pieces = repeats.map(|repeat| repeat.text).filter(|text| !text.is_empty());
        match target {
            Target::Text(text) => self.texts(text, pieces, writer, cx),
            Target::Call(at) => pieces.for_each(|piece| self.call_text(at, &piece, writer, cx)),
        }
    }

    fn input(&mut self, input: &Input<'_, Chunk<'_>>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        self.target = None;
        match input {
            Input::Event(chunk) if cx.facts.end.is_some() => Self::late(chunk, cx),
            _ if cx.facts.end.is_some() => {}
            Input::Event(chunk) => self.chunk(chunk, writer, cx),
            Input::Document(chunk) => self.document(chunk, writer, cx),
            Input::Done => self.done(writer, cx),
            Input::Malformed { data, name } => match envelope::of_malformed(data, name) {
                Some(error) => Self::fail(error, writer, cx),
                None => cx.facts.note(NoteCode::MalformedEvent, name.as_bytes()),
            },
            Input::Page(body) => Self::fail(envelope::of_page(body), writer, cx),
            Input::TooLarge => cx.facts.note(NoteCode::EventTooLarge, b""),
        }
    }

    fn refused(&mut self, failure: envelope::Envelope, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        Self::fail(failure, writer, cx);
    }

    fn end(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        self.over(writer, cx);
    }
}

impl ChatReader {
    pub(crate) fn new(options: &Options) -> Self {
        let is_open = options.think_tags == ThinkTagsOption::Open;
        Self { think_tags: ThinkTags::new(is_open), ..Self::default() }
    }

    fn chunk(&mut self, chunk: &Chunk<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let is_new = Self::learn(chunk, cx);
        let (error, usage) = (failure(chunk), chunk.usage().and_then(usage::read));
        if let Some(usage) = usage {
            let earlier = cx.facts.usage();
            cx.facts.set_usage(Some(earlier.map_or(usage, |earlier| usage.after(&earlier))));
        }
        self.cite_pages(&chunk.pages, writer, cx);
        if let Some(error) = error {
            for choice in chunk.choices() {
                if self.is_ours(&choice, cx) {
                    self.choice(&choice, chunk.is_whole(), writer, cx);
                }
            }
            return Self::fail(error, writer, cx);
        }
        if chunk.choices.is_none() && usage.is_none() {
            return cx.facts.note(NoteCode::UnknownEvent, chunk.name());
        }
        let is_plain = usage.is_none() && !is_new && chunk.pages == [None; 2] && !chunk.has_several_choices();
        for choice in chunk.choices() {
            if self.goes_on(&choice, cx) {
                self.target = self.choice(&choice, chunk.is_whole(), writer, cx).filter(|_| is_plain);
                self.cite_pages(&choice.pages, writer, cx);
                self.reason(&choice, writer, cx);
            }
        }
    }

    /// After the end: a further chunk may still know the usage.
    fn late(chunk: &Chunk<'_>, cx: &mut Context<'_>) {
        let usage = cx.facts.usage().or_else(|| chunk.usage().and_then(usage::read));
        cx.facts.set_usage(usage);
    }

    /// A body that is no stream: a whole completion, or an error. It ends once, and is never cut.
    fn document(&mut self, chunk: &Chunk<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        Self::learn(chunk, cx);
        let error =
            failure(chunk).or_else(|| chunk.choices.is_none().then(|| envelope::of_json(chunk.json())));
        cx.facts.set_usage(chunk.usage().and_then(usage::read));
        self.cite_pages(&chunk.pages, writer, cx);
        for choice in chunk.choices() {
            if self.goes_on(&choice, cx) {
                self.message(&choice.answer(), choice.logprobs, writer, cx);
                self.cite_pages(&choice.pages, writer, cx);
                if error.is_none() {
                    self.reason(&choice, writer, cx);
                }
            }
        }
        match error {
            Some(error) => Self::fail(error, writer, cx),
            None if cx.facts.end.is_some() => {}
            None => self.document_end(chunk, writer, cx),
        }
    }

    /// The end of a completion whose reason is no failure.
    fn document_end(&mut self, chunk: &Chunk<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        self.finish.get_or_insert(Finish::Unknown);
        if self.is_unsure() {
            let reason = chunk.choices().find_map(|choice| choice.finish_reason);
            let word = reason.map_or("null".to_owned(), Str::decode);
            return Self::fail(envelope::of_finish_reason(&word), writer, cx);
        }
        self.close(writer, cx);
    }

    /// True where something was new, so that a chunk is no template for those that repeat.
    fn learn(chunk: &Chunk<'_>, cx: &mut Context<'_>) -> bool {
        let is_wanted = cx.facts.upstream.id.is_none();
        let id = chunk.id.filter(|id| is_wanted && !is_placeholder(*id));
        cx.facts.learn(id, chunk.model, chunk.created, chunk.service_tier)
    }

    /// Nothing follows the end: a choice that comes twice in a chunk may fail in both places.
    fn goes_on(&mut self, choice: &Choice<'_>, cx: &mut Context<'_>) -> bool {
        cx.facts.end.is_none() && self.is_ours(choice, cx)
    }

    /// Other clients than chat ones know one answer: the first one seen.
    fn is_ours(&mut self, choice: &Choice<'_>, cx: &mut Context<'_>) -> bool {
        let index = choice.index.unwrap_or_default();
        let is_ours = *self.choice.get_or_insert(index) == index;
        if !is_ours {
            self.has_lost_call |= choice.answer().calls().next().is_some();
            cx.facts.notes.push(NoteCode::ChoiceDropped, "choices".to_owned(), b"");
        }
        is_ours
    }

    /// In a chunk the delta counts. A message there, beside an empty delta or in a whole completion, adds only what is missing;
    /// beside others, calls. Gives where the next one may go without being looked at.
    fn choice(
        &mut self,
        choice: &Choice<'_>,
        is_whole: bool,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) -> Option<Target> {
        let delta = choice.piece();
        let mut target = None;
        match choice.message {
            Some(message) if is_whole || delta.is_empty() => {
                self.message(&message, choice.logprobs, writer, cx);
            }
            Some(message) if message.calls().next().is_some() && delta.calls().next().is_none() => {
                self.delta(&delta, choice.logprobs, writer, cx);
                self.whole_calls(&message, writer, cx);
            }
            _ => target = self.delta(&delta, choice.logprobs, writer, cx),
        }
        let is_plain = choice.finish_reason.is_none() && choice.error.is_none() && choice.logprobs.is_none();
        target.filter(|_| is_plain)
    }

    /// Why the upstream stopped, or failed.
    fn reason(&mut self, choice: &Choice<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if let Some(error) = choice.error {
            Self::fail(envelope::of_error(error), writer, cx);
        } else if let Some(reason) = choice.finish_reason {
            self.finished(reason, writer, cx);
            self.stopped(choice.stop_sequence, cx);
        }
    }

    /// Reads a chunk; gives where its text went, if it went to one place only.
    fn delta(
        &mut self,
        delta: &Delta<'_>,
        logprobs: Option<Value<'_>>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) -> Option<Target> {
        let (mut targets, calls) = (Targets::default(), self.calls.len());
        self.gather(delta, false, cx);
        if let Some(reasoning) = delta.reasoning {
            self.pieces(reasoning, TextKind::Reasoning, None, &mut targets, writer, cx);
        }
        let content = delta.text();
        if let Some(content) = content.filter(|_| self.thoughts.concerns(delta.is_thought)) {
            for (kind, own) in self.thoughts.split(content, delta.is_thought) {
                let logprobs = logprobs.filter(|_| kind == TextKind::Text && own != b"\"\"");
                self.pieces(Value::of_valid(&own), kind, logprobs, &mut targets, writer, cx);
            }
        } else if let Some(content) = content {
            self.pieces(content, TextKind::Text, logprobs, &mut targets, writer, cx);
        } else if logprobs.is_some() {
            self.late_logprobs(logprobs, writer, cx);
        }
        if let Some(refusal) = delta.refusal {
            self.pieces(refusal, TextKind::Refusal, None, &mut targets, writer, cx);
        }
        self.citations(delta, writer, cx);
        Self::executed(delta, writer, cx);
        for call in delta.calls() {
            targets.add(self.call(&call, calls, writer, cx).map(Target::Call));
        }
        self.images(delta, false, writer, cx);
        let others = [delta.images, delta.annotations, delta.audio, delta.executed_tools];
        let has_others = others.iter().any(Option::is_some)
            || delta.is_thought
            || delta.pages != [None; 2]
            || delta.state.iter().any(Option::is_some);
        let is_one = targets.count == 1 && calls == self.calls.len() && !has_others;
        targets.last.filter(|_| is_one && cx.options.think_tags == ThinkTagsOption::Off)
    }

    /// A whole message: what of it did not come yet.
    fn message(
        &mut self,
        message: &Delta<'_>,
        logprobs: Option<Value<'_>>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        self.pass_state(writer, cx);
        self.gather(message, true, cx);
        let split = message.text().filter(|_| message.is_thought).map(|own| self.thoughts.split(own, true));
        let (thought, text) = match &split {
            Some([thought, text]) => (Some(Value::of_valid(&thought.1)), Some(Value::of_valid(&text.1))),
            None => (None, message.text()),
        };
        let texts = [
            (message.reasoning.or(thought), TextKind::Reasoning, None),
            (text, TextKind::Text, logprobs),
            (message.refusal, TextKind::Refusal, None),
        ];
        for (value, kind, logprobs) in texts {
            if let Some(value) = value {
                self.whole(value, kind, logprobs, writer, cx);
            }
        }
        self.citations(message, writer, cx);
        Self::executed(message, writer, cx);
        self.whole_calls(message, writer, cx);
        self.images(message, true, writer, cx);
    }

    /// What ran on the server.
    fn executed(delta: &Delta<'_>, writer: &dyn Writer, cx: &mut Context<'_>) {
        let tools = delta.executed_tools.filter(|_| !writer.is_silent());
        for tool in tools.into_iter().flat_map(Value::elements) {
            let name = tool.get("type").and_then(Value::as_str);
            cx.facts.note(NoteCode::HostedCall, name.map_or(b"", Str::raw));
        }
    }

    /// Opaque state, to be passed on before what follows it. `is_whole`: of a message, that may say it again.
    fn gather(&mut self, delta: &Delta<'_>, is_whole: bool, cx: &mut Context<'_>) {
        if !self.state.add(&delta.state, is_whole) {
            cx.facts.note(NoteCode::LimitExceeded, b"opaque state");
        }
    }

    /// Whether a page or citation is new, and there is room for it.
    fn is_new_citation(&mut self, key: &[u8]) -> bool {
        self.cited.len() < MAX_CITATIONS && self.cited.insert(key.into())
    }
}

/// A failure in the place of a chunk or completion.
fn failure(chunk: &Chunk<'_>) -> Option<envelope::Envelope> {
    if chunk.is_error() {
        return Some(chunk.failure());
    }
    if let Some(error) = chunk.break_off {
        return Some(envelope::of_error(error));
    }
    if chunk.has_choice() {
        return None;
    }
    envelope::failure_in(chunk.json())
}
