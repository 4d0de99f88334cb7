//! Enters: the JSON of an item, a part or a response object. Leaves: the members that any consumer reads.

use super::{ItemKind, Lane, Status};
use crate::json::{Str, Value, write};
use crate::limits::MAX_RATE_LIMITS_BYTES;

/// One output item, from `output_item.*` or a terminal `output`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(crate) kind: ItemKind,
    /// The type as sent, for notes.
    pub(crate) type_name: Str<'a>,
    pub(crate) id: Option<Str<'a>>,
    pub(crate) call_id: Option<Str<'a>>,
    pub(crate) name: Option<Str<'a>>,
    pub(crate) namespace: Option<Str<'a>>,
    /// `arguments` of a function call, `input` of a custom one
    pub(crate) arguments: Option<Value<'a>>,
    pub(crate) content: Option<Value<'a>>,
    pub(crate) summary: Option<Value<'a>>,
    /// `result` of a generated image, as base64
    pub(crate) result: Option<Value<'a>>,
    pub(crate) output_format: Option<Value<'a>>,
    /// A message that tells of work in progress; not the answer.
    pub(crate) is_commentary: bool,
    /// Its `status` says that it stopped early.
    pub(crate) is_cut: bool,
}

/// The members of an item as they come, the last of each.
#[derive(Default)]
struct Found<'a> {
    kind: Option<Value<'a>>,
    id: Option<Value<'a>>,
    call_id: Option<Value<'a>>,
    name: Option<Value<'a>>,
    namespace: Option<Value<'a>>,
    arguments: Option<Value<'a>>,
    input: Option<Value<'a>>,
    content: Option<Value<'a>>,
    summary: Option<Value<'a>>,
    result: Option<Value<'a>>,
    output_format: Option<Value<'a>>,
    execution: Option<Value<'a>>,
    phase: Option<Value<'a>>,
    status: Option<Value<'a>>,
}

impl<'a> Found<'a> {
    fn set(&mut self, key: Str<'a>, value: Value<'a>) {
        let slot = match &*key.unescaped() {
            b"type" => &mut self.kind,
            b"id" => &mut self.id,
            b"call_id" => &mut self.call_id,
            b"name" => &mut self.name,
            b"namespace" => &mut self.namespace,
            b"arguments" => &mut self.arguments,
            b"input" => &mut self.input,
            b"content" => &mut self.content,
            b"summary" => &mut self.summary,
            b"result" => &mut self.result,
            b"output_format" => &mut self.output_format,
            b"execution" => &mut self.execution,
            b"phase" => &mut self.phase,
            b"status" => &mut self.status,
            _ => return,
        };
        *slot = Some(value);
    }

    fn item(self) -> Option<Item<'a>> {
        let is =
            |value: Option<Value<'_>>, text| value.and_then(Value::as_str).is_some_and(|own| own.is(text));
        let type_name = self.kind?.as_str()?;
        Some(Item {
            kind: ItemKind::named(&type_name.unescaped(), is(self.execution, "client")),
            type_name,
            id: id(self.id),
            call_id: id(self.call_id),
            name: id(self.name),
            namespace: id(self.namespace),
            arguments: self.arguments.or(self.input),
            content: self.content,
            summary: self.summary,
            result: self.result,
            output_format: self.output_format,
            is_commentary: is(self.phase, "commentary"),
            is_cut: is(self.status, "incomplete"),
        })
    }
}

impl<'a> Item<'a> {
    /// `None` for what is not an object with a `type`.
    pub(crate) fn parse(item: Value<'a>) -> Option<Self> {
        let mut found = Found::default();
        item.each_member(|key, value| found.set(key, value));
        found.item()
    }

    /// Each element of `list` as [`Item::parse`] has it: a list may be large, and is walked once.
    pub(crate) fn each(list: Value<'a>) -> impl Iterator<Item = Option<Self>> {
        let mut elements = list.elements();
        std::iter::from_fn(move || {
            let mut found = Found::default();
            elements.next_object(|key, value| found.set(key, value))?;
            Some(found.item())
        })
    }
}

/// What a `codex.rate_limits` event says, as one compact object; `None` where it says more than is kept.
pub(crate) fn rate_limits(event: Value<'_>) -> Option<String> {
    let mut out = b"{".to_vec();
    event.each_member(|key, value| {
        if !key.is("type") {
            out.extend_from_slice(if out.len() == 1 { b"\"" } else { b",\"" });
            out.extend_from_slice(key.raw());
            out.extend_from_slice(b"\":");
            write::compact(&mut out, value.raw());
        }
    });
    out.push(b'}');
    (out.len() <= MAX_RATE_LIMITS_BYTES).then(|| String::from_utf8_lossy(&out).into_owned())
}

