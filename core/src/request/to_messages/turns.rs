//! Items as messages. Consecutive ones of one role are one message; what the assistant's calls returned comes first in the
//! user's message after them, wherever it stood.
//!
//! Input: the items. Output: messages. State: the message that is open.

use super::super::configuration;
use super::super::functions::answers::{Answers, SAID_BEFORE};
use super::super::item_types::{self, Item, Part, Role as ItemRole};
use super::super::path::Path;
use super::super::profile::{ModelRow, Thinking};
use super::super::request_edit::{Action, Loss, RuleResult};
use super::{Error, INPUT, ToMessages, given, list, text_block};
use crate::json::tree::Node;
use crate::json::write;

pub(super) const NO_FORM: &str = "Messages has no form of it";
/// What a user says who must say something.
const NOTHING: &[u8] = br#"{"type":"text","text":"(no content)"}"#;
/// What a user says after the assistant, where the assistant's words must not be the last.
const GO_ON: &[u8] = br#"{"type":"text","text":"Continue."}"#;

/// Whose message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    User,
    Assistant,
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// A call of the turn that is open, and the id that it is sent with, as JSON string contents.
pub(super) struct Call<'t> {
    pub(super) item: Item<'t>,
    pub(super) id: Vec<u8>,
}

/// The messages so far, and the one that is open.
pub(super) struct Talk<'m, 't> {
    items: &'m [Item<'t>],
    answers: Answers<'t>,
    out: Vec<u8>,
    role: Role,
    /// Whose the last message is.
    last: Role,
    blocks: Vec<Vec<u8>>,
    /// Thinking comes first in its turn; with the index of its item.
    pub(super) thoughts: Vec<(usize, Vec<u8>)>,
    pub(super) calls: Vec<Call<'t>>,
    /// Bytes of the open message.
    bytes: usize,
}

impl Talk<'_, '_> {
    /// Whether the call of an output is in the turn that is open; calls stand there in their order.
    fn waits_for(&self, output: &Item<'_>) -> bool {
        let call = self.answers.half(output);
        call.is_some_and(|call| self.calls.binary_search_by_key(&call, |own| own.item.index()).is_ok())
    }

    /// Whether anybody has said something.
    pub(super) fn has_begun(&self) -> bool {
        self.out.len() > 1 || !self.blocks.is_empty()
    }

    /// Whether the assistant has said something in this turn.
    pub(super) fn has_answered(&self) -> bool {
        self.role == Role::Assistant && !self.blocks.is_empty()
    }

    fn push(&mut self, block: Vec<u8>) {
        self.bytes += block.len() + size_of::<Vec<u8>>();
        self.blocks.push(block);
    }

