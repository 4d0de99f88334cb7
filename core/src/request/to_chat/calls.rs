//! Tool calls of a history as entries of `tool_calls`.
//!
//! Input: call items. Output: calls with ids that are their own within a message. State: the ids of the turn.

use super::super::functions;
use super::super::item_types::{self, Item};
use super::super::path::Path;
use super::super::request_edit::Action;
use super::super::short_names;
use super::ToChat;
use super::turn::{Call, Turn};
use crate::error::Error;
use crate::json::{Str, write};
use crate::tool_kind::ToolKind;

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
        let name = name.unwrap_or_else(|| functions::plain_name(item.kind).to_owned());
        let name = write::contents(&self.names.sent(kind, text("namespace").as_deref(), &name));
        let arguments = functions::arguments(item, &mut self.edit, path)?;
        self.leave(item.node, &functions::READ_OF_CALL, path)?;
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
}
