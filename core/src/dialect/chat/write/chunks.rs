//! Writes chat.completion.chunk events.
//!
//! Input: what to write. Output: one chunk for each call, appended to the caller's buffer. State: what all chunks repeat.

use super::own_state::OwnState;
use super::text_logprobs::TextLogprobs;
use crate::answer::logprobs;
use crate::dialect::chat::{
    self, CallForm, ChunkHeader, Citation, DeltaField, LEGACY, Logprobs, Member, ObjectForm,
};
use crate::json::template_gap::Text;
use crate::json::{Str, write};
use crate::opaque::DETAILS;
use crate::options::Options;
use crate::outcome::{FinishReason, Usage};

/// What every chunk of one completion repeats.
#[derive(Debug, Clone)]
pub(crate) struct Chunks {
    /// Up to and including the bracket that opens the choices.
    head: Vec<u8>,
    /// After the bracket that closes them.
    tail: &'static [u8],
    form: ObjectForm,
    usage: UsageChunk,
    /// No chunk had the role yet.
    owes_role: bool,
    /// The call is one of a legacy function.
    is_legacy: bool,
    /// Around a piece of the member that was written last, and of the one before: nearly always it is one of them that comes
    /// next, for parallel calls take turns.
    frames: [ChunkFraming; 2],
    /// Which one was last.
    last: bool,
}

/// Where the usage goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UsageChunk {
    None,
    Own,
    /// Into the chunk with the finish reason.
    Finish,
}

impl UsageChunk {
    fn of(options: &Options) -> Self {
        match options.wants_usage() {
            false => Self::None,
            true if options.usage_in_finish => Self::Finish,
            true => Self::Own,
        }
    }
}

const ROLE: &[u8] = b"\"role\":\"assistant\"";

/// Of a frame, at most, beside the head and the tail.
const FRAME_BYTES: usize = 104;

/// What stands around a piece.
#[derive(Debug, Clone, Default)]
struct ChunkFraming {
    of: Option<Member>,
    /// The end of a chunk and the beginning of the next one: what stands between two pieces.
    between: Vec<u8>,
    /// Length of the end.
    end: usize,
}

impl ChunkFraming {
    fn before(&self) -> &[u8] {
        &self.between[self.end..]
    }

    fn after(&self) -> &[u8] {
        &self.between[..self.end]
    }

    /// Makes room for a whole chunk around `length` bytes, and opens it.
    fn open(&self, length: usize, out: &mut Vec<u8>) {
        out.reserve(self.between.len() + length);
        out.extend_from_slice(self.before());
    }
}

impl Chunks {
    pub(in crate::dialect::chat) fn new(of: ChunkHeader<'_>, options: &Options) -> Self {
        let (form, usage) = (ObjectForm::of(options), UsageChunk::of(options));
        let mut head = b"data: ".to_vec();
        of.write(&mut head, form.of_chunks());
        head.extend_from_slice(b",\"choices\":[");
        head.shrink_to_fit();
        let tail: &[u8] = if usage == UsageChunk::None { b"}\n\n" } else { b",\"usage\":null}\n\n" };
        let frames = [ChunkFraming::default(), ChunkFraming::default()];
        let owes_role = !options.include_role_chunk && form == ObjectForm::Chat;
        Self { head, tail, form, usage, owes_role, is_legacy: false, frames, last: false }
    }

