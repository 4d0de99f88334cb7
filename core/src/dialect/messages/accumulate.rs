//! Builds one Message from its events, as the SDKs' accumulators do: what this library does not know stays as it was sent.
//!
//! Input: events in order. Output: the Message; and back, the events of one. State: the Message, as JSON text; bounded by
//! `max_response_bytes`.

use super::event::{Block, Delta, Event, EventKind, with_blocks};
use super::read::MessageLog;
use super::{
    BLOCK_START, BLOCK_STOP, CLOSE_EVENT, DeltaKind, MESSAGE_DELTA, MESSAGE_START, MESSAGE_STOP,
    is_placeholder, open_event,
};
use crate::json::{Str, Value, edit, write};
use crate::options::Options;
use std::collections::{HashMap, VecDeque};

#[derive(Debug, Clone, Default)]
pub(crate) struct Accumulator {
    /// `message_start`'s message.
    message: Vec<u8>,
    /// The last `message_delta`s, whose members replace its own.
    deltas: VecDeque<Vec<u8>>,
    blocks: Vec<Kept>,
    /// By the upstream's index, the last block that has it.
    by_index: HashMap<u64, usize>,
    bytes: usize,
    max_bytes: usize,
}

/// A block as it started, and what came for it.
#[derive(Debug, Clone)]
struct Kept {
    json: Vec<u8>,
    /// JSON string contents, by the member that they belong to.
    texts: [Vec<u8>; 3],
    signature: Vec<u8>,
    /// Comma-separated.
    citations: Vec<u8>,
    /// The last deltas of other kinds, whose members replace its own.
    deltas: VecDeque<Vec<u8>>,
    is_over: bool,
}

/// How many such deltas are kept: real streams have one or two.
const MAX_DELTAS: usize = 16;

/// `usage` where a server sends none.
const NO_USAGE: &[u8] = b"{\"input_tokens\":0,\"output_tokens\":0}";

/// A Message without counts, with them: SDKs fail without; `None` for one that has some.
pub(super) fn with_usage(message: Value<'_>) -> Option<Vec<u8>> {
    let has_some = message.get("usage").is_some_and(Value::is_object);
    (!has_some).then(|| edit::with_members(message, &[("usage", NO_USAGE)]))
}

/// Adds to a list of the last few.
fn keep(list: &mut VecDeque<Vec<u8>>, json: Value<'_>) {
    if list.len() == MAX_DELTAS {
        list.pop_front();
    }
    list.push_back(json.raw().to_vec());
}

/// A block without its start.
fn begun(kind: DeltaKind) -> &'static [u8] {
    match kind {
        DeltaKind::Text => b"{\"type\":\"text\",\"text\":\"\"}",
        DeltaKind::Thinking => b"{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}",
        DeltaKind::Input => b"{\"type\":\"tool_use\",\"input\":{}}",
    }
}

impl MessageLog for Accumulator {
    fn new(options: &Options) -> Self {
        Self { max_bytes: options.max_response_bytes, ..Self::default() }
    }

    fn event(&mut self, event: &Event<'_>) {
        match event.kind {
            EventKind::MessageStart if self.message.is_empty() => self.start(event.message),
            EventKind::Message => self.start(Some(event.json)),
            EventKind::BlockStart => self.block(event.index, event.block),
            EventKind::BlockDelta => self.delta(event),
            EventKind::BlockStop => {
                self.find(event.index).into_iter().for_each(|block| block.is_over = true);
            }
            EventKind::MessageDelta => self.message_delta(event),
            _ => {}
        }
    }

    fn piece(&mut self, index: Option<u64>, kind: DeltaKind, piece: Str<'_>) {
        let has_room = self.has_room(piece.raw().len());
        if self.find(index).is_none() {
            self.block(index, Some(Value::of_valid(begun(kind)))); // it never started
        }
        let Some(block) = self.find(index).filter(|_| has_room) else { return };
        let text = &mut block.texts[kind as usize];
        let says_nothing = block.is_over || (text.is_empty() && is_placeholder(piece));
        if !(kind == DeltaKind::Input && says_nothing) {
            text.extend_from_slice(piece.raw());
        }
    }
}

impl Accumulator {
    fn has_room(&mut self, bytes: usize) -> bool {
        if !self.is_full() {
            self.bytes += bytes;
        }
        !self.is_full()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.bytes > self.max_bytes
    }

    fn start(&mut self, message: Option<Value<'_>>) {
        let Some(message) = message.filter(|message| self.has_room(message.raw().len())) else { return };
        let own = with_blocks(message);
        let message = own.as_deref().and_then(Value::document).unwrap_or(message);
        self.message = with_usage(message).unwrap_or_else(|| message.raw().to_vec());
        for block in message.get("content").into_iter().flat_map(Value::elements) {
            self.block(None, Some(block));
        }
    }

