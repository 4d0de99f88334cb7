//! `reasoning` and `text`: how much the model thinks, in the form that it knows, and the form of its answer.
//!
//! Input: these members, and what is known of the model. Output: `thinking`, `output_config`. State: none.

use super::super::configuration;
use super::super::path::{self, Path};
use super::super::profile::{ModelRow, Thinking};
use super::super::request_edit::{Action, Loss, RuleResult};
use super::closed::closed;
use super::{ToMessages, given};
use crate::json::tree::Node;
use crate::json::{Str, write};

/// Of no thinking; Codex's updates have the second.
const NONE: [&str; 2] = ["none", "disabled"];

const FORCED: &str = "no thinking where a tool is forced";

impl<'t> ToMessages<'t> {
    pub(super) fn thinking_and_format(&mut self) -> RuleResult {
        let effort = self.reasoning()?;
        let format = self.text()?;
        let members: Vec<_> = effort.into_iter().chain(format).collect();
        if !members.is_empty() {
            let config = [b"{", &members.join(&b',')[..], b"}"].concat();
            self.edit.unlisted().append_member(self.root, "output_config", &config);
        }
        Ok(())
    }

    /// The member `effort`, where the model has it.
    fn reasoning(&mut self) -> Result<Option<Vec<u8>>, super::Error> {
        let updated = configuration::updated(self.root, configuration::EFFORT).map(|(_, effort)| effort);
        let reasoning = self.root.get("reasoning");
        let path = &Path::Root.key("reasoning");
        if let Some(reasoning) = reasoning {
            self.moved_reasoning(reasoning, path)?;
        }
        let of = |key| reasoning.and_then(|reasoning| given(reasoning, key));
        let summary = ["summary", "generate_summary"].into_iter().find_map(of);
        let path = &path.key("effort");
        let own = of("effort");
        if let Some(replaced) = own.filter(|_| updated.is_some()) {
            self.edit.lose(replaced, path, configuration::UPDATED, Loss::Harmless)?;
        }
        let own = updated.or(own);
        if let Some(thinking) = given(self.root, "thinking") {
            return self.own_thinking(thinking, own);
        }
        let Some(effort) = own.or(summary) else { return Ok(None) };
        let word = own.and_then(Node::as_str);
        let Some(row) = self.limits.row.filter(|row| row.thinking != Thinking::None) else {
            self.lose(effort, path, "the model does not think")?;
            return Ok(None);
        };
        if word.is_some_and(|word| NONE.iter().any(|none| word.is(none))) {
            self.edit.unlisted().append_member(self.root, "thinking", br#"{"type":"disabled"}"#);
            return Ok(None);
        }
        self.think(row, word, summary.is_some(), effort)?;
        Ok(word.filter(|_| row.has_effort).map(|word| [br#""effort":""#, word.raw(), b"\""].concat()))
    }

    /// A client that knows the member itself. `effort`: what it asks for beside.
    fn own_thinking(
        &mut self,
        thinking: Node<'t>,
        effort: Option<Node<'t>>,
    ) -> Result<Option<Vec<u8>>, super::Error> {
        if self.forces_a_tool() && !thinking.get("type").is_some_and(|kind| kind.is("disabled")) {
            self.edit.remove(thinking, &Path::Root.key("thinking"), FORCED, Loss::Harmless)?;
        }
        let has_effort = self.limits.row.is_some_and(|row| row.has_effort);
        let word = effort.and_then(Node::as_str).filter(|_| has_effort);
        Ok(word.map(|word| [br#""effort":""#, word.raw(), b"\""].concat()))
    }

    /// Who is made to call a tool does not think first.
    fn forces_a_tool(&self) -> bool {
        let choice = self.root.get("tool_choice").filter(|own| !self.edit.is_removed(*own));
        choice.is_some_and(|choice| choice.is("required") || choice.is_object() && is_one_tool(choice))
    }

    /// Messages has no member of this name.
    fn moved_reasoning(&mut self, reasoning: Node<'t>, path: &Path<'_>) -> RuleResult {
        self.edit.unlisted().remove(reasoning);
        self.edit.note(Action::Moved, path, "thinking and output_config in Messages");
        for member in reasoning.members().filter(|own| !own.is_null()) {
            if !["effort", "summary", "generate_summary"].iter().any(|key| member.is_named(key)) {
                let key = member.key().decode();
                self.edit.lose(member, &path.key(path::shown(&key)), "Messages has none", Loss::Harmless)?;
            }
        }
        Ok(())
    }

    /// The member `thinking`.
    fn think(
        &mut self,
        row: &ModelRow,
        effort: Option<Str<'t>>,
        is_shown: bool,
        node: Node<'t>,
    ) -> RuleResult {
        let path = &Path::Root.key("reasoning");
        if self.forces_a_tool() {
            return self.edit.lose(node, path, FORCED, Loss::Harmless);
        }
        let mut thinking = br#"{"type":"adaptive""#.to_vec();
        if row.thinking == Thinking::Enabled {
            let effort = effort.unwrap_or(Str::from_raw(b"medium"));
            let Some(budget) = self.target.budget_within(effort, self.limits.max_tokens) else {
                return self.lose(node, path, "max_tokens leaves no room to think");
            };
            thinking = br#"{"type":"enabled","budget_tokens":"#.to_vec();
            write::number(&mut thinking, budget);
        }
        if is_shown {
            thinking.extend_from_slice(br#","display":"summarized""#);
        }
        thinking.push(b'}');
        self.edit.unlisted().append_member(self.root, "thinking", &thinking);
        Ok(())
    }

    fn moved_text(&mut self, text: Node<'t>, path: &Path<'_>) -> RuleResult {
        self.edit.unlisted().remove(text);
        self.edit.note(Action::Moved, path, "output_config in Messages");
        self.leave(text, &["format", "verbosity"], path)?;
        match given(text, "verbosity") {
            Some(verbosity) => self.lose(verbosity, &path.key("verbosity"), "Messages has none"),
            None => Ok(()),
        }
    }

    /// The member `format`.
    fn text(&mut self) -> Result<Option<Vec<u8>>, super::Error> {
        let updated = configuration::updated(self.root, configuration::FORMAT).map(|(_, format)| format);
        let text = self.root.get("text");
        let path = &Path::Root.key("text");
        if let Some(text) = text {
            self.moved_text(text, path)?;
        }
        let path = &path.key("format");
        let own = text.and_then(|text| given(text, "format"));
        if let Some(replaced) = own.filter(|_| updated.is_some()) {
            self.edit.lose(replaced, path, configuration::UPDATED, Loss::Harmless)?;
        }
        let Some(format) = updated.or(own) else { return Ok(None) };
        let is = |name: &str| format.get("type").is_some_and(|kind| kind.is(name));
        match given(format, "schema") {
            Some(schema) if is("json_schema") => {
                self.leave(format, &["schema", "name", "strict"], path)?;
                let schema = closed(schema, &path.key("schema"), &mut self.edit)?;
                Ok(Some([br#""format":{"type":"json_schema","schema":"#, &schema[..], b"}"].concat()))
            }
            _ if is("text") => Ok(None),
            _ => {
                self.lose(format, path, "Messages has formats with a schema only")?;
                Ok(None)
            }
        }
    }
}

fn is_one_tool(choice: Node<'_>) -> bool {
    !choice.get("type").is_some_and(|kind| kind.is("allowed_tools"))
        || choice.get("mode").is_some_and(|mode| mode.is("required"))
}
