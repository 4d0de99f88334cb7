//! Chat shapes in a Responses request, each replaced where it stands. A body without any costs one walk.
//!
//! Input: a Responses request. Output: edits. State: none.

use super::super::item_types;
use super::super::path::Path;
use super::super::request_edit::{Loss, RuleResult};
use super::ToResponses;
use super::messages::{Message, Role};
use super::parts::{self, Form, TextSide};
use super::{tools, wrong_type};
use crate::json::Str;
use crate::json::tree::Node;

const A_PART: &str = "a part in Responses";

impl<'t> ToResponses<'t> {
    pub(super) fn repair(&mut self) -> RuleResult {
        self.repair_tools(self.root.get("tools"), &Path::Root.key("tools"));
        let path = Path::Root.key("input");
        for (index, item) in self.root.get("input").into_iter().flat_map(Node::elements).enumerate() {
            self.repair_item(item, &path.index(index))?;
        }
        Ok(())
    }

    pub(super) fn repair_tools(&mut self, list: Option<Node<'t>>, path: &Path<'_>) {
        for (index, tool) in list.into_iter().flat_map(Node::elements).enumerate() {
            if let Some(flat) = tools::flat_tool(tool) {
                self.edit.replace(tool, flat, &path.index(index), "the shape that Responses has");
            }
        }
    }

    fn repair_item(&mut self, item: Node<'t>, path: &Path<'_>) -> RuleResult {
        if let Some(text) = item.as_str() {
            let part = parts::simple_text(text, TextSide::Input);
            let message = [br#"{"type":"message","role":"user","content":["#, &part[..], b"]}"].concat();
            self.edit.replace(item, message, path, "a message in Responses");
            return Ok(());
        }
        let message = Message::read(item);
        if message.is_item() {
            self.repair_tools(message.tools, &path.key("tools"));
            let is_output = message.kind.is_some_and(|kind| {
                kind.is(item_types::FUNCTION_OUTPUT) || kind.is(item_types::CUSTOM_OUTPUT)
            });
            let parts = message.output.filter(|output| is_output && output.is_array());
            return self.repair_parts(parts, TextSide::Input, &path.key("output"), true);
        }
        match message.role() {
            None => Ok(()),
            Some(Role::Message(TextSide::Output)) if message.is_empty() => {
                self.edit.remove(item, path, "a message that says nothing", Loss::Harmless)
            }
            Some(Role::Message(side)) if !message.is_chat_shaped() => {
                self.repair_content(message.content, side, &path.key("content"))
            }
            Some(_) => self.rewrite(&message, item, path),
        }
    }

    /// The items that a chat message stands for, in its place.
    fn rewrite(&mut self, message: &Message<'t>, item: Node<'t>, path: &Path<'_>) -> RuleResult {
        self.edit.remove_duplicates(item, path);
        let items = self.items(message, path)?;
        let mut items = items.into_iter();
        let Some(first) = items.next() else {
            return self.edit.remove(item, path, "a message that says nothing", Loss::Harmless);
        };
        self.edit.replace(item, first, path, "the items that Responses has");
        items.for_each(|further| self.edit.unlisted().insert_after(item, further));
        Ok(())
    }

    /// A content that is one part is a list of it.
    fn repair_content(&mut self, content: Option<Node<'t>>, side: TextSide, path: &Path<'_>) -> RuleResult {
        let Some(part) = content.filter(|content| content.is_object()) else {
            let is_odd = |own: &Node<'_>| !own.is_array() && !own.is_null() && own.as_str().is_none();
            return match content.filter(is_odd) {
                Some(odd) => Err(wrong_type(odd, path, "a string or a list of parts")),
                None => self.repair_parts(content, side, path, false),
            };
        };
        let list = [b"[", &parts::part(part, side, path)?[..], b"]"].concat();
        self.edit.replace(part, list, path, "a list of parts in Responses");
        Ok(())
    }

    /// The parts of a list; only the type of a text changes. What an output cannot hold is decided with all outputs.
    fn repair_parts(
        &mut self,
        list: Option<Node<'t>>,
        side: TextSide,
        path: &Path<'_>,
        is_output: bool,
    ) -> RuleResult {
        for (index, part) in list.into_iter().flat_map(Node::elements).enumerate() {
            let path = &path.index(index);
            if let Some(text) = part.as_str() {
                self.edit.replace(part, parts::simple_text(text, side), path, A_PART);
            } else if let Some(name) = part.text("type") {
                self.repair_part(part, name, side, path, is_output)?;
            } else {
                self.untyped(part, side, path);
            }
        }
        Ok(())
    }

    fn repair_part(
        &mut self,
        part: Node<'t>,
        name: Str<'t>,
        side: TextSide,
        path: &Path<'_>,
        is_output: bool,
    ) -> RuleResult {
        let written = match (Form::of(name), part.get("type")) {
            (Form::Text, Some(kind)) if !name.is(side.text()) => {
                let reason = format!("{} in Responses", side.text());
                self.edit.replace(kind, format!("\"{}\"", side.text()), &path.key("type"), &reason);
                return Ok(());
            }
            (Form::Image, _) => parts::image(part, path),
            (Form::File, _) => parts::file(part, path),
            (Form::Audio, Some(kind)) if part.get("audio_url").is_none() && !self.is_for_chat() => {
                Err(parts::audio(kind, path))
            }
            _ => match parts::nested(part) {
                Some(written) => Ok(written),
                None => return Ok(()),
            },
        };
        match written {
            Ok(written) => self.edit.replace(part, written, path, A_PART),
            Err(_) if is_output => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Text may come without its type.
    fn untyped(&mut self, part: Node<'t>, side: TextSide, path: &Path<'_>) {
        if part.get("type").is_none() && part.text("text").is_some() {
            let kind = format!("\"{}\"", side.text());
            self.edit.set(part, "type", kind.as_bytes(), path, A_PART);
        }
    }
}
