//! The passes of a request, in order: parse, escape, `to_responses`, `backend_rules`, and for a chat server `to_chat`.
//!
//! Input: a body and how it came in. Output: the body to send, its changes and the context. State: none is kept.
//! Each pass reads the tree of what the one before it left; after one that had nothing to do nothing is read again.

use super::backend_rules;
use super::context::RequestContext;
use super::item_types::{self, Item};
use super::profile::Profile;
use super::{ConvertedRequest, Harmony, RequestOptions, harmony, to_responses};
use crate::dialect::Dialect;
use crate::error::{Error, RejectCode};
use crate::json::Malformed;
use crate::json::splice::Edits;
use crate::json::tree::{Node, Tree};
use crate::limits::{MAX_REQUEST_ADDED_BYTES, MAX_REQUEST_GROWTH, MAX_REQUEST_VALUES, MIN_BYTES_PER_VALUE};

/// Any body as a request that a Responses server accepts.
pub(super) fn normalize(
    body: &[u8],
    route: Dialect,
    profile: &Profile,
    options: &RequestOptions,
) -> Result<ConvertedRequest, Error> {
    if options.harmony == Harmony::Escape && harmony::is_in(body) {
        return escaped(body, route, profile, options);
    }
    let (tree, mut context) = (parse(body, profile.body_bytes)?, RequestContext::default());
    let shape = |tree: &Tree<'_>, items: &[Item<'_>], context: &mut RequestContext| {
        to_responses::to_responses(tree.root(), items, route, profile, options, room(body.len()), context)
    };
    let items = item_types::items(tree.root());
    let (edits, mut changes, room) = shape(&tree, &items, &mut context)?;
    if edits.is_empty() {
        let (rules, ruled) = backend_rules::apply(tree.root(), items, profile, options, room, &mut context)?;
        changes.extend(ruled);
        let body = rules.apply(tree.root());
        drop(rules); // as large as what is repeated
        context.echo(tree.root());
        return Ok(ConvertedRequest { body, changes, context });
    }
    let shaped = edits.apply(tree.root());
    drop((edits, items)); // as large as the next ones
    drop(tree);
    let tree = tree_of(&shaped).map_err(without_offset)?;
    let items = item_types::items(tree.root());
    let ruled = backend_rules::apply(tree.root(), items, profile, options, room, &mut context);
    let (rules, ruled) = ruled.map_err(|error| {
        let Ok(tree) = parse(body, profile.body_bytes) else { return error };
        let again = shape(&tree, &item_types::items(tree.root()), &mut RequestContext::default());
        again.map_or_else(|error| error, |(edits, ..)| at_origin(error, &edits, tree.root()))
    })?;
    changes.extend(ruled);
    let ruled = (!rules.is_empty()).then(|| rules.apply(tree.root()));
    drop(rules);
    context.echo(tree.root());
    Ok(ConvertedRequest { body: ruled.unwrap_or(shaped), changes, context })
}

/// The same for a body whose reserved tokens are escaped first.
fn escaped(
    body: &[u8],
    route: Dialect,
    profile: &Profile,
    options: &RequestOptions,
) -> Result<ConvertedRequest, Error> {
    let tree = parse(body, profile.body_bytes)?;
    let escape = |tree: &Tree<'_>| harmony::escape(tree.root(), room(body.len()));
    let (edits, escaped) = escape(&tree)?;
    let text = edits.apply(tree.root());
    drop(edits);
    drop(tree);
    let plain = RequestOptions { harmony: Harmony::Keep, ..options.clone() };
    let mut rest = normalize(&text, route, profile, &plain).map_err(|error| {
        let Ok(tree) = parse(body, profile.body_bytes) else { return error };
        escape(&tree).map_or_else(|error| error, |(edits, _)| at_origin(error, &edits, tree.root()))
    })?;
    rest.changes.splice(0..0, escaped);
    Ok(rest)
}

