//! What waits while a call is open: a Messages stream has one block open at a time.
//!
//! Input: pieces of other blocks, citations. Output: them again, block by block, in the order of first sight. State: all of
//! that, bounded by [`MAX_WAITING_BYTES`].

use super::Source;
use crate::limits::MAX_WAITING_BYTES;
use std::collections::{HashMap, VecDeque};

#[derive(Debug, Clone, Default)]
pub(super) struct Waiting {
    blocks: VecDeque<WaitingBlock>,
    bytes: usize,
    /// How many blocks waited before these.
    gone: usize,
    /// By the number of a call, how many blocks waited before its own.
    calls: HashMap<usize, usize>,
    /// Citations of texts that are not open, by their block; `None`: of the next text, whichever it is.
    citations: HashMap<Option<Source>, Vec<Vec<u8>>>,
}

/// Texts are JSON string contents.
#[derive(Debug, Clone)]
pub(super) struct WaitingBlock {
    pub(super) source: Source,
    pub(super) text: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

/// What a block takes beside its texts.
const BLOCK_BYTES: usize = 128;

impl Waiting {
    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Adds a piece to the block of `source`, which is a new one where other text came between; `false` where there is no room.
    pub(super) fn push(&mut self, source: Source, piece: &[u8]) -> bool {
        if !self.take(source, piece.len()) {
            return false;
        }
        self.block(source).text.extend_from_slice(piece);
        true
    }

    pub(super) fn sign(&mut self, source: Source, signature: &[u8]) -> bool {
        let has_room = self.take(source, signature.len());
        if has_room {
            self.block(source).signature = signature.to_vec();
        }
        has_room
    }

    /// The source of the last block.
    pub(super) fn last(&self) -> Option<Source> {
        self.blocks.back().map(|block| block.source)
    }

    pub(super) fn cite(&mut self, own: Option<Source>, citation: Vec<u8>) -> bool {
        let has_room = self.has_room(citation.len());
        if has_room {
            self.citations.entry(own).or_default().push(citation);
        }
        has_room
    }

    pub(super) fn citations_of(&mut self, own: Option<Source>) -> Vec<Vec<u8>> {
        let citations = self.citations.remove(&own).unwrap_or_default();
        self.bytes -= citations.iter().map(Vec::len).sum::<usize>();
        citations
    }

    /// All citations whose block did not come.
    pub(super) fn citations_left(&mut self) -> impl Iterator<Item = Vec<u8>> {
        std::mem::take(&mut self.citations).into_values().flatten()
    }

    pub(super) fn pop(&mut self) -> Option<WaitingBlock> {
        let block = self.blocks.pop_front()?;
        self.gone += 1;
        self.bytes -= BLOCK_BYTES + block.text.len() + block.signature.len();
        Some(block)
    }

    /// Whether there is room for so many bytes of `source`, and for its block where that is new.
    fn take(&mut self, source: Source, bytes: usize) -> bool {
        self.has_room(bytes + if self.known(source).is_none() { BLOCK_BYTES } else { 0 })
    }

    /// Takes the room, where there is some.
    fn has_room(&mut self, bytes: usize) -> bool {
        let has_room = self.bytes + bytes <= MAX_WAITING_BYTES;
        self.bytes += if has_room { bytes } else { 0 };
        has_room
    }

    /// The place of the block that a piece of `source` belongs to: a call's own, else the last one.
    fn known(&self, source: Source) -> Option<usize> {
        match source {
            Source::Call(nth) => self.calls.get(&nth).and_then(|at| at.checked_sub(self.gone)),
            _ => self.blocks.len().checked_sub(1).filter(|last| self.blocks[*last].source == source),
        }
    }

    /// The block that a piece of `source` belongs to, else a new one.
    fn block(&mut self, source: Source) -> &mut WaitingBlock {
        let at = self.known(source).unwrap_or_else(|| {
            if let Source::Call(nth) = source {
                self.calls.insert(nth, self.gone + self.blocks.len());
            }
            self.blocks.push_back(WaitingBlock { source, text: Vec::new(), signature: Vec::new() });
            self.blocks.len() - 1
        });
        &mut self.blocks[at]
    }
}
