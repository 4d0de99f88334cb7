//! Schemas of function tools that every strict server refuses: null or with nulls inside, lists for objects, without `type` or `properties`,
//! with alternatives at the top level.
//!
//! Input: a tool. Output: edits. State: none.

use super::super::path::{self, Path};
use super::super::request_edit::{Action, Loss, RuleResult, reject, too_large};
use super::super::subschemas;
use super::Rules;
use crate::error::RejectCode;
use crate::json::Str;
use crate::json::splice::Edits;
use crate::json::tree::{Node, Tree};
use std::collections::{BTreeMap, HashMap, HashSet};

const KEY: &str = "parameters";
const NOTHING: &[u8] = br#"{"type":"object","properties":{}}"#;
/// What may not stand at the top level.
const ALTERNATIVES: [&str; 3] = ["oneOf", "anyOf", "allOf"];
const REF: &str = "$ref";
/// Members that may be null: any value is one of theirs.
const VALUES: [&str; 4] = ["default", "const", "example", "examples"];
const NULL: &str = "a null in a schema says nothing";
const EMPTY: &str = "an object, not a list";
/// Alternatives inside alternatives are followed so far; a schema may refer to itself.
const MOST_DEPTH: usize = 4;

impl<'t> Rules<'t> {
    /// `tool`: a function.
    pub(super) fn schema(&mut self, tool: Node<'t>, path: &Path<'_>) -> RuleResult {
        let Some(schema) = tool.get(KEY) else { return Ok(()) };
        let own = &path.key(KEY);
        if schema.is_null() || is_empty_list(schema) {
            self.edit.replace(schema, NOTHING, own, "a function without parameters");
            return Ok(());
        }
        if !schema.is_object() {
            let message = format!("Invalid type for '{own}': expected an object.");
            return Err(reject(RejectCode::InvalidType, schema, own, &message));
        }
        let is_split = |key: &&str| schema.get(key).is_some_and(Node::is_array);
        if ALTERNATIVES.iter().any(is_split) || schema.text(REF).is_some() {
            return self.merge(tool, schema, path);
        }
        oddities(schema, own, &mut |odd, path| {
            if odd.is_null() {
                return self.edit.remove(odd, path, NULL, Loss::Harmless);
            }
            self.edit.replace(odd, "{}", path, EMPTY);
            Ok(())
        })?;
        self.top_level(schema, own)
    }

    fn merge(&mut self, tool: Node<'t>, schema: Node<'t>, path: &Path<'_>) -> RuleResult {
        let mut edits = Edits::default();
        oddities(schema, &path.key(KEY), &mut |odd, path| {
            if odd.is_null() {
                edits.remove(odd);
                return self.edit.lose(odd, path, NULL, Loss::Harmless);
            }
            edits.replace(odd, "{}");
            self.edit.note(Action::Replaced, path, EMPTY);
            Ok(())
        })?;
        let merged = if edits.is_empty() {
            Merged::of(schema).json(schema)
        } else {
            let plain = edits.edited(schema);
            let tree = Tree::parse(&plain).map_err(|_| too_large())?;
            Merged::of(tree.root()).json(tree.root())
        };
        self.edit.replace(schema, merged, &path.key(KEY), "no alternatives at the top level");
        if let Some(strict) = tool.get("strict").filter(|strict| strict.raw() == b"true") {
            self.edit.replace(strict, "false", &path.key("strict"), "not every member is required now");
        }
        Ok(())
    }

    fn top_level(&mut self, schema: Node<'t>, path: &Path<'_>) -> RuleResult {
        for key in ["enum", "not"] {
            if let Some(member) = schema.get(key).filter(|own| !own.is_null()) {
                self.edit.remove(member, &path.key(key), "not at the top level", Loss::Harmless)?;
            }
        }
        if schema.get("type").is_none_or(|kind| !kind.is("object")) {
            self.edit.set(schema, "type", b"\"object\"", path, "the arguments are an object");
        }
        if schema.get("properties").is_none_or(Node::is_null) {
            self.edit.set(schema, "properties", b"{}", path, "strict servers require it");
        }
        Ok(())
    }
}

/// The nulls of a schema and of those inside it, but for what it must have and is given, and empty lists where an object
/// belongs, as PHP writes them.
fn oddities<'t>(
    schema: Node<'t>,
    path: &Path<'_>,
    each: &mut impl FnMut(Node<'t>, &Path<'_>) -> RuleResult,
) -> RuleResult {
    if memchr::memmem::find(schema.raw(), b"null").is_none() && !has_empty_list(schema.raw()) {
        return Ok(());
    }
    let is_given =
        |own: Node<'_>, key: &str| own.start() == schema.start() && ["type", "properties"].contains(&key);
    subschemas::each(schema, path, &mut |own, path| {
        for member in own.members() {
            let key = member.key().decode();
            let path = &path.key(path::shown(&key));
            if member.is_null() && !VALUES.contains(&&*key) && !is_given(own, &key) {
                each(member, path)?;
            } else if subschemas::MAPS.contains(&&*key) {
                empty_lists(member, path, each)?;
            }
        }
        Ok(())
    })
}

