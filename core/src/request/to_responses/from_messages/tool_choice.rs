//! `tool_choice`: one word or one tool; whether calls may be parallel is a member of its own in Responses.
//!
//! Input: the choice, and what became of the tools. Output: edits. State: none.

use super::super::super::path::Path;
use super::super::super::request_edit::{Action, Loss, RuleResult};
use super::super::{given, missing, wrong_type};
use super::FromMessages;
use crate::json::tree::Node;
use crate::json::write;

const KEY: &str = "tool_choice";
const PARALLEL: &str = "parallel_tool_calls";
const MODES: [(&str, &str); 3] = [("auto", "auto"), ("any", "required"), ("none", "none")];

impl<'t> FromMessages<'t> {
    pub(super) fn tool_choice(&mut self) -> RuleResult {
        let Some(choice) = self.root.get(KEY) else { return Ok(()) };
        let path = &Path::Root.key(KEY);
        if !self.has_tools {
            return self.edit.remove(choice, path, "there are no tools", Loss::Harmless);
        }
        if choice.is_null() {
            return self.edit.remove(choice, path, "asks for nothing", Loss::Harmless);
        }
        if !choice.is_object() {
            return Ok(()); // a word, which the rules read
        }
        self.parallel(choice, path);
        self.leave(choice, &["type", "name", "disable_parallel_tool_use"], path)?;
        let kind = choice.get("type").ok_or_else(|| missing(choice, &path.key("type")))?;
        if let Some((_, mode)) = MODES.iter().find(|(own, _)| kind.is(own)) {
            self.edit.replace(choice, write::quoted(mode), path, "a word in Responses");
            return Ok(());
        }
        if !kind.is("tool") {
            return Err(wrong_type(kind, &path.key("type"), "one of auto, any, tool, none"));
        }
        self.named(choice, path)
    }

    fn named(&mut self, choice: Node<'t>, path: &Path<'_>) -> RuleResult {
        let name = choice.text("name").ok_or_else(|| missing(choice, &path.key("name")))?;
        let value = match self.typed_tools.get(&name.decode()) {
            Some(None) => return self.edit.remove(choice, path, "the tool is gone", Loss::ClientSetting),
            Some(Some(kind)) => format!("{{\"type\":\"{kind}\"}}").into_bytes(),
            None => [br#"{"type":"function","name":""#, name.raw(), b"\"}"].concat(),
        };
        self.edit.replace(choice, value, path, "the shape that Responses has");
        Ok(())
    }

    fn parallel(&mut self, choice: Node<'t>, path: &Path<'_>) {
        let is_off = choice.get("disable_parallel_tool_use").is_some_and(|own| own.raw() == b"true");
        if is_off && given(self.root, PARALLEL).is_none() {
            self.add(PARALLEL, b"false");
            let reason = "parallel_tool_calls in Responses";
            self.edit.note(Action::Moved, &path.key("disable_parallel_tool_use"), reason);
        }
    }
}
