//! Tools and calls of a client as functions, which is all that some dialects know: a tool with free text for input becomes a
//! function with one argument, one that has no parameters of its own gets those of its calls.
//!
//! Input: tools and calls of a Responses request. Output: names, descriptions, parameters, arguments. State: none.

pub(super) mod answers;
pub(super) mod sent_tools;
pub(super) mod tool_names;

use super::item_types::{Item, ItemType};
use super::path::Path;
use super::request_edit::{Action, Loss, RequestEdit};
use crate::error::Error;
use crate::json::splice::Edits;
use crate::json::tree::Node;
use crate::json::{Str, write};
use crate::tool_kind::ToolKind;

pub(super) const INPUT: &str = r#"{"type":"object","properties":{"input":{"type":"string","description":"The whole input, as it is."}},"required":["input"],"additionalProperties":false}"#;

/// Tools that the client runs though they have no name: what they do, and what they are called with.
const NAMELESS: [(&str, ToolKind, &str, &str); 4] = [
    (
        "tool_search",
        ToolKind::ToolSearch,
        "Searches for further tools.",
        r#"{"type":"object","properties":{"query":{"type":"string"}},"required":["query"]}"#,
    ),
    (
        "local_shell",
        ToolKind::LocalShell,
        "Runs a command on the user's machine.",
        r#"{"type":"object","properties":{"command":{"type":"array","items":{"type":"string"}},"working_directory":{"type":"string"},"timeout_ms":{"type":"integer"}},"required":["command"]}"#,
    ),
    (
        "shell",
        ToolKind::Shell,
        "Runs commands on the user's machine.",
        r#"{"type":"object","properties":{"commands":{"type":"array","items":{"type":"string"}},"timeout_ms":{"type":"integer"},"max_output_length":{"type":"integer"}},"required":["commands"]}"#,
    ),
    (
        "apply_patch",
        ToolKind::ApplyPatch,
        "Creates, updates or deletes a file by a diff.",
        r#"{"type":"object","properties":{"type":{"type":"string","enum":["create_file","update_file","delete_file"]},"path":{"type":"string"},"diff":{"type":"string"}},"required":["type","path"]}"#,
    ),
];

/// The members of a tool that are read.
pub(super) const READ: [&str; 6] = ["name", "description", "parameters", "strict", "format", "execution"];

/// What a call was called with.
const ARGUMENTS: [&str; 3] = ["arguments", "action", "operation"];
/// The members of a call that are read.
pub(super) const READ_OF_CALL: [&str; 8] =
    ["call_id", "name", "namespace", "execution", "input", ARGUMENTS[0], ARGUMENTS[1], ARGUMENTS[2]];

/// A tool as a function.
pub(super) struct Function<'t> {
    pub(super) kind: ToolKind,
    /// The client's.
    pub(super) name: String,
    /// JSON string contents.
    pub(super) description: Vec<u8>,
    pub(super) parameters: Option<&'t [u8]>,
}

impl<'t> Function<'t> {
    /// `None` for a tool that the upstream would have to run itself.
    pub(super) fn of(tool: Node<'t>) -> Option<Self> {
        let name = tool.text("name").map(Str::decode).unwrap_or_default();
        let is_kind = |kind: &str| tool.get("type").is_some_and(|own| own.is(kind));
        let own = tool.get("parameters");
        let (kind, name, description, parameters) = if is_kind("function") {
            (ToolKind::Function, name, description(tool, ""), own.map(Node::raw))
        } else if is_kind("custom") {
            (ToolKind::Custom, name, custom_description(tool), Some(INPUT.as_bytes()))
        } else {
            let (name, kind, text, parameters) = nameless(tool)?;
            let parameters = own.filter(|own| own.is_object()).map_or(parameters.as_bytes(), Node::raw);
            (kind, name.to_owned(), description(tool, text), Some(parameters))
        };
        Some(Self { kind, name, description, parameters })
    }
}

/// A tool of the client's that a server knows as a function.
pub(super) fn nameless(tool: Node<'_>) -> Option<(&'static str, ToolKind, &'static str, &'static str)> {
    let is_served = tool.get("execution").is_some_and(|by| by.is("server"));
    let found = NAMELESS.iter().find(|(name, ..)| tool.get("type").is_some_and(|kind| kind.is(name)));
    found.copied().filter(|_| !is_served)
}

/// The tool's own, else `default`; JSON string contents.
fn description(tool: Node<'_>, default: &str) -> Vec<u8> {
    tool.text("description").map_or_else(|| write::contents(default), |own| own.raw().to_vec())
}

/// What a custom tool is for; its grammar cannot be enforced, but it can be described.
fn custom_description(tool: Node<'_>) -> Vec<u8> {
    let mut out = description(tool, "");
    let format = tool.get("format");
    let part = |key| format.and_then(|format| format.text(key));
    if let Some(definition) = part("definition") {
        let syntax = part("syntax").map_or(b"".as_slice(), Str::raw);
        let before: &[u8] = if out.is_empty() { b"" } else { br"\n\n" };
        let head: [&[u8]; 5] =
            [before, b"The input must match this ", syntax, br" grammar:\n", definition.raw()];
        out.extend_from_slice(&head.concat());
    }
    out
}

/// What a call was called with, as JSON string contents.
pub(super) fn arguments(item: &Item<'_>, edit: &mut RequestEdit, path: &Path<'_>) -> Result<Vec<u8>, Error> {
    let call = item.node;
    if item.kind.name == "custom_tool_call" {
        let input = call.text("input");
        let mut out = br#"{\"input\":\""#.to_vec();
        write::escaped_again(&mut out, input.map_or(b"", Str::raw));
        out.extend_from_slice(br#"\"}"#);
        return Ok(out);
    }
    let found = ARGUMENTS.into_iter().find_map(|key| Some((key, call.get(key)?)));
    let Some((key, own)) = found.filter(|(_, own)| !own.is_null()) else {
        edit.note(Action::Added, &path.key(ARGUMENTS[0]), "a call without arguments has none to name");
        return Ok(b"{}".to_vec());
    };
    if let Some(text) = own.as_str() {
        if text.is_blank() {
            edit.note(Action::Replaced, &path.key(key), "a call without arguments has an empty object");
            return Ok(b"{}".to_vec());
        }
        return Ok(text.raw().to_vec());
    }
    let mut edits = Edits::default();
    if let Some(kind) = own.get("type").filter(|_| item.kind.name == "local_shell_call") {
        edits.remove(kind); // there is only one
        edit.lose(kind, &path.key(key).key("type"), "there is only one", Loss::Harmless)?;
    }
    Ok(write::contents(&String::from_utf8_lossy(&edits.edited(own))))
}

/// The name that a tool without a name of its own is declared under.
pub(super) fn plain_name(kind: &ItemType) -> &'static str {
    kind.name.strip_suffix("_call").unwrap_or(kind.name)
}
