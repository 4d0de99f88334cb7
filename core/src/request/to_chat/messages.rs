//! Items as messages. One assistant turn is one message; the outputs of its calls follow it, wherever they stood; images
//! that they hold follow those.
//!
//! Input: the items after the leading system messages. Output: chat messages. State: the turn that is open.

use super::super::configuration;
use super::super::functions::answers::{Answers, SAID_BEFORE};
use super::super::item_types::{self, Item, Part as Tool, Role};
use super::super::path::Path;
use super::super::request_edit::{Action, Loss, RuleResult};
use super::parts::{self, Part};
use super::turn::{Call, Turn};
use super::{INPUT, ToChat};
use crate::error::Error;
use crate::json::tree::Node;
use crate::json::write;

const NOT_IN_CHAT: &str = "chat has no form of it";

/// The messages so far, and the turn that is open.
pub(super) struct Conversation<'m, 't> {
    items: &'m [Item<'t>],
    answers: Answers<'t>,
    /// How many messages stand before each item.
    before: Vec<usize>,
    turn: Turn<'t>,
    out: &'m mut Vec<Vec<u8>>,
}

impl<'t> ToChat<'t> {
    /// `first`: the first item that is no message yet.
    pub(super) fn messages(
        &mut self,
        items: &[Item<'t>],
        first: usize,
        out: &mut Vec<Vec<u8>>,
    ) -> RuleResult {
        let (answers, turn) = (Answers::of(items), Turn::default());
        let before = items.iter().scan(0, |count, item| {
            *count += usize::from(item.kind.name == item_types::MESSAGE);
            Some(*count)
        });
        let mut talk = Conversation { items, answers, before: before.collect(), turn, out };
        for item in &items[first..] {
            self.item(item, &mut talk, &Path::Root.key(INPUT).index(item.index()))?;
        }
        self.end(&mut talk)
    }

    fn item(&mut self, item: &Item<'t>, talk: &mut Conversation<'_, 't>, path: &Path<'_>) -> RuleResult {
        match (item.part(), item.kind.name) {
            (Tool::Call { .. }, _) if talk.answers.is_double(item) => {
                self.edit.lose(item.node, path, SAID_BEFORE, Loss::Harmless)
            }
            (Tool::Call { .. }, _) => {
                let call = self.call(item, &mut talk.turn, path)?;
                talk.turn.call(call);
                self.edit.check_room(talk.turn.bytes)
            }
            // Its call brings it along.
            (Tool::Output, _) if talk.answers.half(item).is_some() => self.end(talk),
            (Tool::Output, _) if talk.answers.is_lost(item) => self.lose(item.node, path, NOT_IN_CHAT),
            (Tool::Output, _) => self.orphan(item, talk, path),
            (_, item_types::MESSAGE) if item.node.text("role").is_some_and(|role| role.is("assistant")) => {
                self.assistant(item, talk, path)
            }
            (_, item_types::MESSAGE) => {
                self.end(talk)?;
                let message = self.message(item, path)?;
                talk.out.push(message);
                Ok(())
            }
            (_, item_types::REASONING) => self.reasoning(item, &mut talk.turn, path),
            (_, item_types::AGENT_MESSAGE) => {
                self.end(talk)?;
                let message = self.agent_message(item, path)?;
                talk.out.extend(message);
                Ok(())
            }
            (_, item_types::CONFIGURATION_UPDATE) => self.configuration(item, path),
            (_, item_types::ADDITIONAL_TOOLS) => self.leave(item.node, &["role", "tools"], path),
            (_, item_types::ITEM_REFERENCE) => {
                self.lose(item.node, path, "the server stores nothing to refer to")
            }
            (Tool::None | Tool::OpenCall, _) => self.lose(item.node, path, NOT_IN_CHAT),
        }
    }

    /// An update is no message. What it sets, a member of the request has.
    fn configuration(&mut self, item: &Item<'t>, path: &Path<'_>) -> RuleResult {
        configuration::note(self.root, item, path, "a member of the request in chat", &mut self.edit)?;
        for [outer, inner] in configuration::SETTINGS {
            if let Some(holder) = item.node.get(outer) {
                self.leave(holder, &[inner], &path.key(outer))?;
            }
        }
        self.leave(item.node, &configuration::SETTINGS.map(|[outer, _]| outer), path)
    }

    /// The role that chat has for a message of anybody but the assistant.
    pub(super) fn role(&self, item: &Item<'_>) -> &'static str {
        match item.role {
            Role::Developer if self.target.keeps_developer => "developer",
            Role::System | Role::Developer => "system",
            Role::User | Role::Assistant | Role::Other => "user",
        }
    }

    /// A message of anybody but the assistant.
    pub(super) fn message(&mut self, item: &Item<'t>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
        let content = match item.node.get("content") {
            Some(text) if text.as_str().is_some() => text.raw().to_vec(),
            content => parts::content(&self.parts(content, &path.key("content"))?),
        };
        self.leave(item.node, &["role", "content"], path)?;
        Ok(message(self.role(item), &content))
    }

    /// The parts of a list, or the one part that stands in its place.
    pub(super) fn parts(
        &mut self,
        content: Option<Node<'t>>,
        path: &Path<'_>,
    ) -> Result<Vec<Part<'t>>, Error> {
        let mut parts = Vec::new();
        if let Some(part) = content.filter(|content| content.is_object()) {
            parts.extend(self.part(part, path)?);
        }
        for (index, part) in content.into_iter().flat_map(Node::elements).enumerate() {
            parts.extend(self.part(part, &path.index(index))?);
        }
        Ok(parts)
    }

    /// `None` for what chat has no form of; that is noted, and so is what a part loses.
    pub(super) fn part(&mut self, part: Node<'t>, path: &Path<'_>) -> Result<Option<Part<'t>>, Error> {
        let read = Part::read(part);
        match &read {
            Some(read) => self.leave(part, read.members(part), path)?,
            None => self.lose(part, path, NOT_IN_CHAT)?,
        }
        Ok(read)
    }

