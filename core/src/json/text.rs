//! Enters: the bytes between two quotes. Leaves: comparisons, decoded text, and what of a snapshot is still missing.

use super::hole::Text;
use super::scan;
use crate::lanes::Lanes;
use std::borrow::Cow;

/// A JSON string as it was sent: the bytes between its quotes, escapes and all.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
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
    pub(crate) fn is_blank(self) -> bool {
        match self.0.first() {
            Some(byte) if byte.is_ascii_graphic() && *byte != b'\\' => false,
            _ => self.decode().trim().is_empty(),
        }
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
        let mut count = 0;
        for piece in self.pieces() {
            count += match piece {
                Piece::Plain(run) => characters(run),
                Piece::Unit(unit) => u64::from(!(0xDC00..=0xDFFF).contains(&unit)),
            };
        }
        count
    }

    /// The string itself; a lone surrogate becomes U+FFFD.
    pub(crate) fn decode(self) -> String {
        let mut bytes = Vec::with_capacity(self.0.len());
        let mut units = Units::default();
        for piece in self.pieces() {
            units.push(piece, &mut |decoded| bytes.extend_from_slice(decoded));
        }
        units.end(&mut |decoded| bytes.extend_from_slice(decoded));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Appends the decoded bytes; `units` carries half a surrogate pair on to the next string.
    pub(crate) fn decode_onto(self, units: &mut Units, out: &mut Vec<u8>) {
        if units.high.is_none() && !self.is_escaped() {
            return out.extend_from_slice(self.0);
        }
        for piece in self.pieces() {
            units.push(piece, &mut |decoded| out.extend_from_slice(decoded));
        }
    }

    fn pieces(self) -> Pieces<'a> {
        Pieces { raw: self.0, at: 0 }
    }
}

/// A run that stands for itself, or one UTF-16 code unit from an escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Plain(&'a [u8]),
    Unit(u16),
}

struct Pieces<'a> {
    raw: &'a [u8],
    at: usize,
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
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Units {
    high: Option<u16>,
}

impl Units {
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

/// How much of a text was already streamed: decoded length and digest, not the text.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    digest: Digest,
    units: Units,
}

impl Progress {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// [`Progress::push`] of what the shortcut found.
    #[inline]
    pub(crate) fn push_text(&mut self, text: &Text<'_>) {
        match text.decoded() {
            _ if self.units.high.is_some() => self.push(text.as_str()),
            Some((bytes, length)) => self.digest.push_short(&bytes, length),
            None if text.is_escaped() => self.push(text.as_str()),
            None => self.digest.push(text.as_str().0),
        }
    }

    pub(crate) fn push(&mut self, text: Str<'_>) {
        if self.units.high.is_none() && !text.is_escaped() {
            return self.digest.push(text.0);
        }
        for piece in text.pieces() {
            self.push_piece(piece);
        }
    }

    fn push_piece(&mut self, piece: Piece<'_>) {
        let digest = &mut self.digest;
        self.units.push(piece, &mut |decoded| digest.push(decoded));
    }

    /// The part of `snapshot` that follows what was streamed; `None` when it is shorter or different.
    pub(crate) fn rest_of<'a>(&self, snapshot: Str<'a>) -> Option<Str<'a>> {
        let mut seen = Self::default();
        let mut pieces = snapshot.pieces();
        let mut at = 0;
        while seen != *self {
            let missing = usize::try_from(self.digest.len.checked_sub(seen.digest.len)?).ok()?;
            let piece = match pieces.next()? {
                // An empty prefix would only repeat the comparison: a pending half must then come from an escape.
                Piece::Plain(run) if (1..run.len()).contains(&missing) => {
                    at += missing;
                    seen.push_piece(Piece::Plain(&run[..missing]));
                    break;
                }
                piece => piece,
            };
            seen.push_piece(piece);
            at = pieces.at;
        }
        let is_boundary = snapshot.0.get(at).is_none_or(|byte| byte & 0xC0 != 0x80);
        (seen == *self && is_boundary).then(|| Str(&snapshot.0[at..]))
    }
}

/// Length and a 64-bit hash of a byte string that arrives in any cut. Not cryptographic: a peer that forges a
/// collision only corrupts its own text.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Digest {
    hash: u64,
    word: u64, // the bytes that do not fill a word yet, low byte first
    len: u64,
}

impl Digest {
    fn push(&mut self, bytes: &[u8]) {
        fold_words(bytes, (), |(), word, count| self.push_word(word, count as u64));
    }

    /// The first `length` of 16 bytes.
    #[inline]
    fn push_short(&mut self, bytes: &Lanes, length: usize) {
        let [low, high] = [0, 1].map(|nth| bytes.as_chunks::<8>().0[nth]).map(u64::from_le_bytes);
        let first = |word: u64, count: usize| word & u64::MAX >> (64 - 8 * count);
        match length {
            0 => {}
            1..=8 => self.push_word(first(low, length), length as u64),
            _ => {
                self.push_word(low, 8);
                self.push_word(first(high, length - 8), length as u64 - 8);
            }
        }
    }

    /// Appends the `count` low bytes of `bytes` (1 to 8; the others are zero). Whether they fill the word is as good as
    /// random, so both outcomes are computed and none is branched to.
    #[inline]
    fn push_word(&mut self, bytes: u64, count: u64) {
        let filled = 8 * (self.len % 8);
        let word = self.word | bytes << filled;
        let is_full = filled + 8 * count >= 64;
        let hash = (self.hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
        let left = bytes >> 1 >> (63 - filled); // all of them are in, where `filled` is 0
        self.len += count;
        self.hash = std::hint::select_unpredictable(is_full, hash, self.hash);
        self.word = std::hint::select_unpredictable(is_full, left, word);
    }
}

/// Folds the bytes as words, the first in the lowest place; the last one is filled up with zeros.
#[inline]
fn fold_words<T>(bytes: &[u8], first: T, mut take: impl FnMut(T, u64, usize) -> T) -> T {
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
