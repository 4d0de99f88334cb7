//! Messages: read once whatever the protocol, written as input items.

use super::super::Error;
use super::super::path::{self, Path};
use super::super::request_edit::{Loss, Verdict};
use super::parts::{self, Voice};
use super::tools::CACHE_CONTROL;
use super::{Shape, missing, wrong_type};
use crate::json::tree::Node;

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
    ("function", Role::Tool),
];

/// What the assistant thought, as other vendors write it down; no backend takes it back.
pub(super) const THOUGHTS: [&str; 2] = ["reasoning_content", "reasoning_details"];

/// Members of a message, and what is lost with them; any other is noted as no loss.
const MEMBERS: [(&str, Option<Loss>); 19] = [
    ("type", None),
    ("role", None),
    ("content", None),
    ("output", None),
    ("refusal", None),
    ("phase", None),
    ("tool_call_id", None),
    ("toolCallId", None),
    ("call_id", None),
    ("tool_calls", None),
    ("function_call", None),
    // Other vendors' thoughts and cache hints, and what our own answer said beside its text.
    (THOUGHTS[0], None),
    (THOUGHTS[1], None),
    ("reasoning", None),
    ("annotations", None),
    ("images", None),
    (CACHE_CONTROL, None),
    (NAME, Some(Loss::Asked)),
    ("audio", Some(Loss::Asked)),
];

const NAME: &str = "name";

/// The members of a message that matter; nothing is checked.
#[derive(Clone, Copy)]
pub(super) struct Message<'t> {
    node: Node<'t>,
    pub(super) kind: Option<Node<'t>>,
    role: Option<Node<'t>>,
    pub(super) content: Option<Node<'t>>,
    pub(super) output: Option<Node<'t>>,
    refusal: Option<Node<'t>>,
    phase: Option<Node<'t>>,
    pub(super) name: Option<Node<'t>>,
    pub(super) call_id: Option<Node<'t>>,
    pub(super) tool_calls: Option<Node<'t>>,
    pub(super) function_call: Option<Node<'t>>,
    /// Of items that are no messages.
    pub(super) tools: Option<Node<'t>>,
    pub(super) arguments: Option<Node<'t>>,
}