    fn write(&mut self, role: Role, blocks: &[Vec<u8>]) {
        if self.out.len() > 1 {
            self.out.push(b',');
        }
        self.last = role;
        let (role, blocks) = (role.as_str().as_bytes(), list(blocks));
        write::pieces(&mut self.out, [br#"{"role":""#, role, br#"","content":"#, &blocks, b"}"]);
    }
}

impl<'t> ToMessages<'t> {
    pub(super) fn messages(&mut self, input: Node<'t>) -> Result<Vec<u8>, Error> {
        let items = std::mem::take(&mut self.items);
        let mut out = Vec::with_capacity(input.raw().len());
        out.push(b'[');
        let answers = Answers::of(&items);
        let (role, blocks, thoughts, calls) = (Role::User, Vec::new(), Vec::new(), Vec::new());
        let mut talk =
            Talk { items: &items, answers, out, role, last: role, blocks, thoughts, calls, bytes: 0 };
        if let Some(text) = input.as_str() {
            self.say(Role::User, text_block(text).into_iter().collect(), &mut talk)?;
        }
        for item in &items {
            self.item(item, &mut talk, &Path::Root.key(INPUT).index(item.index()))?;
        }
        self.close(&mut talk)?;
        self.close(&mut talk)?; // the results of the last calls
        self.lose_thoughts(&mut talk)?;
        if talk.out.len() == 1 {
            self.edit.note(Action::Added, &Path::Root.key("messages"), "a conversation has a message");
            talk.write(Role::User, &[NOTHING.to_vec()]);
        }
        if talk.last == Role::Assistant && !self.takes_prefill() {
            self.edit.note(Action::Added, &Path::Root.key("messages"), "the model does not go on by itself");
            talk.write(Role::User, &[GO_ON.to_vec()]);
        }
        talk.out.push(b']');
        Ok(talk.out)
    }

    /// Whether the model goes on where the assistant's last words end: older ones do, unless they think.
    fn takes_prefill(&self) -> bool {
        let is_old = |row: &ModelRow| matches!(row.thinking, Thinking::Enabled | Thinking::None);
        let is_updated = configuration::updated(self.root, configuration::EFFORT).is_some();
        self.limits.row.is_some_and(is_old) && !is_updated && given(self.root, "reasoning").is_none()
    }

    fn item(&mut self, item: &Item<'t>, talk: &mut Talk<'_, 't>, path: &Path<'_>) -> RuleResult {
        match (item.part(), item.kind.name) {
            (Part::Call { .. }, _) if talk.answers.is_double(item) => {
                self.edit.lose(item.node, path, SAID_BEFORE, Loss::Harmless)
            }
            (Part::Call { .. }, _) => {
                self.open(Role::Assistant, talk)?;
                let (call, block) = self.call(item, path)?;
                talk.bytes += 2 * (size_of_val(&call) + call.id.len()); // and once among the ids
                talk.calls.push(call);
                talk.push(block);
                self.edit.check_room(talk.out.len() + talk.bytes)
            }
            // Its call brings it along; where it did already, nobody's turn begins.
            (Part::Output, _) if talk.answers.half(item).is_some() => {
                if talk.waits_for(item) {
                    self.open(Role::User, talk)
                } else {
                    Ok(())
                }
            }
            (Part::Output, _) if talk.answers.is_lost(item) => self.lose(item.node, path, NO_FORM),
            (Part::Output, _) => self.orphan(item, talk, path),
            (_, item_types::MESSAGE) if item.role == ItemRole::Assistant => {
                let blocks = self.message(item, path)?;
                self.say(Role::Assistant, blocks, talk)
            }
            (_, item_types::MESSAGE) if item.role.instructs() => self.system_message(item, talk, path),
            (_, item_types::MESSAGE) => {
                let blocks = self.message(item, path)?;
                self.say(Role::User, blocks, talk)
            }
            (_, item_types::REASONING) => self.thought(item, talk, path),
            (_, item_types::AGENT_MESSAGE) => {
                let blocks = self.agent_message(item, path)?;
                self.say(Role::User, blocks, talk)
            }
            (_, item_types::CONFIGURATION_UPDATE) => self.configuration(item, path),
            (_, item_types::ADDITIONAL_TOOLS) => self.leave(item.node, &["role", "tools"], path),
            (_, item_types::ITEM_REFERENCE) => {
                self.lose(item.node, path, "the server stores nothing to refer to")
            }
            (Part::None | Part::OpenCall, _) => self.lose(item.node, path, NO_FORM),
        }
    }

    /// An update is nobody's words. What it sets, a member of the request has.
    fn configuration(&mut self, item: &Item<'t>, path: &Path<'_>) -> RuleResult {
        configuration::note(self.root, item, path, "a member of the request in Messages", &mut self.edit)?;
        for [outer, inner] in configuration::SETTINGS {
            if let Some(holder) = item.node.get(outer) {
                self.leave(holder, &[inner], &path.key(outer))?;
            }
        }
        self.leave(item.node, &configuration::SETTINGS.map(|[outer, _]| outer), path)
    }

    /// Blocks of one role.
    pub(super) fn say(&mut self, role: Role, blocks: Vec<Vec<u8>>, talk: &mut Talk<'_, 't>) -> RuleResult {
        if blocks.is_empty() {
            return Ok(());
        }
        self.open(role, talk)?;
        for block in blocks {
            talk.push(block);
        }
        self.edit.check_room(talk.out.len() + talk.bytes)
    }

    /// From here on it is this role's turn. Thoughts before the user's words have nobody who goes on with them.
    fn open(&mut self, role: Role, talk: &mut Talk<'_, 't>) -> RuleResult {
        match talk.role {
            own if own != role => self.close(talk),
            Role::User => self.lose_thoughts(talk),
            Role::Assistant => Ok(()),
        }
    }

    /// The open message ends, and the other role's begins: the user's with what the calls returned.
    fn close(&mut self, talk: &mut Talk<'_, 't>) -> RuleResult {
        let blocks = std::mem::take(&mut talk.blocks);
        talk.bytes = 0;
        if talk.role == Role::User {
            if !blocks.is_empty() {
                talk.write(Role::User, &blocks);
            }
            talk.role = Role::Assistant;
            return Ok(());
        }
        talk.role = Role::User;
        if blocks.is_empty() {
            return Ok(());
        }
        let thoughts = std::mem::take(&mut talk.thoughts);
        if talk.out.len() == 1 {
            self.edit.note(Action::Added, &Path::Root.key("messages").index(0), "the user speaks first");
            talk.write(Role::User, &[NOTHING.to_vec()]);
        }
        let blocks: Vec<_> = thoughts.into_iter().map(|(_, block)| block).chain(blocks).collect();
        talk.write(Role::Assistant, &blocks);
        for call in std::mem::take(&mut talk.calls) {
            self.returned(&call, talk)?;
        }
        Ok(())
    }

    fn lose_thoughts(&mut self, talk: &mut Talk<'_, 't>) -> RuleResult {
        let input = Path::Root.key(INPUT);
        for (index, _) in std::mem::take(&mut talk.thoughts) {
            let reason = "thinking that no message of the assistant's follows";
            self.edit.lose(self.root, &input.index(index), reason, Loss::Harmless)?;
        }
        Ok(())
    }

    /// What a call returned, or that it was never answered.
    fn returned(&mut self, call: &Call<'t>, talk: &mut Talk<'_, 't>) -> RuleResult {
        let input = Path::Root.key(INPUT);
        match talk.answers.half(&call.item).map(|at| talk.items[at]) {
            Some(output) => {
                let path = &input.index(output.index());
                if output.index() < call.item.index() {
                    self.edit.note(Action::Moved, path, "right after its call");
                }
                let result = self.result(&output, &call.id, path)?;
                talk.push(result);
            }
            None if self.profile.repairs_orphans => {
                let path = &input.index(call.item.index());
                self.edit.note(Action::Added, path, "a result for a call that was never answered");
                talk.push(super::results::aborted(&call.id));
            }
            None => {}
        }
        Ok(())
    }

    /// A result without its call: the user's, where that is repaired.
    fn orphan(&mut self, item: &Item<'t>, talk: &mut Talk<'_, 't>, path: &Path<'_>) -> RuleResult {
        if self.profile.repairs_orphans {
            self.edit.note(Action::Replaced, path, "a tool output without its call");
            let blocks = self.returned_blocks(item, path)?;
            return self.say(Role::User, blocks, talk);
        }
        let id = item.call_id().map_or(Vec::new(), |(_, id)| id.raw().to_vec());
        let result = self.result(item, &id, path)?;
        self.say(Role::User, vec![result], talk)
    }
}
