//! `messages` as `input`: each message's blocks in their order, those that belong together as one message, calls and their
//! results as items of their own.
//!
//! Input: the messages. Output: items. State: the message that is open.

use super::super::super::input_shapes::OUTPUT_TEXT;
use super::super::super::path::Path;
use super::super::super::request_edit::{Action, Loss, RuleResult};
use super::super::parts::{self, TextSide};
use super::super::{given, missing, wrong_type};
use super::{Effort, FromMessages, list};
use crate::json::tree::Node;
use crate::json::{Str, write};

/// Between two texts that had a call between them.
const BETWEEN: &[u8] = br"\n\n";

/// Whose message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// In mid-conversation: a developer's message in Responses, which no profile moves to the front.
    System,
    User,
    Assistant,
}

const ROLES: [(&str, Role); 4] = [
    ("user", Role::User),
    ("assistant", Role::Assistant),
    ("system", Role::System),
    ("developer", Role::System),
];

impl Role {
    fn named(name: Str<'_>) -> Option<Self> {
        ROLES.iter().find(|(own, _)| name.is(own)).map(|(_, role)| *role)
    }

    pub(super) fn side(self) -> TextSide {
        if self == Self::Assistant { TextSide::Output } else { TextSide::Input }
    }

    fn in_responses(self) -> &'static str {
        match self {
            Self::System => "developer",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// The items so far, as the elements of a list, and the parts of the message that is open.
pub(super) struct Items {
    bytes: Vec<u8>,
    pub(super) role: Role,
    parts: Vec<Vec<u8>>,
    open_bytes: usize,
    /// How many items the message at hand has.
    count: usize,
    /// A chat message has its text before its calls: these wait for its end.
    calls: Option<Vec<Vec<u8>>>,
    /// A call stands between the last text and the next.
    is_apart: bool,
}

impl Items {
    pub(super) fn push(&mut self, item: &[u8]) {
        self.close();
        self.add(item);
    }

    pub(super) fn push_call(&mut self, item: Vec<u8>) {
        match &mut self.calls {
            Some(calls) => {
                self.open_bytes += item.len() + size_of::<Vec<u8>>();
                calls.push(item);
                self.is_apart = true;
            }
            None => self.push(&item),
        }
    }

    /// The message is over.
    fn end(&mut self) {
        self.close();
        self.is_apart = false;
        let calls = self.calls.as_mut().map(std::mem::take).unwrap_or_default();
        for call in calls {
            self.add(&call);
        }
        self.open_bytes = 0;
    }

    fn add(&mut self, item: &[u8]) {
        self.bytes.extend_from_slice(if self.bytes.len() > 1 { b"," } else { b"" });
        self.bytes.extend_from_slice(item);
        self.count += 1;
    }

    /// A part of the message.
    pub(super) fn push_part(&mut self, part: Vec<u8>) {
        if std::mem::take(&mut self.is_apart) && !self.parts.is_empty() {
            self.parts.push(parts::text_part(OUTPUT_TEXT, Str::from_raw(BETWEEN)));
        }
        self.open_bytes += part.len() + size_of::<Vec<u8>>();
        self.parts.push(part);
    }

    pub(super) fn push_parts(&mut self, parts: impl IntoIterator<Item = Vec<u8>>) {
        for part in parts {
            self.push_part(part);
        }
    }

    /// A content that is only text.
    pub(super) fn words(&mut self, text: Str<'_>) {
        if !text.is_empty() {
            self.push_part(parts::simple_text(text, self.role.side()));
        }
    }

    fn held(&self) -> usize {
        self.bytes.len() + self.open_bytes
    }

    /// What is open becomes an item.
    fn close(&mut self) {
        if !self.parts.is_empty() {
            let parts = list(&std::mem::take(&mut self.parts));
            self.add(&message(self.role.in_responses(), &parts));
        }
    }
}

impl<'t> FromMessages<'t> {
    pub(super) fn input(&mut self) -> RuleResult {
        let Some(messages) = self.root.get("messages") else { return Ok(()) };
        let path = &Path::Root.key("messages");
        if !messages.is_array() {
            return Err(wrong_type(messages, path, "a list of messages"));
        }
        if let Some(empty) = self.root.get("input") {
            self.edit.remove(empty, &Path::Root.key("input"), "asks for nothing", Loss::Harmless)?;
        }
        let mut bytes = Vec::with_capacity(messages.raw().len() + messages.raw().len() / 4);
        bytes.push(b'[');
        let calls = self.is_for_chat().then(Vec::new);
        let mut items = Items {
            bytes,
            role: Role::User,
            parts: Vec::new(),
            open_bytes: 0,
            count: 0,
            calls,
            is_apart: false,
        };
        for item in std::mem::take(&mut self.first) {
            items.add(&item);
        }
        for (index, message) in messages.elements().enumerate() {
            self.message(message, index, &mut items, &path.index(index))?;
            self.edit.check_room(items.bytes.len())?;
        }
        items.bytes.push(b']');
        self.edit.unlisted().rename(messages, "input");
        self.edit.put(messages, items.bytes);
        self.edit.note(Action::Renamed, path, "input in Responses");
        Ok(())
    }

    fn message(&mut self, message: Node<'t>, index: usize, items: &mut Items, path: &Path<'_>) -> RuleResult {
        if !message.is_object() {
            return Err(wrong_type(message, path, "an object"));
        }
        self.edit.remove_duplicates(message, path);
        let role = message.get("role").ok_or_else(|| missing(message, &path.key("role")))?;
        let named = role.as_str().and_then(Role::named);
        items.role =
            named.ok_or_else(|| wrong_type(role, &path.key("role"), "one of user, assistant, system"))?;
        items.count = 0;
        if items.role == Role::User {
            self.effort = self.effort.filter(|effort| !effort.is_for_one_turn);
        }
        if items.role == Role::System {
            self.settings(message, index, path)?;
        }
        self.leave(message, &["role", "content", "output_config", "clear_at"], path)?;
        self.content(message, items, path)?;
        items.end();
        if items.count == 0 {
            self.edit.note(Action::Removed, path, "a message that says nothing");
        }
        Ok(())
    }

    /// What a system message sets beside its words.
    fn settings(&mut self, message: Node<'t>, index: usize, path: &Path<'_>) -> RuleResult {
        let Some(config) = given(message, "output_config").filter(|config| config.is_object()) else {
            return Ok(());
        };
        let path = &path.key("output_config");
        self.leave(config, &["effort"], path)?;
        if let Some(effort) = given(config, "effort") {
            self.edit.note(Action::Moved, &path.key("effort"), "reasoning.effort, of the last that sets it");
            let is_for_one_turn = message.get("clear_at").is_some_and(|at| at.is("next_user_message"));
            self.effort = Some(Effort { value: effort, message: index, is_for_one_turn });
        }
        Ok(())
    }

    fn content(&mut self, message: Node<'t>, items: &mut Items, path: &Path<'_>) -> RuleResult {
        let path = &path.key("content");
        let Some(content) = given(message, "content") else {
            return if items.role == Role::System { Ok(()) } else { Err(missing(message, path)) };
        };
        if let Some(text) = content.as_str() {
            items.words(text);
        } else if content.is_object() {
            self.block(content, items, path)?;
        } else if content.is_array() {
            for (index, block) in content.elements().enumerate() {
                self.block(block, items, &path.index(index))?;
                self.edit.check_room(items.held())?;
            }
        } else {
            return Err(wrong_type(content, path, "a string or a list of blocks"));
        }
        Ok(())
    }
}

/// `parts`: a list.
pub(super) fn message(role: &str, parts: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(parts.len() + 50);
    write::pieces(
        &mut out,
        [br#"{"type":"message","role":""#, role.as_bytes(), br#"","content":"#, parts, b"}"],
    );
    out
}
