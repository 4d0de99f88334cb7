//! A schema and those inside it.
//!
//! Input: a schema. Output: each one with its path, the outer before the inner. State: none.

use super::path::{self, Path};
use super::request_edit::RuleResult;
use crate::json::tree::Node;

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
