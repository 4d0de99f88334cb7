//! The chat completions dialect. This module alone spells its names; member order is fixed here.

mod chunk;
mod lint;
mod read;
mod relay;
mod write;

use crate::json::template_gap::Text;
use crate::json::{Str, Value, write as json_write};
use crate::outcome::{ErrorBody, FinishReason, Usage};
pub(crate) use lint::Lint;
pub(crate) use read::ChatReader;
pub(crate) use relay::ChatRelay;
pub(crate) use write::ChatWriter;
use write::chunks::Chunks;
use write::completion::Completion;

/// What is being written: the same calls, in either form.
#[derive(Debug)]
pub(crate) enum ChatOutput {
    Chunks(Chunks),
    Completion(Box<Completion>),
}

/// What both forms say of themselves; `id` and `model` are JSON string contents.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChunkHeader<'a> {
    pub(crate) id: &'a [u8],
    pub(crate) created: u64,
    pub(crate) model: &'a [u8],
}

impl ChatOutput {
    /// A stream; says the role. `content` is an empty string only where text comes first.
    pub(crate) fn stream(
        out: &mut Vec<u8>,
        head: ChunkHeader<'_>,
        include_usage: bool,
        text_first: bool,
    ) -> Self {
        let chunks = Chunks::new(head, include_usage);
        chunks.role(out, text_first);
        Self::Chunks(chunks)
    }

    pub(crate) fn whole(head: ChunkHeader<'_>) -> Self {
        Self::Completion(Box::new(Completion::new(head)))
    }

    /// Whether a completion has more than is kept.
    pub(crate) fn is_full(&self) -> bool {
        matches!(self, Self::Completion(completion) if completion.is_full())
    }

    /// A piece of text number `part`; `before` is what separates it from what came earlier.
    pub(crate) fn text(
        &mut self,
        out: &mut Vec<u8>,
        field: DeltaField,
        part: usize,
        before: &str,
        text: Str<'_>,
        logprobs: Option<Value<'_>>,
    ) {
        match self {
            Self::Chunks(chunks) => chunks.text(out, field, before, text, logprobs),
            Self::Completion(completion) => completion.text(field, part, before, text, logprobs),
        }
    }

    /// Text number `part` is another than was written; only a completion can still change it.
    pub(crate) fn replace_text(&mut self, field: DeltaField, part: usize, whole: Str<'_>) {
        if let Self::Completion(completion) = self {
            completion.replace_text(field, part, whole);
        }
    }

    /// The arguments of a call are others than were written.
    pub(crate) fn replace_arguments(&mut self, index: usize, whole: &[u8]) {
        if let Self::Completion(completion) = self {
            completion.replace_arguments(index, whole);
        }
    }

    /// Announces call number `index`; `id` and `name` are JSON string contents.
    pub(crate) fn call(&mut self, out: &mut Vec<u8>, form: CallForm, index: usize, id: &[u8], name: &[u8]) {
        match self {
            Self::Chunks(chunks) => chunks.call(out, form, index, id, name),
            Self::Completion(completion) => completion.call(form, id, name),
        }
    }

    /// A piece of the arguments of call number `index`, as JSON string contents.
    pub(crate) fn arguments(&mut self, out: &mut Vec<u8>, form: CallForm, index: usize, piece: &[u8]) {
        match self {
            Self::Chunks(chunks) => chunks.arguments(out, form, index, piece),
            Self::Completion(completion) => completion.arguments(index, piece),
        }
    }

    /// Further pieces of one member: text number `part`, or the arguments of a call.
    #[inline]
    pub(crate) fn pieces<'c>(
        &mut self,
        out: &mut Vec<u8>,
        member: Member,
        part: usize,
        pieces: impl Iterator<Item = Text<'c>>,
    ) {
        match (self, member) {
            (Self::Chunks(chunks), _) => chunks.pieces(out, member, pieces),
            (Self::Completion(completion), Member::Text(field)) => {
                pieces.for_each(|piece| completion.text(field, part, "", piece.as_str(), None));
            }
            (Self::Completion(completion), Member::Arguments(_, index)) => {
                pieces.for_each(|piece| completion.arguments(index, piece.as_str().raw()));
            }
        }
    }

    /// The citations of the whole answer, once: clients replace an array that comes again.
    pub(crate) fn annotations(&mut self, out: &mut Vec<u8>, citations: &[Citation]) {
        match self {
            Self::Chunks(chunks) => chunks.annotations(out, citations),
            Self::Completion(completion) => completion.annotations(citations),
        }
    }

    /// Image number `index` as a data URL; `base64` is JSON string contents.
    pub(crate) fn image(&mut self, out: &mut Vec<u8>, index: usize, mime: &str, base64: &[u8]) {
        match self {
            Self::Chunks(chunks) => chunks.image(out, index, mime, base64),
            Self::Completion(completion) => completion.image(index, mime, base64),
        }
    }

    /// The end. `service_tier` is the tier that served, as JSON string contents.
    pub(crate) fn finish(
        &mut self,
        out: &mut Vec<u8>,
        reason: FinishReason,
        service_tier: Option<&[u8]>,
        usage: Option<&Usage>,
    ) {
        match self {
            Self::Chunks(chunks) => chunks.finish(out, reason, service_tier, usage),
            Self::Completion(completion) => completion.finish(out, reason, service_tier, usage),
        }
    }
}

