//! Messages: read once whatever the protocol, written as input items.
//!
//! Input: a message. Output: its items, and a change for each member that none of them has. State: none.

use super::super::input_members::Members;
use super::super::item_types::{self, ItemType};
use super::super::name_table::NameTable;
use super::super::path::{self, Path};
use super::super::request_edit::{Action, Loss, RuleResult};
use super::super::{CACHE_CONTROL, Error};
use super::blocks;
use super::parts::TextSide;
use super::{ToResponses, missing, reasoning, wrong_type};
use crate::json::tree::Node;

/// What a role makes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Message(TextSide),
    /// A tool's answer.
    Tool,
}

const ROLES: [(&str, Role); 6] = [
    ("system", Role::Message(TextSide::Input)),
    ("developer", Role::Message(TextSide::Input)),
    ("user", Role::Message(TextSide::Input)),
    ("assistant", Role::Message(TextSide::Output)),
    ("tool", Role::Tool),
    (FUNCTION, Role::Tool),
];

static ROLE_NAMES: NameTable<6> = NameTable::of_rows(&ROLES);

const FUNCTION: &str = "function";

/// Members that an item has, by the message's role; all others are lost, and listed.
const OF_ALL: [&str; 3] = ["type", "role", "content"];
const OF_TOOL: [&str; 4] = ["tool_call_id", "toolCallId", "call_id", "output"];
const OF_MESSAGE: [&str; 5] = ["id", "status", "phase", "tool_calls", "function_call"];
const OF_ASSISTANT: [&str; 3] = ["refusal", "annotations", "images"];
/// What a client cannot have meant for nothing.
const ASKED: [&str; 3] = [NAME, "audio", CACHE_CONTROL];
const NAME: &str = "name";

/// Members that only chat's messages have; a message of a Responses request with one of them is written anew.
pub(super) const CHAT_ONLY: Members =
    Members::of(&["refusal", "tool_calls", "function_call", "annotations", "images"]).and(reasoning::MEMBERS);

/// The members of a message that matter; nothing is checked.
#[derive(Clone, Copy)]
pub(super) struct Message<'t> {
    pub(super) node: Node<'t>,
    pub(super) kind: Option<Node<'t>>,
    role: Option<Node<'t>>,
    pub(super) content: Option<Node<'t>>,
    pub(super) output: Option<Node<'t>>,
    pub(super) refusal: Option<Node<'t>>,
    pub(super) name: Option<Node<'t>>,
    pub(super) call_id: Option<Node<'t>>,
    pub(super) tool_calls: Option<Node<'t>>,
    pub(super) function_call: Option<Node<'t>>,
    /// Of items that are no messages.
    pub(super) tools: Option<Node<'t>>,
    is_chat: bool,
}

impl<'t> Message<'t> {
    pub(super) fn read(node: Node<'t>) -> Self {
        let (kind, role, content, output, refusal) = (None, None, None, None, None);
        let (name, call_id, tool_calls, function_call, tools) = (None, None, None, None, None);
        let is_chat = false;
        let mut read = Self {
            node,
            kind,
            role,
            content,
            output,
            refusal,
            name,
            call_id,
            tool_calls,
            function_call,
            tools,
            is_chat,
        };
        for member in node.members() {
            let key = member.key_bytes();
            if let Some(place) = read.place(&key) {
                *place = Some(member);
            }
            read.is_chat |= CHAT_ONLY.has_any(Members::at(Members::place(&key))) && !member.is_null();
        }
        read
    }

