//! The JSON scanner: finds the end of a value.
//!
//! Input: bytes and a position. Output: the position after one value, or of the first malformed byte (RFC 8259).
//! State: none.
//!
//! Keeps no state and allocates nothing; nesting is a bit stack, so depth costs no call stack either.

use super::{Malformed, Str, Value, Walk};
use crate::limits::MAX_JSON_DEPTH;
use crate::simd;

type Scan = Result<usize, Malformed>;

/// Receives each value inside a container, in order; `()` ignores them.
pub(super) trait Visit {
    /// A member's key: the span between its quotes, and whether there are escapes in it. Its value comes next.
    fn key(&mut self, _start: usize, _end: usize, _is_escaped: bool) {}
    fn open(&mut self, _at: usize) {}
    fn close(&mut self, _end: usize) {}
    fn scalar(&mut self, _start: usize, _end: usize) {}
}

impl Visit for () {}

/// Index of the first byte at or after `at` that is not JSON white space.
pub(super) fn space(s: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = s.get(at) {
        at += 1;
    }
    at
}

/// Walks the object at `at`, calling `member` with the bytes between the key's quotes and the value's bytes.
pub(super) fn object<'a>(s: &'a [u8], at: usize, member: impl FnMut(&'a [u8], &'a [u8])) -> Scan {
    object_with_room(s, at, |_| 0, member)
}

/// [`object`]; `room` has, by the key, the levels that must stay free around a value.
pub(super) fn object_with_room<'a>(
    s: &'a [u8],
    at: usize,
    room: impl Fn(&'a [u8]) -> usize,
    mut member: impl FnMut(&'a [u8], &'a [u8]),
) -> Scan {
    each_member(s, at, |name, start| {
        let end = nested(s, start, || 1 + room(name))?;
        member(name, &s[start..end]);
        Ok(end)
    })
}

/// Walks the object at `at` for `to`, and the objects in it that `to` enters.
pub(super) fn object_for<'a, W: Walk<'a>>(s: &'a [u8], at: usize, to: &mut W) -> Scan {
    each_member(s, at, |name, start| {
        let key = Str::new(name);
        let end = if to.enters(key) && s.get(start) == Some(&b'{') {
            object_with_room(s, start, |_| 1, |key, value| to.inner(Str::new(key), Value(value)))?
        } else {
            nested(s, start, || 1 + W::room(name))?
        };
        to.member(key, Value(&s[start..end]));
        Ok(end)
    })
}

/// Walks the object at `at`. `value` has a key, and where its value begins; it says where that ends.
fn each_member<'a>(s: &'a [u8], at: usize, mut value: impl FnMut(&'a [u8], usize) -> Scan) -> Scan {
    let mut at = space(s, expect(s, at, b'{')?);
    if s.get(at) == Some(&b'}') {
        return Ok(at + 1);
    }
    loop {
        let key = expect(s, at, b'"')?;
        let key_end = string(s, key)?;
        let start = space(s, expect(s, space(s, key_end + 1), b':')?);
        at = space(s, value(&s[key..key_end], start)?);
        match s.get(at) {
            Some(b',') => at = space(s, at + 1),
            Some(b'}') => return Ok(at + 1),
            _ => return Err(Malformed(at)),
        }
    }
}

/// Index after the value that starts at `at`.
pub(super) fn value(s: &[u8], at: usize) -> Scan {
    nested(s, at, || 0)
}

/// [`value`], inside `depth` containers.
#[inline]
fn nested(s: &[u8], at: usize, depth: impl FnOnce() -> usize) -> Scan {
    match s.get(at) {
        Some(b'{' | b'[') => container(s, at, MAX_JSON_DEPTH - depth(), &mut ()),
        _ => scalar(s, at),
    }
}

fn scalar(s: &[u8], at: usize) -> Scan {
    match s.get(at) {
        Some(b'"') => string(s, at + 1).map(|quote| quote + 1),
        Some(b't') => literal(s, at, b"true"),
        Some(b'f') => literal(s, at, b"false"),
        Some(b'n') => literal(s, at, b"null"),
        Some(b'-' | b'0'..=b'9') => number(s, at),
        _ => Err(Malformed(at)),
    }
}