/// `chatcmpl-` and the response id without its own prefix.
pub(crate) fn completion_id(response_id: Option<&[u8]>) -> Vec<u8> {
    let id = response_id.map_or(&b"stream"[..], |id| id.strip_prefix(b"resp_").unwrap_or(id));
    [b"chatcmpl-", id].concat()
}

/// The end of a stream that failed: the frame that the official clients raise on, and `[DONE]`.
pub(crate) fn error_frames(out: &mut Vec<u8>, error: &ErrorBody) {
    out.extend_from_slice(b"data: ");
    error.write_envelope(out);
    out.extend_from_slice(b"\n\n");
    write::chunks::done(out);
}

/// `![image](data:…)`, as JSON string contents.
pub(crate) fn markdown_image(mime: &str, base64: &[u8]) -> Vec<u8> {
    let mut out = b"![image](".to_vec();
    data_url(&mut out, mime, base64);
    out.push(b')');
    out
}

/// One element of `images`.
fn image(out: &mut Vec<u8>, index: usize, mime: &str, base64: &[u8]) {
    out.extend_from_slice(b"{\"index\":");
    json_write::number(out, index as u64);
    out.extend_from_slice(b",\"type\":\"image_url\",\"image_url\":{\"url\":\"");
    data_url(out, mime, base64);
    out.extend_from_slice(b"\"}}");
}

/// Comma-separated citations.
fn annotations(out: &mut Vec<u8>, citations: &[Citation]) {
    json_write::separated(out, citations, |out, citation| citation.write(out));
}

/// `data:image/png;base64,…`
fn data_url(out: &mut Vec<u8>, mime: &str, base64: &[u8]) {
    json_write::pieces(out, [b"data:", mime.as_bytes(), b";base64,", base64]);
}

/// A `url_citation` of the whole content; texts are JSON string contents, offsets count code points.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Citation {
    pub(crate) url: Box<[u8]>,
    pub(crate) title: Box<[u8]>,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl Citation {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"type\":\"url_citation\",\"url_citation\":{\"end_index\":");
        json_write::number(out, self.end);
        out.extend_from_slice(b",\"start_index\":");
        json_write::number(out, self.start);
        json_write::pieces(out, [b",\"title\":\"", &*self.title, b"\",\"url\":\"", &*self.url, b"\"}}"]);
    }
}

/// The member of a delta or message that a text goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeltaField {
    Content,
    Refusal,
    ReasoningContent,
    Reasoning,
}

impl DeltaField {
    fn member(self) -> &'static [u8] {
        match self {
            Self::Content => b"\"content\":",
            Self::Refusal => b"\"refusal\":",
            Self::ReasoningContent => b"\"reasoning_content\":",
            Self::Reasoning => b"\"reasoning\":",
        }
    }
}

/// What pieces go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Member {
    Text(DeltaField),
    /// The arguments of the call with this index.
    Arguments(CallForm, usize),
}

/// How a call is shown.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallForm {
    #[default]
    Function,
    /// A custom call as a function with one argument, `input`.
    Wrapped,
    /// A custom call, for clients that declared a custom tool.
    Custom,
}

impl CallForm {
    /// What stands between id and name, before and after a piece of the arguments.
    fn members(self) -> (&'static [u8], &'static [u8], &'static [u8]) {
        match self {
            Self::Function | Self::Wrapped => (
                b"function\",\"function\":{\"name\":\"",
                b"\",\"arguments\":\"",
                b",\"function\":{\"arguments\":\"",
            ),
            Self::Custom => {
                (b"custom\",\"custom\":{\"name\":\"", b"\",\"input\":\"", b",\"custom\":{\"input\":\"")
            }
        }
    }
}

/// A comment line, or a comment block: openai-python before 2.38 fails on the block.
pub(crate) fn heartbeat(block: bool) -> &'static [u8] {
    if block { b": ping\n\n" } else { b": ping\n" }
}

impl ChunkHeader<'_> {
    /// `{"id":…,"object":…,"created":…,"model":…`, still open.
    fn write(&self, out: &mut Vec<u8>, object: &str) {
        out.extend_from_slice(b"{\"id\":\"");
        out.extend_from_slice(self.id);
        out.extend_from_slice(b"\",\"object\":\"");
        out.extend_from_slice(object.as_bytes());
        out.extend_from_slice(b"\",\"created\":");
        json_write::number(out, self.created);
        out.extend_from_slice(b",\"model\":\"");
        out.extend_from_slice(self.model);
        out.push(b'"');
    }
}
