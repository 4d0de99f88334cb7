//! Calls of a history as `tool_use` blocks.
//!
//! Input: call items. Output: blocks, with ids that are their own in the conversation. State: the ids so far.

use super::super::functions;
use super::super::item_types::{self, Item};
use super::super::path::Path;
use super::super::request_edit::Action;
use super::super::short_names;
use super::turns::Call;
use super::{Error, ToMessages};
use crate::json::{Str, walk_with_room, write};
use crate::tool_kind::ToolKind;

/// The levels around an input: the request, its messages, one of them, its content, a block.
const LEVELS: usize = 6;

impl<'t> ToMessages<'t> {
    pub(super) fn call(&mut self, item: &Item<'t>, path: &Path<'_>) -> Result<(Call<'t>, Vec<u8>), Error> {
        let id = self.own_id(item, path);
        let text = |key| item.node.text(key).map(Str::decode);
        let is_custom = item.kind.name == item_types::CUSTOM_CALL;
        let kind = if is_custom { ToolKind::Custom } else { ToolKind::Function };
        let name = text("name").unwrap_or_else(|| functions::plain_name(item.kind).to_owned());
        let name = write::contents(&self.names.sent(kind, text("namespace").as_deref(), &name));
        let arguments = functions::arguments(item, &mut self.edit, path)?;
        let input = self.object(&arguments, path);
        self.leave(item.node, &functions::READ_OF_CALL, path)?;
        let mut block = br#"{"type":"tool_use","id":""#.to_vec();
        write::pieces(&mut block, [&id[..], br#"","name":""#, &name, br#"","input":"#, &input, b"}"]);
        Ok((Call { item: *item, id }, super::marked(block, item.node)))
    }

    /// Its id as JSON string contents, where no other call has it.
    fn own_id(&mut self, item: &Item<'t>, path: &Path<'_>) -> Vec<u8> {
        let Some((_, id)) = item.call_id() else {
            self.edit.note(Action::Added, &path.key("call_id"), "a call needs an id");
            return item_types::missing_call_id(item.index()).into_bytes();
        };
        let original = id.decode();
        if self.ids.insert(original.clone()) {
            return id.raw().to_vec();
        }
        let own = format!("{original}_{}", item.index());
        let new = short_names::unlike(&own, self.profile.id_bytes, &mut self.ids);
        self.edit.note(Action::Replaced, &path.key("call_id"), "another call has it");
        new.into_bytes()
    }

    /// Arguments as the object that they should be; others are the one member of an object.
    fn object(&mut self, arguments: &[u8], path: &Path<'_>) -> Vec<u8> {
        let text = Str::from_raw(arguments).decode();
        if walk_with_room(text.as_bytes(), |_| LEVELS, |_, _| {}).is_ok() {
            return text.trim().as_bytes().to_vec();
        }
        self.edit.note(
            Action::Replaced,
            &path.key("arguments"),
            "an object: what was sent is no JSON object",
        );
        [br#"{"arguments":""#, arguments, b"\"}"].concat()
    }
}