    fn place(&mut self, key: &[u8]) -> Option<&mut Option<Node<'t>>> {
        Some(match key {
            b"type" => &mut self.kind,
            b"role" => &mut self.role,
            b"content" => &mut self.content,
            b"output" => &mut self.output,
            b"refusal" => &mut self.refusal,
            b"name" => &mut self.name,
            b"tool_call_id" | b"toolCallId" | b"call_id" => &mut self.call_id,
            b"tool_calls" => &mut self.tool_calls,
            b"function_call" => &mut self.function_call,
            b"tools" => &mut self.tools,
            _ => return None,
        })
    }

    /// An item that is no message, as only Responses has it.
    pub(super) fn is_item(&self) -> bool {
        self.kind.is_some_and(|kind| {
            let is_known = kind.as_str().is_some_and(|name| ItemType::named(Some(name)).is_known());
            !kind.is(item_types::MESSAGE) && (is_known || self.role.is_none())
        })
    }

    /// Whether a message of a Responses request has to be written anew.
    pub(super) fn is_chat_shaped(&self) -> bool {
        self.is_from("assistant") && self.is_chat || self.content.is_some_and(blocks::are_in)
    }

    pub(super) fn is_from(&self, role: &str) -> bool {
        self.role.is_some_and(|own| own.is(role))
    }

    pub(super) fn role(&self) -> Option<Role> {
        let role = self.role?.as_str()?;
        ROLE_NAMES.find_text(role).map(|at| ROLES[at].1)
    }

    /// Whether it has no words: such a message of the assistant only calls.
    pub(super) fn is_silent(&self) -> bool {
        self.content.is_none_or(is_silent)
    }

    /// Whether it has neither words nor calls: some clients keep such a turn.
    pub(super) fn is_empty(&self) -> bool {
        let calls = self.tool_calls.into_iter().flat_map(Node::elements).next();
        let others = [self.refusal, self.function_call];
        self.is_silent()
            && calls.is_none()
            && !self.is_chat
            && others.iter().all(|other| other.is_none_or(Node::is_null))
    }

    /// Whether an item has the member's meaning.
    fn has_place(&self, member: Node<'_>, role: Role) -> bool {
        let is_one_of = |names: &[&str]| names.iter().any(|name| member.is_named(name));
        match role {
            _ if is_one_of(&OF_ALL) => true,
            Role::Tool => is_one_of(&OF_TOOL) || (self.is_from(FUNCTION) && member.is_named(NAME)),
            Role::Message(TextSide::Input) => is_one_of(&OF_MESSAGE),
            Role::Message(TextSide::Output) => {
                is_one_of(&OF_MESSAGE)
                    || is_one_of(&OF_ASSISTANT)
                    || reasoning::is_thought(&member.key_bytes())
            }
        }
    }
}

impl<'t> ToResponses<'t> {
    /// `messages` as `input`.
    pub(super) fn messages(&mut self, list: Node<'t>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
        if !list.is_array() {
            return Err(wrong_type(list, path, "a list of messages"));
        }
        let mut out = Vec::with_capacity(list.raw().len() + list.raw().len() / 4);
        out.push(b'[');
        for (nth, message) in list.elements().enumerate() {
            for item in self.message(message, &path.index(nth))? {
                out.extend_from_slice(if out.len() > 1 { b"," } else { b"" });
                out.extend_from_slice(&item);
            }
            self.edit.check_room(out.len())?;
        }
        out.push(b']');
        Ok(out)
    }

    /// The items of one message.
    fn message(&mut self, node: Node<'t>, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
        if !node.is_object() {
            return Err(wrong_type(node, path, "an object"));
        }
        let message = Message::read(node);
        if message.is_item() {
            return Ok(vec![node.raw().to_vec()]);
        }
        let items = self.items(&message, path)?;
        if items.is_empty() {
            self.edit.note(Action::Removed, path, "a message that says nothing");
        }
        Ok(items)
    }

    /// Outputs first, for they answer what came before; then thoughts, content and calls.
    pub(super) fn items(&mut self, message: &Message<'t>, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
        let role = message.role().ok_or_else(|| no_role(message, path))?;
        self.losses(message, role, path)?;
        let Role::Message(side) = role else { return Ok(vec![self.output(message, path)?]) };
        let mut items = Vec::new();
        self.results(message, &mut items, path)?;
        let thoughts = if side == TextSide::Output { self.thoughts(message, path)? } else { Vec::new() };
        let mut others = Vec::new();
        self.content(message, side, &mut others, path)?;
        self.calls(message, &mut others, path)?;
        items.extend(reasoning::interleave(thoughts, others));
        Ok(items)
    }

    /// What of a message no item has.
    fn losses(&mut self, message: &Message<'t>, role: Role, path: &Path<'_>) -> RuleResult {
        for member in message.node.members().filter(|member| !member.is_null()) {
            let is_mark = member.is_named(CACHE_CONTROL) && self.is_for_messages();
            if message.has_place(member, role) || is_mark {
                continue;
            }
            let key = member.key().decode();
            let is_of_tool = role == Role::Tool && key == NAME;
            let loss =
                if ASKED.contains(&&*key) && !is_of_tool { Loss::ClientSetting } else { Loss::Harmless };
            self.edit.lose(member, &path.key(path::shown(&key)), "no input item has it", loss)?;
        }
        Ok(())
    }
}

fn no_role(message: &Message<'_>, path: &Path<'_>) -> Error {
    match message.role {
        None => missing(message.node, &path.key("role")),
        Some(role) => {
            let roles = ROLES.map(|(name, _)| name).join(", ");
            wrong_type(role, &path.key("role"), &format!("one of {roles}"))
        }
    }
}

/// Whether a content has no words.
pub(super) fn is_silent(content: Node<'_>) -> bool {
    let is_empty_list = content.is_array() && content.elements().next().is_none();
    is_empty_list || matches!(content.raw(), b"null" | b"\"\"")
}
