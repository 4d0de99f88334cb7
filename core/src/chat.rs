//! Enters: what to say. Leaves: chat.completion.chunk frames appended to the caller's buffer. The one file that
//! spells downstream names; field order is fixed here.

use crate::json::{Str, Value, write};
use crate::limits::MAX_NAME_BYTES;
use crate::outcome::{ErrorBody, FinishReason, Usage};

/// `![image](data:…)`, as JSON string contents.
pub(crate) fn markdown_image(mime: &str, base64: &[u8]) -> Vec<u8> {
    let mut out = b"![image](".to_vec();
    data_url(&mut out, mime, base64);
    out.push(b')');
    out
}

/// `data:image/png;base64,…`
fn data_url(out: &mut Vec<u8>, mime: &str, base64: &[u8]) {
    for piece in [b"data:", mime.as_bytes(), b";base64,", base64] {
        out.extend_from_slice(piece);
    }
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
        for piece in [b",\"title\":\"", &*self.title, b"\",\"url\":\"", &*self.url, b"\"}}"] {
            out.extend_from_slice(piece);
        }
    }
}

/// The frame after which a chat stream is over.
const DONE: &[u8] = b"data: [DONE]\n\n";

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
            Self::Content => b"{\"content\":\"",
            Self::Refusal => b"{\"refusal\":\"",
            Self::ReasoningContent => b"{\"reasoning_content\":\"",
            Self::Reasoning => b"{\"reasoning\":\"",
        }
    }
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

/// What every chunk of one completion repeats.
#[derive(Debug)]
pub(crate) struct Chunks {
    /// Up to and including `"delta":`.
    head: Vec<u8>,
    /// After the choices.
    tail: &'static [u8],
}

impl Chunks {
    /// `id` and `model` are JSON string contents.
    pub(crate) fn new(id: &[u8], created: u64, model: &[u8], include_usage: bool) -> Self {
        let mut head = b"data: {\"id\":\"".to_vec();
        head.extend_from_slice(id);
        head.extend_from_slice(b"\",\"object\":\"chat.completion.chunk\",\"created\":");
        write::number(&mut head, created);
        head.extend_from_slice(b",\"model\":\"");
        head.extend_from_slice(model);
        head.extend_from_slice(b"\",\"choices\":[");
        let tail: &[u8] = if include_usage { b"],\"usage\":null}\n\n" } else { b"]}\n\n" };
        Self { head, tail }
    }

    /// `chatcmpl-` and the response id without its own prefix.
    pub(crate) fn id(response_id: Option<&[u8]>) -> Vec<u8> {
        let id = response_id.map_or(&b"stream"[..], |id| id.strip_prefix(b"resp_").unwrap_or(id));
        [b"chatcmpl-", id].concat()
    }

    fn open(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.head);
        out.extend_from_slice(b"{\"index\":0,\"delta\":");
    }

    fn close(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"finish_reason\":null}");
        out.extend_from_slice(self.tail);
    }

    /// The first chunk, once. `content` is an empty string only where text comes first.
    pub(crate) fn role(&self, out: &mut Vec<u8>, text_first: bool) {
        self.open(out);
        let content: &[u8] = if text_first { b"\"\"}" } else { b"null}" };
        out.extend_from_slice(b"{\"role\":\"assistant\",\"content\":");
        out.extend_from_slice(content);
        self.close(out);
    }

    /// A piece of text; `before` is what separates it from what was said earlier.
    pub(crate) fn text(
        &self,
        out: &mut Vec<u8>,
        voice: Voice,
        before: &str,
        text: Str<'_>,
        logprobs: Option<Value<'_>>,
    ) {
        self.open(out);
        out.extend_from_slice(voice.member());
        write::escaped(out, before);
        out.extend_from_slice(text.raw());
        out.extend_from_slice(b"\"}");
        if let Some(tokens) = logprobs {
            self::logprobs(out, tokens);
        }
        self.close(out);
    }

    /// Announces call number `index`; `id` and `name` are JSON string contents.
    pub(crate) fn call(&self, out: &mut Vec<u8>, form: CallForm, index: usize, id: &[u8], name: &[u8]) {
        let (before_name, after_name, _) = form.members();
        self.open(out);
        out.extend_from_slice(b"{\"tool_calls\":[{\"index\":");
        write::number(out, index as u64);
        for piece in [b",\"id\":\"", id, b"\",\"type\":\"", before_name, name, after_name, b"\"}}]}"] {
            out.extend_from_slice(piece);
        }
        self.close(out);
    }

    /// A piece of the arguments of call number `index`, as JSON string contents.
    pub(crate) fn arguments(&self, out: &mut Vec<u8>, form: CallForm, index: usize, piece: &[u8]) {
        self.open(out);
        out.extend_from_slice(b"{\"tool_calls\":[{\"index\":");
        write::number(out, index as u64);
        out.extend_from_slice(form.members().2);
        out.extend_from_slice(piece);
        out.extend_from_slice(b"\"}}]}");
        self.close(out);
    }

    /// The citations of the whole answer, once: clients replace an array that comes again.
    pub(crate) fn annotations(&self, out: &mut Vec<u8>, citations: &[Citation]) {
        self.open(out);
        out.extend_from_slice(b"{\"annotations\":[");
        for (nth, citation) in citations.iter().enumerate() {
            out.extend_from_slice(if nth == 0 { b"" } else { b"," });
            citation.write(out);
        }
        out.extend_from_slice(b"]}");
        self.close(out);
    }

    /// Image number `index` as a data URL; `base64` is JSON string contents.
    pub(crate) fn image(&self, out: &mut Vec<u8>, index: usize, mime: &str, base64: &[u8]) {
        self.open(out);
        out.extend_from_slice(b"{\"images\":[{\"index\":");
        write::number(out, index as u64);
        out.extend_from_slice(b",\"type\":\"image_url\",\"image_url\":{\"url\":\"");
        data_url(out, mime, base64);
        out.extend_from_slice(b"\"}}]}");
        self.close(out);
    }

    /// The chunk with the finish reason; `service_tier` is the tier that served, as JSON string contents.
    pub(crate) fn finish(&self, out: &mut Vec<u8>, reason: FinishReason, service_tier: Option<&[u8]>) {
        self.open(out);
        out.extend_from_slice(b"{},\"finish_reason\":\"");
        out.extend_from_slice(reason.as_str().as_bytes());
        out.extend_from_slice(b"\"}");
        let Some(tier) = service_tier else { return out.extend_from_slice(self.tail) };
        out.extend_from_slice(b"],\"service_tier\":\"");
        out.extend_from_slice(tier);
        out.push(b'"');
        out.extend_from_slice(&self.tail[1..]);
    }

    /// The last chunk of a stream whose client asked for usage.
    pub(crate) fn usage(&self, out: &mut Vec<u8>, usage: &Usage) {
        out.extend_from_slice(&self.head);
        out.extend_from_slice(b"],\"usage\":");
        self::usage(out, usage);
        out.extend_from_slice(b"}\n\n");
    }
}

