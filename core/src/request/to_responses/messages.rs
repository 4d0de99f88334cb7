//! Messages: read once whatever the protocol, written as input items.
//!
//! Input: a message. Output: its items, and a change for each member that none of them has. State: none.

use super::super::cache_marks::CACHE_CONTROL;
use super::super::path::{self, Path};
use super::super::request_edit::{Action, Loss, RuleResult};
use super::content::{Texts, list};
use super::message::{Message, NAME, Role};
use super::parts::{self, TextSide};
use super::{ToResponses, given, reasoning, wrong_type};
use crate::error::Error;
use crate::json::tree::Node;
use crate::json::write;
use std::iter::Peekable;

/// What a client cannot have meant for nothing.
const ASKED: [&str; 3] = [NAME, "audio", CACHE_CONTROL];

pub(super) const A_MESSAGE: &str = "a message in Responses";
pub(super) const GATHERED: &str = "into the message before it";

/// A message of these parts.
pub(super) fn message_of(side: TextSide, parts: &[Vec<u8>]) -> Vec<u8> {
    let role = if side == TextSide::Output { "assistant" } else { "user" };
    let head = [br#"{"type":"message","role":""#, role.as_bytes(), br#"","content":"#].concat();
    [&head[..], &list(parts), b"}"].concat()
}

impl<'t> ToResponses<'t> {
    /// `messages` as `input`.
    pub(super) fn messages(&mut self, list: Node<'t>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
        if !list.is_array() {
            return Err(wrong_type(list, path, "a list of messages"));
        }
        let mut out = Vec::with_capacity(list.raw().len() + list.raw().len() / 4);
        out.push(b'[');
        let mut messages = list.elements().enumerate().peekable();
        while let Some((nth, message)) = messages.next() {
            let items = match parts::loose(message) {
                Some(side) => vec![self.gathered((nth, message), side, &mut messages, path)?],
                None => self.message(message, &path.index(nth))?,
            };
            for item in items {
                out.extend_from_slice(if out.len() > 1 { b"," } else { b"" });
                out.extend_from_slice(&item);
            }
            self.edit.check_room(out.len())?;
        }
        out.push(b']');
        Ok(out)
    }

    /// Parts without a message around them, as the one message that they are.
    fn gathered(
        &mut self,
        (nth, first): (usize, Node<'t>),
        side: TextSide,
        rest: &mut Peekable<impl Iterator<Item = (usize, Node<'t>)>>,
        path: &Path<'_>,
    ) -> Result<Vec<u8>, Error> {
        self.edit.note(Action::Replaced, &path.index(nth), A_MESSAGE);
        let mut parts = Texts::default();
        let mut next = Some((nth, first));
        while let Some((at, part)) = next {
            if at != nth {
                self.edit.note(Action::Moved, &path.index(at), GATHERED);
            }
            if let Some(written) = self.written(part, side, &path.index(at))? {
                parts.push(written, &self.edit)?;
            }
            next = rest.next_if(|(_, part)| parts::loose(*part) == Some(side));
        }
        Ok(message_of(side, &parts.list))
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
        self.mark_item(message, if others.is_empty() { &mut items } else { &mut others }, path)?;
        items.extend(reasoning::interleave(thoughts, others));
        Ok(items)
    }

    /// What marks a message without words marks its last call or answer.
    fn mark_item(&mut self, message: &Message<'t>, items: &mut [Vec<u8>], path: &Path<'_>) -> RuleResult {
        let own = given(message.node, CACHE_CONTROL).filter(|_| self.is_for_messages());
        let is_marked = |item: &Vec<u8>| memchr::memmem::find(item, br#","cache_control":"#).is_some();
        let Some(mark) = own.filter(|_| !items.iter().any(is_marked)) else { return Ok(()) };
        let Some(last) = items.last_mut() else {
            let path = &path.key(CACHE_CONTROL);
            return self.edit.lose(mark, path, "nothing that it marks", Loss::ClientSetting);
        };
        last.pop();
        write::pieces(last, [b",\"", CACHE_CONTROL.as_bytes(), b"\":", mark.raw(), b"}"]);
        Ok(())
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
