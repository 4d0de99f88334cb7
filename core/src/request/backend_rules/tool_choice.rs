//! `tool_choice`: one shape, no tool that the backend cannot be made to use, no tool that is not declared.
//!
//! Input: the choice and the declared tools. Output: edits. State: the index of declared names, made once.

use super::super::path::Path;
use super::super::request_edit::{Loss, RuleResult, reject};
use super::Rules;
use super::tools::Declared;
use crate::error::RejectCode;
use crate::json::tree::Node;
use crate::json::{Str, write};

const KEY: &str = "tool_choice";
const MODES: [&str; 3] = ["auto", "none", "required"];
const HOSTED: [&str; 6] =
    ["image_generation", "web_search", "file_search", "code_interpreter", "computer_use_preview", "mcp"];
const NOT_FORCED: &str = "the backend cannot be made to use a hosted tool; the model may still choose it";

/// What a choice asks for, whatever its shape.
enum Choice {
    Mode(&'static str),
    /// A function or custom tool, by name.
    Tool {
        kind: &'static str,
        name: String,
    },
    /// A tool that the server runs, by its type.
    Hosted(String),
}

impl Rules<'_> {
    pub(super) fn tool_choice(&mut self) -> RuleResult {
        let path = Path::Root.key(KEY);
        if self.root.get(KEY).is_some_and(|choice| !choice.is_null()) {
            self.declared = Declared::of(self.tool_lists().into_iter().map(|(_, list)| list));
        }
        match self.root.get(KEY) {
            None => Ok(()),
            Some(choice) if choice.is_null() => self.no_choice(choice, &path),
            Some(choice) if is_allowed_tools(choice) => self.allowed_tools(choice, &path),
            Some(choice) => self.one_choice(choice, &path),
        }
    }

    fn no_choice(&mut self, node: Node<'_>, path: &Path<'_>) -> RuleResult {
        if self.profile.removes_hosted_choice {
            return self.edit.remove(node, path, "asks for nothing", Loss::Harmless);
        }
        Ok(())
    }

    fn one_choice(&mut self, node: Node<'_>, path: &Path<'_>) -> RuleResult {
        let Some(choice) = self.read(node) else {
            return Err(reject(RejectCode::InvalidType, node, path, "tool_choice names no tool"));
        };
        if let Choice::Tool { name, .. } = &choice {
            self.check_declared(node, path, name)?;
        }
        if let (Choice::Hosted(_), true) = (&choice, self.profile.removes_hosted_choice) {
            return self.edit.remove(node, path, NOT_FORCED, Loss::ClientSetting);
        }
        self.unify(node, &choice, path);
        Ok(())
    }

