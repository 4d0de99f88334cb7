//! Views of the items and parts of Responses.
//!
//! Input: the JSON of an item or a part. Output: the members that any consumer reads. State: none.

use super::{ItemType, MESSAGE};
use crate::answer::{Citation, Declared, TextKind};
use crate::envelope;
use crate::json::{Str, Value};
use crate::limits::MAX_RATE_LIMITS_BYTES;
use crate::outcome::plain;

/// One output item, from `output_item.*` or a terminal `output`.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_field_names, reason = "`type` is a keyword, and `kind` that of a text or call")]
pub(crate) struct Item<'a> {
    pub(crate) item_type: ItemType,
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
    /// What it declares of a generated image.
    pub(crate) declared: Declared<'a>,
    /// A message on work in progress; not the answer.
    pub(crate) is_commentary: bool,
    /// By its `status` it stopped early.
    pub(crate) is_cut: bool,
    /// By its `status` it failed.
    pub(crate) is_failed: bool,
    /// Reasoning that only the upstream can read.
    pub(crate) encrypted_content: Option<Str<'a>>,
    /// As in [`ONLY_HERE`].
    pub(crate) only_here: [Option<Value<'a>>; 3],
    pub(crate) error: Option<Value<'a>>,
    /// What a hosted call did.
    pub(crate) action: Option<Value<'a>>,
}

/// The members of an item as they come, the last of each.
#[derive(Default)]
struct Found<'a> {
    kind: Option<Value<'a>>,
    role: Option<Value<'a>>,
    id: Option<Value<'a>>,
    call_id: Option<Value<'a>>,
    name: Option<Value<'a>>,
    namespace: Option<Value<'a>>,
    arguments: Option<Value<'a>>,
    input: Option<Value<'a>>,
    content: Option<Value<'a>>,
    summary: Option<Value<'a>>,
    result: Option<Value<'a>>,
    declared: Declared<'a>,
    execution: Option<Value<'a>>,
    phase: Option<Value<'a>>,
    status: Option<Value<'a>>,
    encrypted_content: Option<Value<'a>>,
    only_here: [Option<Value<'a>>; 3],
    error: Option<Value<'a>>,
    action: Option<Value<'a>>,
}

/// Members that change what a client must do with a call, and that no other dialect has.
pub(crate) const ONLY_HERE: [&str; 3] = ["caller", "async", "encrypted_function_args"];

impl<'a> Found<'a> {
    /// A name without escapes, as nearly all are, is compared as it was sent.
    fn set(&mut self, key: Str<'a>, value: Value<'a>) {
        if !self.set_named(key.raw(), value) && key.is_escaped() {
            self.set_named(&key.unescaped(), value);
        }
    }

    /// Whether it is one of them.
    fn set_named(&mut self, key: &[u8], value: Value<'a>) -> bool {
        let slot = match key {
            b"type" => &mut self.kind,
            b"role" => &mut self.role,
            b"id" => &mut self.id,
            b"call_id" => &mut self.call_id,
            b"name" => &mut self.name,
            b"namespace" => &mut self.namespace,
            b"arguments" => &mut self.arguments,
            b"input" => &mut self.input,
            b"content" => &mut self.content,
            b"summary" => &mut self.summary,
            b"result" => &mut self.result,
            b"execution" => &mut self.execution,
            b"phase" => &mut self.phase,
            b"status" => &mut self.status,
            b"encrypted_content" => &mut self.encrypted_content,
            b"error" => &mut self.error,
            b"action" => &mut self.action,
            key => match ONLY_HERE.iter().position(|name| name.as_bytes() == key) {
                Some(nth) => &mut self.only_here[nth],
                None => return declare(&mut self.declared, key, value),
            },
        };
        *slot = Some(value);
        true
    }

