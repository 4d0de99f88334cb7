//! Which dialect a body is in, whatever its route.
//!
//! Input: the body, and the route that it came by. Output: a dialect. State: none.

use super::super::path::Path;
use super::super::request_edit::reject;
use super::{Error, given, missing};
use crate::dialect::Dialect;
use crate::error::RejectCode;
use crate::json::tree::Node;

/// Members that only Messages requests have.
const OF_MESSAGES: [&str; 9] = [
    "anthropic_version",
    "anthropic_beta",
    "betas",
    "stop_sequences",
    "output_config",
    "container",
    "mcp_servers",
    "context_management",
    "inference_geo",
];
/// Members that only chat requests have.
const OF_CHAT: [&str; 10] = [
    "max_completion_tokens",
    "response_format",
    "stream_options",
    "functions",
    "function_call",
    "logprobs",
    "frequency_penalty",
    "presence_penalty",
    "parallel_tool_calls",
    "reasoning_effort",
];
/// Blocks that only Messages has.
const BLOCKS: [&str; 5] = ["tool_use", "tool_result", "thinking", "redacted_thinking", "server_tool_use"];

/// What the body is, whatever its route. An empty list beside the other asks for nothing.
pub(in crate::request) fn dialect(root: Node<'_>, route: Dialect) -> Result<Dialect, Error> {
    let is_empty = |own: Node<'_>| own.is_array() && own.elements().next().is_none();
    match (given(root, "messages"), given(root, "input")) {
        (Some(messages), Some(_)) if is_empty(messages) => Ok(Dialect::Responses),
        (Some(_), Some(input)) if is_empty(input) => Ok(with_messages(root, route)),
        (Some(messages), Some(_)) => {
            let path = &Path::Root.key("messages");
            let message = "messages and input exclude each other";
            Err(reject(RejectCode::UnsupportedParameter, messages, path, message))
        }
        (Some(_), None) => Ok(with_messages(root, route)),
        (None, Some(_)) => Ok(Dialect::Responses),
        (None, None) if route == Dialect::Responses => Ok(Dialect::Responses),
        (None, None) => Err(missing(root, &Path::Root.key("messages"))),
    }
}

/// Chat or Messages: as the route says, unless the body is plainly the other.
fn with_messages(root: Node<'_>, route: Dialect) -> Dialect {
    match route {
        Dialect::Messages if is_plainly_chat(root) => Dialect::Chat,
        Dialect::Messages => Dialect::Messages,
        // Chat clients send blocks of Messages too, and those are read.
        Dialect::Chat if given(root, OF_MESSAGES[0]).is_some() => Dialect::Messages,
        Dialect::Responses if !is_plainly_chat(root) && is_plainly_messages(root) => Dialect::Messages,
        Dialect::Chat | Dialect::Responses => Dialect::Chat,
    }
}

/// Whether it has what no Messages client sends.
fn is_plainly_chat(root: Node<'_>) -> bool {
    let is_of_chat = |message: Node<'_>| {
        let is_role = |role: &str| message.get("role").is_some_and(|own| own.is(role));
        is_role("tool") || is_role("function") || given(message, "tool_calls").is_some()
    };
    OF_CHAT.iter().any(|key| given(root, key).is_some())
        || elements(root, "tools").any(|tool| tool.get("function").is_some_and(Node::is_object))
        || elements(root, "messages").any(is_of_chat)
}

/// Whether it has what only Messages clients send.
fn is_plainly_messages(root: Node<'_>) -> bool {
    let is_block =
        |block: Node<'_>| block.text("type").is_some_and(|kind| BLOCKS.iter().any(|own| kind.is(own)));
    let has_system = given(root, "system").is_some() && given(root, "max_tokens").is_some();
    let is_choice = |choice: Node<'_>| {
        ["any", "tool"].iter().any(|kind| choice.get("type").is_some_and(|own| own.is(kind)))
    };
    has_system
        || OF_MESSAGES.iter().any(|key| given(root, key).is_some())
        || given(root, "tool_choice").is_some_and(is_choice)
        || elements(root, "tools").any(|tool| tool.get("input_schema").is_some())
        || elements(root, "messages").any(|message| elements(message, "content").any(is_block))
}

fn elements<'t>(holder: Node<'t>, key: &str) -> impl Iterator<Item = Node<'t>> {
    holder.get(key).into_iter().flat_map(Node::elements)
}
