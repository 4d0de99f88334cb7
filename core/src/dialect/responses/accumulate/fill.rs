//! Fills the holes of an item that was sent: what it leaves out though it streamed.
//!
//! Input: the item as sent, and what streamed of it. Output: the item with only the holes changed. An empty list, string or
//! null is a hole, not a statement.

use super::{AccumulatedItem, Part};
use crate::answer::TextKind;
use crate::dialect::responses::write::missing::write_part;
use crate::dialect::responses::{Item, ItemType, object};
use crate::json::{Progress, Str, Value, edit, write};

const STATE: &str = "encrypted_content";

/// Whether an item is empty although its type should not be: it was sent before it was filled.
pub(in crate::dialect::responses) fn is_hollow(item: Value<'_>) -> bool {
    let Some(parsed) = Item::parse(item) else { return false };
    match parsed.item_type {
        ItemType::Message => has_no_text(&parsed),
        ItemType::Reasoning => has_no_text(&parsed) && is_blank(item.get(STATE)),
        ItemType::FunctionCall | ItemType::CustomCall => is_blank(parsed.arguments),
        ItemType::Image => is_blank(parsed.result),
        ItemType::WebSearch
        | ItemType::Hosted
        | ItemType::ClientCall
        | ItemType::Silent
        | ItemType::Other => false,
    }
}

fn has_no_text(item: &Item<'_>) -> bool {
    let lists = [item.content, item.summary].into_iter().flatten();
    let mut parts = lists.flat_map(|list| object::Part::each(list, item.item_type));
    !parts.any(|part| part.is_none_or(|part| !part.text.is_empty()))
}

fn is_blank(value: Option<Value<'_>>) -> bool {
    value.is_none_or(|value| value.is_null() || value.as_str().is_some_and(Str::is_empty))
}

/// The item with its holes filled, and as it was passed on where it was sent otherwise; `None` where nothing is amiss.
/// `is_complete`: of a response that is.
pub(super) fn holes(own: Option<&AccumulatedItem>, sent: Value<'_>, is_complete: bool) -> Option<Vec<u8>> {
    let item = Item::parse(sent)?;
    let mut edits: Vec<(&str, Vec<u8>)> = Vec::new();
    let is_wrong = |id: Value<'_>| id.is_null() || own.is_some_and(|own| own.is_called_otherwise(&item));
    let known_id = own.and_then(|own| own.id.as_deref()).filter(|_| sent.get("id").is_some_and(is_wrong));
    edits.extend(known_id.map(|id| ("id", quoted(id))));
    match item.item_type {
        ItemType::FunctionCall | ItemType::CustomCall => {
            edits.extend(own.into_iter().flat_map(|own| names(own, &item)));
            edits.extend(arguments(own, &item, is_complete));
        }
        ItemType::Message => {
            edits.extend(own.and_then(|own| content(own, &item)).map(|list| ("content", list)));
        }
        ItemType::Reasoning => {
            edits.extend(own.into_iter().filter(|_| has_no_text(&item)).flat_map(thoughts));
            edits.extend(own.and_then(|own| own.state(&item)).map(|state| (STATE, state)));
        }
        _ => {}
    }
    for (name, list) in [("content", item.content), ("summary", item.summary)] {
        let list = list.filter(|_| !edits.iter().any(|(edited, _)| *edited == name));
        edits.extend(list.and_then(|list| as_parts(list, item.item_type, name)).map(|list| (name, list)));
    }
    let has_status = sent.get("status").is_some_and(|status| !status.is_null());
    if item.item_type == ItemType::Message && !edits.is_empty() && !has_status {
        edits.push(("status", quoted(if is_complete { b"completed" } else { b"incomplete" })));
    }
    let edits: Vec<_> = edits.iter().map(|(name, value)| (*name, &value[..])).collect();
    (!edits.is_empty()).then(|| edit::with_members(sent, &edits))
}

fn quoted(text: &[u8]) -> Vec<u8> {
    [b"\"", text, b"\""].concat()
}

/// Clients of Responses read lists of parts only; `None` for what is one.
fn as_parts(list: Value<'_>, of: ItemType, member: &str) -> Option<Vec<u8>> {
    let kind = match (of, member) {
        (ItemType::Message, _) => TextKind::Text,
        (_, "summary") => TextKind::Summary,
        _ => TextKind::Reasoning,
    };
    let is_one = list.as_str().is_some() || list.is_object();
    if !is_one && list.elements().all(|part| part.as_str().is_none()) {
        return None;
    }
    let mut out = vec![b'['];
    write::separated(&mut out, is_one.then_some(list).into_iter().chain(list.elements()), |out, part| {
        match part.as_str() {
            Some(text) => write_part(out, kind, text.raw(), b"", b""),
            None => out.extend_from_slice(part.raw()),
        }
    });
    out.push(b']');
    Some(out)
}

/// Id and name of a call, where they are not those it was passed on with.
fn names<'a>(own: &AccumulatedItem, item: &Item<'_>) -> impl Iterator<Item = (&'a str, Vec<u8>)> {
    let pairs = [("call_id", &own.call_id, item.call_id), ("name", &own.name, item.name)];
    let edits = pairs.map(|(member, own, sent)| {
        let own = own.as_deref().filter(|own| sent.is_none_or(|sent| !sent.is_same(own)))?;
        Some((member, quoted(own)))
    });
    edits.into_iter().flatten()
}

