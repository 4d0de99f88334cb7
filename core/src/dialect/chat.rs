//! The chat completions dialect. This module alone spells its names; member order is fixed here.

mod chunk;
mod form;
mod lint;
mod read;
mod relay;
mod write;

use crate::json::Value;
use crate::json::write as json_write;
pub(crate) use form::ObjectForm;
pub(crate) use lint::Lint;
pub(crate) use read::ChatReader;
pub(crate) use relay::ChatRelay;
pub(crate) use write::ChatWriter;

/// What both forms repeat about the answer; `id` and `model` are JSON string contents.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChunkHeader<'a> {
    pub(crate) id: &'a [u8],
    pub(crate) created: u64,
    pub(crate) model: &'a [u8],
}

/// `chatcmpl-` or `cmpl-`, and the upstream's id without its own prefix.
pub(crate) fn completion_id(form: ObjectForm, upstream_id: Option<&[u8]>) -> Vec<u8> {
    let own = form.id_prefix();
    let bare = |id: &'_ [u8]| -> Vec<u8> {
        let prefixes = [&b"resp_"[..], b"msg_", b"chatcmpl-", own];
        prefixes.iter().find_map(|prefix| id.strip_prefix(*prefix)).unwrap_or(id).to_vec()
    };
    let named = upstream_id.map(bare).filter(|id| !id.is_empty());
    [own, &*named.unwrap_or_else(|| b"stream".to_vec())].concat()
}

/// Logprobs of a piece of text that begins after `offset` code points of the content.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Logprobs<'a> {
    pub(crate) tokens: Value<'a>,
    pub(crate) offset: u64,
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// A custom call, for clients that declared a custom tool.
    Custom,
    /// The one `function_call` of clients that declared legacy functions.
    Legacy,
    /// A further call, for which such clients have no place; any call, for those of the legacy Completions API.
    Hidden,
}

/// What stands between the pieces of a legacy call.
const LEGACY: (&[u8], &[u8]) = (b"{\"function_call\":{\"arguments\":\"", b"\"}}");

impl CallForm {
    /// What stands between id and name, before and after a piece of the arguments.
    fn members(self) -> (&'static [u8], &'static [u8], &'static [u8]) {
        match self {
            Self::Function | Self::Legacy | Self::Hidden => (
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

#[cfg(test)]
mod tests {
    use super::{ObjectForm, completion_id};

    #[test]
    fn an_id_has_one_prefix() {
        for id in ["resp_9", "msg_9", "chatcmpl-9", "9"] {
            assert_eq!(completion_id(ObjectForm::Chat, Some(id.as_bytes())), b"chatcmpl-9");
            assert_eq!(completion_id(ObjectForm::Text, Some(id.as_bytes())), b"cmpl-9");
        }
        assert_eq!(completion_id(ObjectForm::Text, Some(b"cmpl-9")), b"cmpl-9");
    }
}
