//! Parts of a message or of a tool's output: one table of what they are called in the protocols that clients mix, and
//! what each is in Responses.
//!
//! Input: a part. Output: a Responses part. State: none.

use super::super::cache_marks::{BREAKPOINT, CACHE_CONTROL};
use super::super::input_shapes::{
    INPUT_FILE, INPUT_IMAGE, INPUT_TEXT, OUTPUT_TEXT, PartKind, Place, REFUSAL,
};
use super::super::name_table::NameTable;
use super::super::path::{self, Path};
use super::super::request_edit::{earlier_duplicates, reject};
use super::files;
use super::tools::{closed, flat};
use super::{given, missing, wrong_type};
use crate::error::Error;
use crate::error::RejectCode;
use crate::json::splice::Edits;
use crate::json::tree::{Node, Tree};
use crate::json::{Str, write};

/// Responses has two types of text: what the model gets, and what it gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextSide {
    /// Everyone but the assistant, tools included.
    Input,
    Output,
}

impl TextSide {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Input => INPUT_TEXT,
            Self::Output => OUTPUT_TEXT,
        }
    }

    pub(super) fn place(self) -> Place {
        match self {
            Self::Input => Place::Input,
            Self::Output => Place::Assistant,
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
    /// As Responses has it, or unknown.
    Other,
}

const FORMS: [(&str, Form); 9] = [
    ("text", Form::Text),
    (INPUT_TEXT, Form::Text),
    (OUTPUT_TEXT, Form::Text),
    ("image_url", Form::Image),
    // Anthropic's and MCP's.
    ("image", Form::Image),
    ("document", Form::File),
    ("file", Form::File),
    ("input_audio", Form::Audio),
    (REFUSAL, Form::Refusal),
];

static FORM_NAMES: NameTable<9> = NameTable::of_rows(&FORMS);

impl Form {
    pub(super) fn of(kind: Str<'_>) -> Self {
        FORM_NAMES.find_text(kind).map_or(Self::Other, |at| FORMS[at].1)
    }
}

/// Whose words a part is that stands alone, where a message should; `None` for what is no part.
pub(super) fn loose(part: Node<'_>) -> Option<TextSide> {
    let kind = part.text("type").filter(|_| part.get("role").is_none())?;
    match Form::of(kind) {
        Form::Text if kind.is(OUTPUT_TEXT) => Some(TextSide::Output),
        Form::Refusal => Some(TextSide::Output),
        Form::Text | Form::Image | Form::File | Form::Audio => Some(TextSide::Input),
        Form::Other => [INPUT_IMAGE, INPUT_FILE].iter().any(|own| kind.is(own)).then_some(TextSide::Input),
    }
}

/// A part as Responses has it. Text alone may come without a type.
pub(super) fn part(part: Node<'_>, side: TextSide, path: &Path<'_>) -> Result<Vec<u8>, Error> {
    if let Some(text) = part.as_str() {
        return Ok(text_part(side.text(), text));
    }
    if !part.is_object() {
        return Err(wrong_type(part, path, "an object"));
    }
    let Some(kind) = part.get("type") else {
        part.text("text").ok_or_else(|| missing(part, &path.key("type")))?;
        return text(part, side, path);
    };
    let name = kind.as_str().ok_or_else(|| wrong_type(kind, &path.key("type"), "a string"))?;
    match Form::of(name) {
        Form::Text => Ok(text(part, side, path)?),
        Form::Image => image(part, path),
        Form::File => files::file(part, path),
        Form::Refusal => Ok(marked(refusal(string(part, REFUSAL, path)?), part)),
        Form::Audio if part.get("audio_url").is_some() => Ok(part.raw().to_vec()),
        Form::Audio => Err(audio(kind, path)),
        // An image's URL is unfolded with those of all routes.
        Form::Other if name.is(INPUT_IMAGE) => {
            Ok(nested(part).unwrap_or_else(|| closed(flat(INPUT_IMAGE, part, "", ""))))
        }
        Form::Other if name.is(INPUT_FILE) => {
            Ok(nested(part).unwrap_or_else(|| closed(flat(INPUT_FILE, part, "", ""))))
        }
        Form::Other if PartKind::named(name).is_some() => Ok(part.raw().to_vec()),
        Form::Other => Err(unknown(kind, name, side, path)),
    }
}

fn unknown(kind: Node<'_>, name: Str<'_>, side: TextSide, path: &Path<'_>) -> Error {
    let (given, names) = (name.decode(), PartKind::names(side.place()));
    let message = format!("Invalid value: '{}'. Supported values are: {names}.", path::shown(&given));
    reject(RejectCode::UnsupportedValue, kind, &path.key("type"), &message)
}

pub(super) fn audio(kind: Node<'_>, path: &Path<'_>) -> Error {
    let message = "Unsupported value: input_audio (Responses takes no audio)";
    reject(RejectCode::UnsupportedValue, kind, &path.key("type"), message)
}

/// A part of another protocol for a tool's output; `None` for what Responses has no form of.
pub(in crate::request) fn foreign_part(part: Node<'_>) -> Option<Vec<u8>> {
    let kind = part.text("type")?;
    match Form::of(kind) {
        Form::Text => Some(marked(text_part(INPUT_TEXT, part.text("text")?), part)),
        Form::Image => image(part, &Path::Root).ok(),
        Form::File => files::file(part, &Path::Root).ok(),
        Form::Other => nested(part),
        Form::Audio | Form::Refusal => None,
    }
}

/// The same, and Responses' own, for what no rule looks at again: with what its row has, once, and no more. An uploaded file
/// is none of it, for not every backend has those.
pub(in crate::request) fn closed_part(part: Node<'_>) -> Option<Vec<u8>> {
    let is_image = part.get("type").is_some_and(|kind| kind.is(INPUT_IMAGE));
    let written = if is_image { image(part, &Path::Root).ok() } else { foreign_part(part) };
    let written = written.unwrap_or_else(|| part.raw().to_vec());
    let tree = Tree::parse(&written).ok()?;
    let root = tree.root();
    let kind = PartKind::named(root.text("type")?).filter(|kind| kind.stands(Place::Output))?;
    if given(root, "file_id").is_some() || !shows_text(root, kind) {
        return None;
    }
    let is_fetched = given(root, "file_url").is_some() && given(root, "file_data").is_none();
    let is_other =
        |member: &Node<'_>| !kind.has(&member.key_bytes()) || (is_fetched && member.is_named("filename"));
    let mut edits = Edits::default();
    let surplus = root.members().filter(is_other).chain(earlier_duplicates(root));
    surplus.for_each(|member| edits.remove(member));
    Some(edits.apply(root))
}

/// Whether what must be text is: a text, and the URL of an image or a file.
fn shows_text(part: Node<'_>, kind: &PartKind) -> bool {
    let is_url = |key| given(part, key).is_none_or(|own| own.as_str().is_some());
    let has_text = kind.name != INPUT_TEXT || part.text("text").is_some();
    has_text && ["image_url", "file_url"].into_iter().all(is_url)
}

pub(in crate::request) fn text_part(kind: &str, text: Str<'_>) -> Vec<u8> {
    [br#"{"type":""#, kind.as_bytes(), br#"","text":""#, text.raw(), br#""}"#].concat()
}

/// A text with what belongs to it: an answer's citations stay with the assistant's words.
fn text(part: Node<'_>, side: TextSide, path: &Path<'_>) -> Result<Vec<u8>, Error> {
    let mut out = text_part(side.text(), string(part, "text", path)?);
    for key in ["annotations", "logprobs"].into_iter().filter(|_| side == TextSide::Output) {
        if let Some(own) = part.get(key).filter(|own| own.is_array()) {
            out.pop();
            out.extend_from_slice(&[b",\"", key.as_bytes(), b"\":", own.raw(), b"}"].concat());
        }
    }
    Ok(marked(out, part))
}

pub(super) fn simple_text(text: Str<'_>, side: TextSide) -> Vec<u8> {
    text_part(side.text(), text)
}

pub(super) fn refusal(text: Str<'_>) -> Vec<u8> {
    [br#"{"type":"refusal","refusal":""#, text.raw(), br#""}"#].concat()
}

/// An image as `input_image`, wherever its URL or data is: `image_url` (an object or the URL itself), `source`, `image`,
/// or `data` and `mimeType`.
pub(super) fn image(part: Node<'_>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
    const KEY: &str = "image_url";
    let own = part.get(KEY).filter(|own| !own.is_null());
    let mut out = br#"{"type":"input_image","#.to_vec();
    match own {
        Some(image) if image.is_object() => {
            let url = string(image, "url", &path.key(KEY))?;
            write::pieces(&mut out, [b"\"image_url\":\"", url.raw(), b"\""]);
        }
        Some(image) => {
            let url = image.as_str().ok_or_else(|| wrong_type(image, &path.key(KEY), "an object"))?;
            write::pieces(&mut out, [b"\"image_url\":\"", url.raw(), b"\""]);
        }
        None => {
            let source = source(part, [KEY, "file_id"]).ok_or_else(|| missing(part, &path.key(KEY)))?;
            out.extend_from_slice(&source);
        }
    }
    let detail = own.filter(|own| own.is_object()).and_then(|own| given(own, "detail"));
    if let Some(detail) = detail.or_else(|| given(part, "detail")) {
        write::pieces(&mut out, [b",\"detail\":", detail.raw()]);
    }
    Ok(marked(closed(out), part))
}

/// Where a part's bytes are, as the member for a URL or for the id of an uploaded file.
pub(super) fn source(part: Node<'_>, [url_key, id_key]: [&str; 2]) -> Option<Vec<u8>> {
    let member = |key: &str, text: &[u8]| [b"\"", key.as_bytes(), b"\":\"", text, b"\""].concat();
    let inner = ["source", "image"].into_iter().find_map(|key| given(part, key));
    if let Some(url) = inner.and_then(Node::as_str).or_else(|| part.text("url")) {
        return Some(member(url_key, url.raw()));
    }
    let holder = inner.filter(|inner| inner.is_object()).unwrap_or(part);
    if let Some(url) = holder.text("url") {
        return Some(member(url_key, url.raw()));
    }
    if let Some(id) = holder.text("file_id") {
        return Some(member(id_key, id.raw()));
    }
    let data = holder.text("data")?;
    if data.raw().starts_with(b"data:") {
        return Some(member(url_key, data.raw()));
    }
    let mime =
        ["media_type", "mimeType", "mediaType", "mime_type"].into_iter().find_map(|key| holder.text(key))?;
    Some(member(url_key, &[b"data:", mime.raw(), b";base64,", data.raw()].concat()))
}

/// `input_image` and `input_file` that keep what they show as the parts of other protocols do.
pub(super) fn nested(part: Node<'_>) -> Option<Vec<u8>> {
    let has = |key: &str| given(part, key).is_some();
    match part.get("type")? {
        kind if kind.is(INPUT_FILE) && files::is_nested(part) => files::file(part, &Path::Root).ok(),
        kind if kind.is(INPUT_IMAGE) && !has("image_url") && !has("file_id") => image(part, &Path::Root).ok(),
        _ => None,
    }
}

/// What parts are written with, beside their cache marks.
const OF_TEXT: &[&str] = &["type", "text"];
const OF_ANSWER: &[&str] = &["type", "text", "annotations", "logprobs"];
const OF_REFUSAL: &[&str] = &["type", REFUSAL];
const OF_IMAGE: &[&str] = &["type", "image_url", "detail"];
const OF_SOURCE: &[&str] = &[
    "type",
    "detail",
    "source",
    "image",
    "url",
    "file_id",
    "data",
    "media_type",
    "mimeType",
    "mediaType",
    "mime_type",
];

/// Whether a part is written with this member of it.
pub(super) fn keeps(part: Node<'_>, member: Node<'_>, side: TextSide) -> bool {
    let kind = part.text("type");
    let is = |name: &str| kind.is_some_and(|kind| kind.is(name)) && nested(part).is_some();
    let names = match kind.map_or(Form::Text, Form::of) {
        Form::Text if side == TextSide::Output && member.is_array() => OF_ANSWER,
        Form::Text => OF_TEXT,
        Form::Refusal => OF_REFUSAL,
        Form::Image if given(part, "image_url").is_some() => OF_IMAGE,
        Form::Image => OF_SOURCE,
        Form::File => files::members(part),
        Form::Other if is(INPUT_IMAGE) => OF_SOURCE,
        Form::Other if is(INPUT_FILE) => files::members(part),
        Form::Audio | Form::Other => return true,
    };
    let marks = [BREAKPOINT, CACHE_CONTROL];
    member.is_null() || names.iter().chain(&marks).any(|name| member.is_named(name))
}

/// A citation as Responses has it: chat nests it.
pub(in crate::request) fn annotation(annotation: Node<'_>) -> Option<Vec<u8>> {
    const KIND: &str = "url_citation";
    annotation.get("type").filter(|kind| kind.is(KIND))?;
    let holder = given(annotation, KIND).filter(|nest| nest.is_object()).unwrap_or(annotation);
    holder.text("url")?;
    Some(closed(flat(KIND, annotation, KIND, "")))
}

/// Whether a written part is an image or a file, which only others than the assistant show.
pub(super) fn is_shown(part: &[u8]) -> bool {
    [&br#"{"type":"input_image""#[..], br#"{"type":"input_file""#].iter().any(|head| part.starts_with(head))
}

/// Adds citations to the one text of a message.
pub(super) fn cite(parts: &mut [Vec<u8>], citations: &[u8]) -> bool {
    const TEXT: &[u8] = br#"{"type":"output_text""#;
    let mut texts = parts.iter_mut().filter(|part| part.starts_with(TEXT));
    match (texts.next(), texts.next()) {
        (Some(text), None) => {
            text.pop();
            write::pieces(text, [b",\"annotations\":", citations, b"}"]);
            true
        }
        _ => false,
    }
}

/// The part with its cache marks: what becomes of them is the profile's matter.
pub(super) fn marked(mut written: Vec<u8>, part: Node<'_>) -> Vec<u8> {
    for key in [BREAKPOINT, CACHE_CONTROL] {
        if let Some(mark) = given(part, key) {
            written.pop();
            write::pieces(&mut written, [b",\"", key.as_bytes(), b"\":", mark.raw(), b"}"]);
        }
    }
    written
}

/// The string that `holder` must have.
pub(super) fn string<'t>(holder: Node<'t>, key: &str, path: &Path<'_>) -> Result<Str<'t>, Error> {
    let path = &path.key(key);
    let member = holder.get(key).ok_or_else(|| missing(holder, path))?;
    member.as_str().ok_or_else(|| wrong_type(member, path, "a string"))
}
