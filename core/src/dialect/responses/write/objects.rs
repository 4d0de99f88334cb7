//! Writes the response objects and output items that this crate makes itself.
//!
//! Input: texts, names and ids, as JSON string contents. Output: JSON with every member that the official clients require.

use super::missing::REQUIRED_OF_RESPONSE;
use crate::answer::{CallKind, Further, TextKind, WebSearch};
use crate::dialect::responses::{
    FUNCTION_CALL, MESSAGE, PREVIOUS_RESPONSE_ID, Status, WEB_SEARCH_CALL, conform, error_object, write_usage,
};
use crate::envelope::Envelope;
use crate::json::{Str, Value, edit, write};
use crate::options::Options;
use crate::outcome::Usage;
use crate::tool_kind::ToolKind;

const SERVICE_TIER: &str = "service_tier";

impl ToolKind {
    /// The type of its calls, and what their ids begin with.
    fn call(self) -> (&'static str, &'static str) {
        match self {
            Self::Function => (FUNCTION_CALL, "fc"),
            Self::Custom => ("custom_tool_call", "ctc"),
            Self::ToolSearch => ("tool_search_call", "tsc"),
            Self::LocalShell => ("local_shell_call", "lsh"),
            Self::Shell => ("shell_call", "sh"),
            Self::ApplyPatch => ("apply_patch_call", "apc"),
        }
    }

    pub(crate) fn id_prefix(self) -> &'static str {
        self.call().1
    }

    /// What a call streams; the others come whole.
    pub(crate) fn streams(self) -> Option<CallKind> {
        match self {
            Self::Function => Some(CallKind::Function),
            Self::Custom => Some(CallKind::Custom),
            Self::ToolSearch | Self::LocalShell | Self::Shell | Self::ApplyPatch => None,
        }
    }
}

/// A call of a tool that the client runs.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_field_names, reason = "the protocol's names")]
pub(crate) struct Call<'a> {
    pub(crate) kind: ToolKind,
    pub(crate) id: &'a [u8],
    pub(crate) call_id: &'a [u8],
    pub(crate) name: &'a [u8],
    pub(crate) namespace: Option<&'a [u8]>,
    /// Arguments of a function, input of a custom tool.
    pub(crate) content: &'a [u8],
    pub(crate) status: &'a str,
}

impl Call<'_> {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        open(out, self.kind.call().0, self.id, self.status);
        member(out, "call_id", self.call_id);
        match self.kind {
            ToolKind::Function | ToolKind::Custom => self.named(out),
            ToolKind::ToolSearch => self.whole(out, ",\"execution\":\"client\",\"arguments\":", b"{}"),
            ToolKind::LocalShell => self.whole(out, ",\"action\":", br#"{"type":"exec","env":{}}"#),
            ToolKind::Shell => self.whole(out, ",\"action\":", b"{}"),
            ToolKind::ApplyPatch => self.whole(out, ",\"operation\":", b"{}"),
        }
        out.push(b'}');
    }

    fn named(&self, out: &mut Vec<u8>) {
        let key = if self.kind == ToolKind::Custom { "input" } else { "arguments" };
        member(out, "name", self.name);
        if let Some(namespace) = self.namespace {
            member(out, "namespace", namespace);
        }
        member(out, key, self.content);
    }

    /// The arguments as the object that they are, with the members of `required` that it lacks.
    fn whole(&self, out: &mut Vec<u8>, key: &str, required: &[u8]) {
        let text = Str::from_raw(self.content).decode();
        out.extend_from_slice(key.as_bytes());
        let object = Value::document(text.as_bytes()).unwrap_or(Value::EMPTY);
        let required = Value::document(required).unwrap_or(Value::EMPTY);
        let lacking = edit::lacking(object, required, &[]);
        let lacking: Vec<_> = lacking.iter().map(|(name, value)| (&**name, *value)).collect();
        write::compact(out, &edit::with_members(object, &lacking));
    }
}

/// A message; `content` writes its parts, comma-separated.
pub(crate) fn message(out: &mut Vec<u8>, id: &[u8], status: &str, content: impl FnOnce(&mut Vec<u8>)) {
    open(out, MESSAGE, id, status);
    out.extend_from_slice(b",\"role\":\"assistant\",\"content\":[");
    content(out);
    out.extend_from_slice(b"]}");
}

/// A reasoning item; `opaque`: its `encrypted_content`, if not empty; `parts` writes those it has, of one kind.
pub(crate) fn reasoning(
    out: &mut Vec<u8>,
    id: &[u8],
    status: &str,
    kind: TextKind,
    opaque: &[u8],
    parts: impl FnOnce(&mut Vec<u8>),
) {
    open(out, "reasoning", id, status);
    if !opaque.is_empty() {
        member(out, "encrypted_content", opaque);
    }
    out.extend_from_slice(b",\"summary\":[");
    if kind == TextKind::Reasoning {
        out.extend_from_slice(b"],\"content\":[");
    }
    parts(out);
    out.extend_from_slice(b"]}");
}

/// A search of the web. `action` is JSON.
pub(super) fn search(out: &mut Vec<u8>, id: &[u8], status: &str, action: &[u8]) {
    let kind = WEB_SEARCH_CALL.as_bytes();
    write::pieces(out, [b"{\"id\":\"", id, b"\",\"type\":\"", kind, b"\",\"status\":\"", status.as_bytes()]);
    write::pieces(out, [b"\",\"action\":", action, b"}"]);
}

