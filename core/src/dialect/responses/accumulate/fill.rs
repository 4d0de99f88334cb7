//! Fills the holes of an item that was sent: what it leaves out though it streamed.
//!
//! Input: the item as sent, and what streamed of it. Output: the item with only the holes changed. An empty list, string or
//! null is a hole, not a statement.

use super::{AccumulatedItem, Part};
use crate::answer::TextKind;
use crate::dialect::responses::{Item, ItemType, object};
use crate::json::{Str, Value, edit, write};

/// Whether an item says nothing although its type should: it was sent before it was filled.
pub(in crate::dialect::responses) fn is_hollow(item: Value<'_>) -> bool {
    let Some(parsed) = Item::parse(item) else { return false };
    let has_no_text = |parts: Option<Value<'_>>| {
        let mut parts = parts.into_iter().flat_map(|parts| object::Part::each(parts, parsed.item_type));
        !parts.any(|part| part.is_none_or(|part| !part.text.is_empty()))
    };
    match parsed.item_type {
        ItemType::Message => has_no_text(parsed.content),
        ItemType::Reasoning => {
            has_no_text(parsed.content)
                && has_no_text(parsed.summary)
                && is_blank(item.get("encrypted_content"))
        }
        ItemType::FunctionCall | ItemType::CustomCall => is_blank(parsed.arguments),
        ItemType::Image => is_blank(parsed.result),
        ItemType::Hosted | ItemType::ClientCall | ItemType::Silent | ItemType::Other => false,
    }
}

fn is_blank(value: Option<Value<'_>>) -> bool {
    value.is_none_or(|value| value.is_null() || value.as_str().is_some_and(Str::is_empty))
}

/// The item with its holes filled; `None` where it has none. `is_complete`: of a response that is.
pub(super) fn holes(own: Option<&AccumulatedItem>, sent: Value<'_>, is_complete: bool) -> Option<Vec<u8>> {
    let item = Item::parse(sent)?;
    let mut edits: Vec<(&str, Vec<u8>)> = Vec::new();
    let known_id =
        own.and_then(|own| own.id.as_deref()).filter(|_| sent.get("id").is_some_and(Value::is_null));
    edits.extend(known_id.map(|id| ("id", [b"\"", id, b"\""].concat())));
    match item.item_type {
        // An empty string is no JSON.
        ItemType::FunctionCall if is_complete && !item.is_cut && is_blank(item.arguments) => {
            edits.push(("arguments", b"\"{}\"".to_vec()));
        }
        ItemType::Message => {
            edits.extend(own.and_then(|own| content(own, &item)).map(|list| ("content", list)))
        }
        _ => {}
    }
    let edits: Vec<_> = edits.iter().map(|(name, value)| (*name, &value[..])).collect();
    (!edits.is_empty()).then(|| edit::with_members(sent, &edits))
}

/// The parts of a message with the annotations and logprobs that streamed; `None` where none is missing.
fn content(own: &AccumulatedItem, item: &Item<'_>) -> Option<Vec<u8>> {
    let mut streamed = own.parts.values().filter(|part| part.kind == TextKind::Text);
    let mut is_changed = false;
    let mut out = vec![b'['];
    let parts = item.content.filter(|content| content.raw().starts_with(b"["))?.elements();
    write::separated(&mut out, parts, |out, part| {
        let kind = object::Part::parse(part, ItemType::Message).map(|part| part.kind);
        let streamed = if kind == Some(TextKind::Text) { streamed.next() } else { None };
        let filled = streamed.and_then(|streamed| with_streamed(part, streamed));
        is_changed |= filled.is_some();
        out.extend_from_slice(filled.as_deref().unwrap_or(part.raw()));
    });
    out.push(b']');
    is_changed.then_some(out)
}

fn with_streamed(part: Value<'_>, streamed: &Part) -> Option<Vec<u8>> {
    let is_hole = |key: &str| !part.get(key).is_some_and(|list| list.elements().next().is_some());
    let list = |elements: &[u8]| [b"[", elements, b"]"].concat();
    let [annotations, logprobs] = [&streamed.annotations, &streamed.logprobs].map(|own| list(own));
    let mut edits: Vec<edit::Edit<'_>> = Vec::new();
    if !streamed.annotations.is_empty() && is_hole("annotations") {
        edits.push(("annotations", &annotations));
    }
    if !streamed.logprobs.is_empty() && is_hole("logprobs") {
        edits.push(("logprobs", &logprobs));
    }
    (!edits.is_empty()).then(|| edit::with_members(part, &edits))
}
