//! Enters: the JSON of one upstream event. Leaves: a view of it. This module alone spells upstream names.
//!
//! OpenAI Responses streaming events, plus what Open Responses, Azure, Copilot and the Codex backend send. The type
//! is the JSON `type`; the SSE `event:` name is only a fallback. Unknown names are `Other`, never an error.

mod events;
mod failed;
mod made;
mod object;
mod write;

use crate::json::{self, Malformed, Str, Value};
pub(crate) use events::{Events, Framing, Spoken};
pub(crate) use failed::error_object;
pub use made::ToolKind;
pub(crate) use made::{Call, Head, Stand, image, message, reasoning};
pub(crate) use object::{Citation, Item, Part, Response, citation, document_status, id, rate_limits};
pub(crate) use write::{
    CREATED, IN_PROGRESS, IN_PROGRESS_ITEM, ITEM_ADDED, ITEM_DONE, REQUIRED_OF_RESPONSE, UNKNOWN_RESPONSE,
    item_skeleton, unfinished_status, write_part,
};

/// What an event is about. [`Kind::Delta`] and [`Kind::Done`] carry which text it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `response.created`, `.in_progress`, `.queued`
    Progress,
    ItemAdded,
    ItemDone,
    /// `….delta`: a piece of a text
    Delta(Lane),
    /// `….done`: the whole text
    Done(Lane),
    PartDone,
    SummaryPartDone,
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

/// A text that streams in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Lane {
    /// `response.output_text`
    Text,
    /// `response.refusal`
    Refusal,
    /// `response.reasoning_summary_text`
    Summary,
    /// `response.reasoning_text`, `response.reasoning`
    Reasoning,
    /// `response.function_call_arguments`
    Arguments,
    /// `response.custom_tool_call_input`
    Input,
}

