//! The names of Responses events and statuses, for the dialect and for whatever must know a failure in any body.
//!
//! Input: a name. Output: what an event of that name is about; unknown names are `Other`, never an error. State: none.

use crate::json::{Str, Value};
use crate::kinds::{CallKind, TextKind};

/// Names the response that a request continues; its response repeats it.
pub(crate) const PREVIOUS_RESPONSE_ID: &str = "previous_response_id";

/// What an event is about. [`EventKind::Delta`] and [`EventKind::Done`] carry which text it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventKind {
    /// `response.created`, `.in_progress`, `.queued`
    Progress,
    ItemAdded,
    ItemDone,
    /// `….delta`: a piece of a text
    Delta(Streamed),
    /// `response.output_tool_call.delta`: what `function_call_arguments.delta` was once called
    LegacyCallDelta,
    /// `….done`: the whole text
    Done(Streamed),
    /// `….part.added`
    PartAdded,
    /// `….part.done`
    PartDone,
    Annotation,
    PartialImage,
    /// `response.completed` (alias `.done`), `.incomplete`, `.failed`
    Terminal(Status),
    Error,
    /// `codex.rate_limits`
    RateLimits,
    /// `response.output_item.interrupted`: what came of the item is no part of the response.
    ItemInterrupted,
    /// `response.audio.*`: sound and its transcript.
    Audio,
    /// Known to carry nothing a chat client could be shown.
    Silent,
    Other,
}

/// What streams in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Streamed {
    Text(TextKind),
    Call(CallKind),
}

/// How a response ended, by event name or by `response.status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Completed,
    Incomplete,
    Failed,
    Cancelled,
}

impl Status {
    /// The name official clients know, for a terminal event with another one (`response.done`).
    pub(crate) fn better_name(self, name: &[u8]) -> Option<&'static str> {
        let known = [Self::Completed, Self::Incomplete, Self::Failed].map(Self::event_name);
        (!known.iter().any(|known| known.as_bytes() == name)).then(|| self.event_name())
    }

    /// The terminal event of such a response.
    pub(crate) fn event_name(self) -> &'static str {
        match self {
            Self::Completed => "response.completed",
            Self::Incomplete => "response.incomplete",
            Self::Failed | Self::Cancelled => "response.failed",
        }
    }

    /// Whether a response of this status has not ended.
    pub(crate) fn goes_on(name: Str<'_>) -> bool {
        ["queued", "in_progress"].iter().any(|status| name.is(status))
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Incomplete => "incomplete",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    pub(crate) fn named(name: Str<'_>) -> Option<Self> {
        const NAMES: [(&str, Status); 4] = [
            ("completed", Status::Completed),
            ("incomplete", Status::Incomplete),
            ("failed", Status::Failed),
            ("cancelled", Status::Cancelled),
        ];
        NAMES.iter().find(|(text, _)| name.is(text)).map(|(_, status)| *status)
    }
}

impl EventKind {
    /// Of the name on the wire.
    pub(crate) fn named(name: &[u8]) -> Self {
        event_kind(name)
    }

    /// Of a JSON object that names itself in `type`.
    pub(crate) fn of(json: Value<'_>) -> Self {
        json.get("type").and_then(Value::as_str).map_or(Self::Other, |name| event_kind(&name.unescaped()))
    }
}

