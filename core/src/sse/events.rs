//! Iterates over the events of one chunk.
//!
//! Input: a parser and a chunk. Output: events, borrowed one at a time; or whole blocks, for the shortcut of repeated
//! deltas. State: the position.

use super::{Event, SseParser};
use crate::error::Error;
use std::ops::Range;

/// The events of one fed chunk. Read it to the end; what [`Events::remaining`] still shows has not been parsed.
#[derive(Debug)]
#[must_use = "a chunk is parsed as its events are read"]
pub struct Events<'p, 'c> {
    pub(super) parser: &'p mut SseParser,
    pub(super) chunk: &'c [u8],
    pub(super) at: usize,
}

impl<'c> Events<'_, 'c> {
    /// The next event, or `None` when the chunk is used up. After an error, go on: later events parse normally.
    #[inline]
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, Error> {
        if let Some(block) = self.parser.whole_block(self.chunk, &mut self.at) {
            return Ok(Some(self.parser.whole_event(block)));
        }
        self.next_of_lines()
    }

    fn next_of_lines(&mut self) -> Result<Option<Event<'_>>, Error> {
        let is_event = self.parser.advance(self.chunk, &mut self.at)?;
        Ok(if is_event { Some(self.parser.event(self.chunk)) } else { None })
    }

    pub(crate) fn skipped_until(&self) -> u64 {
        self.parser.skipped_until()
    }

    /// [`Events::next_event`], where in the stream the event's block lies, its blank line included, and
    /// [`SseParser::skipped_until`].
    pub(crate) fn next_spanned(&mut self) -> Result<Option<(Event<'_>, Range<u64>, u64)>, Error> {
        if let Some(block) = self.parser.whole_block(self.chunk, &mut self.at) {
            let end = self.parser.offset();
            let skipped_until = self.parser.skipped_until;
            return Ok(Some((self.parser.whole_event(block), end - block.length as u64..end, skipped_until)));
        }
        if !self.parser.advance(self.chunk, &mut self.at)? {
            return Ok(None);
        }
        let end = self.parser.offset();
        let span = self.parser.open_block().unwrap_or(end)..end;
        let skipped_until = self.parser.skipped_until;
        Ok(Some((self.parser.event(self.chunk), span, skipped_until)))
    }

    /// Where it is known that a block begins: what is left from there on.
    #[inline]
    pub(crate) fn next_block(&self) -> Option<&'c [u8]> {
        self.chunk.get(self.parser.between_blocks(self.chunk, self.at)?..)
    }

    /// Steps over the first `length` bytes of [`Events::next_block`], which are whole blocks: the caller read them, and
    /// answers for their length and UTF-8. Gives back where in the stream they lie.
    #[inline]
    pub(crate) fn skip(&mut self, length: usize) -> Range<u64> {
        let is_lf = self.parser.skip_lf && self.remaining().starts_with(b"\n");
        self.parser.step(&mut self.at, usize::from(is_lf) + length);
        self.parser.skip_lf = self.chunk[..self.at].ends_with(b"\r");
        let end = self.parser.offset();
        end - length as u64..end
    }

    /// The part of the chunk that has not been parsed.
    pub fn remaining(&self) -> &'c [u8] {
        &self.chunk[self.at..]
    }
}
