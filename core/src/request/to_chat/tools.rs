//! Tools as functions: what a server that speaks chat knows. A tool with free text for input becomes a function with one
//! argument, one that has no parameters of its own gets those of its calls; namespaces become part of the name.
//!
//! Input: every list of tools in the request. Output: one list, and changes. State: the names that were given.

use super::super::Error;
use super::super::functions::{self, Function};
use super::super::path::{self, Path};
use super::super::profile::HostedTools;
use super::super::request_edit::{Action, Loss, reject};
use super::ToChat;
use super::members::NOT_KNOWN;
use crate::error::RejectCode;
use crate::json::tree::Node;
use crate::json::{Str, write};
use crate::tool_kind::ToolKind;

const TOOLS: &str = "tools";

/// A tool as it is sent, and where it was declared.
pub(super) struct Sent {
    pub(super) name: String,
    pub(super) json: Vec<u8>,
    path: String,
}

impl<'t> ToChat<'t> {
    /// Every list of tools as one: chat has no others.
    pub(super) fn tools(&mut self) -> Result<(), Error> {
        let own = self.root.get(TOOLS);
        let count = own.map_or(0, |own| own.elements().count());
        let (mut out, path) = (Vec::with_capacity(count), Path::Root.key(TOOLS));
        self.names.reserve(count);
        self.list(own, None, &path, &mut out)?;
        let input = Path::Root.key("input");
        let lists: Vec<_> =
            self.items.iter().filter_map(|item| Some((item.index(), item.tools()?))).collect();
        for (at, list) in lists {
            self.list(Some(list), None, &input.index(at).key(TOOLS), &mut out)?;
        }
        if let Some(allowed) = self.choice(&out)? {
            self.drop_tools(&mut out, "tool_choice does not allow it", |sent| !allowed.contains(&sent.name));
        }
        if own.is_none() && self.is_refused(TOOLS) {
            self.drop_tools(&mut out, NOT_KNOWN, |_| true);
        }
        let mut list = Vec::with_capacity(out.iter().map(|sent| sent.json.len() + 1).sum::<usize>() + 2);
        list.push(b'[');
        write::separated(&mut list, &out, |list, sent| list.extend_from_slice(&sent.json));
        list.push(b']');
        match own {
            None if out.is_empty() => {}
            Some(own) if out.is_empty() => self.edit.remove(own, &path, "no tool is left", Loss::Harmless)?,
            Some(own) if own.raw() == list => {}
            _ => self.edit.set(self.root, TOOLS, &list, &Path::Root, "functions in chat"),
        }
        self.without_tools(out.is_empty())
    }

    fn drop_tools(&mut self, tools: &mut Vec<Sent>, reason: &str, is_dropped: impl Fn(&Sent) -> bool) {
        tools.retain(|sent| {
            let is_kept = !is_dropped(sent);
            if !is_kept {
                self.edit.note(Action::Removed, &Path::Root.key(&sent.path), reason);
            }
            is_kept
        });
    }

    fn list(
        &mut self,
        list: Option<Node<'t>>,
        namespace: Option<&str>,
        path: &Path<'_>,
        out: &mut Vec<Sent>,
    ) -> Result<(), Error> {
        for (index, tool) in list.into_iter().flat_map(Node::elements).enumerate() {
            self.tool(tool, namespace, &path.index(index), out)?;
        }
        Ok(())
    }

    /// Servers refuse `tool_choice` and the like where there are no tools.
    fn without_tools(&mut self, is_without: bool) -> Result<(), Error> {
        for key in ["tool_choice", "parallel_tool_calls"] {
            let member = self.root.get(key).filter(|member| is_without && !self.edit.is_removed(*member));
            if let Some(member) = member {
                self.edit.remove(member, &Path::Root.key(key), "there are no tools", Loss::Harmless)?;
            }
        }
        Ok(())
    }

    /// One tool, or those of a namespace, by the names that they are sent under.
    fn tool(
        &mut self,
        tool: Node<'t>,
        namespace: Option<&str>,
        path: &Path<'_>,
        out: &mut Vec<Sent>,
    ) -> Result<(), Error> {
        let name = tool.text("name").map(Str::decode).unwrap_or_default();
        if tool.get("type").is_some_and(|own| own.is("namespace")) {
            self.leave(tool, &["name", TOOLS], path)?;
            return self.list(tool.get(TOOLS), Some(&name), &path.key(TOOLS), out);
        }
        let Some(Function { kind, name, description, parameters }) = Function::of(tool) else {
            return self.hosted(tool, path, out);
        };
        let Some(sent) = self.names.declare(kind, namespace, &name) else {
            return self.edit.lose(tool, path, "declared before", Loss::Harmless);
        };
        self.leave(tool, &functions::READ, path)?;
        let strict = tool.get("strict").filter(|own| kind == ToolKind::Function && !own.is_null());
        let json = function(&sent, &description, parameters, strict);
        out.push(Sent { name: sent, json, path: path.to_string() });
        Ok(())
    }

    fn hosted(&mut self, tool: Node<'t>, path: &Path<'_>, out: &mut Vec<Sent>) -> Result<(), Error> {
        let name = tool.text("type").map(Str::decode).unwrap_or_default();
        match self.target.hosted_tools {
            HostedTools::Drop => self.lose(tool, path, "a chat server does not run it"),
            HostedTools::Keep => {
                out.push(Sent { name, json: tool.raw().to_vec(), path: path.to_string() });
                Ok(())
            }
            HostedTools::Reject => {
                let message = format!("Unsupported tool type: {}", path::shown(&name));
                Err(reject(RejectCode::UnsupportedTool, tool, &path.key("type"), &message))
            }
        }
    }

    /// What a search found: the names that these tools have for the server, as JSON string contents.
    pub(super) fn found_tools(&mut self, output: Node<'t>) -> Vec<u8> {
        let mut found = Vec::new();
        for tool in output.get(TOOLS).into_iter().flat_map(Node::elements) {
            let name = |tool: Node<'_>| tool.text("name").map(Str::decode).unwrap_or_default();
            let is_custom = |tool: Node<'_>| tool.get("type").is_some_and(|own| own.is("custom"));
            let kind = |tool| if is_custom(tool) { ToolKind::Custom } else { ToolKind::Function };
            match tool.get(TOOLS) {
                Some(members) => {
                    let namespace = name(tool);
                    for member in members.elements() {
                        found.push(write::quoted(&self.names.sent(
                            kind(member),
                            Some(&namespace),
                            &name(member),
                        )));
                    }
                }
                None => found.push(write::quoted(&self.names.sent(kind(tool), None, &name(tool)))),
            }
        }
        let list = [&b"{\"tools\":["[..], &found.join(&b','), b"]}"].concat();
        write::contents(&String::from_utf8_lossy(&list))
    }
}

fn function(name: &str, description: &[u8], parameters: Option<&[u8]>, strict: Option<Node<'_>>) -> Vec<u8> {
    let mut out = b"{\"type\":\"function\",\"function\":{\"name\":".to_vec();
    write::string(&mut out, name);
    if !description.is_empty() {
        out.extend_from_slice(&[b",\"description\":\"", description, b"\""].concat());
    }
    if let Some(parameters) = parameters.filter(|own| *own != b"null") {
        out.extend_from_slice(&[b",\"parameters\":", parameters].concat());
    }
    if let Some(strict) = strict {
        out.extend_from_slice(&[b",\"strict\":", strict.raw()].concat());
    }
    out.extend_from_slice(b"}}");
    out
}
