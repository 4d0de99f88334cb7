//! A shortcut for common blocks that lie in one chunk.
//!
//! Input: a chunk, between two blocks. Output: the data of the next block, if it is at most one `event` line, one
//! `data` line and the blank line, all UTF-8. State: how the last such block began, since the next one nearly always
//! begins alike.
//!
//! Everything else takes the line by line path: removing this file leaves a correct, slower parser.

use super::SseParser;
use crate::limits::MAX_NAME_BYTES;
use crate::simd;

/// The bytes of a block before its data, and the event type in them. Comparing them is several times faster than parsing them.
#[derive(Debug, Clone, Default)]
pub(super) struct BlockPrefix {
    /// `event: <name>`, its line end, `data:`, a space; empty where none is known.
    bytes: Vec<u8>,
    /// The event type; `message` where there is no `event` line.
    event: String,
    /// Of the `event` line without its end.
    event_line: usize,
    /// After `data:`. Data that begins with a space has another prefix where there is none.
    has_space: bool,
}

/// A block, borrowed from the chunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole<'c> {
    pub(super) data: &'c str,
    /// All of it, the blank line included.
    pub(super) length: usize,
}

impl SseParser {
    /// Steps over the block; `None` where the full path has to look.
    #[inline]
    pub(super) fn whole_block<'c>(&mut self, chunk: &'c [u8], at: &mut usize) -> Option<Whole<'c>> {
        let start = self.between_blocks(chunk, *at)?;
        let block = chunk.get(start..)?;
        if !self.head.begins(block) && self.head.record_prefix(block).is_none() {
            self.ends.free = [start..start + self.head.event_line, 0..0];
            return None;
        }
        simd::prefetch(block);
        let value = self.head.bytes.len();
        let data = simd::line(&block[value..]);
        let end = value + data.len();
        if let Some((blank, length)) = blank_line(block, end)
            && length <= self.options.max_event_bytes
        {
            self.step(at, start + length - *at);
            self.skip_lf = blank == b'\r';
            return Some(Whole { data, length });
        }
        self.ends.free = [start..start + self.head.event_line, start + value..start + end];
        None
    }
}

impl BlockPrefix {
    /// The type of the event that [`SseParser::whole_block`] found.
    #[inline]
    pub(super) fn event(&self) -> &str {
        &self.event
    }

    #[cfg(test)]
    pub(super) fn length(&self) -> usize {
        self.bytes.len()
    }

    #[inline]
    fn begins(&self, block: &[u8]) -> bool {
        !self.bytes.is_empty()
            && simd::starts_with(block, &self.bytes)
            && (self.has_space || block.get(self.bytes.len()) != Some(&b' '))
    }

    /// Of `event_line` is always known as much as was found.
    fn record_prefix(&mut self, block: &[u8]) -> Option<()> {
        self.bytes.clear();
        self.event_line = 0;
        let (mut event, mut data) = ("", 0);
        if let Some(value) = block.strip_prefix(b"event:") {
            event = simd::line(value);
            self.event_line = block.len() - value.len() + event.len();
            data = next_line(block, self.event_line)?;
        }
        let value = block.get(data..)?.strip_prefix(b"data:")?;
        self.has_space = value.first()? == &b' ';
        let length = block.len() - value.len() + usize::from(self.has_space);
        if length > MAX_NAME_BYTES {
            return None;
        }
        self.bytes.reserve_exact(length);
        self.bytes.extend_from_slice(&block[..length]);
        event = event.strip_prefix(' ').unwrap_or(event);
        self.event.clear();
        self.event.push_str(super::or_message(event));
        Some(())
    }
}

/// What ends the line that ends at `at` and the blank one after it: the last byte, and the index after that.
#[inline]
fn blank_line(block: &[u8], at: usize) -> Option<(u8, usize)> {
    let next = next_line(block, at)?;
    let blank = *block.get(next)?;
    matches!(blank, b'\n' | b'\r').then_some((blank, next + 1))
}

/// Where the line after the one that ends at `at` begins, the LF of a CRLF skipped.
#[inline]
fn next_line(block: &[u8], at: usize) -> Option<usize> {
    match block.get(at..)? {
        [b'\n', ..] => Some(at + 1),
        [b'\r', next, ..] => Some(at + 1 + usize::from(*next == b'\n')),
        _ => None,
    }
}
