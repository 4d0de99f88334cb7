//! Enters: the terminal response object and the items gathered. Leaves: the final Response, byte for byte the
//! terminal one where that was complete, else spliced.

use super::items::{Gathering, is_hollow};
use crate::items::{Identity, ItemRef};
use crate::json::{Value, edit};
use crate::outcome::Reconstructed;
use crate::responses::{self, Item};

/// A terminal object, or what stands for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terminal<'a> {
    pub(super) response: Value<'a>,
    /// The latest response object that came before it.
    pub(super) earlier: Option<Value<'a>>,
    /// What `status` must be; `None` leaves the terminal's own.
    pub(super) status: Option<&'static str>,
    /// `error`, where an `error` event said it.
    pub(super) error: Option<&'a [u8]>,
    /// Status of items that were never finished.
    pub(super) item_status: &'static str,
}

/// The final Response, and what had to be put together for it.
pub(super) fn response(terminal: Terminal<'_>, gathering: &mut Gathering) -> (Vec<u8>, Reconstructed) {
    let Terminal { response, earlier, .. } = terminal;
    let sent: Vec<_> = response.get("output").into_iter().flat_map(Value::elements).collect();
    let (output, reconstructed) = if sent.is_empty() {
        all(gathering, terminal.item_status)
    } else {
        filled(&sent, gathering, terminal.item_status)
    };
    let quoted = terminal.status.map(|status| format!("\"{status}\"").into_bytes());
    let mut edits: Vec<(String, &[u8])> = Vec::new();
    edits.extend(quoted.as_deref().map(|status| ("status".to_owned(), status)));
    edits.extend(terminal.error.map(|error| ("error".to_owned(), error)));
    edits.extend(
        earlier.map(|earlier| edit::lacking(response, earlier, &["output", "status"])).unwrap_or_default(),
    );
    edits.extend(output.as_deref().map(|output| ("output".to_owned(), output)));
    if !edits.is_empty() {
        for (name, value) in responses::REQUIRED_OF_RESPONSE {
            if response.get(name).is_none() && !edits.iter().any(|(edited, _)| edited == name) {
                edits.push(((*name).to_owned(), value.as_bytes()));
            }
        }
    }
    let edits: Vec<_> = edits.iter().map(|(name, value)| (&**name, *value)).collect();
    (edit::with_members(response, &edits), reconstructed)
}

/// A hollow `output`: every item that was streamed.
fn all(gathering: &Gathering, status: &str) -> (Option<Vec<u8>>, Reconstructed) {
    let order = gathering.in_order();
    let items = order.iter().map(|item| gathering.json(*item, status));
    (Some(array(items)), by(gathering, &order))
}

/// An `output` that was sent: trusted, with its holes filled and what it lacks added.
fn filled(sent: &[Value<'_>], gathering: &mut Gathering, status: &str) -> (Option<Vec<u8>>, Reconstructed) {
    let streamed = gathering.len();
    let parsed: Vec<_> = sent.iter().map(|item| Item::parse(*item)).collect();
    let identities: Vec<_> = parsed.iter().flatten().map(|item| Identity::of(item, None)).collect();
    let mut matched = gathering.items.match_terminal(&identities).into_iter();
    let mut items: Vec<(Option<ItemRef>, Vec<u8>)> = Vec::new();
    let mut used = Vec::new();
    for (value, item) in sent.iter().zip(&parsed) {
        let found = item.as_ref().and_then(|_| matched.next().flatten()).filter(|item| *item < streamed);
        let better = found.filter(|_| is_hollow(*value)).map(|item| (item, gathering.json(item, status)));
        match better.filter(|(_, json)| !Value::document(json).is_none_or(is_hollow)) {
            Some((item, json)) => {
                used.push(item);
                items.push((found, json));
            }
            None => items.push((found, value.raw().to_vec())),
        }
    }
    for item in gathering.in_order() {
        if !items.iter().any(|(there, _)| *there == Some(item)) {
            let json = gathering.json(item, status);
            if !Value::document(&json).is_none_or(is_hollow) {
                used.push(item);
                items.insert(place(&items, item, gathering), (Some(item), json));
            }
        }
    }
    if used.is_empty() {
        return (None, Reconstructed::None);
    }
    (Some(array(items.into_iter().map(|(_, json)| json))), by(gathering, &used))
}

/// After the last item that was streamed before it.
fn place(items: &[(Option<ItemRef>, Vec<u8>)], item: ItemRef, gathering: &Gathering) -> usize {
    let order = gathering.in_order();
    let rank = |item: ItemRef| order.iter().position(|other| *other == item);
    let before = items.iter().rposition(|(there, _)| there.is_some_and(|there| rank(there) < rank(item)));
    before.map_or(0, |at| at + 1)
}

fn by(gathering: &Gathering, items: &[ItemRef]) -> Reconstructed {
    match items {
        [] => Reconstructed::None,
        items if items.iter().all(|item| gathering.is_done(*item)) => Reconstructed::Items,
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
