//! What the assistant thought, as clients send it back beside the content: the reasoning items that it was, where they are
//! encrypted for a Responses server, else nothing that a backend takes.
//!
//! Input: a message. Output: items, each with its place among the others, and changes. State: none.

use super::super::input_shapes::REASONING;
use super::super::path::Path;
use super::super::request_edit::{Action, Loss, RuleResult};
use super::ToResponses;
use super::message::{Message, THOUGHTS};
use super::signed::Signed;
use crate::json::Str;
use crate::json::tree::Node;
use crate::json::write;
use crate::opaque::{DETAIL_ENCRYPTED, DETAIL_SUMMARY, DETAIL_TEXT, DETAILS, FORMAT_OF_ENVELOPES};

pub(super) const MOVED: &str = "a reasoning item in Responses";
pub(super) const PLAIN: &str = "no backend takes plain reasoning back";
const UNSIGNED: &str = "no Messages server signed it";

/// A reasoning item of a message, and how many of its contents and calls come before.
pub(super) struct Thought {
    place: usize,
    item: Vec<u8>,
}

/// The entries of one reasoning item.
#[derive(Default)]
struct Entries<'t> {
    id: Option<Str<'t>>,
    summary: Vec<Str<'t>>,
    texts: Vec<Str<'t>>,
    encrypted: Option<Str<'t>>,
    /// What the `index` of its first entry counts beside the entries before it. Other gateways count entries only.
    place: Option<usize>,
    /// Where they stand in the list.
    at: Vec<usize>,
}

impl<'t> Entries<'t> {
    /// Whether an entry begins another item.
    fn is_over(&self, id: Option<Str<'t>>) -> bool {
        let is_other = matches!((self.id, id), (Some(own), Some(id)) if own.raw() != id.raw());
        is_other || self.encrypted.is_some()
    }

    fn push(&mut self, at: usize, entry: Node<'t>) {
        if self.at.is_empty() {
            let index = entry.get("index").and_then(|index| index.value().as_u64());
            self.place = index.map(|index| usize::try_from(index).unwrap_or(usize::MAX).saturating_sub(at));
        }
        self.at.push(at);
        self.id = self.id.or_else(|| entry.text("id"));
        let is = |kind| entry.get("type").is_some_and(|own| own.is(kind));
        match () {
            () if is(DETAIL_SUMMARY) => self.summary.extend(entry.text("summary")),
            () if is(DETAIL_TEXT) => self.texts.extend(entry.text("text")),
            () => self.encrypted = encrypted(entry),
        }
    }
}

/// What a Responses server encrypted, or is in an envelope: other vendors name their format.
fn encrypted(entry: Node<'_>) -> Option<Str<'_>> {
    let is_encrypted = entry.get("type").is_some_and(|kind| kind.is(DETAIL_ENCRYPTED));
    entry.text("data").filter(|data| is_own(entry) && is_encrypted && !data.is_blank())
}

fn is_own(entry: Node<'_>) -> bool {
    entry
        .text("format")
        .is_none_or(|format| format.raw().starts_with(b"openai") || format.is(FORMAT_OF_ENVELOPES))
}

/// The reasoning items that a list of entries is; those of other vendors are in none.
fn items_of<'t>(details: &[Node<'t>]) -> Vec<Entries<'t>> {
    let mut items: Vec<Entries<'t>> = Vec::new();
    for (at, entry) in details.iter().enumerate() {
        let types = [DETAIL_SUMMARY, DETAIL_TEXT, DETAIL_ENCRYPTED];
        let is_known = types.iter().any(|kind| entry.get("type").is_some_and(|own| own.is(kind)));
        if !is_known || !is_own(*entry) {
            continue;
        }
        if items.last().is_none_or(|last| last.is_over(entry.text("id"))) {
            items.push(Entries::default());
        }
        if let Some(last) = items.last_mut() {
            last.push(at, *entry);
        }
    }
    items.retain(|item| item.encrypted.is_some());
    items
}

