//! The tokens of a text, estimated: it is cut into pieces as tokenizers cut it, and a table has the mean of each kind of piece.
//!
//! Input: a text in UTF-8. Output: its tokens, in thousandths. State: the place, and what stands before it.
//!
//! Tokenizers of byte pairs first cut a text by the classes of its characters, here those of `o200k_base`; inside a piece they
//! merge what was frequent, and that is a mean here. So texts add up: the pieces of two are the pieces of both.

use super::means::MEANS;

/// Thousandths of a token.
pub(super) fn thousandths(text: &[u8]) -> u64 {
    Cut::new(text).map(|piece| u64::from(MEANS[piece.cell]) * piece.times as u64).sum()
}

/// Longest piece with a mean of its own; a longer one has a mean for each character.
const LONGEST: usize = 12;
/// Cells of a kind of piece: one for each length, and one for each character of a longer one.
pub(super) const ROW: usize = LONGEST + 1;

// Where the cells of a kind begin.
pub(super) const WORDS: usize = 0; // by what is before, by case
pub(super) const FOREIGN: usize = WORDS + 6 * 3 * ROW; // by script
pub(super) const SIGNS: usize = FOREIGN + 8 * ROW; // different ones, the same one
pub(super) const BREAKS: usize = SIGNS + 2 * ROW; // after a sign, else
pub(super) const BLANKS: usize = BREAKS + 2 * ROW; // before a letter, a sign, else
pub(super) const SIGN: usize = BLANKS + 3 * ROW; // one, by which it is: before a letter, else
pub(super) const DIGITS: usize = SIGN + 2 * SIGN_KINDS;
const _: () = assert!(MEANS.len() == DIGITS + 1);

/// The signs of ASCII, and control characters, which are one.
const SIGN_KINDS: usize = 33;
/// Digits of one token.
const DIGITS_PER_TOKEN: usize = 3;
/// Unbroken letters and digits, after which more of them are base64 rather than words.
const OPAQUE_RUN: usize = 24;
/// Words after one with an accent that are of its language, too: not English, which tokenizers know best.
const ACCENTED_WORDS: u32 = 20;

/// A part of a text, by its cell in the table.
pub(super) struct Piece {
    pub(super) cell: usize,
    pub(super) times: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Before {
    Blank,
    Sign,
    Glued,
}

/// The pieces of a text, in order.
pub(super) struct Cut<'a> {
    text: &'a [u8],
    pub(super) at: usize,
    before: Before,
    /// Letters and digits without a break.
    run: usize,
    /// How many more words are taken for words of a language with accents.
    accented: u32,
}

impl Iterator for Cut<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        Some(match self.text.get(self.at)? {
            b'a'..=b'z' | b'A'..=b'Z' | 0xC3..=0xC9 => self.word(),
            b'0'..=b'9' => self.digits(),
            b' ' | b'\t' | b'\n' | b'\r' => self.blanks(),
            0x80.. => self.foreign(),
            sign => self.signs(*sign),
        })
    }
}

