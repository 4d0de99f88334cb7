//! Writes the events of a Messages stream.
//!
//! Input: what to write. Output: one event for each call, appended to the caller's buffer. State: what stands around a
//! piece of the text that was written last: nearly always also around the next one.

use crate::dialect::messages::{
    BLOCK_DELTA, BLOCK_START, BLOCK_STOP, CITATIONS_DELTA, CLOSE_EVENT, DeltaKind, MESSAGE_DELTA,
    MESSAGE_START, MESSAGE_STOP, SIGNATURE_DELTA, open_event,
};
use crate::json::template_gap::Text;
use crate::json::write;

#[derive(Debug, Clone, Default)]
pub(super) struct Frames {
    of: Option<(u32, DeltaKind)>,
    /// The end of a frame and the beginning of the next one: what stands between two pieces.
    between: Vec<u8>,
}

/// After a piece.
const AFTER: &[u8] = b"\"}}\n\n";

impl Frames {
    pub(super) fn message_start(out: &mut Vec<u8>, message: &[u8]) {
        open_event(out, MESSAGE_START);
        write::pieces(out, [b",\"message\":", message, CLOSE_EVENT]);
    }

    pub(super) fn block_start(out: &mut Vec<u8>, index: u32, block: &[u8]) {
        open_at(out, BLOCK_START, index);
        write::pieces(out, [b",\"content_block\":", block, CLOSE_EVENT]);
    }

    pub(super) fn block_stop(out: &mut Vec<u8>, index: u32) {
        open_at(out, BLOCK_STOP, index);
        out.extend_from_slice(CLOSE_EVENT);
    }

    /// `piece` is JSON string contents.
    pub(super) fn piece(&mut self, out: &mut Vec<u8>, index: u32, kind: DeltaKind, piece: &[u8]) {
        self.open_piece(index, kind, piece.len(), out);
        out.extend_from_slice(piece);
        out.extend_from_slice(AFTER);
    }

    /// Pieces of one text, each in its own event.
    #[inline]
    pub(super) fn pieces<'c>(
        &mut self,
        out: &mut Vec<u8>,
        index: u32,
        kind: DeltaKind,
        pieces: impl Iterator<Item = Text<'c>>,
    ) {
        let mut is_open = false;
        pieces.for_each(|piece| {
            if std::mem::replace(&mut is_open, true) {
                out.extend_from_slice(&self.between);
            } else {
                self.open_piece(index, kind, piece.length(), out);
            }
            piece.append_to(out);
        });
        if is_open {
            out.extend_from_slice(AFTER);
        }
    }

    /// Makes room for a whole event around `length` bytes, and opens it.
    #[inline]
    fn open_piece(&mut self, index: u32, kind: DeltaKind, length: usize, out: &mut Vec<u8>) {
        if self.of != Some((index, kind)) {
            self.reframe(index, kind);
        }
        out.reserve(self.between.len() + AFTER.len() + length);
        out.extend_from_slice(&self.between[AFTER.len()..]);
    }

    fn reframe(&mut self, index: u32, kind: DeltaKind) {
        self.between.clear();
        self.between.extend_from_slice(AFTER);
        open_delta(&mut self.between, index, kind.type_name());
        write::pieces(&mut self.between, [b",\"", kind.member().as_bytes(), b"\":\""]);
        self.of = Some((index, kind));
    }

    pub(super) fn signature(out: &mut Vec<u8>, index: u32, signature: &[u8]) {
        open_delta(out, index, SIGNATURE_DELTA);
        write::pieces(out, [b",\"signature\":\"", signature, AFTER]);
    }

    pub(super) fn citation(out: &mut Vec<u8>, index: u32, citation: &[u8]) {
        open_delta(out, index, CITATIONS_DELTA);
        write::pieces(out, [b",\"citation\":", citation, b"}", CLOSE_EVENT]);
    }

    /// The reason and the usage, both as JSON, and the end. `reason`: members of the delta.
    pub(super) fn finish(out: &mut Vec<u8>, reason: &[u8], usage: &[u8]) {
        open_event(out, MESSAGE_DELTA);
        write::pieces(out, [b",\"delta\":{", reason, b"},\"usage\":", usage, CLOSE_EVENT]);
        open_event(out, MESSAGE_STOP);
        out.extend_from_slice(CLOSE_EVENT);
    }
}

fn open_at(out: &mut Vec<u8>, name: &str, index: u32) {
    open_event(out, name);
    out.extend_from_slice(b",\"index\":");
    write::number(out, index.into());
}

fn open_delta(out: &mut Vec<u8>, index: u32, type_name: &str) {
    open_at(out, BLOCK_DELTA, index);
    write::pieces(out, [b",\"delta\":{\"type\":\"", type_name.as_bytes(), b"\""]);
}
