//! Chat shapes in a Responses request, each replaced where it stands. A body without any costs one walk.

use super::super::path::Path;
use super::super::request_edit::{Action, Loss, Verdict};
use super::Shape;
use super::messages::{Message, Role, THOUGHTS};
use super::parts::{self, Form, Voice};
use super::tools;
use crate::json::tree::Node;
use crate::json::write;

impl<'t> Shape<'t> {
    pub(super) fn repair(&mut self) -> Verdict {
        self.mend_tools(self.root.get("tools"), &Path::Root.key("tools"));
        let path = Path::Root.key("input");
        for (index, item) in self.root.get("input").into_iter().flat_map(Node::elements).enumerate() {
            self.mend_item(item, index, &path.index(index))?;
        }
        Ok(())
    }

    fn mend_tools(&mut self, list: Option<Node<'t>>, path: &Path<'_>) {
        for (index, tool) in list.into_iter().flat_map(Node::elements).enumerate() {
            if let Some(flat) = tools::flat_tool(tool) {
                self.draft.replace(tool, flat, &path.index(index), "the shape that Responses has");
            }
        }
    }

    fn mend_item(&mut self, item: Node<'t>, nth: usize, path: &Path<'_>) -> Verdict {
        if let Some(text) = item.as_str() {
            let part = parts::text(text, Voice::Input);
            let message = [br#"{"type":"message","role":"user","content":["#, &part[..], b"]}"].concat();
            self.draft.replace(item, message, path, "a message in Responses");
            return Ok(());
        }
        let message = Message::read(item);
        if message.is_item() {
            self.calls.see(item);
            self.mend_tools(message.tools, &path.key("tools"));
            self.mend_arguments(&message, path);
            return self.mend_parts(message.output, Voice::Input, &path.key("output"));
        }
        match message.role() {
            None => Ok(()),
            Some(Role::Tool) => {
                let output = self.calls.output(&message, nth, path)?;
                self.draft.replace(item, output, path, "a tool's output in Responses");
                Ok(())
            }
            Some(Role::Speaker(Voice::Assistant)) if message.is_empty() => {
                self.draft.remove(item, path, "a message that says nothing", Loss::Nothing)
            }
            Some(Role::Speaker(voice)) => {
                self.draft.remove_duplicates(item, path); // what goes must not uncover an earlier one
                self.mend_parts(message.content, voice, &path.key("content"))?;
                self.forget_thoughts(item, path)?;
                self.mend_calls(&message, item, nth, path)
            }
        }
    }

    /// Arguments sent as an object: their JSON text.
    fn mend_arguments(&mut self, item: &Message<'t>, path: &Path<'_>) {
        let is_call = item.kind.is_some_and(|kind| kind.is("function_call"));
        let arguments = item.arguments.filter(|own| own.is_object() || own.is_array());
        if let Some(arguments) = arguments.filter(|_| is_call) {
            let mut text = Vec::new();
            write::string(&mut text, &String::from_utf8_lossy(arguments.raw()));
            self.draft.replace(arguments, text, &path.key("arguments"), "JSON text in Responses");
        }
    }

    /// The parts of a list; only the type of a text changes.
    fn mend_parts(&mut self, list: Option<Node<'t>>, voice: Voice, path: &Path<'_>) -> Verdict {
        for (index, part) in list.into_iter().flat_map(Node::elements).enumerate() {
            let path = &path.index(index);
            if let Some(said) = part.as_str() {
                self.draft.replace(part, parts::text(said, voice), path, "a part in Responses");
            }
            let Some((kind, name)) = part.get("type").and_then(|kind| Some((kind, kind.as_str()?))) else {
                continue;
            };
            match Form::of(name) {
                Form::Text if !name.is(voice.text()) => {
                    let reason = format!("{} in Responses", voice.text());
                    self.draft.replace(kind, format!("\"{}\"", voice.text()), &path.key("type"), &reason);
                }
                Form::Image => {
                    let image = parts::image(part, path)?;
                    self.draft.replace(part, image, path, "input_image in Responses");
                }
                Form::File => {
                    let file = parts::file(part, path)?;
                    self.draft.replace(part, file, path, "input_file in Responses");
                }
                Form::Text | Form::Audio | Form::Refusal | Form::Other => {}
            }
        }
        Ok(())
    }

    fn forget_thoughts(&mut self, item: Node<'t>, path: &Path<'_>) -> Verdict {
        for key in THOUGHTS {
            if let Some(thoughts) = item.get(key) {
                let reason = "no backend takes plain reasoning back";
                self.draft.remove(thoughts, &path.key(key), reason, Loss::Nothing)?;
            }
        }
        Ok(())
    }

    /// Calls inside a message become items after it, or instead of it where it says nothing.
    fn mend_calls(&mut self, message: &Message<'t>, item: Node<'t>, nth: usize, path: &Path<'_>) -> Verdict {
        let members = [("tool_calls", message.tool_calls), ("function_call", message.function_call)];
        if members.iter().all(|(_, member)| member.is_none()) {
            return Ok(());
        }
        let calls = self.calls.items(message, nth, path)?;
        for (key, member) in members {
            let (Some(member), path) = (member, &path.key(key)) else { continue };
            if calls.is_empty() || member.is_null() {
                self.draft.remove(member, path, "asks for nothing", Loss::Nothing)?;
                continue;
            }
            self.draft.edits().remove(member);
            self.draft.note(Action::Moved, path, "items in Responses");
        }
        if calls.is_empty() { Ok(()) } else { self.place_calls(message, item, calls, path) }
    }

    fn place_calls(
        &mut self,
        message: &Message<'t>,
        item: Node<'t>,
        calls: Vec<Vec<u8>>,
        path: &Path<'_>,
    ) -> Verdict {
        let mut rest = None;
        if message.is_silent() {
            rest = message.said(Voice::Assistant, path)?;
            self.draft.edits().remove(item);
            self.draft.note(Action::Removed, path, "a message that only calls");
        } else {
            self.draft.note(Action::Added, path, "what it calls follows it");
        }
        for new in rest.into_iter().chain(calls) {
            self.draft.edits().insert_after(item, new);
        }
        Ok(())
    }
}
