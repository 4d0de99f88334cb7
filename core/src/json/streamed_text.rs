//! The digest of a streamed text.
//!
//! Input: a text in pieces, then a snapshot of it. Output: the part of the snapshot that is still missing. State:
//! length and digest, never the text.

use super::template_gap::Text;
use super::text::{Piece, Str, SurrogatePairs, fold_words};
use super::write::{self, Spacing};
use crate::simd::Lanes;

/// How much of a text was already streamed: length and digest, not the text. Of its canonical spelling, where each character
/// that needs an escape has its short one, or else a backslash before it: nearly every text is spelled so, and then neither a
/// piece nor a snapshot must be decoded.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Progress {
    digest: Digest,
    units: SurrogatePairs,
}

impl Progress {
    /// Of a whole text.
    pub(crate) fn of(text: Str<'_>) -> Self {
        let mut progress = Self::default();
        progress.push(text);
        progress
    }

    /// Of a text that is JSON, with other white space between its tokens: some servers end a call otherwise than they
    /// streamed it.
    pub(crate) fn spaced_otherwise(json: Str<'_>) -> impl Iterator<Item = Self> + '_ {
        [Spacing::Compact, Spacing::Wide].into_iter().map(move |spacing| {
            let mut spaced = Vec::new();
            write::spaced(&mut spaced, json.decode().as_bytes(), spacing);
            Self::of(Str::from_raw(&write::contents(&String::from_utf8_lossy(&spaced))))
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// [`Progress::push`] of what the shortcut found.
    #[inline]
    pub(crate) fn push_text(&mut self, text: &Text<'_>) {
        match text.short() {
            _ if self.units.is_pending() => self.push(text.as_str()),
            Some(bytes) => self.digest.push_short(bytes, text.length()),
            None if text.is_escaped() => self.push(text.as_str()),
            None => self.digest.push(text.as_str().raw()),
        }
    }

    pub(crate) fn push(&mut self, text: Str<'_>) {
        if !self.units.is_pending() && text.is_canonical() {
            return self.digest.push(text.raw());
        }
        for piece in text.pieces() {
            self.push_piece(piece);
        }
    }

    fn push_piece(&mut self, piece: Piece<'_>) {
        let digest = &mut self.digest;
        self.units.push(piece, &mut |decoded| match *decoded {
            [byte] if byte < 0x20 || byte == b'"' || byte == b'\\' => {
                digest.push(&[b'\\', escape_letter(byte)]);
            }
            _ => digest.push(decoded),
        });
    }

    /// The part of `snapshot` that follows what was streamed; `None` when it is shorter or different.
    pub(crate) fn rest_of<'a>(&self, snapshot: Str<'a>) -> Option<Str<'a>> {
        if self.is_empty() {
            return Some(snapshot);
        }
        if !self.units.is_pending() && snapshot.is_canonical() {
            return self.rest_of_canonical(snapshot);
        }
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
        (seen == *self).then(|| snapshot.after(at)).flatten()
    }

    fn rest_of_canonical<'a>(&self, snapshot: Str<'a>) -> Option<Str<'a>> {
        let length = usize::try_from(self.digest.len).ok()?;
        let mut seen = Digest::default();
        seen.push(snapshot.raw().get(..length)?);
        (seen == self.digest).then(|| snapshot.after(length)).flatten()
    }
}

/// What follows the backslash in a short escape; the byte itself where it has none.
fn escape_letter(byte: u8) -> u8 {
    match byte {
        0x08 => b'b',
        0x0c => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        byte => byte,
    }
}

/// Length and a 64-bit hash of a byte string that arrives in any cut. Not cryptographic: a peer that forges a
/// collision only corrupts its own text.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
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
