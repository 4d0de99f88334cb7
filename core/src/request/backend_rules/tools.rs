//! Declared tools: aliases, what the route allows, names that the backend takes, and the index of what is declared.
//!
//! Input: every list of tools. Output: edits. State: none of its own.

use super::super::path::Path;
use super::super::profile::ToolPolicy;
use super::super::request_edit::{RuleResult, reject};
use super::Rules;
use super::shapes::FILE_ID;
use crate::error::{Error, RejectCode};
use crate::json::tree::Node;
use crate::json::write;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// What a `/v1` route does not run: the client would wait for an answer that cannot come.
const STRICT: [&str; 5] =
    ["file_search", "code_interpreter", "computer_use", "computer_use_preview", "image_generation"];

const NAMESPACE: &str = "namespace";

/// Types whose tools have a name.
const NAMED: [&str; 3] = ["function", "custom", NAMESPACE];

/// What is declared under each name, and which types there are; looked up for every choice.
#[derive(Default)]
pub(super) struct Declared<'t> {
    names: HashMap<Cow<'t, [u8]>, Kinds>,
    types: HashSet<Cow<'t, [u8]>>,
}

#[derive(Default)]
struct Kinds {
    is_function: bool,
    is_custom: bool,
}

impl<'t> Declared<'t> {
    pub(super) fn of(lists: impl Iterator<Item = Node<'t>>) -> Self {
        let mut declared = Self::default();
        for list in lists {
            list.elements().filter_map(|tool| tool.text("type")).for_each(|kind| {
                declared.types.insert(kind.unescaped());
            });
            declared.add(list);
        }
        declared
    }

    /// Functions and custom tools, also inside namespaces.
    fn add(&mut self, list: Node<'t>) {
        for tool in list.elements() {
            let Some(kind) = tool.text("type") else { continue };
            if kind.is(NAMESPACE) {
                tool.get("tools").into_iter().for_each(|tools| self.add(tools));
            } else if let Some(name) = tool.text("name") {
                let kinds = self.names.entry(name.unescaped()).or_default();
                kinds.is_function |= kind.is("function");
                kinds.is_custom |= kind.is("custom");
            }
        }
    }

    /// `function` or `custom`, for a declared tool: where it is both, the one that was asked for.
    pub(super) fn kind_of(&self, name: &str, asked: &str) -> Option<&'static str> {
        let kinds = self.names.get(name.as_bytes())?;
        match (kinds.is_function, kinds.is_custom) {
            (true, true) => Some(if asked == "custom" { "custom" } else { "function" }),
            (true, false) => Some("function"),
            (false, true) => Some("custom"),
            (false, false) => None,
        }
    }

    pub(super) fn has_type(&self, kind: &str) -> bool {
        self.types.contains(kind.as_bytes())
    }
}

impl<'t> Rules<'t> {
    /// Every list of tools in the request: its own, those of Responses-Lite, those that a tool search loaded; with the
    /// position of the item that brought it.
    pub(super) fn tool_lists(&self) -> Vec<(Option<usize>, Node<'t>)> {
        let own = self.root.get("tools").map(|tools| (None, tools));
        let inner = self.items.iter().filter_map(|item| Some((Some(item.index()), item.tools()?)));
        own.into_iter().chain(inner).collect()
    }

    pub(super) fn tools(&mut self) -> RuleResult {
        for (item, list) in self.tool_lists() {
            let input = Path::Root.key("input");
            let holder = item.map_or(Path::Root, |index| input.index(index));
            self.tool_list(list, &holder.key("tools"))?;
        }
        Ok(())
    }

    fn tool_list(&mut self, list: Node<'t>, path: &Path<'_>) -> RuleResult {
        if !list.is_array() && !list.is_null() {
            return Err(reject(RejectCode::InvalidType, list, path, "tools must be a list"));
        }
        list.elements().enumerate().try_for_each(|(index, tool)| self.tool(tool, &path.index(index)))
    }

    fn tool(&mut self, tool: Node<'t>, path: &Path<'_>) -> RuleResult {
        if !tool.is_object() {
            return Err(reject(RejectCode::InvalidType, tool, path, "a tool must be an object"));
        }
        self.duplicates(tool, path);
        self.breakpoint(tool, path)?;
        let Some(kind) = tool.get("type").filter(|kind| kind.as_str().is_some()) else {
            return Err(missing(tool, &path.key("type")));
        };
        self.tool_type(kind, &path.key("type"))?;
        if NAMED.iter().any(|name| kind.is(name)) {
            let name = tool.get("name").filter(|name| name.as_str().is_some_and(|name| !name.is_blank()));
            self.name(name.ok_or_else(|| missing(tool, &path.key("name")))?, path);
        }
        if kind.is("function") {
            self.schema(tool, path)?;
        }
        self.files(tool, path)?;
        match tool.get("tools").filter(|_| kind.is(NAMESPACE)) {
            Some(members) => self.tool_list(members, &path.key("tools")),
            None => Ok(()),
        }
    }

    /// Uploaded files that a hosted tool is given.
    fn files(&mut self, tool: Node<'t>, path: &Path<'_>) -> RuleResult {
        for (holder, key) in [("input_image_mask", FILE_ID), ("container", "file_ids")] {
            if let Some(own) = tool.get(holder) {
                self.uploaded(own, key, &path.key(holder))?;
            }
        }
        Ok(())
    }

    /// Aliases first: a policy is about what would be sent.
    fn tool_type(&mut self, kind: Node<'_>, path: &Path<'_>) -> RuleResult {
        let name = self.alias(kind, path);
        let is_refused = match &self.profile.tools {
            ToolPolicy::All => false,
            ToolPolicy::Strict => STRICT.contains(&&*name),
            ToolPolicy::Only(allowed) => {
                !["function", "custom", NAMESPACE].contains(&&*name) && !allowed.contains(&name)
            }
        };
        if is_refused {
            let message = format!("Unsupported tool type: {}", super::super::path::shown(&name));
            return Err(reject(RejectCode::UnsupportedTool, kind, path, &message));
        }
        Ok(())
    }

    /// The type a tool is sent as; rewritten where the client used another name for it.
    fn alias(&mut self, kind: Node<'_>, path: &Path<'_>) -> String {
        let name = kind.as_str().map(crate::json::Str::decode).unwrap_or_default();
        let Some(target) = self.profile.alias(&name).map(str::to_owned) else { return name };
        let mut quoted = Vec::new();
        write::string(&mut quoted, &target);
        self.edit.replace(kind, quoted, path, "the backend knows this tool by its final name");
        target
    }

    /// A tool's name, wherever it stands: the same short form everywhere.
    pub(super) fn name(&mut self, member: Node<'_>, path: &Path<'_>) {
        let Some(short) = member.as_str().and_then(|name| self.names.short(name)) else { return };
        let mut quoted = Vec::new();
        write::string(&mut quoted, short);
        self.edit.replace(
            member,
            quoted,
            &path.key("name"),
            "too long or not [A-Za-z0-9_-]; restored in the answer",
        );
    }
}

fn missing(tool: Node<'_>, path: &Path<'_>) -> Error {
    let message = format!("Missing required parameter: '{path}'.");
    reject(RejectCode::MissingParameter, tool, path, &message)
}
