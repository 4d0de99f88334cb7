//! A Responses request as the Messages request that asks the same. A sibling of `to_chat`.
//!
//! Input: a Responses request in the shapes that the API has, after the rules of `core/profiles/to_messages.json`. Output:
//! edits, changes, and what the answer needs to give the client its own tools back. State: one request on its way.

mod blocks;
mod calls;
mod choice;
mod closed;
mod members;
pub(super) mod models;
mod results;
mod shown;
mod system;
mod thinking;
mod thoughts;
mod tools;
mod turns;

use super::context::RequestContext;
use super::functions::tool_names::ToolNames;
use super::item_types::{self, Item};
use super::options::RequestOptions;
use super::path::{self, Path};
use super::profile::{MessagesTarget, Profile};
use super::request_edit::{Action, Change, Loss, RequestEdit, RuleResult, reject};
use crate::error::Error;
use crate::error::RejectCode;
use crate::json::splice::Edits;
use crate::json::tree::Node;
use crate::json::{Str, write};
use models::Limits;
use std::collections::HashSet;

const INPUT: &str = "input";
const INSTRUCTIONS: &str = "instructions";
const SYSTEM: &str = "system";

/// One request on its way to Messages.
struct ToMessages<'t> {
    root: Node<'t>,
    items: Vec<Item<'t>>,
    profile: &'t Profile,
    target: &'t MessagesTarget,
    limits: Limits<'t>,
    edit: RequestEdit,
    names: ToolNames,
    /// Ids of calls so far, decoded: each is there once in all the conversation.
    ids: HashSet<String>,
    /// Blocks of `system`.
    system: Vec<Vec<u8>>,
    /// A tool of the server's searches for those of the client.
    has_search: bool,
}

/// What makes a Responses request a Messages request.
pub(super) fn to_messages(
    root: Node<'_>,
    profile: &Profile,
    target: &MessagesTarget,
    options: &RequestOptions,
    room: usize,
    context: &mut RequestContext,
) -> Result<(Edits, Vec<Change>), Error> {
    let (items, edit) = (item_types::items(root), RequestEdit::new(options.strict, room));
    let names = ToolNames::new(profile.name_bytes);
    let limits = Limits::of(root, profile, target);
    let (ids, system, has_search) = (HashSet::new(), Vec::new(), false);
    let mut to_messages =
        ToMessages { root, items, profile, target, limits, edit, names, ids, system, has_search };
    to_messages.tools()?;
    to_messages.conversation()?;
    to_messages.members()?;
    context.tools = to_messages.names.client_tools();
    to_messages.edit.into_edits().map(|(edits, changes, _)| (edits, changes))
}

impl<'t> ToMessages<'t> {
    /// `input` as `messages`; `instructions` and what the system and the developer say as `system`.
    fn conversation(&mut self) -> RuleResult {
        let Some(input) = self.root.get(INPUT) else {
            let message = format!("Missing required parameter: '{INPUT}'.");
            return Err(reject(RejectCode::MissingParameter, self.root, &Path::Root.key(INPUT), &message));
        };
        let instructions = self.instructions();
        let messages = self.messages(input)?;
        self.edit.unlisted().rename(input, "messages");
        self.edit.put(input, messages);
        self.edit.note(Action::Renamed, &Path::Root.key(INPUT), "messages in Messages");
        self.write_system(instructions)
    }

    fn lose(&mut self, node: Node<'_>, path: &Path<'_>, reason: &str) -> RuleResult {
        self.edit.lose(node, path, reason, Loss::ClientSetting)
    }

    /// Notes the members that nobody read. Messages have no ids and no states: the change of `input` covers those.
    fn leave(&mut self, object: Node<'t>, read: &[&str], path: &Path<'_>) -> RuleResult {
        const BOOKKEEPING: [&str; 5] =
            ["type", "id", "status", super::cache_marks::BREAKPOINT, super::cache_marks::CACHE_CONTROL];
        for member in object.members().filter(|member| !member.is_void()) {
            let key = member.key_bytes();
            if !BOOKKEEPING.iter().chain(read).any(|own| own.as_bytes() == &*key) {
                let key = String::from_utf8_lossy(&key);
                let path = &path.key(path::shown(&key));
                self.edit.lose(member, path, "Messages has no place for it", Loss::Harmless)?;
            }
        }
        Ok(())
    }
}

/// The member `key`, unless it is null.
fn given<'t>(object: Node<'t>, key: &str) -> Option<Node<'t>> {
    object.get(key).filter(|member| !member.is_null())
}

fn list(elements: &[Vec<u8>]) -> Vec<u8> {
    [&b"["[..], &elements.join(&b','), b"]"].concat()
}

/// A text block; `None` for one that has no words, which a server refuses.
fn text_block(text: Str<'_>) -> Option<Vec<u8>> {
    (!text.is_blank()).then(|| [br#"{"type":"text","text":""#, text.raw(), b"\"}"].concat())
}

/// The cache mark of a part or a tool, in either dialect's form, as a member of the block.
fn marked(mut block: Vec<u8>, holder: Node<'_>) -> Vec<u8> {
    let own = given(holder, super::cache_marks::CACHE_CONTROL).map(Node::raw);
    let mark = own
        .or_else(|| given(holder, super::cache_marks::BREAKPOINT).map(|_| &br#"{"type":"ephemeral"}"#[..]));
    if let Some(mark) = mark.filter(|_| memchr::memmem::find(&block, br#","cache_control":"#).is_none()) {
        block.pop();
        write::pieces(&mut block, [br#","cache_control":"#, mark, b"}"]);
    }
    block
}
