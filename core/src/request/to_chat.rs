//! Enters: a Responses request in the shapes that the API has. Leaves: the chat completion request that asks the same of
//! a server that speaks only chat, its ledger, and what the answer needs to give the client its own tools back.
//!
//! The other direction of `shape`. What profiles decide of a field was decided before; this moves and converts.

mod choice;
mod members;
mod messages;
mod names;
mod parts;
mod tools;

use super::context::RequestContext;
use super::draft::{Action, Change, Draft, Loss, reject};
use super::kinds::{self, Item};
use super::path::Path;
use super::profile::{ChatTarget, Profile};
use super::{Error, RequestOptions};
use crate::error::RejectCode;
use crate::json::splice::Edits;
use crate::json::tree::Node;
use names::Names;

/// One request on its way to chat.
struct ToChat<'t> {
    root: Node<'t>,
    items: Vec<Item<'t>>,
    profile: &'t Profile,
    target: &'t ChatTarget,
    draft: Draft,
    names: Names,
}

/// What makes a Responses request a chat request.
pub(super) fn to_chat(
    root: Node<'_>,
    profile: &Profile,
    target: &ChatTarget,
    options: &RequestOptions,
    context: &mut RequestContext,
) -> Result<(Edits, Vec<Change>), Error> {
    let (items, draft) = (kinds::items(root), Draft::new(options.strict));
    let names = Names::new(profile.name_bytes);
    let mut to_chat = ToChat { root, items, profile, target, draft, names };
    to_chat.tools()?;
    to_chat.conversation()?;
    to_chat.members()?;
    context.tools = to_chat.names.client_tools();
    Ok(to_chat.draft.into_edits())
}

impl ToChat<'_> {
    /// `input` as `messages`, `instructions` as the first of them.
    fn conversation(&mut self) -> Result<(), Error> {
        const INPUT: &str = "input";
        let instructions = self.root.get("instructions").filter(|own| !own.is_null());
        let Some(input) = self.root.get(INPUT) else {
            let message = format!("Missing required parameter: '{INPUT}'.");
            return Err(reject(RejectCode::MissingParameter, self.root, &Path::Root.key(INPUT), &message));
        };
        let mut messages = Vec::new();
        if let Some(instructions) = self.root.get("instructions") {
            self.draft.edits().remove(instructions);
            self.draft.note(Action::Moved, &Path::Root.key("instructions"), "the first message in chat");
        }
        if let Some(text) = instructions.filter(|text| text.as_str().is_some_and(|text| !text.is_blank())) {
            messages.push([b"{\"role\":\"system\",\"content\":", text.raw(), b"}"].concat());
        }
        if input.as_str().is_some() {
            messages.push([b"{\"role\":\"user\",\"content\":", input.raw(), b"}"].concat());
        } else {
            self.messages(&mut messages)?;
        }
        let list = [&b"["[..], &messages.join(&b','), b"]"].concat();
        self.draft.edits().rename(input, "messages");
        self.draft.edits().replace(input, list);
        self.draft.note(Action::Renamed, &Path::Root.key(INPUT), "messages in chat");
        Ok(())
    }

    /// Notes what chat has no place for.
    fn lose(&mut self, node: Node<'_>, path: &Path<'_>, reason: &str) -> Result<(), Error> {
        self.draft.lose(node, path, reason, Loss::Asked)
    }
}
