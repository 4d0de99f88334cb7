//! The view of one Messages event, or of one Message.
//!
//! Input: its JSON. Output: its kind, and the members that any consumer reads, unparsed. The type is the JSON `type`; the
//! SSE `event:` name is only a fallback.

use super::{
    BLOCK_DELTA, BLOCK_START, BLOCK_STOP, BlockType, CITATIONS_DELTA, DeltaKind, ERROR, MESSAGE,
    MESSAGE_DELTA, MESSAGE_START, MESSAGE_STOP, PING, SIGNATURE_DELTA,
};
use crate::envelope;
use crate::input;
use crate::json::{self, Malformed, Str, Value, edit};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EventKind {
    MessageStart,
    BlockStart,
    BlockDelta,
    BlockStop,
    MessageDelta,
    MessageStop,
    Ping,
    Error,
    /// A whole answer.
    Message,
    Other,
}

impl EventKind {
    fn named(name: &[u8]) -> Self {
        match std::str::from_utf8(name).unwrap_or_default() {
            MESSAGE_START => Self::MessageStart,
            BLOCK_START => Self::BlockStart,
            BLOCK_DELTA => Self::BlockDelta,
            BLOCK_STOP => Self::BlockStop,
            MESSAGE_DELTA => Self::MessageDelta,
            MESSAGE_STOP => Self::MessageStop,
            PING => Self::Ping,
            ERROR => Self::Error,
            MESSAGE => Self::Message,
            _ => Self::Other,
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Event<'a> {
    pub(super) kind: EventKind,
    /// The type as sent, for notes.
    pub(super) name: &'a [u8],
    pub(super) json: Value<'a>,
    names_itself: bool,
    pub(super) index: Option<u64>,
    pub(super) delta: Option<Value<'a>>,
    pub(super) block: Option<Value<'a>>,
    pub(super) message: Option<Value<'a>>,
    pub(super) usage: Option<Value<'a>>,
}

impl Event<'_> {
    /// Whether it only makes sense after `message_start`.
    pub(super) fn is_of_a_message(&self) -> bool {
        matches!(
            self.kind,
            EventKind::BlockStart
                | EventKind::BlockDelta
                | EventKind::BlockStop
                | EventKind::MessageDelta
                | EventKind::MessageStop
        )
    }
}

impl<'a> input::Event<'a> for Event<'a> {
    fn parse(json: &'a [u8], sse_name: &'a str) -> Result<Self, Malformed> {
        let (mut own, mut error) = ([None; 6], None);
        let json = json::walk_with_room(json, room, |key, value| {
            let names = ["type", "index", "delta", "content_block", "message", "usage"];
            if let Some(at) = names.iter().position(|name| key.is(name)) {
                own[at] = Some(value);
            } else if key.is("error") {
                error = Some(value);
            }
        })?;
        let [kind, index, delta, block, message, usage] = own;
        let named = kind.and_then(Value::as_str);
        let name = named.map_or(sse_name.as_bytes(), Str::raw);
        let kind = match EventKind::named(name) {
            EventKind::Other => EventKind::named(&Str::from_raw(name).unescaped()),
            kind => kind,
        };
        // `message` is also what SSE calls an event without a name.
        let kind = if kind == EventKind::Message && named.is_none() { EventKind::Other } else { kind };
        let is_error =
            || error.is_some_and(envelope::is_error) || envelope::is_name_of_failure(sse_name.as_bytes());
        let kind = if kind == EventKind::Other && is_error() { EventKind::Error } else { kind };
        let index = index.and_then(Value::as_u64);
        Ok(Self { kind, name, json, names_itself: named.is_some(), index, delta, block, message, usage })
    }

    fn json(&self) -> Value<'a> {
        self.json
    }

    fn names_itself(&self) -> bool {
        self.names_itself
    }

    fn is_document(&self) -> bool {
        matches!(self.kind, EventKind::Message | EventKind::Error | EventKind::Other)
    }

    fn varying_text(&self) -> Option<Value<'a>> {
        let delta = Delta::parse(self.delta?)?;
        delta.kind.and(delta.piece)
    }

    /// It has spaces for a filler, and no number.
    fn varying_rest(&self) -> [Option<Value<'a>>; 2] {
        [None, None]
    }
}

