//! The SSE parser.
//!
//! Input: chunks of an SSE byte stream, cut anywhere. Output: events, borrowed from the chunk where they lie inside
//! it. State: the part of a block that crosses a chunk edge, the sticky id, the retry time.
//!
//! WHATWG HTML §9.2.5–9.2.6, with limits. Linear for every chunking: a byte is scanned once, and copied at most once,
//! when its block crosses an edge (or has several `data` lines).

mod block;
mod events;
mod flow;
mod frames;
mod line;
mod options;
#[cfg(feature = "bytes")]
mod owned;
mod whole;

use crate::error::Error;
use crate::json::write;
use crate::limits::RETAINED_BYTES;
use crate::simd;
use block::{Block, Field, FieldValue};
pub use events::Events;
pub(crate) use flow::{Flow, SseFlow};
pub use frames::{Frame, Frames};
use line::{Bare, Bom, Ends, PartialLine};
pub use options::{SseOptions, Utf8Policy};
#[cfg(feature = "bytes")]
pub use owned::{OwnedEvent, OwnedEvents};
use std::ops::Range;
use whole::{BlockPrefix, Whole};

/// One dispatched event (WHATWG §9.2.6), valid until the next call on the parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event<'a> {
    /// The event type; `message` when the block named none.
    pub event: &'a str,
    /// The `data` lines, joined with LF.
    pub data: &'a str,
    /// The last event id in force: sticky over blocks.
    pub id: &'a str,
    /// Whether `data` is a slice of the fed chunk: nothing was copied.
    pub lent: bool,
}

impl Event<'_> {
    /// `{"event":…,"data":…,"id":…}`, the same bytes in three languages.
    pub fn to_json(&self) -> String {
        let mut out = Vec::with_capacity(self.data.len() + 64);
        for (open, text) in [("{\"event\":", self.event), (",\"data\":", self.data), (",\"id\":", self.id)] {
            out.extend_from_slice(open.as_bytes());
            write::string(&mut out, text);
        }
        out.push(b'}');
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// Incremental SSE parser: one per stream, any chunking, no I/O.
///
/// ```
/// let mut parser = sluicegate::SseParser::default();
/// let mut events = parser.feed(b"event: ping\ndata: one\n\ndata: t");
/// while let Some(event) = events.next_event()? {
///     assert_eq!((event.event, event.data), ("ping", "one"));
/// }
/// let mut events = parser.feed(b"wo\n\n");
/// assert_eq!(events.next_event()?.map(|event| event.data), Some("two"));
/// # Ok::<(), sluicegate::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct SseParser {
    options: SseOptions,
    bom: Bom,
    /// A CR ended the last line, so an LF that comes next belongs to it.
    skip_lf: bool,
    /// Of the chunk in hand.
    ends: Ends,
    partial: PartialLine,
    block: Block,
    last_event_id: Vec<u8>,
    retry: Option<u64>,
    text: Scratch,
    /// Stream offset of the next byte to be fed.
    offset: u64,
    copied: u64,
    finished: bool,
    /// Stream offset of the end of the last block that was skipped.
    skipped_until: u64,
    /// Takes errors that servers write without `data:` for data.
    takes_stray: bool,
    /// Cap on a whole block, comments included; there where blocks are kept as they were sent.
    max_block_bytes: Option<u64>,
    /// An event was completed by the last byte, so that a new block begins at the next one.
    is_between: bool,
    head: BlockPrefix,
}

/// Replacement text of the event in hand; empty unless it held invalid UTF-8.
#[derive(Debug, Clone, Default)]
struct Scratch {
    event: String,
    data: String,
    id: String,
}

/// Whether a line is one that a stream of an LLM server may have: a field, a comment, a stray error.
pub(crate) fn is_stream_line(line: &[u8]) -> bool {
    line.starts_with(b":") || line::field(line, line::Bare::Opening).is_some()
}

impl SseParser {
    /// A parser with other limits or policies than the defaults.
    pub fn new(options: SseOptions) -> Self {
        Self { options, ..Self::default() }
    }

    /// Gives the next chunk, of any size; its events are parsed as they are read.
    pub fn feed<'p, 'c>(&'p mut self, chunk: &'c [u8]) -> Events<'p, 'c> {
        simd::prefetch_first(chunk);
        self.ends = Ends::default();
        if self.text.data.capacity() > RETAINED_BYTES {
            self.text = Scratch::default();
        }
        Events { parser: self, chunk, at: 0 }
    }

