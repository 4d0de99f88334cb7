//! Parts of messages and of tools' outputs, as chat has them.
//!
//! Input: a part in any spelling that clients have. Output: the same for chat. State: none.

use crate::json::tree::Node;
use crate::json::{Str, write};
use std::borrow::Cow;

/// What a part is in chat.
pub(super) enum Part<'t> {
    /// JSON string contents.
    Text(Cow<'t, [u8]>),
    Refusal(Cow<'t, [u8]>),
    /// An image; JSON.
    Image(Vec<u8>),
    /// A file or sound; JSON.
    Other(Vec<u8>),
}

const FILE: [&str; 3] = ["file_data", "file_id", "filename"];
const FILE_URL: &str = "file_url";
const DETAILS: [&str; 3] = ["auto", "low", "high"];

impl<'t> Part<'t> {
    /// `None` for what chat has no form of.
    pub(super) fn read(part: Node<'t>) -> Option<Self> {
        let text = |key| part.text(key).map(|text| text.raw().into());
        match &*part.text("type")?.unescaped() {
            b"input_text" | b"output_text" | b"text" => Some(Self::Text(text("text")?)),
            b"refusal" => Some(Self::Refusal(text("refusal")?)),
            b"input_file" => Some(Self::Other(file(part)?)),
            b"input_audio" => Some(Self::Other(part.raw().to_vec())),
            _ => image_in(part).map(Self::Image),
        }
    }

    /// The same without what it borrows.
    pub(super) fn owned(self) -> Part<'static> {
        match self {
            Self::Text(text) => Part::Text(text.into_owned().into()),
            Self::Refusal(text) => Part::Refusal(text.into_owned().into()),
            Self::Image(json) => Part::Image(json),
            Self::Other(json) => Part::Other(json),
        }
    }

    /// As JSON string contents.
    pub(super) fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The members that were read.
    pub(super) fn members(&self, part: Node<'_>) -> &'static [&'static str] {
        let has_detail = || part.get("detail").is_some_and(|own| DETAILS.iter().any(|known| own.is(known)));
        match self {
            Self::Text(_) => &["text"],
            Self::Refusal(_) => &["refusal"],
            Self::Image(_) if has_detail() => {
                &["image_url", "url", "source", "data", "mimeType", "mime_type", "detail"]
            }
            Self::Image(_) => &["image_url", "url", "source", "data", "mimeType", "mime_type"],
            Self::Other(_) if data_url(part).is_some() => &[FILE_URL, FILE[1], FILE[2]],
            Self::Other(_) => &[FILE[0], FILE[1], FILE[2], "input_audio"],
        }
    }

    /// As an element of a content.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => write::pieces(out, [br#"{"type":"text","text":""#, &text[..], b"\"}"]),
            Self::Refusal(text) => {
                write::pieces(out, [br#"{"type":"refusal","refusal":""#, &text[..], b"\"}"]);
            }
            Self::Image(json) | Self::Other(json) => out.extend_from_slice(json),
        }
    }
}

/// A content: one text as the string that every server takes, else a list.
pub(super) fn content(parts: &[Part<'_>]) -> Vec<u8> {
    match parts {
        [] => b"\"\"".to_vec(),
        [Part::Text(text)] => [b"\"", &text[..], b"\""].concat(),
        parts => {
            let mut out = b"[".to_vec();
            write::separated(&mut out, parts, |out, part| part.write(out));
            out.push(b']');
            out
        }
    }
}

/// An image in one of the spellings that clients and tools have: `input_image`, chat's `image_url`, `image` with `source`
/// or with `data`. One that is only known by an id is on a server that does not speak chat.
pub(super) fn image_in(part: Node<'_>) -> Option<Vec<u8>> {
    let kind = part.text("type")?;
    let is_kind = |names: &[&str]| names.iter().any(|name| kind.is(name));
    if is_kind(&["input_image", "image_url", "computer_screenshot"]) {
        let own = part.get("image_url")?;
        let url = own.as_str().or_else(|| own.text("url"))?;
        return Some(image_url(url.raw(), part.get("detail").or_else(|| own.get("detail"))));
    }
    if !is_kind(&["image"]) {
        return None;
    }
    let source = part.get("source").unwrap_or(part);
    if let Some(url) = source.text("url").or_else(|| part.text("image_url")) {
        return Some(image_url(url.raw(), part.get("detail")));
    }
    let media = ["media_type", "mimeType", "mime_type"].into_iter().find_map(|key| source.text(key));
    let media = media.map_or(&b"image/png"[..], |own| own.raw());
    let url = [&b"data:"[..], media, b";base64,", source.text("data")?.raw()];
    Some(image_url(&url.concat(), None))
}

/// `url`: JSON string contents.
pub(super) fn image_url(url: &[u8], detail: Option<Node<'_>>) -> Vec<u8> {
    let mut out = [b"{\"type\":\"image_url\",\"image_url\":{\"url\":\"", url, b"\""].concat();
    if let Some(detail) = detail.filter(|own| DETAILS.iter().any(|known| own.is(known))) {
        out.extend_from_slice(&[b",\"detail\":", detail.raw()].concat());
    }
    out.extend_from_slice(b"}}");
    out
}

/// A file by its data or its id; the data may be in a URL.
fn file(part: Node<'_>) -> Option<Vec<u8>> {
    let data = part.text(FILE[0]).or_else(|| data_url(part));
    let [_, id, name] = FILE.map(|key| part.text(key));
    data.or(id)?;
    let members = FILE.iter().zip([data, id, name]).filter_map(|(key, text)| Some((key, text?)));
    let members: Vec<_> =
        members.map(|(key, text)| [b"\"", key.as_bytes(), b"\":\"", text.raw(), b"\""].concat()).collect();
    Some([&b"{\"type\":\"file\",\"file\":{"[..], &members.join(&b','), b"}}"].concat())
}

/// Data where a URL should be, and nowhere else.
fn data_url(part: Node<'_>) -> Option<Str<'_>> {
    let url = part.text(FILE_URL).filter(|_| part.text(FILE[0]).is_none())?;
    url.raw().starts_with(b"data:").then_some(url)
}
