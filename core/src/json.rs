//! JSON without a tree.
//!
//! Input: bytes of one JSON document. Output: lazy views of its members, and JSON text written back. State: none.
//!
//! Nothing is parsed into a tree: a [`Value`] is a span of the input, a [`Str`] the bytes between two quotes. Walking
//! is strict (RFC 8259), so a span that came out of a walk can be spliced into other JSON as it stands.

pub(crate) mod edit;
mod object_check;
mod parts;
mod reader;
mod scan;
pub(crate) mod splice;
mod streamed_text;
pub(crate) mod template_gap;
mod text;
mod tokens;
pub(crate) mod tree;
pub(crate) mod write;

pub(crate) use object_check::ObjectCheck;
pub use parts::{JsonPart, read_json, write_json_string};
pub(crate) use reader::Reader;
pub(crate) use streamed_text::Progress;
pub(crate) use text::{Piece, Str, SurrogatePairs};
pub(crate) use tokens::{Begun, Token, Tokenizer};

/// Offset of the first byte that cannot stand where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) usize);

/// One valid JSON value: its bytes, without surrounding white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Value<'a>(&'a [u8]);

/// Whether this is one value, white space around it included, and UTF-8.
pub(crate) fn is_json(text: &[u8]) -> bool {
    let end = scan::value(text, scan::space(text, 0));
    end.is_ok_and(|end| scan::space(text, end) == text.len()) && std::str::from_utf8(text).is_ok()
}

/// Calls `member` for each member of the object `doc`, in order; duplicate keys are all seen, so the last wins.
/// An error means that what was seen so far must not be used.
pub(crate) fn walk<'a>(
    doc: &'a [u8],
    member: impl FnMut(Str<'a>, Value<'a>),
) -> Result<Value<'a>, Malformed> {
    walk_with_room(doc, |_| 0, member)
}

/// [`walk`] of what will be part of something deeper. `room`: by the key as it stands there, the levels that a value must
/// leave free, so that what it ends up in can be read again.
pub(crate) fn walk_with_room<'a>(
    doc: &'a [u8],
    room: impl Fn(&'a [u8]) -> usize,
    mut member: impl FnMut(Str<'a>, Value<'a>),
) -> Result<Value<'a>, Malformed> {
    let start = scan::space(doc, 0);
    let end = scan::object_with_room(doc, start, room, |key, value| member(Str::new(key), Value(value)))?;
    alone(doc, start, end)
}

/// What a document is walked for.
pub(crate) trait Walk<'a> {
    /// As in [`walk_with_room`].
    fn room(key: &[u8]) -> usize;
    /// A member; after those of an object that was entered.
    fn member(&mut self, key: Str<'a>, value: Value<'a>);
    /// Whether a member comes whose own members are asked for too, if it is an object.
    fn enters(&mut self, key: Str<'a>) -> bool;
    /// A member of what was entered.
    fn inner(&mut self, key: Str<'a>, value: Value<'a>);
}

/// [`walk`] that enters an object in passing: a large one is looked at once.
pub(crate) fn walk_for<'a>(doc: &'a [u8], to: &mut impl Walk<'a>) -> Result<Value<'a>, Malformed> {
    let start = scan::space(doc, 0);
    let end = scan::object_for(doc, start, to)?;
    alone(doc, start, end)
}

/// The value there, if nothing follows it.
fn alone(doc: &[u8], start: usize, end: usize) -> Result<Value<'_>, Malformed> {
    match scan::space(doc, end) {
        at if at == doc.len() => Ok(Value(&doc[start..end])),
        at => Err(Malformed(at)),
    }
}

impl Value<'static> {
    /// `{}`
    pub(crate) const EMPTY: Self = Self(b"{}");
}

impl<'a> Value<'a> {
    /// A whole document that is an object.
    pub(crate) fn document(doc: &'a [u8]) -> Option<Self> {
        walk(doc, |_, _| {}).ok()
    }

    /// Bytes that came out of a walk before, kept since.
    pub(crate) fn of_valid(json: &'a [u8]) -> Self {
        Self(json)
    }