/// Any body as a request that a chat-only server accepts.
pub(super) fn to_chat(
    body: &[u8],
    route: Dialect,
    profile: &Profile,
    options: &RequestOptions,
) -> Result<ConvertedRequest, Error> {
    let Some(target) = &profile.chat else {
        let allowed = "a profile with the member \"chat\", such as \"chat\"".to_owned();
        let path = "profile.chat".to_owned();
        return Err(Error::InvalidProfile { path, given: "nothing".to_owned(), allowed });
    };
    let tree = parse(body, profile.body_bytes)?;
    if to_responses::dialect(tree.root(), route)? == Dialect::Chat {
        let context = to_responses::asked(tree.root(), Dialect::Chat);
        return Ok(ConvertedRequest { body: body.to_vec(), changes: Vec::new(), context });
    }
    let summary =
        super::compact::summary_instead(tree.root(), &target.compaction_prompt, options, room(body.len()))?;
    drop(tree);
    if let Some((asked, changes)) = summary {
        let mut converted = to_chat(&asked, route, profile, options).map_err(without_offset)?;
        converted.changes.splice(0..0, changes);
        converted.context.compacts = true;
        return Ok(converted);
    }
    let ConvertedRequest { body: ruled, mut changes, mut context } =
        normalize(body, route, profile, options)?;
    let (ruled, room) = (tree_of(&ruled).map_err(without_offset)?, room(body.len()));
    let chat = super::to_chat::to_chat(ruled.root(), profile, target, options, room, &mut context);
    let (edits, chat_changes) = chat.map_err(without_offset)?;
    changes.extend(chat_changes);
    Ok(ConvertedRequest { body: edits.apply(ruled.root()), changes, context })
}

/// A request body that is UTF-8, JSON and an object.
pub(crate) fn parse(body: &[u8], limit: usize) -> Result<Tree<'_>, Error> {
    if body.len() > limit {
        let message = format!("the request is larger than {limit} bytes");
        return Err(whole(RejectCode::RequestTooLarge, limit, message));
    }
    let body_text = simdutf8::compat::from_utf8(body);
    body_text.map_err(|error| not_json(Malformed(error.valid_up_to())))?;
    let tree = tree_of(body)?;
    if !tree.root().is_object() {
        let message = "the request must be a JSON object".to_owned();
        return Err(whole(RejectCode::InvalidType, tree.root().start(), message));
    }
    Ok(tree)
}

/// The values of a body.
fn tree_of(body: &[u8]) -> Result<Tree<'_>, Error> {
    let most = MAX_REQUEST_VALUES + body.len() / MIN_BYTES_PER_VALUE;
    let tree = Tree::parse_within(body, most).map_err(not_json)?;
    tree.ok_or_else(|| {
        let message = format!("the request has more than {most} values in {} bytes", body.len());
        whole(RejectCode::RequestTooLarge, body.len(), message)
    })
}

/// Bytes that may be written anew of a body of this size.
fn room(bytes: usize) -> usize {
    bytes.saturating_mul(MAX_REQUEST_GROWTH).saturating_add(MAX_REQUEST_ADDED_BYTES)
}

/// The same error, its offset in the edited body now that in the body as it came.
fn at_origin(mut error: Error, edits: &Edits, root: Node<'_>) -> Error {
    if let Error::Rejected { offset: Some(offset), .. } = &mut error {
        *offset = edits.origin(root, *offset as usize) as u64;
    }
    error
}

/// The same error, for a body that is not the one that came: the path stays.
fn without_offset(mut error: Error) -> Error {
    if let Error::Rejected { offset, .. } = &mut error {
        *offset = None;
    }
    error
}

fn not_json(Malformed(offset): Malformed) -> Error {
    whole(RejectCode::InvalidJson, offset, format!("the request is not valid JSON: see byte {offset}"))
}

/// An error of the body as a whole.
fn whole(code: RejectCode, offset: usize, message: String) -> Error {
    Error::Rejected { code, path: None, offset: Some(offset as u64), message }
}
