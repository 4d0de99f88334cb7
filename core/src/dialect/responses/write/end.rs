//! The beginning and the end of a response that this crate makes.
//!
//! Input: how the answer ended. Output: `response.created` before anything else, exactly one terminal event at the end.

use super::ResponsesWriter;
use super::missing::{CREATED, IN_PROGRESS};
use super::objects::{ResponseHeader, ResponseState};
use crate::answer::{Context, Facts, Further};
use crate::dialect::responses::{Status, conform};
use crate::envelope::Envelope;
use crate::json::write::{self, contents, quoted};
use crate::options::Options;
use crate::outcome::{CACHE_WRITE_TTL, FinishReason, MEDIA, MediaTokens, NoteCode, Usage};

impl ResponsesWriter {
    pub(super) fn finished(&mut self, reason: FinishReason, cx: &mut Context<'_>) {
        self.note_early_citations(cx);
        if cx.options.compacts() {
            self.write_summary(cx);
        }
        self.begin(cx);
        self.has_output = true;
        let incomplete_reason = incomplete_reason(reason);
        if incomplete_reason.is_none() {
            self.close_doubtful(cx);
        }
        let status = if incomplete_reason.is_some() { Status::Incomplete } else { Status::Completed };
        let zeros = cx.options.usage_zeros.then(Usage::default);
        let usage = cx.facts.usage().or(zeros);
        note_dropped(usage.as_ref(), cx);
        let state = ResponseState {
            status: Some(status),
            incomplete_reason,
            usage: usage.as_ref(),
            ..ResponseState::default()
        };
        self.terminal(state, cx);
    }

    /// The upstream reported a failure, or was cut: nothing is ended but the response.
    pub(super) fn failed(&mut self, error: &Envelope, cx: &mut Context<'_>) {
        self.begin(cx);
        let usage = cx.facts.usage();
        let state = ResponseState {
            status: Some(Status::Failed),
            error: Some(error),
            usage: usage.as_ref(),
            ..ResponseState::default()
        };
        self.terminal(state, cx);
    }

    fn terminal(&mut self, state: ResponseState<'_>, cx: &mut Context<'_>) {
        let name = state.status.map_or(IN_PROGRESS, Status::event_name);
        self.events.open_response(cx.out, name);
        self.write_response(state, cx.facts, cx.options, cx.out);
        self.events.close(cx.out);
    }

    /// The final Response, once there is one.
    pub(crate) fn response(&self, facts: &Facts, options: &Options) -> Option<Vec<u8>> {
        let end = facts.end.as_ref()?;
        let zeros = options.usage_zeros.then(Usage::default);
        let usage = facts.usage().or(zeros.filter(|_| end.finish_reason.is_some()));
        let incomplete_reason = end.finish_reason.and_then(incomplete_reason);
        let status = match (end.finish_reason, incomplete_reason) {
            (None, _) => Status::Failed,
            (_, None) => Status::Completed,
            (_, Some(_)) => Status::Incomplete,
        };
        let state = ResponseState {
            status: Some(status),
            incomplete_reason,
            error: end.error.as_deref(),
            usage: usage.as_ref(),
            ..ResponseState::default()
        };
        let mut out = Vec::new();
        self.write_response(state, facts, options, &mut out);
        Some(out)
    }

    /// The response: begun, or at its end with every item as it ended, or as far as it came.
    fn write_response(&self, state: ResponseState<'_>, facts: &Facts, options: &Options, out: &mut Vec<u8>) {
        let start = out.len();
        self.write_plainly(state, facts, options, out);
        if options.conform.is_some() {
            let complete = conform::filled_if(options, out.split_off(start));
            out.extend_from_slice(&complete);
        }
    }

    fn write_plainly(&self, state: ResponseState<'_>, facts: &Facts, options: &Options, out: &mut Vec<u8>) {
        let Some(header) = &self.header else { return };
        if state.status.is_none() {
            return header.write(out, state, options, |_| ());
        }
        let upstream = &facts.upstream;
        let (service_tier, learned) = (upstream.service_tier.as_deref(), upstream.created);
        let tool_usage = facts.further(Further::ToolUsage);
        let state = ResponseState { service_tier, tool_usage, learned_created_at: learned, ..state };
        header.write(out, state, options, |out| {
            write::separated(out, self.items.list.iter().enumerate(), |out, (at, item)| {
                self.write_item(at, item.ended.unwrap_or("incomplete"), out);
            });
        });
    }

    /// Before anything else: the response.
    pub(super) fn begin(&mut self, cx: &mut Context<'_>) {
        if self.header.is_some() {
            return;
        }
        let options = cx.options;
        self.header = Some(ResponseHeader {
            id: match &options.id {
                Some(id) => contents(id),
                None => [b"resp_", &base(cx)[..]].concat(),
            },
            created_at: cx.facts.upstream.created.unwrap_or(options.created),
            model: options.model_of_answer(cx.facts.upstream.model.as_deref()),
            previous_response_id: options.previous_response_id.as_deref().map(quoted),
        });
        for event in [CREATED, IN_PROGRESS] {
            self.events.open_response(cx.out, event);
            self.write_response(ResponseState::default(), cx.facts, cx.options, cx.out);
            self.events.close(cx.out);
        }
    }

    pub(super) fn made_up_id(prefix: &str, nth: usize, cx: &Context<'_>) -> Vec<u8> {
        [prefix.as_bytes(), b"_", &base(cx), b"_", nth.to_string().as_bytes()].concat()
    }
}

/// Counts that Responses has no place for.
fn note_dropped(usage: Option<&Usage>, cx: &mut Context<'_>) {
    let Some(usage) = usage else { return };
    let counts = [
        (usage.cache_writes()[1] != [None; 2], CACHE_WRITE_TTL),
        (usage.media != MediaTokens::default(), MEDIA[0]),
    ];
    for (_, name) in counts.into_iter().filter(|(is_there, _)| *is_there) {
        cx.facts.notes.push(NoteCode::UsageDropped, "usage".to_owned(), name.as_bytes());
    }
}

/// What the dialects put before the ids of answers.
const PREFIXES: [&[u8]; 3] = [b"chatcmpl-", b"resp_", b"msg_"];

/// What makes the ids of this response its own.
fn base(cx: &Context<'_>) -> Vec<u8> {
    let own = cx.options.id.as_deref().map(contents);
    let own = own.as_deref().or(cx.facts.upstream.id.as_deref()).unwrap_or(b"unknown");
    PREFIXES.iter().find_map(|prefix| own.strip_prefix(*prefix)).unwrap_or(own).to_vec()
}

fn incomplete_reason(reason: FinishReason) -> Option<&'static str> {
    match reason {
        FinishReason::Length => Some("max_output_tokens"),
        FinishReason::ContentFilter => Some("content_filter"),
        FinishReason::Stop | FinishReason::ToolCalls => None,
    }
}
