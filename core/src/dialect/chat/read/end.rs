//! How a chat answer ends: the reason it gives, a failure, or the end of its bytes.
//!
//! Input: finish reasons in every spelling, `[DONE]`, errors. Output: the end of every call, and exactly one end. The last
//! reason counts. An answer that ends in the middle of a call is no complete one, whatever its reason.

use super::{ChatReader, Finish, text_ref};
use crate::answer::finish_words::{Meaning, meaning};
use crate::answer::{Context, End, Stop, TextKind, Writer};
use crate::envelope::{self, Envelope};
use crate::json::Str;
use crate::options::ThinkTags;
use crate::outcome::{FinishReason, MadeFailure, NoteCode, Status};

impl ChatReader {
    /// The upstream gave its finish reason. Its usage may still come, so the answer goes on until its stream ends.
    pub(super) fn finished(&mut self, reason: Str<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let word = reason.decode();
        cx.facts.stop = is_of_context(&word).then_some(Stop::ContextWindow);
        self.finish = Some(match meaning(&word) {
            Some(Meaning::Failure) => {
                return Self::fail(envelope::of_finish_reason(&word.to_ascii_lowercase()), writer, cx);
            }
            Some(Meaning::Nothing) => return,
            Some(Meaning::Reason(reason)) => Finish::Known(reason),
            None => {
                cx.facts.notes.push(NoteCode::FinishReasonUnknown, "finish_reason".to_owned(), reason.raw());
                Finish::Unknown
            }
        });
        self.settle(false, writer, cx);
    }

    /// The stop sequence that the server names; some give another reason in its place.
    pub(super) fn stopped(&self, sequence: Option<Str<'_>>, cx: &mut Context<'_>) {
        let is_stop = self.finish == Some(Finish::Known(FinishReason::Stop));
        if let Some(text) = sequence.filter(|text| is_stop && meaning(&text.decode()).is_none()) {
            cx.facts.stop = Some(Stop::Sequence(text.raw().into()));
        }
    }

    /// Ends every call that nothing can follow: some servers give a reason with every chunk. At the end of the answer the
    /// others are over too, unless it was cut, and so are the texts: until then they may be cited.
    fn settle(&mut self, is_end: bool, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let is_cut = matches!(self.finish, Some(Finish::Known(reason)) if is_cut(reason));
        if cx.options.think_tags != ThinkTags::Off {
            self.tagged(None, writer, cx);
        }
        self.pass_state(writer, cx);
        if is_end {
            writer.settle(is_cut, cx);
        }
        for at in 0..self.calls.len() {
            let call = self.calls.get(at);
            let is_over = call.is_complete() && !call.is_placeholder && call.name.is_some();
            if is_over || is_end && (call.is_complete() || !is_cut) {
                self.end_call(at, writer, cx);
            }
        }
    }

    /// `[DONE]`
    pub(super) fn done(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if cx.options.done_is_complete && self.finish.is_none() {
            self.finish = Some(Finish::Unknown);
        }
        self.close(writer, cx);
    }

    /// Whether nobody knows why the answer ended, and a call of it is cut.
    pub(super) fn is_unsure(&self) -> bool {
        let is_unknown = self.finish == Some(Finish::Unknown);
        is_unknown && self.calls.iter().any(|call| call.is_cut() && !call.is_closed)
    }

    /// Nothing more comes.
    pub(super) fn close(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let Some(finish) = self.finish.filter(|_| !self.is_unsure()) else { return Self::cut(writer, cx) };
        self.settle(true, writer, cx);
        let has_lost_calls = self.calls.len() > 0 || (self.has_lost_call && !writer.is_silent());
        if has_lost_calls && self.started == 0 && finish == Finish::Known(FinishReason::ToolCalls) {
            return Self::fail(envelope::made(MadeFailure::NoUsableCall), writer, cx);
        }
        let reason = match finish {
            Finish::Known(reason) if is_cut(reason) => reason,
            _ if self.started > 0 => FinishReason::ToolCalls,
            _ => FinishReason::Stop,
        };
        if let Some(error) = writer.lacks(reason, cx) {
            return Self::fail(error, writer, cx);
        }
        writer.finish(reason, cx);
        let status = if is_cut(reason) { Status::Incomplete } else { Status::Completed };
        cx.facts.finish(status, reason, self.has_answer());
    }

    /// Whether there is more than reasoning.
    fn has_answer(&self) -> bool {
        let has_begun = |kind| self.has_begun[text_ref(kind).part()];
        self.started > 0 || self.has_image || has_begun(TextKind::Text) || has_begun(TextKind::Refusal)
    }

    /// The answer ended without its end.
    fn cut(writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let is_too_large = cx.facts.notes.contains(NoteCode::EventTooLarge);
        Self::end_with(Status::Truncated, envelope::cut(is_too_large), writer, cx);
    }

    /// The upstream reported a failure: nothing is ended but the answer.
    pub(super) fn fail(error: Envelope, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        Self::end_with(Status::Failed, error, writer, cx);
    }

    fn end_with(status: Status, error: Envelope, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let error = error.in_words_of(&cx.options.messages);
        writer.fail(&error, cx);
        cx.facts.end = Some(End { status, finish_reason: None, error: Some(Box::new(error)) });
    }

    /// The upstream's bytes are over.
    pub(super) fn over(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if cx.facts.end.is_none() {
            self.close(writer, cx);
        }
        writer.end(cx);
    }
}

/// Whether a finish reason is that of a full context window.
fn is_of_context(word: &str) -> bool {
    word.to_ascii_lowercase().replace(['_', '-', ' '], "").contains("contextwindow")
}

fn is_cut(reason: FinishReason) -> bool {
    matches!(reason, FinishReason::Length | FinishReason::ContentFilter)
}