impl<'t> Message<'t> {
    pub(super) fn read(node: Node<'t>) -> Self {
        let mut read = Self {
            node,
            kind: None,
            role: None,
            content: None,
            output: None,
            refusal: None,
            phase: None,
            name: None,
            call_id: None,
            tool_calls: None,
            function_call: None,
            tools: None,
            arguments: None,
        };
        for member in node.members() {
            if let Some(place) = read.place(&member.key_bytes()) {
                *place = Some(member);
            }
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
            b"phase" => &mut self.phase,
            b"name" => &mut self.name,
            b"tool_call_id" | b"toolCallId" | b"call_id" => &mut self.call_id,
            b"tool_calls" => &mut self.tool_calls,
            b"function_call" => &mut self.function_call,
            b"tools" => &mut self.tools,
            b"arguments" => &mut self.arguments,
            _ => return None,
        })
    }

    /// An item that is no message, as only Responses has it.
    pub(super) fn is_item(&self) -> bool {
        self.kind.is_some_and(|kind| !kind.is("message"))
    }

    pub(super) fn is_from(&self, role: &str) -> bool {
        self.role.is_some_and(|own| own.is(role))
    }

    pub(super) fn role(&self) -> Option<Role> {
        let role = self.role?.as_str()?;
        ROLES.iter().find(|(name, _)| role.is(name)).map(|(_, role)| *role)
    }

    /// Whether it has no words: such a message of the assistant only calls.
    pub(super) fn is_silent(&self) -> bool {
        self.content
            .is_none_or(|content| matches!(content.raw(), b"null" | b"\"\"") || is_empty_list(content))
    }

    /// Whether it has neither words nor calls: some clients keep such a turn.
    pub(super) fn is_empty(&self) -> bool {
        let calls = self.tool_calls.into_iter().flat_map(Node::elements).next();
        let others = [self.refusal, self.function_call];
        self.is_silent() && calls.is_none() && others.iter().all(|other| other.is_none_or(Node::is_null))
    }

    /// What the tool answered, as an output.
    pub(super) fn output(&self, path: &Path<'_>) -> Result<Vec<u8>, Error> {
        let Some(content) = self.content.or(self.output).filter(|content| !content.is_null()) else {
            return Ok(b"\"\"".to_vec());
        };
        if content.as_str().is_some() {
            return Ok(content.raw().to_vec());
        }
        Ok(list(&parts(content, Voice::Input, path)?))
    }

    /// What was said, as an item; `None` for an assistant that said nothing.
    pub(super) fn said(&self, voice: Voice, path: &Path<'_>) -> Result<Option<Vec<u8>>, Error> {
        let mut parts = match self.content {
            _ if voice == Voice::Assistant && self.is_silent() => Vec::new(),
            None => return Err(missing(self.node, &path.key("content"))),
            Some(content) => parts(content, voice, path)?,
        };
        let refusal = self.refusal.filter(|refusal| voice == Voice::Assistant && !refusal.is_null());
        if let Some(refusal) = refusal {
            let said = refusal.as_str();
            let said = said.ok_or_else(|| wrong_type(refusal, &path.key("refusal"), "a string"))?;
            parts.extend((!said.is_empty()).then(|| parts::refusal(said)));
        }
        if parts.is_empty() && voice == Voice::Assistant {
            return Ok(None);
        }
        let mut out = br#"{"type":"message","role":"#.to_vec();
        out.extend_from_slice(self.role.map_or(&b"\"user\""[..], Node::raw));
        out.extend_from_slice(&[b",\"content\":", &list(&parts)[..]].concat());
        if let Some(phase) = self.phase {
            out.extend_from_slice(&[b",\"phase\":", phase.raw()].concat());
        }
        out.push(b'}');
        Ok(Some(out))
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
            for item in self.message(message, nth, &path.index(nth))? {
                out.extend_from_slice(if out.len() > 1 { b"," } else { b"" });
                out.extend_from_slice(&item);
            }
        }
        out.push(b']');
        Ok(out)
    }

    /// The items of one message.
    fn message(&mut self, node: Node<'t>, nth: usize, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
        if !node.is_object() {
            return Err(wrong_type(node, path, "an object"));
        }
        let message = Message::read(node);
        if message.is_item() && message.role.is_none() {
            self.calls.see(node);
            return Ok(vec![node.raw().to_vec()]);
        }
        let role = message.role().ok_or_else(|| no_role(&message, path))?;
        self.losses(&message, path)?;
        let Role::Speaker(voice) = role else { return Ok(vec![self.calls.output(&message, nth, path)?]) };
        let mut items: Vec<_> = message.said(voice, path)?.into_iter().collect();
        items.extend(self.calls.items(&message, nth, path)?);
        Ok(items)
    }

    /// What of a message no item says. A tool's name is that of its call.
    fn losses(&mut self, message: &Message<'t>, path: &Path<'_>) -> Verdict {
        for member in message.node.members().filter(|member| !member.is_null()) {
            let known = MEMBERS.iter().find(|(name, _)| member.is_named(name));
            let is_of_tool = message.role() == Some(Role::Tool) && member.is_named(NAME);
            if let Some(loss) = known.map_or(Some(Loss::Nothing), |(_, loss)| *loss).filter(|_| !is_of_tool) {
                let key = member.key().decode();
                self.draft.lose(member, &path.key(path::shown(&key)), "no input item has it", loss)?;
            }
        }
        Ok(())
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

/// The parts of a content.
fn parts(content: Node<'_>, voice: Voice, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
    let path = &path.key("content");
    match content.as_str() {
        Some(text) => Ok(vec![parts::text(text, voice)]),
        None if content.is_array() => parts::list(content, voice, path),
        None => Err(wrong_type(content, path, "a string or a list of parts")),
    }
}

fn is_empty_list(content: Node<'_>) -> bool {
    content.is_array() && content.elements().next().is_none()
}

fn list(elements: &[Vec<u8>]) -> Vec<u8> {
    [&b"["[..], &elements.join(&b','), b"]"].concat()
}
