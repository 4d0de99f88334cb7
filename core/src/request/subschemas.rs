//! A schema and those inside it.
//!
//! Input: a schema. Output: each one with its path, the outer before the inner; whether all of them can hold strictly.
//! State: none.

use super::path::{self, Path};
use super::request_edit::RuleResult;
use crate::json::Str;
use crate::json::tree::Node;
use std::collections::HashSet;

pub(super) const PROPERTIES: &str = "properties";
/// What an object may have beside its properties.
pub(super) const REST: &str = "additionalProperties";
/// Members whose members are schemas, and which are a schema or a list of them.
pub(super) const MAPS: [&str; 5] =
    [PROPERTIES, "$defs", "definitions", "patternProperties", "dependentSchemas"];
const SCHEMAS: [&str; 12] = [
    REST,
    "items",
    "contains",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
    "anyOf",
    "oneOf",
    "allOf",
    "prefixItems",
];

/// What OpenAI's strict mode has no form of.
const NEVER_STRICT: [&str; 9] = [
    "oneOf",
    "allOf",
    "not",
    "if",
    "then",
    "else",
    "patternProperties",
    "dependentRequired",
    "dependentSchemas",
];

pub(super) fn each<'t>(
    schema: Node<'t>,
    path: &Path<'_>,
    visit: &mut impl FnMut(Node<'t>, &Path<'_>) -> RuleResult,
) -> RuleResult {
    if !schema.is_object() {
        return Ok(());
    }
    visit(schema, path)?;
    for member in schema.members() {
        let key = member.key().decode();
        let path = &path.key(path::shown(&key));
        if MAPS.contains(&&*key) {
            for inner in member.members() {
                let name = inner.key().decode();
                each(inner, &path.key(path::shown(&name)), visit)?;
            }
        } else if SCHEMAS.contains(&&*key) {
            each(member, path, visit)?;
            member
                .elements()
                .enumerate()
                .try_for_each(|(index, inner)| each(inner, &path.index(index), visit))?;
        }
    }
    Ok(())
}

/// Whether OpenAI's strict mode takes a schema: each object in it is closed, and requires all that it has.
pub(super) fn is_strict(schema: Node<'_>) -> bool {
    let mut is_strict = is_of_object(schema);
    let walk = each(schema, &Path::Root, &mut |own, _| {
        is_strict &= is_whole(own) && !NEVER_STRICT.iter().any(|key| own.get(key).is_some());
        Ok(())
    });
    walk.is_ok() && is_strict
}

fn is_whole(schema: Node<'_>) -> bool {
    if !is_of_object(schema) {
        return true;
    }
    let required = schema.get("required").into_iter().flat_map(Node::elements).filter_map(Node::as_str);
    let required: HashSet<_> = required.map(Str::unescaped).collect();
    let mut properties = schema.get(PROPERTIES).into_iter().flat_map(Node::members);
    schema.get(REST).is_some_and(|rest| rest.raw() == b"false")
        && properties.all(|own| required.contains(&own.key().unescaped()))
}

/// Whether a schema is that of an object.
pub(super) fn is_of_object(schema: Node<'_>) -> bool {
    let is_object = |kind: Node<'_>| kind.is("object") || kind.elements().any(|kind| kind.is("object"));
    schema.get("type").map_or_else(|| schema.get(PROPERTIES).is_some(), is_object)
}
