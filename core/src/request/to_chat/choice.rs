//! `tool_choice` as chat has it. A choice among some tools is made by sending only those: few servers know another way.

use super::super::Error;
use super::super::draft::Loss;
use super::super::path::Path;
use super::ToChat;
use super::tools::nameless;
use crate::json::tree::Node;
use crate::json::{Str, write};

const KEY: &str = "tool_choice";

impl ToChat<'_> {
    /// Rewrites the choice; the names that are left to choose from, where it says which.
    pub(super) fn choice(&mut self, tools: &mut [(String, Vec<u8>)]) -> Result<Option<Vec<String>>, Error> {
        let Some(choice) = self.root.get(KEY).filter(|choice| choice.is_object()) else { return Ok(None) };
        let path = &Path::Root.key(KEY);
        if choice.get("type").is_some_and(|kind| kind.is("allowed_tools")) {
            return Ok(Some(self.allowed(choice, path)));
        }
        let sent = self.sent_name(choice).filter(|sent| tools.iter().any(|(own, _)| own == sent));
        let Some(sent) = sent else {
            self.draft.remove(choice, path, "a chat server does not run it", Loss::Asked)?;
            return Ok(None);
        };
        let mut json = b"{\"type\":\"function\",\"function\":{\"name\":".to_vec();
        write::string(&mut json, &sent);
        json.extend_from_slice(b"}}");
        self.draft.replace(choice, json, path, "the shape that chat has");
        Ok(None)
    }

    fn allowed(&mut self, choice: Node<'_>, path: &Path<'_>) -> Vec<String> {
        let mode = choice.get("mode").map_or(&b"\"auto\""[..], Node::raw).to_vec();
        self.draft.replace(choice, mode, path, "only the tools that are allowed are sent");
        let list = choice.get("tools").into_iter().flat_map(Node::elements);
        list.filter_map(|tool| self.sent_name(tool)).collect()
    }

    fn sent_name(&self, choice: Node<'_>) -> Option<String> {
        match choice.text("name").map(Str::decode) {
            Some(name) => self.names.declared(&name).map(str::to_owned),
            None => nameless(choice).and_then(|(name, ..)| self.names.declared(name).map(str::to_owned)),
        }
    }
}
