//! One SSE block while it arrives.
//!
//! Input: its fields. Output: its event. State: spans of the chunk while the chunk lasts, then copies of them.

use crate::limits::RETAINED_BYTES;
use std::{mem, ops::Range};

/// The four fields WHATWG §9.2.6 names, and one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Data,
    /// Data of an event named `error`: some servers write it without the two.
    Error,
    Event,
    Id,
    Retry,
}

impl Field {
    pub(super) const LONGEST_NAME: usize = 5;

    pub(super) fn named(name: &[u8], takes_error: bool) -> Option<Self> {
        match name {
            b"data" => Some(Self::Data),
            b"error" if takes_error => Some(Self::Error),
            b"event" => Some(Self::Event),
            b"id" => Some(Self::Id),
            b"retry" => Some(Self::Retry),
            _ => None,
        }
    }
}

/// Where a value is.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) enum FieldValue {
    #[default]
    Empty,
    /// In the chunk that is being parsed.
    Borrowed(Range<usize>),
    /// In the block's buffer for it.
    Held,
}

/// What is reset together when a block ends.
#[derive(Debug, Clone, Default)]
struct OpenBlock {
    /// Stream offset of the block's first byte, once it has one.
    start: Option<u64>,
    data: FieldValue,
    event: FieldValue,
    id: FieldValue,
    /// Length of the data before the line that is arriving in pieces.
    data_before_line: Option<usize>,
    is_skipped: bool,
    is_complete: bool,
    /// Its data are lines without a field.
    is_bare: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    open: OpenBlock,
    data: Vec<u8>,
    event: Vec<u8>,
    id: Vec<u8>,
    /// Value of an `event`, `id` or `retry` line that crosses an edge.
    value: Vec<u8>,
}

impl Block {
    pub(super) fn open(&mut self, start: u64) {
        self.open.start.get_or_insert(start);
    }

    pub(super) fn start(&self) -> Option<u64> {
        self.open.start
    }

    pub(super) fn is_skipped(&self) -> bool {
        self.open.is_skipped
    }

    /// Bytes held or borrowed for this block, without the current line.
    pub(super) fn size(&self) -> usize {
        let OpenBlock { data, event, id, data_before_line, .. } = &self.open;
        let data = data_before_line.unwrap_or_else(|| length(data, &self.data));
        data + length(event, &self.event) + length(id, &self.id)
    }

    /// Gives up the block's content up to its blank line; returns where it began.
    pub(super) fn skip(&mut self) -> u64 {
        let start = self.open.start;
        self.reset();
        self.open = OpenBlock { start, is_skipped: true, ..OpenBlock::default() };
        start.unwrap_or_default()
    }

    /// Gives up a block at its blank line; returns where it began.
    pub(super) fn reject(&mut self) -> u64 {
        let start = self.skip();
        self.reset();
        start
    }

    /// More of the value of a line that crosses an edge; returns the bytes copied.
    pub(super) fn append(&mut self, field: Field, value: &[u8]) -> u64 {
        match field {
            _ if self.open.is_skipped => return 0,
            Field::Data | Field::Error => {
                self.begin_data();
                self.data.extend_from_slice(value);
            }
            Field::Event | Field::Id | Field::Retry => self.value.extend_from_slice(value),
        }
        value.len() as u64
    }

    fn begin_data(&mut self) {
        if self.open.data_before_line.is_none() {
            self.open.data_before_line = Some(self.data.len());
            if self.open.data != FieldValue::Empty {
                self.data.push(b'\n');
            }
            self.open.data = FieldValue::Held;
        }
    }

    /// The `data` line that crossed an edge has ended.
    pub(super) fn end_data(&mut self) {
        if !self.open.is_skipped {
            self.begin_data();
            self.open.data_before_line = None;
        }
    }

    /// A whole `data` line of the chunk; returns the bytes copied.
    pub(super) fn push_data(&mut self, value: FieldValue, chunk: &[u8]) -> u64 {
        if self.open.data == FieldValue::Empty {
            self.open.data = value;
            return 0;
        }
        let held = hold(&mut self.open.data, &mut self.data, chunk);
        self.data.push(b'\n');
        let value = bytes(&value, &self.value, chunk);
        self.data.extend_from_slice(value);
        held + value.len() as u64
    }

    /// Its data begin with a line without a field.
    pub(super) fn set_bare(&mut self) {
        self.open.is_bare = true;
    }

    pub(super) fn is_bare(&self) -> bool {
        self.open.is_bare
    }

    /// An event of no other name is an error.
    pub(super) fn name_error(&mut self) {
        if self.open.event == FieldValue::Empty && !self.open.is_skipped {
            self.event.extend_from_slice(b"error");
            self.open.event = FieldValue::Held;
        }
    }