    /// Ends the stream. An unterminated block is dropped (WHATWG), or dispatched under `dispatch_tail`.
    pub fn finish(&mut self) -> Result<Option<Event<'_>>, Error> {
        if std::mem::replace(&mut self.finished, true) {
            return Err(Error::AfterFinish);
        }
        self.is_between = false;
        self.block.recycle();
        let is_event = self.options.dispatch_tail && {
            self.end_partial(&[])?;
            self.dispatch(&[])?
        };
        Ok(if is_event { Some(self.event(&[])) } else { None })
    }

    /// The last `id` that a dispatched block set (WHATWG "last event ID string"); invalid UTF-8 is replaced.
    pub fn last_event_id(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.last_event_id)
    }

    /// The last valid `retry` value, in milliseconds.
    pub fn retry(&self) -> Option<u64> {
        self.retry
    }

    /// Bytes scanned for line ends plus bytes copied; at most twice the bytes fed, whatever the chunking. (Not counted:
    /// what a scan's last block of 64 bytes saw beyond its line end, and UTF-8 validation of other than ASCII.)
    pub fn bytes_touched(&self) -> u64 {
        self.offset + self.copied
    }

    /// A parser beside which someone keeps blocks as they are sent: comments count too.
    pub(crate) fn with_max_block_bytes(self, limit: usize) -> Self {
        Self { max_block_bytes: Some(limit as u64), ..self }
    }

    /// A parser that takes `error: …`, and lines that begin with an object or a list, for data, where a block has no other:
    /// LLM servers write errors so. WHATWG drops both.
    pub(crate) fn with_stray_errors(self) -> Self {
        Self { takes_stray: true, ..self }
    }

    /// Stream offset of the next byte to be fed.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// What was seen of a BOM, until it is known whether it is one.
    pub(crate) fn begun_bom(&self) -> Option<&'static [u8]> {
        self.bom.begun()
    }

    /// Where the last block that was skipped ends, if it has ended.
    pub(crate) fn skipped_until(&self) -> u64 {
        self.skipped_until
    }

    /// Where the block that is not complete begins, if there is one, or may be.
    pub(crate) fn open_block(&self) -> Option<u64> {
        self.block.start().or_else(|| self.bom.is_open().then_some(0))
    }

    /// Where the next block begins, if that is known: after the LF of a CRLF.
    #[inline]
    fn between_blocks(&self, chunk: &[u8], at: usize) -> Option<usize> {
        let is_lf = self.skip_lf && chunk.get(at) == Some(&b'\n');
        self.is_between.then_some(at + usize::from(is_lf))
    }

    /// Parses, line by line, until a block is complete (`true`) or the chunk is used up.
    fn advance(&mut self, chunk: &[u8], at: &mut usize) -> Result<bool, Error> {
        if self.finished && *at < chunk.len() {
            *at = chunk.len(); // reported once per chunk
            return Err(Error::AfterFinish);
        }
        self.block.recycle();
        self.is_between &= *at == chunk.len();
        self.skip_bom(chunk, at);
        while *at < chunk.len() {
            if std::mem::take(&mut self.skip_lf) && chunk[*at] == b'\n' {
                self.step(at, 1);
                continue;
            }
            let line = *at..self.ends.next(chunk, *at).unwrap_or(chunk.len());
            if line.end == chunk.len() {
                self.step(at, line.len());
                self.copied += self.block.hold(chunk);
                self.extend_partial(&chunk[line])?;
                self.check_block()?;
                break;
            }
            self.skip_lf = chunk[line.end] == b'\r';
            let start = self.offset;
            self.step(at, line.len() + 1);
            if self.end_line(chunk, line, start)? {
                self.is_between = true;
                return Ok(true);
            }
            self.check_block()?;
        }
        self.copied += self.block.hold(chunk);
        Ok(false)
    }

    #[inline]
    fn step(&mut self, at: &mut usize, count: usize) {
        *at += count;
        self.offset += count as u64;
    }

    fn skip_bom(&mut self, chunk: &[u8], at: &mut usize) {
        let rest = &chunk[*at..];
        let (skipped, is_line) = self.bom.skip(rest);
        self.step(at, skipped);
        if is_line {
            // Bytes that began like a BOM are the name of an unknown field.
            self.partial = PartialLine::Ignored;
            self.block.open(0);
        }
    }

    /// A whole line of `chunk`, or the rest of one that began earlier; `true` when it completed an event.
    fn end_line(&mut self, chunk: &[u8], line: Range<usize>, start: u64) -> Result<bool, Error> {
        if self.partial.is_start() {
            if line.is_empty() {
                return self.dispatch(chunk);
            }
            self.block.open(start);
            let Some((field, skip)) = line::field(&chunk[line.clone()], self.bare()) else {
                return Ok(false);
            };
            if skip == 0 {
                self.block.set_bare();
            }
            let slot = FieldValue::Borrowed(line.start + skip..line.end);
            return self.field(field, slot, line.len(), chunk).map(|()| false);
        }
        let extended = self.extend_partial(&chunk[line]);
        extended.and(self.end_partial(chunk)).map(|()| false)
    }

    /// More bytes, without a line end, of a line that is not complete yet.
    fn extend_partial(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.is_empty() {
            return Ok(());
        }
        if self.partial.is_start() {
            self.block.open(self.offset - bytes.len() as u64);
        }
        let bare = self.bare();
        if self.partial.is_start() && bare.takes(bytes) {
            self.block.set_bare();
        }
        let Some((field, value, length)) = self.partial.extend(bytes, bare) else { return Ok(()) };
        self.check_size(length)?;
        self.copied += self.block.append(field, value);
        Ok(())
    }

    /// Whether the line in hand may be data without being a field.
    fn bare(&self) -> Bare {
        match (self.takes_stray, self.block.has_data()) {
            (true, false) => Bare::Opening,
            (true, true) if self.block.is_bare() => Bare::Always,
            _ => Bare::Never,
        }
    }

    /// The line that crossed an edge has ended.
    fn end_partial(&mut self, chunk: &[u8]) -> Result<(), Error> {
        match self.partial.end() {
            Some((field @ (Field::Data | Field::Error), length)) => {
                let checked = self.check_size(length);
                self.block.end_data();
                if field == Field::Error {
                    self.block.name_error();
                }
                checked
            }
            Some((field, length)) => self.field(field, FieldValue::Held, length, chunk),
            None => Ok(()),
        }
    }

    fn field(&mut self, field: Field, value: FieldValue, length: usize, chunk: &[u8]) -> Result<(), Error> {
        if self.block.is_skipped() {
            return Ok(());
        }
        self.check_size(length)?;
        match field {
            Field::Data => self.copied += self.block.push_data(value, chunk),
            Field::Error => {
                self.copied += self.block.push_data(value, chunk);
                self.block.name_error();
            }
            Field::Event => self.block.set_event(value),
            Field::Id => self.block.set_id(value, chunk),
            Field::Retry => self.retry = self.block.digits(&value, chunk).or(self.retry),
        }
        Ok(())
    }

    /// `length`: bytes of the line in hand. Reported once; the rest of the block is skipped.
    fn check_size(&mut self, length: usize) -> Result<(), Error> {
        let limit = self.options.max_event_bytes;
        if self.block.is_skipped() || self.block.size() + length <= limit {
            return Ok(());
        }
        Err(Error::EventTooLarge { offset: self.block.skip(), limit })
    }

    /// The same for the block as it was sent.
    fn check_block(&mut self) -> Result<(), Error> {
        let (Some(limit), Some(start)) = (self.max_block_bytes, self.block.start()) else { return Ok(()) };
        if self.block.is_skipped() || self.offset - start <= limit {
            return Ok(());
        }
        Err(Error::EventTooLarge { offset: self.block.skip(), limit: limit as usize })
    }

    /// The blank line (WHATWG §9.2.6 "dispatch the event"); `true` when there is an event to read.
    fn dispatch(&mut self, chunk: &[u8]) -> Result<bool, Error> {
        if self.options.is_strict() && self.block.has_data() && !self.block.is_utf8(chunk) {
            return Err(Error::InvalidUtf8 { offset: self.block.reject() });
        }
        if self.block.is_skipped() {
            self.skipped_until = self.offset;
        }
        if let Some(copied) = self.block.take_id(chunk, &mut self.last_event_id) {
            self.copied += copied;
        }
        Ok(self.block.close())
    }

    /// The event that `advance` completed.
    fn event<'a>(&'a mut self, chunk: &'a [u8]) -> Event<'a> {
        let Self { block, text, last_event_id, .. } = self;
        let (event, _) = utf8(block.event(chunk), &mut text.event);
        let (data, is_valid) = utf8(block.data(chunk), &mut text.data);
        let (id, _) = utf8(last_event_id, &mut text.id);
        Event { event: or_message(event), data, id, lent: is_valid && block.is_data_borrowed() }
    }

    /// The event of a block that lies whole in the chunk.
    #[inline]
    fn whole_event<'a>(&'a mut self, block: Whole<'a>) -> Event<'a> {
        let Self { last_event_id, text, head, .. } = self;
        let id = if last_event_id.is_empty() { "" } else { utf8(last_event_id, &mut text.id).0 };
        Event { event: head.event(), data: block.data, id, lent: true }
    }
}

/// WHATWG "UTF-8 decode": one U+FFFD per maximal invalid subpart; and whether there was none.
fn utf8<'a>(bytes: &'a [u8], scratch: &'a mut String) -> (&'a str, bool) {
    if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
        return (text, true);
    }
    *scratch = String::from_utf8_lossy(bytes).into_owned();
    (scratch, false)
}

/// The type of an event that names none.
fn or_message(event: &str) -> &str {
    if event.is_empty() { "message" } else { event }
}

#[cfg(test)]
mod tests;