/// A part of a message or reasoning item.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) lane: Lane,
    pub(crate) text: Str<'a>,
    annotations: Option<Value<'a>>,
}

/// The members of a part as they come, the last of each.
#[derive(Default)]
struct FoundPart<'a> {
    kind: Option<Value<'a>>,
    text: Option<Value<'a>>,
    refusal: Option<Value<'a>>,
    annotations: Option<Value<'a>>,
}

impl<'a> FoundPart<'a> {
    fn set(&mut self, key: Str<'a>, value: Value<'a>) {
        let slot = match &*key.unescaped() {
            b"type" => &mut self.kind,
            b"text" => &mut self.text,
            b"refusal" => &mut self.refusal,
            b"annotations" => &mut self.annotations,
            _ => return,
        };
        *slot = Some(value);
    }

    fn part(self) -> Option<Part<'a>> {
        let (lane, text) = match self.kind?.as_str()?.raw() {
            b"output_text" | b"text" => (Lane::Text, self.text),
            b"refusal" => (Lane::Refusal, self.refusal),
            b"summary_text" => (Lane::Summary, self.text),
            b"reasoning_text" => (Lane::Reasoning, self.text),
            _ => return None,
        };
        Some(Part { lane, text: text?.as_str()?, annotations: self.annotations })
    }
}

impl<'a> Part<'a> {
    /// `None` for what is not a part that says something.
    pub(crate) fn parse(part: Value<'a>) -> Option<Self> {
        let mut found = FoundPart::default();
        part.each_member(|key, value| found.set(key, value));
        found.part()
    }

    /// Each element of `list` as [`Part::parse`] has it.
    pub(crate) fn each(list: Value<'a>) -> impl Iterator<Item = Option<Self>> {
        let mut elements = list.elements();
        std::iter::from_fn(move || {
            let mut found = FoundPart::default();
            elements.next_object(|key, value| found.set(key, value))?;
            Some(found.part())
        })
    }

    pub(crate) fn annotations(&self) -> impl Iterator<Item = Value<'a>> {
        self.annotations.into_iter().flat_map(Value::elements)
    }
}

/// A citation of a web page; offsets count code points of its part.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Citation<'a> {
    pub(crate) url: Str<'a>,
    pub(crate) title: Option<Str<'a>>,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// A `url_citation`; else the annotation's type.
pub(crate) fn citation(annotation: Value<'_>) -> Result<Citation<'_>, &[u8]> {
    let text = |key| annotation.get(key).and_then(Value::as_str);
    let offset = |key| annotation.get(key).and_then(Value::as_u64).unwrap_or(0);
    let kind = text("type").map_or(&b""[..], Str::raw);
    match text("url").filter(|_| kind == b"url_citation") {
        Some(url) => {
            Ok(Citation { url, title: text("title"), start: offset("start_index"), end: offset("end_index") })
        }
        None => Err(kind),
    }
}

/// A usable id or name: a string that is not blank.
pub(crate) fn id(value: Option<Value<'_>>) -> Option<Str<'_>> {
    value?.as_str().filter(|text| !text.raw().iter().all(u8::is_ascii_whitespace))
}

/// What a response object says of itself.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Response<'a> {
    pub(crate) id: Option<Str<'a>>,
    pub(crate) created_at: Option<u64>,
    pub(crate) model: Option<Str<'a>>,
    pub(crate) service_tier: Option<Str<'a>>,
    pub(crate) status: Option<Str<'a>>,
    pub(crate) incomplete_reason: Option<Str<'a>>,
    pub(crate) usage: Option<Value<'a>>,
    pub(crate) output: Option<Value<'a>>,
}

/// How a body that is a plain Response says it ended; `None` for what is no Response.
pub(crate) fn document_status(document: Value<'_>) -> Option<Status> {
    let response = Response::parse(document);
    response.output?;
    Some(response.status.and_then(Status::named).unwrap_or(Status::Completed))
}

impl<'a> Response<'a> {
    pub(crate) fn parse(response: Value<'a>) -> Self {
        let mut read = Self::default();
        response.each_member(|key, value| match &*key.unescaped() {
            b"id" => read.id = id(Some(value)),
            b"created_at" => read.created_at = value.as_u64(),
            b"model" => read.model = id(Some(value)),
            b"service_tier" => read.service_tier = id(Some(value)),
            b"status" => read.status = value.as_str(),
            b"incomplete_details" => read.incomplete_reason = value.get("reason").and_then(Value::as_str),
            b"usage" => read.usage = Some(value),
            b"output" => read.output = Some(value),
            _ => {}
        });
        read
    }
}
