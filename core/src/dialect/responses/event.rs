//! The view of one Responses event.
//!
//! Input: its JSON. Output: its kind, and the members that any consumer reads, unparsed. The type is the JSON `type`; the
//! SSE `event:` name is only a fallback.

use super::{EventKind, Response, Status, document_status, id};
use crate::json::{self, Malformed, Str, Value, Walk};
use crate::{envelope, input};

/// One upstream event: its kind, and the members that any consumer reads, unparsed.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Members<'a> {
    pub(crate) kind: Option<Str<'a>>,
    pub(crate) item_id: Option<Value<'a>>,
    pub(crate) output_index: Option<Value<'a>>,
    pub(crate) content_index: Option<Value<'a>>,
    pub(crate) summary_index: Option<Value<'a>>,
    pub(crate) delta: Option<Value<'a>>,
    /// `text`, `refusal`, `arguments` or `input`: the whole text of a done event
    pub(crate) whole: Option<Value<'a>>,
    pub(crate) logprobs: Option<Value<'a>>,
    pub(crate) call_id: Option<Value<'a>>,
    pub(crate) name: Option<Value<'a>>,
    pub(crate) item: Option<Value<'a>>,
    pub(crate) part: Option<Value<'a>>,
    pub(crate) annotation: Option<Value<'a>>,
    /// `partial_image_b64` of a partial image
    pub(crate) image: Option<Value<'a>>,
    pub(crate) response: Option<Value<'a>>,
    pub(super) error: Option<Value<'a>>,
    pub(super) message: Option<Value<'a>>,
    pub(super) code: Option<Value<'a>>,
    /// `sequence_number`
    pub(crate) number: Option<Value<'a>>,
    /// `obfuscation`
    pub(crate) filler: Option<Value<'a>>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Event<'a> {
    pub(crate) kind: EventKind,
    /// The type as sent, for notes.
    pub(crate) name: &'a [u8],
    /// The whole event.
    pub(crate) json: Value<'a>,
    pub(crate) members: Members<'a>,
    /// Its `response`, which may be large, read in passing.
    pub(crate) response: Response<'a>,
    /// What its `output_index` counts from.
    pub(crate) base: u64,
}

impl<'a> input::Event<'a> for Event<'a> {
    fn parse(json: &'a [u8], sse_name: &'a str) -> Result<Self, Malformed> {
        let mut found = Found::default();
        let json = json::walk_for(json, &mut found)?;
        let Found { members, response } = found;
        let name = members.kind.map_or(sse_name.as_bytes(), Str::raw);
        let kind = match EventKind::named(name) {
            EventKind::Other => EventKind::named(&Str::from_raw(name).unescaped()),
            kind => kind,
        };
        let kind = match kind {
            EventKind::Other if members.is_error(name) => EventKind::Error,
            EventKind::Other if envelope::is_name_of_failure(sse_name.as_bytes()) => EventKind::Error,
            EventKind::Other if response.has_failed() && !name.contains(&b'.') => {
                EventKind::Terminal(Status::Failed)
            }
            EventKind::Terminal(_) if members.has_failed(&response) => EventKind::Terminal(Status::Failed),
            kind => kind,
        };
        Ok(Self { kind, name, json, members, response, base: 0 })
    }

    fn json(&self) -> Value<'a> {
        self.json
    }

    fn names_itself(&self) -> bool {
        self.members.kind.is_some()
    }

    /// A Response that failed has an error, as an error event has.
    fn is_document(&self) -> bool {
        let is_response = || document_status(self.json).is_some();
        self.kind == EventKind::Other || self.kind == EventKind::Error && is_response()
    }

    fn varying_text(&self) -> Option<Value<'a>> {
        self.members.delta
    }

    fn varying_rest(&self) -> [Option<Value<'a>>; 2] {
        [self.members.filler, self.members.number]
    }
}

