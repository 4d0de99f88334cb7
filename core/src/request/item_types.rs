//! An input item as the table of [`super::input_shapes`] knows it: its type, its id, its part in tool history.
//!
//! Input: the elements of `input`. Output: one [`Item`] each. State: none.

pub(crate) use super::input_shapes::REASONING;
pub(super) use super::input_shapes::{
    ADDITIONAL_TOOLS, AGENT_MESSAGE, CUSTOM_CALL, CUSTOM_OUTPUT, FUNCTION_CALL, FUNCTION_OUTPUT,
    ITEM_REFERENCE, ItemType, MESSAGE, TOOL_SEARCH_OUTPUT,
};
use super::input_shapes::{KINDS, LOCAL_SHELL_OUTPUT, OTHER};
use crate::json::Str;
use crate::json::tree::Node;

/// How an item takes part in tool history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The client ran it and owes an output: the output's JSON up to its `call_id`, and what follows for a call that
    /// was never answered.
    Call { output: &'static str, aborted: &'static str },
    /// A call whose output has no words for "aborted".
    OpenCall,
    /// Answers a call.
    Output,
    /// Neither.
    None,
}

/// Of a call that came without an id; `place`: what makes it its own.
pub(super) fn missing_call_id(place: impl std::fmt::Display) -> String {
    format!("call_missing_{place}")
}

/// Whose message an item is, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    System,
    Developer,
    /// Anybody else's, or no message.
    Other,
}

/// An input item, looked through once: the last of each member that rules ask for.
#[derive(Clone, Copy)]
pub(super) struct Item<'t> {
    pub(super) node: Node<'t>,
    pub(super) index: usize,
    pub(super) kind: &'static ItemType,
    /// How it takes part in tool history; a tool search that the server ran itself is nobody's to answer.
    pub(super) part: Part,
    pub(super) role: Role,
    /// A message of the assistant.
    pub(super) is_assistant: bool,
    pub(super) id: Option<Node<'t>>,
    pub(super) name: Option<Node<'t>>,
    call_id: Option<Node<'t>>,
}

/// The items of a request whose `input` is a list.
pub(super) fn items(root: Node<'_>) -> Vec<Item<'_>> {
    let input = root.get("input").into_iter().flat_map(Node::elements);
    input.enumerate().map(|(index, node)| Item::of(index, node)).collect()
}

impl<'t> Item<'t> {
    fn of(index: usize, node: Node<'t>) -> Self {
        let (mut execution, mut type_name, mut role_name) = (None, None, None);
        let (kind, part, role) = (&OTHER, Part::None, Role::Other);
        let is_assistant = false;
        let mut item =
            Self { node, index, kind, part, role, is_assistant, id: None, name: None, call_id: None };
        for member in node.members() {
            match &*member.key_bytes() {
                b"type" => type_name = member.as_str(),
                b"role" => role_name = member.as_str(),
                b"execution" => execution = Some(member),
                b"id" => item.id = Some(member),
                b"name" => item.name = Some(member),
                b"call_id" => item.call_id = Some(member),
                _ => {}
            }
        }
        item.kind = ItemType::named(type_name);
        let is_served = execution.is_some_and(|by: Node<'_>| by.is("server"));
        item.part = if is_served { Part::None } else { item.kind.part };
        let role_name = role_name.filter(|_| item.kind.name == MESSAGE);
        item.role = role_name.map_or(Role::Other, Role::named);
        item.is_assistant = role_name.is_some_and(|role| role.is("assistant"));
        item
    }

    /// What pairs a call with its output: the member, and its text where that is not blank.
    pub(super) fn call_id(&self) -> Option<(Node<'t>, Str<'t>)> {
        let member = self.call_id.or(self.id.filter(|_| self.is_paired_by_id()))?;
        Some((member, member.as_str().filter(|text| !text.is_blank())?))
    }

    /// This output has no `call_id`: its `id` is that of the call.
    pub(super) fn is_paired_by_id(&self) -> bool {
        self.kind.name == LOCAL_SHELL_OUTPUT
    }

    /// Tools that come with this item.
    pub(super) fn tools(&self) -> Option<Node<'t>> {
        let has_tools = [ADDITIONAL_TOOLS, TOOL_SEARCH_OUTPUT].contains(&self.kind.name);
        has_tools.then(|| self.node.get("tools"))?
    }
}

impl Role {
    fn named(name: Str<'_>) -> Self {
        match &*name.unescaped() {
            b"system" => Self::System,
            b"developer" => Self::Developer,
            _ => Self::Other,
        }
    }
}

impl ItemType {
    /// Without a type it is a message.
    pub(super) fn named(name: Option<Str<'_>>) -> &'static Self {
        name.map_or(&KINDS[0], |name| Self::of(&String::from_utf8_lossy(&name.unescaped())))
    }

    pub(super) fn of(name: &str) -> &'static Self {
        KINDS.iter().find(|kind| kind.name == name).unwrap_or(&OTHER)
    }

    /// `<prefix>_<something>` of letters, digits, `_` and `-`; any prefix where no rule is known.
    pub(super) fn allows_id(&self, id: Str<'_>) -> bool {
        let id = id.unescaped();
        if !id.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            return false;
        }
        let Some(at) = id.iter().position(|byte| *byte == b'_') else { return false };
        let (prefix, rest) = (&id[..at], &id[at + 1..]);
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        !rest.is_empty()
            && rest.iter().all(is_word)
            && if self.prefix.is_empty() { !prefix.is_empty() } else { prefix == self.prefix.as_bytes() }
    }
}
