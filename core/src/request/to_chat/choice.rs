//! `tool_choice` as chat has it. A choice among some tools is made by sending only those: few servers know another way.
//!
//! Input: the choice and the tools that are sent. Output: edits, changes, and the names that are left. State: none.

use super::super::functions::nameless;
use super::super::functions::sent_tools::Sent;
use super::super::path::Path;
use super::super::request_edit::Loss;
use super::ToChat;
use crate::error::Error;
use crate::json::tree::Node;
use crate::json::{Str, write};
use crate::tool_kind::ToolKind;
use std::collections::HashSet;

const KEY: &str = "tool_choice";
const NOT_RUN: &str = "a chat server does not run it";

impl ToChat<'_> {
    /// Rewrites the choice; the names that are left to choose from, where it names some.
    pub(super) fn choice(&mut self, tools: &[Sent]) -> Result<Option<HashSet<String>>, Error> {
        let Some(choice) = self.root.get(KEY).filter(|choice| choice.is_object()) else { return Ok(None) };
        let path = &Path::Root.key(KEY);
        if choice.get("type").is_some_and(|kind| kind.is("allowed_tools")) {
            return self.allowed(choice, tools, path);
        }
        let sent = self.sent_name(choice).filter(|sent| tools.iter().any(|own| *own.name == **sent));
        let Some(sent) = sent else {
            self.edit.remove(choice, path, NOT_RUN, Loss::ClientSetting)?;
            return Ok(None);
        };
        let mut json = b"{\"type\":\"function\",\"function\":{\"name\":".to_vec();
        write::string(&mut json, &sent);
        json.extend_from_slice(b"}}");
        self.edit.replace(choice, json, path, "the shape that chat has");
        Ok(None)
    }

    fn allowed(
        &mut self,
        choice: Node<'_>,
        tools: &[Sent],
        path: &Path<'_>,
    ) -> Result<Option<HashSet<String>>, Error> {
        let (list, mut allowed) = (path.key("tools"), HashSet::new());
        let mut lost = Vec::new();
        for (index, tool) in choice.get("tools").into_iter().flat_map(Node::elements).enumerate() {
            match self.sent_name(tool) {
                Some(sent) => drop(allowed.insert(sent)),
                None => lost.push((index, tool)),
            }
        }
        let is_left = tools.iter().any(|sent| allowed.contains(&*sent.name));
        if is_left {
            let mode = choice.get("mode").map_or(&b"\"auto\""[..], Node::raw).to_vec();
            self.edit.replace(choice, mode, path, "only the tools that are allowed are sent");
        }
        for (index, tool) in lost {
            self.lose(tool, &list.index(index), NOT_RUN)?;
        }
        if !is_left {
            self.edit.remove(choice, path, NOT_RUN, Loss::ClientSetting)?;
        }
        Ok(is_left.then_some(allowed))
    }

    fn sent_name(&self, choice: Node<'_>) -> Option<String> {
        let is_custom = choice.get("type").is_some_and(|kind| kind.is("custom"));
        let kind = if is_custom { ToolKind::Custom } else { ToolKind::Function };
        let own = choice.text("name").map(Str::decode);
        let name = own.or_else(|| nameless(choice).map(|(name, ..)| name.to_owned()))?;
        self.names.declared(kind, &name).map(str::to_owned)
    }
}
