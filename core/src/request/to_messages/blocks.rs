//! Parts of messages and of what tools returned, as blocks.
//!
//! Input: parts. Output: blocks; what Messages has no form of is noted. State: none.

use super::super::item_types::Item;
use super::super::path::Path;
use super::super::request_edit::{Action, Loss};
use super::turns::NO_FORM;
use super::{Error, ToMessages, marked, shown, text_block};
use crate::json::Str;
use crate::json::tree::Node;

const TEXTS: [(&str, &str); 4] =
    [("input_text", "text"), ("output_text", "text"), ("text", "text"), ("refusal", "refusal")];

/// The text of a part that is one.
pub(super) fn text_of(part: Node<'_>) -> Option<Str<'_>> {
    let kind = part.text("type")?;
    let (_, key) = TEXTS.iter().find(|(own, _)| kind.is(own))?;
    part.text(key)
}

impl<'t> ToMessages<'t> {
    /// The blocks of a message; a mark on the whole belongs to the last.
    pub(super) fn message(&mut self, item: &Item<'t>, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
        self.leave(item.node, &["role", "content"], path)?;
        self.content(item.node, "content", path)
    }

    /// What one agent writes to another can only be the user's.
    pub(super) fn agent_message(&mut self, item: &Item<'t>, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
        let key = ["content", "message", "text"].into_iter().find(|key| item.node.get(key).is_some());
        let Some(key) = key else {
            self.lose(item.node, path, "a message that says nothing")?;
            return Ok(Vec::new());
        };
        self.leave(item.node, &["role", key], path)?;
        self.content(item.node, key, path)
    }

    fn content(&mut self, holder: Node<'t>, key: &str, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
        let (mut blocks, content) = (Vec::new(), holder.get(key));
        let path = &path.key(key);
        blocks.extend(content.and_then(Node::as_str).and_then(text_block));
        if let Some(part) = content.filter(|content| content.is_object()) {
            blocks.extend(self.block(part, path)?);
        }
        let mut bytes = 0;
        for (index, part) in content.into_iter().flat_map(Node::elements).enumerate() {
            let block = self.block(part, &path.index(index))?;
            bytes += block.as_ref().map_or(0, |block| block.len() + size_of::<Vec<u8>>());
            self.edit.check_room(bytes)?;
            blocks.extend(block);
        }
        if blocks.is_empty() {
            self.edit.note(Action::Removed, path, "no words");
        }
        if let Some(last) = blocks.pop() {
            blocks.push(marked(last, holder));
        }
        Ok(blocks)
    }

    /// `None` for what Messages has no form of.
    pub(super) fn block(&mut self, part: Node<'t>, path: &Path<'_>) -> Result<Option<Vec<u8>>, Error> {
        if let Some(text) = text_of(part) {
            self.leave(part, &["text", "refusal"], path)?;
            if text.is_blank() {
                self.edit.lose(part, path, "no words", Loss::Harmless)?;
            }
            return Ok(text_block(text).map(|block| marked(block, part)));
        }
        let kind = part.text("type");
        let written = match kind {
            Some(kind) if kind.is("input_image") => self.image(part, path),
            Some(kind) if kind.is("input_file") => shown::document(part),
            _ => None,
        };
        let Some(block) = written else {
            self.lose(part, path, NO_FORM)?;
            return Ok(None);
        };
        self.leave(part, &["image_url", "file_data", "file_url", "filename", "detail"], path)?;
        Ok(Some(marked(block, part)))
    }

    fn image(&mut self, part: Node<'t>, path: &Path<'_>) -> Option<Vec<u8>> {
        let (block, has_other_type) = shown::image(part)?;
        if has_other_type {
            self.edit.note(Action::Replaced, &path.key("image_url"), shown::OTHER_TYPE);
        }
        Some(block)
    }
}
