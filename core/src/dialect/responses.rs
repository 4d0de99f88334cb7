//! The Responses dialect. This file alone spells its event and item names.
//!
//! OpenAI Responses streaming events, plus what Open Responses, Azure, Copilot and the Codex backend send. Unknown names
//! are `Other`, never an error.

mod accumulate;
pub(crate) mod body;
mod error;
mod event;
mod item_tracker;
mod lint;
mod merge;
mod object;
mod read;
mod relay;
mod rename_back;
mod write;

use crate::answer::{CallKind, TextKind};
use crate::json::Str;
pub(crate) use accumulate::Accumulator;
pub(crate) use error::error_object;
pub(crate) use event::{Event, Members};
pub(crate) use item_tracker::{Identity, ItemRef, ItemTracker};
pub(crate) use lint::Lint;
pub(crate) use object::{Item, Part, Response, citation, document_status, id, rate_limits};
pub(crate) use read::ResponsesReader;
pub(crate) use relay::Relay;
pub(crate) use rename_back::NameRestorer;
pub(crate) use write::ResponsesWriter;
pub(crate) use write::missing::UNKNOWN_RESPONSE;

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

impl Streamed {
    /// The type of the items that hold it.
    pub(crate) fn item_type(self) -> ItemType {
        match self {
            Self::Text(TextKind::Text | TextKind::Refusal) => ItemType::Message,
            Self::Text(TextKind::Summary | TextKind::Reasoning) => ItemType::Reasoning,
            Self::Call(CallKind::Function) => ItemType::FunctionCall,
            Self::Call(CallKind::Custom) => ItemType::CustomCall,
        }
    }
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

/// What a request goes on from, and what its response says it went on from.
pub(crate) const PREVIOUS_RESPONSE_ID: &str = "previous_response_id";

/// The item type of a function call.
pub(crate) const FUNCTION_CALL: &str = "function_call";

/// Output item types, as far as they are treated differently.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ItemType {
    Message,
    Reasoning,
    FunctionCall,
    CustomCall,
    Image,
    /// Runs on the server; nothing for the client to do.
    Hosted,
    /// The client would have to act.
    ClientCall,
    /// Known to say nothing to a client of another dialect.
    Silent,
    #[default]
    Other,
}

impl ItemType {
    /// A call that chat can show.
    pub(crate) fn is_call(self) -> bool {
        matches!(self, Self::FunctionCall | Self::CustomCall)
    }

    fn named(name: &[u8], is_client_executed: bool) -> Self {
        match std::str::from_utf8(name).unwrap_or_default() {
            "message" => Self::Message,
            "reasoning" => Self::Reasoning,
            FUNCTION_CALL => Self::FunctionCall,
            "custom_tool_call" => Self::CustomCall,
            "image_generation_call" => Self::Image,
            "shell_call"
            | "local_shell_call"
            | "apply_patch_call"
            | "computer_call"
            | "mcp_approval_request" => Self::ClientCall,
            "tool_search_call" if is_client_executed => Self::ClientCall,
            "web_search_call"
            | "file_search_call"
            | "code_interpreter_call"
            | "mcp_call"
            | "mcp_list_tools"
            | "tool_search_call"
            | "tool_search_output"
            | "program"
            | "program_output"
            | "shell_call_output"
            | "local_shell_call_output"
            | "apply_patch_call_output"
            | "computer_call_output" => Self::Hosted,
            "compaction" | "context_compaction" | "function_call_output" | "custom_tool_call_output" => {
                Self::Silent
            }
            _ => Self::Other,
        }
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
        b"reasoning_summary_text.delta" => EventKind::Delta(Streamed::Text(TextKind::Summary)),
        b"reasoning_text.delta" | b"reasoning.delta" => EventKind::Delta(Streamed::Text(TextKind::Reasoning)),
        b"refusal.delta" => EventKind::Delta(Streamed::Text(TextKind::Refusal)),
        b"custom_tool_call_input.delta" => EventKind::Delta(Streamed::Call(CallKind::Custom)),
        b"output_text.done" => EventKind::Done(Streamed::Text(TextKind::Text)),
        b"function_call_arguments.done" => EventKind::Done(Streamed::Call(CallKind::Function)),
        b"reasoning_summary_text.done" => EventKind::Done(Streamed::Text(TextKind::Summary)),
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
        b"output_text.annotation.added" => EventKind::Annotation,
        b"image_generation_call.partial_image" => EventKind::PartialImage,
        b"error" => EventKind::Error,
        b"created" | b"in_progress" | b"queued" => EventKind::Progress,
        b"completed" | b"done" => EventKind::Terminal(Status::Completed),
        b"incomplete" => EventKind::Terminal(Status::Incomplete),
        b"failed" => EventKind::Terminal(Status::Failed),
        b"cancelled" => EventKind::Terminal(Status::Cancelled),
        name if is_silent(name) => EventKind::Silent,
        _ => EventKind::Other,
    }
}

/// Progress of hosted tools: their content comes again in an item or a text.
fn is_silent(name: &[u8]) -> bool {
    const FAMILIES: [&[u8]; 11] = [
        b"metadata",
        b"output_tool_call.begin",
        b"steer.",
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
