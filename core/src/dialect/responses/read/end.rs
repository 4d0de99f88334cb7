//! How a response ends: the event, sentinel or end of bytes that ends it.
//!
//! Input: a terminal event, an error, `[DONE]`, a plain document, or nothing more. Output: the repair of what never
//! streamed, and exactly one end. The first end decides; later events only fill gaps in the outcome.

use super::verdict::{incomplete_reason, is_steered};
use super::{ItemLog, ItemState, ResponsesReader, path};
use crate::answer::{Context, End, Further, Stop, TextKind, Writer, usage};
use crate::dialect::responses::{
    Event, EventKind, ItemType, Response, Status as Said, document_status, with_message,
};
use crate::envelope::{self, Envelope};
use crate::json::Value;
use crate::outcome::{FinishReason, MadeFailure, NoteCode, Reconstructed, Status};

impl<L: ItemLog> ResponsesReader<L> {
    /// A body that is no stream: a plain Response, as if its events had been sent, or an error.
    pub(super) fn document(&mut self, document: Value<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let own = with_message(document);
        let document = own.as_deref().and_then(Value::document).unwrap_or(document);
        let Some(status) = document_status(document) else {
            if envelope::is_chat(document) {
                return self.fail(envelope::made(MadeFailure::WrongDialect), writer, cx);
            }
            return self.fail(envelope::of_json(document), writer, cx);
        };
        let response = Response::parse(document);
        if response.status.is_some_and(Said::goes_on) {
            return self.goes_on(document, &response, writer, cx);
        }
        self.ended(status, Some(document), &response, document, writer, cx);
        cx.facts.notes.remove(NoteCode::Repaired); // nothing was expected to stream
    }

    /// A response in the background, that has only begun.
    fn goes_on(
        &mut self,
        sent: Value<'_>,
        response: &Response<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        self.learn(response, cx);
        self.log_items(Some(sent), response);
        self.cut(writer, cx);
    }

    pub(super) fn terminal(
        &mut self,
        named: Said,
        event: &Event<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        self.ended(named, event.members.response, &event.response, event.json, writer, cx);
    }

    /// `json`: what a failure is read from.
    fn ended(
        &mut self,
        named: Said,
        sent: Option<Value<'_>>,
        response: &Response<'_>,
        json: Value<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        self.learn(response, cx);
        cx.facts.set_usage(response.usage.and_then(usage::read));
        cx.facts.join_usage();
        if let Some(text) = response.stop_sequence {
            cx.facts.stop = Some(Stop::Sequence(text.raw().into()));
        }
        cx.facts.learn_further(Further::ToolUsage, response.tool_usage);
        cx.facts.learn_further(Further::InputTransformations, response.input_transformations);
        let status = self.status(named, response, cx);
        match status {
            Said::Incomplete if is_steered(response) && !writer.is_silent() => {
                self.settle(sent, response, false, writer, cx);
                self.is_steered = true;
            }
            Said::Completed | Said::Incomplete => {
                let is_complete = status == Said::Completed;
                self.settle(sent, response, is_complete, writer, cx);
                let reason = if is_complete { self.reason() } else { incomplete_reason(response, cx) };
                let status = if is_complete { Status::Completed } else { Status::Incomplete };
                self.finish(status, reason, writer, cx);
            }
            Said::Failed => {
                self.log_items(sent, response);
                self.fail_or_wait(envelope::of_json(json), writer, cx);
            }
            Said::Cancelled => {
                self.log_items(sent, response);
                self.fail(envelope::made(MadeFailure::Cancelled), writer, cx);
            }
        }
    }

    /// A failure; one without details waits for them.
    pub(super) fn fail_or_wait(&mut self, error: Envelope, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if error.has_no_details() {
            self.untold.bare(error);
        } else {
            self.fail(error, writer, cx);
        }
    }

