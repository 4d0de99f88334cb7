//! What chat nests and Responses has flat: tools, formats, places.
//!
//! Input: a member of a request. Output: its Responses form. State: none.

use super::super::path::Path;
use super::{given, missing, wrong_type};
use crate::error::Error;
use crate::json::Str;
use crate::json::tree::Node;
use std::borrow::Cow;
use std::collections::HashSet;

const FUNCTION: &str = "function";
const CUSTOM: &str = "custom";
/// Anthropic's name for a function's parameters.
const INPUT_SCHEMA: &str = "input_schema";

/// Names of the custom tools that a request declares.
pub(super) fn customs(root: Node<'_>) -> Vec<Str<'_>> {
    names(root, CUSTOM).collect()
}

/// Those of them that no function has too: calls by such a name can only be custom.
pub(super) fn only_customs(root: Node<'_>) -> HashSet<Cow<'_, [u8]>> {
    let mut customs: HashSet<_> = names(root, CUSTOM).map(Str::unescaped).collect();
    if !customs.is_empty() {
        for name in names(root, FUNCTION) {
            customs.remove(&name.unescaped());
        }
    }
    customs
}

fn names<'t>(root: Node<'t>, kind: &'static str) -> impl Iterator<Item = Str<'t>> {
    let tools = root.get("tools").into_iter().flat_map(Node::elements);
    let own = tools.filter(move |tool| tool.get("type").is_some_and(|own| own.is(kind)));
    own.filter_map(move |tool| nest(tool, kind).unwrap_or(tool).text("name"))
}

/// A tool as Responses has it, if it is not already. What has no type is known by its members.
pub(super) fn flat_tool(tool: Node<'_>) -> Option<Vec<u8>> {
    let kind = tool.get("type");
    let is_kind = |name| kind.is_none_or(|kind| kind.is_null() || kind.is(name));
    if is_kind(FUNCTION) && nest(tool, FUNCTION).is_some() {
        return Some(function(tool));
    }
    if (is_kind(FUNCTION) || is_kind(CUSTOM)) && tool.get(INPUT_SCHEMA).is_some() {
        return Some(function(tool));
    }
    let is_nested = nest(tool, CUSTOM).is_some()
        || tool.get("format").is_some_and(|format| nest(format, "grammar").is_some());
    if is_kind(CUSTOM) && is_nested {
        return Some(closed(flat(CUSTOM, tool, CUSTOM, "format")));
    }
    let is_bare = kind.is_none_or(Node::is_null) && tool.text("name").is_some();
    (is_bare && tool.get("parameters").is_some()).then(|| function(tool))
}

/// Without `strict` chat means false; Responses does not.
fn function(tool: Node<'_>) -> Vec<u8> {
    let mut out = flat(FUNCTION, tool, FUNCTION, "");
    let is_given = |holder: Node<'_>| given(holder, "strict").is_some();
    if !is_given(tool) && !nest(tool, FUNCTION).is_some_and(is_given) {
        out.extend_from_slice(b",\"strict\":false");
    }
    closed(out)
}

/// Whether a chat client knows only the functions that came before tools.
pub(super) fn has_only_functions(root: Node<'_>) -> bool {
    let has = |name: &str| given(root, name).is_some_and(|list| list.elements().next().is_some());
    has("functions") && !has("tools")
}

/// Legacy `functions` as tools.
pub(super) fn functions(list: Node<'_>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
    if !list.is_array() {
        return Err(wrong_type(list, path, "a list"));
    }
    let mut tools = Vec::new();
    for (index, own) in list.elements().enumerate() {
        if !own.is_object() {
            return Err(wrong_type(own, &path.index(index), "an object"));
        }
        tools.push(function(own));
    }
    Ok(tools.join(&b','))
}

/// Legacy `function_call` as `tool_choice`.
pub(super) fn function_choice(choice: Node<'_>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
    if choice.as_str().is_some() {
        return Ok(choice.raw().to_vec());
    }
    let name = choice.text("name").ok_or_else(|| wrong_type(choice, path, "a word or a function's name"))?;
    Ok([br#"{"type":"function","name":""#, name.raw(), b"\"}"].concat())
}

/// `web_search_options` as a tool.
pub(super) fn web_search(options: Node<'_>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
    if !options.is_object() {
        return Err(wrong_type(options, path, "an object"));
    }
    Ok(closed(flat("web_search", options, "", "user_location")))
}

/// `system`, Anthropic's name for instructions: a text, or parts that are one.
pub(super) fn instructions(system: Node<'_>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
    if system.as_str().is_some() {
        return Ok(system.raw().to_vec());
    }
    let parts = if system.is_array() { system.elements().collect() } else { vec![system] };
    let texts: Option<Vec<_>> =
        parts.into_iter().map(|part| part.as_str().or_else(|| part.text("text")).map(Str::raw)).collect();
    let texts = texts.ok_or_else(|| wrong_type(system, path, "a text or parts of one"))?;
    Ok([b"\"", &texts.join(&br"\n\n"[..])[..], b"\""].concat())
}

/// `text.format` in chat's nesting, flat, and a schema with a name; `None` where it is so already.
pub(super) fn nested_format(own: Node<'_>, path: &Path<'_>) -> Result<Option<Vec<u8>>, Error> {
    if own.as_str().is_some() {
        return format(own, path).map(Some);
    }
    let is_unnamed = given(own, "schema").is_some() && given(own, "name").is_none();
    let is_odd = is_schema(own) && (is_unnamed || nest(own, SCHEMA).is_some());
    if is_odd { format(own, path).map(Some) } else { Ok(None) }
}

const SCHEMA: &str = "json_schema";

/// Whether a format is a schema: by its type, or without one by what it holds.
fn is_schema(format: Node<'_>) -> bool {
    format.get("type").map_or(nest(format, SCHEMA).is_some(), |kind| kind.is(SCHEMA))
}

/// `response_format` as `text.format`.
pub(super) fn format(format: Node<'_>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
    if let Some(kind) = format.as_str() {
        return Ok([br#"{"type":""#, kind.raw(), b"\"}"].concat());
    }
    if !format.is_object() {
        return Err(wrong_type(format, path, "an object"));
    }
    if !is_schema(format) {
        return Ok(format.raw().to_vec());
    }
    let holder = match given(format, SCHEMA) {
        Some(nest) if nest.is_object() => nest,
        Some(wrong) => return Err(wrong_type(wrong, &path.key(SCHEMA), "an object")),
        None if given(format, "schema").is_some() => format,
        None => return Err(missing(format, &path.key(SCHEMA))),
    };
    let mut out = flat(SCHEMA, format, SCHEMA, "");
    if given(holder, "name").is_none() {
        out.extend_from_slice(b",\"name\":\"response\"");
    }
    Ok(closed(out))
}

/// The object `{"type":T, T:{…}}` keeps under its type's name.
fn nest<'t>(object: Node<'t>, key: &str) -> Option<Node<'t>> {
    object.get(key).filter(|nest| nest.is_object())
}

/// `{"type":…` and the members of `object` and of what is nested in its member `key`; its member `inner` is flattened
/// in the same way. Nulls ask for nothing, and nothing is nested in itself. The caller closes it.
pub(super) fn flat(kind: &str, object: Node<'_>, key: &str, inner: &str) -> Vec<u8> {
    let mut out = format!("{{\"type\":\"{kind}\"").into_bytes();
    let nest = nest(object, key);
    let members = object.members().chain(nest.into_iter().flat_map(Node::members));
    let members = members.filter(|member| nest.is_none() || !member.key().is(key));
    // What nulls mean as parameters is decided with all schemas.
    let is_void = |member: &Node<'_>| member.is_null() && !member.is_named("parameters");
    for member in members.filter(|member| !is_void(member) && !is_own(member.key())) {
        let key = if member.key().is(INPUT_SCHEMA) { b"parameters" } else { member.key().raw() };
        out.extend_from_slice(&[b",\"", key, b"\":"].concat());
        match inner_flat(member).filter(|_| member.key().is(inner)) {
            Some(flat) => out.extend_from_slice(&flat),
            None => out.extend_from_slice(member.raw()),
        }
    }
    out
}

fn is_own(key: Str<'_>) -> bool {
    key.is("type")
}

/// `{"type":T, T:{…}}` flat, for the types that are nested in a tool.
fn inner_flat(object: Node<'_>) -> Option<Vec<u8>> {
    let kind = ["grammar", "approximate"].into_iter().find(|kind| nest(object, kind).is_some())?;
    Some(closed(flat(kind, object, kind, "")))
}

pub(super) fn closed(mut object: Vec<u8>) -> Vec<u8> {
    object.push(b'}');
    object
}
