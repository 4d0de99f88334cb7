//! What one agent writes to another: in chat it can only be the user's.
//!
//! Input: an `agent_message` item. Output: a user's message. State: none.

use super::super::item_types::Item;
use super::super::path::Path;
use super::ToChat;
use super::messages::message;
use super::parts;
use crate::error::Error;
use crate::json::tree::Node;

impl<'t> ToChat<'t> {
    /// `None` where nothing is left of it.
    pub(super) fn agent_message(
        &mut self,
        item: &Item<'t>,
        path: &Path<'_>,
    ) -> Result<Option<Vec<u8>>, Error> {
        let content =
            ["content", "message", "text"].into_iter().find_map(|key| Some((key, item.node.get(key)?)));
        let Some((key, content)) = content else {
            self.lose(item.node, path, "a message that says nothing")?;
            return Ok(None);
        };
        self.leave(item.node, &["role", key], path)?;
        if content.as_str().is_some() {
            return Ok(Some(message("user", content.raw())));
        }
        let parts = self.parts(Some(content).filter(|own: &Node<'_>| !own.is_null()), &path.key(key))?;
        Ok((!parts.is_empty()).then(|| message("user", &parts::content(&parts))))
    }
}