/// The arguments of a call, where they are others than were passed on. An empty string is no JSON.
fn arguments<'a>(
    own: Option<&AccumulatedItem>,
    item: &Item<'_>,
    is_complete: bool,
) -> Option<(&'a str, Vec<u8>)> {
    let is_custom = item.item_type == ItemType::CustomCall;
    let member = if is_custom { "input" } else { "arguments" };
    let mut buffer = Vec::new();
    let text = item.arguments.filter(|own| !own.is_null()).and_then(|own| own.as_text(&mut buffer));
    let is_hole = text.is_none_or(|text| text.is_empty() || (!is_custom && text.is_blank()));
    let said = own.map(|own| (own.is_doubtful, Str::from_raw(&own.arguments)));
    let said = said.filter(|(is_doubtful, said)| (is_hole || *is_doubtful) && !said.is_blank());
    match (said, text) {
        (Some((_, said)), text) if text.is_none_or(|text| !text.is_same(said.raw())) => {
            Some((member, quoted(said.raw())))
        }
        (None, _) if is_hole && !is_custom && is_complete && !item.is_cut => {
            Some((member, b"\"{}\"".to_vec()))
        }
        _ => None,
    }
}

/// The parts of a message with the annotations and logprobs that streamed, and the texts as they were passed on; `None`
/// where nothing is missing.
fn content(own: &AccumulatedItem, item: &Item<'_>) -> Option<Vec<u8>> {
    let kinds = [TextKind::Text, TextKind::Refusal];
    let has_streamed = || own.parts.values().any(|part| kinds.contains(&part.kind));
    let is_text = item.content.is_some_and(|content| content.as_str().is_some());
    if kinds.iter().any(|kind| !own.says_same(item, *kind)) || (is_text && has_streamed()) {
        return Some(own.list(&TextKind::ALL));
    }
    let mut streamed = own.parts.values().filter(|part| part.kind == TextKind::Text);
    let parts = item.content.filter(|content| content.raw().starts_with(b"["))?.elements();
    let filled = parts.clone().map(|part| {
        let sent = object::Part::parse(part, ItemType::Message).filter(|sent| sent.kind == TextKind::Text)?;
        let streamed = streamed.next().filter(|own| is_same_text(own, sent.text))?;
        with_streamed(part, streamed)
    });
    let filled: Vec<_> = filled.collect();
    filled.iter().any(Option::is_some).then(|| {
        let mut out = vec![b'['];
        write::separated(&mut out, parts.zip(&filled), |out, (part, filled)| {
            out.extend_from_slice(filled.as_deref().unwrap_or(part.raw()));
        });
        out.push(b']');
        out
    })
}

/// The texts that streamed of a reasoning item, which was sent with nothing but what only the upstream can read.
fn thoughts<'a>(own: &AccumulatedItem) -> impl Iterator<Item = (&'a str, Vec<u8>)> {
    let members = [("content", TextKind::Reasoning), ("summary", TextKind::Summary)];
    let has = |kind| own.parts.values().any(|part| part.kind == kind && !part.text.is_empty());
    members.into_iter().filter(move |(_, kind)| has(*kind)).map(|(member, kind)| (member, own.list(&[kind])))
}

impl AccumulatedItem {
    /// What only the upstream can read, where an item does not say it: in the last item that did.
    fn state(&self, item: &Item<'_>) -> Option<Vec<u8>> {
        let of =
            |sent: &[u8]| Item::parse(Value::document(sent)?)?.encrypted_content.map(|own| quoted(own.raw()));
        let earlier = [self.done.as_deref(), self.added.as_deref()].into_iter().flatten();
        item.encrypted_content.is_none().then(|| earlier.into_iter().find_map(of))?
    }

    /// Whether the item has another call id than was passed on. Its id is then another, too: openai-node (7) refuses a call
    /// that has one of both.
    fn is_called_otherwise(&self, item: &Item<'_>) -> bool {
        let own = self.call_id.as_deref().zip(item.call_id);
        own.is_some_and(|(own, sent)| !sent.is_same(own))
    }

    /// Whether an item has the text of this kind that was passed on. Where nothing is in doubt, lengths tell.
    fn says_same(&self, item: &Item<'_>, kind: TextKind) -> bool {
        let own =
            || self.parts.values().filter(|part| part.kind == kind).map(|part| Str::from_raw(&part.text));
        let parts =
            item.content.into_iter().flat_map(|list| object::Part::each(list, item.item_type)).flatten();
        let sent: Vec<_> = parts.filter(|part| part.kind == kind).map(|part| part.text).collect();
        let length =
            |texts: &mut dyn Iterator<Item = Str<'_>>| texts.map(|text| text.raw().len()).sum::<usize>();
        if !self.is_doubtful && length(&mut own()) == length(&mut sent.iter().copied()) {
            return true;
        }
        let mut digests = [Progress::default(); 2];
        for text in own() {
            digests[0].push(text);
        }
        for text in sent {
            digests[1].push(text);
        }
        digests[0] == digests[1]
    }
}

/// Parts that streamed as one are none of those sent.
fn is_same_text(own: &Part, sent: Str<'_>) -> bool {
    own.text == sent.raw() || Progress::of(Str::from_raw(&own.text)) == Progress::of(sent)
}

fn with_streamed(part: Value<'_>, streamed: &Part) -> Option<Vec<u8>> {
    let is_hole = |key: &str| part.get(key).is_none_or(|list| list.elements().next().is_none());
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
