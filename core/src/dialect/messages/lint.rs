//! The rules of a Messages stream.
//!
//! Input: events. Output: findings. State: the blocks, the calls and the end so far.

use super::event::{Block, Delta, Event, EventKind};
use super::{BlockType, DeltaKind};
use crate::input::Event as _;
use crate::json::{Str, Value};
use crate::limits::MAX_ITEMS;
use crate::lint::{Calls, Input, LintRule as Rule, Log, Rules, text};
use crate::outcome::clip;
use std::collections::HashSet;

#[derive(Debug, Default)]
pub(crate) struct Lint {
    has_begun: bool,
    /// Something of a message came before it began.
    is_early: bool,
    blocks: Vec<Open>,
    call_ids: HashSet<String>,
    calls: Calls,
    has_call: bool,
    is_visible: bool,
    reason: Option<String>,
    end: End,
}

/// A block: what it is, and what came of it.
#[derive(Debug, Default)]
struct Open {
    kind: BlockType,
    id: String,
    name: String,
    /// Arguments of a call; JSON string contents.
    arguments: Vec<u8>,
    has_signature: bool,
    is_stopped: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum End {
    #[default]
    Open,
    Stopped,
    Failed,
}

/// Reasons that clients know.
const REASONS: [&str; 8] = [
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "pause_turn",
    "refusal",
    "model_context_window_exceeded",
    "compaction",
];

/// Those that may stand where calls are.
const REASONS_OF_A_CUT: [&str; 4] = ["max_tokens", "refusal", "model_context_window_exceeded", "pause_turn"];

impl Rules for Lint {
    type Event<'a> = Event<'a>;

    fn input(&mut self, input: &Input<'_, Event<'_>>, log: &mut Log) {
        match input {
            Input::Done => log.find(Rule::DoneSentinel, "[DONE]"),
            Input::Event(event, name) => self.event(event, *name, log),
        }
    }

    fn end(&mut self, log: &mut Log) {
        if self.end == End::Open {
            log.find(Rule::MessageStop, "the stream ends without message_stop or an error");
        }
    }
}

impl Lint {
    fn event(&mut self, event: &Event<'_>, name: Option<&str>, log: &mut Log) {
        named(event, name, log);
        if self.end != End::Open && event.kind != EventKind::Ping {
            log.find(Rule::MessageStop, "more after the end");
        }
        if !self.has_begun && event.is_of_a_message() && !std::mem::replace(&mut self.is_early, true) {
            log.find(Rule::MessageStart, "an event before message_start");
        }
        match event.kind {
            EventKind::MessageStart => self.start(event, log),
            EventKind::BlockStart => self.block_start(event, log),
            EventKind::BlockDelta => self.delta(event, log),
            EventKind::BlockStop => self.block_stop(event, log),
            EventKind::MessageDelta => self.message_delta(event, log),
            EventKind::MessageStop => self.stop(log),
            EventKind::Error => self.end = End::Failed,
            EventKind::Ping => {}
            EventKind::Message | EventKind::Other => {
                let name = String::from_utf8_lossy(event.name);
                log.find(Rule::UnknownType, format!("the type is {}", clip(&name, 64)));
            }
        }
    }

    fn start(&mut self, event: &Event<'_>, log: &mut Log) {
        if std::mem::replace(&mut self.has_begun, true) {
            log.find(Rule::MessageStart, "message_start comes again");
        }
        let is = |key, is_right: fn(&Value<'_>) -> bool| {
            event.message.and_then(|message| message.get(key)).is_some_and(|value| is_right(&value))
        };
        let members = [
            ("id", is("id", |id| id.as_str().is_some_and(|id| !id.is_empty()))),
            ("content", is("content", |list| list.raw().starts_with(b"["))),
            ("usage", is("usage", |usage| usage.get("input_tokens").is_some())),
        ];
        for (key, _) in members.into_iter().filter(|(_, is_there)| !is_there) {
            log.find(Rule::MessageStart, format!("message.{key} is missing"));
        }
    }

    fn block_start(&mut self, event: &Event<'_>, log: &mut Log) {
        let at = self.blocks.len();
        if event.index != Some(at as u64) {
            log.find(Rule::BlockIndex, format!("block {at} has another index"));
        }
        let is_cut = |block: &Open| block.kind == BlockType::ToolUse && self.reason.is_some();
        if self.blocks.last().is_some_and(|block| !block.is_stopped && !is_cut(block)) {
            log.find(Rule::OneBlock, format!("block {at} starts while another is open"));
        }
        let block = event.block.map(Block::parse).unwrap_or_default();
        let has_text = [block.text, block.thinking].iter().flatten().any(|text| !text.is_empty());
        if has_text || (block.kind == BlockType::ToolUse && block.arguments(&mut Vec::new()).is_some()) {
            log.find(Rule::BlockEmpty, format!("block {at} starts with content"));
        }
        if block.kind == BlockType::ToolUse {
            self.call(at, &block, log);
        }
        let decoded = |text: Option<Str<'_>>| text.map_or(String::new(), Str::decode);
        if at < MAX_ITEMS {
            let (id, name) = (decoded(block.id), decoded(block.name));
            self.blocks.push(Open { kind: block.kind, id, name, ..Open::default() });
        }
    }