    /// The event after a failure without details: it may have them.
    pub(super) fn details(&mut self, event: &Event<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let Some(failure) = self.untold.take_bare() else { return };
        let is_failure = matches!(event.kind, EventKind::Error | EventKind::Terminal(Said::Failed));
        let details =
            is_failure.then(|| envelope::of_json(event.json)).filter(|details| !details.has_no_details());
        self.fail(details.unwrap_or(failure), writer, cx);
    }

    fn reason(&self) -> FinishReason {
        if self.calls.is_any_started() { FinishReason::ToolCalls } else { FinishReason::Stop }
    }

    /// Passes on what only the terminal `output` has, and what still waits.
    fn settle(
        &mut self,
        sent: Option<Value<'_>>,
        response: &Response<'_>,
        is_complete: bool,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let output = response.items();
        if output.is_empty() {
            cx.facts.rebuilt = self.rebuilt_from();
        }
        let matched = self.match_terminal(&output);
        self.log_terminal(sent, &matched);
        for (item, found) in output.iter().zip(matched) {
            if let Some(at) = self.within_limits(found, cx) {
                self.item(at, item, writer, cx);
            }
        }
        self.pass_on_announced(writer, cx);
        self.search_without_a_query(writer, cx);
        let Self { calls, items, .. } = self;
        calls.settle(is_complete, &|item| path(items, item), writer, cx);
        writer.settle(!is_complete, cx);
    }

    /// What a response that failed has, for its body.
    fn log_items(&mut self, sent: Option<Value<'_>>, response: &Response<'_>) {
        let matched = self.match_terminal(&response.items());
        self.states.resize_with(self.items.len(), Default::default);
        self.log_terminal(sent, &matched);
    }

    fn log_terminal(&mut self, response: Option<Value<'_>>, matched: &[Option<usize>]) {
        if let Some(response) = response {
            self.log.terminal(response, &self.items, matched);
        }
    }

    /// What an empty terminal event leaves to the streamed items.
    fn rebuilt_from(&self) -> Reconstructed {
        match self.items.len() {
            0 => Reconstructed::None,
            count if (0..count).all(|item| self.items.is_done(item)) => Reconstructed::Items,
            _ => Reconstructed::Deltas,
        }
    }

    fn finish(
        &mut self,
        status: Status,
        reason: FinishReason,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let failed_image = self.untold.take_image();
        let lack = writer.lacks(reason, cx);
        let is_hollow = !self.has_answer();
        let missing_image = || self.missing_image(status).filter(|_| is_hollow);
        if lack.is_some() || failed_image.is_some() && is_hollow || missing_image().is_some() {
            // Nothing but an image, and that failed; or nothing that this client can have.
            let failure = failed_image.or(lack).or_else(missing_image);
            return failure.into_iter().for_each(|failure| self.fail(failure, writer, cx));
        }
        self.close_log();
        writer.finish(reason, cx);
        let has_answer = self.has_answer() || self.has_other_items();
        cx.facts.finish(status, reason, has_answer);
    }

    /// An image that was made, and never came.
    fn missing_image(&self, status: Status) -> Option<Envelope> {
        let is_missing = self.states.iter().any(|state| state.lacks_image);
        (status == Status::Completed && is_missing).then(|| envelope::made(MadeFailure::ImageFailed))
    }

    /// Hosted calls, a compacted conversation and the like.
    fn has_other_items(&self) -> bool {
        let is_other = |item| !matches!(self.items.item_type(item), ItemType::Message | ItemType::Reasoning);
        (0..self.items.len()).any(is_other)
    }

    /// Whether there is more than reasoning.
    fn has_answer(&self) -> bool {
        let is_said = |part: &u32| !self.parts.get(*part as usize).said.is_empty();
        let is_text =
            |kind: TextKind, state: &ItemState| state.latest[kind as usize].as_ref().is_some_and(is_said);
        let has_any = |state: &ItemState| {
            state.has_image || is_text(TextKind::Text, state) || is_text(TextKind::Refusal, state)
        };
        self.calls.is_any_started() || self.states.iter().any(has_any)
    }

