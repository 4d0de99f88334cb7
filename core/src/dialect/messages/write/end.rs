//! The beginning and the end of an answer in Messages.
//!
//! Input: what is known of the answer, and how it ended. Output: `message_start` before anything else; the reason, the usage
//! and `message_stop`, or an error, or the whole Message.

use super::frames::Frames;
use super::message::Message;
use super::output::{Form, MessageOutput};
use super::{MessagesWriter, Source};
use crate::answer::{Context, Facts, Further, Stop};
use crate::dialect::messages::{MESSAGE, error, usage};
use crate::envelope::Envelope;
use crate::json::{Str, write};
use crate::options::Options;
use crate::outcome::{CACHE_WRITE_TTL, FinishReason, MEDIA, MediaTokens, NoteCode, Usage};

/// Members on an end that has not come.
const NO_REASON: &[u8] = b"\"stop_reason\":null,\"stop_sequence\":null,\"stop_details\":null";

impl MessagesWriter {
    /// What is written on; its first use writes `message_start`.
    pub(super) fn output(&mut self, cx: &mut Context<'_>) -> &mut MessageOutput {
        let is_whole = self.is_whole;
        self.output.get_or_insert_with(|| {
            let head = head(cx.options, cx.facts);
            if is_whole {
                let message = Box::new(Message::new(cx.options.max_response_bytes));
                return Box::new(MessageOutput::new(Form::Body(message), head));
            }
            let mut message = [b"{", &head[..], b",\"content\":[],", NO_REASON].concat();
            message.extend_from_slice(b",\"container\":null,\"usage\":{\"input_tokens\":");
            write::number(&mut message, cx.options.input_tokens);
            message.extend_from_slice(b",\"output_tokens\":0}}");
            Frames::message_start(cx.out, &message);
            Box::new(MessageOutput::new(Form::Stream(Frames::default()), head))
        })
    }

    /// The id of the message, once something was written.
    pub(super) fn message_id(&self) -> Option<String> {
        let head = &self.output.as_ref()?.head;
        let id = head.strip_prefix(b"\"id\":\"")?;
        let end = id.windows(2).position(|bytes| bytes == b"\",")?;
        Some(Str::from_raw(&id[..end]).decode())
    }

    pub(super) fn finished(&mut self, reason: FinishReason, cx: &mut Context<'_>) {
        if !matches!(reason, FinishReason::Length | FinishReason::ContentFilter) {
            self.close_doubtful(cx);
        }
        self.flush(cx);
        self.note_waiting_citations(cx);
        let reason = self.reason(reason, cx.facts);
        let zeros = cx.options.usage_zeros.then(Usage::default);
        let usage = cx.facts.usage().or(zeros);
        if usage.is_none() {
            cx.facts.notes.push(NoteCode::UsageMissing, "usage".to_owned(), b"");
        }
        note_dropped(usage.as_ref(), cx);
        let searches = self.counted_searches(cx);
        let output = self.output(cx);
        let mut counts = Vec::new();
        let Some(body) = output.body() else {
            usage::write_known(&mut counts, usage.as_ref(), searches);
            return Frames::finish(cx.out, &reason.members(false), &counts);
        };
        usage::write_whole(&mut counts, usage.as_ref(), searches, cx.facts.upstream.service_tier.as_deref());
        let left = body.finish(cx.out, &output.head, &reason.members(true), &counts);
        if body.is_full() {
            cx.facts.note(NoteCode::LimitExceeded, b"response");
        }
        if left.cut > 0 {
            cx.facts.note(NoteCode::ClientCallDropped, b"a call that was cut");
        }
        for name in left.malformed {
            cx.facts.note(NoteCode::ArgumentsMalformed, &name);
        }
    }

    /// How often the web was searched: by the upstream's count, else by what was shown. What else it counts is noted.
    fn counted_searches(&self, cx: &mut Context<'_>) -> u64 {
        let told = cx.facts.further(Further::ToolUsage).and_then(usage::searches);
        if !told.is_some_and(|(_, is_all)| is_all) {
            cx.facts.note_tool_usage();
        }
        told.map_or(self.searches, |(count, _)| count)
    }

    /// Closes what is over, and writes what still waits. A call that was cut stays open: clients run what is closed.
    fn flush(&mut self, cx: &mut Context<'_>) {
        while self.is_busy() && !self.waiting.is_empty() {
            self.open = None;
            self.advance(cx);
        }
        if !self.is_busy() {
            self.close(cx);
        }
    }

    /// Of an answer with a call that was cut, also where others are whole, its limit: SDKs keep what was not closed, and run
    /// all calls of `tool_use`. Claude Code runs those that were closed, whatever the reason.
    fn reason(&self, reason: FinishReason, facts: &Facts) -> Reason {
        let has_call = self.calls.iter().any(|call| call.is_over);
        let is_cut = self.calls.iter().any(|call| !call.is_over);
        match (reason, &facts.stop) {
            (FinishReason::ContentFilter, _) => Reason::Refusal,
            (FinishReason::Length, Some(Stop::ContextWindow)) if !has_call || is_cut => Reason::ContextWindow,
            (FinishReason::Length, _) if !has_call || is_cut => Reason::MaxTokens,
            _ if has_call => Reason::ToolUse,
            (_, Some(Stop::Sequence(text))) => Reason::StopSequence(text.to_vec()),
            (_, Some(Stop::Pause)) => Reason::PauseTurn,
            _ if self.has_refusal => Reason::Refusal,
            _ => Reason::EndTurn,
        }
    }

