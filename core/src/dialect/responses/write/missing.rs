//! Upstream objects that the upstream itself left out.
//!
//! Input: texts and ids as JSON string contents. Output: the objects.

use crate::answer::TextKind;
use crate::dialect::responses::ItemType;
use crate::json::write;

/// Events that are made up where the upstream left them out.
pub(crate) const CREATED: &str = "response.created";
pub(crate) const IN_PROGRESS: &str = "response.in_progress";
pub(crate) const ITEM_ADDED: &str = "response.output_item.added";
pub(crate) const ITEM_DONE: &str = "response.output_item.done";

/// Status of an item that goes on.
pub(crate) const IN_PROGRESS_ITEM: &str = "in_progress";

/// Id of a Response whose upstream gave none.
pub(crate) const UNKNOWN_RESPONSE: &str = "resp_unknown";

/// When the response began, in seconds.
pub(crate) const CREATED_AT: &str = "created_at";

/// Members that the official clients' models require of a Response, and their defaults.
pub(crate) const REQUIRED_OF_RESPONSE: &[(&str, &str)] = &[
    ("id", "\"resp_unknown\""),
    ("object", "\"response\""),
    (CREATED_AT, "0"),
    ("error", "null"),
    ("incomplete_details", "null"),
    ("instructions", "null"),
    ("metadata", "null"),
    ("model", "\"unknown\""),
    ("parallel_tool_calls", "true"),
    ("temperature", "null"),
    ("tool_choice", "\"auto\""),
    ("tools", "[]"),
    ("top_p", "null"),
];

/// Status of an item that was never finished, in a response that ended as `status`; `None` keeps the announced one,
/// where the item's type knows no such status.
pub(crate) fn unfinished_status<'a>(type_name: &[u8], status: &'a str) -> Option<&'a str> {
    match (type_name, status) {
        (b"web_search_call" | b"image_generation_call", "incomplete") => Some("failed"),
        (b"apply_patch_call", "incomplete") => None,
        (_, status) => Some(status),
    }
}

/// A part of a message or reasoning item; `annotations` and `logprobs` are comma-separated.
pub(crate) fn write_part(
    out: &mut Vec<u8>,
    kind: TextKind,
    text: &[u8],
    annotations: &[u8],
    logprobs: &[u8],
) {
    let (before, after): (&[u8], &[u8]) = match kind {
        TextKind::Text => (b"{\"type\":\"output_text\",\"text\":\"", b"\",\"annotations\":["),
        TextKind::Refusal => (b"{\"type\":\"refusal\",\"refusal\":\"", b"\"}"),
        TextKind::Summary => (b"{\"type\":\"summary_text\",\"text\":\"", b"\"}"),
        TextKind::Reasoning => (b"{\"type\":\"reasoning_text\",\"text\":\"", b"\"}"),
    };
    out.extend_from_slice(before);
    out.extend_from_slice(text);
    out.extend_from_slice(after);
    if kind == TextKind::Text {
        out.extend_from_slice(annotations);
        if logprobs.is_empty() {
            out.extend_from_slice(b"]}");
        } else {
            write::pieces(out, [b"],\"logprobs\":[", logprobs, b"]}"]);
        }
    }
}

/// An item that was never announced, without its texts. `nth` makes an id where the deltas named none.
pub(crate) fn item_skeleton(item_type: ItemType, id: Option<&[u8]>, nth: usize) -> Vec<u8> {
    let (prefix, head, tail) = match item_type {
        ItemType::Reasoning => ("rs", "{\"type\":\"reasoning\",\"id\":\"", "\",\"summary\":[]}"),
        ItemType::FunctionCall => (
            "fc",
            "{\"type\":\"function_call\",\"id\":\"",
            "\",\"call_id\":\"\",\"name\":\"\",\"arguments\":\"\",\"status\":\"\"}",
        ),
        ItemType::CustomCall => (
            "ctc",
            "{\"type\":\"custom_tool_call\",\"id\":\"",
            "\",\"call_id\":\"\",\"name\":\"\",\"input\":\"\"}",
        ),
        _ => (
            "msg",
            "{\"type\":\"message\",\"id\":\"",
            "\",\"role\":\"assistant\",\"status\":\"\",\"content\":[]}",
        ),
    };
    let made = format!("{prefix}_{nth}");
    [head.as_bytes(), id.unwrap_or(made.as_bytes()), tail.as_bytes()].concat()
}
