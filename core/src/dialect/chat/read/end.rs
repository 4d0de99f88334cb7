//! How a chat answer ends: the reason it gives, a failure, or the end of its bytes.
//!
//! Input: finish reasons in every spelling, `[DONE]`, errors. Output: the end of every call, and exactly one end. The last
//! reason counts. An answer that ends in the middle of a call is no complete one, whatever it says.

use super::{ChatReader, Finish};
use crate::answer::{Context, End, Writer};
use crate::envelope::{self, Envelope};
use crate::json::Str;
use crate::options::ThinkTags;
use crate::outcome::{FinishReason, NoteCode, Status};

/// Finish reasons, in lower case, as servers spell them.
const REASONS: &[(&str, FinishReason)] = &[
    ("stop", FinishReason::Stop),
    ("eos", FinishReason::Stop),
    ("eos_token", FinishReason::Stop),
    ("end_turn", FinishReason::Stop),
    ("stop_sequence", FinishReason::Stop),
    ("completed", FinishReason::Stop),
    ("tool_calls", FinishReason::ToolCalls),
    ("tool_call", FinishReason::ToolCalls),
    ("function_call", FinishReason::ToolCalls),
    ("tool_use", FinishReason::ToolCalls),
    ("length", FinishReason::Length),
    ("max_tokens", FinishReason::Length),
    ("max_output_tokens", FinishReason::Length),
    ("max_length", FinishReason::Length),
    ("model_length", FinishReason::Length),
    ("token_limit", FinishReason::Length),
    ("model_context_window_exceeded", FinishReason::Length),
    ("context_window_exceeded", FinishReason::Length),
    ("context_length_exceeded", FinishReason::Length),
    ("content_filter", FinishReason::ContentFilter),
    ("content-filter", FinishReason::ContentFilter),
    ("content_filtered", FinishReason::ContentFilter),
    ("sensitive", FinishReason::ContentFilter),
    ("safety", FinishReason::ContentFilter),
    ("image_safety", FinishReason::ContentFilter),
    ("prohibited_content", FinishReason::ContentFilter),
    ("blocklist", FinishReason::ContentFilter),
    ("recitation", FinishReason::ContentFilter),
    ("spii", FinishReason::ContentFilter),
    ("refusal", FinishReason::ContentFilter),
    ("guardrail_intervened", FinishReason::ContentFilter),
];

/// Reasons that tell of a failure.
const FAILURES: &[&str] = &[
    "error",
    "network_error",
    "server_error",
    "internal_error",
    "insufficient_system_resource",
    "malformed_function_call",
    "timeout",
    "failed",
];

impl ChatReader {
    /// The upstream said why it stops. Its usage may still come, so the answer goes on until its stream ends.
    pub(super) fn finished(&mut self, reason: Str<'_>, writer: &mut impl Writer, cx: &mut Context<'_>) {
        let word = reason.decode().to_ascii_lowercase();
        if FAILURES.contains(&&*word) {
            return self.fail(envelope::of_finish_reason(&word), writer, cx);
        }
        let known = REASONS.iter().find(|(name, _)| *name == word).map(|(_, reason)| *reason);
        if known.is_none() {
            cx.facts.notes.push(NoteCode::FinishReasonUnknown, "finish_reason".to_owned(), reason.raw());
        }
        self.finish = Some(known.map_or(Finish::Unknown, Finish::Known));
        self.settle(false, writer, cx);
    }

    /// Ends the texts, and every call that can be over: a call in the middle of its arguments is not, so that no client runs
    /// it. At the end of the answer the others are over too, unless it was cut.
    fn settle(&mut self, is_end: bool, writer: &mut impl Writer, cx: &mut Context<'_>) {
        let is_cut = matches!(self.finish, Some(Finish::Known(reason)) if is_cut(reason));
        if cx.options.think_tags != ThinkTags::Off {
            self.tagged(None, writer, cx);
        }
        self.pass_state(writer, cx);
        writer.settle(is_cut, cx);
        for at in 0..self.calls.len() {
            let call = self.calls.get(at);
            let is_whole = call.is_complete() || (!is_cut && (is_end || !call.is_cut()));
            if is_whole && (is_end || call.name.is_some()) {
                self.end_call(at, writer, cx);
            }
        }
    }

    /// `[DONE]`
    pub(super) fn done(&mut self, writer: &mut impl Writer, cx: &mut Context<'_>) {
        if cx.options.done_is_complete && self.finish.is_none() {
            self.finish = Some(Finish::Unknown);
        }
        self.close(writer, cx);
    }

    /// Nothing more comes.
    pub(super) fn close(&mut self, writer: &mut impl Writer, cx: &mut Context<'_>) {
        let Some(finish) = self.finish else { return self.cut(writer, cx) };
        let is_unsure = finish == Finish::Unknown;
        if is_unsure && self.calls.iter().any(|call| call.is_cut() && !call.is_closed) {
            return self.cut(writer, cx);
        }
        self.settle(true, writer, cx);
        let has_named_calls =
            matches!(finish, Finish::Known(FinishReason::ToolCalls)) && self.calls.len() > 0;
        if has_named_calls && self.started == 0 {
            return self.fail(envelope::without_usable_call(), writer, cx);
        }
        let reason = match finish {
            Finish::Known(reason) if is_cut(reason) => reason,
            _ if self.started > 0 => FinishReason::ToolCalls,
            _ => FinishReason::Stop,
        };
        writer.finish(reason, cx);
        let status = if is_cut(reason) { Status::Incomplete } else { Status::Completed };
        cx.facts.end = Some(End { status, finish_reason: Some(reason), error: None });
    }

    /// The answer ended without its end.
    fn cut(&mut self, writer: &mut impl Writer, cx: &mut Context<'_>) {
        let is_too_large = cx.facts.notes.contains(NoteCode::EventTooLarge);
        self.end_with(Status::Truncated, envelope::cut(is_too_large), writer, cx);
    }

    /// The upstream reported a failure: nothing is ended but the answer.
    pub(super) fn fail(&mut self, error: Envelope, writer: &mut impl Writer, cx: &mut Context<'_>) {
        self.end_with(Status::Failed, error, writer, cx);
    }

    fn end_with(&mut self, status: Status, error: Envelope, writer: &mut impl Writer, cx: &mut Context<'_>) {
        writer.fail(&error, cx);
        cx.facts.end = Some(End { status, finish_reason: None, error: Some(Box::new(error)) });
    }

    /// The upstream's bytes are over.
    pub(super) fn over(&mut self, writer: &mut impl Writer, cx: &mut Context<'_>) {
        if cx.facts.end.is_none() {
            self.close(writer, cx);
        }
        writer.end(cx);
    }
}

fn is_cut(reason: FinishReason) -> bool {
    matches!(reason, FinishReason::Length | FinishReason::ContentFilter)
}
