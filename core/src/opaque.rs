//! Opaque state of an upstream in a form that other dialects can carry: a self-describing, versioned envelope.
//!
//! Input: what only its origin can read (a signature, encrypted reasoning), and who the origin is. Output: one string, for
//! a member that clients send back as it was; and back, byte for byte. State: none.
//!
//! The string is `sluicegate.1.` and, in base64 without padding for URLs, an object:
//! `{"origin":"chat","call_id":"…","members":{…}}`, with members of a message, or of the call named by `call_id`.
//!
//! `origin` is who understands it: a dialect, or a backend that the caller names. A reader takes what it knows of version 1
//! and of its own origin; all else is foreign, and dropped with a line in the list of changes.

use crate::json::{Str, Value, write};
use base64_simd::URL_SAFE_NO_PAD as BASE64;

const PREFIX: &str = "sluicegate.1.";
const ANY_VERSION: &[u8] = b"sluicegate.";

/// Reasoning beside a chat message, as `OpenRouter`'s clients keep it and send it back: a list of entries.
pub(crate) const DETAILS: &str = "reasoning_details";
/// The types of its entries.
pub(crate) const DETAIL_SUMMARY: &str = "reasoning.summary";
pub(crate) const DETAIL_TEXT: &str = "reasoning.text";
pub(crate) const DETAIL_ENCRYPTED: &str = "reasoning.encrypted";
/// The `format` of an entry that a Responses server can read; other vendors have their own.
pub(crate) const FORMAT_OF_RESPONSES: &str = "openai-responses-v1";
/// The same of one with an envelope.
pub(crate) const FORMAT_OF_ENVELOPES: &str = "sluicegate-v1";

/// Members of a message that only the server can read, at least in part (OpenRouter; LiteLLM; Copilot; Gemini; gateways before
/// Claude; gateways before Responses).
pub(crate) const STATE_OF_MESSAGE: [&str; 10] = [
    DETAILS,
    "thinking_blocks",
    "reasoning_opaque",
    EXTRA,
    FIELDS,
    "reasoning_signature",
    "signature",
    "encrypted_content",
    "encrypted_reasoning",
    "reasoning_items",
];

/// The same of a tool call, or of the function in it (Gemini; gateways before it, LiteLLM).
pub(crate) const STATE_OF_CALL: [&str; 4] = [EXTRA, SIGNATURE, FIELDS, "thoughtSignature"];
/// The member of a call that may hold the same.
pub(crate) const FUNCTION: &str = "function";
const EXTRA: &str = "extra_content";
pub(crate) const FIELDS: &str = "provider_specific_fields";
const SIGNATURE: &str = "thought_signature";
const SIGNATURES: &str = "thought_signatures";

