//! A request's body and its values, within limits.
//!
//! Input: bytes, or a tree and its edits. Output: a tree, or the bytes that the edits make; errors with their place. State: none.

use crate::error::{Error, RejectCode};
use crate::json::splice::Edits;
use crate::json::tree::{Node, Tree};
use crate::json::{Malformed, Value};
use crate::limits::{
    MAX_JSON_DEPTH, MAX_REQUEST_ADDED_BYTES, MAX_REQUEST_GROWTH, MAX_REQUEST_VALUES, MIN_BYTES_PER_VALUE,
};

/// A request body that is UTF-8, JSON and an object.
pub(crate) fn parse(body: &[u8], limit: usize) -> Result<Tree<'_>, Error> {
    let tree = value(body, limit)?;
    if !tree.root().is_object() {
        let message = "the request must be a JSON object".to_owned();
        return Err(whole(RejectCode::InvalidType, tree.root().start(), message));
    }
    Ok(tree)
}

/// UTF-8, and JSON.
pub(super) fn value(body: &[u8], limit: usize) -> Result<Tree<'_>, Error> {
    if body.len() > limit {
        let message = format!("the request is larger than {limit} bytes");
        return Err(whole(RejectCode::RequestTooLarge, limit, message));
    }
    let body_text = simdutf8::compat::from_utf8(body);
    body_text.map_err(|error| not_json(Malformed(error.valid_up_to())))?;
    tree_of(body)
}

/// The values of a body.
pub(super) fn tree_of(body: &[u8]) -> Result<Tree<'_>, Error> {
    let most = MAX_REQUEST_VALUES + body.len() / MIN_BYTES_PER_VALUE;
    let tree = Tree::parse_within(body, most).map_err(not_json)?;
    tree.ok_or_else(|| {
        let message = format!("the request has more than {most} values in {} bytes", body.len());
        whole(RejectCode::RequestTooLarge, body.len(), message)
    })
}

/// The body with its edits. What they put into something deeper may no longer be read, by us neither.
pub(super) fn written(edits: &Edits, tree: &Tree<'_>) -> Result<Vec<u8>, Error> {
    let body = edits.apply(tree.root());
    if tree.can_be_wrapped() || Value::document(&body).is_some() {
        return Ok(body);
    }
    let message =
        format!("the request is nested too deeply: it would be sent with more than {MAX_JSON_DEPTH} levels");
    Err(Error::Rejected { code: RejectCode::InvalidJson, path: None, offset: None, message })
}

/// Bytes that may be written anew of a body of this size.
pub(super) fn room(bytes: usize) -> usize {
    bytes.saturating_mul(MAX_REQUEST_GROWTH).saturating_add(MAX_REQUEST_ADDED_BYTES)
}

/// The same error, its offset in the edited body now that in the body as it came.
pub(super) fn at_origin(mut error: Error, edits: &Edits, root: Node<'_>) -> Error {
    if let Error::Rejected { offset: Some(offset), .. } = &mut error {
        *offset = edits.origin(root, *offset as usize) as u64;
    }
    error
}

/// The same error, for a body that is not the one that came: the path stays.
pub(super) fn without_offset(mut error: Error) -> Error {
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
