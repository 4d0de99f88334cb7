//! Enters: the event, sentinel or end of stream that ends a response. Leaves: the repair, the last frames, the
//! outcome. Exactly one end: the first decides the bytes, later events only fill gaps.

use super::state::{End, State};
use crate::envelope::{self, Envelope};
use crate::items::Identity;
use crate::json::{Str, Value};
use crate::limits::MAX_ITEMS;
use crate::outcome::{FinishReason, NoteCode, Outcome, Reconstructed, Status, Usage};
use crate::responses::{self, Event, Item, Kind, Response};

impl State {
    /// A body that is no stream: a plain Response, as if its events had been sent, or an error.
    pub(super) fn document(&mut self, document: Value<'_>, out: &mut Vec<u8>) {
        let Some(status) = responses::document_status(document) else {
            return self.fail(envelope::of_json(document), out);
        };
        self.terminal(status, Some(document), out);
        self.notes.remove(NoteCode::Repaired); // nothing was expected to stream
    }

    pub(super) fn terminal(
        &mut self,
        named: responses::Status,
        response: Option<Value<'_>>,
        out: &mut Vec<u8>,
    ) {
        let json = response;
        let response = response.map(Response::parse).unwrap_or_default();
        self.speaker.learn(&response, &mut self.notes);
        self.usage = response.usage.and_then(usage);
        match self.status(named, &response) {
            responses::Status::Completed => {
                self.repair(&response, true, out);
                let reason =
                    if self.calls.is_any_announced() { FinishReason::ToolCalls } else { FinishReason::Stop };
                self.finish(Status::Completed, reason, out);
            }
            responses::Status::Incomplete => {
                self.repair(&response, false, out);
                let reason = self.incomplete_reason(&response);
                self.finish(Status::Incomplete, reason, out);
            }
            responses::Status::Failed => {
                self.fail(json.map_or_else(envelope::without_details, envelope::of_json), out);
            }
            responses::Status::Cancelled => {
                self.fail(envelope::cancelled(), out);
            }
        }
    }

    /// `response.status` wins over the event's name.
    fn status(&mut self, named: responses::Status, response: &Response<'_>) -> responses::Status {
        let Some(said) = response.status else { return named };
        let status = responses::Status::named(said).unwrap_or(named);
        if status != named || responses::Status::named(said).is_none() {
            self.notes.push(NoteCode::StatusMismatch, "status".to_owned(), said.raw());
        }
        status
    }

    fn incomplete_reason(&mut self, response: &Response<'_>) -> FinishReason {
        match response.incomplete_reason.map_or(&b""[..], Str::raw) {
            b"max_output_tokens" | b"max_tokens" => FinishReason::Length,
            b"content_filter" => FinishReason::ContentFilter,
            other => {
                let path = "incomplete_details.reason".to_owned();
                self.notes.push(NoteCode::IncompleteReasonUnknown, path, other);
                FinishReason::Length
            }
        }
    }

    /// Says what only the terminal `output` has, and settles the calls.
    fn repair(&mut self, response: &Response<'_>, is_complete: bool, out: &mut Vec<u8>) {
        let sent = response.output.into_iter().flat_map(Item::each).take(MAX_ITEMS + 1);
        let output: Vec<_> = sent.flatten().collect();
        if output.is_empty() {
            self.reconstructed = self.reconstruction();
        }
        let identities: Vec<_> = output.iter().map(|item| Identity::of(item, None)).collect();
        let matched = self.items.match_terminal(&identities);
        for (item, found) in output.iter().zip(matched) {
            if let Some(at) = self.within_limits(found, "items") {
                self.item(at, item, out);
            }
        }
        self.with_calls(out, |calls, path, line| calls.settle(is_complete, path, line));
    }

    /// What a hollow terminal event leaves to the streamed items.
    fn reconstruction(&self) -> Reconstructed {
        match self.items.len() {
            0 => Reconstructed::None,
            count if (0..count).all(|item| self.items.is_done(item)) => Reconstructed::Items,
            _ => Reconstructed::Deltas,
        }
    }