    /// `{type:"allowed_tools",mode,tools}`, also in chat's nesting. Hosted entries go, the rest stays.
    fn allowed_tools(&mut self, node: Node<'_>, path: &Path<'_>) -> RuleResult {
        let inner = node.get("allowed_tools").filter(|inner| inner.is_object());
        let (holder, mut is_same) = (inner.unwrap_or(node), inner.is_none());
        let Some(list) = holder.get("tools").filter(|list| list.is_array()) else {
            return Err(reject(RejectCode::InvalidType, node, path, "allowed_tools needs a list of tools"));
        };
        let mut kept = Vec::new();
        for (index, entry) in list.elements().enumerate() {
            let Some(choice) = self.read(entry) else {
                return Err(reject(RejectCode::InvalidType, entry, path, "allowed_tools names no tool"));
            };
            match &choice {
                Choice::Hosted(_) if self.profile.removes_hosted_choice => {
                    self.edit.lose(
                        entry,
                        &path.key("tools").index(index),
                        NOT_FORCED,
                        Loss::ClientSetting,
                    )?;
                    is_same = false;
                    continue;
                }
                Choice::Tool { name, .. } => self.check_declared(entry, path, name)?,
                _ => {}
            }
            let (text, is_entry_same) = self.written(entry, &choice);
            is_same &= is_entry_same;
            kept.push(text);
        }
        if kept.is_empty() {
            return self.edit.remove(node, path, "no tool is left to choose from", Loss::Harmless);
        }
        if !is_same {
            let mode = holder.get("mode").map_or(&b"\"auto\""[..], Node::raw);
            let tools = kept.join(&b',');
            let text =
                [br#"{"type":"allowed_tools","mode":"#, mode, br#","tools":["#, &tools, b"]}"].concat();
            self.edit.replace(node, text, path, "one shape of allowed_tools");
        }
        Ok(())
    }

    /// Rewrites a choice that is not in the shape that Responses has for it.
    fn unify(&mut self, node: Node<'_>, choice: &Choice, path: &Path<'_>) {
        let (text, is_same) = self.written(node, choice);
        if !is_same {
            self.edit.replace(node, text, path, "one shape of tool_choice, names as declared");
        }
    }

    /// A choice in its own shape; whether it already is.
    fn written(&mut self, node: Node<'_>, choice: &Choice) -> (Vec<u8>, bool) {
        let mut out = Vec::new();
        match choice {
            Choice::Mode(mode) => write::string(&mut out, mode),
            Choice::Hosted(name) => {
                let is_same = node.get("type").is_some_and(|kind| kind.is(name));
                if is_same {
                    return (node.raw().to_vec(), true);
                }
                out.extend_from_slice(b"{\"type\":");
                write::string(&mut out, name);
                out.push(b'}');
            }
            Choice::Tool { kind, name } => {
                let mut raw = Vec::new();
                write::escaped(&mut raw, name);
                let short = self.names.short(Str::from_raw(&raw)).map(str::to_owned);
                let sent = short.as_deref().unwrap_or(name);
                let is_same = node.get("type").is_some_and(|own| own.is(kind))
                    && node.get("name").is_some_and(|own| own.is(sent));
                if is_same {
                    return (node.raw().to_vec(), true);
                }
                out.extend_from_slice(format!("{{\"type\":\"{kind}\",\"name\":").as_bytes());
                write::string(&mut out, sent);
                out.push(b'}');
            }
        }
        let is_same = out == node.raw();
        (out, is_same)
    }

    fn check_declared(&self, node: Node<'_>, path: &Path<'_>, name: &str) -> RuleResult {
        if self.declared.kind_of(name, "").is_some() {
            return Ok(());
        }
        let name = super::super::path::shown(name);
        let message = format!("Tool choice '{name}' not found in 'tools' parameter.");
        Err(reject(RejectCode::ToolNotFound, node, path, &message))
    }

    /// A word, `{type}`, `{type,name}`, chat's `{type,function:{name}}`, Anthropic's `{type:"tool",name}`. A hosted
    /// tool that was given as if it were a function is still hosted.
    fn read(&self, node: Node<'_>) -> Option<Choice> {
        let kind = node.as_str().or_else(|| node.text("type"))?.decode();
        if let Some(mode) = MODES.iter().find(|mode| **mode == kind) {
            return Some(Choice::Mode(mode));
        }
        let asked = if kind == "custom" { "custom" } else { "function" };
        let name = match &*kind {
            "any" => return Some(Choice::Mode("required")),
            "function" | "custom" => node.text("name").or_else(|| node.get(&kind)?.text("name"))?.decode(),
            "tool" => node.text("name")?.decode(),
            _ if node.is_object() => return Some(self.hosted(&kind)),
            _ => kind,
        };
        Some(match self.declared.kind_of(&name, asked) {
            Some(kind) => Choice::Tool { kind, name },
            None if self.is_hosted(&name) => self.hosted(&name),
            None => Choice::Tool { kind: "function", name },
        })
    }

    fn hosted(&self, name: &str) -> Choice {
        Choice::Hosted(self.profile.alias(name).unwrap_or(name).to_owned())
    }

    /// A type of tool that the server runs: one that is declared, or one everybody knows.
    fn is_hosted(&self, name: &str) -> bool {
        let name_sent = self.profile.alias(name).unwrap_or(name);
        HOSTED.contains(&name_sent) || self.declared.has_type(name)
    }
}

fn is_allowed_tools(choice: Node<'_>) -> bool {
    choice.get("type").is_some_and(|kind| kind.is("allowed_tools"))
}
