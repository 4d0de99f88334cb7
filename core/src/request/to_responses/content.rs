//! The content of a message: its parts, and what our own answers have beside their text, as items.
//!
//! Input: a message. Output: items and changes. State: none.

use super::super::cache_marks::CACHE_CONTROL;
use super::super::path::{self, Path};
use super::super::request_edit::{Action, Loss, RequestEdit, RuleResult};
use super::blocks::entries;
use super::message::{Block, Message};
use super::messages::message_of;
use super::parts::{self, TextSide};
use super::{ToResponses, failed, files, missing, reasoning, signed, wrong_type};
use crate::error::Error;
use crate::json::Str;
use crate::json::tree::Node;
use crate::json::write::{self, quoted};

impl<'t> ToResponses<'t> {
    /// The content as an item: none for an assistant's message without any. What an assistant's message cannot hold is
    /// the user's, after it.
    pub(super) fn content(
        &mut self,
        message: &Message<'t>,
        side: TextSide,
        items: &mut Vec<Vec<u8>>,
        path: &Path<'_>,
    ) -> RuleResult {
        let is_assistant = side == TextSide::Output;
        let mut parts = match message.content {
            _ if is_assistant && message.is_silent() => Vec::new(),
            None => return Err(missing(message.node, &path.key("content"))),
            Some(content) => self.parts(content, side, &path.key("content"))?,
        };
        self.mark_last(message, &mut parts);
        if !is_assistant {
            if parts.is_empty() && message.content.is_some_and(Block::is_in) {
                return self.no_message(message, path);
            }
            items.push(message.item(&parts));
            return Ok(());
        }
        parts.extend(message.refusal(path)?);
        self.answered(message, parts, items, path)
    }

    /// What marks a message marks its last part, where the server has such marks.
    fn mark_last(&self, message: &Message<'t>, parts: &mut [Vec<u8>]) {
        let mark = message.node.get(CACHE_CONTROL).filter(|mark| self.is_for_messages() && !mark.is_null());
        if let (Some(mark), Some(last)) = (mark, parts.last_mut())
            && memchr::memmem::find(last, br#","cache_control":"#).is_none()
        {
            last.pop();
            write::pieces(last, [b",\"", CACHE_CONTROL.as_bytes(), b"\":", mark.raw(), b"}"]);
        }
    }

    /// An assistant's message, and after it what only the user can show.
    fn answered(
        &mut self,
        message: &Message<'t>,
        parts: Vec<Vec<u8>>,
        items: &mut Vec<Vec<u8>>,
        path: &Path<'_>,
    ) -> RuleResult {
        let (mut carried, mut parts): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|part| parts::is_shown(part));
        carried.extend(self.images(message, &path.key("images"))?);
        self.citations(message, &mut parts, &path.key("annotations"))?;
        if parts.is_empty() {
            self.no_message(message, path)?;
        } else {
            items.push(message.item(&parts));
        }
        if !carried.is_empty() {
            items.push(message_of(TextSide::Input, &carried));
        }
        Ok(())
    }

    /// What is only a message's goes with it.
    fn no_message(&mut self, message: &Message<'t>, path: &Path<'_>) -> RuleResult {
        for key in ["id", "status", "phase"] {
            if let Some(own) = message.node.get(key).filter(|own| !own.is_null()) {
                self.edit.lose(own, &path.key(key), "nothing was said", Loss::Harmless)?;
            }
        }
        Ok(())
    }

    /// The parts of a content: a text, one part or a list of them; blocks that are items of their own are left out.
    fn parts(&mut self, content: Node<'t>, side: TextSide, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
        if let Some(text) = content.as_str() {
            return Ok(vec![parts::simple_text(text, side)]);
        }
        if content.is_object() {
            return Ok(self.written(content, side, path)?.into_iter().collect());
        }
        if !content.is_array() {
            return Err(wrong_type(content, path, "a string or a list of parts"));
        }
        let mut texts = Texts::default();
        for (index, part) in content.elements().enumerate() {
            if let Some(written) = self.written(part, side, &path.index(index))? {
                texts.push(written, &self.edit)?;
            }
        }
        Ok(texts.list)
    }

    /// A part, unless it is an item of its own or a thought.
    pub(super) fn written(
        &mut self,
        part: Node<'t>,
        side: TextSide,
        path: &Path<'_>,
    ) -> Result<Option<Vec<u8>>, Error> {
        match Block::of(part) {
            Some(Block::Call | Block::Result) => return Ok(None),
            Some(Block::Thinking)
                if side == TextSide::Output && self.is_for_messages() && signed::is_signed(part) =>
            {
                self.edit.note(Action::Moved, path, reasoning::MOVED);
                return Ok(None);
            }
            Some(Block::Thinking | Block::Thought) => {
                self.edit.lose(part, path, reasoning::PLAIN, Loss::Harmless)?;
                return Ok(None);
            }
            None => {}
        }
        self.part_losses(part, side, path)?;
        let written = parts::part(part, side, path)?;
        if side == TextSide::Output && parts::is_shown(&written) {
            self.edit.note(Action::Moved, path, "an assistant's message holds text: now the user's");
        }
        Ok(Some(written))
    }

    /// What of a part is not written.
    fn part_losses(&mut self, part: Node<'t>, side: TextSide, path: &Path<'_>) -> RuleResult {
        for member in part.members().filter(|member| !parts::keeps(part, *member, side)) {
            let key = member.key().decode();
            self.edit.lose(member, &path.key(path::shown(&key)), "no part has it", Loss::Harmless)?;
        }
        for (key, known) in [("image_url", &["url", "detail"][..]), (files::NEST, files::MEMBERS)] {
            if let Some(nest) = part.get(key).filter(|nest| nest.is_object()) {
                self.lose_others(nest, known, &path.key(key))?;
            }
        }
        Ok(())
    }

