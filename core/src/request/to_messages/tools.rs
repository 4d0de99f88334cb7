//! Tools: what the client runs as functions, what the upstream runs by its name there.
//!
//! Input: every list of tools in the request. Output: one list, and changes. State: the names that were given.

use super::super::functions::sent_tools::{self, Sent, TOOLS};
use super::super::functions::{self, Function};
use super::super::path::Path;
use super::super::request_edit::{Loss, RuleResult};
use super::closed::closed;
use super::{ToMessages, given, marked};
use crate::error::Error;
use crate::json::tree::Node;
use crate::json::{Str, write};
use crate::tool_kind::ToolKind;

const NOTHING: &[u8] = br#"{"type":"object","properties":{}}"#;
const DEFER: &str = "defer_loading";
/// Tools of the server's that search for the client's begin so.
const SEARCH: &[u8] = b"tool_search_tool";
const TWICE: &str = "declared before";

impl<'t> ToMessages<'t> {
    /// Every list of tools as one: Messages has no others.
    pub(super) fn tools(&mut self) -> RuleResult {
        let own = self.root.get(TOOLS);
        let count = own.map_or(0, |own| own.elements().count());
        let (mut out, path) = (Vec::with_capacity(count), Path::Root.key(TOOLS));
        self.names.reserve(count);
        let mut kinds = own.into_iter().flat_map(Node::elements).filter_map(|tool| tool.text("type"));
        self.has_search = kinds.any(|kind| kind.raw().starts_with(SEARCH));
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
        self.write_tools(own, &out)
    }

    fn write_tools(&mut self, own: Option<Node<'t>>, out: &[Sent]) -> RuleResult {
        let path = Path::Root.key(TOOLS);
        match own {
            None if out.is_empty() => Ok(()),
            Some(own) if out.is_empty() => self.edit.remove(own, &path, "no tool is left", Loss::Harmless),
            _ => {
                self.edit.set(self.root, TOOLS, &sent_tools::written(out), &Path::Root, "tools in Messages");
                Ok(())
            }
        }
    }

    fn list(
        &mut self,
        list: Option<Node<'t>>,
        namespace: Option<&str>,
        path: &Path<'_>,
        out: &mut Vec<Sent>,
    ) -> RuleResult {
        for (index, tool) in list.into_iter().flat_map(Node::elements).enumerate() {
            self.tool(tool, namespace, &path.index(index), out)?;
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
    ) -> RuleResult {
        if tool.get("type").is_some_and(|own| own.is("namespace")) {
            let name = tool.text("name").map(Str::decode).unwrap_or_default();
            self.leave(tool, &["name", TOOLS], path)?;
            return self.list(tool.get(TOOLS), Some(&name), &path.key(TOOLS), out);
        }
        let Some(function) = Function::of(tool) else { return self.hosted(tool, path, out) };
        let Some(sent) = self.names.declare(function.kind, namespace, &function.name) else {
            return self.edit.lose(tool, path, TWICE, Loss::Harmless);
        };
        self.leave(tool, &[&functions::READ[..], &[DEFER]].concat(), path)?;
        let is_strict = function.kind == ToolKind::Function
            && tool.get("strict").is_some_and(|strict| strict.raw() == b"true");
        let strict = given(tool, "parameters").filter(|_| is_strict);
        let strict = strict.map(|own| closed(own, &path.key("parameters"), &mut self.edit)).transpose()?;
        let parameters = strict.as_deref().or(function.parameters);
        let mut json = marked(written(&sent, &function, parameters, is_strict), tool);
        if let Some(deferred) = self.deferred(tool, path)? {
            json.pop();
            write::pieces(&mut json, [b",\"", DEFER.as_bytes(), b"\":", deferred.raw(), b"}"]);
        }
        json.shrink_to_fit(); // there may be many
        out.push(Sent { name: sent.into(), json: json.into(), path: self.place(path).into() });
        Ok(())
    }

    /// Whether a tool is shown only once it was searched for, where one of the server's tools searches.
    fn deferred(&mut self, tool: Node<'t>, path: &Path<'_>) -> Result<Option<Node<'t>>, Error> {
        let deferred = given(tool, DEFER);
        if let Some(own) = deferred.filter(|_| !self.has_search) {
            self.edit.lose(
                own,
                &path.key(DEFER),
                "no tool of the server's searches for it",
                Loss::Harmless,
            )?;
        }
        Ok(deferred.filter(|_| self.has_search))
    }

    /// Where a tool stands, for those that a choice leaves out.
    fn place(&self, path: &Path<'_>) -> String {
        let has_choice = self.root.get("tool_choice").is_some_and(Node::is_object);
        if has_choice { path.to_string() } else { String::new() }
    }

    /// A tool that the upstream runs, by the name that it has there.
    fn hosted(&mut self, tool: Node<'t>, path: &Path<'_>, out: &mut Vec<Sent>) -> RuleResult {
        let kind = tool.text("type").map(Str::decode).unwrap_or_default();
        if is_of_messages(&kind) {
            let name = tool.text("name").map_or_else(|| kind.clone(), Str::decode);
            if !self.names.take(&name) {
                return self.edit.lose(tool, path, TWICE, Loss::Harmless);
            }
            out.push(Sent { name: name.into(), json: tool.raw().into(), path: self.place(path).into() });
            return Ok(());
        }
        let Some(there) = self.target.hosted(&kind).map(str::to_owned) else {
            return self.lose(tool, path, "a Messages server does not run it");
        };
        if !self.names.take(&kind) {
            return self.edit.lose(tool, path, TWICE, Loss::Harmless);
        }
        self.leave(tool, &["filters", "user_location"], path)?;
        let mut json = br#"{"type":"#.to_vec();
        write::string(&mut json, &there);
        json.extend_from_slice(br#","name":"#);
        write::string(&mut json, &kind);
        let filters = given(tool, "filters");
        for (holder, key) in
            [(filters, "allowed_domains"), (filters, "blocked_domains"), (Some(tool), "user_location")]
        {
            let value = holder.and_then(|holder| given(holder, key));
            if let Some(value) = value {
                write::pieces(&mut json, [b",\"", key.as_bytes(), b"\":", value.raw()]);
            }
        }
        json.push(b'}');
        out.push(Sent { name: kind.into(), json: marked(json, tool).into(), path: self.place(path).into() });
        Ok(())
    }
}

/// Whether a type is one of Messages, whose tools of the server have dates: `web_search_20250305`.
fn is_of_messages(kind: &str) -> bool {
    let date = kind.rsplit_once('_').map_or("", |(_, date)| date);
    date.len() == 8 && date.bytes().all(|digit| digit.is_ascii_digit())
}

fn written(name: &str, function: &Function<'_>, parameters: Option<&[u8]>, is_strict: bool) -> Vec<u8> {
    let mut out = br#"{"name":"#.to_vec();
    write::string(&mut out, name);
    if !function.description.is_empty() {
        write::pieces(&mut out, [br#","description":""#, &function.description, b"\""]);
    }
    let parameters = parameters.filter(|own| *own != b"null").unwrap_or(NOTHING);
    write::pieces(&mut out, [br#","input_schema":"#, parameters]);
    out.extend_from_slice(if is_strict { br#","strict":true}"# } else { b"}" });
    out
}
