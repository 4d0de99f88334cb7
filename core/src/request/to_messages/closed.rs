//! Schemas that hold strictly: a Messages server wants each object of one closed, and refuses what it cannot enforce.
//!
//! Input: a schema. Output: the same with `additionalProperties: false` in every object and without limits, and changes.
//! State: none.

use super::super::path::{self, Path};
use super::super::request_edit::{Action, Loss, RequestEdit, RuleResult};
use super::super::subschemas::{self, REST};
use crate::error::Error;
use crate::json::splice::Edits;
use crate::json::tree::Node;

const LIMITS: [&str; 9] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
    "uniqueItems",
];
const FORMATS: [&str; 10] =
    ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];
const ONE_OF: &str = "oneOf";
const ANY_OF: &str = "anyOf";

/// The schema to send.
pub(super) fn closed(schema: Node<'_>, path: &Path<'_>, edit: &mut RequestEdit) -> Result<Vec<u8>, Error> {
    let (mut edits, mut is_closed) = (Edits::default(), true);
    subschemas::each(schema, path, &mut |own, path| {
        is_closed &= !close(own, &mut edits);
        unlimited(own, path, &mut edits, edit)?;
        any_of(own, path, &mut edits, edit)
    })?;
    if !is_closed {
        edit.note(Action::Replaced, path, "a Messages server wants every object of it closed");
    }
    Ok(edits.edited(schema))
}

/// Whether it was open.
fn close(schema: Node<'_>, edits: &mut Edits) -> bool {
    if !subschemas::is_of_object(schema) {
        return false;
    }
    match schema.get(REST) {
        Some(rest) if rest.raw() == b"false" => return false,
        Some(rest) => edits.replace(rest, "false"),
        None => edits.append_member(schema, REST, b"false"),
    }
    true
}

fn unlimited(schema: Node<'_>, path: &Path<'_>, edits: &mut Edits, edit: &mut RequestEdit) -> RuleResult {
    for limit in schema.members().filter(|member| is_limit(*member)) {
        let key = limit.key().decode();
        let reason = "a Messages server does not hold the model to it";
        edit.lose(limit, &path.key(path::shown(&key)), reason, Loss::ClientSetting)?;
        edits.remove(limit);
    }
    Ok(())
}

fn is_limit(member: Node<'_>) -> bool {
    match &*member.key_bytes() {
        b"minItems" => ![&b"0"[..], b"1"].contains(&member.raw()),
        b"format" => !FORMATS.iter().any(|own| member.is(own)),
        key => LIMITS.iter().any(|own| own.as_bytes() == key),
    }
}

/// One of several is any of them, where the server does not count.
fn any_of(schema: Node<'_>, path: &Path<'_>, edits: &mut Edits, edit: &mut RequestEdit) -> RuleResult {
    let Some(one) = schema.get(ONE_OF) else { return Ok(()) };
    let path = &path.key(ONE_OF);
    if schema.get(ANY_OF).is_some() {
        edits.remove(one);
        return edit.lose(one, path, "a Messages server takes one list of alternatives", Loss::ClientSetting);
    }
    edits.rename(one, ANY_OF);
    edit.note(Action::Renamed, path, "anyOf in Messages");
    Ok(())
}