    /// What a tool answered, as an output; what Responses has no part for is decided with all outputs.
    pub(super) fn answer(
        &mut self,
        message: &Message<'t>,
        has_failed: bool,
        path: &Path<'_>,
    ) -> Result<Vec<u8>, Error> {
        let content = [("content", message.content), ("output", message.output)];
        let content =
            content.into_iter().find_map(|(key, own)| Some((key, own.filter(|own| !own.is_null())?)));
        let Some((key, content)) = content else {
            return Ok(quoted(if has_failed { failed::FAILED } else { "" }));
        };
        let is_one_part = || has_failed || Block::of(content) == Some(Block::Result);
        if content.is_array() || (content.is_object() && is_one_part()) {
            return self.answer_parts(content, has_failed, &path.key(key));
        }
        if !has_failed {
            return Ok(content.raw().to_vec());
        }
        let text = content.as_str().map_or(content.raw(), Str::raw);
        Ok([b"\"", failed::FAILED.as_bytes(), text, b"\""].concat())
    }

    fn answer_parts(
        &mut self,
        content: Node<'t>,
        has_failed: bool,
        path: &Path<'_>,
    ) -> Result<Vec<u8>, Error> {
        let mut texts = Texts::default();
        for (index, part) in entries(Some(content)) {
            let path = &index.map_or(*path, |index| path.index(index));
            if let Some(inner) = self.nested_result(part, path)? {
                inner.into_iter().try_for_each(|part| texts.push(part, &self.edit))?;
                continue;
            }
            let written = self.answer_part(part, path)?;
            texts.push(written, &self.edit)?;
        }
        if has_failed {
            failed::say(&mut texts.list);
        }
        Ok(list(&texts.list))
    }

    /// A part of an answer; what Responses has no part for stays.
    pub(super) fn answer_part(&mut self, part: Node<'t>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
        match (part.as_str(), parts::foreign_part(part)) {
            (Some(text), _) => Ok(parts::simple_text(text, TextSide::Input)),
            (None, Some(written)) => {
                self.part_losses(part, TextSide::Input, path)?;
                Ok(written)
            }
            (None, None) => Ok(part.raw().to_vec()),
        }
    }

    /// The images of our own answers.
    fn images(&mut self, message: &Message<'t>, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
        let mut shown = Vec::new();
        let list = message.node.get("images").into_iter().flat_map(Node::elements);
        for (index, image) in list.enumerate() {
            match parts::foreign_part(image) {
                Some(image) => shown.push(image),
                None => self.edit.lose(image, &path.index(index), "no image", Loss::Harmless)?,
            }
        }
        if !shown.is_empty() {
            self.edit.note(Action::Moved, path, "an assistant's message holds text: now the user's");
        }
        Ok(shown)
    }

    /// Citations belong to a text; chat has them beside it.
    fn citations(&mut self, message: &Message<'t>, parts: &mut [Vec<u8>], path: &Path<'_>) -> RuleResult {
        let Some(annotations) = message.node.get("annotations") else { return Ok(()) };
        let mut cited = Vec::new();
        for (index, annotation) in annotations.elements().enumerate() {
            match parts::annotation(annotation) {
                Some(annotation) => cited.push(annotation),
                None => self.edit.lose(annotation, &path.index(index), "no citation", Loss::Harmless)?,
            }
        }
        if cited.is_empty() || parts::cite(parts, &list(&cited)) {
            return Ok(());
        }
        self.edit.lose(annotations, path, "no single text that it belongs to", Loss::Harmless)
    }
}

impl Message<'_> {
    /// The item with these parts.
    fn item(&self, parts: &[Vec<u8>]) -> Vec<u8> {
        let mut out = br#"{"type":"message""#.to_vec();
        for key in ["id", "role", "status"] {
            if let Some(own) = self.node.get(key).filter(|own| own.as_str().is_some()) {
                write::pieces(&mut out, [b",\"", key.as_bytes(), b"\":", own.raw()]);
            }
        }
        write::pieces(&mut out, [b",\"content\":", &list(parts)]);
        if let Some(phase) = self.node.get("phase") {
            write::pieces(&mut out, [b",\"phase\":", phase.raw()]);
        }
        out.push(b'}');
        out
    }

    fn refusal(&self, path: &Path<'_>) -> Result<Option<Vec<u8>>, Error> {
        let Some(refusal) = self.refusal.filter(|refusal| !refusal.is_null()) else { return Ok(None) };
        let text = refusal.as_str();
        let text = text.ok_or_else(|| wrong_type(refusal, &path.key("refusal"), "a string"))?;
        Ok((!text.is_empty()).then(|| parts::refusal(text)))
    }
}

/// Written parts of a list that is not complete yet.
#[derive(Default)]
pub(super) struct Texts {
    pub(super) list: Vec<Vec<u8>>,
    bytes: usize,
}

impl Texts {
    /// What a text takes beside its bytes: its place in a list that has up to twice as many.
    const PLACE: usize = 2 * size_of::<Vec<u8>>();

    /// An error where the request has no room for what the list takes.
    pub(super) fn push(&mut self, text: Vec<u8>, edit: &RequestEdit) -> RuleResult {
        self.bytes += Self::PLACE + text.len();
        edit.check_room(self.bytes)?;
        self.list.push(text);
        Ok(())
    }
}

pub(super) fn list(elements: &[Vec<u8>]) -> Vec<u8> {
    [&b"["[..], &elements.join(&b','), b"]"].concat()
}
