//! What is shown beside text: images, documents, search results.
//!
//! Input: a block. Output: parts of a message or of a tool's output. State: none.

use super::super::super::cache_marks::CACHE_CONTROL;
use super::super::super::input_shapes::NAMELESS;
use super::super::super::path::Path;
use super::super::super::request_edit::RuleResult;
use super::super::{files, given, missing, parts, wrong_type};
use super::FromMessages;
use crate::error::Error;
use crate::json::tree::Node;
use crate::json::{Str, write};

const INPUT_TEXT: &str = "input_text";

impl<'t> FromMessages<'t> {
    /// The parts of an image, a document or a search result, without its mark.
    pub(super) fn shown_parts(&mut self, block: Node<'t>, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
        let is = |name: &str| block.get("type").is_some_and(|kind| kind.is(name));
        if is("image") {
            self.leave(block, &["type", "source", CACHE_CONTROL], path)?;
            return Ok(vec![parts::image(block, path).map(unmarked)?]);
        }
        if is("search_result") { self.found(block, path) } else { self.document(block, path) }
    }

    /// A search result: its title, where it is from, what it says.
    fn found(&mut self, block: Node<'t>, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
        self.leave(block, &["type", "title", "source", "content", CACHE_CONTROL], path)?;
        let head = ["title", "source"].into_iter().filter_map(|key| block.text(key)).map(Str::raw);
        let head = head.collect::<Vec<_>>().join(&br"\n"[..]);
        let content = block.get("content");
        let texts = content.into_iter().flat_map(Node::elements).filter_map(|part| part.text("text"));
        let texts: Vec<_> = content.and_then(Node::as_str).into_iter().chain(texts).map(Str::raw).collect();
        let text = [&head[..], &texts.join(&br"\n"[..])].join(&br"\n\n"[..]);
        Ok(vec![parts::text_part(INPUT_TEXT, Str::from_raw(&text))])
    }

    fn document(&mut self, block: Node<'t>, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
        let source = given(block, "source").ok_or_else(|| missing(block, &path.key("source")))?;
        let is = |name: &str| source.get("type").is_some_and(|kind| kind.is(name));
        self.leave_document(block, path)?;
        if is("text") || is("content") {
            let own = source.get(if is("text") { "data" } else { "content" });
            return plain_document(block, own.unwrap_or(source), path);
        }
        if source.text("data").is_none() && source.text("url").is_none() && source.text("file_id").is_none() {
            return Err(wrong_type(source, &path.key("source"), "a file's data, URL or id"));
        }
        if let Some(title) = given(block, "title").filter(|_| source.get("url").is_some()) {
            self.lose(title, &path.key("title"), "a file that is given by its URL has no name")?;
        }
        let is_named = source.text("data").is_some() && block.text("title").is_none();
        let mut part = files::file(block, path).map(unmarked)?;
        if is_named {
            part.pop();
            write::pieces(&mut part, [br#","filename":""#, NAMELESS.as_bytes(), b"\"}"]);
        }
        Ok(vec![part])
    }

    fn leave_document(&mut self, block: Node<'t>, path: &Path<'_>) -> RuleResult {
        self.leave(block, &["type", "source", "title", "context", "citations", CACHE_CONTROL], path)?;
        if let Some(context) = given(block, "context") {
            self.lose(context, &path.key("context"), "Responses has no place for it")?;
        }
        let cites =
            given(block, "citations").filter(|own| own.get("enabled").is_some_and(|on| on.raw() == b"true"));
        match cites {
            Some(cites) => self.lose(cites, &path.key("citations"), "only a Messages server cites documents"),
            None => Ok(()),
        }
    }
}

/// A document that is text, or blocks of it and images, under its title.
fn plain_document(block: Node<'_>, own: Node<'_>, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
    let mut written = Vec::new();
    if let Some(title) = block.text("title").filter(|title| !title.is_blank()) {
        written.push(parts::text_part(INPUT_TEXT, title));
    }
    if let Some(text) = own.as_str() {
        written.push(parts::text_part(INPUT_TEXT, text));
    }
    let path = path.key("source");
    let path = &path.key("content");
    for (index, part) in own.elements().enumerate() {
        let path = &path.index(index);
        if part.get("type").is_some_and(|kind| kind.is("image")) {
            written.push(parts::image(part, path).map(unmarked)?);
        } else {
            written.push(parts::text_part(INPUT_TEXT, parts::string(part, "text", path)?));
        }
    }
    Ok(written)
}

/// A part without the mark of its block, which is put where it belongs.
fn unmarked(mut part: Vec<u8>) -> Vec<u8> {
    let mark = [b",\"", CACHE_CONTROL.as_bytes(), b"\":"].concat();
    if let Some(at) = memchr::memmem::rfind(&part, &mark) {
        part.truncate(at);
        part.push(b'}');
    }
    part
}

/// A text as a part.
pub(super) fn text(text: &str) -> Vec<u8> {
    parts::text_part(INPUT_TEXT, Str::from_raw(&write::contents(text)))
}
