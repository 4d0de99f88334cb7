//! Writes one Message, the fold of the events that would have been sent.
//!
//! Input: blocks, pieces of their texts. Output: the body. State: all of it, as JSON text ready to be spliced; bounded by
//! `max_response_bytes`.

use super::blocks::BlockHead;
use crate::json::{Str, Value, write};

#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    blocks: Vec<Block>,
    bytes: usize,
    max_bytes: usize,
}

/// Texts are JSON string contents.
#[derive(Debug, Clone)]
struct Block {
    head: BlockHead,
    /// Its text, or the arguments of a call.
    text: Vec<u8>,
    signature: Vec<u8>,
    /// Comma-separated.
    citations: Vec<u8>,
    is_whole: bool,
}

impl Message {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self { max_bytes, ..Self::default() }
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes > self.max_bytes
    }

    /// Whether there is room for `bytes` more; once there is none, there is none for anything.
    fn has_room(&mut self, bytes: usize) -> bool {
        if !self.is_full() {
            self.bytes += bytes;
        }
        !self.is_full()
    }

    pub(super) fn block_start(&mut self, head: BlockHead) {
        if self.has_room(head.length()) {
            let (text, signature, citations) = (Vec::new(), Vec::new(), Vec::new());
            self.blocks.push(Block { head, text, signature, citations, is_whole: false });
        }
    }

    pub(super) fn block_stop(&mut self) {
        if let Some(block) = self.blocks.last_mut() {
            block.is_whole = true;
        }
    }

    pub(super) fn piece(&mut self, piece: &[u8]) {
        let has_room = self.has_room(piece.len());
        if let Some(block) = self.blocks.last_mut().filter(|_| has_room) {
            block.text.extend_from_slice(piece);
        }
    }

    /// The text of a block is another than was written.
    pub(super) fn replace(&mut self, at: usize, whole: &[u8]) {
        let has_room = self.has_room(whole.len());
        if let Some(block) = self.blocks.get_mut(at).filter(|_| has_room) {
            block.text = whole.to_vec();
        }
    }

    pub(super) fn signature(&mut self, signature: &[u8]) {
        let has_room = self.has_room(signature.len());
        if let Some(block) = self.blocks.last_mut().filter(|_| has_room) {
            block.signature = signature.to_vec();
        }
    }

    pub(super) fn citation(&mut self, citation: &[u8]) {
        let has_room = self.has_room(citation.len());
        if let Some(block) = self.blocks.last_mut().filter(|_| has_room) {
            block.citations.extend_from_slice(if block.citations.is_empty() { b"" } else { b"," });
            block.citations.extend_from_slice(citation);
        }
    }

    /// The blocks, comma-separated. A call that was cut is none, and counted: clients would run it. So is one whose
    /// arguments are no JSON object; what came is the one member of an object, as requests have it.
    pub(super) fn content(&self, out: &mut Vec<u8>) -> Left {
        let mut left = Left::default();
        let whole = self.blocks.iter().filter(|block| {
            let is_cut = !block.is_whole && matches!(block.head, BlockHead::ToolUse { .. });
            left.cut += usize::from(is_cut);
            !is_cut
        });
        write::separated(out, whole, |out, block| {
            if !block.write(out)
                && let BlockHead::ToolUse { name, .. } = &block.head
            {
                left.malformed.push(name.clone());
            }
        });
        left
    }
}

/// Calls that a body cannot hold.
#[derive(Debug, Default)]
pub(super) struct Left {
    pub(super) cut: usize,
    /// Their names.
    pub(super) malformed: Vec<Vec<u8>>,
}

impl Block {
    /// `false` for a call whose arguments are no JSON object.
    fn write(&self, out: &mut Vec<u8>) -> bool {
        match &self.head {
            BlockHead::Text => {
                write::pieces(out, [b"{\"type\":\"text\",\"text\":\"", &self.text, b"\",\"citations\":"]);
                match &self.citations[..] {
                    b"" => out.extend_from_slice(b"null}"),
                    list => write::pieces(out, [b"[", list, b"]}"]),
                }
            }
            BlockHead::Thinking => {
                write::pieces(
                    out,
                    [b"{\"type\":\"thinking\",\"thinking\":\"", &self.text, b"\",\"signature\":\""],
                );
                write::pieces(out, [&self.signature, b"\"}"]);
            }
            BlockHead::ToolUse { id, name, is_server } => {
                let arguments = Str::from_raw(&self.text).decode().into_bytes();
                let input = Value::document(&arguments);
                let is_blank = arguments.trim_ascii().is_empty();
                BlockHead::open_call(out, id, name, *is_server);
                out.extend_from_slice(b",\"input\":");
                match input {
                    Some(input) => out.extend_from_slice(input.raw()),
                    None if is_blank => out.extend_from_slice(b"{}"),
                    None => write::pieces(out, [b"{\"arguments\":\"", &self.text, b"\"}"]),
                }
                if !is_server {
                    out.extend_from_slice(b",\"caller\":{\"type\":\"direct\"}");
                }
                out.push(b'}');
                return input.is_some() || is_blank;
            }
            BlockHead::Whole(json) => out.extend_from_slice(json),
        }
        true
    }
}
