//! Enters: what to say, in order. Leaves: chat.completion.chunk frames as it is said, or one chat.completion at the
//! end. This module alone spells chat's names; member order is fixed here. `read` is the other way round.

mod chunks;
mod completion;
mod read;

use crate::json::hole::Text;
use crate::json::{Str, Value, write};
use crate::limits::MAX_NAME_BYTES;
use crate::outcome::{ErrorBody, FinishReason, Usage};
use chunks::Chunks;
use completion::Completion;
pub(crate) use read::{Choice, Chunk, Delta, Tone, ToolCall, citation, image_data, only_text, texts, usage};

/// What is being written: the same calls, in either form.
#[derive(Debug)]
pub(crate) enum Page {
    Stream(Chunks),
    Whole(Box<Completion>),
}

/// What both forms say of themselves; `id` and `model` are JSON string contents.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) id: &'a [u8],
    pub(crate) created: u64,
    pub(crate) model: &'a [u8],
}

impl Page {
    /// A stream; says the role. `content` is an empty string only where text comes first.
    pub(crate) fn stream(out: &mut Vec<u8>, head: Head<'_>, include_usage: bool, text_first: bool) -> Self {
        let chunks = Chunks::new(head, include_usage);
        chunks.role(out, text_first);
        Self::Stream(chunks)
    }

    pub(crate) fn whole(head: Head<'_>) -> Self {
        Self::Whole(Box::new(Completion::new(head)))
    }

    /// Whether a completion has more than is kept.
    pub(crate) fn is_full(&self) -> bool {
        matches!(self, Self::Whole(completion) if completion.is_full())
    }

    /// A piece of text; `before` is what separates it from what was said earlier.
    pub(crate) fn text(
        &mut self,
        out: &mut Vec<u8>,
        voice: Voice,
        before: &str,
        text: Str<'_>,
        logprobs: Option<Value<'_>>,
    ) {
        match self {
            Self::Stream(chunks) => chunks.text(out, voice, before, text, logprobs),
            Self::Whole(completion) => completion.text(voice, before, text, logprobs),
        }
    }

    /// Announces call number `index`; `id` and `name` are JSON string contents.
    pub(crate) fn call(&mut self, out: &mut Vec<u8>, form: CallForm, index: usize, id: &[u8], name: &[u8]) {
        match self {
            Self::Stream(chunks) => chunks.call(out, form, index, id, name),
            Self::Whole(completion) => completion.call(form, id, name),
        }
    }

    /// A piece of the arguments of call number `index`, as JSON string contents.
    pub(crate) fn arguments(&mut self, out: &mut Vec<u8>, form: CallForm, index: usize, piece: &[u8]) {
        match self {
            Self::Stream(chunks) => chunks.arguments(out, form, index, piece),
            Self::Whole(completion) => completion.arguments(index, piece),
        }
    }

    /// Further pieces of one member: text, or the arguments of an announced call.
    #[inline]
    pub(crate) fn pieces<'c>(
        &mut self,
        out: &mut Vec<u8>,
        member: Member,
        pieces: impl Iterator<Item = Text<'c>>,
    ) {
        match (self, member) {
            (Self::Stream(chunks), _) => chunks.pieces(out, member, pieces),
            (Self::Whole(completion), Member::Text(voice)) => {
                pieces.for_each(|piece| completion.text(voice, "", piece.as_str(), None));
            }
            (Self::Whole(completion), Member::Arguments(_, index)) => {
                pieces.for_each(|piece| completion.arguments(index, piece.as_str().raw()));
            }
        }
    }

    /// The citations of the whole answer, once: clients replace an array that comes again.
    pub(crate) fn annotations(&mut self, out: &mut Vec<u8>, citations: &[Citation]) {
        match self {
            Self::Stream(chunks) => chunks.annotations(out, citations),
            Self::Whole(completion) => completion.annotations(citations),
        }
    }

    /// Image number `index` as a data URL; `base64` is JSON string contents.
    pub(crate) fn image(&mut self, out: &mut Vec<u8>, index: usize, mime: &str, base64: &[u8]) {
        match self {
            Self::Stream(chunks) => chunks.image(out, index, mime, base64),
            Self::Whole(completion) => completion.image(index, mime, base64),
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
            Self::Stream(chunks) => chunks.finish(out, reason, service_tier, usage),
            Self::Whole(completion) => completion.finish(out, reason, service_tier, usage),
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
    envelope(out, error);
    out.extend_from_slice(b"\n\n");
    chunks::done(out);
}

/// `{"error":{…}}`
pub(crate) fn envelope(out: &mut Vec<u8>, error: &ErrorBody) {
    out.extend_from_slice(b"{\"error\":");
    error.write(out);
    out.push(b'}');
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
    write::number(out, index as u64);
    out.extend_from_slice(b",\"type\":\"image_url\",\"image_url\":{\"url\":\"");
    data_url(out, mime, base64);
    out.extend_from_slice(b"\"}}");
}

/// Comma-separated citations.
fn annotations(out: &mut Vec<u8>, citations: &[Citation]) {
    write::separated(out, citations, |out, citation| citation.write(out));
}

/// `data:image/png;base64,…`
fn data_url(out: &mut Vec<u8>, mime: &str, base64: &[u8]) {
    write::pieces(out, [b"data:", mime.as_bytes(), b";base64,", base64]);
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
        write::number(out, self.end);
        out.extend_from_slice(b",\"start_index\":");
        write::number(out, self.start);
        write::pieces(out, [b",\"title\":\"", &*self.title, b"\",\"url\":\"", &*self.url, b"\"}}"]);
    }
}