    /// A message of the assistant's; after calls, or right after another, it is a message of its own.
    fn assistant(&mut self, item: &Item<'t>, talk: &mut Conversation<'_, 't>, path: &Path<'_>) -> RuleResult {
        if talk.turn.is_closed() {
            let pending = std::mem::take(&mut talk.turn.pending);
            self.end(talk)?;
            talk.turn.pending = pending;
        }
        let (content, mut texts) = (item.node.get("content"), Vec::new());
        texts.extend(content.and_then(Node::as_str).map(|text| text.raw().to_vec()));
        let mut refusal = item.node.text("refusal").map(|text| text.raw().to_vec());
        for part in self.assistant_parts(content, &path.key("content"))? {
            match part {
                Part::Refusal(text) => refusal.get_or_insert_default().extend_from_slice(&text),
                part => texts.extend(part.text().map(<[u8]>::to_vec)),
            }
        }
        self.leave(item.node, &["role", "content", "refusal"], path)?;
        let texts: Vec<_> = texts.iter().map(Vec::as_slice).collect();
        if !texts.is_empty() && talk.turn.add_text(&texts) {
            self.edit.note(Action::Moved, path, "joined with the message before it");
        }
        match refusal {
            Some(text) => talk.turn.refuse(&text),
            None if texts.is_empty() => {
                self.edit.lose(item.node, path, "a message that says nothing", Loss::Harmless)?;
            }
            None => {}
        }
        Ok(())
    }