    fn finish(&mut self, status: Status, reason: FinishReason, out: &mut Vec<u8>) {
        if self.speaker.options.wants_usage() && self.usage.is_none() {
            self.notes.push(NoteCode::UsageMissing, "usage".to_owned(), b"");
        }
        self.speaker.annotations(out, self.citations.list());
        self.speaker.finish(out, reason, self.usage.as_ref());
        self.end = Some(End { status, finish_reason: Some(reason), error: None });
    }

    /// The upstream reported a failure: no role, repair, finish or usage chunk.
    pub(super) fn fail(&mut self, error: Envelope, out: &mut Vec<u8>) {
        self.end_with_error(Status::Failed, error, out);
    }

    fn end_with_error(&mut self, status: Status, error: Envelope, out: &mut Vec<u8>) {
        self.speaker.fail(out, &error.error);
        self.end = Some(End { status, finish_reason: None, error: Some(Box::new(error)) });
    }

    /// `[DONE]` is no terminal event, unless the caller says that this upstream has no other.
    pub(super) fn done_sentinel(&mut self, out: &mut Vec<u8>) {
        if self.speaker.options.done_is_complete && self.end.is_none() {
            self.repair(&Response::default(), true, out);
            let reason =
                if self.calls.is_any_announced() { FinishReason::ToolCalls } else { FinishReason::Stop };
            self.finish(Status::Completed, reason, out);
        }
    }

    /// The upstream's bytes are over.
    pub(super) fn cut_off(&mut self, out: &mut Vec<u8>) {
        if self.end.is_some() {
            return;
        }
        let error = if self.notes.contains(NoteCode::EventTooLarge) {
            envelope::of(NoteCode::EventTooLarge.as_str(), "upstream event larger than max_event_bytes")
        } else {
            envelope::truncated()
        };
        self.end_with_error(Status::Truncated, error, out);
    }

    /// After the end: a further terminal event may still know the usage, and another the rate limits.
    pub(super) fn fill_gaps(&mut self, event: &Event<'_>) {
        if let (Kind::Terminal(_), Some(response)) = (event.kind, event.members.response) {
            let response = Response::parse(response);
            self.speaker.learn(&response, &mut self.notes);
            self.usage = self.usage.or_else(|| response.usage.and_then(usage));
        }
        if event.kind == Kind::RateLimits {
            self.rate_limits(event);
        }
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        let End { status, finish_reason, error } = self.end.as_ref()?;
        Some(Outcome {
            status: *status,
            finish_reason: *finish_reason,
            usage: self.usage,
            error: error.as_ref().map(|envelope| envelope.error.clone()),
            failure: error.as_deref().map(Envelope::verdict),
            response_id: self.speaker.response_id(),
            model: self.speaker.model(),
            rate_limits: self.rate_limits.clone(),
            reconstructed: self.reconstructed,
            notes: self.notes.list().to_vec(),
        })
    }
}

/// Upstream `usage`; `None` where it counts nothing.
fn usage(usage: Value<'_>) -> Option<Usage> {
    let count = |key| usage.get(key).and_then(Value::as_u64);
    let detail = |group, key| usage.get(group).and_then(|group| group.get(key)).and_then(Value::as_u64);
    let (input, output, total) = (count("input_tokens"), count("output_tokens"), count("total_tokens"));
    input.or(output).or(total)?;
    let (prompt_tokens, completion_tokens) = (input.unwrap_or(0), output.unwrap_or(0));
    Some(Usage {
        prompt_tokens,
        completion_tokens,
        total_tokens: total.unwrap_or(prompt_tokens.saturating_add(completion_tokens)),
        cached_tokens: detail("input_tokens_details", "cached_tokens"),
        cache_write_tokens: detail("input_tokens_details", "cache_write_tokens"),
        reasoning_tokens: detail("output_tokens_details", "reasoning_tokens"),
    })
}
