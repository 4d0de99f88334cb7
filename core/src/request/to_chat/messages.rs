//! Items as messages. What the assistant says and calls in one turn is one message; the outputs follow it, wherever they
//! stood; images that they hold follow those.

use super::super::draft::Action;
use super::super::kinds::{Item, Kind, Part as Tool, Role};
use super::super::path::Path;
use super::super::profile::OutputImages;
use super::super::{Error, kinds};
use super::ToChat;
use super::parts::{self, Part};
use crate::json::splice::Edits;
use crate::json::tree::Node;
use crate::json::{Str, write};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};

/// What the assistant does until somebody else has the word; JSON string contents.
#[derive(Default)]
struct Turn<'t> {
    reasoning: Vec<u8>,
    text: Option<Vec<u8>>,
    refusal: Option<Vec<u8>>,
    calls: Vec<Call<'t>>,
}

struct Call<'t> {
    item: Item<'t>,
    /// JSON string contents.
    id: Vec<u8>,
    json: Vec<u8>,
}

type Id<'t> = Cow<'t, [u8]>;

/// Which outputs answer which call.
struct Outputs<'t> {
    calls: HashSet<Id<'t>>,
    /// Calls that chat has no form of.
    lost: HashSet<Id<'t>>,
    by_call: HashMap<Id<'t>, VecDeque<Item<'t>>>,
}

const NOT_IN_CHAT: &str = "chat has no form of it";

