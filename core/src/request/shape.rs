//! Enters: a body in either protocol, as clients really send it. Leaves: a Responses request in the shapes that the API
//! has, and its ledger; what was asked for goes into the context.
//!
//! A chat request is translated member by member (`from_chat`), a Responses request mended where clients put chat
//! shapes into it (`mend`). Both write items, parts and tools with the same functions.

mod calls;
mod from_chat;
mod mend;
mod messages;
mod parts;
mod table;
mod tools;

use super::context::RequestContext;
use super::draft::{Change, Draft, reject};
use super::path::Path;
use super::{Error, RequestOptions};
use crate::dialect::Dialect;
use crate::error::RejectCode;
use crate::json::Str;
use crate::json::splice::Edits;
use crate::json::tree::Node;
use calls::Calls;
use from_chat::Target;
pub(super) use table::CHAT_FIELDS;

/// One body on its way to the Responses shape.
struct Shape<'t> {
    root: Node<'t>,
    draft: Draft,
    calls: Calls<'t>,
    targets: Vec<Target<'t>>,
}

/// What makes the body a Responses request; no edits where it is one already.
pub(super) fn shape(
    root: Node<'_>,
    route: Dialect,
    options: &RequestOptions,
    context: &mut RequestContext,
) -> Result<(Edits, Vec<Change>), Error> {
    *context = asked(root, dialect(root, route)?);
    let customs = tools::customs(root);
    if context.dialect == Dialect::Chat {
        context.custom_tools = customs.iter().copied().map(Str::decode).collect();
    }
    let draft = Draft::new(options.strict);
    let mut shape = Shape { root, draft, calls: Calls::new(customs), targets: Vec::new() };
    match context.dialect {
        Dialect::Chat => shape.translate()?,
        Dialect::Responses => shape.mend()?,
    }
    Ok(shape.draft.into_edits())
}

/// What a request says of the answer that it wants.
pub(super) fn asked(root: Node<'_>, dialect: Dialect) -> RequestContext {
    let options = root.get("stream_options");
    RequestContext {
        dialect,
        model: root.text("model").map(Str::decode),
        stream: is_true(root.get("stream")),
        include_usage: is_true(options.and_then(|own| own.get("include_usage"))),
        ..RequestContext::default()
    }
}

/// What the body is, whatever the route says.
fn dialect(root: Node<'_>, route: Dialect) -> Result<Dialect, Error> {
    let given = |key| root.get(key).filter(|member| !member.is_null());
    match (given("messages"), given("input")) {
        (Some(messages), Some(_)) => {
            let path = &Path::Root.key("messages");
            let message = "messages and input exclude each other";
            Err(reject(RejectCode::UnsupportedParameter, messages, path, message))
        }
        (Some(_), None) => Ok(Dialect::Chat),
        (None, Some(_)) => Ok(Dialect::Responses),
        (None, None) if route == Dialect::Responses => Ok(Dialect::Responses),
        (None, None) => Err(missing(root, &Path::Root.key("messages"))),
    }
}

fn is_true(member: Option<Node<'_>>) -> bool {
    member.is_some_and(|member| member.value().as_bool() == Some(true))
}

/// The member `key`, unless it is null: a null asks for nothing.
fn given<'t>(object: Node<'t>, key: &str) -> Option<Node<'t>> {
    object.get(key).filter(|member| !member.is_null())
}

/// A member of `holder` that must be there is not.
fn missing(holder: Node<'_>, path: &Path<'_>) -> Error {
    let message = format!("Missing required parameter: '{path}'.");
    reject(RejectCode::MissingParameter, holder, path, &message)
}

/// `what`: what it must be.
fn wrong_type(node: Node<'_>, path: &Path<'_>, what: &str) -> Error {
    reject(RejectCode::InvalidType, node, path, &format!("Invalid type for '{path}': expected {what}."))
}
