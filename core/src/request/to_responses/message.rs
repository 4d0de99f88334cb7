//! The view of a client's message: its members, its role, the blocks in its content.
//!
//! Input: a message. Output: its members; nothing is checked. State: none.

use super::super::input_members::Members;
use super::super::item_types::{self, ItemType};
use super::super::name_table::NameTable;
use super::super::path::Path;
use super::parts::TextSide;
use super::{missing, wrong_type};
use crate::error::Error;
use crate::json::tree::Node;
use crate::opaque::DETAILS;

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
pub(super) const NAME: &str = "name";

/// Members with thoughts: plain text, blocks of text, entries of several kinds, other vendors' opaque ones.
pub(super) const THOUGHTS: [&str; 6] =
    ["reasoning_content", "reasoning", DETAILS, "reasoning_text", "reasoning_opaque", THINKING_BLOCKS];
pub(super) const THINKING_BLOCKS: &str = "thinking_blocks";

/// A part that is no part in Responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    Call,
    Result,
    /// A Messages server may have signed it.
    Thinking,
    Thought,
}

const BLOCKS: [(&str, Block); 8] = [
    ("tool_use", Block::Call),
    ("tool_result", Block::Result),
    ("thinking", Block::Thinking),
    ("redacted_thinking", Block::Thinking),
    ("reasoning", Block::Thought),
    ("reasoning_text", Block::Thought),
    ("summary_text", Block::Thought),
    ("thought", Block::Thought),
];

static BLOCK_NAMES: NameTable<8> = NameTable::of_rows(&BLOCKS);

impl Block {
    pub(super) fn of(part: Node<'_>) -> Option<Self> {
        let kind = part.text("type")?;
        BLOCK_NAMES.find_text(kind).map(|at| BLOCKS[at].1)
    }

    pub(super) fn is_in(content: Node<'_>) -> bool {
        let mut parts = content.elements();
        content.is_array() && parts.any(|part| Self::of(part).is_some()) || Self::of(content).is_some()
    }
}

/// Members that only chat's messages have; a message of a Responses request with one of them is written anew.
pub(super) const CHAT_ONLY: Members =
    Members::of(&["refusal", "tool_calls", "function_call", "annotations", "images"])
        .and(Members::of(&THOUGHTS));

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
        self.is_from("assistant") && self.is_chat || self.content.is_some_and(Block::is_in)
    }

    pub(super) fn is_from(&self, role: &str) -> bool {
        self.role.is_some_and(|own| own.is(role))
    }

    /// Whether only its name says which call a tool's answer is for.
    pub(super) fn is_known_by_name(&self) -> bool {
        self.is_from(FUNCTION) || self.call_id.and_then(Node::as_id).is_none()
    }

    pub(super) fn role(&self) -> Option<Role> {
        let role = self.role?.as_str()?;
        ROLE_NAMES.find_text(role).map(|at| ROLES[at].1)
    }

    /// What is wrong with a message whose role is none.
    pub(super) fn no_role(&self, path: &Path<'_>) -> Error {
        let Some(role) = self.role else { return missing(self.node, &path.key("role")) };
        let roles = ROLES.map(|(name, _)| name).join(", ");
        wrong_type(role, &path.key("role"), &format!("one of {roles}"))
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
    pub(super) fn has_place(&self, member: Node<'_>, role: Role) -> bool {
        let is_one_of = |names: &[&str]| names.iter().any(|name| member.is_named(name));
        match role {
            _ if is_one_of(&OF_ALL) => true,
            Role::Tool => is_one_of(&OF_TOOL) || (self.is_known_by_name() && member.is_named(NAME)),
            Role::Message(TextSide::Input) => is_one_of(&OF_MESSAGE),
            Role::Message(TextSide::Output) => {
                is_one_of(&OF_MESSAGE) || is_one_of(&OF_ASSISTANT) || is_one_of(&THOUGHTS)
            }
        }
    }
}

/// Whether a content has no words.
pub(super) fn is_silent(content: Node<'_>) -> bool {
    let is_empty_list = content.is_array() && content.elements().next().is_none();
    is_empty_list || matches!(content.raw(), b"null" | b"\"\"")
}
