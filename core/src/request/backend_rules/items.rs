//! Input items: what a backend that stores nothing refuses, ids it did not give, calls and outputs that lost each other.
//!
//! Input: the items and their pairs. Output: edits. State: none of its own.

use super::super::call_pairs::{self, Pairs};
use super::super::input_members::Member;
use super::super::item_types::{self, CONTENT, Item, ItemType, Part};
use super::super::path::Path;
use super::super::request_edit::{Action, Loss, RuleResult, reject};
use super::Rules;
use crate::dialect::responses::PREVIOUS_RESPONSE_ID;
use crate::error::RejectCode;
use crate::json::tree::Node;
use crate::json::{Str, write};
use crate::opaque::is_envelope;
use std::borrow::Cow;

const INPUT: &str = "input";
pub(super) const ENCRYPTED: Member = Member::of("encrypted_content");
const STATUS: Member = Member::of("status");
const SUMMARY: Member = Member::of("summary");
const ASYNC: Member = Member::of("async");
const ROLE: Member = Member::of("role");
const ANOTHERS: &str = "another call has it";
const OF_ITS_CALL: &str = "that of its call";
const TOO_LONG: &str = "too long; restored in the answer";
const OTHER_CHARACTERS: &str = "other characters than the backend takes; restored in the answer";

