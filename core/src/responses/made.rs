//! Enters: what was said, as JSON string contents. Leaves: output items of responses that this crate makes itself.

use super::{FUNCTION_CALL, Lane};
use crate::json::{Str, Value, edit};
use crate::outcome::codes;

codes! {
    /// What kind of tool a client declared, where it is not what its backend knows it as.
    ToolKind;
    /// A function.
    Function = "function",
    /// A tool with free text for input.
    Custom = "custom",
    /// A search for tools that the client runs.
    ToolSearch = "tool_search",
    /// One command on the client's machine.
    LocalShell = "local_shell",
    /// Commands on the client's machine.
    Shell = "shell",
    /// An edit of the client's files.
    ApplyPatch = "apply_patch",
}

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
    pub(crate) fn lane(self) -> Option<Lane> {
        match self {
            Self::Function => Some(Lane::Arguments),
            Self::Custom => Some(Lane::Input),
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
    pub(crate) said: &'a [u8],
    pub(crate) status: &'a str,
}

impl Call<'_> {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = open(self.kind.call().0, self.id, self.status);
        member(&mut out, "call_id", self.call_id);
        match self.kind {
            ToolKind::Function | ToolKind::Custom => self.named(&mut out),
            ToolKind::ToolSearch => self.whole(&mut out, ",\"execution\":\"client\",\"arguments\":", b"{}"),
            ToolKind::LocalShell => self.whole(&mut out, ",\"action\":", br#"{"type":"exec","env":{}}"#),
            ToolKind::Shell => self.whole(&mut out, ",\"action\":", b"{}"),
            ToolKind::ApplyPatch => self.whole(&mut out, ",\"operation\":", b"{}"),
        }
        out.push(b'}');
        out
    }

    fn named(&self, out: &mut Vec<u8>) {
        let said = if self.kind == ToolKind::Custom { "input" } else { "arguments" };
        member(out, "name", self.name);
        if let Some(namespace) = self.namespace {
            member(out, "namespace", namespace);
        }
        member(out, said, self.said);
    }

    /// The arguments as the object that they are, with the members of `required` that it lacks.
    fn whole(&self, out: &mut Vec<u8>, key: &str, required: &[u8]) {
        let text = Str::from_raw(self.said).decode();
        out.extend_from_slice(key.as_bytes());
        let object = Value::document(text.as_bytes()).unwrap_or(Value::EMPTY);
        let required = Value::document(required).unwrap_or(Value::EMPTY);
        let lacking = edit::lacking(object, required, &[]);
        let lacking: Vec<_> = lacking.iter().map(|(name, value)| (&**name, *value)).collect();
        crate::json::write::compact(out, &edit::with_members(object, &lacking));
    }
}

/// A message; `content` is its parts, comma-separated.
pub(crate) fn message(id: &[u8], status: &str, content: &[u8]) -> Vec<u8> {
    let mut out = open("message", id, status);
    out.extend_from_slice(&[b",\"role\":\"assistant\",\"content\":[", content, b"]}"].concat());
    out
}

/// A reasoning item; `parts` are of one lane.
pub(crate) fn reasoning(id: &[u8], status: &str, lane: Lane, parts: &[u8]) -> Vec<u8> {
    let mut out = open("reasoning", id, status);
    let lists = if lane == Lane::Summary { [parts, b""] } else { [b"", parts] };
    out.extend_from_slice(&[b",\"summary\":[", lists[0], b"]"].concat());
    if lane == Lane::Reasoning {
        out.extend_from_slice(&[b",\"content\":[", lists[1], b"]"].concat());
    }
    out.push(b'}');
    out
}

/// A generated image; `None`: it is still to come.
pub(crate) fn image(id: &[u8], status: &str, format: &[u8], base64: Option<&[u8]>) -> Vec<u8> {
    let mut out = open("image_generation_call", id, status);
    match base64 {
        Some(base64) => {
            member(&mut out, "output_format", format);
            member(&mut out, "result", base64);
        }
        None => out.extend_from_slice(b",\"result\":null"),
    }
    out.push(b'}');
    out
}

/// `{"type":…,"id":…,"status":…`, still open.
fn open(kind: &str, id: &[u8], status: &str) -> Vec<u8> {
    let mut out = [b"{\"type\":\"", kind.as_bytes(), b"\""].concat();
    member(&mut out, "id", id);
    member(&mut out, "status", status.as_bytes());
    out
}

/// `,"key":"text"`
fn member(out: &mut Vec<u8>, key: &str, text: &[u8]) {
    for piece in [b",\"", key.as_bytes(), b"\":\"", text, b"\""] {
        out.extend_from_slice(piece);
    }
}
