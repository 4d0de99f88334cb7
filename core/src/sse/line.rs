//! Lines and fields of SSE.
//!
//! Input: bytes. Output: where lines end, and the field of a line. State: the line that crosses a chunk edge.
//!
//! WHATWG §9.2.5: CRLF, LF and CR each end a line; nothing else does. One leading BOM is not part of the stream.

use super::block::Field;
use std::ops::Range;

/// Index of the line end at or after `at`.
pub(super) fn end(chunk: &[u8], at: usize) -> Option<usize> {
    memchr::memchr2(b'\n', b'\r', &chunk[at..]).map(|length| at + length)
}

/// The line ends of one chunk. Keeps what was found free of them in vain, so that no byte is scanned again.
#[derive(Debug, Default, Clone)]
pub(super) struct Ends {
    pub(super) free: [Range<usize>; 2],
}

impl Ends {
    /// Index of the line end at or after `at`.
    pub(super) fn next(&self, chunk: &[u8], at: usize) -> Option<usize> {
        let free = self.free.iter().find(|free| free.contains(&at));
        end(chunk, free.map_or(at, |free| free.end))
    }
}

/// Whether a line without a field is data: LLM servers write errors so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bare {
    Never,
    /// If it begins an object or a list.
    Opening,
    /// The block began with one.
    Always,
}

impl Bare {
    pub(super) fn takes(self, line: &[u8]) -> bool {
        match self {
            Self::Never => false,
            Self::Opening => matches!(line.first(), Some(b'{' | b'[')),
            Self::Always => true,
        }
    }
}

/// The known field of a whole, non-blank line, and where its value starts; `None` for comments and unknown fields.
pub(super) fn field(line: &[u8], bare: Bare) -> Option<(Field, usize)> {
    if bare.takes(line) {
        return Some((Field::Data, 0));
    }
    let name = line.iter().take(Field::LONGEST_NAME + 1).position(|byte| *byte == b':');
    let Some(colon) = name else { return Field::named(line, false).map(|field| (field, line.len())) };
    let space = usize::from(line.get(colon + 1) == Some(&b' '));
    Field::named(&line[..colon], bare != Bare::Never).map(|field| (field, colon + 1 + space))
}

const BOM: &[u8] = "\u{feff}".as_bytes();

/// How much of the stream's one leading BOM was seen.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Bom {
    matched: usize,
    is_over: bool,
}

impl Bom {
    /// What was seen of it, until it is known whether it is one.
    pub(super) fn begun(&self) -> Option<&'static [u8]> {
        (!self.is_over).then(|| &BOM[..self.matched])
    }

    /// Bytes to skip, and whether bytes skipped so far turn out to be the beginning of a line.
    pub(super) fn skip(&mut self, chunk: &[u8]) -> (usize, bool) {
        if self.is_over || chunk.is_empty() {
            return (0, false);
        }
        let rest = &BOM[self.matched..];
        let same = rest.iter().zip(chunk).take_while(|(a, b)| a == b).count();
        let before = self.matched;
        self.matched += same;
        self.is_over = same < chunk.len() || self.matched == BOM.len();
        let is_line = self.is_over && self.matched < BOM.len() && before + same > 0;
        (same, is_line)
    }

    /// Whether it has begun, and may yet be a line.
    pub(super) fn is_open(&self) -> bool {
        !self.is_over && self.matched > 0
    }
}

/// A line whose end has not come yet.
#[derive(Debug, Clone, Default)]
pub(super) enum PartialLine {
    /// Nothing of the line was seen.
    #[default]
    Start,
    /// No colon yet.
    Name { name: [u8; Field::LONGEST_NAME], length: usize },
    /// A known field; its value so far is in the block. `length` counts the whole line.
    Value { field: Field, length: usize, is_first: bool },
    /// A comment or an unknown field: dropped as it arrives.
    Ignored,
}

impl PartialLine {
    pub(super) fn is_start(&self) -> bool {
        matches!(self, Self::Start)
    }

    /// Takes more bytes of the line; gives back the value bytes among them and the line's length so far.
    pub(super) fn extend<'a>(&mut self, bytes: &'a [u8], bare: Bare) -> Option<(Field, &'a [u8], usize)> {
        let mut rest = bytes;
        if self.is_start() && bare.takes(rest) {
            *self = Self::Value { field: Field::Data, length: 0, is_first: false };
        }
        while let (Self::Start | Self::Name { .. }, [byte, tail @ ..]) = (&*self, rest) {
            self.push_name(*byte, bare != Bare::Never);
            rest = tail;
        }
        let Self::Value { field, length, is_first } = self else { return None };
        *length += rest.len();
        let value = match rest {
            [b' ', value @ ..] if *is_first => value,
            value => value,
        };
        *is_first &= rest.is_empty();
        Some((*field, value, *length))
    }

    fn push_name(&mut self, byte: u8, takes_error: bool) {
        let (mut name, length) = match *self {
            Self::Name { name, length } => (name, length),
            _ => ([0; Field::LONGEST_NAME], 0),
        };
        *self = match (byte, name.get_mut(length)) {
            (b':', _) => match Field::named(&name[..length], takes_error) {
                Some(field) => Self::Value { field, length: length + 1, is_first: true },
                None => Self::Ignored,
            },
            (_, None) => Self::Ignored,
            (_, Some(slot)) => {
                *slot = byte;
                Self::Name { name, length: length + 1 }
            }
        };
    }

    /// The line has ended: its field, if known, and its length.
    pub(super) fn end(&mut self) -> Option<(Field, usize)> {
        match std::mem::take(self) {
            Self::Name { name, length } => Field::named(&name[..length], false).map(|field| (field, length)),
            Self::Value { field, length, .. } => Some((field, length)),
            Self::Start | Self::Ignored => None,
        }
    }
}
