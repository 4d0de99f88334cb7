//! The raw bytes of blocks, for consumers that pass them on.
//!
//! Input: chunks, and the spans of blocks in them. Output: each block as it was sent, and the bytes between blocks.
//! State: the block that crosses an edge; every byte is copied once.

use memchr::memmem;
use std::ops::Range;

/// A block with other data, and all else as it was sent; `None` for data that lies in several lines of the block.
pub(crate) fn with_data(block: &[u8], sent: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let at = memmem::find(block, sent)?;
    Some([&block[..at], data, &block[at + sent.len()..]].concat())
}

#[derive(Debug, Clone, Default)]
pub(super) struct Raw {
    held: Vec<u8>,
    /// Stream offset of the first byte held.
    first: u64,
    /// Stream offset of the next byte to hand on.
    next: u64,
    /// Where the block began that was given up and has not ended yet.
    skipping: Option<u64>,
}

impl Raw {
    pub(super) fn feed(&mut self, chunk: &[u8]) {
        self.held.extend_from_slice(chunk);
    }

    /// How far the last block that was given up goes: to the end of its blank line.
    pub(super) fn skipped_until(&mut self, end: u64) {
        if self.skipping.is_some_and(|start| start < end) {
            self.skipping = None;
            self.next = end;
        }
    }

    /// The block at `span`; `between` gets what came before it.
    pub(super) fn block(&mut self, span: Range<u64>, between: impl FnOnce(&[u8])) -> &[u8] {
        self.pass(span.start, between);
        self.next = span.end;
        self.slice(span)
    }

    /// The block that began at `start` was given up.
    pub(super) fn skip(&mut self, start: u64, between: impl FnOnce(&[u8])) {
        self.pass(start, between);
        self.skipping = Some(start);
    }

    /// The chunk is over. `open`: where the block that is not complete begins, if there is one.
    pub(super) fn hold(&mut self, open: Option<u64>, between: impl FnOnce(&[u8])) {
        let end = self.first + self.held.len() as u64;
        if self.skipping.is_some() {
            self.next = end;
        } else {
            self.pass(open.unwrap_or(end), between);
        }
        self.held.drain(..(self.next - self.first) as usize);
        self.first = self.next;
    }

    fn pass(&mut self, end: u64, between: impl FnOnce(&[u8])) {
        if end > self.next {
            between(self.slice(self.next..end));
        }
        self.next = end;
    }

    fn slice(&self, span: Range<u64>) -> &[u8] {
        &self.held[(span.start - self.first) as usize..(span.end - self.first) as usize]
    }
}
