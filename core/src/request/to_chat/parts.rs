//! Parts of messages and of tools' outputs, as chat has them.

use crate::json::Str;
use crate::json::tree::Node;

/// What a part is in chat.
pub(super) enum Part<'t> {
    Text(Str<'t>),
    Refusal(Str<'t>),
    /// An image; JSON.
    Image(Vec<u8>),
    /// A file or sound; JSON.
    Other(Vec<u8>),
}

impl<'t> Part<'t> {
    /// `None` for what chat has no form of.
    pub(super) fn read(part: Node<'t>) -> Option<Self> {
        match &*part.text("type")?.unescaped() {
            b"input_text" | b"output_text" | b"text" => Some(Self::Text(part.text("text")?)),
            b"refusal" => Some(Self::Refusal(part.text("refusal")?)),
            b"input_image" => Some(Self::Image(image(part)?)),
            b"input_file" => Some(Self::Other(file(part)?)),
            b"input_audio" => Some(Self::Other(part.raw().to_vec())),
            _ => None,
        }
    }

    /// As an element of a content.
    pub(super) fn json(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => [b"{\"type\":\"text\",\"text\":\"", text.raw(), b"\"}"].concat(),
            Self::Refusal(text) => [b"{\"type\":\"refusal\",\"refusal\":\"", text.raw(), b"\"}"].concat(),
            Self::Image(json) | Self::Other(json) => json.clone(),
        }
    }
}

/// A content: one text as the string that every server takes, else a list.
pub(super) fn content(parts: &[Part<'_>]) -> Vec<u8> {
    match parts {
        [] => b"\"\"".to_vec(),
        [Part::Text(text)] => [b"\"", text.raw(), b"\""].concat(),
        parts => {
            let list: Vec<_> = parts.iter().map(Part::json).collect();
            [&b"["[..], &list.join(&b','), b"]"].concat()
        }
    }
}

/// One that is only known by an id is on a server that does not speak chat.
fn image(part: Node<'_>) -> Option<Vec<u8>> {
    let url = part.text("image_url")?;
    let mut out = [b"{\"type\":\"image_url\",\"image_url\":{\"url\":\"", url.raw(), b"\""].concat();
    let detail = part.get("detail").filter(|own| ["auto", "low", "high"].iter().any(|known| own.is(known)));
    if let Some(detail) = detail {
        out.extend_from_slice(&[b",\"detail\":", detail.raw()].concat());
    }
    out.extend_from_slice(b"}}");
    Some(out)
}

fn file(part: Node<'_>) -> Option<Vec<u8>> {
    let keys = ["file_data", "file_id", "filename"];
    let members: Vec<_> = keys
        .iter()
        .filter_map(|key| Some((key, part.text(key)?)))
        .map(|(key, text)| [b"\"", key.as_bytes(), b"\":\"", text.raw(), b"\""].concat())
        .collect();
    let has_file = keys[..2].iter().any(|key| part.text(key).is_some());
    has_file.then(|| [&b"{\"type\":\"file\",\"file\":{"[..], &members.join(&b','), b"}}"].concat())
}