    fn open(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.head);
        out.extend_from_slice(self.form.choice());
    }

    fn close(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"finish_reason\":null}]");
        out.extend_from_slice(self.tail);
    }

    /// Writes a chunk. The first one has the role, if none was written for it.
    pub(in crate::dialect::chat) fn with_role(
        &mut self,
        out: &mut Vec<u8>,
        write: impl FnOnce(&mut Self, &mut Vec<u8>),
    ) {
        let start = out.len();
        write(self, out);
        if self.owes_role {
            self.put_role(start, out);
        }
    }

    /// Into the chunk that begins at `start`.
    #[cold]
    fn put_role(&mut self, start: usize, out: &mut Vec<u8>) {
        let at = start + self.head.len() + self.form.choice().len() + 1;
        let Some(next) = out.get(at) else { return };
        let after: &[u8] = if *next == b'}' { b",\"content\":\"\"" } else { b"," };
        out.splice(at..at, [ROLE, after].concat());
        self.owes_role = false;
    }

    pub(in crate::dialect::chat) fn role(&self, out: &mut Vec<u8>, text_first: bool) {
        self.open(out);
        let content: &[u8] = if text_first { b"\"\"}" } else { b"null}" };
        write::pieces(out, [b"{", ROLE, b",\"content\":", content]);
        self.close(out);
    }

    pub(in crate::dialect::chat) fn text(
        &mut self,
        out: &mut Vec<u8>,
        field: DeltaField,
        before: &str,
        text: Str<'_>,
        logprobs: Option<Logprobs<'_>>,
    ) {
        let frame = self.framing(Member::Text(field));
        frame.open(before.len() + text.raw().len(), out);
        if !before.is_empty() {
            write::escaped(out, before);
        }
        out.extend_from_slice(text.raw());
        let Some(logprobs) = logprobs else { return out.extend_from_slice(frame.after()) };
        if self.form == ObjectForm::Text {
            out.extend_from_slice(b"\",\"logprobs\":");
            TextLogprobs::of(logprobs).write(out);
        } else {
            out.extend_from_slice(b"\"},\"logprobs\":{\"content\":[");
            logprobs::write(out, logprobs.tokens, b"null");
            out.extend_from_slice(b"],\"refusal\":null}");
        }
        self.close(out);
    }

    pub(in crate::dialect::chat) fn call(
        &mut self,
        out: &mut Vec<u8>,
        form: CallForm,
        index: usize,
        id: &[u8],
        name: &[u8],
    ) {
        let (before_name, after_name, _) = form.members();
        self.open(out);
        if form == CallForm::Legacy {
            self.is_legacy = true;
            write::pieces(out, [b"{\"function_call\":{\"name\":\"", name, b"\",\"arguments\":\"\"}}"]);
            return self.close(out);
        }
        out.extend_from_slice(b"{\"tool_calls\":[{\"index\":");
        write::number(out, index as u64);
        write::pieces(out, [b",\"id\":\"", id, b"\",\"type\":\"", before_name, name, after_name, b"\"}}]}"]);
        self.close(out);
    }

    pub(in crate::dialect::chat) fn arguments(
        &mut self,
        out: &mut Vec<u8>,
        form: CallForm,
        index: usize,
        piece: &[u8],
    ) {
        let frame = self.framing(Member::Arguments(form, index));
        frame.open(piece.len(), out);
        out.extend_from_slice(piece);
        out.extend_from_slice(frame.after());
    }

    /// Pieces of one member, each in its own chunk.
    #[inline]
    pub(in crate::dialect::chat) fn pieces<'c>(
        &mut self,
        out: &mut Vec<u8>,
        member: Member,
        pieces: impl Iterator<Item = Text<'c>>,
    ) {
        let frame = self.framing(member);
        let mut is_open = false;
        pieces.for_each(|piece| {
            if std::mem::replace(&mut is_open, true) {
                out.extend_from_slice(&frame.between);
            } else {
                frame.open(piece.length(), out);
            }
            piece.append_to(out);
        });
        if is_open {
            out.extend_from_slice(frame.after());
        }
    }

    /// What stands around a piece of `member`.
    #[inline]
    fn framing(&mut self, member: Member) -> &ChunkFraming {
        let is_at = |at: bool| self.frames[usize::from(at)].of == Some(member);
        if !is_at(self.last) {
            let is_known = is_at(!self.last);
            self.last = !self.last;
            if !is_known {
                self.reframe(member);
            }
        }
        &self.frames[usize::from(self.last)]
    }

    fn reframe(&mut self, member: Member) {
        let at = usize::from(self.last);
        let mut between = std::mem::take(&mut self.frames[at].between);
        between.clear();
        between.reserve_exact(self.head.len() + self.tail.len() + FRAME_BYTES);
        match member {
            Member::Text(_) => write::pieces(&mut between, self.form.after_text()),
            Member::Arguments(CallForm::Legacy, _) => between.extend_from_slice(LEGACY.1),
            Member::Arguments(..) => between.extend_from_slice(b"\"}}]}"),
        }
        self.close(&mut between);
        let end = between.len();
        self.open(&mut between);
        match member {
            Member::Text(_) if self.form == ObjectForm::Text => between.push(b'"'),
            Member::Text(field) => {
                between.push(b'{');
                between.extend_from_slice(field.member());
                between.push(b'"');
            }
            Member::Arguments(CallForm::Legacy, _) => between.extend_from_slice(LEGACY.0),
            Member::Arguments(form, index) => {
                between.extend_from_slice(b"{\"tool_calls\":[{\"index\":");
                write::number(&mut between, index as u64);
                between.extend_from_slice(form.members().2);
            }
        }
        self.frames[at] = ChunkFraming { of: Some(member), between, end };
    }

    pub(in crate::dialect::chat) fn annotations(&self, out: &mut Vec<u8>, citations: &[Citation]) {
        self.open(out);
        out.extend_from_slice(b"{\"annotations\":[");
        chat::annotations(out, citations);
        out.extend_from_slice(b"]}");
        self.close(out);
    }

    pub(in crate::dialect::chat) fn details(&self, out: &mut Vec<u8>, entries: &[u8]) {
        self.delta(out, [b"{\"", DETAILS.as_bytes(), b"\":[", entries, b"]}"]);
    }

    /// Opaque state of the message, and of each call that has some.
    pub(in crate::dialect::chat) fn state(&mut self, out: &mut Vec<u8>, state: &OwnState) {
        if let Some(members) = state.of_message().strip_prefix(b",") {
            self.with_role(out, |chunks, out| chunks.delta(out, [b"{", members, b"}"]));
        }
        for nth in (0..state.calls()).filter(|_| !self.is_legacy) {
            let members = call_members(state.of_call(nth));
            if !members.is_empty() {
                let index = nth.to_string();
                let call = [b"{\"tool_calls\":[{\"index\":", index.as_bytes(), &members, b"}]}"];
                self.delta(out, call);
            }
        }
    }

    fn delta<const N: usize>(&self, out: &mut Vec<u8>, delta: [&[u8]; N]) {
        self.open(out);
        write::pieces(out, delta);
        self.close(out);
    }

    pub(in crate::dialect::chat) fn image(&self, out: &mut Vec<u8>, index: usize, mime: &str, base64: &[u8]) {
        self.open(out);
        out.extend_from_slice(b"{\"images\":[");
        chat::image(out, index, mime, base64);
        out.extend_from_slice(b"]}");
        self.close(out);
    }

    /// The chunk with the finish reason, the usage where asked for and known, `[DONE]`.
    pub(in crate::dialect::chat) fn finish(
        &self,
        out: &mut Vec<u8>,
        reason: FinishReason,
        service_tier: Option<&[u8]>,
        usage: Option<&Usage>,
    ) {
        self.open(out);
        let [text, logprobs] = self.form.no_text();
        let reason = self.form.finish_reason(reason, self.is_legacy);
        write::pieces(out, [text, logprobs, b",\"finish_reason\":\"", reason.as_bytes(), b"\"}]"]);
        if let Some(tier) = service_tier.filter(|_| self.form == ObjectForm::Chat) {
            out.extend_from_slice(b",\"service_tier\":\"");
            out.extend_from_slice(tier);
            out.push(b'"');
        }
        match (usage, self.usage) {
            (Some(usage), UsageChunk::Finish) => close_with_usage(out, usage),
            (Some(usage), UsageChunk::Own) => {
                write::pieces(out, [self.tail, &self.head, b"]"]);
                close_with_usage(out, usage);
            }
            _ => out.extend_from_slice(self.tail),
        }
        done(out);
    }
}

/// Members of a call: those in its function, those beside it.
fn call_members([inner, outer]: [Vec<u8>; 2]) -> Vec<u8> {
    match inner.strip_prefix(b",") {
        Some(inner) => [b",\"function\":{", inner, b"}", &outer[..]].concat(),
        None => outer,
    }
}

/// The end of a chunk that has the usage.
fn close_with_usage(out: &mut Vec<u8>, usage: &Usage) {
    out.extend_from_slice(b",\"usage\":");
    usage.write(out);
    out.extend_from_slice(b"}\n\n");
}

/// The frame after which a chat stream is over.
pub(in crate::dialect::chat) fn done(out: &mut Vec<u8>) {
    out.extend_from_slice(b"data: [DONE]\n\n");
}

/// A chunk that came without its block.
pub(in crate::dialect::chat) fn block(out: &mut Vec<u8>, json: &[u8]) {
    out.extend_from_slice(b"data: ");
    write::compact(out, json);
    out.extend_from_slice(b"\n\n");
}
