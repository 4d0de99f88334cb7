//! Chat shapes in a Responses request, each replaced where it stands. A body without any costs one walk.
//!
//! Input: a Responses request. Output: edits. State: none.

use super::super::item_types;
use super::super::path::Path;
use super::super::request_edit::{Loss, Verdict};
use super::Shape;
use super::messages::{Message, Role};
use super::parts::{self, Form, Voice};
use super::{tools, wrong_type};
use crate::json::Str;
use crate::json::tree::Node;

const A_PART: &str = "a part in Responses";

impl<'t> Shape<'t> {
    pub(super) fn repair(&mut self) -> Verdict {
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
                self.draft.replace(tool, flat, &path.index(index), "the shape that Responses has");
            }
        }
    }

    fn repair_item(&mut self, item: Node<'t>, path: &Path<'_>) -> Verdict {
        if let Some(text) = item.as_str() {
            let part = parts::simple_text(text, Voice::Input);
            let message = [br#"{"type":"message","role":"user","content":["#, &part[..], b"]}"].concat();
            self.draft.replace(item, message, path, "a message in Responses");
            return Ok(());
        }
        let message = Message::read(item);
        if message.is_item() {
            self.repair_tools(message.tools, &path.key("tools"));
            let is_output = message.kind.is_some_and(|kind| {
                kind.is(item_types::FUNCTION_OUTPUT) || kind.is(item_types::CUSTOM_OUTPUT)
            });
            let parts = message.output.filter(|output| is_output && output.is_array());
            return self.repair_parts(parts, Voice::Input, &path.key("output"), true);
        }
        match message.role() {
            None => Ok(()),
            Some(Role::Speaker(Voice::Assistant)) if message.is_empty() => {
                self.draft.remove(item, path, "a message that says nothing", Loss::Nothing)
            }
            Some(Role::Speaker(voice)) if !message.is_chat_shaped() => {
                self.repair_content(message.content, voice, &path.key("content"))
            }
            Some(_) => self.rewrite(&message, item, path),
        }
    }

    /// The items that a chat message stands for, in its place.
    fn rewrite(&mut self, message: &Message<'t>, item: Node<'t>, path: &Path<'_>) -> Verdict {
        self.draft.remove_duplicates(item, path);
        let items = self.items(message, path)?;
        let mut items = items.into_iter();
        let Some(first) = items.next() else {
            return self.draft.remove(item, path, "a message that says nothing", Loss::Nothing);
        };
        self.draft.replace(item, first, path, "the items that Responses has");
        items.for_each(|further| self.draft.edits().insert_after(item, further));
        Ok(())
    }

    /// A content that is one part is a list of it.
    fn repair_content(&mut self, content: Option<Node<'t>>, voice: Voice, path: &Path<'_>) -> Verdict {
        let Some(part) = content.filter(|content| content.is_object()) else {
            let is_odd = |own: &Node<'_>| !own.is_array() && !own.is_null() && own.as_str().is_none();
            return match content.filter(is_odd) {
                Some(odd) => Err(wrong_type(odd, path, "a string or a list of parts")),
                None => self.repair_parts(content, voice, path, false),
            };
        };
        let list = [b"[", &parts::part(part, voice, path)?[..], b"]"].concat();
        self.draft.replace(part, list, path, "a list of parts in Responses");
        Ok(())
    }

    /// The parts of a list; only the type of a text changes. What an output cannot hold is decided with all outputs.
    fn repair_parts(
        &mut self,
        list: Option<Node<'t>>,
        voice: Voice,
        path: &Path<'_>,
        is_output: bool,
    ) -> Verdict {
        for (index, part) in list.into_iter().flat_map(Node::elements).enumerate() {
            let path = &path.index(index);
            if let Some(said) = part.as_str() {
                self.draft.replace(part, parts::simple_text(said, voice), path, A_PART);
            } else if let Some(name) = part.text("type") {
                self.repair_part(part, name, voice, path, is_output)?;
            } else {
                self.untyped(part, voice, path);
            }
        }
        Ok(())
    }

    fn repair_part(
        &mut self,
        part: Node<'t>,
        name: Str<'t>,
        voice: Voice,
        path: &Path<'_>,
        is_output: bool,
    ) -> Verdict {
        let written = match (Form::of(name), part.get("type")) {
            (Form::Text, Some(kind)) if !name.is(voice.text()) => {
                let reason = format!("{} in Responses", voice.text());
                self.draft.replace(kind, format!("\"{}\"", voice.text()), &path.key("type"), &reason);
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
            Ok(written) => self.draft.replace(part, written, path, A_PART),
            Err(_) if is_output => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Text may come without its type.
    fn untyped(&mut self, part: Node<'t>, voice: Voice, path: &Path<'_>) {
        if part.get("type").is_none() && part.text("text").is_some() {
            let kind = format!("\"{}\"", voice.text());
            self.draft.set(part, "type", kind.as_bytes(), path, A_PART);
        }
    }
}