/// An object or array of at most `limit` levels, iteratively. `open` has one bit a level, 1 for an object.
pub(super) fn container(s: &[u8], mut at: usize, limit: usize, visit: &mut impl Visit) -> Scan {
    let (mut open, mut depth) = (0_u128, 0);
    loop {
        // A value is due at `at`; open containers until a scalar or an empty container is behind us.
        if let Some(bracket @ (b'{' | b'[')) = s.get(at) {
            depth += 1;
            if depth > limit {
                return Err(Malformed(at));
            }
            open = open << 1 | u128::from(*bracket == b'{');
            visit.open(at);
            at = space(s, at + 1);
            if s.get(at) != Some(&closer(open)) {
                at = if open & 1 == 1 { key(s, at, visit)? } else { at };
                continue;
            }
        } else {
            let end = scalar(s, at)?;
            visit.scalar(at, end);
            at = end;
        }
        // A value has ended before `at`, or a container is about to: close what closes here.
        loop {
            at = space(s, at);
            match s.get(at) {
                Some(b',') => {
                    at = space(s, at + 1);
                    at = if open & 1 == 1 { key(s, at, visit)? } else { at };
                    break;
                }
                Some(byte) if *byte == closer(open) => {
                    at += 1;
                    visit.close(at);
                    open >>= 1;
                    depth -= 1;
                    if depth == 0 {
                        return Ok(at);
                    }
                }
                _ => return Err(Malformed(at)),
            }
        }
    }
}

fn closer(open: u128) -> u8 {
    if open & 1 == 1 { b'}' } else { b']' }
}

/// Index of the value that follows the key at `at`.
fn key(s: &[u8], at: usize, visit: &mut impl Visit) -> Scan {
    let start = expect(s, at, b'"')?;
    let first = plain(s, start);
    let quote = if s.get(first) == Some(&b'"') { first } else { string(s, first)? };
    visit.key(start, quote, first != quote);
    Ok(space(s, expect(s, space(s, quote + 1), b':')?))
}

/// Index of the closing quote of the string whose first byte is at `at`.
#[inline]
pub(super) fn string(s: &[u8], at: usize) -> Scan {
    // Most strings are short names; an escape or a long text is worth the loop.
    match plain_near(s, at) {
        Some(quote) if s[quote] == b'"' => Ok(quote),
        _ => long_string(s, at),
    }
}

/// Where the first special byte is, if that is soon.
#[inline]
fn plain_near(s: &[u8], at: usize) -> Option<usize> {
    let ends = simd::ends_plain(s.get(at..)?.first_chunk()?);
    (ends != 0).then(|| at + ends.trailing_zeros() as usize)
}

/// [`string`], made for many escapes.
fn long_string(s: &[u8], mut at: usize) -> Scan {
    loop {
        at += simd::text_length(s.get(at..).unwrap_or_default()).0;
        at = plain(s, at);
        match s.get(at) {
            Some(b'"') => return Ok(at),
            Some(b'\\') => at = escape(s, at)?,
            _ => return Err(Malformed(at)),
        }
        while s.get(at) == Some(&b'\\') {
            at = escape(s, at)?;
        }
    }
}

/// Index after the escape whose backslash is at `at`.
#[inline]
pub(super) fn escape(s: &[u8], at: usize) -> Scan {
    match s.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => match s.get(at + 2..at + 6) {
            Some(hex) if hex.iter().all(u8::is_ascii_hexdigit) => Ok(at + 6),
            _ => Err(Malformed(at)),
        },
        _ => Err(Malformed(at)),
    }
}

/// Index of the first quote, backslash or control byte at or after `at`, or the end.
#[inline]
pub(super) fn plain(s: &[u8], mut at: usize) -> usize {
    while let Some(lanes) = s.get(at..).and_then(|rest| rest.first_chunk()) {
        let ends = simd::ends_plain(lanes);
        if ends != 0 {
            return at + ends.trailing_zeros() as usize;
        }
        at += simd::WIDTH;
    }
    while s.get(at).is_some_and(|byte| *byte >= 0x20 && *byte != b'"' && *byte != b'\\') {
        at += 1;
    }
    at
}

fn number(s: &[u8], at: usize) -> Scan {
    let mut at = at + usize::from(s.get(at) == Some(&b'-'));
    at = if s.get(at) == Some(&b'0') { at + 1 } else { digits(s, at)? };
    if s.get(at) == Some(&b'.') {
        at = digits(s, at + 1)?;
    }
    if let Some(b'e' | b'E') = s.get(at) {
        at += 1;
        at = digits(s, at + usize::from(matches!(s.get(at), Some(b'+' | b'-'))))?;
    }
    Ok(at)
}

/// Index after one or more digits.
pub(super) fn digits(s: &[u8], start: usize) -> Scan {
    let mut at = start;
    while s.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    if at == start { Err(Malformed(at)) } else { Ok(at) }
}

fn literal(s: &[u8], at: usize, word: &[u8]) -> Scan {
    if s[at..].starts_with(word) { Ok(at + word.len()) } else { Err(Malformed(at)) }
}

fn expect(s: &[u8], at: usize, byte: u8) -> Scan {
    if s.get(at) == Some(&byte) { Ok(at + 1) } else { Err(Malformed(at)) }
}
