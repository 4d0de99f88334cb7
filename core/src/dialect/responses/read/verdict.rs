//! What a terminal response says of its end: its status, and why it is incomplete.
//!
//! Input: the response object, and the name of its event. Output: a status, a reason; notes. State: none.

use super::{ItemLog, ResponsesReader};
use crate::answer::{Context, Stop};
use crate::dialect::responses::{INTERRUPTED, Response, STEERED, Status};
use crate::json::Str;
use crate::outcome::{FinishReason, NoteCode};

impl<L: ItemLog> ResponsesReader<L> {
    /// An error wins over a status where there is nothing else.
    pub(super) fn status(&self, named: Status, response: &Response<'_>, cx: &mut Context<'_>) -> Status {
        let status = Self::stated(named, response, cx);
        let is_finished = matches!(status, Status::Completed | Status::Incomplete);
        if response.error.is_none() || !is_finished {
            return status;
        }
        if self.items.len() == 0 && response.items().is_empty() {
            return Status::Failed;
        }
        cx.facts.notes.push(NoteCode::StatusMismatch, "error".to_owned(), status.as_str().as_bytes());
        status
    }

    /// `response.status` wins over the event's name.
    fn stated(named: Status, response: &Response<'_>, cx: &mut Context<'_>) -> Status {
        let Some(own) = response.status else { return named };
        let status = Status::named(own).unwrap_or(named);
        if status != named || Status::named(own).is_none() {
            cx.facts.notes.push(NoteCode::StatusMismatch, "status".to_owned(), own.raw());
        }
        status
    }
}

/// It ends because the client steered it: what it asked for instead comes as another response.
pub(super) fn is_steered(response: &Response<'_>) -> bool {
    response.incomplete_reason.is_some_and(|reason| reason.raw() == STEERED)
}

pub(super) fn incomplete_reason(response: &Response<'_>, cx: &mut Context<'_>) -> FinishReason {
    match response.incomplete_reason.map_or(&b""[..], Str::raw) {
        b"max_output_tokens" | b"max_tokens" | b"max_messages" => FinishReason::Length,
        b"model_context_window_exceeded" | b"context_window_exceeded" => {
            cx.facts.stop = Some(Stop::ContextWindow);
            FinishReason::Length
        }
        STEERED => {
            cx.facts.note(NoteCode::Steered, b"");
            FinishReason::Stop
        }
        INTERRUPTED => {
            cx.facts.note(NoteCode::Interrupted, b"");
            FinishReason::Stop
        }
        b"content_filter" => FinishReason::ContentFilter,
        other => {
            let path = "incomplete_details.reason".to_owned();
            cx.facts.notes.push(NoteCode::IncompleteReasonUnknown, path, other);
            FinishReason::Length
        }
    }
}