impl<'t> Outputs<'t> {
    fn of(items: &[Item<'t>]) -> Self {
        let mut outputs = Self { calls: HashSet::new(), lost: HashSet::new(), by_call: HashMap::new() };
        for item in items {
            let Some((_, id)) = item.call_id() else { continue };
            match item.part {
                Tool::Call { .. } => drop(outputs.calls.insert(id.unescaped())),
                Tool::Output => outputs.by_call.entry(id.unescaped()).or_default().push_back(*item),
                Tool::OpenCall => drop(outputs.lost.insert(id.unescaped())),
                Tool::None => {}
            }
        }
        outputs
    }

    /// Its call brings it along.
    fn is_answer(&self, output: &Item<'_>) -> bool {
        output.call_id().is_some_and(|(_, id)| self.calls.contains(&id.unescaped()))
    }

    fn is_lost(&self, output: &Item<'_>) -> bool {
        output.call_id().is_some_and(|(_, id)| self.lost.contains(&id.unescaped()))
    }

    fn take(&mut self, call: &Item<'t>) -> Option<Item<'t>> {
        let (_, id) = call.call_id()?;
        self.by_call.get_mut(&id.unescaped())?.pop_front()
    }
}

impl<'t> ToChat<'t> {
    pub(super) fn messages(&mut self, out: &mut Vec<Vec<u8>>) -> Result<(), Error> {
        let items = std::mem::take(&mut self.items);
        let mut outputs = Outputs::of(&items);
        let (mut turn, input) = (Turn::default(), Path::Root.key("input"));
        for item in &items {
            let path = &input.index(item.index);
            match item.part {
                Tool::Call { .. } => turn.calls.push(self.call(item)),
                Tool::Output if outputs.is_answer(item) => self.end(&mut turn, &mut outputs, out)?,
                Tool::Output if outputs.is_lost(item) => self.lose(item.node, path, NOT_IN_CHAT)?,
                Tool::Output => {
                    self.end(&mut turn, &mut outputs, out)?;
                    let id = item.call_id().map_or(Vec::new(), |(_, id)| id.raw().to_vec());
                    self.output(item, &id, out, &mut Vec::new())?;
                }
                Tool::None if item.kind.name == kinds::MESSAGE => {
                    if item.node.text("role").is_some_and(|role| role.is("assistant")) {
                        self.assistant(item, &mut turn, &mut outputs, out, path)?;
                    } else {
                        self.end(&mut turn, &mut outputs, out)?;
                        out.push(self.message(item, path)?);
                    }
                }
                Tool::None if item.kind.name == kinds::REASONING => {
                    self.reasoning(item, &mut turn, &mut outputs, out, path)?;
                }
                Tool::None if item.kind.name == kinds::ADDITIONAL_TOOLS => {}
                Tool::None | Tool::OpenCall => self.lose(item.node, path, NOT_IN_CHAT)?,
            }
        }
        self.end(&mut turn, &mut outputs, out)
    }

    /// A message of anybody but the assistant.
    fn message(&mut self, item: &Item<'t>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
        let role = match item.role {
            Role::Developer if self.target.keeps_developer => "developer",
            Role::System | Role::Developer => "system",
            Role::Other => "user",
        };
        let content = match item.node.get("content") {
            Some(text) if text.as_str().is_some() => text.raw().to_vec(),
            content => parts::content(&self.parts(content, &path.key("content"))?),
        };
        Ok([b"{\"role\":\"", role.as_bytes(), b"\",\"content\":", &content, b"}"].concat())
    }

    fn parts(&mut self, list: Option<Node<'t>>, path: &Path<'_>) -> Result<Vec<Part<'t>>, Error> {
        let mut parts = Vec::new();
        for (index, part) in list.into_iter().flat_map(Node::elements).enumerate() {
            match Part::read(part) {
                Some(part) => parts.push(part),
                None => self.lose(part, &path.index(index), NOT_IN_CHAT)?,
            }
        }
        Ok(parts)
    }

    /// What the assistant said, in pieces of one answer; after its calls it is a further message.
    fn assistant(
        &mut self,
        item: &Item<'t>,
        turn: &mut Turn<'t>,
        outputs: &mut Outputs<'t>,
        out: &mut Vec<Vec<u8>>,
        path: &Path<'_>,
    ) -> Result<(), Error> {
        if turn.has_spoken() {
            self.end(turn, outputs, out)?;
        }
        let content = item.node.get("content");
        if let Some(text) = content.and_then(Node::as_str) {
            turn.text.get_or_insert_default().extend_from_slice(text.raw());
        }
        let path = &path.key("content");
        for (index, part) in content.into_iter().flat_map(Node::elements).enumerate() {
            match Part::read(part) {
                Some(Part::Text(text)) => turn.text.get_or_insert_default().extend_from_slice(text.raw()),
                Some(Part::Refusal(text)) => {
                    turn.refusal.get_or_insert_default().extend_from_slice(text.raw());
                }
                _ => self.lose(part, &path.index(index), NOT_IN_CHAT)?,
            }
        }
        Ok(())
    }

    /// What the assistant thought, for servers that want it back.
    fn reasoning(
        &mut self,
        item: &Item<'t>,
        turn: &mut Turn<'t>,
        outputs: &mut Outputs<'t>,
        out: &mut Vec<Vec<u8>>,
        path: &Path<'_>,
    ) -> Result<(), Error> {
        let texts = ["content", "summary"].into_iter().filter_map(|key| {
            let texts = item.node.get(key)?.elements().filter_map(|part| part.text("text"));
            Some(texts.map(Str::raw).collect::<Vec<_>>()).filter(|texts| !texts.is_empty())
        });
        let text = texts.into_iter().next().unwrap_or_default().join(&br"\n\n"[..]);
        if self.target.reasoning.is_empty() || text.is_empty() {
            return self.lose(item.node, path, "the server takes no reasoning back");
        }
        if turn.has_spoken() || !turn.calls.is_empty() {
            self.end(turn, outputs, out)?;
        }
        if !turn.reasoning.is_empty() {
            turn.reasoning.extend_from_slice(br"\n\n");
        }
        turn.reasoning.extend_from_slice(&text);
        Ok(())
    }

    /// The end of a turn: its message, and what answers its calls.
    fn end(
        &mut self,
        turn: &mut Turn<'t>,
        outputs: &mut Outputs<'t>,
        out: &mut Vec<Vec<u8>>,
    ) -> Result<(), Error> {
        let turn = std::mem::take(turn);
        if !turn.has_spoken() && turn.calls.is_empty() {
            return Ok(());
        }
        out.push(turn.json(&self.target.reasoning));
        let mut images = Vec::new();
        for Call { item, id, .. } in &turn.calls {
            match outputs.take(item) {
                Some(output) => self.output(&output, id, out, &mut images)?,
                None if self.profile.repairs_orphans => {
                    let reason = "an output for a call that was never answered";
                    self.draft.note(Action::Added, &Path::Root.key("input").index(item.index), reason);
                    out.push(tool_message(id, b"\"aborted\""));
                }
                None => {}
            }
        }
        if !images.is_empty() {
            let content = parts::content(&images);
            out.push([b"{\"role\":\"user\",\"content\":", &content[..], b"}"].concat());
        }
        Ok(())
    }

    /// A tool's output as its message; images go where the server takes them.
    fn output(
        &mut self,
        item: &Item<'t>,
        id: &[u8],
        out: &mut Vec<Vec<u8>>,
        images: &mut Vec<Part<'t>>,
    ) -> Result<(), Error> {
        let input = Path::Root.key("input");
        let path = &input.index(item.index);
        let output = item.node.get("output").or_else(|| item.node.get("status"));
        let content = match output {
            _ if item.kind.name == kinds::TOOL_SEARCH_OUTPUT => self.found_tools(item.node),
            Some(text) if text.as_str().is_some() => text.raw().to_vec(),
            Some(list) if list.is_array() && is_parts(list) => {
                let (own, others) = self.split(self.target.output_images, list, &path.key("output"))?;
                images.extend(others);
                parts::content(&own)
            }
            Some(other) => write::quoted(&String::from_utf8_lossy(other.raw())),
            None => b"\"\"".to_vec(),
        };
        out.push(tool_message(id, &content));
        Ok(())
    }

    /// What stays in a tool's message, and what the user shows.
    fn split(
        &mut self,
        images: OutputImages,
        list: Node<'t>,
        path: &Path<'_>,
    ) -> Result<(Vec<Part<'t>>, Vec<Part<'t>>), Error> {
        let (mut own, mut shown) = (Vec::new(), Vec::new());
        for (index, part) in list.elements().enumerate() {
            match (Part::read(part), images) {
                (Some(text @ Part::Text(_)), _) => own.push(text),
                (Some(part), OutputImages::Tool) => own.push(part),
                (Some(part), OutputImages::User) => shown.push(part),
                (Some(_), OutputImages::Drop) | (None, _) => {
                    self.lose(part, &path.index(index), "the server takes no such outputs")?;
                }
            }
        }
        Ok((own, shown))
    }

    fn made_up_id(&mut self, item: &Item<'t>) -> Vec<u8> {
        let input = Path::Root.key("input");
        self.draft.note(Action::Added, &input.index(item.index).key("call_id"), "a call needs an id");
        kinds::missing_call_id(item.index).into_bytes()
    }

    fn call(&mut self, item: &Item<'t>) -> Call<'t> {
        let id = item.call_id().map_or_else(|| self.made_up_id(item), |(_, id)| id.raw().to_vec());
        let text = |key| item.node.text(key).map(Str::decode);
        let name = text("name").unwrap_or_else(|| plain_name(item.kind).to_owned());
        let name = write::contents(&self.names.sent(text("namespace").as_deref(), &name));
        let said = arguments(item.node, item.kind);
        let head = b"{\"id\":\"";
        let json = [
            head,
            &id[..],
            b"\",\"type\":\"function\",\"function\":{\"name\":\"",
            &name,
            b"\",\"arguments\":\"",
            &said,
            b"\"}}",
        ];
        Call { item: *item, json: json.concat(), id }
    }
}

impl Turn<'_> {
    fn has_spoken(&self) -> bool {
        self.text.is_some() || self.refusal.is_some() || !self.calls.is_empty()
    }

    fn json(&self, reasoning: &str) -> Vec<u8> {
        let mut out = b"{\"role\":\"assistant\",\"content\":".to_vec();
        match &self.text {
            Some(text) => out.extend_from_slice(&[b"\"", &text[..], b"\""].concat()),
            None => out.extend_from_slice(b"null"),
        }
        let said = [("refusal", self.refusal.as_deref().unwrap_or_default()), (reasoning, &self.reasoning)];
        for (key, text) in said.iter().filter(|(_, text)| !text.is_empty()) {
            out.extend_from_slice(&[b",\"", key.as_bytes(), b"\":\"", text, b"\""].concat());
        }
        if !self.calls.is_empty() {
            let calls: Vec<_> = self.calls.iter().map(|call| &call.json[..]).collect();
            out.extend_from_slice(&[&b",\"tool_calls\":["[..], &calls.join(&b','), b"]"].concat());
        }
        out.push(b'}');
        out
    }
}

/// The name that a tool without a name of its own is declared under.
pub(super) fn plain_name(kind: &Kind) -> &'static str {
    kind.name.strip_suffix("_call").unwrap_or(kind.name)
}

/// What a call was called with, as JSON string contents.
fn arguments(call: Node<'_>, kind: &Kind) -> Vec<u8> {
    if kind.name == "custom_tool_call" {
        let mut out = br#"{\"input\":\""#.to_vec();
        write::escaped_again(&mut out, call.text("input").map_or(b"", Str::raw));
        out.extend_from_slice(br#"\"}"#);
        return out;
    }
    let said = ["arguments", "action", "operation"].into_iter().find_map(|key| call.get(key));
    let Some(said) = said else { return b"{}".to_vec() };
    if let Some(text) = said.as_str() {
        return text.raw().to_vec();
    }
    let mut edits = Edits::default();
    if let Some(kind) = said.get("type").filter(|_| kind.name == "local_shell_call") {
        edits.remove(kind); // there is only one
    }
    write::contents(&String::from_utf8_lossy(&edits.edited(said)))
}

fn is_parts(list: Node<'_>) -> bool {
    list.elements().all(|part| part.text("type").is_some_and(|kind| kind.raw().starts_with(b"input_")))
}

fn tool_message(id: &[u8], content: &[u8]) -> Vec<u8> {
    [b"{\"role\":\"tool\",\"tool_call_id\":\"", id, b"\",\"content\":", content, b"}"].concat()
}
