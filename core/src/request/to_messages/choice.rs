//! `tool_choice`, with what Responses says of parallel calls in it. A choice among some tools is made by sending only those.
//!
//! Input: the choice and the tools that are sent. Output: edits, changes, and the names that are left. State: none.

use super::super::functions::nameless;
use super::super::functions::sent_tools::Sent;
use super::super::path::Path;
use super::super::request_edit::{Action, Loss};
use super::{Error, ToMessages};
use crate::json::tree::Node;
use crate::json::{Str, write};
use crate::tool_kind::ToolKind;
use std::collections::HashSet;

const KEY: &str = "tool_choice";
const PARALLEL: &str = "parallel_tool_calls";
const MODES: [(&str, &str); 3] = [("auto", "auto"), ("required", "any"), ("none", "none")];

/// The tools that are left to choose from, and the choice in the shape of Messages.
type Chosen = (Option<HashSet<String>>, Option<Vec<u8>>);

impl ToMessages<'_> {
    /// Writes the choice; the names that are left to choose from, where it names some.
    pub(super) fn choice(&mut self, tools: &[Sent]) -> Result<Option<HashSet<String>>, Error> {
        let (choice, path) = (self.root.get(KEY), &Path::Root.key(KEY));
        let is_none = |own: Node<'_>| own.is("none") || own.get("mode").is_some_and(|mode| mode.is("none"));
        let is_serial = self.parallel(!tools.is_empty() && !choice.is_some_and(is_none))?;
        if let Some(choice) = choice.filter(|own| tools.is_empty() || own.is_null()) {
            self.edit.remove(choice, path, "there is nothing to choose", Loss::Harmless)?;
            return Ok(None);
        }
        let (mut allowed, mut written) = (None, None);
        if let Some(choice) = choice {
            (allowed, written) = self.chosen(choice, tools, path)?;
            if written.is_none() {
                self.edit.remove(choice, path, "a Messages server has no such tool", Loss::ClientSetting)?;
            }
        }
        if written.is_none() && is_serial {
            written = Some(br#"{"type":"auto"}"#.to_vec());
        }
        let Some(mut json) = written else { return Ok(allowed) };
        if is_serial {
            json.pop();
            json.extend_from_slice(br#","disable_parallel_tool_use":true}"#);
        }
        match choice.filter(|own| !self.edit.is_removed(*own)) {
            Some(choice) => self.edit.replace(choice, json, path, "the shape that Messages has"),
            None => self.edit.unlisted().append_member(self.root, KEY, &json),
        }
        Ok(allowed)
    }

    /// Whether calls must come one by one.
    fn parallel(&mut self, has_tools: bool) -> Result<bool, Error> {
        let Some(own) = self.root.get(PARALLEL) else { return Ok(false) };
        let path = &Path::Root.key(PARALLEL);
        let is_serial = own.raw() == b"false" && has_tools;
        if is_serial {
            self.edit.unlisted().remove(own);
            self.edit.note(Action::Moved, path, "tool_choice.disable_parallel_tool_use in Messages");
        } else {
            self.edit.remove(own, path, "what is done anyway", Loss::Harmless)?;
        }
        Ok(is_serial)
    }

    /// The tools that are allowed, and the choice in the shape of Messages.
    fn chosen(&mut self, choice: Node<'_>, tools: &[Sent], path: &Path<'_>) -> Result<Chosen, Error> {
        let mode = |word: Node<'_>| {
            let known = MODES.iter().find(|(own, _)| word.is(own));
            known.map(|(_, mode)| format!("{{\"type\":\"{mode}\"}}").into_bytes())
        };
        if !choice.is_object() {
            return Ok((None, mode(choice)));
        }
        if choice.get("type").is_some_and(|kind| kind.is("allowed_tools")) {
            let (list, mut allowed) = (path.key("tools"), HashSet::new());
            for (index, tool) in choice.get("tools").into_iter().flat_map(Node::elements).enumerate() {
                match self.sent_name(tool) {
                    Some(sent) => drop(allowed.insert(sent)),
                    None => self.lose(tool, &list.index(index), "a Messages server has no such tool")?,
                }
            }
            if !tools.iter().any(|sent| allowed.contains(&*sent.name)) {
                return Ok((None, None));
            }
            let mode = choice.get("mode").and_then(mode);
            return Ok((Some(allowed), mode.or_else(|| Some(br#"{"type":"auto"}"#.to_vec()))));
        }
        let sent = self.sent_name(choice).filter(|sent| tools.iter().any(|own| *own.name == **sent));
        let written = sent.map(|sent| {
            let mut json = br#"{"type":"tool","name":"#.to_vec();
            write::string(&mut json, &sent);
            json.push(b'}');
            json
        });
        Ok((None, written))
    }

    fn sent_name(&self, choice: Node<'_>) -> Option<String> {
        let is_custom = choice.get("type").is_some_and(|kind| kind.is("custom"));
        let kind = if is_custom { ToolKind::Custom } else { ToolKind::Function };
        let own = choice.text("name").map(Str::decode);
        let name = own.or_else(|| nameless(choice).map(|(name, ..)| name.to_owned()));
        match name {
            Some(name) => self.names.declared(kind, &name).map(str::to_owned),
            None => choice.text("type").map(Str::decode).filter(|kind| self.target.hosted(kind).is_some()),
        }
    }
}