/// The member of a call, or of its function, that holds state: a signature, or an object that has or may have one. Its name.
pub(crate) fn state_of_call(key: &[u8], value: Value<'_>) -> Option<&'static str> {
    let name = *STATE_OF_CALL.iter().find(|name| name.as_bytes() == key)?;
    let is_state = match name {
        EXTRA => has_state(value),
        FIELDS => value.get(SIGNATURE).is_some_and(is_said), // and much else
        _ => value.as_str().is_some() && is_said(value),
    };
    is_state.then_some(name)
}

/// The place in [`STATE_OF_MESSAGE`] of a member that holds state, or may.
pub(crate) fn state_of_message(key: &[u8], value: Value<'_>) -> Option<usize> {
    let at = STATE_OF_MESSAGE.iter().position(|name| name.as_bytes() == key)?;
    let is_state = match STATE_OF_MESSAGE[at] {
        EXTRA => has_state(value),
        FIELDS => value.get(SIGNATURES).is_some_and(|list| list.elements().any(is_said)),
        _ => is_said(value),
    };
    is_state.then_some(at)
}

/// Whether a member tells that the content beside it is a thought (Gemini).
pub(crate) fn is_thought(key: &[u8], value: Value<'_>) -> bool {
    let flag = || value.get("google")?.get("thought")?.as_bool();
    key == EXTRA.as_bytes() && flag() == Some(true)
}

/// Whether a part of a content has state, which can only come back in such a part.
pub(crate) fn is_state_of_part(key: &[u8], value: Value<'_>) -> bool {
    let text = [SIGNATURE, "signature", "encrypted_content"].iter().any(|name| name.as_bytes() == key);
    (text && value.as_str().is_some() && is_said(value)) || (key == EXTRA.as_bytes() && has_state(value))
}

/// Whether a vendor says anything else in it.
fn has_state(extra: Value<'_>) -> bool {
    let mut has_any = false;
    extra.each_member(|vendor, own| {
        has_any |= !own.is_object() && is_said(own);
        own.each_member(|key, value| {
            has_any |= is_said(value) && !(vendor.is("google") && key.is("thought"));
        });
    });
    has_any
}

/// Whether there is anything in a value.
fn is_said(value: Value<'_>) -> bool {
    match value.raw() {
        [b'"' | b'{' | b'[', inside @ .., _] => !inside.trim_ascii().is_empty(),
        _ => !value.is_null(),
    }
}

/// `,"member":…` for each of `known` that these objects have.
pub(crate) fn write_members(states: &[Value<'_>], known: &[&str], out: &mut Vec<u8>) {
    for name in known {
        if let Some(value) = joined(states.iter().filter_map(|state| state.get(name))) {
            write::pieces(out, [b",\"", name.as_bytes(), b"\":", &value]);
        }
    }
}

/// The last value; where that is a list, the lists before it come first.
fn joined<'a>(values: impl Iterator<Item = Value<'a>>) -> Option<Vec<u8>> {
    let values: Vec<_> = values.collect();
    let is_other = |value: &Value<'_>| !value.raw().starts_with(b"[");
    let lists = values.iter().rposition(is_other).map_or(&values[..], |at| &values[at + 1..]);
    if lists.is_empty() {
        return values.last().map(|value| value.raw().to_vec());
    }
    let mut out = vec![b'['];
    let elements = lists.iter().copied().flat_map(Value::elements);
    write::separated(&mut out, elements, |out, element| out.extend_from_slice(element.raw()));
    out.push(b']');
    Some(out)
}

/// An envelope around one member, `state` as JSON string contents. So is what comes out.
pub(crate) fn seal(origin: &str, member: &str, state: &[u8]) -> Vec<u8> {
    let members = [b"{\"", member.as_bytes(), b"\":\"", state, b"\"}"].concat();
    Opaque { origin: origin.to_owned(), call_id: None, members }.seal()
}

/// The object in an envelope; it becomes part of a request, so it must be text.
fn opened(sealed: Str<'_>) -> Option<Vec<u8>> {
    let sealed = sealed.unescaped();
    let json = BASE64.decode_to_vec(sealed.strip_prefix(PREFIX.as_bytes())?).ok()?;
    simdutf8::basic::from_utf8(&json).ok()?;
    Some(json)
}

/// An envelope around members of a chat message or call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opaque {
    /// The dialect that understands it.
    pub(crate) origin: String,
    /// The call that it belongs to.
    pub(crate) call_id: Option<String>,
    /// An object.
    pub(crate) members: Vec<u8>,
}

impl Opaque {
    /// The envelope, as JSON string contents.
    pub(crate) fn seal(&self) -> Vec<u8> {
        let mut json = b"{\"origin\":".to_vec();
        write::string(&mut json, &self.origin);
        if let Some(call_id) = &self.call_id {
            json.extend_from_slice(b",\"call_id\":");
            write::string(&mut json, call_id);
        }
        write::pieces(&mut json, [b",\"members\":", &self.members[..], b"}"]);
        let mut sealed = PREFIX.as_bytes().to_vec();
        BASE64.encode_append(&json, &mut sealed);
        sealed
    }

    /// Reads an envelope; `None` for what is none, or of a version or form that this is not.
    pub(crate) fn open(sealed: Str<'_>) -> Option<Self> {
        let json = opened(sealed)?;
        let json = Value::document(&json)?;
        let text = |key| json.get(key).and_then(Value::as_str).map(Str::decode);
        let members = json.get("members").filter(|members| members.is_object())?;
        Some(Self { origin: text("origin")?, call_id: text("call_id"), members: members.raw().to_vec() })
    }
}

/// Whether a string is an envelope of ours, whatever its version: no other upstream can read it.
pub(crate) fn is_envelope(text: Str<'_>) -> bool {
    text.raw().starts_with(ANY_VERSION)
}

#[cfg(test)]
mod tests {
    use super::{Opaque, is_envelope};
    use crate::json::Str;

    #[test]
    fn what_is_sealed_is_opened_byte_for_byte() {
        for members in [r#"{"a":"\u00e9\/ é","b":[1.50e3, null]}"#, "{}"] {
            for call_id in [None, Some("call_\"1\"".to_owned())] {
                let opaque =
                    Opaque { origin: "chat".to_owned(), call_id, members: members.as_bytes().to_vec() };
                let sealed = opaque.seal();
                assert!(is_envelope(Str::from_raw(&sealed)));
                assert_eq!(Opaque::open(Str::from_raw(&sealed)), Some(opaque));
            }
        }
        let not_utf8 = "sluicegate.1.eyJvcmlnaW4iOiJjaGF0IiwibWVtYmVycyI6eyJhIjoi_yJ9fQ";
        for other in [not_utf8, "gAAAA==", "sluicegate.2.e30", "sluicegate.1.!", "sluicegate.1.e30"] {
            assert_eq!(Opaque::open(Str::from_raw(other.as_bytes())), None, "{other}");
        }
    }
}
