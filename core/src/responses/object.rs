//! Enters: the JSON of an item, a part or a response object. Leaves: the members that any consumer reads.

use super::{ItemKind, Lane, Status};
use crate::json::{Str, Value, write};
use crate::limits::MAX_RATE_LIMITS_BYTES;

/// One output item, from `output_item.*` or a terminal `output`.
#[derive(Debug, Default, Clone, Copy)]
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

impl<'a> Item<'a> {
    /// `None` for what is not an object with a `type`.
    pub(crate) fn parse(item: Value<'a>) -> Option<Self> {
        let mut read = Self::default();
        let (mut type_name, mut input, mut is_client_executed) = (None, None, false);
        let is = |value: Value<'_>, text| value.as_str().is_some_and(|own| own.is(text));
        item.each_member(|key, value| match &*key.unescaped() {
            b"type" => type_name = value.as_str(),
            b"id" => read.id = id(Some(value)),
            b"call_id" => read.call_id = id(Some(value)),
            b"name" => read.name = id(Some(value)),
            b"namespace" => read.namespace = id(Some(value)),
            b"arguments" => read.arguments = Some(value),
            b"input" => input = Some(value),
            b"content" => read.content = Some(value),
            b"summary" => read.summary = Some(value),
            b"result" => read.result = Some(value),
            b"output_format" => read.output_format = Some(value),
            b"execution" => is_client_executed = is(value, "client"),
            b"phase" => read.is_commentary = is(value, "commentary"),
            b"status" => read.is_cut = is(value, "incomplete"),
            _ => {}
        });
        read.arguments = read.arguments.or(input);
        read.type_name = type_name?;
        read.kind = ItemKind::named(&read.type_name.unescaped(), is_client_executed);
        Some(read)
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

/// A part of a message or reasoning item: its lane, its text, its annotations.
pub(crate) fn part(part: Value<'_>) -> Option<(Lane, Str<'_>)> {
    let kind = part.get("type")?.as_str()?;
    let (lane, key) = match kind.raw() {
        b"output_text" | b"text" => (Lane::Text, "text"),
        b"refusal" => (Lane::Refusal, "refusal"),
        b"summary_text" => (Lane::Summary, "text"),
        b"reasoning_text" => (Lane::Reasoning, "text"),
        _ => return None,
    };
    Some((lane, part.get(key)?.as_str()?))
}

/// Annotations of a message part.
pub(crate) fn annotations(part: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    part.get("annotations").into_iter().flat_map(Value::elements)
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