fn event_kind(name: &[u8]) -> EventKind {
    let Some(name) = name.strip_prefix(b"response.") else {
        return match name {
            b"error" => EventKind::Error,
            b"codex.rate_limits" => EventKind::RateLimits,
            b"keepalive" | b"ping" => EventKind::Silent,
            name if name.starts_with(b"codex.") || name.starts_with(b"responsesapi.") => EventKind::Silent,
            _ => EventKind::Other,
        };
    };
    match name {
        b"output_text.delta" => EventKind::Delta(Streamed::Text(TextKind::Text)),
        b"function_call_arguments.delta" => EventKind::Delta(Streamed::Call(CallKind::Function)),
        b"reasoning_summary_text.delta" | b"reasoning_summary.delta" => {
            EventKind::Delta(Streamed::Text(TextKind::Summary))
        }
        b"reasoning_text.delta" | b"reasoning.delta" => EventKind::Delta(Streamed::Text(TextKind::Reasoning)),
        b"refusal.delta" => EventKind::Delta(Streamed::Text(TextKind::Refusal)),
        b"custom_tool_call_input.delta" => EventKind::Delta(Streamed::Call(CallKind::Custom)),
        b"output_text.done" => EventKind::Done(Streamed::Text(TextKind::Text)),
        b"function_call_arguments.done" => EventKind::Done(Streamed::Call(CallKind::Function)),
        b"reasoning_summary_text.done" | b"reasoning_summary.done" => {
            EventKind::Done(Streamed::Text(TextKind::Summary))
        }
        b"reasoning_text.done" | b"reasoning.done" => EventKind::Done(Streamed::Text(TextKind::Reasoning)),
        b"refusal.done" => EventKind::Done(Streamed::Text(TextKind::Refusal)),
        b"custom_tool_call_input.done" => EventKind::Done(Streamed::Call(CallKind::Custom)),
        b"output_item.added" => EventKind::ItemAdded,
        b"output_item.done" => EventKind::ItemDone,
        // Older than function_call_arguments; some gateways send both.
        b"output_tool_call.delta" => EventKind::LegacyCallDelta,
        b"output_tool_call.done" | b"output_tool_call.end" => {
            EventKind::Done(Streamed::Call(CallKind::Function))
        }
        b"content_part.added" | b"reasoning_summary_part.added" | b"reasoning_part.added" => {
            EventKind::PartAdded
        }
        b"content_part.done" | b"reasoning_summary_part.done" | b"reasoning_part.done" => EventKind::PartDone,
        b"output_text.annotation.added" | b"output_text_annotation.added" => EventKind::Annotation,
        b"image_generation_call.partial_image" => EventKind::PartialImage,
        b"error" => EventKind::Error,
        b"output_item.interrupted" => EventKind::ItemInterrupted,
        b"created" | b"in_progress" | b"queued" => EventKind::Progress,
        b"completed" | b"done" => EventKind::Terminal(Status::Completed),
        b"incomplete" => EventKind::Terminal(Status::Incomplete),
        b"failed" => EventKind::Terminal(Status::Failed),
        b"cancelled" => EventKind::Terminal(Status::Cancelled),
        name if name.starts_with(b"audio.") => EventKind::Audio,
        name if is_silent(name) => EventKind::Silent,
        _ => EventKind::Other,
    }
}

/// What the upstream answers to a frame that the client sent while the response came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ControlAnswer {
    SteerAccepted,
    SteerPending,
    SteerFailed,
    Interrupt,
}

pub(crate) const STEER_FAILED: &str = "response.steer.failed";
pub(crate) const INTERRUPT_FAILED: &str = "response.interrupt.failed";

impl ControlAnswer {
    /// Of the event's name.
    pub(crate) fn of(name: &[u8]) -> Option<Self> {
        const NAMES: [(&str, ControlAnswer); 5] = [
            ("response.steer.accepted", ControlAnswer::SteerAccepted),
            ("response.steer.pending", ControlAnswer::SteerPending),
            (STEER_FAILED, ControlAnswer::SteerFailed),
            ("response.interrupt.accepted", ControlAnswer::Interrupt),
            (INTERRUPT_FAILED, ControlAnswer::Interrupt),
        ];
        NAMES.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, answer)| *answer)
    }
}

/// Progress of hosted tools: their content comes again in an item or a text.
fn is_silent(name: &[u8]) -> bool {
    const FAMILIES: [&[u8]; 12] = [
        b"metadata",
        b"output_tool_call.begin",
        b"steer.",
        b"interrupt",
        b"web_search_call.",
        b"file_search_call.",
        b"code_interpreter_call",
        b"mcp_",
        b"image_generation_call.",
        b"shell_call_",
        b"apply_patch_call_",
        b"compaction.",
    ];
    FAMILIES.iter().any(|family| name.starts_with(family))
}
