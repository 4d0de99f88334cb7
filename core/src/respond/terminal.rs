//! Enters: why the upstream stopped, a failure, or the end of its bytes. Leaves: the end of every item, exactly one
//! terminal event, the outcome.

use super::items::Body;
use super::state::{End, State};
use crate::envelope::{self, Envelope};
use crate::json::Str;
use crate::json::write::{self, contents, quoted};
use crate::outcome::{FinishReason, NoteCode, Outcome, Reconstructed, Status};
use crate::request::RequestContext;
use crate::responses::{self, CREATED, Head, IN_PROGRESS, Stand};
use crate::transcode::ModelFrom;

impl State {
    /// The upstream said why it stops. Its usage may still come, so the response goes on until its stream ends.
    pub(super) fn finished(&mut self, reason: Str<'_>, out: &mut Vec<u8>) {
        let known = match reason.raw() {
            b"stop" | b"eos" | b"end_turn" | b"stop_sequence" => FinishReason::Stop,
            b"tool_calls" | b"function_call" | b"tool_use" => FinishReason::ToolCalls,
            b"length" | b"max_tokens" | b"model_length" => FinishReason::Length,
            b"content_filter" | b"safety" => FinishReason::ContentFilter,
            b"error" => return self.fail(envelope::without_details(), out),
            other => {
                self.notes.push(NoteCode::FinishReasonUnknown, "finish_reason".to_owned(), other);
                FinishReason::Stop
            }
        };
        self.finish.get_or_insert(known);
        self.settle(known, out);
    }

    /// Ends every item. What a cut left incomplete is incomplete; a call in the middle of its arguments is not ended, so
    /// that no client runs it.
    fn settle(&mut self, reason: FinishReason, out: &mut Vec<u8>) {
        let is_cut = is_cut(reason);
        if self.options.think_tags {
            self.think_piece(None, out);
        }
        self.close_text(if is_cut { "incomplete" } else { "completed" }, out);
        for at in 0..self.calls.len() {
            if !is_cut || self.calls.call(at).is_complete() {
                self.close_call(at, "completed", out);
            }
        }
    }

    /// `[DONE]`
    pub(super) fn done(&mut self, out: &mut Vec<u8>) {
        if self.options.done_is_complete && self.finish.is_none() {
            self.finish = Some(FinishReason::Stop);
        }
        self.close(out);
    }

    /// Nothing more comes.
    pub(super) fn close(&mut self, out: &mut Vec<u8>) {
        let Some(reason) = self.finish else {
            let error = if self.notes.contains(NoteCode::EventTooLarge) {
                envelope::of(NoteCode::EventTooLarge.as_str(), "upstream event larger than max_event_bytes")
            } else {
                envelope::truncated()
            };
            return self.end_with_error(Status::Truncated, error, out);
        };
        self.settle(reason, out);
        self.begin(out);
        self.committed = true;
        let has_calls = self.items.list.iter().any(|item| matches!(item.body, Body::Call(_)));
        let finish_reason = match reason {
            cut if is_cut(cut) => cut,
            _ if has_calls => FinishReason::ToolCalls,
            _ => FinishReason::Stop,
        };
        let status = if is_cut(reason) { Status::Incomplete } else { Status::Completed };
        self.terminal(End { status, finish_reason: Some(finish_reason), error: None }, out);
    }

    /// The upstream reported a failure: nothing is ended but the response.
    pub(super) fn fail(&mut self, error: Envelope, out: &mut Vec<u8>) {
        self.end_with_error(Status::Failed, error, out);
    }

    fn end_with_error(&mut self, status: Status, error: Envelope, out: &mut Vec<u8>) {
        self.begin(out);
        self.terminal(End { status, finish_reason: None, error: Some(Box::new(error)) }, out);
    }

    fn terminal(&mut self, end: End, out: &mut Vec<u8>) {
        self.events.open_response(out, end.said().event_name());
        self.end = Some(end);
        self.write_response(out);
        self.events.close(out);
    }

    /// The final Response, once there is one.
    pub(super) fn response(&self) -> Option<Vec<u8>> {
        self.end.as_ref()?;
        let mut out = Vec::new();
        self.write_response(&mut out);
        Some(out)
    }

