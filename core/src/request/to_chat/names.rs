//! Enters: tools by namespace and name. Leaves: one name for each that a chat server takes, and the way back.

use super::super::names;
use crate::request::ClientTool;
use crate::responses::ToolKind;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Namespace and name, as the client has them.
type Key = (Option<String>, String);

#[derive(Debug, Default)]
pub(super) struct Names {
    limit: usize,
    sent: HashMap<Key, String>,
    taken: HashSet<String>,
    tools: BTreeMap<String, ClientTool>,
}

impl Names {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// The name that a declared tool is sent under; `None` for one that was declared before.
    pub(super) fn declare(&mut self, kind: ToolKind, namespace: Option<&str>, name: &str) -> Option<String> {
        let key = (namespace.map(str::to_owned), name.to_owned());
        if self.sent.contains_key(&key) {
            return None;
        }
        let sent = self.sent(namespace, name);
        if kind != ToolKind::Function || sent != name {
            let tool = ClientTool { kind, name: key.1, namespace: key.0 };
            self.tools.insert(sent.clone(), tool);
        }
        Some(sent)
    }

    /// The name of a tool, declared or only called.
    pub(super) fn sent(&mut self, namespace: Option<&str>, name: &str) -> String {
        let key = (namespace.map(str::to_owned), name.to_owned());
        if let Some(sent) = self.sent.get(&key) {
            return sent.clone();
        }
        let flat = match namespace {
            Some(namespace) if namespace.ends_with("__") => format!("{namespace}{name}"),
            Some(namespace) => format!("{namespace}__{name}"),
            None => name.to_owned(),
        };
        let sent = names::unlike(&flat, self.limit, &mut self.taken);
        self.sent.insert(key, sent.clone());
        sent
    }

    /// The name that the first declared tool of this name is sent under, whatever its namespace.
    pub(super) fn declared(&self, name: &str) -> Option<&str> {
        let own = (None, name.to_owned());
        let in_namespace = || self.tools.iter().find(|(_, tool)| tool.name == name).map(|(sent, _)| sent);
        self.sent.get(&own).or_else(in_namespace).map(String::as_str)
    }

    /// What the answer must know of the tools.
    pub(super) fn client_tools(self) -> BTreeMap<String, ClientTool> {
        self.tools
    }
}
