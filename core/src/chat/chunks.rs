//! Enters: what to say. Leaves: one chat.completion.chunk frame for each saying, appended to the caller's buffer.

use super::{CallForm, Citation, Head, Voice};
use crate::json::{Str, Value, write};
use crate::outcome::{FinishReason, Usage};

/// What every chunk of one completion repeats.
#[derive(Debug)]
pub(crate) struct Chunks {
    /// Up to and including the bracket that opens the choices.
    head: Vec<u8>,
    /// After the bracket that closes them.
    tail: &'static [u8],
    include_usage: bool,
    /// Around a piece of the text that was said last: nearly always also around the next one.
    frame: Frame,
}

/// What stands before and after a piece.
#[derive(Debug, Default)]
struct Frame {
    of: Option<Opening>,
    before: Vec<u8>,
    after: Vec<u8>,
}

/// Whose pieces are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    Text(Voice),
    Arguments(CallForm, usize),
}

impl Chunks {
    pub(super) fn new(of: Head<'_>, include_usage: bool) -> Self {
        let mut head = b"data: ".to_vec();
        of.write(&mut head, "chat.completion.chunk");
        head.extend_from_slice(b",\"choices\":[");
        let tail: &[u8] = if include_usage { b",\"usage\":null}\n\n" } else { b"}\n\n" };
        Self { head, tail, include_usage, frame: Frame::default() }
    }

    fn open(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.head);
        out.extend_from_slice(b"{\"index\":0,\"delta\":");
    }

    fn close(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"finish_reason\":null}]");
        out.extend_from_slice(self.tail);
    }

    pub(super) fn role(&self, out: &mut Vec<u8>, text_first: bool) {
        self.open(out);
        let content: &[u8] = if text_first { b"\"\"}" } else { b"null}" };
        out.extend_from_slice(b"{\"role\":\"assistant\",\"content\":");
        out.extend_from_slice(content);
        self.close(out);
    }

    pub(super) fn text(
        &mut self,
        out: &mut Vec<u8>,
        voice: Voice,
        before: &str,
        text: Str<'_>,
        logprobs: Option<Value<'_>>,
    ) {
        self.open_piece(Opening::Text(voice), before.len() + text.raw().len(), out);
        if !before.is_empty() {
            write::escaped(out, before);
        }
        out.extend_from_slice(text.raw());
        let Some(tokens) = logprobs else { return out.extend_from_slice(&self.frame.after) };
        out.extend_from_slice(b"\"},\"logprobs\":{\"content\":[");
        super::logprobs(out, tokens);
        out.extend_from_slice(b"],\"refusal\":null}");
        self.close(out);
    }

    pub(super) fn call(&self, out: &mut Vec<u8>, form: CallForm, index: usize, id: &[u8], name: &[u8]) {
        let (before_name, after_name, _) = form.members();
        self.open(out);
        out.extend_from_slice(b"{\"tool_calls\":[{\"index\":");
        write::number(out, index as u64);
        for piece in [b",\"id\":\"", id, b"\",\"type\":\"", before_name, name, after_name, b"\"}}]}"] {
            out.extend_from_slice(piece);
        }
        self.close(out);
    }

    pub(super) fn arguments(&mut self, out: &mut Vec<u8>, form: CallForm, index: usize, piece: &[u8]) {
        self.open_piece(Opening::Arguments(form, index), piece.len(), out);
        out.extend_from_slice(piece);
        out.extend_from_slice(&self.frame.after);
    }

    /// Makes room for a whole chunk around `length` bytes, and opens it.
    #[inline]
    fn open_piece(&mut self, opening: Opening, length: usize, out: &mut Vec<u8>) {
        if self.frame.of != Some(opening) {
            self.reframe(opening);
        }
        out.reserve(self.frame.before.len() + length + self.frame.after.len());
        out.extend_from_slice(&self.frame.before);
    }

    fn reframe(&mut self, opening: Opening) {
        let Frame { mut before, mut after, .. } = std::mem::take(&mut self.frame);
        before.clear();
        after.clear();
        self.open(&mut before);
        match opening {
            Opening::Text(voice) => {
                before.push(b'{');
                before.extend_from_slice(voice.member());
                before.push(b'"');
                after.extend_from_slice(b"\"}");
            }
            Opening::Arguments(form, index) => {
                before.extend_from_slice(b"{\"tool_calls\":[{\"index\":");
                write::number(&mut before, index as u64);
                before.extend_from_slice(form.members().2);
                after.extend_from_slice(b"\"}}]}");
            }
        }
        self.close(&mut after);
        self.frame = Frame { of: Some(opening), before, after };
    }

    pub(super) fn annotations(&self, out: &mut Vec<u8>, citations: &[Citation]) {
        self.open(out);
        out.extend_from_slice(b"{\"annotations\":[");
        super::annotations(out, citations);
        out.extend_from_slice(b"]}");
        self.close(out);
    }

    pub(super) fn image(&self, out: &mut Vec<u8>, index: usize, mime: &str, base64: &[u8]) {
        self.open(out);
        out.extend_from_slice(b"{\"images\":[");
        super::image(out, index, mime, base64);
        out.extend_from_slice(b"]}");
        self.close(out);
    }

    /// The chunk with the finish reason, the usage chunk where asked for and known, `[DONE]`.
    pub(super) fn finish(
        &self,
        out: &mut Vec<u8>,
        reason: FinishReason,
        service_tier: Option<&[u8]>,
        usage: Option<&Usage>,
    ) {
        self.open(out);
        out.extend_from_slice(b"{},\"finish_reason\":\"");
        out.extend_from_slice(reason.as_str().as_bytes());
        out.extend_from_slice(b"\"}]");
        if let Some(tier) = service_tier {
            out.extend_from_slice(b",\"service_tier\":\"");
            out.extend_from_slice(tier);
            out.push(b'"');
        }
        out.extend_from_slice(self.tail);
        if let Some(usage) = usage.filter(|_| self.include_usage) {
            self.usage(out, usage);
        }
        done(out);
    }

    fn usage(&self, out: &mut Vec<u8>, usage: &Usage) {
        out.extend_from_slice(&self.head);
        out.extend_from_slice(b"],\"usage\":");
        usage.write(out);
        out.extend_from_slice(b"}\n\n");
    }
}

/// The frame after which a chat stream is over.
pub(super) fn done(out: &mut Vec<u8>) {
    out.extend_from_slice(b"data: [DONE]\n\n");
}
