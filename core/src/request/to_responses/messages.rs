//! Messages: read once whatever the protocol, written as input items.

use super::super::item_types::{self, Kind};
use super::super::path::{self, Path};
use super::super::request_edit::{Action, Loss, Verdict};
use super::super::{CACHE_CONTROL, Error};
use super::blocks::{self, Block};
use super::parts::{self, Voice};
use super::{Shape, missing, reasoning, wrong_type};
use crate::json::tree::Node;
use crate::json::write;

/// What a role makes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Speaker(Voice),
    /// A tool's answer.
    Tool,
}

const ROLES: [(&str, Role); 6] = [
    ("system", Role::Speaker(Voice::Input)),
    ("developer", Role::Speaker(Voice::Input)),
    ("user", Role::Speaker(Voice::Input)),
    ("assistant", Role::Speaker(Voice::Assistant)),
    ("tool", Role::Tool),
    (FUNCTION, Role::Tool),
];

const FUNCTION: &str = "function";

/// Members that an item has, by who speaks; all others are lost, and listed.
const OF_ALL: [&str; 3] = ["type", "role", "content"];
const OF_TOOL: [&str; 4] = ["tool_call_id", "toolCallId", "call_id", "output"];
const OF_SPEAKER: [&str; 5] = ["id", "status", "phase", "tool_calls", "function_call"];
const OF_ASSISTANT: [&str; 3] = ["refusal", "annotations", "images"];
/// What a client cannot have meant for nothing.
const ASKED: [&str; 3] = [NAME, "audio", CACHE_CONTROL];
const NAME: &str = "name";

/// Members that only chat's messages have; a message of a Responses request with one of them is written anew.
const CHAT_ONLY: [&str; 5] = ["refusal", "tool_calls", "function_call", "annotations", "images"];

/// The members of a message that matter; nothing is checked.
#[derive(Clone, Copy)]
pub(super) struct Message<'t> {
    pub(super) node: Node<'t>,
    pub(super) kind: Option<Node<'t>>,
    role: Option<Node<'t>>,
    pub(super) content: Option<Node<'t>>,
    pub(super) output: Option<Node<'t>>,
    refusal: Option<Node<'t>>,
    pub(super) name: Option<Node<'t>>,
    pub(super) call_id: Option<Node<'t>>,
    pub(super) tool_calls: Option<Node<'t>>,
    pub(super) function_call: Option<Node<'t>>,
    /// Of items that are no messages.
    pub(super) tools: Option<Node<'t>>,
    is_chat: bool,
}

impl<'t> Message<'t> {
    pub(super) fn read(node: Node<'t>) -> Self {
        let (kind, role, content, output, refusal) = (None, None, None, None, None);
        let (name, call_id, tool_calls, function_call, tools) = (None, None, None, None, None);
        let is_chat = false;
        let mut read = Self {
            node,
            kind,
            role,
            content,
            output,
            refusal,
            name,
            call_id,
            tool_calls,
            function_call,
            tools,
            is_chat,
        };
        for member in node.members() {
            let key = member.key_bytes();
            if let Some(place) = read.place(&key) {
                *place = Some(member);
            }
            read.is_chat |= !member.is_null()
                && (CHAT_ONLY.iter().any(|own| own.as_bytes() == &*key) || reasoning::is_thought(&key));
        }
        read
    }

    fn place(&mut self, key: &[u8]) -> Option<&mut Option<Node<'t>>> {
        Some(match key {
            b"type" => &mut self.kind,
            b"role" => &mut self.role,
            b"content" => &mut self.content,
            b"output" => &mut self.output,
            b"refusal" => &mut self.refusal,
            b"name" => &mut self.name,
            b"tool_call_id" | b"toolCallId" | b"call_id" => &mut self.call_id,
            b"tool_calls" => &mut self.tool_calls,
            b"function_call" => &mut self.function_call,
            b"tools" => &mut self.tools,
            _ => return None,
        })
    }

    /// An item that is no message, as only Responses has it.
    pub(super) fn is_item(&self) -> bool {
        self.kind.is_some_and(|kind| {
            let is_known = kind.as_str().is_some_and(|name| Kind::named(Some(name)).is_known());
            !kind.is(item_types::MESSAGE) && (is_known || self.role.is_none())
        })
    }

    /// Whether a message of a Responses request has to be written anew.
    pub(super) fn is_chat_shaped(&self) -> bool {
        self.is_from("assistant") && self.is_chat || self.content.is_some_and(blocks::are_in)
    }

    pub(super) fn is_from(&self, role: &str) -> bool {
        self.role.is_some_and(|own| own.is(role))
    }

    pub(super) fn role(&self) -> Option<Role> {
        let role = self.role?.as_str()?;
        ROLES.iter().find(|(name, _)| role.is(name)).map(|(_, role)| *role)
    }

    /// Whether it has no words: such a message of the assistant only calls.
    fn is_silent(&self) -> bool {
        self.content
            .is_none_or(|content| matches!(content.raw(), b"null" | b"\"\"") || is_empty_list(content))
    }

    /// Whether it has neither words nor calls: some clients keep such a turn.
    pub(super) fn is_empty(&self) -> bool {
        let calls = self.tool_calls.into_iter().flat_map(Node::elements).next();
        let others = [self.refusal, self.function_call];
        self.is_silent()
            && calls.is_none()
            && !self.is_chat
            && others.iter().all(|other| other.is_none_or(Node::is_null))
    }

    /// Whether an item says what the member does.
    fn has_place(&self, member: Node<'_>, role: Role) -> bool {
        let is_one_of = |names: &[&str]| names.iter().any(|name| member.is_named(name));
        match role {
            _ if is_one_of(&OF_ALL) => true,
            Role::Tool => is_one_of(&OF_TOOL) || (self.is_from(FUNCTION) && member.is_named(NAME)),
            Role::Speaker(Voice::Input) => is_one_of(&OF_SPEAKER),
            Role::Speaker(Voice::Assistant) => {
                is_one_of(&OF_SPEAKER)
                    || is_one_of(&OF_ASSISTANT)
                    || reasoning::is_thought(&member.key_bytes())
            }
        }
    }
}