/// `data: [DONE]`.
pub(crate) fn done(out: &mut Vec<u8>) {
    out.extend_from_slice(DONE);
}

/// The frame that the official clients raise on.
pub(crate) fn error(out: &mut Vec<u8>, error: &ErrorBody) {
    out.extend_from_slice(b"data: {\"error\":");
    error_body(out, error);
    out.extend_from_slice(b"}\n\n");
}

pub(crate) fn error_body(out: &mut Vec<u8>, error: &ErrorBody) {
    out.extend_from_slice(b"{\"message\":");
    write::string(out, &error.message);
    out.extend_from_slice(b",\"type\":");
    write::string(out, &error.kind);
    out.extend_from_slice(b",\"param\":");
    write::optional(out, error.param.as_deref());
    out.extend_from_slice(b",\"code\":");
    write::optional(out, error.code.as_deref());
    out.push(b'}');
}

pub(crate) fn usage(out: &mut Vec<u8>, usage: &Usage) {
    out.extend_from_slice(b"{\"prompt_tokens\":");
    write::number(out, usage.prompt_tokens);
    out.extend_from_slice(b",\"completion_tokens\":");
    write::number(out, usage.completion_tokens);
    out.extend_from_slice(b",\"total_tokens\":");
    write::number(out, usage.total_tokens);
    let prompt = [("cached_tokens", usage.cached_tokens), ("cache_write_tokens", usage.cache_write_tokens)];
    details(out, "prompt_tokens_details", &prompt);
    details(out, "completion_tokens_details", &[("reasoning_tokens", usage.reasoning_tokens)]);
    out.push(b'}');
}

/// Absent details stay absent, an explicit 0 is kept.
fn details(out: &mut Vec<u8>, name: &str, counts: &[(&str, Option<u64>)]) {
    let mut opened = false;
    for (count_name, count) in counts {
        let Some(count) = count else { continue };
        let before = if opened { ",\"".to_owned() } else { format!(",\"{name}\":{{\"") };
        opened = true;
        out.extend_from_slice(before.as_bytes());
        out.extend_from_slice(count_name.as_bytes());
        out.extend_from_slice(b"\":");
        write::number(out, *count);
    }
    if opened {
        out.push(b'}');
    }
}

/// `,"logprobs":{…}` beside a delta. Chat requires `bytes` and `top_logprobs` of every token; Responses leaves them out.
fn logprobs(out: &mut Vec<u8>, tokens: Value<'_>) {
    out.extend_from_slice(b",\"logprobs\":{\"content\":[");
    list(out, tokens, |out, token| {
        logprob(out, token);
        out.extend_from_slice(b",\"top_logprobs\":[");
        if let Some(top) = token.get("top_logprobs") {
            list(out, top, |out, top| {
                logprob(out, top);
                out.push(b'}');
            });
        }
        out.extend_from_slice(b"]}");
    });
    out.extend_from_slice(b"],\"refusal\":null}");
}

/// `{"token":…,"logprob":…,"bytes":…`, still open.
fn logprob(out: &mut Vec<u8>, token: Value<'_>) {
    let member = |key, default: &'static [u8]| token.get(key).map_or(default, Value::raw);
    out.extend_from_slice(b"{\"token\":");
    out.extend_from_slice(member("token", b"\"\""));
    out.extend_from_slice(b",\"logprob\":");
    out.extend_from_slice(member("logprob", b"0"));
    out.extend_from_slice(b",\"bytes\":");
    out.extend_from_slice(member("bytes", b"null"));
}

fn list<'a>(out: &mut Vec<u8>, array: Value<'a>, mut element: impl FnMut(&mut Vec<u8>, Value<'a>)) {
    for (nth, value) in array.elements().enumerate() {
        out.extend_from_slice(if nth == 0 { b"" } else { b"," });
        element(out, value);
    }
}

/// Whether a name is short enough to be repeated in every chunk.
pub(crate) fn is_repeatable(name: Str<'_>) -> bool {
    name.raw().len() <= MAX_NAME_BYTES
}

/// A comment line, or a comment block: openai-python before 2.38 fails on the block.
pub(crate) fn heartbeat(block: bool) -> &'static [u8] {
    if block { b": ping\n\n" } else { b": ping\n" }
}
