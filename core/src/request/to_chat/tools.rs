//! Tools as functions: what a server that speaks chat knows. A tool with free text for input becomes a function with one
//! argument, one that has no parameters of its own gets those of its calls; namespaces become part of the name.
//!
//! Input: every list of tools in the request. Output: one list, and changes. State: the names that were given.

use super::super::functions::sent_tools::{self, Sent, TOOLS};
use super::super::functions::{self, Function};
use super::super::path::{self, Path};
use super::super::profile::HostedTools;
use super::super::request_edit::{Loss, reject};
use super::ToChat;
use super::members::NOT_KNOWN;
use crate::error::Error;
use crate::error::RejectCode;
use crate::json::tree::Node;
use crate::json::{Str, write};
use crate::tool_kind::ToolKind;

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
            let is_allowed = |sent: &Sent| allowed.contains(&*sent.name);
            sent_tools::keep(&mut out, &mut self.edit, "tool_choice does not allow it", is_allowed);
        }
        if own.is_none() && self.is_refused(TOOLS) {
            sent_tools::keep(&mut out, &mut self.edit, NOT_KNOWN, |_| false);
        }
        let (list, is_empty) = (sent_tools::written(&out), out.is_empty());
        drop(out); // as large as the list
        match own {
            None if is_empty => {}
            Some(own) if is_empty => self.edit.remove(own, &path, "no tool is left", Loss::Harmless)?,
            Some(own) if own.raw() == list => {}
            Some(own) => self.edit.replace(own, list, &path, "functions in chat"),
            None => self.edit.set(self.root, TOOLS, &list, &Path::Root, "functions in chat"),
        }
        self.without_tools(is_empty)
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
        out.push(Sent { name: sent.into(), json: json.into(), path: path.to_string().into() });
        Ok(())
    }

    fn hosted(&mut self, tool: Node<'t>, path: &Path<'_>, out: &mut Vec<Sent>) -> Result<(), Error> {
        let name = tool.text("type").map(Str::decode).unwrap_or_default();
        match self.target.hosted_tools {
            HostedTools::Drop => self.lose(tool, path, "a chat server does not run it"),
            HostedTools::Keep => {
                out.push(Sent { name: name.into(), json: tool.raw().into(), path: path.to_string().into() });
                Ok(())
            }
            HostedTools::Reject => {
                let message = format!("Unsupported tool type: {}", path::shown(&name));
                Err(reject(RejectCode::UnsupportedTool, tool, &path.key("type"), &message))
            }
        }
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
