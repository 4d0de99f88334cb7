//! Anthropic's blocks in the content of chat messages: calls and their results are items of their own.
//!
//! Input: a message. Output: items. State: none.

use super::super::input_shapes::FUNCTION_OUTPUT;
use super::super::path::Path;
use super::super::request_edit::{Action, Loss, RuleResult};
use super::calls;
use super::message::{Block, Message};
use super::parts::string;
use super::{ToResponses, failed};
use crate::error::Error;
use crate::json::tree::Node;

/// The parts of a content that is a list or one part.
pub(super) fn entries(content: Option<Node<'_>>) -> impl Iterator<Item = (Option<usize>, Node<'_>)> {
    let listed = content.into_iter().flat_map(Node::elements).enumerate();
    let alone = content.filter(|content| content.is_object()).map(|part| (None, part));
    listed.map(|(index, part)| (Some(index), part)).chain(alone)
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
        self.lose_others(block, &["type", "tool_use_id", "content", failed::KEY], path)?;
        let has_failed = failed::has_failed(block);
        if has_failed {
            failed::note(&mut self.edit, path);
        }
        self.edit.note(Action::Moved, path, "an item in Responses");
        let content = self.answer(&Message::read(block), has_failed, path)?;
        Ok(calls::output(FUNCTION_OUTPUT, block.get("tool_use_id"), None, &content))
    }

    /// The calls among a message's parts.
    pub(super) fn uses(
        &mut self,
        message: &Message<'t>,
        items: &mut Vec<Vec<u8>>,
        path: &Path<'_>,
    ) -> RuleResult {
        let path = &path.key("content");
        for (index, part) in entries(message.content) {
            if Block::of(part) == Some(Block::Call) {
                let path = &index.map_or(*path, |index| path.index(index));
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