/// Citations and search results lie deeper in the terminal event of a Responses stream.
fn room(key: &[u8]) -> usize {
    match key {
        b"delta" | b"content_block" => 6,
        b"content" => 4,
        key if key.contains(&b'\\') => 6,
        _ => 0,
    }
}

/// The delta of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delta<'a> {
    /// `None`: not one of those that bring a piece of text.
    pub(super) kind: Option<DeltaKind>,
    pub(super) name: Str<'a>,
    pub(super) piece: Option<Value<'a>>,
    pub(super) signature: Option<Str<'a>>,
    pub(super) citation: Option<Value<'a>>,
}

impl<'a> Delta<'a> {
    pub(super) fn parse(delta: Value<'a>) -> Option<Self> {
        let name = delta.get("type")?.as_str()?;
        let kind = DeltaKind::named(&name.unescaped());
        let is = |own| name.is(own);
        Some(Self {
            kind,
            name,
            piece: kind.and_then(|kind| delta.get(kind.member())),
            signature: delta.get("signature").and_then(Value::as_str).filter(|_| is(SIGNATURE_DELTA)),
            citation: delta.get("citation").filter(|_| is(CITATIONS_DELTA)),
        })
    }

    /// The text it brings; some servers send arguments as they are, not as text.
    pub(super) fn text<'b>(&self, buffer: &'b mut Vec<u8>) -> Option<Str<'b>>
    where
        'a: 'b,
    {
        match self.kind? {
            DeltaKind::Input => self.piece?.as_text(buffer),
            DeltaKind::Text | DeltaKind::Thinking => self.piece?.as_str(),
        }
    }
}

/// A Message whose content is a list: with the one block that its text is; `None` for one that has a list.
pub(super) fn with_blocks(message: Value<'_>) -> Option<Vec<u8>> {
    let text = message.get("content").filter(|content| content.as_str().is_some())?;
    let block = [b"[{\"type\":\"text\",\"text\":", text.raw(), b"}]"].concat();
    Some(edit::with_members(message, &[("content", &block)]))
}

/// A block, as it starts or whole.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) kind: BlockType,
    /// The type as sent, for notes.
    pub(super) type_name: Option<Str<'a>>,
    pub(super) text: Option<Str<'a>>,
    pub(super) thinking: Option<Str<'a>>,
    pub(super) signature: Option<Str<'a>>,
    /// Of redacted thinking.
    pub(super) data: Option<Str<'a>>,
    pub(super) id: Option<Str<'a>>,
    pub(super) name: Option<Str<'a>>,
    pub(super) input: Option<Value<'a>>,
    pub(super) tool_use_id: Option<Str<'a>>,
    pub(super) content: Option<Value<'a>>,
    pub(super) citations: Option<Value<'a>>,
    /// Who calls, where it is not the model itself.
    pub(super) caller: Option<Value<'a>>,
}

impl<'a> Block<'a> {
    pub(super) fn parse(block: Value<'a>) -> Self {
        let mut read = Self::default();
        block.each_member(|key, value| read.set(&key.unescaped(), value));
        read
    }

    fn set(&mut self, key: &[u8], value: Value<'a>) {
        let text = value.as_str();
        match key {
            b"type" => {
                self.type_name = text;
                self.kind = text.map_or(BlockType::Other, |name| BlockType::named(&name.unescaped()));
            }
            b"text" => self.text = text,
            b"thinking" => self.thinking = text,
            b"signature" => self.signature = text,
            b"data" => self.data = text,
            b"id" => self.id = text.filter(|id| !id.is_blank()),
            b"name" => self.name = text.filter(|name| !name.is_blank()),
            b"input" => self.input = Some(value).filter(|input| !input.is_null()),
            b"tool_use_id" => self.tool_use_id = text,
            b"content" => self.content = Some(value),
            b"citations" => self.citations = Some(value),
            b"caller" => self.caller = Some(value).filter(|caller| caller.is_object()),
            _ => {}
        }
    }

    /// The input of a call as text, if it has any members.
    pub(super) fn arguments<'b>(&self, buffer: &'b mut Vec<u8>) -> Option<Str<'b>>
    where
        'a: 'b,
    {
        let input = self.input.filter(|input| {
            let mut is_given = !input.is_object();
            input.each_member(|_, _| is_given = true);
            is_given
        });
        input?.as_text(buffer).filter(|text| !text.is_blank())
    }
}
