//! Tool calls of a history as entries of `tool_calls`.
//!
//! Input: call items. Output: calls with ids that are their own within a message. State: the ids of the turn.

use super::super::Error;
use super::super::item_types::{self, Item, ItemType};
use super::super::path::Path;
use super::super::request_edit::{Action, Loss};
use super::super::short_names;
use super::ToChat;
use super::turn::{Call, Turn};
use crate::json::splice::Edits;
use crate::json::{Str, write};
use crate::tool_kind::ToolKind;

/// What a call was called with.
const ARGUMENTS: [&str; 3] = ["arguments", "action", "operation"];
const READ: [&str; 8] =
    ["call_id", "name", "namespace", "execution", "input", ARGUMENTS[0], ARGUMENTS[1], ARGUMENTS[2]];

impl<'t> ToChat<'t> {
    pub(super) fn call(
        &mut self,
        item: &Item<'t>,
        turn: &mut Turn<'t>,
        path: &Path<'_>,
    ) -> Result<Call<'t>, Error> {
        let id = self.own_id(item, turn, path);
        let text = |key| item.node.text(key).map(Str::decode);
        let (kind, name) = match item.kind.name {
            "custom_tool_call" => (ToolKind::Custom, text("name")),
            _ => (ToolKind::Function, text("name")),
        };
        let name = name.unwrap_or_else(|| plain_name(item.kind).to_owned());
        let name = write::contents(&self.names.sent(kind, text("namespace").as_deref(), &name));
        let arguments = self.arguments(item, path)?;
        self.leave(item.node, &READ, path)?;
        let mut json = Vec::with_capacity(arguments.len() + name.len() + id.len() + 80);
        write::pieces(&mut json, [b"{\"id\":\"", &id, b"\",\"type\":\"function\",\"function\":{\"name\":\""]);
        write::pieces(&mut json, [&name[..], b"\",\"arguments\":\"", &arguments, b"\"}}"]);
        Ok(Call { item: *item, json, id })
    }

    /// Its id as JSON string contents, where no other call of the message has it.
    fn own_id(&mut self, item: &Item<'t>, turn: &mut Turn<'t>, path: &Path<'_>) -> Vec<u8> {
        let Some((_, id)) = item.call_id() else {
            self.edit.note(Action::Added, &path.key("call_id"), "a call needs an id");
            return item_types::missing_call_id(item.index()).into_bytes();
        };
        let original = id.decode();
        if turn.ids.insert(original.clone()) {
            return id.raw().to_vec();
        }
        let own = format!("{original}_{}", item.index());
        let new = short_names::unlike(&own, self.profile.id_bytes, &mut turn.ids);
        self.edit.note(Action::Replaced, &path.key("call_id"), "another call of the message has it");
        new.into_bytes()
    }

    /// What a call was called with, as JSON string contents.
    fn arguments(&mut self, item: &Item<'t>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
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
            self.edit.note(
                Action::Added,
                &path.key(ARGUMENTS[0]),
                "a call without arguments has none to name",
            );
            return Ok(b"{}".to_vec());
        };
        if let Some(text) = own.as_str() {
            if text.is_blank() {
                self.edit.note(
                    Action::Replaced,
                    &path.key(key),
                    "a call without arguments has an empty object",
                );
                return Ok(b"{}".to_vec());
            }
            return Ok(text.raw().to_vec());
        }
        let mut edits = Edits::default();
        if let Some(kind) = own.get("type").filter(|_| item.kind.name == "local_shell_call") {
            edits.remove(kind); // there is only one
            self.edit.lose(kind, &path.key(key).key("type"), "there is only one", Loss::Harmless)?;
        }
        Ok(write::contents(&String::from_utf8_lossy(&edits.edited(own))))
    }
}

/// The name that a tool without a name of its own is declared under.
fn plain_name(kind: &ItemType) -> &'static str {
    kind.name.strip_suffix("_call").unwrap_or(kind.name)
}