impl<'a> Cut<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, before: Before::Sign, run: 0, accented: 0 }
    }

    /// Large letters, then small ones, as far as they go.
    fn word(&mut self) -> Piece {
        let start = self.at;
        let large = self.end_of(|byte| byte.is_ascii_uppercase());
        let (mut at, mut length) = (large, large - start);
        while let Some(byte @ (b'a'..=b'z' | 0xC3..=0xC9)) = self.text.get(at) {
            at = self.text.len().min(at + if *byte < 0x80 { 1 } else { 2 });
            length += 1;
        }
        let is_accented = length < at - start;
        self.accented = if is_accented { ACCENTED_WORDS } else { self.accented.saturating_sub(1) };
        let lead = match (self.before, self.accented > 0) {
            (Before::Blank, false) => 0,
            (Before::Sign, false) => 1,
            (Before::Blank, true) => 2,
            (Before::Sign, true) => 3,
            (Before::Glued, _) => 4 + usize::from(self.run >= OPAQUE_RUN),
        };
        self.glue(at);
        of_length(WORDS + (lead * 3 + (large - start).min(2)) * ROW, length)
    }

    fn digits(&mut self) -> Piece {
        let (start, end) = (self.at, self.end_of(|byte| byte.is_ascii_digit()));
        self.glue(end);
        Piece { cell: DIGITS, times: (end - start).div_ceil(DIGITS_PER_TOKEN) }
    }

    /// White space up to its last line end; or what has none, whose last blank is mostly part of what follows.
    fn blanks(&mut self) -> Piece {
        let (start, end) = (self.at, self.end_of(is_blank));
        let lines = self.text[start..end].iter().rposition(|byte| matches!(byte, b'\n' | b'\r'));
        let (row, end) = match lines {
            Some(last) => (BREAKS + usize::from(self.before != Before::Sign) * ROW, start + last + 1),
            None => (BLANKS + kind_of_next(self.text.get(end)) * ROW, end),
        };
        (self.at, self.before, self.run) = (end, Before::Blank, 0);
        of_length(row, end - start)
    }

    /// Characters of one script that is not Latin.
    fn foreign(&mut self) -> Piece {
        let (mut at, mut length, mut script) = (self.at, 0, None);
        while let Some((own, width)) = script_at(self.text, at) {
            if *script.get_or_insert(own) != own {
                break;
            }
            at += width;
            length += 1;
        }
        self.glue(at);
        of_length(FOREIGN + script.unwrap_or_default() * ROW, length)
    }

    fn signs(&mut self, first: u8) -> Piece {
        let (start, end) = (self.at, self.end_of(is_sign));
        (self.at, self.before) = (end, Before::Sign);
        let is_one = end - start == 1;
        if !is_one || !matches!(first, b'/' | b'+') {
            self.run = 0; // these two are also in base64
        }
        if is_one {
            let is_last = kind_of_next(self.text.get(end)) != 0;
            return Piece { cell: SIGN + usize::from(is_last) * SIGN_KINDS + kind_of_sign(first), times: 1 };
        }
        let is_same = self.text[start..end].iter().all(|byte| *byte == first);
        of_length(SIGNS + usize::from(is_same) * ROW, end - start)
    }

    fn glue(&mut self, end: usize) {
        self.run += end - self.at;
        (self.at, self.before) = (end, Before::Glued);
    }

    fn end_of(&self, is_in: impl Fn(u8) -> bool) -> usize {
        let rest = &self.text[self.at..];
        self.at + rest.iter().position(|byte| !is_in(*byte)).unwrap_or(rest.len())
    }
}

/// Its mean by its length, or a mean for each character.
fn of_length(row: usize, length: usize) -> Piece {
    match length {
        1..=LONGEST => Piece { cell: row + length - 1, times: 1 },
        _ => Piece { cell: row + LONGEST, times: length },
    }
}

/// 0 for a letter, which what stands before it may become a part of.
fn kind_of_next(next: Option<&u8>) -> usize {
    match next {
        Some(b'a'..=b'z' | b'A'..=b'Z' | 0x80..) => 0,
        Some(next) if is_sign(*next) => 1,
        _ => 2,
    }
}

fn kind_of_sign(sign: u8) -> usize {
    usize::from(match sign {
        b'!'..=b'/' => sign - b'!',
        b':'..=b'@' => sign - b':' + 15,
        b'['..=b'`' => sign - b'[' + 22,
        b'{'..=b'~' => sign - b'{' + 28,
        _ => 32,
    })
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn is_sign(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && !is_blank(byte)
}

/// The script of a character that is neither ASCII nor Latin, and its bytes.
fn script_at(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let first = *text.get(at)?;
    let second = text.get(at + 1).copied().unwrap_or_default();
    let (script, width) = match (first, second) {
        (0..=0x7F | 0xC3..=0xC9, _) => return None,
        (0xD0..=0xD3, _) => (1, 2),                       // Cyrillic
        (0xCD..=0xDF, _) => (2, 2),                       // Greek, Armenian, Hebrew, Arabic
        (0x80..=0xCC, _) => (0, 2),                       // signs
        (0xE0 | 0xE1, _) => (3, 3),                       // of India and South-East Asia
        (0xE3, 0x81..=0x83) => (4, 3),                    // Kana
        (0xE3, 0x80) | (0xE2 | 0xEE | 0xEF, _) => (0, 3), // signs and punctuation
        (0xE3..=0xE9, _) => (5, 3),                       // Han
        (0xEA..=0xED, _) => (6, 3),                       // Hangul
        (0xF0.., _) => (7, 4),                            // emoji
    };
    Some((script, width.min(text.len() - at)))
}
