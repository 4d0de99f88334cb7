//! The names that tools have as functions. A function and a custom tool may have one name: here each has its own.
//!
//! Input: tools by kind, namespace and name. Output: one name for each that the server takes, and the way back. State:
//! the names that were given.

use super::super::short_names;
use crate::growth;
use crate::request::ClientTool;
use crate::tool_kind::ToolKind;
use std::collections::{BTreeMap, HashMap, HashSet};

#[derive(Debug, Default)]
pub(in crate::request) struct ToolNames {
    limit: usize,
    /// By [`key`].
    sent: HashMap<String, String>,
    /// By the client's name alone: the first of that name in a namespace.
    in_namespaces: HashMap<String, String>,
    taken: HashSet<String>,
    /// Those that the answer must know of, by the name that they were sent under: each is there once.
    tools: Vec<(String, ClientTool)>,
}

/// Whether it is custom, namespace and name, as the client has them.
fn key(is_custom: bool, namespace: Option<&str>, name: &str) -> String {
    let kind = if is_custom { 'c' } else { 'f' };
    match namespace {
        Some(namespace) => format!("{kind}{}:{namespace}{name}", namespace.len()),
        None => format!("{kind}:{name}"),
    }
}

impl ToolNames {
    pub(in crate::request) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Makes room for so many tools at once, and so without the old tables beside the new.
    pub(in crate::request) fn reserve(&mut self, tools: usize) {
        self.sent.reserve(tools);
        self.taken.reserve(tools);
    }

    /// Whether a tool of the server's may have its name: nothing else has it.
    pub(in crate::request) fn take(&mut self, name: &str) -> bool {
        self.taken.insert(name.to_owned())
    }

    /// The name that a declared tool is sent under; `None` for one that was declared before.
    pub(in crate::request) fn declare(
        &mut self,
        kind: ToolKind,
        namespace: Option<&str>,
        name: &str,
    ) -> Option<String> {
        if self.sent.contains_key(&key(kind == ToolKind::Custom, namespace, name)) {
            return None;
        }
        let sent = self.send(kind, namespace, name);
        if namespace.is_some() {
            self.in_namespaces.entry(name.to_owned()).or_insert_with(|| sent.clone());
        }
        if kind != ToolKind::Function || sent != name {
            let tool = ClientTool { kind, name: name.to_owned(), namespace: namespace.map(str::to_owned) };
            growth::push(&mut self.tools, (sent.clone(), tool));
        }
        Some(sent)
    }

    /// The name of a tool, declared or only called. A call may be of the other kind than the tool that has its name.
    pub(in crate::request) fn sent(&mut self, kind: ToolKind, namespace: Option<&str>, name: &str) -> String {
        let is_custom = kind == ToolKind::Custom;
        let own = |is_custom| self.sent.get(&key(is_custom, namespace, name));
        match own(is_custom).or_else(|| own(!is_custom)) {
            Some(sent) => sent.clone(),
            None => self.send(kind, namespace, name),
        }
    }

    fn send(&mut self, kind: ToolKind, namespace: Option<&str>, name: &str) -> String {
        let flat = match namespace {
            Some(namespace) if namespace.ends_with("__") => format!("{namespace}{name}"),
            Some(namespace) => format!("{namespace}__{name}"),
            None => name.to_owned(),
        };
        let sent = short_names::unlike(&flat, self.limit, &mut self.taken);
        self.sent.insert(key(kind == ToolKind::Custom, namespace, name), sent.clone());
        sent
    }

    /// The name that a declared tool of this kind and name is sent under; else that of the first one in a namespace.
    pub(in crate::request) fn declared(&self, kind: ToolKind, name: &str) -> Option<&str> {
        let own = self.sent.get(&key(kind == ToolKind::Custom, None, name));
        own.or_else(|| self.in_namespaces.get(name)).map(String::as_str)
    }

    /// What the answer must know of the tools.
    pub(in crate::request) fn client_tools(self) -> BTreeMap<String, ClientTool> {
        self.tools.into_iter().collect()
    }
}
