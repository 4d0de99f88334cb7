//! The gap of a template: one JSON value inside bytes that are known.
//!
//! Input: bytes that begin at the gap. Output: the value, if [`super::walk`] and UTF-8 decoding would accept it too.
//! State: none.

use super::{Str, scan};
use crate::simd::{self, Lanes};

/// The contents of a string.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    raw: &'a [u8],
    /// For short texts without other escapes than those of [`simd::text_length`]: the input bytes from the text on, so
    /// that it can be copied as one block of fixed size.
    short: Option<&'a Lanes>,
    form: Form,
}

/// Whole words, for a text is copied for every event: copies of odd bytes wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
enum Form {
    /// ASCII
    Plain,
    /// Other characters too.
    Wide,
    Escaped,
}

/// The string contents that `bytes` begin with; a quote follows.
#[inline]
pub(crate) fn text(bytes: &[u8]) -> Option<Text<'_>> {
    let Some(lanes) = bytes.first_chunk() else { return long(bytes) };
    let end = simd::ends_text(lanes).trailing_zeros() as usize;
    if end < simd::WIDTH && lanes[end] == b'"' {
        return Some(Text { raw: &lanes[..end], short: Some(lanes), form: Form::Plain });
    }
    match lanes.get(end) {
        Some(b'\\') => escaped(lanes),
        Some(_) => wide(lanes),
        None => None,
    }
    .or_else(|| long(bytes))
}

/// A short text that ends within `lanes`, with characters outside ASCII.
fn wide(lanes: &Lanes) -> Option<Text<'_>> {
    let end = simd::ends_plain(lanes).trailing_zeros() as usize;
    let raw = lanes.get(..end).filter(|_| lanes.get(end) == Some(&b'"'))?;
    std::str::from_utf8(raw).is_ok().then_some(Text { raw, short: Some(lanes), form: Form::Wide })
}

/// A short text that ends within `lanes` although there are escapes in it.
fn escaped(lanes: &Lanes) -> Option<Text<'_>> {
    let mut ends = simd::ends_text(lanes);
    loop {
        let at = ends.trailing_zeros() as usize;
        match lanes.get(at..)? {
            [b'"', ..] => return Some(Text { raw: &lanes[..at], short: Some(lanes), form: Form::Escaped }),
            [b'\\', b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't', ..] => ends &= !(0b11 << at),
            _ => return None,
        }
    }
}

fn long(bytes: &[u8]) -> Option<Text<'_>> {
    let plain = scan::plain(bytes, 0);
    let (end, is_escaped) = match bytes.get(plain)? {
        b'"' => (plain, false),
        _ => (scan::string(bytes, plain).ok()?, true),
    };
    let raw = &bytes[..end];
    let is_ascii = raw.is_ascii();
    let form = match (is_escaped, is_ascii) {
        (true, _) => Form::Escaped,
        (false, true) => Form::Plain,
        (false, false) => Form::Wide,
    };
    (is_ascii || simdutf8::basic::from_utf8(raw).is_ok()).then_some(Text { raw, short: None, form })
}

/// Length of the whole number that `bytes` begin with, if it is under 10^7; what follows it is for the caller to compare.
#[inline]
pub(crate) fn digits(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let word = match bytes.first_chunk() {
        Some(word) => u64::from_le_bytes(*word),
        None => bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    let value = word ^ (ONES * u64::from(b'0')); // 0 to 9 for a digit
    let other = (value | ((value & (ONES * 0x7f)) + ONES * 0x76)) & (ONES << 7);
    let length = other.trailing_zeros() as usize / 8;
    let is_number = length == 1 || (length > 1 && bytes[0] != b'0');
    (is_number && length < 8).then_some(length)
}

impl<'a> Text<'a> {
    #[inline]
    pub(crate) fn as_str(&self) -> Str<'a> {
        Str::new(self.raw)
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Bytes as sent.
    #[inline]
    pub(crate) fn length(&self) -> usize {
        self.raw.len()
    }

    #[inline]
    pub(crate) fn is_escaped(&self) -> bool {
        self.form == Form::Escaped
    }

    /// The bytes that a short text is the beginning of.
    #[inline]
    pub(crate) fn short(&self) -> Option<&'a Lanes> {
        self.short
    }

    /// As [`Str::code_points`].
    #[inline]
    pub(crate) fn code_points(&self) -> u64 {
        match (self.form, self.short) {
            (Form::Plain, _) => self.raw.len() as u64,
            (Form::Wide, Some(lanes)) => {
                let begins = simd::begins_character(lanes) & !(u32::MAX << self.raw.len());
                u64::from(begins.count_ones())
            }
            _ => self.as_str().code_points(),
        }
    }

    /// Appends it as it was sent.
    #[inline]
    pub(crate) fn append_to(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.raw.len();
        match self.short {
            // A copy of known length is no call.
            Some(lanes) => {
                out.extend_from_slice(lanes);
                out.truncate(end);
            }
            None => out.extend_from_slice(self.raw),
        }
    }
}
