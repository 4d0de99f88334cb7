//! The tables of the members of chat and Messages requests, typed.
//!
//! Input: `core/profiles/chat_fields.json` and `messages_fields.json`, what becomes of each member. Output: the same, by
//! name. State: the tables, read once.

use crate::json::tree::Node;
use crate::json::{Value, walk};
use std::collections::BTreeMap;
use std::sync::LazyLock;

pub(in crate::request) const CHAT_FIELDS: &str = include_str!("../../../profiles/chat_fields.json");
pub(in crate::request) const MESSAGES_FIELDS: &str = include_str!("../../../profiles/messages_fields.json");

/// What becomes of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Passed,
    Mapped,
    Removed,
    Rejected,
}

/// A member of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    rule: Value<'static>,
}

/// Where in a Responses request a value belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// `input`
    Whole,
    /// `text.format`
    Member(&'static str),
    /// `tools[]`
    Element,
}

/// A table and, by name, the places in it; read once, for its text never changes. What a rule is, is read when a request
/// has the member: most have few.
pub(super) struct Table {
    fields: Vec<Field>,
    by_name: Vec<usize>,
}

pub(super) static CHAT: LazyLock<Table> = LazyLock::new(|| Table::read(CHAT_FIELDS));
pub(super) static MESSAGES: LazyLock<Table> = LazyLock::new(|| Table::read(MESSAGES_FIELDS));

impl Table {
    fn read(json: &'static str) -> Self {
        let mut fields = Vec::new();
        let read = walk(json.as_bytes(), |name, rule| fields.push(Field { name: plain(name.raw()), rule }));
        debug_assert!(read.is_ok(), "an object");
        let mut by_name: Vec<usize> = (0..fields.len()).collect();
        by_name.sort_unstable_by_key(|at| fields[*at].name);
        Self { fields, by_name }
    }

    pub(super) fn has(&self, name: &[u8]) -> bool {
        self.find(name).is_some()
    }

    pub(super) fn field(&self, name: &str) -> Option<Field> {
        self.find(name.as_bytes()).map(|at| self.fields[at])
    }

    fn find(&self, name: &[u8]) -> Option<usize> {
        let nth = self.by_name.binary_search_by(|at| self.fields[*at].name.as_bytes().cmp(name)).ok()?;
        Some(self.by_name[nth])
    }

    /// The members of a request that the table has, in its order: of two that go to the same place, the first wins.
    pub(super) fn fields_of<'t>(&self, root: Node<'t>) -> Vec<(Field, Node<'t>)> {
        let mut found = BTreeMap::new();
        for member in root.members() {
            if let Some(at) = self.find(&member.key_bytes()) {
                found.insert(at, member); // the last of several
            }
        }
        found.into_iter().map(|(at, member)| (self.fields[at], member)).collect()
    }
}

impl Field {
    pub(super) fn class(self) -> Class {
        match word(self.rule, "class") {
            "passed" => Class::Passed,
            "mapped" => Class::Mapped,
            "removed" => Class::Removed,
            _ => Class::Rejected,
        }
    }

    /// Whether its value only means an effort: a switch, a budget, an object of another vendor.
    pub(super) fn is_switch(self) -> bool {
        word(self.rule, "as") == "switch"
    }

    /// The member of a chat request that has its meaning, where only Responses has none.
    pub(super) fn in_chat(self) -> &'static str {
        word(self.rule, "chat")
    }

    /// The same of a Messages request.
    pub(super) fn in_messages(self) -> &'static str {
        word(self.rule, "messages")
    }

    /// Its place in a Responses request: `text.format`, `tools[]`.
    pub(super) fn to(self) -> &'static str {
        word(self.rule, "to")
    }

    pub(super) fn target(self) -> (&'static str, Slot) {
        let to = self.to();
        match (to.strip_suffix("[]"), to.split_once('.')) {
            (Some(list), _) => (list, Slot::Element),
            (None, Some((outer, inner))) => (outer, Slot::Member(inner)),
            (None, None) => (to, Slot::Whole),
        }
    }

    /// For the list of changes.
    pub(super) fn goal(self) -> String {
        format!("{} in Responses", self.to())
    }

    pub(super) fn reason(self) -> &'static str {
        word(self.rule, "reason")
    }

    /// Whether only some of its values cannot be had.
    pub(super) fn has_default(self) -> bool {
        self.rule.get("default").is_some()
    }

    /// Whether the member's value is what holds without it. A null asks for nothing.
    pub(super) fn is_default(self, member: Node<'_>) -> bool {
        member.is_null() || self.rule.get("default").is_some_and(|default| member.value().is_same(default))
    }
}

fn word(rule: Value<'static>, key: &str) -> &'static str {
    rule.get(key).and_then(Value::as_str).map_or("", |text| plain(text.raw()))
}

fn plain(text: &'static [u8]) -> &'static str {
    std::str::from_utf8(text).unwrap_or_default()
}