impl<'a> Event<'a> {
    /// Which part of its item a text belongs to; 0 where the upstream leaves it out.
    pub(crate) fn part_index(&self) -> u64 {
        let Members { content_index, summary_index, .. } = self.members;
        summary_index.or(content_index).and_then(Value::as_u64).unwrap_or(0)
    }

    pub(crate) fn item_id(&self) -> Option<Str<'a>> {
        id(self.members.item_id)
    }

    pub(crate) fn sequence_number(&self) -> Option<u64> {
        self.members.number.and_then(Value::as_u64)
    }

    pub(crate) fn output_index(&self) -> Option<u64> {
        self.members.output_index.and_then(Value::as_u64).map(|index| index.saturating_add(self.base))
    }
}

impl<'a> Members<'a> {
    /// An error as chat servers and gateways write it: without a type of event, with `error`, or with a message and code.
    fn is_error(&self, name: &[u8]) -> bool {
        let has_error = self.error.is_some_and(|error| !error.is_null());
        let says_error = has_error || self.message.and(self.code).is_some();
        says_error && self.response.is_none() && !name.contains(&b'.')
    }

    /// A response that ends without a status, and with an error.
    fn has_failed(&self, response: &Response<'_>) -> bool {
        let has_error = || response.error.is_some() || self.error.is_some_and(envelope::is_error);
        response.status.is_none() && has_error()
    }

    fn set(&mut self, key: Str<'a>, value: Value<'a>) {
        if !self.set_named(key.raw(), value) && key.is_escaped() {
            self.set_named(&key.unescaped(), value);
        }
    }

    /// `false` for a key that no consumer reads.
    fn set_named(&mut self, key: &[u8], value: Value<'a>) -> bool {
        let slot = match key {
            b"type" => {
                self.kind = id(Some(value)).or(self.kind); // given twice, the second time as null
                return true;
            }
            b"delta" => &mut self.delta,
            b"sequence_number" => &mut self.number,
            b"obfuscation" => &mut self.filler,
            b"item_id" => &mut self.item_id,
            b"output_index" => &mut self.output_index,
            b"content_index" => &mut self.content_index,
            b"summary_index" => &mut self.summary_index,
            b"text" | b"refusal" | b"arguments" | b"input" => &mut self.whole,
            b"logprobs" => &mut self.logprobs,
            b"call_id" => &mut self.call_id,
            b"name" => &mut self.name,
            b"item" => &mut self.item,
            b"part" => &mut self.part,
            b"annotation" => &mut self.annotation,
            b"partial_image_b64" => &mut self.image,
            b"response" => &mut self.response,
            b"error" => &mut self.error,
            b"message" => &mut self.message,
            b"code" => &mut self.code,
            _ => return false,
        };
        *slot = Some(value);
        true
    }
}

/// What is found in one walk.
#[derive(Default)]
struct Found<'a> {
    members: Members<'a>,
    response: Response<'a>,
}

impl<'a> Walk<'a> for Found<'a> {
    fn room(key: &[u8]) -> usize {
        room(key)
    }

    fn member(&mut self, key: Str<'a>, value: Value<'a>) {
        self.members.set(key, value);
    }

    /// The last of each counts.
    fn enters(&mut self, key: Str<'a>) -> bool {
        let is_response = key.is("response");
        if is_response {
            self.response = Response::default();
        }
        is_response
    }

    fn inner(&mut self, key: Str<'a>, value: Value<'a>) {
        self.response.set(key, value);
    }
}

/// How many levels deeper a member comes to lie in the terminal event, where the final Response has it:
/// `response.output[].content[].annotations[]`.
fn room(key: &[u8]) -> usize {
    match key {
        b"output" => 1, // of a body that is the Response
        b"item" => 2,
        b"part" => 4,
        b"logprobs" => 5,
        b"annotation" => 6,
        key if key.contains(&b'\\') => 6, // any of these, spelled with escapes
        _ => 0,
    }
}
