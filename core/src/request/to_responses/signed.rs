//! Thoughts that a Messages server signed, as clients of chat keep them: `thinking_blocks` (`LiteLLM`), Anthropic's own
//! blocks in the content, or entries of `reasoning_details` in the format of Claude (`OpenRouter`).
//!
//! Input: an assistant's message. Output: reasoning items, the signature of each in an envelope. State: none.

use super::super::item_types::REASONING;
use super::blocks::entries;
use super::message::{Block, Message, THINKING_BLOCKS};
use crate::dialect::Dialect;
use crate::json::tree::Node;
use crate::json::{Str, write};
use crate::opaque::{DETAILS, is_envelope, seal};
use std::collections::HashSet;

/// What the `format` of Claude's entries begins with.
const FORMAT: &[u8] = b"anthropic";

/// The signed thoughts of a message, each once, in order; and the entries of its lists that are in none of them.
#[derive(Default)]
pub(super) struct Signed<'t> {
    pub(super) items: Vec<Vec<u8>>,
    pub(super) left: Vec<(&'static str, usize, Node<'t>)>,
    seals: HashSet<&'t [u8]>,
}

/// A block, or the entries that it came in.
struct Thinking<'t> {
    entries: Vec<(usize, Node<'t>)>,
    /// What Claude's entries of one block have in common.
    index: Option<&'t [u8]>,
    seal: Option<(&'static str, Str<'t>)>,
}

impl<'t> Signed<'t> {
    pub(super) fn of(message: &Message<'t>) -> Self {
        let mut signed = Self::default();
        let list = |key| message.node.get(key).into_iter().flat_map(Node::elements).enumerate();
        for entry in list(THINKING_BLOCKS) {
            signed.push(THINKING_BLOCKS, Thinking::of(entry));
        }
        let content = entries(message.content).filter(|(_, part)| is_signed(*part));
        for (index, part) in content {
            signed.push("content", Thinking::of((index.unwrap_or(0), part)));
        }
        for pieces in Thinking::in_pieces(list(DETAILS)) {
            signed.push(DETAILS, pieces);
        }
        signed
    }

    fn push(&mut self, list: &'static str, thinking: Thinking<'t>) {
        match thinking.seal.filter(|_| list != DETAILS || is_claudes(thinking.entries[0].1)) {
            Some((key, seal)) if self.seals.insert(seal.raw()) => self.items.push(thinking.item(key, seal)),
            Some(_) => {} // the same, kept in two places
            None => self.left.extend(thinking.entries.into_iter().map(|(at, entry)| (list, at, entry))),
        }
    }
}

impl<'t> Thinking<'t> {
    fn of(entry: (usize, Node<'t>)) -> Self {
        Self { seal: seal_of(entry.1), index: index_of(entry.1), entries: vec![entry] }
    }

    fn in_pieces(list: impl Iterator<Item = (usize, Node<'t>)>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for entry in list {
            match all.last_mut().filter(|last| last.goes_on_in(entry.1)) {
                Some(last) => last.push(entry),
                None => all.push(Self::of(entry)),
            }
        }
        all
    }

    /// Streams come in pieces of one `index`, the signature last; clients that append to lists keep them so.
    fn goes_on_in(&self, entry: Node<'t>) -> bool {
        let is_next = self.index.is_some() && self.index == index_of(entry);
        is_next && self.seal.is_none() && entry.text("data").is_none()
    }

    fn push(&mut self, entry: (usize, Node<'t>)) {
        self.seal = seal_of(entry.1);
        self.entries.push(entry);
    }

    fn item(&self, key: &str, seal: Str<'_>) -> Vec<u8> {
        let text = |entry: Node<'t>| ["thinking", "text"].into_iter().find_map(|key| entry.text(key));
        let texts: Vec<_> = self.entries.iter().filter_map(|(_, own)| Some(text(*own)?.raw())).collect();
        let text = texts.concat();
        let mut out = [b"{\"type\":\"", REASONING.as_bytes(), b"\",\"summary\":["].concat();
        if !text.is_empty() {
            write::pieces(&mut out, [br#"{"type":"summary_text","text":""#, &text, b"\"}"]);
        }
        write::pieces(&mut out, [br#"],"encrypted_content":""#, &envelope(key, seal), b"\"}"]);
        out
    }
}

/// Whether a part of the content is a thought that goes back.
pub(super) fn is_signed(part: Node<'_>) -> bool {
    Block::of(part) == Some(Block::Thinking) && seal_of(part).is_some()
}

fn is_claudes(entry: Node<'_>) -> bool {
    entry.text("format").is_some_and(|format| format.raw().starts_with(FORMAT))
}

fn index_of(entry: Node<'_>) -> Option<&[u8]> {
    entry.get("index").filter(|_| is_claudes(entry)).map(Node::raw)
}

/// The signature of a block, or what a redacted one has in its place.
fn seal_of(block: Node<'_>) -> Option<(&'static str, Str<'_>)> {
    let signed = |key| Some((key, block.text(key).filter(|seal| !seal.is_blank())?));
    signed("signature").or_else(|| signed("data"))
}

fn envelope(key: &str, sealed: Str<'_>) -> Vec<u8> {
    let is_sealed = is_envelope(sealed);
    if is_sealed { sealed.raw().to_vec() } else { seal(Dialect::Messages.as_str(), key, sealed.raw()) }
}