    fn item(self) -> Option<Item<'a>> {
        let is =
            |value: Option<Value<'_>>, text| value.and_then(Value::as_str).is_some_and(|own| own.is(text));
        let is_message = self.role.is_some() && self.content.is_some();
        let unnamed = is_message.then_some(Str::from_raw(MESSAGE.as_bytes()));
        let type_name = self.kind.and_then(Value::as_str).or(unnamed)?;
        Some(Item {
            item_type: ItemType::named(&type_name.unescaped(), is(self.execution, "client")),
            type_name,
            id: id(self.id),
            call_id: id(self.call_id),
            name: id(self.name),
            namespace: id(self.namespace),
            arguments: self.arguments.or(self.input),
            content: self.content,
            summary: self.summary,
            result: self.result,
            declared: self.declared,
            is_commentary: is(self.phase, "commentary"),
            is_cut: is(self.status, "incomplete"),
            is_failed: is(self.status, "failed"),
            encrypted_content: id(self.encrypted_content),
            only_here: self.only_here.map(|own| own.filter(|own| !own.is_null() && own.raw() != b"false")),
            error: self.error.filter(|error| envelope::is_error(*error)),
            action: self.action,
        })
    }
}

impl<'a> Item<'a> {
    /// Whether both are one: the same names, the same content, the same end.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let names =
            |of: &Self| [of.id, of.call_id, of.name, of.encrypted_content].map(|name| name.map(Str::raw));
        let content = |of: &Self| {
            [of.arguments, of.content, of.summary, of.result, of.action].map(|value| value.map(Value::raw))
        };
        let ended = |of: &Self| (of.item_type, of.is_cut, of.is_failed);
        ended(self) == ended(other) && names(self) == names(other) && content(self) == content(other)
    }

    /// `None` for what is neither an object with a `type` nor a message.
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

/// Takes a member of a generated image, or of the event of a partial one; whether it is one.
pub(crate) fn declare<'a>(image: &mut Declared<'a>, key: &[u8], value: Value<'a>) -> bool {
    let slot = match key {
        b"size" => &mut image.size,
        b"quality" => &mut image.quality,
        b"background" => &mut image.background,
        b"output_format" => &mut image.output_format,
        b"revised_prompt" => &mut image.revised_prompt,
        b"partial_image_index" => &mut image.partial_index,
        _ => return false,
    };
    *slot = Some(value);
    true
}

/// The members of a `codex.rate_limits` event, as one compact object, and whether it has all of them; `None` where they are
/// more than is kept.
pub(crate) fn rate_limits(event: Value<'_>) -> Option<(String, bool)> {
    let (mut out, mut is_whole) = (b"{".to_vec(), true);
    event.each_member(|key, value| {
        if !key.is("type") && out.len() <= MAX_RATE_LIMITS_BYTES {
            out.extend_from_slice(if out.len() == 1 { b"" } else { b"," });
            plain::as_sent(&mut out, key);
            out.push(b':');
            is_whole &= plain::copy(&mut out, value, plain::as_sent);
        }
    });
    out.push(b'}');
    let has_room = out.len() <= MAX_RATE_LIMITS_BYTES;
    has_room.then(|| (String::from_utf8_lossy(&out).into_owned(), is_whole))
}

/// A part of a message or reasoning item.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) kind: TextKind,
    pub(crate) text: Str<'a>,
    pub(crate) annotations: Option<Value<'a>>,
    pub(crate) logprobs: Option<Value<'a>>,
}

/// The members of a part as they come, the last of each.
#[derive(Default)]
struct FoundPart<'a> {
    kind: Option<Value<'a>>,
    text: Option<Value<'a>>,
    refusal: Option<Value<'a>>,
    annotations: Option<Value<'a>>,
    logprobs: Option<Value<'a>>,
}

impl<'a> FoundPart<'a> {
    /// A name without escapes, as nearly all are, is compared as it was sent.
    fn set(&mut self, key: Str<'a>, value: Value<'a>) {
        if !self.set_named(key.raw(), value) && key.is_escaped() {
            self.set_named(&key.unescaped(), value);
        }
    }

