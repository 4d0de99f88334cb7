//! Opaque state of an upstream in a form that other dialects can carry: a self-describing, versioned envelope.
//!
//! Input: members of a message or a call that only their origin can read (signatures, encrypted reasoning), as JSON.
//! Output: one string, for `encrypted_content` of a reasoning item; and back, byte for byte. State: none.
//!
//! The string is `sluicegate.1.` and, in base64 without padding for URLs, the object
//! `{"origin":"chat","call_id":"…","members":{…}}`. `origin` is the dialect that understands the members. `call_id` is
//! there where they belong to a call; else they belong to the message.

use crate::json::{Str, Value, write};
use base64_simd::URL_SAFE_NO_PAD as BASE64;

const PREFIX: &str = "sluicegate.1.";
const ANY_VERSION: &[u8] = b"sluicegate.";

/// Members of a message that only the server can read, at least in part (OpenRouter, LiteLLM, Copilot, Gemini).
pub(crate) const STATE_OF_MESSAGE: [&str; 4] =
    ["reasoning_details", "thinking_blocks", "reasoning_opaque", "extra_content"];

/// The same of a tool call (Gemini; gateways before it, LiteLLM).
pub(crate) const STATE_OF_CALL: [&str; 3] = ["extra_content", SIGNATURE, "provider_specific_fields"];
const SIGNATURE: &str = "thought_signature";

/// The member of a call that holds state: a signature, or an object that has or may have one. Its name.
pub(crate) fn state_of_call(key: &[u8], value: Value<'_>) -> Option<&'static str> {
    let at = STATE_OF_CALL.iter().position(|name| name.as_bytes() == key)?;
    let is_state = match at {
        0 => value.is_object(),
        1 => value.as_str().is_some_and(|text| !text.is_empty()),
        _ => value.get(SIGNATURE).is_some(), // and much else
    };
    is_state.then_some(STATE_OF_CALL[at])
}

/// What an envelope holds.
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
        write::pieces(&mut json, [b",\"members\":", &self.members, b"}"]);
        let mut sealed = PREFIX.as_bytes().to_vec();
        BASE64.encode_append(&json, &mut sealed);
        sealed
    }

    /// Reads an envelope; `None` for what is none, or of a version that this one does not know.
    pub(crate) fn open(text: Str<'_>) -> Option<Self> {
        let text = text.unescaped();
        let json = BASE64.decode_to_vec(text.strip_prefix(PREFIX.as_bytes())?).ok()?;
        simdutf8::basic::from_utf8(&json).ok()?; // it becomes part of a request
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
