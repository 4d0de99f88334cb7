//! Tools as they are sent to a server that has one list of them.
//!
//! Input: tools, written in the server's dialect; what a search found. Output: the list; names. State: none.

use super::super::path::Path;
use super::super::request_edit::{Action, RequestEdit};
use super::tool_names::ToolNames;
use crate::json::tree::Node;
use crate::json::{Str, write};
use crate::tool_kind::ToolKind;

pub(in crate::request) const TOOLS: &str = "tools";

/// A tool as it is sent, and where it was declared. A request may be all tools, and so they are kept without spare room.
pub(in crate::request) struct Sent {
    pub(in crate::request) name: Box<str>,
    pub(in crate::request) json: Box<[u8]>,
    pub(in crate::request) path: Box<str>,
}

/// The list, as JSON.
pub(in crate::request) fn written(tools: &[Sent]) -> Vec<u8> {
    let mut list = Vec::with_capacity(tools.iter().map(|sent| sent.json.len() + 1).sum::<usize>() + 2);
    list.push(b'[');
    write::separated(&mut list, tools, |list, sent| list.extend_from_slice(&sent.json));
    list.push(b']');
    list
}

/// Leaves out the others, and lists them.
pub(in crate::request) fn keep(
    tools: &mut Vec<Sent>,
    edit: &mut RequestEdit,
    reason: &str,
    is_kept: impl Fn(&Sent) -> bool,
) {
    tools.retain(|sent| {
        let is_kept = is_kept(sent);
        if !is_kept {
            edit.note(Action::Removed, &Path::Root.key(&sent.path), reason);
        }
        is_kept
    });
}

/// What a search found: the names that these tools have for the server, as JSON string contents.
pub(in crate::request) fn found(output: Node<'_>, names: &mut ToolNames) -> Vec<u8> {
    let mut found = Vec::new();
    let name = |tool: Node<'_>| tool.text("name").map(Str::decode).unwrap_or_default();
    for tool in output.get(TOOLS).into_iter().flat_map(Node::elements) {
        let namespace = tool.get(TOOLS).map(|_| name(tool));
        let members = tool.get(TOOLS).map_or_else(|| vec![tool], |own| own.elements().collect());
        for member in members {
            let is_custom = member.get("type").is_some_and(|own| own.is("custom"));
            let kind = if is_custom { ToolKind::Custom } else { ToolKind::Function };
            found.push(write::quoted(&names.sent(kind, namespace.as_deref(), &name(member))));
        }
    }
    let list = [&b"{\"tools\":["[..], &found.join(&b','), b"]}"].concat();
    write::contents(&String::from_utf8_lossy(&list))
}