    fn call(&mut self, at: usize, block: &Block<'_>, log: &mut Log) {
        self.has_call = true;
        self.is_visible = true;
        let id = block.id.map_or(String::new(), Str::decode);
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
        if id.is_empty() || !id.chars().all(is_letter) {
            log.find(Rule::ToolUseId, format!("block {at} has the id {:?}", clip(&id, 64)));
        } else if !self.call_ids.insert(id) {
            log.find(Rule::ToolUseId, format!("block {at} has the id of another call"));
        }
        if block.name.is_none() {
            log.find(Rule::ToolUseId, format!("block {at} has no name"));
        }
    }

    /// The block of an event, if it is open.
    fn open(&mut self, event: &Event<'_>, log: &mut Log) -> Option<&mut Open> {
        let at = event.index.and_then(|index| usize::try_from(index).ok());
        let block = at.and_then(|at| self.blocks.get_mut(at)).filter(|block| !block.is_stopped);
        if block.is_none() {
            log.find(Rule::BlockOpen, "of a block that is not open");
        }
        block
    }

    fn delta(&mut self, event: &Event<'_>, log: &mut Log) {
        let Some(delta) = event.delta.and_then(Delta::parse) else {
            return log.find(Rule::DeltaFits, "a delta without a type");
        };
        let piece = delta.piece.and_then(Value::as_str).map_or(&b""[..], Str::raw);
        self.is_visible |= delta.kind == Some(DeltaKind::Text) && !piece.is_empty();
        let Some(block) = self.open(event, log) else { return };
        let fits = match (delta.kind, block.kind) {
            (Some(DeltaKind::Text), kind) => kind == BlockType::Text,
            (Some(DeltaKind::Thinking), kind) => kind == BlockType::Thinking,
            (Some(DeltaKind::Input), kind) => matches!(kind, BlockType::ToolUse | BlockType::ServerToolUse),
            (None, kind) => delta.signature.is_none() || kind == BlockType::Thinking,
        };
        if !fits {
            let name = delta.name.decode();
            return log.find(Rule::DeltaFits, format!("{} in another block", clip(&name, 64)));
        }
        let is_late =
            block.has_signature && (delta.signature.is_some() || delta.kind == Some(DeltaKind::Thinking));
        block.has_signature |= delta.signature.is_some();
        if delta.kind == Some(DeltaKind::Input) {
            block.arguments.extend_from_slice(piece);
        }
        if is_late {
            log.find(Rule::SignatureLast, "more thinking, or a second signature");
        }
    }

    fn block_stop(&mut self, event: &Event<'_>, log: &mut Log) {
        let Some(block) = self.open(event, log) else { return };
        block.is_stopped = true;
        if block.kind != BlockType::ToolUse {
            return;
        }
        let arguments = Str::from_raw(&block.arguments).decode();
        let (id, name) = (block.id.clone(), block.name.clone());
        let arguments = if arguments.is_empty() { "{}".to_owned() } else { arguments };
        let path = format!("content[{}]", event.index.unwrap_or_default());
        self.calls.completed(&path, &id, &name, &arguments, log);
    }

    fn message_delta(&mut self, event: &Event<'_>, log: &mut Log) {
        let count = event.usage.and_then(|usage| usage.get("output_tokens")?.as_u64());
        if count.is_none() {
            log.find(Rule::OutputTokens, "usage.output_tokens is missing");
        }
        self.reason = event.delta.and_then(|delta| text(delta, "stop_reason")).or(self.reason.take());
    }

    fn stop(&mut self, log: &mut Log) {
        self.end = if self.end == End::Open { End::Stopped } else { self.end };
        let reason = self.reason.clone().unwrap_or_default();
        if !REASONS.contains(&&*reason) {
            log.find(Rule::StopReason, format!("the reason is {:?}", clip(&reason, 64)));
        }
        let is_cut = REASONS_OF_A_CUT.contains(&&*reason);
        if (reason == "tool_use") != self.has_call && !(self.has_call && is_cut) {
            log.find(
                Rule::StopReason,
                format!("the reason is {:?}, which does not fit the calls", clip(&reason, 64)),
            );
        }
        let is_open = |block: &&Open| !(block.is_stopped || (is_cut && block.kind == BlockType::ToolUse));
        if self.blocks.iter().any(|block| is_open(&block)) {
            log.find(Rule::BlockStopped, "a block that was not stopped");
        }
        if !self.is_visible && !is_cut {
            log.find(Rule::VisibleOutput, "neither text nor a call");
        }
    }
}

/// The names of an event: in its data, and in its `event:` line.
fn named(event: &Event<'_>, name: Option<&str>, log: &mut Log) {
    if !event.names_itself() {
        log.find(Rule::TypeMissing, "an event without a type");
    }
    match name {
        None => log.find(Rule::EventLine, "an event without an event: line"),
        Some(name) if name.as_bytes() != event.name && event.names_itself() => {
            let message = format!("event: {}, type: {}", clip(name, 64), String::from_utf8_lossy(event.name));
            log.find(Rule::EventNameMismatch, message);
        }
        Some(_) => {}
    }
}
