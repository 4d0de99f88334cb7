//! Thoughts that a Messages server signed, as clients of chat keep them: `thinking_blocks` (`LiteLLM`), or entries of
//! `reasoning_details` in the format of Claude (`OpenRouter`).
//!
//! Input: an assistant's message. Output: reasoning items, the signature of each in an envelope. State: none.

use super::super::item_types::REASONING;
use crate::dialect::Dialect;
use crate::json::tree::Node;
use crate::json::{Str, write};
use crate::opaque::{DETAILS, is_envelope, seal};

/// What the `format` of Claude's entries begins with.
const FORMAT: &[u8] = b"anthropic";

/// The items, in order.
pub(super) fn items(message: Node<'_>) -> Vec<Vec<u8>> {
    let list = |key| message.get(key).into_iter().flat_map(Node::elements);
    let is_claudes =
        |entry: &Node<'_>| entry.text("format").is_some_and(|format| format.raw().starts_with(FORMAT));
    let blocks: Vec<_> = list("thinking_blocks").filter_map(item).collect();
    if blocks.is_empty() { list(DETAILS).filter(is_claudes).filter_map(item).collect() } else { blocks }
}

/// The item of a block or an entry; `None` for one that is not signed.
fn item(block: Node<'_>) -> Option<Vec<u8>> {
    let signed = |key| Some((key, block.text(key).filter(|sealed| !sealed.is_blank())?));
    let (key, sealed) = signed("signature").or_else(|| signed("data"))?;
    let text = ["thinking", "text"].into_iter().find_map(|key| block.text(key));
    let mut out = [b"{\"type\":\"", REASONING.as_bytes(), b"\",\"summary\":["].concat();
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        write::pieces(&mut out, [br#"{"type":"summary_text","text":""#, text.raw(), b"\"}"]);
    }
    write::pieces(&mut out, [br#"],"encrypted_content":""#, &envelope(key, sealed), b"\"}"]);
    Some(out)
}

fn envelope(key: &str, sealed: Str<'_>) -> Vec<u8> {
    let is_sealed = is_envelope(sealed);
    if is_sealed { sealed.raw().to_vec() } else { seal(Dialect::Messages.as_str(), key, sealed.raw()) }
}
