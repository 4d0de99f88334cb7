//! Parts of a message or of a tool's output: one table of what they are called, the writers for chat's forms of them.

use super::super::Error;
use super::super::path::Path;
use super::super::request_edit::reject;
use super::tools::{closed, flat};
use super::{given, missing, wrong_type};
use crate::error::RejectCode;
use crate::json::Str;
use crate::json::tree::Node;

/// Who says it: Responses has two types of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// Everyone but the assistant, tools included.
    Input,
    Assistant,
}

impl Voice {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Input => "input_text",
            Self::Assistant => "output_text",
        }
    }
}

/// What a part is, whatever the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Image,
    File,
    Audio,
    Refusal,
    /// As Responses has it, or unknown: it passes.
    Other,
}

const FORMS: [(&str, Form); 7] = [
    ("text", Form::Text),
    ("input_text", Form::Text),
    ("output_text", Form::Text),
    ("image_url", Form::Image),
    ("file", Form::File),
    ("input_audio", Form::Audio),
    ("refusal", Form::Refusal),
];

impl Form {
    pub(super) fn of(kind: Str<'_>) -> Self {
        FORMS.iter().find(|(name, _)| kind.is(name)).map_or(Self::Other, |(_, form)| *form)
    }
}

/// Content that is a list, as Responses has it; `None` for anything else.
pub(super) fn list(content: Node<'_>, voice: Voice, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
    let parts = content.elements().enumerate();
    parts.map(|(index, part)| chat_part(part, voice, &path.index(index))).collect()
}

/// A chat part as Responses has it.
fn chat_part(part: Node<'_>, voice: Voice, path: &Path<'_>) -> Result<Vec<u8>, Error> {
    if let Some(said) = part.as_str() {
        return Ok(text(said, voice));
    }
    if !part.is_object() {
        return Err(wrong_type(part, path, "an object"));
    }
    let kind = part.get("type").ok_or_else(|| missing(part, &path.key("type")))?;
    let name = kind.as_str().ok_or_else(|| wrong_type(kind, &path.key("type"), "a string"))?;
    match Form::of(name) {
        Form::Text => Ok(marked(text(string(part, "text", path)?, voice), part)),
        Form::Image => image(part, path),
        Form::File => file(part, path),
        Form::Refusal => Ok(refusal(string(part, "refusal", path)?)),
        Form::Other => Ok(part.raw().to_vec()),
        Form::Audio => {
            let message = "Unsupported value: input_audio (Responses takes no audio)";
            Err(reject(RejectCode::UnsupportedValue, kind, &path.key("type"), message))
        }
    }
}

pub(super) fn text(said: Str<'_>, voice: Voice) -> Vec<u8> {
    [br#"{"type":""#, voice.text().as_bytes(), br#"","text":""#, said.raw(), br#""}"#].concat()
}

pub(super) fn refusal(said: Str<'_>) -> Vec<u8> {
    [br#"{"type":"refusal","refusal":""#, said.raw(), br#""}"#].concat()
}

/// `image_url`, an object or the URL itself, as `input_image`.
pub(super) fn image(part: Node<'_>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
    const KEY: &str = "image_url";
    let image = part.get(KEY).ok_or_else(|| missing(part, &path.key(KEY)))?;
    let url = match image.as_str() {
        Some(url) => url,
        None if image.is_object() => string(image, "url", &path.key(KEY))?,
        None => return Err(wrong_type(image, &path.key(KEY), "an object")),
    };
    let mut out = [br#"{"type":"input_image","image_url":""#, url.raw(), b"\""].concat();
    if let Some(detail) = given(image, "detail").or_else(|| given(part, "detail")) {
        out.extend_from_slice(&[b",\"detail\":", detail.raw()].concat());
    }
    Ok(marked(closed(out), part))
}

/// `file` as `input_file`: its members, flat.
pub(super) fn file(part: Node<'_>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
    const KEY: &str = "file";
    match given(part, KEY) {
        Some(file) if !file.is_object() => Err(wrong_type(file, &path.key(KEY), "an object")),
        None if !["file_id", "file_data", "file_url"].iter().any(|key| given(part, key).is_some()) => {
            Err(missing(part, &path.key(KEY)))
        }
        _ => Ok(closed(flat("input_file", part, KEY, ""))),
    }
}

/// The part with the cache mark that both protocols have.
fn marked(mut written: Vec<u8>, part: Node<'_>) -> Vec<u8> {
    if let Some(mark) = given(part, super::super::BREAKPOINT) {
        written.pop();
        written.extend_from_slice(&[b",\"prompt_cache_breakpoint\":", mark.raw(), b"}"].concat());
    }
    written
}

/// The string that `holder` must have.
pub(super) fn string<'t>(holder: Node<'t>, key: &str, path: &Path<'_>) -> Result<Str<'t>, Error> {
    let path = &path.key(key);
    let member = holder.get(key).ok_or_else(|| missing(holder, path))?;
    member.as_str().ok_or_else(|| wrong_type(member, path, "a string"))
}