    /// An assistant's message in chat has no images and no files.
    fn assistant_parts(
        &mut self,
        content: Option<Node<'t>>,
        path: &Path<'_>,
    ) -> Result<Vec<Part<'t>>, Error> {
        let mut parts = Vec::new();
        let list = content.filter(|own| own.is_object()).into_iter();
        for (index, part) in list.chain(content.into_iter().flat_map(Node::elements)).enumerate() {
            let path = if content.is_some_and(Node::is_array) { path.index(index) } else { *path };
            match Part::read(part) {
                Some(Part::Image(_) | Part::Other(_)) => self.lose(part, &path, NOT_IN_CHAT)?,
                _ => parts.extend(self.part(part, &path)?),
            }
        }
        Ok(parts)
    }

    /// The end of a turn: its message, and what answers its calls.
    pub(super) fn end(&mut self, talk: &mut Conversation<'_, 't>) -> RuleResult {
        let mut turn = std::mem::take(&mut talk.turn);
        if turn.is_empty() {
            return self.lose_reasoning(&turn);
        }
        self.trailing(&mut turn);
        self.homeless(&turn)?;
        self.placeholder(&mut turn);
        talk.out.push(turn.json(&self.target.reasoning));
        let (input, mut shown) = (Path::Root.key(INPUT), Vec::new());
        for call in &turn.calls {
            match talk.answers.half(&call.item).map(|at| talk.items[at]) {
                Some(output) => {
                    self.note_answer(&output, call, talk);
                    let own = self.output(&output, &mut shown, &input.index(output.index()))?;
                    talk.out.push(tool_message(&call.id, &own));
                }
                None if self.profile.repairs_orphans => {
                    let reason = "an output for a call that was never answered";
                    self.edit.note(Action::Added, &input.index(call.item.index()), reason);
                    talk.out.push(tool_message(&call.id, b"\"aborted\""));
                }
                None => {}
            }
        }
        show(&shown, talk.out);
        Ok(())
    }

    /// Notes what becomes of an output's id and place.
    fn note_answer(&mut self, output: &Item<'t>, call: &Call<'t>, talk: &Conversation<'_, 't>) {
        let input = Path::Root.key(INPUT);
        let path = &input.index(output.index());
        match output.call_id() {
            None => self.edit.note(Action::Added, &path.key("call_id"), "that of its call"),
            Some((_, id)) if id.raw() != call.id => {
                self.edit.note(Action::Replaced, &path.key("call_id"), "that of its call");
            }
            Some(_) => {}
        }
        if output.index() < call.item.index() || talk.before[output.index()] != talk.before[call.item.index()]
        {
            self.edit.note(Action::Moved, path, "right after its call");
        }
    }

    /// An output without its call: the user's, where that is repaired.
    fn orphan(&mut self, item: &Item<'t>, talk: &mut Conversation<'_, 't>, path: &Path<'_>) -> RuleResult {
        self.end(talk)?;
        let mut shown = Vec::new();
        if self.profile.repairs_orphans {
            self.edit.note(Action::Replaced, path, "a tool output without its call");
            let mut parts = self.returned(item, &mut shown, path)?;
            parts.extend(shown);
            talk.out.push(message("user", &parts::content(&parts)));
            return Ok(());
        }
        let id = item.call_id().map_or(Vec::new(), |(_, id)| id.raw().to_vec());
        let own = self.output(item, &mut shown, path)?;
        talk.out.push(tool_message(&id, &own));
        show(&shown, talk.out);
        Ok(())
    }
}

/// What tools returned beside text, as the user shows it.
fn show(parts: &[Part<'_>], out: &mut Vec<Vec<u8>>) {
    if !parts.is_empty() {
        out.push(message("user", &parts::content(parts)));
    }
}

/// `content`: JSON.
pub(super) fn message(role: &str, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 40);
    write::pieces(&mut out, [b"{\"role\":\"", role.as_bytes(), b"\",\"content\":", content, b"}"]);
    out
}

fn tool_message(id: &[u8], content: &[u8]) -> Vec<u8> {
    [b"{\"role\":\"tool\",\"tool_call_id\":\"", id, b"\",\"content\":", content, b"}"].concat()
}