/// Which delta member a text goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
    Content,
    Refusal,
    ReasoningContent,
    Reasoning,
}

impl Voice {
    fn member(self) -> &'static [u8] {
        match self {
            Self::Content => b"\"content\":",
            Self::Refusal => b"\"refusal\":",
            Self::ReasoningContent => b"\"reasoning_content\":",
            Self::Reasoning => b"\"reasoning\":",
        }
    }
}

/// What pieces are said in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Member {
    Text(Voice),
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

/// The tokens of a piece of text, comma-separated, in the form that both dialects have. Responses leaves `bytes` and
/// `top_logprobs` out of events, and chat may have null for `bytes`; `no_bytes` stands for them.
pub(crate) fn logprobs(out: &mut Vec<u8>, tokens: Value<'_>, no_bytes: &[u8]) {
    write::separated(out, tokens.elements(), |out, token| {
        logprob(out, token, no_bytes);
        out.extend_from_slice(b",\"top_logprobs\":[");
        if let Some(top) = token.get("top_logprobs") {
            write::separated(out, top.elements(), |out, top| {
                logprob(out, top, no_bytes);
                out.push(b'}');
            });
        }
        out.extend_from_slice(b"]}");
    });
}

/// `{"token":…,"logprob":…,"bytes":…`, still open.
fn logprob(out: &mut Vec<u8>, token: Value<'_>, no_bytes: &[u8]) {
    let own = |key| token.get(key).filter(|value| !value.is_null()).map(Value::raw);
    out.extend_from_slice(b"{\"token\":");
    out.extend_from_slice(own("token").unwrap_or(b"\"\""));
    out.extend_from_slice(b",\"logprob\":");
    out.extend_from_slice(own("logprob").unwrap_or(b"0"));
    out.extend_from_slice(b",\"bytes\":");
    write::compact(out, own("bytes").unwrap_or(no_bytes));
}

/// Whether a name is short enough to be repeated in every chunk.
pub(crate) fn is_repeatable(name: Str<'_>) -> bool {
    name.raw().len() <= MAX_NAME_BYTES
}

/// A comment line, or a comment block: openai-python before 2.38 fails on the block.
pub(crate) fn heartbeat(block: bool) -> &'static [u8] {
    if block { b": ping\n\n" } else { b": ping\n" }
}

impl Head<'_> {
    /// `{"id":…,"object":…,"created":…,"model":…`, still open.
    fn write(&self, out: &mut Vec<u8>, object: &str) {
        out.extend_from_slice(b"{\"id\":\"");
        out.extend_from_slice(self.id);
        out.extend_from_slice(b"\",\"object\":\"");
        out.extend_from_slice(object.as_bytes());
        out.extend_from_slice(b"\",\"created\":");
        write::number(out, self.created);
        out.extend_from_slice(b",\"model\":\"");
        out.extend_from_slice(self.model);
        out.push(b'"');
    }
}