    fn close_log(&mut self) {
        for (item, call) in self.calls.each() {
            self.log.call(item, call);
        }
        self.log.close(&self.items);
    }

    /// The upstream reported a failure: nothing else is passed on.
    pub(super) fn fail(&mut self, error: Envelope, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        self.end_with(Status::Failed, error, writer, cx);
    }

    fn end_with(&mut self, status: Status, error: Envelope, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let error = error.in_words_of(&cx.options.messages);
        self.untold.take_bare(); // this one has what it waited for
        self.close_log();
        writer.fail(&error, cx);
        cx.facts.end = Some(End { status, finish_reason: None, error: Some(Box::new(error)) });
    }

    /// The response ends without its end.
    fn cut(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let is_too_large = cx.facts.notes.contains(NoteCode::EventTooLarge);
        self.end_with(Status::Truncated, envelope::cut(is_too_large), writer, cx);
    }

    /// `[DONE]` is no terminal event, unless by the options this upstream has no other.
    pub(super) fn done_sentinel(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if let Some(failure) = self.untold.take_bare() {
            return self.fail(failure, writer, cx);
        }
        self.end_steered(writer, cx);
        if !cx.options.done_is_complete || cx.facts.end.is_some() || self.untold.has_announced() {
            return;
        }
        if self.calls.is_any_cut() {
            self.cut(writer, cx);
        } else {
            self.settle(None, &Response::default(), true, writer, cx);
            self.finish(Status::Completed, self.reason(), writer, cx);
        }
    }

    /// Data that is no JSON object: an error in an array, or nothing that can be read.
    pub(super) fn malformed(
        &mut self,
        data: &str,
        name: &str,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        match envelope::of_malformed(data, name).filter(|_| cx.facts.end.is_none()) {
            Some(error) => {
                if self.is_steered {
                    self.go_on(cx);
                }
                self.fail(error, writer, cx);
            }
            None => cx.facts.note(NoteCode::MalformedEvent, name.as_bytes()),
        }
    }

    /// The upstream's bytes are over.
    pub(super) fn over(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if let Some(failure) = self.untold.take_bare() {
            self.fail(failure, writer, cx);
        }
        self.end_steered(writer, cx);
        if let Some(failure) = self.untold.take_announced().filter(|_| cx.facts.end.is_none()) {
            self.fail(failure, writer, cx);
        }
        if cx.facts.end.is_none() {
            self.cut(writer, cx);
        }
        if self.log.is_full() {
            cx.facts.note(NoteCode::LimitExceeded, b"response");
        }
        writer.end(cx);
    }

    /// After a response that the client steered: its successor goes on with the answer.
    pub(super) fn after_steering(
        &mut self,
        event: &Event<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        if !matches!(event.kind, EventKind::Progress | EventKind::Error) {
            return self.late(event, cx);
        }
        self.go_on(cx);
        self.event(&Event { base: self.items.first(), ..*event }, writer, cx);
    }

    /// The successor has begun.
    fn go_on(&mut self, cx: &mut Context<'_>) {
        self.is_steered = false;
        self.items.end_all();
        self.log.goes_on();
        cx.facts.goes_on();
    }

    /// Nothing came after a response that the client steered.
    pub(super) fn end_steered(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if std::mem::take(&mut self.is_steered) {
            cx.facts.note(NoteCode::Steered, b"");
            self.finish(Status::Incomplete, FinishReason::Stop, writer, cx);
        }
    }

    /// After the end: a further terminal event may still know the usage, and another the rate limits.
    pub(super) fn late(&mut self, event: &Event<'_>, cx: &mut Context<'_>) {
        if let EventKind::Terminal(_) = event.kind {
            let response = &event.response;
            self.learn(response, cx);
            let usage = cx.facts.usage().or_else(|| response.usage.and_then(usage::read));
            cx.facts.set_usage(usage);
        }
        if event.kind == EventKind::RateLimits {
            Self::rate_limits(event, cx);
        }
    }
}