    /// Whether it is one of them.
    fn set_named(&mut self, key: &[u8], value: Value<'a>) -> bool {
        let slot = match key {
            b"type" => &mut self.kind,
            b"text" => &mut self.text,
            b"refusal" => &mut self.refusal,
            b"annotations" => &mut self.annotations,
            b"logprobs" => &mut self.logprobs,
            _ => return false,
        };
        *slot = Some(value);
        true
    }

    /// The item's type decides, then the part's: in a reasoning item every text but a summary is reasoning.
    fn part(self, of: ItemType) -> Option<Part<'a>> {
        let own = part_kind(self.kind?.as_str()?)?;
        let text = if own == TextKind::Refusal { self.refusal } else { self.text };
        let kind = match own {
            TextKind::Text | TextKind::Refusal if of == ItemType::Reasoning => TextKind::Reasoning,
            kind => kind,
        };
        let logprobs = tokens(self.logprobs);
        Some(Part { kind, text: text?.as_str()?, annotations: self.annotations, logprobs })
    }
}

fn part_kind(name: Str<'_>) -> Option<TextKind> {
    Some(match name.raw() {
        b"output_text" | b"text" | b"input_text" => TextKind::Text,
        b"refusal" => TextKind::Refusal,
        b"summary_text" => TextKind::Summary,
        b"reasoning_text" => TextKind::Reasoning,
        _ => return None,
    })
}

/// The types of parts that hold no text.
pub(crate) fn other_parts(content: Value<'_>) -> impl Iterator<Item = Str<'_>> {
    let parts = content.is_object().then_some(content).into_iter().chain(content.elements());
    let names = parts.filter_map(|part| part.get("type")?.as_str());
    names.filter(|name| part_kind(*name).is_none())
}

/// Logprobs, if there are any: an empty list, a string or null counts as missing.
pub(crate) fn tokens(logprobs: Option<Value<'_>>) -> Option<Value<'_>> {
    logprobs.filter(|tokens| tokens.elements().next().is_some())
}

impl<'a> Part<'a> {
    /// `None` for what is no part, or an empty one. `of`: the type of its item.
    pub(crate) fn parse(part: Value<'a>, of: ItemType) -> Option<Self> {
        let mut found = FoundPart::default();
        part.each_member(|key, value| found.set(key, value));
        found.part(of)
    }

    /// Each element of `list` as [`Part::parse`] has it. A string stands for a part, a part for a list of it.
    pub(crate) fn each(list: Value<'a>, of: ItemType) -> impl Iterator<Item = Option<Self>> {
        let kind = if of == ItemType::Reasoning { TextKind::Reasoning } else { TextKind::Text };
        let bare = move |text| Self { kind, text, annotations: None, logprobs: None };
        let part = || list.is_object().then(|| Self::parse(list, of));
        let alone = list.as_str().map(|text| Some(bare(text))).or_else(part);
        let mut elements = list.elements();
        alone.into_iter().chain(std::iter::from_fn(move || {
            let mut found = FoundPart::default();
            let element = elements.next_object(|key, value| found.set(key, value))?;
            Some(element.as_str().map(bare).or_else(|| found.part(of)))
        }))
    }
}

/// A `url_citation`, flat or nested as chat has it; else the annotation's type.
pub(crate) fn citation(annotation: Value<'_>) -> Result<Citation<'_>, &[u8]> {
    let kind = annotation.get("type").and_then(Value::as_str).map_or(&b""[..], Str::raw);
    if kind != b"url_citation" {
        return Err(kind);
    }
    let json = annotation.get("url_citation").filter(|own| own.is_object()).unwrap_or(annotation);
    let text = |key| json.get(key).and_then(Value::as_str);
    let offset = |key| json.get(key).and_then(Value::as_u64).unwrap_or(0);
    let url = text("url").unwrap_or(Str::from_raw(b""));
    Ok(Citation { url, title: text("title"), start: offset("start_index"), end: offset("end_index"), json })
}

/// A usable id or name: a string that is not blank.
pub(crate) fn id(value: Option<Value<'_>>) -> Option<Str<'_>> {
    value?.as_str().filter(|text| !text.raw().iter().all(u8::is_ascii_whitespace))
}