    /// The bytes as they were sent.
    pub(crate) fn raw(self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn is_null(self) -> bool {
        self.0 == b"null"
    }

    /// Whether two values are equal, whatever white space and number format they have.
    pub(crate) fn is_same(self, other: Value<'_>) -> bool {
        let number = |value: Value<'_>| std::str::from_utf8(value.0).ok()?.parse::<f64>().ok();
        let is_ink = |byte: &&u8| !byte.is_ascii_whitespace();
        self.0.iter().filter(is_ink).eq(other.0.iter().filter(is_ink))
            || (number(other).is_some() && number(self) == number(other))
    }

    pub(crate) fn as_bool(self) -> Option<bool> {
        match self.0 {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> Option<Str<'a>> {
        let inner = self.0.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        Some(Str::new(inner))
    }

    /// A string, or the JSON text of an object or array as if it had been sent as a string; `buffer` holds that text.
    pub(crate) fn as_text<'b>(self, buffer: &'b mut Vec<u8>) -> Option<Str<'b>>
    where
        'a: 'b,
    {
        if let Some(b'{' | b'[') = self.0.first() {
            write::escaped(buffer, &String::from_utf8_lossy(self.0));
            return Some(Str::new(buffer));
        }
        self.as_str()
    }

    /// A non-negative integer; fractions are cut off (`created_at` is typed as a float), anything else is `None`.
    pub(crate) fn as_u64(self) -> Option<u64> {
        let text = std::str::from_utf8(self.0).ok()?;
        text.parse().ok().or_else(|| {
            let float: f64 = text.parse().ok()?;
            #[expect(clippy::cast_precision_loss, clippy::cast_sign_loss)]
            (float >= 0.0 && float < u64::MAX as f64).then_some(float as u64)
        })
    }

    pub(crate) fn is_object(self) -> bool {
        self.0.first() == Some(&b'{')
    }

    /// Calls `member` for each member of an object, in order; never for any other value.
    pub(crate) fn each_member(self, mut member: impl FnMut(Str<'a>, Value<'a>)) {
        if self.is_object() {
            // The span is valid, so this walk cannot fail.
            let _ = scan::object(self.0, 0, |key, value| member(Str::new(key), Value(value)));
        }
    }

    /// The member `key` of an object; the last one where it is repeated.
    pub(crate) fn get(self, key: &str) -> Option<Value<'a>> {
        let mut found = None;
        self.each_member(|name, value| {
            if name.is(key) {
                found = Some(value);
            }
        });
        found
    }

    /// The members `keys` of an object, found in one walk; the last one where one is repeated.
    pub(crate) fn members<const N: usize>(self, keys: [&str; N]) -> [Option<Value<'a>>; N] {
        let mut found = [None; N];
        self.each_member(|name, value| {
            if let Some(at) = keys.iter().position(|key| name.is(key)) {
                found[at] = Some(value);
            }
        });
        found
    }

    /// The elements of an array, none for any other value.
    pub(crate) fn elements(self) -> Elements<'a> {
        Elements { array: self.0, at: usize::from(self.0.first() == Some(&b'[')) }
    }
}

/// Iterator over the elements of a valid array.
#[derive(Debug, Default, Clone)]
pub(crate) struct Elements<'a> {
    array: &'a [u8],
    at: usize, // 0: not an array
}

impl<'a> Elements<'a> {
    /// The next element; calls `member` for each member that it has, without a walk of its own.
    pub(crate) fn next_object(&mut self, mut member: impl FnMut(Str<'a>, Value<'a>)) -> Option<Value<'a>> {
        self.next_by(|array, start| match array[start] {
            b'{' => scan::object(array, start, |key, value| member(Str::new(key), Value(value))),
            _ => scan::value(array, start),
        })
    }

    fn next_by(
        &mut self,
        walk: impl FnOnce(&'a [u8], usize) -> Result<usize, Malformed>,
    ) -> Option<Value<'a>> {
        let start = scan::space(self.array, self.at);
        if self.at == 0 || self.array.get(start).is_none_or(|byte| *byte == b']') {
            return None;
        }
        let end = walk(self.array, start).ok()?;
        self.at = scan::space(self.array, end);
        if self.array.get(self.at) == Some(&b',') {
            self.at += 1;
        }
        self.array.get(start..end).map(Value)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        self.next_by(scan::value)
    }
}

#[cfg(test)]
mod tests;