impl<'t> ToResponses<'t> {
    /// The thoughts of the assistant in a message.
    pub(super) fn thoughts(
        &mut self,
        message: &Message<'t>,
        path: &Path<'_>,
    ) -> Result<Vec<Thought>, super::Error> {
        let given = |key: &str| message.node.get(key).filter(|own| !own.is_null());
        let signed = if self.is_for_messages() { Signed::of(message) } else { Signed::default() };
        if !signed.items.is_empty() {
            self.note_moved(message, path);
            for (list, at, entry) in signed.left {
                self.edit.lose(entry, &path.key(list).index(at), UNSIGNED, Loss::Harmless)?;
            }
            return Ok(signed.items.into_iter().map(|item| Thought { place: 0, item }).collect());
        }
        let details: Vec<_> = given(DETAILS).into_iter().flat_map(Node::elements).collect();
        let plain =
            ["reasoning_content", "reasoning", "reasoning_text"].iter().find_map(|key| given(key)?.as_str());
        let plain = plain.filter(|text| !text.is_empty());
        let mut items = items_of(&details);
        if items.is_empty() && (plain.is_none() || !self.is_for_chat()) {
            self.lose_thoughts(message, path)?;
            return Ok(Vec::new());
        }
        let has_own = items.iter().any(|item| !item.summary.is_empty() || !item.texts.is_empty());
        if items.is_empty() {
            items.push(Entries::default());
        }
        if let Some(first) = items.first_mut().filter(|_| !has_own) {
            first.summary.extend(plain); // all that was shown
        }
        self.note_moved(message, path);
        self.lose_other_details(&details, &items, path)?;
        Ok(items.iter().map(thought).collect())
    }

    fn note_moved(&mut self, message: &Message<'t>, path: &Path<'_>) {
        let is_given = |key: &&&str| message.node.get(key).is_some_and(|own| !own.is_null());
        for key in THOUGHTS.iter().filter(is_given) {
            self.edit.note(Action::Moved, &path.key(key), MOVED);
        }
    }

    fn lose_thoughts(&mut self, message: &Message<'t>, path: &Path<'_>) -> RuleResult {
        for key in THOUGHTS {
            if let Some(thoughts) = message.node.get(key).filter(|own| !own.is_null()) {
                self.edit.lose(thoughts, &path.key(key), PLAIN, Loss::Harmless)?;
            }
        }
        Ok(())
    }

    fn lose_other_details(
        &mut self,
        details: &[Node<'t>],
        items: &[Entries<'t>],
        path: &Path<'_>,
    ) -> RuleResult {
        let path = &path.key(DETAILS);
        let mut is_taken = vec![false; details.len()];
        items.iter().flat_map(|item| &item.at).for_each(|at| is_taken[*at] = true);
        for (index, entry) in details.iter().enumerate().filter(|(index, _)| !is_taken[*index]) {
            let reason = if is_own(*entry) { PLAIN } else { "the state of another vendor's model" };
            self.edit.lose(*entry, &path.index(index), reason, Loss::Harmless)?;
        }
        Ok(())
    }
}

/// Puts thoughts between the other items of a message, each where it was, or else first. One stays behind the last of them:
/// servers refuse reasoning that nothing follows.
pub(super) fn interleave(thoughts: Vec<Thought>, others: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut items = Vec::with_capacity(thoughts.len() + others.len());
    let (count, mut others) = (others.len(), others.into_iter());
    for Thought { place, item } in thoughts {
        while others.len() > 1 && count - others.len() < place {
            items.extend(others.next());
        }
        items.push(item);
    }
    items.extend(others);
    items
}

fn thought(of: &Entries<'_>) -> Thought {
    let mut item = [b"{\"type\":\"", REASONING.as_bytes(), b"\""].concat();
    if let Some(id) = of.id {
        write::pieces(&mut item, [b",\"id\":\"", id.raw(), b"\""]);
    }
    texts(&mut item, ",\"summary\":[", "summary_text", &of.summary);
    if !of.texts.is_empty() {
        texts(&mut item, ",\"content\":[", "reasoning_text", &of.texts);
    }
    if let Some(data) = of.encrypted {
        write::pieces(&mut item, [b",\"encrypted_content\":\"", data.raw(), b"\""]);
    }
    item.push(b'}');
    Thought { place: of.place.unwrap_or(0), item }
}

/// A list of parts.
fn texts(out: &mut Vec<u8>, open: &str, kind: &str, texts: &[Str<'_>]) {
    out.extend_from_slice(open.as_bytes());
    write::separated(out, texts, |out, text| {
        write::pieces(out, [b"{\"type\":\"", kind.as_bytes(), b"\",\"text\":\"", text.raw(), b"\"}"]);
    });
    out.push(b']');
}
