//! Enters: why the upstream stopped, a failure, or the end of its bytes. Leaves: the end of every item, exactly one
//! terminal event, the outcome.

use super::items::Body;
use super::state::{End, State};
use crate::envelope::{self, Envelope};
use crate::json::Str;
use crate::json::write::{contents, quoted};
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
        let incomplete_reason = match reason {
            FinishReason::Length => Some("max_output_tokens"),
            FinishReason::ContentFilter => Some("content_filter"),
            FinishReason::Stop | FinishReason::ToolCalls => None,
        };
        let (status, named) = match incomplete_reason {
            Some(_) => (Status::Incomplete, responses::Status::Incomplete),
            None => (Status::Completed, responses::Status::Completed),
        };
        self.terminal(named, incomplete_reason, None, out);
        let has_calls = self.items.list.iter().any(|item| matches!(item.body, Body::Call(_)));
        let finish_reason = match reason {
            cut if is_cut(cut) => cut,
            _ if has_calls => FinishReason::ToolCalls,
            _ => FinishReason::Stop,
        };
        self.end = Some(End { status, finish_reason: Some(finish_reason), error: None });
    }

    /// The upstream reported a failure: nothing is ended but the response.
    pub(super) fn fail(&mut self, error: Envelope, out: &mut Vec<u8>) {
        self.end_with_error(Status::Failed, error, out);
    }

    fn end_with_error(&mut self, status: Status, error: Envelope, out: &mut Vec<u8>) {
        self.begin(out);
        self.terminal(responses::Status::Failed, None, Some(&error), out);
        self.end = Some(End { status, finish_reason: None, error: Some(Box::new(error)) });
    }

    fn terminal(
        &mut self,
        status: responses::Status,
        incomplete_reason: Option<&'static str>,
        error: Option<&Envelope>,
        out: &mut Vec<u8>,
    ) {
        let output = self.output();
        let Some(head) = &self.head else { return };
        let stand = Stand {
            status: Some(status),
            incomplete_reason,
            error: error.map(|envelope| &envelope.error),
            output: &output,
            usage: self.usage.as_ref(),
            service_tier: self.served.service_tier.as_deref(),
        };
        self.response = head.response(stand);
        self.events.response(out, status.event_name(), &self.response);
    }

    /// Every item, as it ended, or as far as it came.
    fn output(&self) -> Vec<u8> {
        let items = self.items.list.iter().enumerate();
        let items = items.map(|(at, item)| self.item_json(at, item.ended.unwrap_or("incomplete")));
        items.collect::<Vec<_>>().join(&b',')
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
        let begun = head.response(Stand::default());
        self.events.response(out, CREATED, &begun);
        self.events.response(out, IN_PROGRESS, &begun);
        self.head = Some(head);
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

fn is_cut(reason: FinishReason) -> bool {
    matches!(reason, FinishReason::Length | FinishReason::ContentFilter)
}
