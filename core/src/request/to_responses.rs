//! To Responses: any client's body becomes a Responses request in the shapes that the API has.
//!
//! Input: a body in any of the protocols, as clients really send it. Output: edits and changes; what was asked for goes into
//! the context. State: one `ToResponses` per request.
//!
//! A chat request is translated member by member (`from_chat`), and so is a Messages request (`from_messages`); a Responses
//! request is repaired where clients put chat shapes into it (`repair`). All write parts with the same functions.

mod blocks;
mod calls;
mod content;
mod detect;
pub(super) mod effort;
mod failed;
mod files;
mod from_chat;
mod from_messages;
mod message;
mod messages;
mod parts;
mod reasoning;
mod repair;
mod signed;
mod table;
mod tools;

use super::context::RequestContext;
use super::item_types::Item;
use super::options::RequestOptions;
use super::path::Path;
use super::profile::Profile;
use super::request_edit::{Change, Loss, RequestEdit, reject};
use crate::dialect::Dialect;
use crate::error::Error;
use crate::error::RejectCode;
use crate::json::Str;
use crate::json::splice::Edits;
use crate::json::tree::Node;
pub(super) use detect::dialect;
use from_chat::Target;
pub(super) use parts::{annotation, closed_part, text_part};
use std::borrow::Cow;
use std::collections::HashSet;
pub(super) use table::{CHAT_FIELDS, MESSAGES_FIELDS};

/// What `include` has for reasoning that its client sends back.
const ENCRYPTED_REASONING: &str = "reasoning.encrypted_content";

/// One body on its way to the Responses shape.
struct ToResponses<'t> {
    root: Node<'t>,
    items: &'t [Item<'t>],
    edit: RequestEdit,
    targets: Vec<Target<'t>>,
    /// Places inside members that are there, taken by now.
    filled: Vec<&'static str>,
    /// Names whose calls can only be custom.
    customs: HashSet<Cow<'t, [u8]>>,
    profile: &'t Profile,
}

/// What makes the body a Responses request; no edits where it is one already. `items`: those of its `input`.
pub(super) fn to_responses<'t>(
    root: Node<'t>,
    items: &'t [Item<'t>],
    route: Dialect,
    profile: &'t Profile,
    options: &'t RequestOptions,
    room: usize,
    context: &mut RequestContext,
) -> Result<(Edits, Vec<Change>, usize), Error> {
    *context = asked(root, dialect(root, route)?);
    if profile.chat.is_none() && profile.messages.is_none() {
        context.keep_stop(root);
    }
    if context.dialect == Dialect::Messages {
        return from_messages::from_messages(root, profile, options, room, context);
    }
    context.reasoning_details |= context.dialect == Dialect::Chat && profile.gives_details;
    let mut customs = HashSet::new();
    if context.dialect == Dialect::Chat {
        context.custom_tools = tools::customs(root).into_iter().map(Str::decode).collect();
        context.legacy_functions = tools::has_only_functions(root);
    }
    customs.extend(tools::only_customs(root));
    let mut to_responses = ToResponses {
        root,
        items,
        edit: RequestEdit::new(options.strict, room),
        targets: Vec::new(),
        filled: Vec::new(),
        customs,
        profile,
    };
    empty_half(root, context.dialect, &mut to_responses.edit)?;
    to_responses.fields(context)?;
    if context.legacy_functions {
        to_responses.one_call();
    }
    if context.dialect == Dialect::Responses {
        to_responses.repair()?;
    }
    to_responses.nested_format()?;
    to_responses.edit.into_edits()
}

impl ToResponses<'_> {
    /// The upstream speaks only chat: what chat has stays.
    fn is_for_chat(&self) -> bool {
        self.profile.chat.is_some()
    }

    /// The upstream speaks Messages: what is its own stays.
    fn is_for_messages(&self) -> bool {
        self.profile.messages.is_some()
    }

    /// A legacy function call is one at a time.
    fn one_call(&mut self) {
        const KEY: &str = "parallel_tool_calls";
        if given(self.root, KEY).is_none() {
            let reason = "legacy functions are called one at a time";
            self.edit.set(self.root, KEY, b"false", &Path::Root, reason);
        }
    }

    fn nested_format(&mut self) -> Result<(), Error> {
        let format = self.root.get("text").and_then(|text| text.get("format"));
        let path = &Path::Root.key("text");
        let path = &path.key("format");
        let Some(format) = format else { return Ok(()) };
        if let Some(flat) = tools::nested_format(format, path)? {
            self.edit.replace(format, flat, path, "the shape that Responses has");
        }
        Ok(())
    }
}

/// A chat request for a chat server: only what asks for nothing is left out.
pub(super) fn as_chat(root: Node<'_>, options: &RequestOptions) -> Result<(Edits, Vec<Change>), Error> {
    let mut edit = RequestEdit::new(options.strict, 0);
    empty_half(root, Dialect::Chat, &mut edit)?;
    edit.into_edits().map(|(edits, changes, _)| (edits, changes))
}

/// Of `messages` and `input` one may be there and empty.
fn empty_half(root: Node<'_>, dialect: Dialect, edit: &mut RequestEdit) -> Result<(), Error> {
    let (own, other) = match dialect {
        Dialect::Chat => ("messages", "input"),
        Dialect::Responses | Dialect::Messages => ("input", "messages"),
    };
    match root.get(other).filter(|_| given(root, own).is_some()) {
        Some(empty) if !empty.is_null() || dialect == Dialect::Responses => {
            edit.remove(empty, &Path::Root.key(other), "asks for nothing", Loss::Harmless)
        }
        _ => Ok(()),
    }
}

/// What a request asks of the answer.
pub(super) fn asked(root: Node<'_>, dialect: Dialect) -> RequestContext {
    let options = root.get("stream_options");
    RequestContext {
        reasoning_details: dialect == Dialect::Chat && asks_for_details(root),
        dialect,
        model: root.text("model").map(Str::decode),
        stream: is_true(root.get("stream")),
        include_usage: is_true(options.and_then(|own| own.get("include_usage"))),
        ..RequestContext::default()
    }
}

/// Whether a chat client wants reasoning back in a form that it keeps, as `OpenRouter`'s do: by a switch, by an object that
/// does not turn it off, or as Responses has it.
fn asks_for_details(root: Node<'_>) -> bool {
    let reasoning = root.get("reasoning").filter(|own| own.is_object());
    let is = |key, text: &str| {
        reasoning.and_then(|own| own.get(key)).is_some_and(|own| own.raw() == text.as_bytes())
    };
    let is_off = is("exclude", "true") || is("enabled", "false") || is("effort", "\"none\"");
    let includes =
        || root.get("include").into_iter().flat_map(Node::elements).any(|own| own.is(ENCRYPTED_REASONING));
    is_true(root.get("include_reasoning")) || (reasoning.is_some() && !is_off) || includes()
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
