//! An input item as the table of [`super::input_shapes`] knows it: its type, its id, its part in tool history.
//!
//! Input: the elements of `input`. Output: one [`Item`] each. State: none.

use super::input_members::{Member, Members};
pub(super) use super::input_shapes::{
    ADDITIONAL_TOOLS, AGENT_MESSAGE, CONFIGURATION_UPDATE, CUSTOM_CALL, CUSTOM_OUTPUT, FUNCTION_CALL,
    FUNCTION_OUTPUT, ITEM_REFERENCE, ItemType, MESSAGE, Part, TOOL_SEARCH_OUTPUT,
};
pub(crate) use super::input_shapes::{COMPACTIONS, REASONING};
use super::input_shapes::{LOCAL_SHELL_OUTPUT, OTHER};
use crate::json::Str;
use crate::json::tree::Node;
use std::num::NonZeroU32;

pub(super) const TOOLS: Member = Member::of("tools");
pub(super) const OUTPUT: Member = Member::of("output");
pub(super) const CONTENT: Member = Member::of("content");

/// The members of an item that only refers to another: its type may be missing or null.
const BARE_REFERENCES: [Members; 2] = [Members::of(&["id"]), Members::of(&["id", "type"])];

/// Of a call that came without an id; `place`: what makes it its own.
pub(super) fn missing_call_id(place: impl std::fmt::Display) -> String {
    format!("call_missing_{place}")
}

/// Whose message an item is, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    System,
    Developer,
    User,
    Assistant,
    /// Anybody else's, or no message.
    Other,
}

/// An input item, looked through once: the last of each member that rules ask for.
#[derive(Clone, Copy)]
pub(super) struct Item<'t> {
    pub(super) node: Node<'t>,
    pub(super) kind: &'static ItemType,
    /// Which members it has.
    pub(super) members: Members,
    index: u32,
    id: Place,
    name: Place,
    call_id: Place,
    pub(super) role: Role,
    /// The server ran it itself.
    is_served: bool,
    /// A name may stand twice.
    pub(super) may_repeat: bool,
}

/// A member's place in the document.
type Place = Option<NonZeroU32>;

/// The items of a request whose `input` is a list.
pub(super) fn items(root: Node<'_>) -> Vec<Item<'_>> {
    let input = root.get("input").into_iter().flat_map(Node::elements);
    let mut items = Vec::with_capacity(input.clone().count());
    items.extend(input.zip(0..).map(|(node, index)| Item::of(index, node)));
    items
}

impl<'t> Item<'t> {
    fn of(index: u32, node: Node<'t>) -> Self {
        let mut item = Self::without_members(index, node);
        let (mut type_name, mut role_name) = (None, None);
        for member in node.members() {
            let place = Members::place(&member.key_bytes());
            let own = Members::at(place);
            item.may_repeat |= item.members.has_any(own);
            item.members = item.members.and(own);
            match place {
                Members::TYPE => type_name = member.as_str(),
                Members::ROLE => role_name = member.as_str(),
                Members::ID => item.id = member.place(),
                Members::NAME => item.name = member.place(),
                Members::CALL_ID => item.call_id = member.place(),
                Members::EXECUTION => item.is_served = member.is("server"),
                _ => {}
            }
        }
        let is_bare = type_name.is_none() && BARE_REFERENCES.contains(&item.members);
        item.kind = if is_bare { ItemType::of(ITEM_REFERENCE) } else { ItemType::named(type_name) };
        let role_name = role_name.filter(|_| item.kind.name == MESSAGE);
        item.role = role_name.map_or(Role::Other, Role::named);
        item
    }

    fn without_members(index: u32, node: Node<'t>) -> Self {
        let (id, name, call_id) = (None, None, None);
        let (kind, members, role) = (&OTHER, Members::default(), Role::Other);
        let (is_served, may_repeat) = (false, false);
        Self { node, kind, members, index, id, name, call_id, role, is_served, may_repeat }
    }

    /// Its place in `input`.
    pub(super) fn index(&self) -> usize {
        self.index as usize
    }

    fn at(&self, place: Place) -> Option<Node<'t>> {
        place.map(|place| self.node.at_place(place))
    }

    pub(super) fn id(&self) -> Option<Node<'t>> {
        self.at(self.id)
    }

    pub(super) fn name(&self) -> Option<Node<'t>> {
        self.at(self.name)
    }

    /// Any other member; one that is not there costs nothing.
    pub(super) fn get(&self, member: Member) -> Option<Node<'t>> {
        member.is_in(self.members).then(|| self.node.get(member.name))?
    }

    /// How it takes part in tool history; a tool search that the server ran itself is nobody's to answer.
    pub(super) fn part(&self) -> Part {
        if self.is_served { Part::None } else { self.kind.part }
    }

    /// What pairs a call with its output: the member, and its text where that is not blank.
    pub(super) fn call_id(&self) -> Option<(Node<'t>, Str<'t>)> {
        let member = self.at(self.call_id).or(self.id().filter(|_| self.is_paired_by_id()))?;
        Some((member, member.as_id()?))
    }

    /// This output has no `call_id`: its `id` is that of the call.
    pub(super) fn is_paired_by_id(&self) -> bool {
        self.kind.name == LOCAL_SHELL_OUTPUT
    }

    /// Tools that come with this item.
    pub(super) fn tools(&self) -> Option<Node<'t>> {
        self.get(TOOLS).filter(|_| [ADDITIONAL_TOOLS, TOOL_SEARCH_OUTPUT].contains(&self.kind.name))
    }
}

impl Role {
    fn named(name: Str<'_>) -> Self {
        match &*name.unescaped() {
            b"system" => Self::System,
            b"developer" => Self::Developer,
            b"user" => Self::User,
            b"assistant" => Self::Assistant,
            _ => Self::Other,
        }
    }

    /// Whether it is the system's or the developer's.
    pub(super) fn instructs(self) -> bool {
        matches!(self, Self::System | Self::Developer)
    }
}

impl ItemType {
    /// `<prefix>_<something>` of letters, digits, `_` and `-`; any prefix where no rule is known.
    pub(super) fn allows_id(&self, id: Str<'_>) -> bool {
        let id = id.unescaped();
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let Some(at) = id.iter().position(|byte| *byte == b'_') else { return false };
        let (prefix, rest) = (&id[..at], &id[at + 1..]);
        let is_known =
            if self.prefix.is_empty() { !prefix.is_empty() } else { prefix == self.prefix.as_bytes() };
        is_known && !rest.is_empty() && id.iter().all(is_word)
    }
}
