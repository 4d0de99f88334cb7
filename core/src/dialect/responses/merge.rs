//! Merges the terminal response object with the items that streamed.
//!
//! Input: both. Output: the final Response, byte for byte the terminal one where that was complete, else spliced.

use super::accumulate::is_hollow;
use super::write::missing::{CREATED_AT, REQUIRED_OF_RESPONSE};
use super::{Accumulator, Item, ItemRef, conform};
use crate::envelope;
use crate::json::{Value, edit};
use crate::limits::MAX_ITEMS;
use crate::options::Options;
use crate::outcome::Reconstructed;
use std::collections::HashSet;

/// A terminal object, or what stands for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terminal<'a> {
    pub(super) response: Value<'a>,
    /// The latest response object that came before it.
    pub(super) earlier: Option<Value<'a>>,
    /// What `status` must be; `None` leaves the terminal's own.
    pub(super) status: Option<&'static str>,
    /// `error`, where an `error` event brought it.
    pub(super) error: Option<&'a [u8]>,
    /// `usage`, where the answer took more than its last response.
    pub(super) usage: Option<&'a [u8]>,
    /// `id`, where the caller gives the response one.
    pub(super) id: Option<&'a [u8]>,
    /// `model`, where the caller asked for another than was sent.
    pub(super) model: Option<&'a [u8]>,
    /// For what the Response lacks, where it must be put together.
    pub(super) options: &'a Options,
    /// Status of items that were never finished.
    pub(super) item_status: &'static str,
}

/// The final Response, and what had to be put together for it.
pub(super) fn response(terminal: Terminal<'_>, streamed: &Accumulator) -> (Vec<u8>, Reconstructed) {
    let Terminal { response, earlier, .. } = terminal;
    let sent = response.get("output").into_iter().flat_map(Value::elements);
    let sent: Vec<_> = sent.take(MAX_ITEMS + 1).collect();
    let (output, reconstructed) = match sent.len() {
        0 => all(streamed, terminal.item_status),
        1..=MAX_ITEMS => filled(&sent, streamed, terminal.item_status),
        _ => (None, Reconstructed::None), // too many to look into: as they were sent
    };
    let quoted = terminal.status.map(|status| format!("\"{status}\"").into_bytes());
    let mut edits: Vec<(String, &[u8])> = Vec::new();
    edits.extend(quoted.as_deref().map(|status| ("status".to_owned(), status)));
    edits.extend(terminal.error.map(|error| ("error".to_owned(), error)));
    edits.extend(terminal.usage.map(|usage| ("usage".to_owned(), usage)));
    edits.extend(earlier.map(|earlier| lacking(response, earlier)).unwrap_or_default());
    edits.extend(output.as_deref().map(|output| ("output".to_owned(), output)));
    let created = terminal.options.created.to_string();
    if !edits.is_empty() {
        let is_unknown =
            response.get(CREATED_AT).is_none() && edits.iter().all(|(name, _)| name != CREATED_AT);
        if is_unknown && terminal.options.created > 0 {
            edits.push((CREATED_AT.to_owned(), created.as_bytes()));
        }
        for (name, value) in REQUIRED_OF_RESPONSE {
            if response.get(name).is_none() && !edits.iter().any(|(edited, _)| edited == name) {
                edits.push(((*name).to_owned(), conform::missing(name, value, terminal.options)));
            }
        }
    }
    let given = [("id", terminal.id), ("model", terminal.model)];
    for (name, value) in given.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        edits.retain(|(own, _)| own != name);
        edits.push((name.to_owned(), value));
    }
    let edits: Vec<_> = edits.iter().map(|(name, value)| (&**name, *value)).collect();
    (edit::with_members(response, &edits), reconstructed)
}

/// What only the earlier object has. An error that it had is not that of the answer which came all the same.
fn lacking<'a>(response: Value<'_>, earlier: Value<'a>) -> Vec<(String, &'a [u8])> {
    let mut lacking = edit::lacking(response, earlier, &["output", "status"]);
    if earlier.get("error").is_some_and(envelope::is_error) {
        lacking.retain(|(name, _)| name != "error");
    }
    lacking
}

/// For an empty `output`: every item that was streamed.
fn all(streamed: &Accumulator, status: &str) -> (Option<Vec<u8>>, Reconstructed) {
    let order = streamed.in_order();
    let items = order.iter().map(|item| streamed.json(*item, status));
    (Some(array(items)), by(streamed, &order))
}

/// An `output` that was sent: trusted, with its holes filled and what it lacks added.
fn filled(sent: &[Value<'_>], streamed: &Accumulator, status: &str) -> (Option<Vec<u8>>, Reconstructed) {
    let mut matched = streamed.matched.iter().copied();
    let mut items: Vec<(Option<ItemRef>, Vec<u8>)> = Vec::new();
    let (mut used, mut is_changed) = (Vec::new(), false);
    let mut seen = HashSet::new();
    for value in sent {
        let found = Item::parse(*value).and_then(|_| matched.next().flatten());
        if found.is_some_and(|item| !seen.insert(item)) {
            is_changed = true; // it was sent twice
            continue;
        }
        let found = found.filter(|item| *item < streamed.len());
        let better = found.filter(|item| streamed.has_streamed(*item) && is_hollow(*value));
        let better = better.map(|item| (item, streamed.json(item, status)));
        if let Some((item, json)) = better.filter(|(_, json)| !Value::document(json).is_none_or(is_hollow)) {
            used.push(item);
            items.push((found, json));
        } else {
            let filled = streamed.filled(found, *value, status);
            is_changed |= filled.is_some();
            items.push((found, filled.unwrap_or_else(|| value.raw().to_vec())));
        }
    }
    used.extend(add_missing(&mut items, streamed, status));
    if used.is_empty() && !is_changed {
        return (None, Reconstructed::None);
    }
    (Some(array(items.into_iter().map(|(_, json)| json))), by(streamed, &used))
}

/// What was streamed and is not among `items`: each after the last item that was streamed before it.
fn add_missing(
    items: &mut Vec<(Option<ItemRef>, Vec<u8>)>,
    streamed: &Accumulator,
    status: &str,
) -> Vec<ItemRef> {
    let order = streamed.in_order();
    let mut ranks = vec![usize::MAX; streamed.len()];
    order.iter().enumerate().for_each(|(rank, item)| ranks[*item] = rank);
    let there: HashSet<_> = items.iter().filter_map(|(there, _)| *there).collect();
    let mut added = Vec::new();
    for item in order.into_iter().filter(|item| !there.contains(item)) {
        let json = streamed.json(item, status);
        if !Value::document(&json).is_none_or(says_nothing) {
            let is_before = |there: Option<ItemRef>| there.is_some_and(|there| ranks[there] < ranks[item]);
            let at = items.iter().rposition(|(there, _)| is_before(*there)).map_or(0, |before| before + 1);
            items.insert(at, (Some(item), json));
            added.push(item);
        }
    }
    added
}

/// A call says something even without its arguments.
fn says_nothing(item: Value<'_>) -> bool {
    is_hollow(item) && !Item::parse(item).is_some_and(|item| item.item_type.is_call())
}

fn by(streamed: &Accumulator, items: &[ItemRef]) -> Reconstructed {
    match items {
        [] => Reconstructed::None,
        items if items.iter().all(|item| streamed.is_done(*item)) => Reconstructed::Items,
        _ => Reconstructed::Deltas,
    }
}

fn array(items: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut out = vec![b'['];
    for item in items {
        out.extend_from_slice(if out.len() > 1 { b"," } else { b"" });
        out.extend_from_slice(&item);
    }
    out.push(b']');
    out
}
