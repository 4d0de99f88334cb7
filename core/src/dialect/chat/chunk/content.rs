//! What stands in a content: texts, images, citations.
//!
//! Input: a content, a refusal or a reasoning, as a string, a part or a list of parts. Output: the pieces in it. State: none.

use crate::answer::TextKind;
use crate::json::{Str, Value};
use crate::opaque::is_state_of_part;

/// One thing in a content.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ContentPiece<'a> {
    Text(TextKind, Str<'a>),
    Image(Value<'a>),
    /// The list of what the text before it cites.
    Cited(Value<'a>),
    /// A member of a part that only the server can read.
    State,
    /// A part with none of these; its type.
    Other(&'a [u8]),
}

/// Calls `take` for each thing in a content, a refusal or a reasoning: a string, a part that holds one, or a list of such.
/// `kind` is that of what has no type of its own.
pub(crate) fn pieces<'a>(value: Value<'a>, kind: TextKind, take: &mut impl FnMut(ContentPiece<'a>)) {
    if let Some(text) = value.as_str() {
        return take(ContentPiece::Text(kind, text));
    }
    for part in value.elements() {
        pieces(part, kind, take);
    }
    let reasoning = TextKind::Reasoning;
    let type_name = value.get("type").and_then(Value::as_str).map(Str::raw);
    let kind = if type_name.is_some_and(is_reasoning) { reasoning } else { kind };
    let refusal = ("refusal", TextKind::Refusal);
    let holders = [("text", kind), ("content", kind), ("summary", kind), ("value", kind), refusal];
    let thoughts =
        ["thinking", "reasoning", "reasoning_content", "reasoning_text"].map(|key| (key, reasoning));
    let held = holders.into_iter().chain(thoughts).find_map(|(key, kind)| Some((value.get(key)?, kind)));
    if let Some((held, kind)) = held {
        pieces(held, kind, take);
        return beside(value, take);
    }
    if value.get("image_url").is_some() {
        take(ContentPiece::Image(value));
    } else if value.is_object() && value.raw() != b"{}" {
        take(ContentPiece::Other(type_name.unwrap_or_default()));
    }
}

/// What a part has beside what it holds.
fn beside<'a>(part: Value<'a>, take: &mut impl FnMut(ContentPiece<'a>)) {
    part.each_member(|key, value| match &*key.unescaped() {
        b"annotations" | b"citations" if value.elements().next().is_some() => {
            take(ContentPiece::Cited(value));
        }
        key if is_state_of_part(key, value) => take(ContentPiece::State),
        _ => {}
    });
}

/// `thinking`, `redacted_thinking`, `reasoning`, `reasoning_content`, `reasoning.text`, …
fn is_reasoning(type_name: &[u8]) -> bool {
    let stems = [&b"thinking"[..], b"redacted_thinking", b"reasoning"];
    stems.iter().any(|stem| type_name.starts_with(stem))
}

/// Whether there is a text in it that is not blank.
pub(super) fn has_text(value: Value<'_>) -> bool {
    if let Some(text) = value.as_str() {
        return !text.is_empty();
    }
    let mut has_text = false;
    pieces(value, TextKind::Text, &mut |piece| {
        has_text |= match piece {
            ContentPiece::Text(_, text) => !text.is_empty(),
            ContentPiece::Image(_) => true,
            ContentPiece::Cited(_) | ContentPiece::State | ContentPiece::Other(_) => false,
        };
    });
    has_text
}

/// A `url_citation`, nested as chat has it or flat; its members. `None` for other kinds.
pub(crate) fn citation(annotation: Value<'_>) -> Option<Value<'_>> {
    let kind = annotation.get("type").and_then(Value::as_str)?;
    kind.is("url_citation").then(|| annotation.get("url_citation").unwrap_or(annotation))
}

/// The data URL of an element of `images`, or of an image part: its media type, and the base64.
pub(crate) fn image_data(image: Value<'_>) -> Option<(Vec<u8>, Str<'_>)> {
    let url = image.get("image_url").map(|own| own.get("url").unwrap_or(own))?.as_str()?;
    let raw = url.raw();
    let comma = raw.iter().take(256).position(|byte| *byte == b',')?;
    let head = Str::from_raw(&raw[..comma]).unescaped().into_owned();
    let mime = head.strip_prefix(b"data:")?.strip_suffix(b";base64")?.to_vec();
    Some((mime, Str::from_raw(&raw[comma + 1..])))
}
