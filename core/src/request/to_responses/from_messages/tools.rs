//! Tools: functions, and those that Anthropic defined by a type with a date, which `core/profiles/messages_tools.json` knows.
//!
//! Input: the list. Output: the list that Responses has, and what became of each typed tool. State: the table, read once.

use super::super::super::path::Path;
use super::super::super::request_edit::{Action, Loss, RuleResult};
use super::super::super::subschemas::is_strict;
use super::super::{given, missing, wrong_type};
use super::{FromMessages, list};
use crate::json::tree::Node;
use crate::json::{Str, Value, write};
use std::sync::LazyLock;

const TABLE: &str = include_str!("../../../../profiles/messages_tools.json");
/// What Claude Code declares so that its list of tools does not begin to be deferred in mid-conversation; it cannot be called.
const PLACEHOLDER: &str = "DeferredToolPlaceholder";

/// What becomes of a typed tool.
#[derive(Clone, Copy)]
enum Typed {
    /// A tool that the upstream runs, by its type.
    Hosted(&'static str),
    /// The client runs it: a function with this description and these parameters.
    Function(&'static [u8], &'static [u8]),
    /// For this reason there is none.
    Removed(&'static str),
}

static TYPED: LazyLock<Vec<(String, Typed)>> = LazyLock::new(|| {
    let mut rows = Vec::new();
    let table = Value::document(TABLE.as_bytes()).unwrap_or(Value::EMPTY);
    table.each_member(|name, row| rows.push((name.decode(), Typed::read(row))));
    rows
});

impl Typed {
    fn read(row: Value<'static>) -> Self {
        let text = |key| row.get(key).and_then(Value::as_str).map_or(&b""[..], Str::raw);
        let word = |key| std::str::from_utf8(text(key)).unwrap_or_default();
        match (row.get("parameters"), row.get("to")) {
            (Some(parameters), _) => Self::Function(text("description"), parameters.raw()),
            (None, Some(_)) => Self::Hosted(word("to")),
            (None, None) => Self::Removed(word("reason")),
        }
    }

    /// By the type without its date; `None` for a tool that the client describes itself.
    fn of(kind: &str) -> Option<Self> {
        let name = kind.rsplit_once('_').filter(|(_, date)| date.bytes().all(|byte| byte.is_ascii_digit()));
        let name = name.map_or(kind, |(name, _)| name);
        TYPED.iter().find(|(own, _)| own == name).map(|(_, typed)| *typed)
    }
}

impl<'t> FromMessages<'t> {
    pub(super) fn tools(&mut self) -> RuleResult {
        const KEY: &str = "tools";
        let Some(tools) = given(self.root, KEY) else { return Ok(()) };
        let path = &Path::Root.key(KEY);
        if !tools.is_array() {
            return Err(wrong_type(tools, path, "a list"));
        }
        let (mut written, mut bytes) = (Vec::new(), 0);
        for (index, tool) in tools.elements().enumerate() {
            let own = self.tool(tool, &path.index(index))?;
            bytes += own.as_ref().map_or(0, Vec::len);
            self.edit.check_room(bytes)?;
            written.extend(own);
        }
        self.has_tools = !written.is_empty();
        let written = list(&written);
        if tools.raw() != written {
            self.edit.replace(tools, written, path, "tools as Responses has them");
        }
        Ok(())
    }

    fn tool(&mut self, tool: Node<'t>, path: &Path<'_>) -> Result<Option<Vec<u8>>, super::Error> {
        if !tool.is_object() {
            return Err(wrong_type(tool, path, "an object"));
        }
        self.unmarked(tool, path)?;
        let kind = tool.text("type").map(Str::decode).filter(|kind| kind != "custom" && kind != "function");
        match kind.as_deref().and_then(Typed::of) {
            Some(typed) => self.typed(tool, kind.as_deref().unwrap_or_default(), typed, path),
            None if kind.is_some() && given(tool, "input_schema").is_none() => {
                self.typed(tool, "", Typed::Removed("only a Messages server knows it"), path)
            }
            None => self.function(tool, path),
        }
    }

    /// `strict` is false unless it is asked for: Responses would make every parameter a required one.
    fn function(&mut self, tool: Node<'t>, path: &Path<'_>) -> Result<Option<Vec<u8>>, super::Error> {
        let name = tool.get("name").filter(|name| name.as_str().is_some_and(|name| !name.is_blank()));
        let name = name.ok_or_else(|| missing(tool, &path.key("name")))?;
        let is_deferred = tool.get("defer_loading").is_some_and(|own| own.raw() == b"true");
        if name.is(PLACEHOLDER) && is_deferred {
            self.edit.lose(tool, path, "stands for tools that are not there", Loss::Harmless)?;
            return Ok(None);
        }
        let read = [
            "type",
            "name",
            "description",
            "input_schema",
            "strict",
            super::super::super::cache_marks::CACHE_CONTROL,
        ];
        self.leave(tool, &read, path)?;
        let mut out = [br#"{"type":"function","name":"#, name.raw()].concat();
        if let Some(description) = tool.get("description").filter(|own| own.as_str().is_some()) {
            write::pieces(&mut out, [b",\"description\":", description.raw()]);
        }
        let schema = given(tool, "input_schema").map_or(&b"null"[..], Node::raw);
        let strict = self.strict(tool, path);
        write::pieces(&mut out, [b",\"parameters\":", schema, b",\"strict\":", strict, b"}"]);
        Ok(Some(out))
    }

    /// A schema that OpenAI's strict mode refuses does not hold strictly.
    fn strict(&mut self, tool: Node<'t>, path: &Path<'_>) -> &'t [u8] {
        let strict = given(tool, "strict").map_or(&b"false"[..], Node::raw);
        let schema = given(tool, "input_schema");
        if strict != b"true" || schema.is_some_and(is_strict) {
            return strict;
        }
        self.edit.note(Action::Replaced, &path.key("strict"), "strict servers refuse the schema");
        b"false"
    }

    fn typed(
        &mut self,
        tool: Node<'t>,
        kind: &str,
        typed: Typed,
        path: &Path<'_>,
    ) -> Result<Option<Vec<u8>>, super::Error> {
        let name = tool.text("name").map_or_else(|| kind.to_owned(), Str::decode);
        match typed {
            Typed::Removed(reason) => {
                self.typed_tools.insert(name, None);
                self.lose(tool, path, reason)?;
                Ok(None)
            }
            Typed::Hosted(to) => {
                self.typed_tools.insert(name, Some(to));
                self.hosted(tool, to, path).map(Some)
            }
            Typed::Function(description, parameters) => {
                self.leave(tool, &["type", "name", super::super::super::cache_marks::CACHE_CONTROL], path)?;
                let mut out = br#"{"type":"function","name":"#.to_vec();
                write::string(&mut out, &name);
                write::pieces(&mut out, [b",\"description\":\"", description, b"\",\"parameters\":"]);
                write::compact(&mut out, parameters);
                out.extend_from_slice(b",\"strict\":false}");
                Ok(Some(out))
            }
        }
    }

    /// A search of the web is bound to a place, and to sites that are allowed, in both.
    fn hosted(&mut self, tool: Node<'t>, to: &str, path: &Path<'_>) -> Result<Vec<u8>, super::Error> {
        const READ: [&str; 5] = [
            "type",
            "name",
            "allowed_domains",
            "user_location",
            super::super::super::cache_marks::CACHE_CONTROL,
        ];
        self.leave(tool, &READ, path)?;
        let mut out = format!("{{\"type\":\"{to}\"").into_bytes();
        if let Some(domains) = tool.get("allowed_domains").filter(|own| own.elements().next().is_some()) {
            write::pieces(&mut out, [br#","filters":{"allowed_domains":"#, domains.raw(), b"}"]);
        }
        if let Some(location) = given(tool, "user_location") {
            write::pieces(&mut out, [br#","user_location":"#, location.raw()]);
        }
        out.push(b'}');
        Ok(out)
    }
}
