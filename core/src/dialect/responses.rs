//! The Responses dialect. This file alone spells its item types; its event names are in `event_names`.
//!
//! Input: the names on the wire. Output: the kinds that its files go by. State: none.
//!
//! OpenAI Responses streaming events, plus what Open Responses, Azure, Copilot and the Codex backend send. Unknown names
//! are `Other`, never an error.

mod accumulate;
pub(crate) mod body;
mod compacted;
mod conform;
mod error;
mod event;
mod item_tracker;
mod lint;
mod merge;
mod object;
mod read;
mod relay;
mod rename_back;
mod response;
mod usage;
mod write;

use crate::answer::{CallKind, TextKind};
pub(crate) use crate::event_names::{
    ControlAnswer, EventKind, INTERRUPT_FAILED, PREVIOUS_RESPONSE_ID, STEER_FAILED, Status, Streamed,
};
pub(crate) use accumulate::Accumulator;
pub use compacted::compaction_response;
pub(crate) use compacted::is_compaction;
pub(crate) use error::{error_object, mended};
pub(crate) use event::{Event, Members};
pub(crate) use item_tracker::{Identity, ItemRef, ItemTracker};
pub(crate) use lint::Lint;
pub(crate) use object::{Item, ONLY_HERE, Part, citation, declare, id, other_parts, rate_limits};
pub(crate) use read::ResponsesReader;
pub(crate) use relay::Relay;
pub(crate) use rename_back::NameRestorer;
pub(crate) use response::{INTERRUPTED, Response, STEERED, document_status, with_message};
pub(crate) use usage::write_usage;
pub(crate) use write::ResponsesWriter;
pub(crate) use write::missing::UNKNOWN_RESPONSE;

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

/// The item type of a message. Some servers leave it out.
const MESSAGE: &str = "message";

/// The item type of a search of the web.
const WEB_SEARCH_CALL: &str = "web_search_call";

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
    /// A search of the web, which runs on the server.
    WebSearch,
    /// Runs on the server; nothing for the client to do.
    Hosted,
    /// The client would have to act.
    ClientCall,
    /// Known to carry nothing for a client of another dialect.
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
            MESSAGE => Self::Message,
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
            WEB_SEARCH_CALL => Self::WebSearch,
            "file_search_call"
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
            | "computer_call_output"
            | "agent_message" => Self::Hosted,
            "compaction"
            | "compaction_summary"
            | "context_compaction"
            | "configuration_update"
            | "additional_tools"
            | "mcp_approval_response"
            | "function_call_output"
            | "custom_tool_call_output" => Self::Silent,
            _ => Self::Other,
        }
    }
}