/// What a search looked for, and the pages that it found.
pub(super) fn search_action(search: &WebSearch<'_>) -> Vec<u8> {
    let query = search.query.map_or(&b""[..], Str::raw);
    let mut out = Vec::new();
    write::pieces(
        &mut out,
        [b"{\"type\":\"search\",\"query\":\"", query, b"\",\"queries\":[\"", query, b"\"],\"sources\":["],
    );
    let urls =
        search.results.into_iter().flat_map(Value::elements).filter_map(|page| page.get("url")?.as_str());
    write::separated(&mut out, urls, |out, url| {
        write::pieces(out, [b"{\"type\":\"url\",\"url\":\"", url.raw(), b"\"}"]);
    });
    out.extend_from_slice(b"]}");
    out
}

/// A generated image; `None`: it is still to come.
pub(crate) fn image(out: &mut Vec<u8>, id: &[u8], status: &str, format: &[u8], base64: Option<&[u8]>) {
    open(out, "image_generation_call", id, status);
    match base64 {
        Some(base64) => {
            member(out, "output_format", format);
            member(out, "result", base64);
        }
        None => out.extend_from_slice(b",\"result\":null"),
    }
    out.push(b'}');
}

/// A conversation that was compacted.
pub(crate) fn compaction(out: &mut Vec<u8>, id: &[u8], sealed: &[u8]) {
    out.extend_from_slice(b"{\"type\":\"compaction\"");
    member(out, "id", id);
    member(out, "encrypted_content", sealed);
    out.push(b'}');
}

/// `{"type":…,"id":…,"status":…`, still open.
fn open(out: &mut Vec<u8>, kind: &str, id: &[u8], status: &str) {
    write::pieces(out, [b"{\"type\":\"", kind.as_bytes(), b"\""]);
    member(out, "id", id);
    member(out, "status", status.as_bytes());
}

/// `,"key":"text"`
fn member(out: &mut Vec<u8>, key: &str, text: &[u8]) {
    write::pieces(out, [b",\"", key.as_bytes(), b"\":\"", text, b"\""]);
}

/// The members of a response object that its state does not change.
#[derive(Debug, Clone, Default)]
pub(crate) struct ResponseHeader {
    pub(crate) id: Vec<u8>,
    pub(crate) created_at: u64,
    pub(crate) model: Vec<u8>,
    /// As a JSON string.
    pub(crate) previous_response_id: Option<Vec<u8>>,
}

/// The state of a response object.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct ResponseState<'a> {
    /// `None`: it goes on.
    pub(crate) status: Option<Status>,
    pub(crate) incomplete_reason: Option<&'static str>,
    pub(crate) error: Option<&'a Envelope>,
    pub(crate) usage: Option<&'a Usage>,
    pub(crate) service_tier: Option<&'a [u8]>,
    /// As JSON.
    pub(crate) tool_usage: Option<&'a str>,
    /// For a response that began before its time was known.
    pub(crate) learned_created_at: Option<u64>,
}

impl ResponseHeader {
    /// A response object with every member that the official clients' models require; `output` writes its items,
    /// comma-separated.
    pub(crate) fn write(
        &self,
        out: &mut Vec<u8>,
        state: ResponseState<'_>,
        options: &Options,
        output: impl FnOnce(&mut Vec<u8>),
    ) {
        for (nth, (name, default)) in REQUIRED_OF_RESPONSE.iter().enumerate() {
            out.extend_from_slice(if nth == 0 { b"{\"" } else { b",\"" });
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"\":");
            match *name {
                "id" => write::pieces(out, [b"\"", &self.id, b"\""]),
                "created_at" => {
                    let learned = state.learned_created_at.filter(|_| self.created_at == 0);
                    write::number(out, learned.unwrap_or(self.created_at));
                }
                "model" => write::pieces(out, [b"\"", &self.model, b"\""]),
                "error" => match state.error {
                    Some(error) => error_object(out, error),
                    None => out.extend_from_slice(b"null"),
                },
                "incomplete_details" => incomplete(out, state.incomplete_reason),
                name => out.extend_from_slice(conform::missing(name, default, options)),
            }
        }
        let status = state.status.map_or("in_progress", Status::as_str);
        write::pieces(out, [b",\"status\":\"", status.as_bytes(), b"\",\"output\":["]);
        output(out);
        out.extend_from_slice(b"],\"usage\":");
        write_usage(out, state.usage);
        if let Some(tier) = state.service_tier {
            member(out, SERVICE_TIER, tier);
        }
        if let Some(tools) = state.tool_usage {
            write::pieces(out, [b",\"", Further::ToolUsage.name().as_bytes(), b"\":", tools.as_bytes()]);
        }
        if let Some(previous) = &self.previous_response_id {
            write::pieces(out, [b",\"", PREVIOUS_RESPONSE_ID.as_bytes(), b"\":"]);
            out.extend_from_slice(previous);
        }
        if let Some(request) = options.request() {
            self.echo(out, request, state.service_tier.is_some());
        }
        out.push(b'}');
    }

    /// The rest of what the request asked for.
    fn echo(&self, out: &mut Vec<u8>, request: Value<'_>, has_tier: bool) {
        request.each_member(|name, value| {
            let is_there = REQUIRED_OF_RESPONSE.iter().any(|(own, _)| name.is(own))
                || (has_tier && name.is(SERVICE_TIER))
                || (self.previous_response_id.is_some() && name.is(PREVIOUS_RESPONSE_ID));
            if !is_there {
                write::pieces(out, [b",\"", name.raw(), b"\":", value.raw()]);
            }
        });
    }
}

fn incomplete(out: &mut Vec<u8>, reason: Option<&str>) {
    match reason {
        Some(reason) => out.extend_from_slice(format!("{{\"reason\":\"{reason}\"}}").as_bytes()),
        None => out.extend_from_slice(b"null"),
    }
}