impl Lane {
    /// The type of the items that hold such a text.
    pub(crate) fn item_kind(self) -> ItemKind {
        match self {
            Self::Text | Self::Refusal => ItemKind::Message,
            Self::Summary | Self::Reasoning => ItemKind::Reasoning,
            Self::Arguments => ItemKind::FunctionCall,
            Self::Input => ItemKind::CustomCall,
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
pub(crate) enum ItemKind {
    Message,
    Reasoning,
    FunctionCall,
    CustomCall,
    Image,
    /// Runs on the server; nothing for the client to do.
    Hosted,
    /// The client would have to act.
    ClientCall,
    #[default]
    Other,
}

impl ItemKind {
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
            _ => Self::Other,
        }
    }
}

fn kind(name: &[u8]) -> Kind {
    let Some(name) = name.strip_prefix(b"response.") else {
        return match name {
            b"error" => Kind::Error,
            b"codex.rate_limits" => Kind::RateLimits,
            b"keepalive" | b"ping" => Kind::Silent,
            name if name.starts_with(b"codex.") || name.starts_with(b"responsesapi.") => Kind::Silent,
            _ => Kind::Other,
        };
    };
    match name {
        b"output_text.delta" => Kind::Delta(Lane::Text),
        b"function_call_arguments.delta" => Kind::Delta(Lane::Arguments),
        b"reasoning_summary_text.delta" => Kind::Delta(Lane::Summary),
        b"reasoning_text.delta" | b"reasoning.delta" => Kind::Delta(Lane::Reasoning),
        b"refusal.delta" => Kind::Delta(Lane::Refusal),
        b"custom_tool_call_input.delta" => Kind::Delta(Lane::Input),
        b"output_text.done" => Kind::Done(Lane::Text),
        b"function_call_arguments.done" => Kind::Done(Lane::Arguments),
        b"reasoning_summary_text.done" => Kind::Done(Lane::Summary),
        b"reasoning_text.done" | b"reasoning.done" => Kind::Done(Lane::Reasoning),
        b"refusal.done" => Kind::Done(Lane::Refusal),
        b"custom_tool_call_input.done" => Kind::Done(Lane::Input),
        b"output_item.added" => Kind::ItemAdded,
        b"output_item.done" => Kind::ItemDone,
        b"content_part.done" => Kind::PartDone,
        b"reasoning_summary_part.done" => Kind::SummaryPartDone,
        b"output_text.annotation.added" => Kind::Annotation,
        b"image_generation_call.partial_image" => Kind::PartialImage,
        b"created" | b"in_progress" | b"queued" => Kind::Progress,
        b"completed" | b"done" => Kind::Terminal(Status::Completed),
        b"incomplete" => Kind::Terminal(Status::Incomplete),
        b"failed" => Kind::Terminal(Status::Failed),
        b"cancelled" => Kind::Terminal(Status::Cancelled),
        name if is_silent(name) => Kind::Silent,
        _ => Kind::Other,
    }
}

/// Progress of hosted tools and part openings: their content comes again in an item or a text.
fn is_silent(name: &[u8]) -> bool {
    const FAMILIES: [&[u8]; 11] = [
        b"content_part.added",
        b"reasoning_summary_part.added",
        b"metadata",
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

/// One upstream event: its kind, and the members that any consumer reads, unparsed.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Members<'a> {
    pub(crate) kind: Option<Str<'a>>,
    pub(crate) item_id: Option<Value<'a>>,
    pub(crate) output_index: Option<Value<'a>>,
    pub(crate) content_index: Option<Value<'a>>,
    pub(crate) summary_index: Option<Value<'a>>,
    pub(crate) delta: Option<Value<'a>>,
    /// `text`, `refusal`, `arguments` or `input`: the whole text of a done event
    pub(crate) whole: Option<Value<'a>>,
    pub(crate) logprobs: Option<Value<'a>>,
    pub(crate) call_id: Option<Value<'a>>,
    pub(crate) name: Option<Value<'a>>,
    pub(crate) item: Option<Value<'a>>,
    pub(crate) part: Option<Value<'a>>,
    pub(crate) annotation: Option<Value<'a>>,
    /// `partial_image_b64` of a partial image
    pub(crate) image: Option<Value<'a>>,
    pub(crate) output_format: Option<Value<'a>>,
    pub(crate) response: Option<Value<'a>>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Event<'a> {
    pub(crate) kind: Kind,
    /// The type as sent, for notes.
    pub(crate) name: &'a [u8],
    /// The whole event.
    pub(crate) json: Value<'a>,
    pub(crate) members: Members<'a>,
}

impl<'a> Event<'a> {
    /// `name`: the SSE `event:` name, used where the JSON has no `type`.
    pub(crate) fn parse(json: &'a [u8], name: &'a str) -> Result<Self, Malformed> {
        let mut members = Members::default();
        let json = json::walk(json, |key, value| members.set(key, value))?;
        let name = members.kind.map_or(name.as_bytes(), Str::raw);
        let kind = match kind(name) {
            Kind::Other => kind(&Str::from_raw(name).unescaped()),
            kind => kind,
        };
        Ok(Self { kind, name, json, members })
    }

    /// Which part of its item a text belongs to; 0 where the upstream leaves it out.
    pub(crate) fn part_index(&self) -> u64 {
        let Members { content_index, summary_index, .. } = self.members;
        summary_index.or(content_index).and_then(Value::as_u64).unwrap_or(0)
    }

    /// `….part.added`
    pub(crate) fn opens_part(&self) -> bool {
        self.name.ends_with(b"_part.added")
    }

    /// Whether it is called an error, whatever it holds.
    pub(crate) fn is_error(&self) -> bool {
        self.kind == Kind::Error
    }

    pub(crate) fn item_id(&self) -> Option<Str<'a>> {
        id(self.members.item_id)
    }

    pub(crate) fn sequence_number(&self) -> Option<u64> {
        self.json.get("sequence_number").and_then(Value::as_u64)
    }

    pub(crate) fn output_index(&self) -> Option<u64> {
        self.members.output_index.and_then(Value::as_u64)
    }
}

impl<'a> Members<'a> {
    fn set(&mut self, key: Str<'a>, value: Value<'a>) {
        if !self.set_named(key.raw(), value) && key.is_escaped() {
            self.set_named(&key.unescaped(), value);
        }
    }

    /// `false` for a key that no consumer reads.
    fn set_named(&mut self, key: &[u8], value: Value<'a>) -> bool {
        let slot = match key {
            b"type" => {
                self.kind = value.as_str();
                return true;
            }
            b"delta" => &mut self.delta,
            b"item_id" => &mut self.item_id,
            b"output_index" => &mut self.output_index,
            b"content_index" => &mut self.content_index,
            b"summary_index" => &mut self.summary_index,
            b"text" | b"refusal" | b"arguments" | b"input" => &mut self.whole,
            b"logprobs" => &mut self.logprobs,
            b"call_id" => &mut self.call_id,
            b"name" => &mut self.name,
            b"item" => &mut self.item,
            b"part" => &mut self.part,
            b"annotation" => &mut self.annotation,
            b"partial_image_b64" => &mut self.image,
            b"output_format" => &mut self.output_format,
            b"response" => &mut self.response,
            _ => return false,
        };
        *slot = Some(value);
        true
    }
}