    fn block(&mut self, index: Option<u64>, block: Option<Value<'_>>) {
        let Some(json) = block.filter(|block| self.has_room(block.raw().len())) else { return };
        self.by_index.insert(index.unwrap_or(self.blocks.len() as u64), self.blocks.len());
        self.blocks.push(Kept {
            json: json.raw().to_vec(),
            texts: [Vec::new(), Vec::new(), Vec::new()],
            signature: Vec::new(),
            citations: Vec::new(),
            deltas: VecDeque::new(),
            is_over: false,
        });
    }

    /// The block of an event: the last one with its index.
    fn find(&mut self, index: Option<u64>) -> Option<&mut Kept> {
        match index {
            Some(index) => self.blocks.get_mut(*self.by_index.get(&index)?),
            None => self.blocks.last_mut(),
        }
    }

    fn delta(&mut self, event: &Event<'_>) {
        let Some(delta) = event.delta.and_then(Delta::parse) else { return };
        let mut buffer = Vec::new();
        if let (Some(kind), Some(piece)) = (delta.kind, delta.text(&mut buffer)) {
            return self.piece(event.index, kind, piece);
        }
        let has_room = self.has_room(event.json.raw().len());
        let Some(block) = self.find(event.index).filter(|_| has_room) else { return };
        if let Some(signature) = delta.signature {
            block.signature = signature.raw().to_vec();
        } else if let Some(citation) = delta.citation {
            block.citations.extend_from_slice(if block.citations.is_empty() { b"" } else { b"," });
            block.citations.extend_from_slice(citation.raw());
        } else if let Some(delta) = event.delta {
            keep(&mut block.deltas, delta);
        }
    }

    fn message_delta(&mut self, event: &Event<'_>) {
        if self.has_room(event.json.raw().len()) {
            keep(&mut self.deltas, event.json);
        }
    }

    /// The Message; `None` where none began.
    pub(crate) fn message(&self) -> Option<Vec<u8>> {
        let mut message = self.message.clone();
        for delta in &self.deltas {
            message = with_delta(Value::document(&message)?, Value::of_valid(delta));
        }
        let message = Value::document(&message)?;
        let mut content = b"[".to_vec();
        write::separated(&mut content, &self.blocks, |out, block| block.write(out));
        content.push(b']');
        let mut out = Vec::new();
        write::compact(&mut out, &edit::with_members(message, &[("content", &content)]));
        Some(out)
    }

    /// A whole Message as the events of its stream.
    pub(super) fn events_of(message: Value<'_>, out: &mut Vec<u8>) {
        let own = with_blocks(message);
        let message = own.as_deref().and_then(Value::document).unwrap_or(message);
        let usage = message.get("usage").filter(|usage| usage.is_object());
        let usage = usage.map_or(NO_USAGE, Value::raw); // SDKs fail without
        let start =
            [("content", &b"[]"[..]), ("stop_reason", b"null"), ("stop_sequence", b"null"), ("usage", usage)];
        let mut event = |name: &str, member: &str, json: &[u8]| {
            open_event(out, name);
            if !member.is_empty() {
                write::pieces(out, [b",", member.as_bytes()]);
                write::compact(out, json);
            }
            out.extend_from_slice(CLOSE_EVENT);
        };
        event(MESSAGE_START, "\"message\":", &edit::with_members(message, &start));
        for (index, block) in message.get("content").into_iter().flat_map(Value::elements).enumerate() {
            Self::block_events(index, block, &mut event);
        }
        let member = |key| message.get(key).map_or(&b"null"[..], Value::raw);
        let mut delta = b"{\"stop_reason\":".to_vec();
        write::pieces(
            &mut delta,
            [member("stop_reason"), b",\"stop_sequence\":", member("stop_sequence"), b"}"],
        );
        write::pieces(&mut delta, [b",\"usage\":", usage]);
        event(MESSAGE_DELTA, "\"delta\":", &delta);
        event(MESSAGE_STOP, "", b"");
    }

