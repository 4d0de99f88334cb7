//! Enters: chunks, and where the parser found blocks in them. Leaves: each block as it was sent, and what lies between
//! blocks. Kept: the block that crosses an edge; every byte is copied once.

use std::ops::Range;

#[derive(Debug, Default)]
pub(super) struct Raw {
    held: Vec<u8>,
    /// Stream offset of the first byte held.
    first: u64,
    /// Stream offset of the next byte to hand on.
    next: u64,
    /// Inside a block that was given up, and where that block began.
    is_skipping: bool,
    skipped: u64,
}

impl Raw {
    pub(super) fn feed(&mut self, chunk: &[u8]) {
        self.held.extend_from_slice(chunk);
    }

    /// The block at `span`; `between` gets what came before it.
    pub(super) fn block(&mut self, span: Range<u64>, between: impl FnOnce(&[u8])) -> &[u8] {
        self.pass(span.start, between);
        self.next = span.end;
        self.slice(span)
    }

    /// The block that began at `start` was given up.
    pub(super) fn skip(&mut self, start: u64) {
        (self.is_skipping, self.skipped) = (true, start);
    }

    /// The chunk is over. `open`: where the block that is not complete begins, if there is one.
    pub(super) fn hold(&mut self, open: Option<u64>, between: impl FnOnce(&[u8])) {
        let end = self.first + self.held.len() as u64;
        match open {
            Some(start) if self.is_skipping && start <= self.skipped => self.next = end,
            open => self.pass(open.unwrap_or(end), between),
        }
        self.held.drain(..(self.next - self.first) as usize);
        self.first = self.next;
    }

    fn pass(&mut self, end: u64, between: impl FnOnce(&[u8])) {
        if !std::mem::take(&mut self.is_skipping) && end > self.next {
            between(self.slice(self.next..end));
        }
        self.next = end;
    }

    fn slice(&self, span: Range<u64>) -> &[u8] {
        &self.held[(span.start - self.first) as usize..(span.end - self.first) as usize]
    }
}
