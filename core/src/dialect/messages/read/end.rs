//! How a Messages answer ends: its reason, a failure, or the end of its bytes.
//!
//! Input: `stop_reason`, `message_stop`, errors. Output: the end of every block, and exactly one end. State: the reason. An
//! answer that has its reason is over, whether `message_stop` comes or not.

use super::{MessageLog, MessagesReader};
use crate::answer::finish_words::{Meaning, meaning};
use crate::answer::{Begins, Context, End, Stop, TextKind, TextRef, Writer};
use crate::envelope::{self, Envelope};
use crate::json::{Str, Value, write};
use crate::outcome::{FinishReason, NoteCode, Status};

#[derive(Debug, Clone, Default)]
pub(super) struct Ending {
    reason: Option<FinishReason>,
    /// A reason that is none but a failure.
    failure: Option<Box<Envelope>>,
    /// A `message_delta`, or a whole message, was there.
    is_there: bool,
    /// Why the server refused, in its words; JSON string contents.
    refusal: Option<Box<[u8]>>,
}

/// The turn goes on, where the client asks for it.
const PAUSES: [&str; 2] = ["pause_turn", "compaction"];

impl Ending {
    /// Members of a `message_delta`, or of a whole message.
    pub(super) fn read(&mut self, members: Value<'_>, cx: &mut Context<'_>) {
        self.is_there = true;
        let text = |key| members.get(key).and_then(Value::as_str);
        let explanation =
            members.get("stop_details").and_then(|details| details.get("explanation")?.as_str());
        self.refusal = explanation.map(|text| text.raw().into()).or(self.refusal.take());
        let Some(word) = text("stop_reason") else { return };
        self.reason = self.reason(&word.decode(), cx).or(self.reason);
        cx.facts.stop = match &*word.unescaped() {
            b"stop_sequence" => text("stop_sequence").map(|text| Stop::Sequence(text.raw().into())),
            b"model_context_window_exceeded" => Some(Stop::ContextWindow),
            b"pause_turn" => Some(Stop::Pause),
            _ => None,
        };
    }

    fn reason(&mut self, word: &str, cx: &mut Context<'_>) -> Option<FinishReason> {
        let mut note = |code| cx.facts.notes.push(code, "stop_reason".to_owned(), &write::contents(word));
        if PAUSES.contains(&word) {
            note(NoteCode::TurnPaused);
            return Some(FinishReason::Length);
        }
        match meaning(word) {
            Some(Meaning::Reason(reason)) => return Some(reason),
            Some(Meaning::Nothing) => return None,
            Some(Meaning::Failure) => {
                self.failure = Some(Box::new(envelope::of_finish_reason(&word.to_ascii_lowercase())));
            }
            None => note(NoteCode::FinishReasonUnknown),
        }
        Some(FinishReason::Stop)
    }
}

impl<L: MessageLog> MessagesReader<L> {
    /// Nothing more comes. `is_stopped`: the server said so.
    pub(super) fn over(&mut self, is_stopped: bool, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if self.ending.reason.is_none() && !is_stopped {
            let is_too_large = cx.facts.notes.contains(NoteCode::EventTooLarge);
            return Self::end_with(Status::Truncated, envelope::cut(is_too_large), writer, cx);
        }
        if let Some(failure) = self.ending.failure.take() {
            return Self::fail(*failure, writer, cx);
        }
        if self.ending.reason.is_none() {
            cx.facts.notes.push(NoteCode::FinishReasonUnknown, "stop_reason".to_owned(), b"null");
        }
        let reason = self.ending.reason.unwrap_or(FinishReason::Stop);
        let is_cut = matches!(reason, FinishReason::Length | FinishReason::ContentFilter);
        self.stop_all(is_cut, writer, cx);
        self.end_searches(writer, cx);
        if let Some(refusal) = self.ending.refusal.take().filter(|_| reason == FinishReason::ContentFilter) {
            let item = self.blocks.len() + 1;
            let text = TextRef::new(item, item, TextKind::Refusal);
            writer.text(text, Begins::Item, Str::from_raw(&refusal), None, cx);
        }
        writer.settle(is_cut, cx);
        let reason = match reason {
            FinishReason::Stop | FinishReason::ToolCalls if self.calls > 0 => FinishReason::ToolCalls,
            FinishReason::ToolCalls => FinishReason::Stop,
            reason => reason,
        };
        writer.finish(reason, cx);
        let status = if is_cut { Status::Incomplete } else { Status::Completed };
        cx.facts.finish(status, reason, self.has_text || self.blocks.has_answer());
    }

    pub(super) fn fail(error: Envelope, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        Self::end_with(Status::Failed, error, writer, cx);
    }

    fn end_with(status: Status, error: Envelope, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let error = error.in_words_of(&cx.options.messages);
        writer.fail(&error, cx);
        cx.facts.end = Some(End { status, finish_reason: None, error: Some(Box::new(error)) });
    }
}
