//! That a tool failed is said in words: an output of Responses has no other place for it.
//!
//! Input: a `tool_result`, what it is written as. Output: the same in words. State: none.

use super::super::input_shapes::INPUT_TEXT;
use super::super::path::Path;
use super::super::request_edit::{Action, RequestEdit};
use super::parts::text_part;
use crate::json::Str;
use crate::json::tree::Node;

pub(super) const KEY: &str = "is_error";
/// Before what a tool answered that failed.
pub(super) const FAILED: &str = "[error] ";

/// Whether a result is that of a tool that failed.
pub(super) fn has_failed(block: Node<'_>) -> bool {
    block.get(KEY).is_some_and(|failed| failed.raw() == b"true")
}

/// Lists that the words say it.
pub(super) fn note(edit: &mut RequestEdit, path: &Path<'_>) {
    edit.note(Action::Moved, &path.key(KEY), "in words: an output has no other place");
}

/// The words go before the first text, or stand alone before what is shown.
pub(super) fn say(parts: &mut Vec<Vec<u8>>) {
    const TEXT: &[u8] = br#"{"type":"input_text","text":""#;
    match parts.first_mut().filter(|part| part.starts_with(TEXT)) {
        Some(text) => drop(text.splice(TEXT.len()..TEXT.len(), FAILED.bytes())),
        None => parts.insert(0, text_part(INPUT_TEXT, Str::from_raw(FAILED.trim_end().as_bytes()))),
    }
}
