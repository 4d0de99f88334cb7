//! Contents of JSON strings.
//!
//! Input: the bytes between two quotes. Output: comparisons, and the decoded text. State: none.

use super::{Value, scan};
use crate::simd;
use std::borrow::Cow;

/// A JSON string as it was sent: the bytes between its quotes, escapes and all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Str<'a>(&'a [u8]);

impl<'a> Str<'a> {
    pub(super) fn new(raw: &'a [u8]) -> Self {
        Self(raw)
    }

    /// A copy of what another [`Str`] gave as [`Str::raw`].
    pub(crate) fn from_raw(raw: &'a [u8]) -> Self {
        Self(raw)
    }

    /// Ready to be spliced between two quotes of other JSON.
    pub(crate) fn raw(self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is nothing but white space in it.
    #[inline]
    pub(crate) fn is_blank(self) -> bool {
        match self.0 {
            [byte, ..] if byte.is_ascii_graphic() && *byte != b'\\' => false, // most texts
            _ => self.first_shown().is_none(),
        }
    }

    /// The first character that is no white space.
    pub(crate) fn first_shown(self) -> Option<char> {
        match self.without_blanks().0 {
            [] => None,
            [b'\\', byte @ (b'"' | b'\\' | b'/'), ..] => Some(char::from(*byte)),
            [byte, ..] if byte.is_ascii_graphic() && *byte != b'\\' => Some(char::from(*byte)),
            rest => Str(rest).decode().trim_start().chars().next(),
        }
    }

    /// Without the white space that it begins with, as JSON has that.
    pub(crate) fn without_blanks(self) -> Self {
        let mut rest = self.0;
        while let [b' ', after @ ..] | [b'\\', b'n' | b'r' | b't', after @ ..] = rest {
            rest = after;
        }
        Self(rest)
    }

    /// Whether it is `{}`, with white space anywhere: some servers send that as a placeholder.
    pub(crate) fn is_empty_object(self) -> bool {
        let after = |text: Self, sign: &str| text.without_blanks().0.strip_prefix(sign.as_bytes()).map(Str);
        after(self, "{").and_then(|inside| after(inside, "}")).is_some_and(Str::is_blank)
    }

    /// Whether both decode to the same; `other` is JSON string contents too.
    pub(crate) fn is_same(self, other: &[u8]) -> bool {
        self.0 == other || self.unescaped() == Str::from_raw(other).unescaped()
    }

    /// Whether the decoded string is `text`.
    pub(crate) fn is(self, text: &str) -> bool {
        let (raw, text_raw) = (self.0, text.as_bytes());
        // An escape is longer than what it stands for, at most six times.
        raw == text_raw
            || (raw.len() > text_raw.len()
                && raw.len() <= 6 * text_raw.len()
                && self.is_escaped()
                && self.decode() == text)
    }

    /// The contents of the JSON string that this text is.
    pub(crate) fn decoded_again(self) -> Option<Vec<u8>> {
        if !self.0.trim_ascii_start().starts_with(b"\\\"") {
            return None; // most texts
        }
        let text = self.decode();
        let json = text.trim_ascii().as_bytes();
        super::is_json(json).then(|| Some(Value::of_valid(json).as_str()?.raw().to_vec())).flatten()
    }

    /// The decoded bytes; borrowed where nothing is escaped.
    pub(crate) fn unescaped(self) -> Cow<'a, [u8]> {
        if self.is_escaped() { Cow::Owned(self.decode().into_bytes()) } else { Cow::Borrowed(self.0) }
    }