/// What a string as `input` stands for.
pub(crate) fn as_list(text: Str<'_>) -> Vec<u8> {
    let head = br#"[{"type":"message","role":"user","content":[{"type":"input_text","text":""#;
    [head, text.raw(), br#""}]}]"#].concat()
}

impl<'t> Rules<'t> {
    pub(super) fn input(&mut self) -> RuleResult {
        let path = &Path::Root.key(INPUT);
        let Some(input) = self.root.get(INPUT) else { return Ok(()) };
        if let Some(text) = input.as_str() {
            if self.profile.lists_input {
                self.edit.replace(input, as_list(text), path, "the backend takes a list");
            }
            return Ok(());
        }
        if !input.is_array() && !input.is_null() {
            return Err(reject(RejectCode::InvalidType, input, path, "input must be a string or a list"));
        }
        // For a chat server calls and outputs are paired where they become messages.
        let is_paired = !self.is_for_chat();
        let pairs = if is_paired { Pairs::of(&self.items, self.is_chat) } else { Pairs::default() };
        let repairs = is_paired && self.repairs();
        for item in std::mem::take(&mut self.items) {
            if !self.edit.is_removed(item.node) {
                self.item(&item, &path.index(item.index()), &pairs, repairs)?;
            }
        }
        Ok(())
    }

    /// With a `previous_response_id` the other half may be on the server.
    fn repairs(&self) -> bool {
        let previous = self.root.get(PREVIOUS_RESPONSE_ID);
        self.profile.repairs_orphans && previous.is_none_or(|id| id.is_null() || self.edit.is_removed(id))
    }

    fn item(&mut self, item: &Item<'t>, path: &Path<'_>, pairs: &Pairs<'t>, repairs: bool) -> RuleResult {
        let Item { node, kind, .. } = *item;
        if !node.is_object() {
            return Err(reject(RejectCode::InvalidType, node, path, "an input item must be an object"));
        }
        if let Some(role) = item.get(ROLE).filter(|role| !role.is_null() && role.as_str().is_none()) {
            return Err(reject(RejectCode::InvalidType, role, &path.key(ROLE.name), "role must be a string"));
        }
        if item.may_repeat {
            self.duplicates(node, path);
        }
        if let Some(reason) = self.refusal_of(item) {
            return self.edit.remove(node, path, reason, Loss::ClientSetting);
        }
        if self.summary(item, path)? {
            return Ok(());
        }
        let is_output = item.part() == Part::Output;
        let expected = pairs.expected(item).filter(|_| is_output);
        self.shape(item, expected.and_then(|expected| retyped(item, expected)).unwrap_or(kind), path)?;
        self.breakpoints(node, path)?;
        if is_output && expected.is_none() && repairs {
            let text = call_pairs::as_user_text(node, self.edit.unlisted());
            self.edit.replace(node, text, path, "a tool output without its call");
            return Ok(());
        }
        if let Some(expected) = expected {
            self.output_type(item, expected, path);
        }
        if kind.name == item_types::REASONING {
            self.reasoning(item, path)?;
        }
        self.item_id(item, path)?;
        if let Some(name) = item.name().filter(|name| kind.is_named && !self.edit.is_removed(*name)) {
            self.name(name, path);
        }
        let call_id = self.call_id(item, pairs, path);
        if let Part::Call { output, aborted } = item.part()
            && repairs
            && !pairs.has_output(item)
            && !runs_on(item)
        {
            self.abort(item, [output, aborted], &call_id.unwrap_or_default(), path);
        }
        Ok(())
    }

    /// Why the backend takes no such item at all.
    pub(super) fn refusal_of(&self, item: &Item<'_>) -> Option<&'static str> {
        match item.kind.name {
            item_types::ITEM_REFERENCE if self.profile.removes_references && !self.is_for_other() => {
                Some("the backend stores nothing to refer to")
            }
            item_types::REASONING if self.is_unreadable(item) => {
                Some("reasoning that the backend cannot read")
            }
            _ => None,
        }
    }

    /// An output for a call without one: the client stopped before it answered, and the backend demands it.
    fn abort(&mut self, call: &Item<'_>, [output, aborted]: [&str; 2], call_id: &[u8], path: &Path<'_>) {
        let head = format!("{{\"type\":\"{output}\",\"call_id\":\"");
        let text = [head.as_bytes(), call_id, b"\",", aborted.as_bytes(), b"}"].concat();
        self.edit.insert_after(call.node, text);
        self.edit.note(Action::Added, path, "an output for a call that was never answered");
    }

    /// Encrypted for another backend, or not at all where this one has no plain form of it.
    fn is_unreadable(&self, item: &Item<'_>) -> bool {
        let has_text = || [SUMMARY, CONTENT].iter().any(|key| item.get(*key).is_some_and(has_elements));
        self.options.is_foreign()
            || match self.foreign_state(item) {
                Some(_) => self.profile.encrypts_reasoning || !has_text(),
                None => self.profile.encrypts_reasoning && !is_encrypted(item),
            }
    }

    /// The state of a chat server, in an envelope of ours: no Responses server can read it.
    fn foreign_state<'a>(&self, item: &Item<'a>) -> Option<Node<'a>> {
        let state = item.get(ENCRYPTED).filter(|_| !self.is_for_chat() && self.profile.messages.is_none())?;
        state.as_str().is_some_and(is_envelope).then_some(state)
    }

    /// Sent back as it came, but for what is only ever output.
    fn reasoning(&mut self, item: &Item<'_>, path: &Path<'_>) -> RuleResult {
        if let Some(state) = self.foreign_state(item) {
            let reason = "state of another server, which the backend cannot read";
            self.edit.remove(state, &path.key(ENCRYPTED.name), reason, Loss::Harmless)?;
        }
        if !self.profile.encrypts_reasoning {
            return Ok(());
        }
        if let Some(status) = item.get(STATUS) {
            let reason = "only output items have a status";
            self.edit.remove(status, &path.key(STATUS.name), reason, Loss::Harmless)?;
        }
        if let Some(content) = item.get(CONTENT).filter(|content| has_elements(*content)) {
            let reason = "the backend takes it encrypted only";
            self.edit.remove(content, &path.key(CONTENT.name), reason, Loss::Harmless)?;
        }
        if item.get(SUMMARY).is_none_or(Node::is_null) {
            self.edit.set(item.node, SUMMARY.name, b"[]", path, "the backend requires a summary");
        }
        Ok(())
    }

    /// Functions and custom tools have outputs of the same shape; the backend wants that of the call.
    fn output_type(&mut self, item: &Item<'_>, expected: &str, path: &Path<'_>) {
        if let Some(name) = item.name().filter(|_| self.is_chat) {
            self.edit.unlisted().remove(name); // legacy functions are answered by name; the call has it now
        }
        let Some(kind) = retyped(item, expected).and_then(|_| item.node.get("type")) else { return };
        let quoted = format!("\"{expected}\"");
        if self.is_chat {
            // Chat has one kind of output: this only names which it is here.
            return self.edit.put(kind, quoted);
        }
        self.edit.replace(kind, quoted, &path.key("type"), "the type that its call expects");
    }

    /// Ids of another vendor or of a proxy; never rewritten, for the backend would look for what it does not know.
    fn item_id(&mut self, item: &Item<'_>, path: &Path<'_>) -> RuleResult {
        let is_another = item.is_paired_by_id() || item.kind.name == item_types::ITEM_REFERENCE;
        let is_checked = self.profile.checks_item_ids && !is_another;
        let Some(id) = item.id().filter(|id| is_checked && !id.is_null()) else {
            return Ok(());
        };
        let limit = self.profile.id_bytes;
        let is_fine = |text: Str<'_>| item.kind.allows_id(text) && text.unescaped().len() <= limit;
        if id.as_str().is_some_and(is_fine) {
            return Ok(());
        }
        self.edit.remove(id, &path.key("id"), "not an id that the backend gave", Loss::Harmless)
    }

    fn breakpoints(&mut self, item: Node<'_>, path: &Path<'_>) -> RuleResult {
        if self.marks.is_empty() {
            return Ok(());
        }
        self.breakpoint(item, path)?;
        for key in ["content", "output"] {
            let path = path.key(key);
            for (index, part) in item.get(key).into_iter().flat_map(Node::elements).enumerate() {
                self.breakpoint(part, &path.index(index))?;
            }
        }
        Ok(())
    }

    /// The `call_id` that is sent, as JSON string contents; `None` where there is none.
    fn call_id(&mut self, item: &Item<'t>, pairs: &Pairs<'t>, path: &Path<'_>) -> Option<Cow<'t, [u8]>> {
        let given = pairs.given_id(item);
        let own = match (given, item.call_id()) {
            (Some(id), _) => id.clone(),
            (None, Some((_, text))) => Cow::Borrowed(text.raw()),
            (None, None) => return None,
        };
        let text = Str::from_raw(&own);
        let is_repeated = given.is_some() && item.call_id().is_some();
        let repeated = if pairs.names_item(item) { OF_ITS_CALL } else { ANOTHERS };
        let (sent, reason) = match self.call_ids.short(text) {
            Some(short) => {
                let is_long = text.unescaped().len() > self.profile.id_bytes;
                let reason = if is_long { TOO_LONG } else { OTHER_CHARACTERS };
                (Cow::Owned(write::contents(short)), if is_repeated { repeated } else { reason })
            }
            None if is_repeated => (own, repeated),
            None if item.call_id().is_some_and(|(id, _)| id.as_str().is_none()) => (own, "text in Responses"),
            None if given.is_none() => return Some(own),
            None => (own, "the id of its call, or one of its own"),
        };
        let quoted = [b"\"", &sent[..], b"\""].concat();
        match item.call_id() {
            Some((member, _)) => {
                let key = if member.is_named("id") { "id" } else { "call_id" };
                self.edit.replace(member, quoted, &path.key(key), reason);
            }
            None => self.edit.set(item.node, "call_id", &quoted, path, reason),
        }
        Some(sent)
    }
}

/// A call whose output may come any time later.
fn runs_on(call: &Item<'_>) -> bool {
    call.get(ASYNC).is_some_and(|own| own.raw() == b"true")
}

fn is_encrypted(item: &Item<'_>) -> bool {
    item.get(ENCRYPTED).and_then(Node::as_str).is_some_and(|text| !text.is_blank())
}

fn has_elements(list: Node<'_>) -> bool {
    list.elements().next().is_some()
}

/// What an output is whose call expects another type.
fn retyped(item: &Item<'_>, expected: &str) -> Option<&'static ItemType> {
    let outputs = [item_types::FUNCTION_OUTPUT, item_types::CUSTOM_OUTPUT];
    let is_other =
        item.kind.name != expected && [expected, item.kind.name].iter().all(|it| outputs.contains(it));
    is_other.then(|| ItemType::of(expected))
}
