//! A Responses request as the chat completion request that asks the same of a server that speaks only chat. The other
//! direction of `shape`.
//!
//! Input: a Responses request in the shapes that the API has, after the profile's rules. Output: edits, changes, and what
//! the answer needs to give the client its own tools back. State: one request on its way.

mod agents;
mod calls;
mod choice;
mod leading;
mod members;
mod messages;
mod outputs;
mod parts;
mod pictures;
mod reasoning;
mod tools;
mod turn;

use super::context::RequestContext;
use super::functions::tool_names::ToolNames;
use super::item_types::{self, Item};
use super::nested::Insertions;
use super::options::RequestOptions;
use super::path::{self, Path};
use super::profile::{ChatTarget, Profile};
use super::request_edit::{Action, Change, Loss, RequestEdit, RuleResult, reject};
use crate::error::Error;
use crate::error::RejectCode;
use crate::json::splice::Edits;
use crate::json::tree::Node;

const INPUT: &str = "input";
const INSTRUCTIONS: &str = "instructions";

/// One request on its way to chat.
struct ToChat<'t> {
    root: Node<'t>,
    items: Vec<Item<'t>>,
    profile: &'t Profile,
    target: &'t ChatTarget,
    edit: RequestEdit,
    /// Members that chat has and Responses has not.
    added: Insertions,
    names: ToolNames,
}

/// What makes a Responses request a chat request.
pub(super) fn to_chat(
    root: Node<'_>,
    profile: &Profile,
    target: &ChatTarget,
    options: &RequestOptions,
    room: usize,
    context: &mut RequestContext,
) -> Result<(Edits, Vec<Change>), Error> {
    let (items, edit) = (item_types::items(root), RequestEdit::new(options.strict, room));
    let (added, names) = (Insertions::default(), ToolNames::new(profile.name_bytes));
    let mut to_chat = ToChat { root, items, profile, target, edit, added, names };
    to_chat.tools()?;
    to_chat.conversation()?;
    to_chat.members()?;
    std::mem::take(&mut to_chat.added).write(root, to_chat.edit.unlisted());
    context.tools = to_chat.names.client_tools();
    to_chat.edit.into_edits().map(|(edits, changes, _)| (edits, changes))
}

impl<'t> ToChat<'t> {
    /// `input` as `messages`, `instructions` as the first of them.
    fn conversation(&mut self) -> RuleResult {
        let Some(input) = self.root.get(INPUT) else {
            let message = format!("Missing required parameter: '{INPUT}'.");
            return Err(reject(RejectCode::MissingParameter, self.root, &Path::Root.key(INPUT), &message));
        };
        let mut messages = Vec::new();
        let items = std::mem::take(&mut self.items);
        let first = self.leading(&items, &mut messages)?;
        if input.as_str().is_some() {
            messages.push([b"{\"role\":\"user\",\"content\":", input.raw(), b"}"].concat());
        } else {
            self.messages(&items, first, &mut messages)?;
        }
        let list = [&b"["[..], &messages.join(&b','), b"]"].concat();
        self.edit.unlisted().rename(input, "messages");
        self.edit.put(input, list);
        self.edit.note(Action::Renamed, &Path::Root.key(INPUT), "messages in chat");
        Ok(())
    }

    /// Notes what chat has no place for.
    fn lose(&mut self, node: Node<'_>, path: &Path<'_>, reason: &str) -> RuleResult {
        self.edit.lose(node, path, reason, Loss::ClientSetting)
    }

    /// Notes the members that nobody read. Messages have no ids and no states: the change of `input` covers those.
    fn leave(&mut self, object: Node<'t>, read: &[&str], path: &Path<'_>) -> RuleResult {
        const BOOKKEEPING: [&str; 3] = ["type", "id", "status"];
        for member in object.members() {
            let key = member.key_bytes();
            let is_read = |keys: &[&str]| keys.iter().any(|own| own.as_bytes() == &*key);
            if is_read(&BOOKKEEPING) || is_read(read) || member.is_void() {
                continue;
            }
            let key = String::from_utf8_lossy(&key);
            self.edit.lose(
                member,
                &path.key(path::shown(&key)),
                "chat has no place for it",
                Loss::Harmless,
            )?;
        }
        Ok(())
    }
}