    /// At least the first `bytes` decoded bytes, if there are as many.
    pub(crate) fn prefix(self, bytes: usize) -> Cow<'a, [u8]> {
        let mut end = 0;
        while end < bytes.min(self.0.len()) {
            end = if self.0[end] == b'\\' {
                scan::escape(self.0, end).unwrap_or(self.0.len())
            } else {
                end + 1
            };
        }
        Str(&self.0[..end]).unescaped()
    }

    #[inline]
    pub(crate) fn is_escaped(self) -> bool {
        // A call costs more than a short text does.
        if self.0.len() < 64 {
            fold_words(self.0, false, |is_found, word, _| is_found | has_byte(word, b'\\'))
        } else {
            memchr::memchr(b'\\', self.0).is_some()
        }
    }

    /// Code points of the decoded string; of a surrogate pair only the first half counts.
    pub(crate) fn code_points(self) -> u64 {
        if !self.is_escaped() {
            return characters(self.0);
        }
        let (mut at, mut surplus) = (0, 0);
        loop {
            let (text, escapes) = simd::text_length(&self.0[at..]);
            at += text;
            surplus += escapes;
            let Some(run) = memchr::memchr(b'\\', &self.0[at..]) else { break };
            let start = at + run;
            at = scan::escape(self.0, start).unwrap_or(self.0.len());
            let is_low = matches!(unit(&self.0[start + 1..at]), Some(0xDC00..=0xDFFF));
            surplus += at - start - usize::from(!is_low);
        }
        characters(self.0) - surplus as u64
    }

    /// Whether each escape in it is the one short way to write what it stands for.
    pub(super) fn is_canonical(self) -> bool {
        if self.0.len() < 64 && !self.is_escaped() {
            return true; // most deltas
        }
        let (mut at, _) = simd::text_length(self.0);
        while let Some(run) = memchr::memchr(b'\\', &self.0[at..]) {
            if let Some(b'u' | b'/') | None = self.0.get(at + run + 1) {
                return false;
            }
            at += run + 2;
        }
        true
    }

    /// The string itself; a lone surrogate becomes U+FFFD.
    pub(crate) fn decode(self) -> String {
        let mut bytes = Vec::with_capacity(self.0.len());
        let mut units = SurrogatePairs::default();
        for piece in self.pieces() {
            units.push(piece, &mut |decoded| bytes.extend_from_slice(decoded));
        }
        units.end(&mut |decoded| bytes.extend_from_slice(decoded));
        bytes.shrink_to_fit(); // escapes are longer
        String::from_utf8(bytes).unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned())
    }

    /// Appends the decoded bytes; `units` carries half a surrogate pair on to the next string.
    pub(crate) fn decode_onto(self, units: &mut SurrogatePairs, out: &mut Vec<u8>) {
        if !units.is_pending() && !self.is_escaped() {
            return out.extend_from_slice(self.0);
        }
        for piece in self.pieces() {
            units.push(piece, &mut |decoded| out.extend_from_slice(decoded));
        }
    }

    /// The decoded bytes, and where each of them stands in this; last, where the rest begins: half a surrogate pair at the end.
    pub(crate) fn located(self) -> (Vec<u8>, Vec<usize>) {
        let (mut text, mut places) = (Vec::with_capacity(self.0.len()), Vec::with_capacity(self.0.len() + 1));
        let mut at = 0;
        while let Some(end) = self.character_or_run(at) {
            if self.0[at] == b'\\' {
                text.extend_from_slice(Str(&self.0[at..end]).decode().as_bytes());
                places.resize(text.len(), at);
            } else {
                text.extend_from_slice(&self.0[at..end]);
                places.extend(at..end);
            }
            at = end;
        }
        places.push(at);
        (text, places)
    }

    /// Where the escaped character that begins there ends, or the text without escapes; `None` where neither does.
    fn character_or_run(self, at: usize) -> Option<usize> {
        let rest = self.0.get(at..).filter(|rest| !rest.is_empty())?;
        if rest[0] != b'\\' {
            return Some(memchr::memchr(b'\\', rest).map_or(self.0.len(), |run| at + run));
        }
        let end = scan::escape(self.0, at).unwrap_or(self.0.len());
        let half = |at: usize, end: usize| self.0.get(at + 1..end).and_then(unit);
        if !matches!(half(at, end), Some(0xD800..=0xDBFF)) {
            return Some(end);
        }
        match scan::escape(self.0, end) {
            Ok(second) if matches!(half(end, second), Some(0xDC00..=0xDFFF)) => Some(second),
            _ if end == self.0.len() => None,
            _ => Some(end),
        }
    }

    /// What follows a character that ends at this byte.
    pub(super) fn after(self, at: usize) -> Option<Self> {
        let rest = self.0.get(at..)?;
        rest.first().is_none_or(|byte| byte & 0xC0 != 0x80).then_some(Self(rest))
    }

    pub(super) fn pieces(self) -> Pieces<'a> {
        Pieces { raw: self.0, at: 0 }
    }
}