    pub(super) fn set_event(&mut self, value: FieldValue) {
        if value == FieldValue::Held {
            mem::swap(&mut self.event, &mut self.value);
            self.value.clear();
        }
        self.open.event = value;
    }

    /// A value with a NUL is ignored.
    pub(super) fn set_id(&mut self, value: FieldValue, chunk: &[u8]) {
        if memchr::memchr(0, bytes(&value, &self.value, chunk)).is_none() {
            if value == FieldValue::Held {
                mem::swap(&mut self.id, &mut self.value);
            }
            self.open.id = value;
        }
        self.value.clear();
    }

    /// A `retry` value: ASCII digits only, and no more than a `u64` holds.
    pub(super) fn digits(&mut self, value: &FieldValue, chunk: &[u8]) -> Option<u64> {
        let digits = bytes(value, &self.value, chunk);
        let number =
            std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let number = number.and_then(|text| text.parse().ok());
        self.value.clear();
        number
    }

    /// Copies what is borrowed, because the chunk ends; returns the bytes copied.
    pub(super) fn hold(&mut self, chunk: &[u8]) -> u64 {
        let OpenBlock { data, event, id, .. } = &mut self.open;
        hold(data, &mut self.data, chunk)
            + hold(event, &mut self.event, chunk)
            + hold(id, &mut self.id, chunk)
    }

    pub(super) fn has_data(&self) -> bool {
        self.open.data != FieldValue::Empty
    }

    pub(super) fn is_utf8(&self, chunk: &[u8]) -> bool {
        let id = bytes(&self.open.id, &self.id, chunk);
        [self.data(chunk), self.event(chunk), id].into_iter().all(|text| std::str::from_utf8(text).is_ok())
    }

    /// Moves the id that this block set, if any, to `last`; returns the bytes copied.
    pub(super) fn take_id(&mut self, chunk: &[u8], last: &mut Vec<u8>) -> Option<u64> {
        match mem::take(&mut self.open.id) {
            FieldValue::Empty => None,
            FieldValue::Held => {
                mem::swap(last, &mut self.id);
                Some(0)
            }
            FieldValue::Borrowed(range) => {
                last.clear();
                last.extend_from_slice(&chunk[range.clone()]);
                Some(range.len() as u64)
            }
        }
    }

    /// The blank line; `true` when the block is an event, which then stays readable until `recycle`.
    pub(super) fn close(&mut self) -> bool {
        self.open.is_complete = self.has_data();
        if !self.open.is_complete {
            self.reset();
        }
        self.open.is_complete
    }

    /// Makes room for the next block if this one was read.
    pub(super) fn recycle(&mut self) {
        if self.open.is_complete {
            self.reset();
        }
    }

    fn reset(&mut self) {
        self.open = OpenBlock::default();
        for buffer in [&mut self.data, &mut self.event, &mut self.id, &mut self.value] {
            buffer.clear();
            if buffer.capacity() > RETAINED_BYTES {
                buffer.shrink_to(RETAINED_BYTES);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        [&self.data, &self.event, &self.id, &self.value].map(Vec::capacity).iter().sum()
    }

    pub(super) fn data<'a>(&'a self, chunk: &'a [u8]) -> &'a [u8] {
        bytes(&self.open.data, &self.data, chunk)
    }

    pub(super) fn is_data_borrowed(&self) -> bool {
        matches!(self.open.data, FieldValue::Borrowed(_))
    }

    pub(super) fn event<'a>(&'a self, chunk: &'a [u8]) -> &'a [u8] {
        bytes(&self.open.event, &self.event, chunk)
    }
}

fn bytes<'a>(slot: &FieldValue, buffer: &'a [u8], chunk: &'a [u8]) -> &'a [u8] {
    match slot {
        FieldValue::Empty => &[],
        FieldValue::Borrowed(range) => &chunk[range.clone()],
        FieldValue::Held => buffer,
    }
}

fn length(slot: &FieldValue, buffer: &[u8]) -> usize {
    match slot {
        FieldValue::Empty => 0,
        FieldValue::Borrowed(range) => range.len(),
        FieldValue::Held => buffer.len(),
    }
}

fn hold(slot: &mut FieldValue, buffer: &mut Vec<u8>, chunk: &[u8]) -> u64 {
    let FieldValue::Borrowed(range) = slot else { return 0 };
    let borrowed = &chunk[range.clone()];
    buffer.clear();
    buffer.extend_from_slice(borrowed);
    let copied = borrowed.len() as u64;
    *slot = FieldValue::Held;
    copied
}