    /// The response as it stands: begun, or at its end with every item as it ended, or as far as it came.
    fn write_response(&self, out: &mut Vec<u8>) {
        let Some(head) = &self.head else { return };
        let Some(end) = &self.end else { return head.write(out, Stand::default(), |_| ()) };
        let stand = Stand {
            status: Some(end.said()),
            incomplete_reason: end.incomplete_reason(),
            error: end.error.as_ref().map(|envelope| (&envelope.error, envelope.class)),
            usage: self.usage.as_ref(),
            service_tier: self.served.service_tier.as_deref(),
        };
        head.write(out, stand, |out| {
            write::separated(out, self.items.list.iter().enumerate(), |out, (at, item)| {
                self.write_item(at, item.ended.unwrap_or("incomplete"), out);
            });
        });
    }

    /// Before the first thing that is said: the response.
    pub(super) fn begin(&mut self, out: &mut Vec<u8>) {
        if self.head.is_some() {
            return;
        }
        let requested =
            RequestContext::model_or(self.options.model.as_deref(), self.options.context.as_ref());
        let requested = requested.map(contents);
        let served = self.served.model.as_deref().map(<[u8]>::to_vec);
        let model = match self.options.model_from {
            ModelFrom::Requested => requested.or(served),
            ModelFrom::Served => served.or(requested),
        };
        let head = Head {
            id: self.response_id(),
            created_at: self.served.created.unwrap_or(self.options.created),
            model: model.unwrap_or_else(|| b"unknown".to_vec()),
            previous_response_id: self.options.previous_response_id.as_deref().map(quoted),
        };
        self.head = Some(head);
        for event in [CREATED, IN_PROGRESS] {
            self.events.open_response(out, event);
            self.write_response(out);
            self.events.close(out);
        }
    }

    fn response_id(&self) -> Vec<u8> {
        match &self.options.id {
            Some(id) => contents(id),
            None => [b"resp_", &self.base()[..]].concat(),
        }
    }

    /// What makes the ids of this response its own.
    fn base(&self) -> Vec<u8> {
        let own = self.options.id.as_deref().map(contents);
        let own = own.as_deref().or(self.served.id.as_deref()).unwrap_or(b"unknown");
        let own = own.strip_prefix(b"chatcmpl-").unwrap_or(own);
        own.strip_prefix(b"resp_").unwrap_or(own).to_vec()
    }

    pub(super) fn made_up_id(&self, prefix: &str, nth: usize) -> Vec<u8> {
        [prefix.as_bytes(), b"_", &self.base(), b"_", nth.to_string().as_bytes()].concat()
    }

    pub(super) fn outcome(&self) -> Option<Outcome> {
        let End { status, finish_reason, error } = self.end.as_ref()?;
        let decoded = |name: &Option<Box<[u8]>>| name.as_deref().map(|name| Str::from_raw(name).decode());
        Some(Outcome {
            status: *status,
            finish_reason: *finish_reason,
            usage: self.usage,
            error: error.as_ref().map(|envelope| envelope.error.clone()),
            failure: error.as_deref().map(Envelope::verdict),
            response_id: self.head.as_ref().map(|head| Str::from_raw(&head.id).decode()),
            model: decoded(&self.served.model),
            rate_limits: None,
            reconstructed: Reconstructed::None,
            notes: self.notes.list().to_vec(),
        })
    }
}

impl End {
    /// The status that a Response says.
    fn said(&self) -> responses::Status {
        match self.status {
            Status::Completed => responses::Status::Completed,
            Status::Incomplete => responses::Status::Incomplete,
            Status::Failed | Status::Truncated => responses::Status::Failed,
        }
    }

    fn incomplete_reason(&self) -> Option<&'static str> {
        match self.finish_reason? {
            FinishReason::Length => Some("max_output_tokens"),
            FinishReason::ContentFilter => Some("content_filter"),
            FinishReason::Stop | FinishReason::ToolCalls => None,
        }
    }
}

fn is_cut(reason: FinishReason) -> bool {
    matches!(reason, FinishReason::Length | FinishReason::ContentFilter)
}
