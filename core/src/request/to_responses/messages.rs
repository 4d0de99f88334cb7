//! Messages: read once whatever the protocol, written as input items.
//!
//! Input: a message. Output: its items, and a change for each member that none of them has. State: none.

use super::super::cache_marks::CACHE_CONTROL;
use super::super::path::{self, Path};
use super::super::request_edit::{Action, Loss, RuleResult};
use super::message::{Message, NAME, Role};
use super::parts::TextSide;
use super::{ToResponses, reasoning, wrong_type};
use crate::error::Error;
use crate::json::tree::Node;

/// What a client cannot have meant for nothing.
const ASKED: [&str; 3] = [NAME, "audio", CACHE_CONTROL];

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
        let role = message.role().ok_or_else(|| message.no_role(path))?;
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
