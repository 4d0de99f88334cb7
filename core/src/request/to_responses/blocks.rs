//! Anthropic's blocks in the content of chat messages: calls and their results are items of their own.
//!
//! Input: a message. Output: items. State: none.

use super::super::input_shapes::FUNCTION_OUTPUT;
use super::super::path::Path;
use super::super::request_edit::{Action, Loss, RuleResult};
use super::calls;
use super::content::Texts;
use super::message::{Block, Message};
use super::parts::{TextSide, simple_text, string};
use super::{ToResponses, failed};
use crate::error::Error;
use crate::json::Str;
use crate::json::tree::Node;
use std::borrow::Cow;
use std::collections::HashMap;

const READ_OF_RESULT: [&str; 4] = ["type", "tool_use_id", "content", failed::KEY];

/// The parts of a content that is a list or one part.
pub(super) fn entries(content: Option<Node<'_>>) -> impl Iterator<Item = (Option<usize>, Node<'_>)> {
    let listed = content.into_iter().flat_map(Node::elements).enumerate();
    let alone = content.filter(|content| content.is_object()).map(|part| (None, part));
    listed.map(|(index, part)| (Some(index), part)).chain(alone)
}

/// The names of what `tool_calls` calls, by id.
fn listed_calls<'t>(message: &Message<'t>) -> HashMap<Cow<'t, [u8]>, Cow<'t, [u8]>> {
    let calls = message.tool_calls.into_iter().flat_map(Node::elements);
    let name =
        |call: Node<'t>| ["function", "custom"].into_iter().find_map(|key| call.get(key)?.text("name"));
    calls.filter_map(|call| Some((id_of(call.get("id")?)?, name(call)?.unescaped()))).collect()
}

fn is_among(listed: &HashMap<Cow<'_, [u8]>, Cow<'_, [u8]>>, call: Node<'_>) -> bool {
    let listed = call.get("id").and_then(id_of).and_then(|id| listed.get(&*id));
    listed.is_some_and(|name| call.text("name").is_some_and(|own| own.unescaped() == *name))
}

fn id_of(id: Node<'_>) -> Option<Cow<'_, [u8]>> {
    id.as_id().map(Str::unescaped)
}

impl<'t> ToResponses<'t> {
    /// The results among a message's parts, as outputs.
    pub(super) fn results(
        &mut self,
        message: &Message<'t>,
        items: &mut Vec<Vec<u8>>,
        path: &Path<'_>,
    ) -> RuleResult {
        let path = &path.key("content");
        for (index, part) in entries(message.content) {
            if Block::of(part) == Some(Block::Result) {
                let own = index.map_or(*path, |index| path.index(index));
                items.push(self.result(part, &own)?);
            }
        }
        Ok(())
    }

    fn result(&mut self, block: Node<'t>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
        self.lose_others(block, &READ_OF_RESULT, path)?;
        let has_failed = failed::has_failed(block);
        if has_failed {
            failed::note(&mut self.edit, path);
        }
        self.edit.note(Action::Moved, path, "an item in Responses");
        let content = self.answer(&Message::read(block), has_failed, path)?;
        Ok(calls::output(FUNCTION_OUTPUT, block.get("tool_use_id"), None, &content))
    }

    /// The parts of a result that stands among those of a tool's answer, which is that result; `None` for another part.
    pub(super) fn nested_result(
        &mut self,
        block: Node<'t>,
        path: &Path<'_>,
    ) -> Result<Option<Vec<Vec<u8>>>, Error> {
        if Block::of(block) != Some(Block::Result) {
            return Ok(None);
        }
        self.lose_others(block, &READ_OF_RESULT, path)?;
        self.edit.note(Action::Replaced, path, "its parts, as Responses has them");
        if failed::has_failed(block) {
            failed::note(&mut self.edit, path);
        }
        let (content, path) = (block.get("content"), &path.key("content"));
        let mut parts = Texts::default();
        if let Some(text) = content.and_then(Node::as_str) {
            parts.push(simple_text(text, TextSide::Input), &self.edit)?;
        }
        for (index, part) in entries(content) {
            let own = index.map_or(*path, |index| path.index(index));
            parts.push(self.answer_part(part, &own)?, &self.edit)?;
        }
        if failed::has_failed(block) {
            failed::say(&mut parts.list);
        }
        Ok(Some(parts.list))
    }

    /// The calls among a message's parts, but those that `tool_calls` has too.
    pub(super) fn uses(
        &mut self,
        message: &Message<'t>,
        items: &mut Vec<Vec<u8>>,
        path: &Path<'_>,
    ) -> RuleResult {
        let path = &path.key("content");
        let mut listed = None;
        for (index, part) in entries(message.content) {
            if Block::of(part) == Some(Block::Call) {
                let path = &index.map_or(*path, |index| path.index(index));
                let listed = listed.get_or_insert_with(|| listed_calls(message));
                if is_among(listed, part) {
                    self.edit.lose(part, path, calls::LISTED, Loss::Harmless)?;
                    continue;
                }
                self.lose_others(part, &["type", "id", "name", "input"], path)?;
                let name = string(part, "name", path)?;
                let is_custom = self.customs.contains(&*name.unescaped());
                let input = match part.text("input").filter(|_| is_custom) {
                    Some(text) => text.raw().to_vec(),
                    None => calls::arguments(part, &mut self.edit, path),
                };
                self.edit.note(Action::Moved, path, "an item in Responses");
                items.push(self.call_item(part, name, false, &input));
            }
        }
        Ok(())
    }

    /// Notes the members of an object that are not taken along.
    pub(super) fn lose_others(&mut self, object: Node<'t>, known: &[&str], path: &Path<'_>) -> RuleResult {
        let is_known = |member: &Node<'_>| known.iter().any(|name| member.is_named(name));
        for member in object.members().filter(|member| !member.is_null() && !is_known(member)) {
            let key = member.key().decode();
            let path = &path.key(super::super::path::shown(&key));
            self.edit.lose(member, path, "no input item has it", Loss::Harmless)?;
        }
        Ok(())
    }
}