impl<'t> Shape<'t> {
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
            self.draft.note(Action::Removed, path, "a message that says nothing");
        }
        Ok(items)
    }

    /// Outputs first, for they answer what came before; then what was thought, said and called.
    pub(super) fn items(&mut self, message: &Message<'t>, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
        let role = message.role().ok_or_else(|| no_role(message, path))?;
        self.losses(message, role, path)?;
        let Role::Speaker(voice) = role else { return Ok(vec![self.output(message, path)?]) };
        let mut items = Vec::new();
        self.results(message, &mut items, path)?;
        if voice == Voice::Assistant {
            self.thoughts(message, &mut items, path)?;
        }
        self.said(message, voice, &mut items, path)?;
        self.calls(message, &mut items, path)?;
        Ok(items)
    }

    /// What was said, as an item: none for an assistant that said nothing. What an assistant's message cannot hold is
    /// the user's, after it.
    fn said(
        &mut self,
        message: &Message<'t>,
        voice: Voice,
        items: &mut Vec<Vec<u8>>,
        path: &Path<'_>,
    ) -> Verdict {
        let is_assistant = voice == Voice::Assistant;
        let mut parts = match message.content {
            _ if is_assistant && message.is_silent() => Vec::new(),
            None => return Err(missing(message.node, &path.key("content"))),
            Some(content) => self.parts(content, voice, &path.key("content"))?,
        };
        if !is_assistant {
            if parts.is_empty() && message.content.is_some_and(blocks::are_in) {
                return self.no_message(message, path);
            }
            items.push(message.item(&parts));
            return Ok(());
        }
        parts.extend(message.refusal(path)?);
        let shown = self.images(message, &path.key("images"))?;
        let (mut carried, mut parts): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|part| parts::is_shown(part));
        carried.extend(shown);
        self.citations(message, &mut parts, &path.key("annotations"))?;
        if parts.is_empty() {
            self.no_message(message, path)?;
        } else {
            items.push(message.item(&parts));
        }
        if !carried.is_empty() {
            let list = list(&carried);
            items.push([br#"{"type":"message","role":"user","content":"#, &list[..], b"}"].concat());
        }
        Ok(())
    }

    /// What is only a message's goes with it.
    fn no_message(&mut self, message: &Message<'t>, path: &Path<'_>) -> Verdict {
        for key in ["id", "status", "phase"] {
            if let Some(own) = message.node.get(key).filter(|own| !own.is_null()) {
                self.draft.lose(own, &path.key(key), "nothing was said", Loss::Nothing)?;
            }
        }
        Ok(())
    }

    /// The parts of a content: a text, one part or a list of them; blocks that are items of their own are left out.
    fn parts(&mut self, content: Node<'t>, voice: Voice, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
        if let Some(text) = content.as_str() {
            return Ok(vec![parts::simple_text(text, voice)]);
        }
        if content.is_object() {
            return Ok(self.written(content, voice, path)?.into_iter().collect());
        }
        if !content.is_array() {
            return Err(wrong_type(content, path, "a string or a list of parts"));
        }
        let mut list = Vec::new();
        for (index, part) in content.elements().enumerate() {
            list.extend(self.written(part, voice, &path.index(index))?);
        }
        Ok(list)
    }

    /// A part, unless it is an item of its own or a thought.
    fn written(&mut self, part: Node<'t>, voice: Voice, path: &Path<'_>) -> Result<Option<Vec<u8>>, Error> {
        match blocks::of(part) {
            Some(Block::Call | Block::Result) => return Ok(None),
            Some(Block::Thought) => {
                self.draft.lose(part, path, "no backend takes plain reasoning back", Loss::Nothing)?;
                return Ok(None);
            }
            None => {}
        }
        self.part_losses(part, voice, path)?;
        let written = parts::part(part, voice, path)?;
        if voice == Voice::Assistant && parts::is_shown(&written) {
            self.draft.note(Action::Moved, path, "an assistant's message holds text: now the user's");
        }
        Ok(Some(written))
    }

    /// What of a part is not written.
    fn part_losses(&mut self, part: Node<'t>, voice: Voice, path: &Path<'_>) -> Verdict {
        for member in part.members().filter(|member| !parts::keeps(part, *member, voice)) {
            let key = member.key().decode();
            self.draft.lose(member, &path.key(path::shown(&key)), "no part has it", Loss::Nothing)?;
        }
        match part.get("image_url").filter(|image| image.is_object()) {
            Some(image) => self.lose_others(image, &["url", "detail"], &path.key("image_url")),
            None => Ok(()),
        }
    }

    /// What a tool answered, as an output; what Responses has no part for is decided with all outputs.
    pub(super) fn answer(&mut self, message: &Message<'t>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
        let content = [("content", message.content), ("output", message.output)];
        let content =
            content.into_iter().find_map(|(key, own)| Some((key, own.filter(|own| !own.is_null())?)));
        let Some((key, content)) = content else { return Ok(b"\"\"".to_vec()) };
        if !content.is_array() {
            return Ok(content.raw().to_vec());
        }
        let (mut written, path) = (Vec::new(), &path.key(key));
        for (index, part) in content.elements().enumerate() {
            written.push(match (part.as_str(), parts::foreign_part(part)) {
                (Some(text), _) => parts::simple_text(text, Voice::Input),
                (None, Some(part_written)) => {
                    self.part_losses(part, Voice::Input, &path.index(index))?;
                    part_written
                }
                (None, None) => part.raw().to_vec(),
            });
        }
        Ok(list(&written))
    }

    /// The images of our own answers.
    fn images(&mut self, message: &Message<'t>, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
        let mut shown = Vec::new();
        let list = message.node.get("images").into_iter().flat_map(Node::elements);
        for (index, image) in list.enumerate() {
            match parts::foreign_part(image) {
                Some(image) => shown.push(image),
                None => self.draft.lose(image, &path.index(index), "no image", Loss::Nothing)?,
            }
        }
        if !shown.is_empty() {
            self.draft.note(Action::Moved, path, "an assistant's message holds text: now the user's");
        }
        Ok(shown)
    }

    /// Citations belong to a text; chat has them beside it.
    fn citations(&mut self, message: &Message<'t>, parts: &mut [Vec<u8>], path: &Path<'_>) -> Verdict {
        let Some(annotations) = message.node.get("annotations") else { return Ok(()) };
        let mut cited = Vec::new();
        for (index, annotation) in annotations.elements().enumerate() {
            match parts::annotation(annotation) {
                Some(annotation) => cited.push(annotation),
                None => self.draft.lose(annotation, &path.index(index), "no citation", Loss::Nothing)?,
            }
        }
        if cited.is_empty() || parts::cite(parts, &list(&cited)) {
            return Ok(());
        }
        self.draft.lose(annotations, path, "no single text that it belongs to", Loss::Nothing)
    }

    /// What of a message no item says.
    fn losses(&mut self, message: &Message<'t>, role: Role, path: &Path<'_>) -> Verdict {
        for member in message.node.members().filter(|member| !member.is_null()) {
            if message.has_place(member, role) {
                continue;
            }
            let key = member.key().decode();
            let is_of_tool = role == Role::Tool && key == NAME;
            let loss = if ASKED.contains(&&*key) && !is_of_tool { Loss::Asked } else { Loss::Nothing };
            self.draft.lose(member, &path.key(path::shown(&key)), "no input item has it", loss)?;
        }
        Ok(())
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
        let said = refusal.as_str();
        let said = said.ok_or_else(|| wrong_type(refusal, &path.key("refusal"), "a string"))?;
        Ok((!said.is_empty()).then(|| parts::refusal(said)))
    }
}

fn no_role(message: &Message<'_>, path: &Path<'_>) -> Error {
    match message.role {
        None => missing(message.node, &path.key("role")),
        Some(role) => {
            let roles = ROLES.map(|(name, _)| name).join(", ");
            wrong_type(role, &path.key("role"), &format!("one of {roles}"))
        }
    }
}

fn is_empty_list(content: Node<'_>) -> bool {
    content.is_array() && content.elements().next().is_none()
}

fn list(elements: &[Vec<u8>]) -> Vec<u8> {
    [&b"["[..], &elements.join(&b','), b"]"].concat()
}
