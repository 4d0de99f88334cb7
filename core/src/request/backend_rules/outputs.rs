//! What tools answered: a text, or parts. Images in objects or JSON text come out as images; what is neither text nor
//! image stays, as its JSON text.
//!
//! Input: an output. Output: edits. State: none.

use super::super::cache_marks::{BREAKPOINT, CACHE_CONTROL};
use super::super::input_shapes::{INPUT_TEXT, PartKind, Place};
use super::super::item_types::{Item, OUTPUT};
use super::super::path::Path;
use super::super::request_edit::RuleResult;
use super::super::to_responses::{closed_part, text_part};
use super::Rules;
use crate::json::tree::{Node, Tree};
use crate::json::{Str, write};

const AS_PARTS: &str = "its parts, as Responses has them";

impl<'t> Rules<'t> {
    pub(super) fn tool_output(&mut self, item: &Item<'t>, path: &Path<'_>) -> RuleResult {
        let own = &path.key(OUTPUT.name);
        let Some(output) = item.get(OUTPUT).filter(|output| !output.is_null()) else {
            self.edit.set(item.node, OUTPUT.name, b"\"\"", path, "a tool that answered nothing");
            return Ok(());
        };
        if output.is_array() {
            return self.output_parts(output, own);
        }
        let text = output.as_str();
        let parts = match text {
            Some(text) => images_in_text(text),
            None => closed_part(output).or_else(|| images_in(output)),
        };
        let list = match parts {
            Some(parts) => [b"[", &parts[..], b"]"].concat(),
            None if text.is_some() => return Ok(()),
            None => json_text(output),
        };
        self.edit.replace(output, list, own, "text or parts in Responses");
        Ok(())
    }

    /// One unknown part never takes the others with it.
    fn output_parts(&mut self, list: Node<'t>, path: &Path<'_>) -> RuleResult {
        for (index, part) in list.elements().enumerate() {
            let path = &path.index(index);
            let kind = part.text("type");
            let is_known =
                |kind: Str<'_>| PartKind::named(kind).is_some_and(|kind| kind.stands(Place::Output));
            if kind.is_some_and(is_known) {
                self.part(part, Place::Output, path)?;
                self.images_of(part, path);
            } else {
                self.edit.replace(part, any_part(part), path, AS_PARTS);
            }
        }
        Ok(())
    }

    /// A text that is JSON with images in it; its cache marks are those of the last part.
    fn images_of(&mut self, part: Node<'t>, path: &Path<'_>) {
        let text = part.text("text").filter(|_| part.get("type").is_some_and(|kind| kind.is(INPUT_TEXT)));
        let Some(mut parts) = text.and_then(images_in_text) else { return };
        let is_mark = |own: &Node<'_>| [BREAKPOINT, CACHE_CONTROL].iter().any(|mark| own.is_named(mark));
        for mark in part.members().filter(|own| is_mark(own) && !self.edit.is_removed(*own)) {
            parts.pop();
            write::pieces(&mut parts, [b",\"", mark.key().raw(), b"\":", mark.raw(), b"}"]);
        }
        self.edit.replace(part, parts, path, AS_PARTS);
    }
}

/// A part of an output, whatever it is.
fn any_part(part: Node<'_>) -> Vec<u8> {
    if let Some(text) = part.as_str() {
        return text_part(INPUT_TEXT, text);
    }
    closed_part(part).unwrap_or_else(|| {
        let json = json_text(part);
        text_part(INPUT_TEXT, Str::from_raw(&json[1..json.len() - 1]))
    })
}

fn json_text(value: Node<'_>) -> Vec<u8> {
    write::quoted(&String::from_utf8_lossy(value.raw()))
}

/// The parts of JSON text that holds images: mostly there is none, and looking for the word is cheap.
fn images_in_text(text: Str<'_>) -> Option<Vec<u8>> {
    let raw = text.raw();
    let is_json = matches!(raw.trim_ascii_start().first(), Some(b'[' | b'{'));
    if !is_json || memchr::memmem::find(raw, b"image").is_none() {
        return None;
    }
    let json = text.decode();
    let tree = Tree::parse(json.as_bytes()).ok().filter(Tree::can_be_wrapped)?;
    images_in(tree.root())
}

/// A list of parts with an image among them, one such part, or the result of an MCP tool (`{"content":[…]}`).
fn images_in(value: Node<'_>) -> Option<Vec<u8>> {
    let content = value.get("content").filter(|content| content.is_array());
    let parts: Vec<_> = match content {
        Some(content) => content.elements().collect(),
        None if value.is_array() => value.elements().collect(),
        None => vec![value],
    };
    let is_image = |part: &Node<'_>| {
        let kind = part.text("type");
        let is_named = kind.is_some_and(|kind| IMAGES.iter().any(|name| kind.is(name)));
        is_named && closed_part(*part).is_some()
    };
    parts.iter().any(is_image).then(|| {
        let parts: Vec<_> = parts.into_iter().map(any_part).collect();
        parts.join(&b',')
    })
}

const IMAGES: [&str; 3] = ["image", "image_url", "input_image"];
