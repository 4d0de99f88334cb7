//! The two forms of a Messages answer, behind the same calls.
//!
//! Input: blocks, as the writer decides them. Output: events, or one Message. State: that of the form, and which block is
//! the last.

use super::blocks::BlockHead;
use super::frames::Frames;
use super::message::{Left, Message};
use crate::dialect::messages::DeltaKind;
use crate::json::template_gap::Text;

#[derive(Debug, Clone)]
pub(super) enum Form {
    Stream(Frames),
    Body(Box<Message>),
}

#[derive(Debug, Clone)]
pub(super) struct MessageOutput {
    form: Form,
    /// `"id":"…","type":"message","role":"assistant","model":"…"`: the members that open a Message.
    pub(super) head: Vec<u8>,
    /// Number of blocks so far.
    pub(super) blocks: u32,
}

impl MessageOutput {
    pub(super) fn new(form: Form, head: Vec<u8>) -> Self {
        Self { form, head, blocks: 0 }
    }

    /// Opens the next block.
    pub(super) fn block_start(&mut self, out: &mut Vec<u8>, head: BlockHead) {
        match &mut self.form {
            Form::Stream(_) => Frames::block_start(out, self.blocks, &head.opened()),
            Form::Body(message) => message.block_start(head),
        }
        self.blocks += 1;
    }

    /// The last block is over.
    pub(super) fn block_stop(&mut self, out: &mut Vec<u8>) {
        match &mut self.form {
            Form::Stream(_) => Frames::block_stop(out, self.blocks - 1),
            Form::Body(message) => message.block_stop(),
        }
    }

    /// A piece of the last block, as JSON string contents.
    pub(super) fn piece(&mut self, out: &mut Vec<u8>, kind: DeltaKind, piece: &[u8]) {
        if piece.is_empty() {
            return;
        }
        match &mut self.form {
            Form::Stream(frames) => frames.piece(out, self.blocks - 1, kind, piece),
            Form::Body(message) => message.piece(piece),
        }
    }

    /// Further pieces of the last block.
    #[inline]
    pub(super) fn pieces<'c>(
        &mut self,
        out: &mut Vec<u8>,
        kind: DeltaKind,
        pieces: impl Iterator<Item = Text<'c>>,
    ) {
        match &mut self.form {
            Form::Stream(frames) => frames.pieces(out, self.blocks - 1, kind, pieces),
            Form::Body(message) => pieces.for_each(|piece| message.piece(piece.as_str().raw())),
        }
    }

    /// The text of block number `at` is another than was written; only a body can still change it.
    pub(super) fn replace(&mut self, at: u32, whole: &[u8]) {
        if let Form::Body(message) = &mut self.form {
            message.replace(at as usize, whole);
        }
    }

    pub(super) fn signature(&mut self, out: &mut Vec<u8>, signature: &[u8]) {
        match &mut self.form {
            Form::Stream(_) => Frames::signature(out, self.blocks - 1, signature),
            Form::Body(message) => message.signature(signature),
        }
    }

    pub(super) fn citation(&mut self, out: &mut Vec<u8>, citation: &[u8]) {
        match &mut self.form {
            Form::Stream(_) => Frames::citation(out, self.blocks - 1, citation),
            Form::Body(message) => message.citation(citation),
        }
    }

    /// The body, if that is the form.
    pub(super) fn body(&self) -> Option<&Message> {
        match &self.form {
            Form::Stream(_) => None,
            Form::Body(message) => Some(message),
        }
    }
}

impl Message {
    /// The whole body. `reason`: members on why it ended; `usage`: an object.
    pub(super) fn finish(&self, out: &mut Vec<u8>, head: &[u8], reason: &[u8], usage: &[u8]) -> Left {
        out.push(b'{');
        out.extend_from_slice(head);
        out.extend_from_slice(b",\"content\":[");
        let left = self.content(out);
        out.extend_from_slice(b"],");
        out.extend_from_slice(reason);
        out.extend_from_slice(b",\"container\":null,\"usage\":");
        out.extend_from_slice(usage);
        out.push(b'}');
        left
    }
}
