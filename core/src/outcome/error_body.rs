//! The error object that clients of the OpenAI API know.
//!
//! Input: an upstream's error object.
//! Output: `{"message","type","param","code"}` and the further members that the upstream's object had.
//! State: none.

use super::plain;
use crate::json::{Str, Value, write};
use crate::limits::{MAX_ERROR_MEMBER_BYTES, MAX_ERROR_MEMBERS, MAX_MESSAGE_BYTES, MAX_NAME_BYTES};

/// Members of an error object that are read as one of the four.
const READ: [&str; 8] =
    ["message", "type", "param", "code", "detail", "msg", "error_description", "error_type"];

/// An error as clients of the OpenAI API know it; message and code are the upstream's own where it gave any.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ErrorBody {
    /// For people.
    pub message: String,
    /// `invalid_request_error`, `rate_limit_error`, `server_error`, …
    pub kind: String,
    /// The request parameter at fault.
    pub param: Option<String>,
    /// For programs.
    pub code: Option<String>,
    /// Further members of the upstream's error object, as JSON without braces: `"plan_type":"plus","resets_at":1`.
    /// The Codex CLI reads these.
    pub more: String,
}

impl ErrorBody {
    /// From such an object.
    pub(crate) fn read(error: Value<'_>) -> Option<Self> {
        let text = |key| error.get(key)?.as_str().map(Str::decode);
        Some(Self {
            message: text("message")?,
            kind: text("type")?,
            param: text("param"),
            code: text("code"),
            more: Self::more(error),
        })
    }

    /// The further members of an error object.
    pub(crate) fn more(error: Value<'_>) -> String {
        Self::members(error, |key| !READ.iter().any(|read| key.is(read)))
    }

    /// The members of an object that are neither null nor long, in order; the last one where one is repeated.
    pub(crate) fn members(object: Value<'_>, is_wanted: impl Fn(Str<'_>) -> bool) -> String {
        let mut members: Vec<(Str<'_>, Value<'_>)> = Vec::new();
        object.each_member(|key, value| {
            let is_long = key.raw().len() > MAX_NAME_BYTES || value.raw().len() > MAX_ERROR_MEMBER_BYTES;
            if is_long || value.is_null() || !is_wanted(key) {
                return;
            }
            match members.iter().position(|(known, _)| known.unescaped() == key.unescaped()) {
                Some(at) => members[at].1 = value,
                None if members.len() < MAX_ERROR_MEMBERS => members.push((key, value)),
                None => {}
            }
        });
        let mut text = Vec::new();
        for (key, value) in members {
            if text.len() + key.raw().len() + value.raw().len() < MAX_MESSAGE_BYTES {
                text.extend_from_slice(if text.is_empty() { b"" } else { b"," });
                write::string(&mut text, &key.decode());
                text.push(b':');
                plain::copy(&mut text, value, plain::decoded);
            }
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    /// `{"error":{…}}`
    pub(crate) fn write_envelope(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"error\":");
        self.write(out);
        out.push(b'}');
    }

    /// The error object of frames, envelopes and outcomes.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"message\":");
        write::string(out, &self.message);
        out.extend_from_slice(b",\"type\":");
        write::string(out, &self.kind);
        out.extend_from_slice(b",\"param\":");
        write::optional(out, self.param.as_deref());
        out.extend_from_slice(b",\"code\":");
        write::optional(out, self.code.as_deref());
        if !self.more.is_empty() {
            write::pieces(out, [b",", self.more.as_bytes()]);
        }
        out.push(b'}');
    }
}
