//! What tools answered: text as it is, else part by part; that a tool failed is said in words, for Responses has no other place.
//!
//! Input: a `tool_result`. Output: a `function_call_output`. State: none.

use super::super::super::cache_marks::CACHE_CONTROL;
use super::super::super::path::Path;
use super::super::super::request_edit::{Action, RuleResult};
use super::super::{failed, given, parts, wrong_type};
use super::items::Items;
use super::{FromMessages, documents, list};
use crate::error::Error;
use crate::json::tree::Node;
use crate::json::{Str, write};

const SHOWN: [&str; 3] = ["image", "document", "search_result"];

impl<'t> FromMessages<'t> {
    pub(super) fn result(&mut self, block: Node<'t>, items: &mut Items, path: &Path<'_>) -> RuleResult {
        self.leave(block, &["type", "tool_use_id", "content", failed::KEY, CACHE_CONTROL], path)?;
        let has_failed = failed::has_failed(block);
        let output = self.output(block, has_failed, path)?;
        if has_failed {
            failed::note(&mut self.edit, path);
        }
        let mut item = br#"{"type":"function_call_output""#.to_vec();
        if let Some(id) = block.get("tool_use_id").and_then(Node::as_id) {
            write::pieces(&mut item, [br#","call_id":""#, id.raw(), b"\""]);
        }
        write::pieces(&mut item, [br#","output":"#, &output, b"}"]);
        items.push(&item);
        Ok(())
    }

    /// A text where the content is one; a list for what has parts, or may have a breakpoint.
    fn output(&mut self, block: Node<'t>, has_failed: bool, path: &Path<'_>) -> Result<Vec<u8>, Error> {
        let content = given(block, "content");
        let text = content.map_or(Some(Str::from_raw(b"")), Node::as_str);
        let mark = if has_failed { failed::FAILED } else { "" };
        if let Some(text) = text.filter(|_| !self.marks.are_kept) {
            self.unmarked(block, path)?;
            return Ok([b"\"", mark.as_bytes(), text.raw(), b"\""].concat());
        }
        let mut written = Vec::new();
        if let Some(text) = text {
            written.push(parts::text_part("input_text", text));
        }
        let mut bytes = 0;
        for (index, part) in content.into_iter().flat_map(Node::elements).enumerate() {
            let own = self.answer(part, &path.key("content").index(index))?;
            bytes += own.iter().map(|part| part.len() + size_of_val(part)).sum::<usize>();
            self.edit.check_room(bytes)?;
            written.extend(own);
        }
        if let Some(content) = content.filter(|own| own.is_object()) {
            written.extend(self.answer(content, &path.key("content"))?);
        } else if let Some(wrong) = content.filter(|own| own.as_str().is_none() && !own.is_array()) {
            return Err(wrong_type(wrong, &path.key("content"), "a string or a list of blocks"));
        }
        if has_failed {
            failed::say(&mut written);
        }
        self.mark(block, &mut written, path)?;
        Ok(if written.is_empty() { b"\"\"".to_vec() } else { list(&written) })
    }

    /// A block of an answer; what Responses has no part for is its JSON as text.
    fn answer(&mut self, part: Node<'t>, path: &Path<'_>) -> Result<Vec<Vec<u8>>, Error> {
        if let Some(text) = part.as_str() {
            return Ok(vec![parts::text_part("input_text", text)]);
        }
        let is = |name: &str| part.get("type").is_some_and(|kind| kind.is(name));
        let mut written = if is("text") {
            self.leave(part, &["type", "text", CACHE_CONTROL], path)?;
            vec![parts::text_part("input_text", parts::string(part, "text", path)?)]
        } else if SHOWN.iter().any(|name| is(name)) {
            self.shown_parts(part, path)?
        } else {
            self.edit.note(Action::Replaced, path, "its JSON as text: Responses has no form of it");
            vec![documents::text(&String::from_utf8_lossy(part.raw()))]
        };
        self.mark(part, &mut written, path)?;
        Ok(written)
    }
}
