//! Enters: a request and the conversation that it continues. Leaves: the request with that conversation in its input,
//! spliced: what was sent stays as it was sent.

use crate::dialect::responses::PREVIOUS_RESPONSE_ID as PREVIOUS;
use crate::error::{Error, RejectCode};
use crate::json::splice::Edits;
use crate::json::tree::Node;
use crate::limits::MAX_DETAIL_BYTES;
use crate::outcome::clip;
use crate::request;
use std::borrow::Cow;

const INPUT: &str = "input";

/// The response that a request continues: the member, and the id in it.
pub(super) fn previous(root: Node<'_>) -> Result<Option<(Node<'_>, String)>, Error> {
    let Some(member) = root.get(PREVIOUS).filter(|member| !member.is_null()) else { return Ok(None) };
    let id = member.as_str().ok_or_else(|| wrong_type(member, PREVIOUS, "a string"))?;
    Ok(Some((member, id.decode())))
}

/// In OpenAI's words; of an id longer than any that was ever given, only the beginning.
pub(super) fn not_found(member: Node<'_>, id: &str) -> Error {
    let message = format!("Previous response with id '{}' not found.", clip(id, MAX_DETAIL_BYTES));
    rejected(RejectCode::PreviousResponseNotFound, member, PREVIOUS, message)
}

/// The request with the history (two lists of items) before its own input, and without the id.
pub(super) fn with_history(root: Node<'_>, input: &[u8], output: &[u8]) -> Result<Vec<u8>, Error> {
    let own = self::input(root)?.unwrap_or(Cow::Borrowed(b"[]"));
    let list = joined(&[input, output, &own]);
    let mut edits = Edits::default();
    root.members().filter(|member| member.is_named(PREVIOUS)).for_each(|member| edits.remove(member));
    match root.get(INPUT) {
        Some(member) => edits.replace(member, list),
        None => edits.append_member(root, INPUT, &list),
    }
    Ok(edits.apply(root))
}

/// What the request says, as a list: its own bytes, or the message that a string stands for.
pub(super) fn input(root: Node<'_>) -> Result<Option<Cow<'_, [u8]>>, Error> {
    let Some(member) = root.get(INPUT).filter(|member| !member.is_null()) else { return Ok(None) };
    match member.as_str() {
        Some(text) => Ok(Some(Cow::Owned(request::as_list(text)))),
        None if member.is_array() => Ok(Some(Cow::Borrowed(member.raw()))),
        None => Err(wrong_type(member, INPUT, "a string or a list")),
    }
}

/// The request's list without the reasoning in it, where it has some.
pub(super) fn without_reasoning(root: Node<'_>) -> Option<Vec<u8>> {
    let is_reasoning = |item: &Node<'_>| item.get("type").is_some_and(|kind| kind.is(request::REASONING));
    let items = root.get(INPUT)?.elements();
    items.clone().any(|item| is_reasoning(&item)).then(|| {
        let kept: Vec<_> = items.filter(|item| !is_reasoning(item)).map(Node::raw).collect();
        [b"[", &kept.join(&b',')[..], b"]"].concat()
    })
}

/// One list of the elements of several.
fn joined(lists: &[&[u8]]) -> Vec<u8> {
    let mut out = vec![b'['];
    for list in lists {
        let elements = list.strip_prefix(b"[").and_then(|list| list.strip_suffix(b"]")).unwrap_or_default();
        if !elements.trim_ascii().is_empty() {
            out.extend_from_slice(if out.len() > 1 { b"," } else { b"" });
            out.extend_from_slice(elements);
        }
    }
    out.push(b']');
    out
}

fn wrong_type(member: Node<'_>, name: &str, what: &str) -> Error {
    rejected(RejectCode::InvalidType, member, name, format!("{name} must be {what}"))
}

fn rejected(code: RejectCode, member: Node<'_>, name: &str, message: String) -> Error {
    Error::Rejected { code, path: Some(name.to_owned()), offset: Some(member.start() as u64), message }
}
