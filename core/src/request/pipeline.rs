//! The passes of a request, in order: parse, escape, `to_responses`, `backend_rules`, and for a chat server `to_chat`.
//!
//! Input: a body and how it came in. Output: the body to send, its changes and the context. State: none is kept.
//! Each pass reads the tree of what the one before it left; after one that had nothing to do nothing is read again.

use super::backend_rules;
use super::context::RequestContext;
use super::profile::Profile;
use super::{ConvertedRequest, Harmony, RequestOptions, harmony, item_types, to_responses};
use crate::dialect::Dialect;
use crate::error::{Error, RejectCode};
use crate::json::Malformed;
use crate::json::splice::Edits;
use crate::json::tree::{Node, Tree};

/// Any body as a request that a Responses server accepts.
pub(super) fn normalize(
    body: &[u8],
    route: Dialect,
    profile: &Profile,
    options: &RequestOptions,
) -> Result<ConvertedRequest, Error> {
    let tree = parse(body, profile.body_bytes)?;
    if options.harmony == Harmony::Escape && harmony::is_in(body) {
        let (edits, escaped) = harmony::escape(tree.root())?;
        let plain = RequestOptions { harmony: Harmony::Keep, ..options.clone() };
        let rest = normalize(&edits.apply(tree.root()), route, profile, &plain);
        let mut rest = rest.map_err(|error| at_origin(error, &edits, tree.root()))?;
        rest.changes.splice(0..0, escaped);
        return Ok(rest);
    }
    let mut context = RequestContext::default();
    let items = item_types::items(tree.root());
    let (edits, mut changes) =
        to_responses::to_responses(tree.root(), &items, route, profile, options, &mut context)?;
    let shaped = (!edits.is_empty()).then(|| edits.apply(tree.root()));
    let reshaped = shaped.as_deref().map(Tree::parse).transpose().map_err(not_json)?;
    let root = reshaped.as_ref().unwrap_or(&tree).root();
    let items = if reshaped.is_some() { item_types::items(root) } else { items };
    let ruled = backend_rules::apply(root, items, profile, options, &mut context);
    let (rules, ruled_changes) = ruled.map_err(|error| at_origin(error, &edits, tree.root()))?;
    changes.extend(ruled_changes);
    let ruled = (!rules.is_empty()).then(|| rules.apply(root));
    let body = ruled.or(shaped).unwrap_or_else(|| body.to_vec());
    Ok(ConvertedRequest { body, changes, context })
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
    let ConvertedRequest { body: ruled, mut changes, mut context } =
        normalize(body, route, profile, options)?;
    let ruled = Tree::parse(&ruled).map_err(not_json)?;
    let chat = super::to_chat::to_chat(ruled.root(), profile, target, options, &mut context);
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
    let tree = Tree::parse(body).map_err(not_json)?;
    if !tree.root().is_object() {
        let message = "the request must be a JSON object".to_owned();
        return Err(whole(RejectCode::InvalidType, tree.root().start(), message));
    }
    Ok(tree)
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