    /// What streams in a block comes as one delta: clients read no text that a block starts with.
    fn block_events(index: usize, block: Value<'_>, event: &mut impl FnMut(&str, &str, &[u8])) {
        let read = Block::parse(block);
        let at = format!("\"index\":{index}");
        let mut emptied: Vec<(&str, &[u8])> = Vec::new();
        let mut deltas: Vec<Vec<u8>> = Vec::new();
        let mut text = |kind: DeltaKind, own: Option<&[u8]>| {
            let Some(own) = own.filter(|own| !own.is_empty()) else { return };
            let (name, member) = (kind.type_name().as_bytes(), kind.member().as_bytes());
            deltas.push([b"{\"type\":\"", name, b"\",\"", member, b"\":\"", own, b"\"}"].concat());
        };
        let mut buffer = Vec::new();
        let input = read.arguments(&mut buffer);
        text(DeltaKind::Text, read.text.map(Str::raw));
        text(DeltaKind::Thinking, read.thinking.map(Str::raw));
        text(DeltaKind::Input, input.map(Str::raw));
        let has_signature = read.signature.filter(|own| !own.is_empty());
        if let Some(signature) = has_signature {
            let kind = super::SIGNATURE_DELTA.as_bytes();
            deltas.push([b"{\"type\":\"", kind, b"\",\"signature\":\"", signature.raw(), b"\"}"].concat());
        }
        let streamed = [
            ("text", read.text.is_some(), &b"\"\""[..]),
            ("thinking", read.thinking.is_some(), b"\"\""),
            ("signature", has_signature.is_some(), b"\"\""),
            ("input", block.get("input").is_some(), b"{}"),
        ];
        emptied
            .extend(streamed.iter().filter(|(_, is_there, _)| *is_there).map(|(key, _, none)| (*key, *none)));
        let start = edit::with_members(block, &emptied);
        event(BLOCK_START, &format!("{at},\"content_block\":"), &start);
        for delta in deltas {
            event(super::BLOCK_DELTA, &format!("{at},\"delta\":"), &delta);
        }
        event(BLOCK_STOP, &at, b"");
    }
}

impl Kept {
    fn write(&self, out: &mut Vec<u8>) {
        let mut json = self.json.clone();
        for delta in &self.deltas {
            json = replaced(Value::of_valid(&json), Value::of_valid(delta), |key, _| key != "type");
        }
        let json = Value::of_valid(&json);
        let block = Block::parse(json);
        let joined = |start: Option<Str<'_>>, kind: DeltaKind| {
            let own = &self.texts[kind as usize];
            let start = start.map_or(&b""[..], Str::raw);
            (!own.is_empty()).then(|| [b"\"", start, &own[..], b"\""].concat())
        };
        let input = input_of(&self.texts[DeltaKind::Input as usize]);
        let signature = (!self.signature.is_empty()).then(|| [b"\"", &self.signature[..], b"\""].concat());
        let citations = (!self.citations.is_empty()).then(|| [b"[", &self.citations[..], b"]"].concat());
        let members = [
            ("text", joined(block.text, DeltaKind::Text)),
            ("thinking", joined(block.thinking, DeltaKind::Thinking)),
            ("signature", signature),
            ("input", input),
            ("citations", citations),
        ];
        let members: Vec<_> =
            members.iter().filter_map(|(key, value)| Some((*key, value.as_deref()?))).collect();
        out.extend_from_slice(&edit::with_members(json, &members));
    }
}

/// What arguments are as an input; such as are no object are kept as they are. `None` where there are none.
fn input_of(arguments: &[u8]) -> Option<Vec<u8>> {
    let text = Str::from_raw(arguments);
    let json = text.decode().into_bytes();
    let malformed = || [b"{\"arguments\":\"", arguments, b"\"}"].concat();
    (!text.is_blank()).then(|| Value::document(&json).map_or_else(malformed, |own| own.raw().to_vec()))
}

/// A message with what a `message_delta` says: its delta's members replace those of the message, its usage counts on.
fn with_delta(message: Value<'_>, event: Value<'_>) -> Vec<u8> {
    let known = message.get("usage").filter(|usage| usage.is_object()).unwrap_or(Value::EMPTY);
    let mut out = replaced(message, event, |key, _| !["type", "delta", "usage"].contains(&key));
    if let Some(delta) = event.get("delta") {
        out = replaced(Value::of_valid(&out), delta, |_, _| true);
    }
    if let Some(later) = event.get("usage") {
        let is_known = |key: &str| known.get(key).is_some();
        let usage = replaced(known, later, |key, count| {
            !(count.is_null() || (count.as_u64() == Some(0) && is_known(key)))
        });
        out = edit::with_members(Value::of_valid(&out), &[("usage", &usage)]);
    }
    out
}

/// An object with the members of another one, those that are wanted.
fn replaced(object: Value<'_>, other: Value<'_>, is_wanted: impl Fn(&str, Value<'_>) -> bool) -> Vec<u8> {
    let mut members: Vec<(String, &[u8])> = Vec::new();
    other.each_member(|key, value| {
        let key = key.decode();
        if is_wanted(&key, value) {
            members.push((key, value.raw()));
        }
    });
    let members: Vec<_> = members.iter().map(|(key, value)| (&**key, *value)).collect();
    edit::with_members(object, &members)
}
