//! JSON, part by part: for hosts that make objects of their own of it.
//!
//! Input: one JSON value. Output: its parts, in order. State: none.

use super::{Str, scan};
use std::borrow::Cow;

/// A part of a JSON value. What is inside of a container comes between its open and its close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonPart<'a> {
    /// The name of the member that comes next.
    Key(Cow<'a, str>),
    /// An object begins.
    OpenObject,
    /// An array begins.
    OpenArray,
    /// The container that began last ends.
    Close,
    /// A string.
    Text(Cow<'a, str>),
    /// Digits and sign only.
    Integer(&'a str),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// Another number; a string or a name that Unicode has not: one half of a pair of surrogates. As JSON.
    Raw(&'a [u8]),
    /// The same of the name of a member.
    RawKey(&'a [u8]),
}

/// Gives each part of the value to `each`; whether it was one. If not, what was given must not be used.
pub fn read_json<'a>(json: &'a [u8], each: impl FnMut(JsonPart<'a>)) -> bool {
    let start = scan::space(json, 0);
    let mut parts = Parts { json, each };
    let end = match json.get(start) {
        Some(b'{' | b'[') => scan::container(json, start, crate::limits::MAX_JSON_DEPTH, &mut parts),
        _ => scan::value(json, start).inspect(|end| scan::Visit::scalar(&mut parts, start, *end)),
    };
    end.is_ok_and(|end| scan::space(json, end) == json.len())
}

struct Parts<'a, F> {
    json: &'a [u8],
    each: F,
}

impl<'a, F: FnMut(JsonPart<'a>)> scan::Visit for Parts<'a, F> {
    fn key(&mut self, start: usize, end: usize, is_escaped: bool) {
        let key = text(&self.json[start..end], is_escaped);
        let json = self.json;
        (self.each)(key.map_or_else(|| JsonPart::RawKey(&json[start - 1..=end]), JsonPart::Key));
    }

    fn open(&mut self, at: usize) {
        (self.each)(if self.json[at] == b'{' { JsonPart::OpenObject } else { JsonPart::OpenArray });
    }

    fn close(&mut self, _: usize) {
        (self.each)(JsonPart::Close);
    }

    fn scalar(&mut self, start: usize, end: usize) {
        let raw = &self.json[start..end];
        (self.each)(match raw {
            [b'"', inner @ .., b'"'] => {
                text(inner, memchr::memchr(b'\\', inner).is_some()).map_or(JsonPart::Raw(raw), JsonPart::Text)
            }
            b"true" => JsonPart::Bool(true),
            b"false" => JsonPart::Bool(false),
            b"null" => JsonPart::Null,
            _ => integer(raw).map_or(JsonPart::Raw(raw), JsonPart::Integer),
        });
    }
}

/// `None` for what may have half a pair of surrogates, and for what is no UTF-8.
fn text(inner: &[u8], is_escaped: bool) -> Option<Cow<'_, str>> {
    if !is_escaped {
        return std::str::from_utf8(inner).ok().map(Cow::Borrowed);
    }
    let is_surrogate =
        |escape: &[u8]| matches!(escape, [b'\\', b'u', b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F']);
    if inner.windows(4).any(is_surrogate) {
        return None;
    }
    String::from_utf8(Str::new(inner).unescaped().into_owned()).ok().map(Cow::Owned)
}

fn integer(raw: &[u8]) -> Option<&str> {
    let is_integer = raw.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
    if is_integer { std::str::from_utf8(raw).ok() } else { None }
}

/// Appends `text` as a JSON string.
pub fn write_json_string(out: &mut Vec<u8>, text: &str) {
    super::write::string(out, text);
}
