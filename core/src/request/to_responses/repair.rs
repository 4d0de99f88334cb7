//! Chat shapes in a Responses request, each replaced where it stands. A body without any costs one walk.
//!
//! Input: a Responses request. Output: edits. State: none.

use super::super::input_members::Member;
use super::super::item_types::{self, CONTENT, Item, OUTPUT, Role as ItemRole};
use super::super::path::Path;
use super::super::request_edit::{Action, Loss, RuleResult};
use super::ToResponses;
use super::message::{self, Block, CHAT_ONLY, Message, Role};
use super::messages::{A_MESSAGE, GATHERED, message_of};
use super::parts::{self, Form, TextSide};
use super::{files, tools, wrong_type};
use crate::json::Str;
use crate::json::tree::Node;

const A_PART: &str = "a part in Responses";

impl<'t> ToResponses<'t> {
    pub(super) fn repair(&mut self) -> RuleResult {
        self.repair_tools(self.root.get("tools"), &Path::Root.key("tools"));
        let path = Path::Root.key("input");
        let is_one_message = |a: &Item<'_>, b: &Item<'_>| loose(a).is_some() && loose(a) == loose(b);
        for run in self.items.chunk_by(is_one_message) {
            match loose(&run[0]) {
                Some(side) => self.gather(run, side, &path)?,
                None => self.repair_item(&run[0], &path.index(run[0].index()))?,
            }
        }
        Ok(())
    }

    /// Parts without a message around them, as the one message that they are.
    fn gather(&mut self, parts: &[Item<'t>], side: TextSide, list: &Path<'_>) -> RuleResult {
        let mut written = Vec::with_capacity(parts.len());
        for item in parts {
            if let Some(kind) = item.node.text("type") {
                self.repair_part(item.node, kind, side, &list.index(item.index()), false)?;
            }
            written.push(self.edit.unlisted().edited(item.node));
        }
        let first = &list.index(parts[0].index());
        self.edit.replace(parts[0].node, message_of(side, &written), first, A_MESSAGE);
        for further in &parts[1..] {
            self.edit.unlisted().remove(further.node);
            self.edit.note(Action::Moved, &list.index(further.index()), GATHERED);
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

    fn repair_item(&mut self, own: &Item<'t>, path: &Path<'_>) -> RuleResult {
        if own.kind.is_known() && own.kind.name != item_types::MESSAGE {
            return self.repair_known(own, path);
        }
        let item = own.node;
        if is_settled(own) {
            return Ok(());
        }
        if let Some(text) = item.as_str() {
            let part = parts::simple_text(text, TextSide::Input);
            self.edit.replace(item, message_of(TextSide::Input, &[part]), path, A_MESSAGE);
            return Ok(());
        }
        let message = Message::read(item);
        if message.is_item() {
            self.repair_tools(message.tools, &path.key("tools"));
            return Ok(());
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

    /// An item that is no message and that the table has.
    fn repair_known(&mut self, item: &Item<'t>, path: &Path<'_>) -> RuleResult {
        self.repair_tools(item.tools(), &path.key("tools"));
        if ![item_types::FUNCTION_OUTPUT, item_types::CUSTOM_OUTPUT].contains(&item.kind.name) {
            return Ok(());
        }
        let Some((name, output)) = self.named_output(item, path) else { return Ok(()) };
        self.repair_parts(Some(output).filter(|own| own.is_array()), TextSide::Input, &path.key(name), true)
    }

    /// What a tool answered, under whatever name.
    fn named_output(&mut self, item: &Item<'t>, path: &Path<'_>) -> Option<(&'static str, Node<'t>)> {
        const NAMES: [Member; 3] = [OUTPUT, CONTENT, Member::of("result")];
        let given = |own: Member| Some((own.name, item.get(own).filter(|given| !given.is_null())?));
        let (name, answer) = NAMES.into_iter().find_map(given)?;
        if name != OUTPUT.name {
            item.node.members().filter(|own| own.is_named(OUTPUT.name)).for_each(|null| {
                self.edit.unlisted().remove(null);
            });
            self.edit.unlisted().rename(answer, OUTPUT.name);
            self.edit.note(Action::Renamed, &path.key(name), "output in Responses");
        }
        Some((name, answer))
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
        items.for_each(|further| self.edit.insert_after(item, further));
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
            (Form::File, _) => files::file(part, path),
            (Form::Other, _) if is_output && Block::of(part) == Some(Block::Result) => {
                return self.repair_result(part, path);
            }
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

    /// A result among the parts of an output is its own parts.
    fn repair_result(&mut self, block: Node<'t>, path: &Path<'_>) -> RuleResult {
        match self.nested_result(block, path)?.filter(|parts| !parts.is_empty()) {
            Some(parts) => self.edit.put(block, parts.join(&b',')),
            None => self.edit.put(block, parts::simple_text(Str::from_raw(b""), TextSide::Input)),
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

/// Whose words an item is that is a part.
fn loose(item: &Item<'_>) -> Option<TextSide> {
    if item.kind.is_known() { None } else { parts::loose(item.node) }
}

/// Whether a message is nothing but text as Responses has it, which most are.
fn is_settled(message: &Item<'_>) -> bool {
    let side = match message.role {
        ItemRole::Assistant => TextSide::Output,
        ItemRole::System | ItemRole::Developer | ItemRole::User => TextSide::Input,
        ItemRole::Other => return false,
    };
    let content = message.get(CONTENT).filter(|_| !message.members.has_any(CHAT_ONLY));
    let is_own_text = |part: Node<'_>| part.get("type").is_some_and(|kind| kind.is(side.text()));
    content.is_some_and(|content| {
        let is_text = content.as_str().is_some() || content.is_array();
        is_text && !message::is_silent(content) && content.elements().all(is_own_text)
    })
}