/// `map`: schemas by name.
fn empty_lists<'t>(
    map: Node<'t>,
    path: &Path<'_>,
    each: &mut impl FnMut(Node<'t>, &Path<'_>) -> RuleResult,
) -> RuleResult {
    if is_empty_list(map) {
        return each(map, path);
    }
    map.members().filter(|schema| is_empty_list(*schema)).try_for_each(|schema| {
        let name = schema.key().decode();
        each(schema, &path.key(path::shown(&name)))
    })
}

fn is_empty_list(node: Node<'_>) -> bool {
    node.is_array() && node.is_void()
}

fn has_empty_list(raw: &[u8]) -> bool {
    memchr::memchr_iter(b'[', raw).any(|at| raw[at + 1..].trim_ascii_start().starts_with(b"]"))
}

/// The members of a schema and of all its alternatives. Whatever refers to what, each schema is looked at once.
struct Merged<'t> {
    /// What schemas may refer to, by reference.
    targets: HashMap<Vec<u8>, Node<'t>>,
    visited: HashSet<usize>,
    names: Vec<&'t [u8]>,
    /// The schemas that a member has, each once.
    schemas: HashMap<&'t [u8], Vec<&'t [u8]>>,
    known: HashSet<[&'t [u8]; 2]>,
    required: Vec<&'t [u8]>,
}

impl<'t> Merged<'t> {
    fn of(schema: Node<'t>) -> Self {
        let mut merged = Self {
            targets: targets(schema),
            visited: HashSet::new(),
            names: Vec::new(),
            schemas: HashMap::new(),
            known: HashSet::new(),
            required: required(schema),
        };
        merged.properties(schema, MOST_DEPTH);
        merged.require(&[merged.target(schema)], true);
        for key in ALTERNATIVES {
            let branches: Vec<_> = schema.get(key).into_iter().flat_map(Node::elements).collect();
            let branches: BTreeMap<_, _> =
                branches.into_iter().map(|branch| merged.target(branch)).map(|at| (at.start(), at)).collect();
            merged.require(&branches.into_values().collect::<Vec<_>>(), key == "allOf");
        }
        merged
    }

    /// The properties of a schema, of what it refers to, and of its alternatives.
    fn properties(&mut self, schema: Node<'t>, depth: usize) {
        if !self.visited.insert(schema.start()) {
            return;
        }
        for member in schema.get("properties").into_iter().flat_map(Node::members) {
            let name = member.key().raw();
            if self.known.insert([name, member.raw()]) {
                let schemas = self.schemas.entry(name).or_default();
                schemas.push(member.raw());
                if schemas.len() == 1 {
                    self.names.push(name);
                }
            }
        }
        let Some(depth) = depth.checked_sub(1) else { return };
        self.properties(self.target(schema), depth);
        for branch in ALTERNATIVES.iter().filter_map(|key| schema.get(key)).flat_map(Node::elements) {
            self.properties(self.target(branch), depth);
        }
    }

    /// What a schema refers to in the same document; the schema itself where it refers to nothing there.
    fn target(&self, schema: Node<'t>) -> Node<'t> {
        let path = schema.text(REF).map(Str::unescaped);
        path.and_then(|path| self.targets.get(&*path).copied()).unwrap_or(schema)
    }

    /// What every branch requires, or any of them where all hold.
    fn require(&mut self, branches: &[Node<'t>], is_any: bool) {
        let mut counts: HashMap<&[u8], usize> = self.required.iter().map(|name| (*name, 0)).collect();
        let mut added = Vec::new();
        for name in branches.iter().flat_map(|branch| required(*branch)) {
            let count = counts.entry(name).or_insert_with(|| {
                added.push(name);
                0
            });
            *count += 1;
        }
        let needed = if is_any { 1 } else { branches.len() };
        self.required.extend(added.into_iter().filter(|name| counts[name] >= needed));
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

/// `#/$defs/…` and `#/definitions/…`, where references lead.
fn targets(schema: Node<'_>) -> HashMap<Vec<u8>, Node<'_>> {
    let holders = ["$defs", "definitions"].into_iter().filter_map(|key| Some((key, schema.get(key)?)));
    let path = |key: &str, name: &[u8]| [b"#/", key.as_bytes(), b"/", name].concat();
    holders
        .flat_map(|(key, holder)| {
            holder.members().map(move |member| (path(key, &member.key().unescaped()), member))
        })
        .collect()
}
