//! Schemas that hold strictly: a Messages server wants each object of one closed.
//!
//! Input: a schema. Output: the same with `additionalProperties: false` in every object. State: none.

use crate::json::splice::Edits;
use crate::json::tree::Node;

/// Why it is another one.
pub(super) const CLOSED: &str = "a Messages server wants every object of it closed";
const REST: &str = "additionalProperties";
/// Members whose members are schemas, which are a schema, which are lists of them.
const MAPS: [&str; 4] = ["properties", "$defs", "definitions", "patternProperties"];
const SCHEMAS: [&str; 5] = ["items", "not", "if", "then", "else"];
const LISTS: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];

/// The schema to send, and whether it is another one.
pub(super) fn closed(schema: Node<'_>) -> (Vec<u8>, bool) {
    let mut edits = Edits::default();
    close(schema, &mut edits);
    (edits.edited(schema), !edits.is_empty())
}

fn close(schema: Node<'_>, edits: &mut Edits) {
    if !schema.is_object() {
        return;
    }
    let is_object = |kind: Node<'_>| kind.is("object") || kind.elements().any(|kind| kind.is("object"));
    if schema.get("type").map_or_else(|| schema.get(MAPS[0]).is_some(), is_object) {
        match schema.get(REST) {
            Some(rest) if rest.raw() == b"false" => {}
            Some(rest) => edits.replace(rest, "false"),
            None => edits.append_member(schema, REST, b"false"),
        }
    }
    let inside = |keys: &[&str]| keys.iter().filter_map(|key| schema.get(key)).collect::<Vec<_>>();
    let members = inside(&MAPS).into_iter().flat_map(Node::members);
    let elements = inside(&LISTS).into_iter().flat_map(Node::elements);
    for inner in members.chain(inside(&SCHEMAS)).chain(elements) {
        close(inner, edits);
    }
}
