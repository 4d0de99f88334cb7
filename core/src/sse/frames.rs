//! What a client is sent, cut into whole frames: for hosts that hand them on one by one.
//!
//! Input: what a transcoder gave, call after call. Output: frames, which are the same for any chunking of the upstream, and
//! joined the same bytes. State: the frame that is not whole yet, which only comments of a relayed stream leave behind.

use super::block::Field;
use super::line::{Bare, field};
use crate::json::{is_json, write};
use crate::limits::MAX_HEAD_BYTES;
use memchr::memchr2;
use std::borrow::Cow;

/// Cuts output into frames: an SSE block with its blank line, and what comments stand before it; or a line of JSON.
///
/// ```
/// use sluicegate::Frames;
///
/// let (mut frames, mut seen) = (Frames::default(), Vec::new());
/// frames.feed(b"data: {\"a\":1}\n\ndata: [DO", |frame| seen.push(frame.data().unwrap().to_vec()));
/// frames.feed(b"NE]\n\n", |frame| seen.push(frame.bytes.to_vec()));
/// assert_eq!(seen, [&b"{\"a\":1}"[..], b"data: [DONE]\n\n"]);
/// ```
#[derive(Debug, Default, Clone)]
pub struct Frames {
    is_lines: bool,
    /// Frames may be the upstream's own, of any data.
    is_relayed: bool,
    open: Vec<u8>,
    line: Line,
    so_far: SoFar,
    /// The last line ended in CR LF, so that a CR is half of a line end.
    has_crlf: bool,
}

/// One of the frames.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'f> {
    /// All of it.
    pub bytes: &'f [u8],
    is_relayed: bool,
}

/// Where the next byte stands.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Line {
    #[default]
    Start,
    Inside,
    /// After the CR of a line; of a blank one if that is said.
    AfterCr {
        is_blank: bool,
    },
}

/// What the open frame has.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum SoFar {
    /// Blank lines.
    #[default]
    Nothing,
    Comments,
    Fields,
}

impl Frames {
    /// `is_lines`: of JSON lines, not of SSE. `is_relayed`: as the upstream sent them.
    pub(crate) fn new(is_lines: bool, is_relayed: bool) -> Self {
        Self { is_lines, is_relayed, ..Self::default() }
    }

    /// Takes what a call gave; `each` gets the frames that are whole now.
    pub fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(Frame<'_>)) {
        let mut start = 0;
        let mut at = 0;
        while at < bytes.len() {
            let (next, ends) = self.step(bytes, at, self.open.len() + at - start);
            at = next;
            // Comments and blank lines may go on for ever.
            let is_full = self.so_far != SoFar::Fields && self.open.len() + at - start >= MAX_HEAD_BYTES;
            if ends || is_full {
                self.give(&bytes[start..at], &mut each);
                start = at;
            }
        }
        self.open.extend_from_slice(&bytes[start..]);
    }

    /// Ends the stream: what is left, as it is.
    pub fn finish(&mut self, each: impl FnOnce(Frame<'_>)) {
        let open = std::mem::take(&mut self.open);
        if !open.is_empty() {
            each(self.frame(&open));
        }
    }

    fn give(&mut self, rest: &[u8], each: &mut impl FnMut(Frame<'_>)) {
        self.so_far = SoFar::Nothing;
        if self.open.is_empty() {
            return each(self.frame(rest));
        }
        self.open.extend_from_slice(rest);
        each(self.frame(&self.open));
        self.open.clear();
    }

    fn frame<'f>(&self, bytes: &'f [u8]) -> Frame<'f> {
        Frame { bytes, is_relayed: self.is_relayed }
    }

    /// The next place to look at, and whether the frame, which has `length` bytes so far, ends there.
    fn step(&mut self, bytes: &[u8], at: usize, length: usize) -> (usize, bool) {
        match (self.line, bytes[at]) {
            (Line::AfterCr { is_blank }, b'\n') => {
                self.line = Line::Start;
                self.has_crlf = true;
                (at + 1, is_blank && self.so_far != SoFar::Nothing)
            }
            (Line::AfterCr { is_blank: true }, _) if self.so_far != SoFar::Nothing => {
                self.line = Line::Start;
                (at, true)
            }
            (Line::Start | Line::AfterCr { .. }, first @ (b'\n' | b'\r')) => self.line_end(first, at, true),
            (Line::Start | Line::AfterCr { .. }, first) => {
                self.has_crlf &= self.line == Line::Start;
                let is_comment = first == b':' && self.so_far != SoFar::Fields;
                self.so_far = if is_comment { SoFar::Comments } else { SoFar::Fields };
                self.line = Line::Inside;
                (at, false)
            }
            (Line::Inside, _) => self.inside(bytes, at, length),
        }
    }

    /// The rest of a line, or as much of a comment as there is room for.
    fn inside(&mut self, bytes: &[u8], at: usize, length: usize) -> (usize, bool) {
        let room = match self.so_far {
            SoFar::Fields => bytes.len(),
            _ => MAX_HEAD_BYTES - length,
        };
        let seen = &bytes[at..bytes.len().min(at.saturating_add(room))];
        match memchr2(b'\n', b'\r', seen) {
            Some(end) => self.line_end(seen[end], at + end, false),
            None => (at + seen.len(), false),
        }
    }

    /// The line end at `at`; whether the frame ends there. A CR after lines that ended in CR LF waits for its LF.
    fn line_end(&mut self, byte: u8, at: usize, is_blank: bool) -> (usize, bool) {
        let ends = self.is_lines || (is_blank && self.so_far != SoFar::Nothing);
        if byte == b'\n' {
            self.line = Line::Start;
            self.has_crlf = false;
            return (at + 1, ends);
        }
        let waits = self.has_crlf;
        self.line = Line::AfterCr { is_blank: is_blank && waits };
        if !waits && ends {
            self.line = Line::Start;
        }
        (at + 1, ends && !waits)
    }
}

impl<'f> Frame<'f> {
    /// Its data, as SSE has it; `None` where there is none. A line of JSON is its own data.
    pub fn data(self) -> Option<Cow<'f, [u8]>> {
        if self.bytes.first() == Some(&b'{') {
            return Some(Cow::Borrowed(self.bytes.trim_ascii_end()));
        }
        // A relayed stream may begin with it.
        let block = self.bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(self.bytes);
        let mut values = lines(block).filter_map(|line| match field(line, Bare::Never) {
            Some((Field::Data, start)) => Some(&line[start..]),
            _ => None,
        });
        let mut data = Cow::Borrowed(values.next()?);
        for value in values {
            let data = data.to_mut();
            data.push(b'\n');
            data.extend_from_slice(value);
        }
        Some(data)
    }

    /// Its data as one JSON value: `null` for `[DONE]`, a string for what is no JSON; `None` where there is no data.
    pub fn json(self) -> Option<Cow<'f, [u8]>> {
        let data = self.data()?;
        Some(match data.trim_ascii() {
            b"[DONE]" => Cow::Borrowed(b"null"),
            own if self.is_relayed && !is_json(own) => {
                let mut quoted = Vec::new();
                write::string(&mut quoted, &String::from_utf8_lossy(&data));
                Cow::Owned(quoted)
            }
            _ => data,
        })
    }
}

/// The lines of a block, and empty ones between CR and LF.
fn lines(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(block);
    std::iter::from_fn(move || {
        let block = rest?;
        let end = memchr2(b'\n', b'\r', block);
        rest = end.map(|end| &block[end + 1..]);
        Some(&block[..end.unwrap_or(block.len())])
    })
}
