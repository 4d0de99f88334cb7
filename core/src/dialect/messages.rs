//! The Anthropic Messages dialect. This file and its folder alone spell its names.
//!
//! Input: the names on the wire. Output: the kinds that its files go by. State: none.
//!
//! An answer is a list of blocks (text, thinking, a call), one open at a time; its stream is `message_start`, for each
//! block a start, deltas and a stop, then `message_delta` with the reason and the usage, `message_stop`.

mod accumulate;
mod error;
mod event;
mod lint;
mod read;
mod relay;
mod too_long;
mod usage;
mod write;

use crate::json::{Str, write as json_write};
use crate::opaque;
pub(crate) use accumulate::Accumulator;
pub(crate) use lint::Lint;
pub(crate) use read::MessagesReader;
pub(crate) use relay::MessagesRelay;
pub(crate) use usage::{read_usage, write_usage};
pub(crate) use write::MessagesWriter;

/// Event types (`type` of the data, and the SSE name).
const MESSAGE_START: &str = "message_start";
const BLOCK_START: &str = "content_block_start";
const BLOCK_DELTA: &str = "content_block_delta";
const BLOCK_STOP: &str = "content_block_stop";
const MESSAGE_DELTA: &str = "message_delta";
const MESSAGE_STOP: &str = "message_stop";
const PING: &str = "ping";
const ERROR: &str = "error";

/// The type of a whole answer.
const MESSAGE: &str = "message";

/// What streams inside a block, by the delta that brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeltaKind {
    /// `text_delta`
    Text,
    /// `thinking_delta`
    Thinking,
    /// `input_json_delta`
    Input,
}

impl DeltaKind {
    const ALL: [Self; 3] = [Self::Text, Self::Thinking, Self::Input];

    const fn type_name(self) -> &'static str {
        match self {
            Self::Text => "text_delta",
            Self::Thinking => "thinking_delta",
            Self::Input => "input_json_delta",
        }
    }

    /// The member that holds the piece.
    const fn member(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Thinking => "thinking",
            Self::Input => "partial_json",
        }
    }

    fn named(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.type_name().as_bytes() == name)
    }
}

const SIGNATURE_DELTA: &str = "signature_delta";
const CITATIONS_DELTA: &str = "citations_delta";

/// Block types, as far as they are treated differently.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum BlockType {
    Text,
    Thinking,
    RedactedThinking,
    ToolUse,
    /// A tool that runs on the server.
    ServerToolUse,
    /// What a search of the web found.
    SearchResult,
    /// What another such tool gave, and what tells of the server itself.
    Hosted,
    #[default]
    Other,
}

const TEXT: &str = "text";
const THINKING: &str = "thinking";
const REDACTED_THINKING: &str = "redacted_thinking";
const TOOL_USE: &str = "tool_use";
const SERVER_TOOL_USE: &str = "server_tool_use";
const SEARCH_RESULT: &str = "web_search_tool_result";
/// The name of the server's tool that searches the web.
const WEB_SEARCH: &str = "web_search";

impl BlockType {
    fn named(name: &[u8]) -> Self {
        match std::str::from_utf8(name).unwrap_or_default() {
            TEXT => Self::Text,
            THINKING => Self::Thinking,
            REDACTED_THINKING => Self::RedactedThinking,
            TOOL_USE => Self::ToolUse,
            SERVER_TOOL_USE | "mcp_tool_use" => Self::ServerToolUse,
            SEARCH_RESULT => Self::SearchResult,
            "compaction" | "fallback" | "container_upload" | "mcp_tool_listing" => Self::Hosted,
            name if name.ends_with("_tool_result") => Self::Hosted,
            _ => Self::Other,
        }
    }
}

/// What to send while nothing else is: the event that clients skip by its name.
pub(crate) fn ping() -> &'static [u8] {
    b"event: ping\ndata: {\"type\": \"ping\"}\n\n"
}

/// `event: NAME` and `data: {"type":"NAME"`, still open.
fn open_event(out: &mut Vec<u8>, name: &str) {
    let name = name.as_bytes();
    json_write::pieces(out, [b"event: ", name, b"\ndata: {\"type\":\"", name, b"\""]);
}

const CLOSE_EVENT: &[u8] = b"}\n\n";

/// Whether a first piece of a call's input says nothing; see `read/calls.rs`.
fn is_placeholder(piece: Str<'_>) -> bool {
    piece.is_blank() || piece.is_empty_object()
}

/// State of a Messages server in an envelope: one member of a block, as JSON string contents.
fn seal(member: &str, state: &[u8]) -> Vec<u8> {
    opaque::seal(MESSAGES, member, state)
}

/// The origin of what only a Messages server can read.
const MESSAGES: &str = super::Dialect::Messages.as_str();
