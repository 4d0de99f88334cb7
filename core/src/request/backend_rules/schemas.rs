//! Schemas of function tools that every strict server refuses: null, without `type` or `properties`, with alternatives
//! at the top level.

use super::super::path::Path;
use super::super::request_edit::{Loss, Verdict, reject};
use super::Rules;
use crate::error::RejectCode;
use crate::json::tree::Node;
use std::collections::HashMap;

const KEY: &str = "parameters";
const NOTHING: &[u8] = br#"{"type":"object","properties":{}}"#;
/// What may not stand at the top level.
const ALTERNATIVES: [&str; 3] = ["oneOf", "anyOf", "allOf"];
const REF: &str = "$ref";
/// Alternatives inside alternatives are followed so far; a schema may refer to itself.
const MOST_DEPTH: usize = 4;

impl<'t> Rules<'t> {
    /// `tool`: a function.
    pub(super) fn schema(&mut self, tool: Node<'t>, path: &Path<'_>) -> Verdict {
        let Some(schema) = tool.get(KEY) else { return Ok(()) };
        let own = &path.key(KEY);
        if schema.is_null() {
            self.draft.replace(schema, NOTHING, own, "a function without parameters");
            return Ok(());
        }
        if !schema.is_object() {
            let message = format!("Invalid type for '{own}': expected an object.");
            return Err(reject(RejectCode::InvalidType, schema, own, &message));
        }
        let is_split = |key: &&str| schema.get(key).is_some_and(Node::is_array);
        if ALTERNATIVES.iter().any(is_split) || schema.text(REF).is_some() {
            self.draft.replace(
                schema,
                Merged::of(schema).json(schema),
                own,
                "no alternatives at the top level",
            );
            if let Some(strict) = tool.get("strict").filter(|strict| strict.raw() == b"true") {
                self.draft.replace(strict, "false", &path.key("strict"), "not every member is required now");
            }
            return Ok(());
        }
        for key in ["enum", "not"] {
            if let Some(member) = schema.get(key) {
                self.draft.remove(member, &own.key(key), "not at the top level", Loss::Nothing)?;
            }
        }
        let is_object = |kind: Node<'_>| kind.is_array() && kind.elements().any(|kind| kind.is("object"));
        if schema.get("type").is_none_or(|kind| kind.is_null() || is_object(kind)) {
            self.draft.set(schema, "type", b"\"object\"", own, "the arguments are an object");
        }
        if schema.get("properties").is_none_or(Node::is_null) {
            self.draft.set(schema, "properties", b"{}", own, "strict servers require it");
        }
        Ok(())
    }
}

/// The members of a schema and of all its alternatives.
#[derive(Default)]
struct Merged<'t> {
    names: Vec<&'t [u8]>,
    /// The schemas that a member has, each once.
    schemas: HashMap<&'t [u8], Vec<&'t [u8]>>,
    required: Vec<&'t [u8]>,
}

impl<'t> Merged<'t> {
    fn of(schema: Node<'t>) -> Self {
        let mut merged = Self::default();
        merged.properties(schema, schema, MOST_DEPTH);
        merged.required = required(schema);
        if let Some(target) = schema.get(REF).map(|_| target(schema, schema)) {
            merged.require(&[required(target)], true);
        }
        for key in ALTERNATIVES {
            let Some(branches) = schema.get(key) else { continue };
            let branches = branches.elements().map(|branch| required(target(schema, branch)));
            merged.require(&branches.collect::<Vec<_>>(), key == "allOf");
        }
        merged
    }

    /// The properties of a schema, of what it refers to, and of its alternatives.
    fn properties(&mut self, root: Node<'t>, schema: Node<'t>, depth: usize) {
        self.own_properties(schema);
        let Some(depth) = depth.checked_sub(1) else { return };
        let branches = ALTERNATIVES.iter().filter_map(|key| schema.get(key)).flat_map(Node::elements);
        for branch in branches {
            self.properties(root, target(root, branch), depth);
        }
        if schema.text(REF).is_some() {
            self.properties(root, target(root, schema), 0);
        }
    }

    fn own_properties(&mut self, schema: Node<'t>) {
        for member in schema.get("properties").into_iter().flat_map(Node::members) {
            let name = member.key().raw();
            let schemas = self.schemas.entry(name).or_default();
            if schemas.is_empty() {
                self.names.push(name);
            }
            if !schemas.contains(&member.raw()) {
                schemas.push(member.raw());
            }
        }
    }

    /// What every branch requires, or any of them where all hold.
    fn require(&mut self, branches: &[Vec<&'t [u8]>], is_any: bool) {
        let mut counts: HashMap<&[u8], usize> = HashMap::new();
        for name in branches.iter().flatten() {
            *counts.entry(name).or_default() += 1;
        }
        let needed = if is_any { 1 } else { branches.len() };
        for name in branches.iter().flatten() {
            // Taken out, so that it comes once.
            if counts.remove(name).is_some_and(|count| count >= needed) && !self.required.contains(name) {
                self.required.push(name);
            }
        }
    }

    fn json(&self, schema: Node<'t>) -> Vec<u8> {
        let mut out = br#"{"type":"object""#.to_vec();
        let is_made =
            |key: &str| ["type", "properties", "required", REF].contains(&key) || ALTERNATIVES.contains(&key);
        for member in schema.members().filter(|member| !is_made(&member.key().decode())) {
            out.extend_from_slice(&[b",\"", member.key().raw(), b"\":", member.raw()].concat());
        }
        let properties = self.names.iter().map(|name| {
            let schema = match &self.schemas[name][..] {
                [one] => one.to_vec(),
                several => [&b"{\"anyOf\":["[..], &several.join(&b','), b"]}"].concat(),
            };
            [b"\"", *name, b"\":", &schema[..]].concat()
        });
        let properties = properties.collect::<Vec<_>>().join(&b',');
        out.extend_from_slice(&[b",\"properties\":{", &properties[..], b"}"].concat());
        if !self.required.is_empty() {
            let names: Vec<_> = self.required.iter().map(|name| [b"\"", *name, b"\""].concat()).collect();
            out.extend_from_slice(&[b",\"required\":[", &names.join(&b',')[..], b"]"].concat());
        }
        out.push(b'}');
        out
    }
}

fn required(schema: Node<'_>) -> Vec<&[u8]> {
    let names = schema.get("required").into_iter().flat_map(Node::elements);
    names.filter_map(|name| Some(name.as_str()?.raw())).collect()
}

/// What a schema refers to in the same document; the schema itself where it refers to nothing there.
fn target<'t>(root: Node<'t>, schema: Node<'t>) -> Node<'t> {
    let path = schema.text(REF).map(crate::json::Str::decode);
    let found = path.as_deref().and_then(|path| {
        let (holder, name) = path.strip_prefix("#/")?.split_once('/')?;
        root.get(holder)?.get(name)
    });
    found.unwrap_or(schema)
}