/// A run that stands for itself, or one UTF-16 code unit from an escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Plain(&'a [u8]),
    Unit(u16),
}

pub(super) struct Pieces<'a> {
    raw: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let rest = self.raw.get(self.at..).filter(|rest| !rest.is_empty())?;
        if rest[0] != b'\\' {
            let run = &rest[..memchr::memchr(b'\\', rest).unwrap_or(rest.len())];
            self.at += run.len();
            return Some(Piece::Plain(run));
        }
        let end = scan::escape(self.raw, self.at).ok()?;
        let escape = &self.raw[self.at + 1..end];
        self.at = end;
        Some(Piece::Unit(unit(escape)?))
    }
}

/// The code unit of an escape, without its backslash.
pub(super) fn unit(escape: &[u8]) -> Option<u16> {
    match escape.first()? {
        b'u' => u16::from_str_radix(std::str::from_utf8(&escape[1..]).ok()?, 16).ok(),
        byte => Some(u16::from(short_escape(*byte))),
    }
}

/// What an escape of two bytes stands for.
#[inline]
pub(super) fn short_escape(byte: u8) -> u8 {
    match byte {
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => 0x0a,
        b'r' => 0x0d,
        b't' => 0x09,
        byte => byte,
    }
}

/// Joins surrogate pairs, also when the two halves come in different strings (two deltas).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SurrogatePairs {
    high: Option<u16>,
}

impl SurrogatePairs {
    pub(crate) fn push(&mut self, piece: Piece<'_>, out: &mut impl FnMut(&[u8])) {
        match piece {
            Piece::Plain(run) => {
                self.end(out);
                out(run);
            }
            Piece::Unit(low @ 0xDC00..=0xDFFF) if self.high.is_some() => {
                let high = self.high.take().unwrap_or_default();
                let pair = char::decode_utf16([high, low]).next().and_then(Result::ok);
                encode(pair, out);
            }
            Piece::Unit(unit) => {
                self.end(out);
                match unit {
                    0xD800..=0xDBFF => self.high = Some(unit),
                    _ => encode(char::from_u32(u32::from(unit)), out),
                }
            }
        }
    }

    /// Whether half a pair waits for the other.
    pub(super) fn is_pending(self) -> bool {
        self.high.is_some()
    }

    /// A high half that nothing followed.
    pub(crate) fn end(&mut self, out: &mut impl FnMut(&[u8])) {
        if self.high.take().is_some() {
            encode(None, out);
        }
    }
}

fn encode(c: Option<char>, out: &mut impl FnMut(&[u8])) {
    out(c.unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut [0; 4]).as_bytes());
}

/// Folds the bytes as words, the first in the lowest place; the last one is filled up with zeros.
#[inline]
pub(super) fn fold_words<T>(bytes: &[u8], first: T, mut take: impl FnMut(T, u64, usize) -> T) -> T {
    let (words, tail) = bytes.as_chunks::<8>();
    let mut folded = first;
    for word in words {
        folded = take(folded, u64::from_le_bytes(*word), 8);
    }
    if tail.is_empty() { folded } else { take(folded, part_of_word(tail), tail.len()) }
}

/// One to seven bytes, read in two or three overlapping pieces: a copy of unknown length would be a call.
#[inline]
fn part_of_word(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    if let (Some(low), Some(high)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let high = u64::from(u32::from_le_bytes(*high)) << (8 * (length - 4));
        return u64::from(u32::from_le_bytes(*low)) | high;
    }
    let at = |index: usize| bytes.get(index).map_or(0, |byte| u64::from(*byte) << (8 * index));
    at(0) | at(1) | at(2)
}

/// Whether one of the bytes of a word is `byte`.
#[inline]
fn has_byte(word: u64, byte: u8) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let zero_where_equal = word ^ (ONES * u64::from(byte));
    zero_where_equal.wrapping_sub(ONES) & !zero_where_equal & (ONES << 7) != 0
}

/// Characters of UTF-8 text: the bytes that continue none.
#[inline]
fn characters(text: &[u8]) -> u64 {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let continuing = fold_words(text, 0, |count, word, _| {
        // A continuation byte has its highest bit set and the next one not.
        count + u64::from((word & !(word << 1) & HIGH).count_ones())
    });
    text.len() as u64 - continuing
}