    /// Text is kept by closing it. A call or thinking stays open: what is closed counts as whole.
    pub(super) fn failed(&mut self, failure: &Envelope, cx: &mut Context<'_>) {
        if self.is_whole {
            cx.out.extend_from_slice(&error::error_body(failure, None));
            return;
        }
        if self.open.as_ref().is_some_and(|open| matches!(open.source, Source::Text(..))) {
            self.close(cx);
        }
        error::event(cx.out, failure, !self.has_closed);
    }

    /// The text of a block, or the arguments of a call, are others than were written.
    pub(super) fn replace(&mut self, source: Source, whole: &[u8]) {
        let Some(output) = &mut self.output else { return };
        let mut places = self.places.iter().filter(|(own, _)| *own == source).map(|(_, at)| *at);
        if let Some(first) = places.next() {
            output.replace(first, whole);
            places.for_each(|at| output.replace(at, b""));
        }
    }
}

/// `stop_reason`
#[derive(Debug, Clone)]
enum Reason {
    EndTurn,
    ToolUse,
    MaxTokens,
    ContextWindow,
    Refusal,
    PauseTurn,
    /// JSON string contents.
    StopSequence(Vec<u8>),
}

impl Reason {
    const fn as_str(&self) -> &'static str {
        match self {
            Self::EndTurn => "end_turn",
            Self::ToolUse => "tool_use",
            Self::MaxTokens => "max_tokens",
            Self::ContextWindow => "model_context_window_exceeded",
            Self::Refusal => "refusal",
            Self::PauseTurn => "pause_turn",
            Self::StopSequence(_) => "stop_sequence",
        }
    }

    /// `is_whole`: with every member that a body must have.
    fn members(&self, is_whole: bool) -> Vec<u8> {
        let mut out = [b"\"stop_reason\":\"", self.as_str().as_bytes(), b"\",\"stop_sequence\":"].concat();
        match self {
            Self::StopSequence(text) => write::pieces(&mut out, [b"\"", text, b"\""]),
            _ => out.extend_from_slice(b"null"),
        }
        match self {
            Self::Refusal => out.extend_from_slice(
                b",\"stop_details\":{\"type\":\"refusal\",\"category\":null,\"explanation\":null}",
            ),
            _ if is_whole => out.extend_from_slice(b",\"stop_details\":null"),
            _ => {}
        }
        out
    }
}

/// Counts that Messages has no place for.
fn note_dropped(usage: Option<&Usage>, cx: &mut Context<'_>) {
    let has = |is_there: fn(&Usage) -> bool| usage.is_some_and(is_there);
    let counts = [
        (has(|usage| usage.cache_writes()[0] != [None; 2]), CACHE_WRITE_TTL),
        (has(|usage| usage.media != MediaTokens::default()), MEDIA[0]),
    ];
    for (_, name) in counts.into_iter().filter(|(is_there, _)| *is_there) {
        cx.facts.notes.push(NoteCode::UsageDropped, "usage".to_owned(), name.as_bytes());
    }
}

fn head(options: &Options, facts: &Facts) -> Vec<u8> {
    let id = match &options.id {
        Some(id) => write::contents(id),
        None => [b"msg_", base(options, facts)].concat(),
    };
    let model = options.model_of_answer(facts.upstream.model.as_deref());
    let mut out =
        [b"\"id\":\"", &id[..], b"\",\"type\":\"", MESSAGE.as_bytes(), b"\",\"role\":\"assistant\""].concat();
    write::pieces(&mut out, [b",\"model\":\"", &model, b"\""]);
    out
}

/// What makes the ids of this answer its own: an id without its prefixes.
pub(super) fn base<'a>(options: &'a Options, facts: &'a Facts) -> &'a [u8] {
    let mut own = id_of_answer(options, facts);
    while let Some(rest) = without_prefix(own) {
        own = rest;
    }
    own
}

/// The id of a call that has none: the one that a Response has for it, of which a Message is made.
pub(super) fn made_up_call_id(nth: usize, cx: &Context<'_>) -> Vec<u8> {
    let own = id_of_answer(cx.options, cx.facts);
    [b"call_", without_prefix(own).unwrap_or(own), b"_", nth.to_string().as_bytes()].concat()
}

fn id_of_answer<'a>(options: &'a Options, facts: &'a Facts) -> &'a [u8] {
    options.id.as_deref().map(str::as_bytes).or(facts.upstream.id.as_deref()).unwrap_or(b"unknown")
}

fn without_prefix(id: &[u8]) -> Option<&[u8]> {
    [&b"resp_"[..], b"chatcmpl-", b"msg_"].iter().find_map(|prefix| id.strip_prefix(*prefix))
}
