//! Blocks: text and what is shown as parts of a message, calls as items; what only a Messages server can read back is left
//! out and listed.
//!
//! Input: a block. Output: parts or items. State: none.

use super::super::super::cache_marks::CACHE_CONTROL;
use super::super::super::context;
use super::super::super::name_table::NameTable;
use super::super::super::path::Path;
use super::super::super::request_edit::{Action, Loss, RuleResult};
use super::super::{calls, given, missing, parts, wrong_type};
use super::FromMessages;
use super::items::{Items, Role};
use crate::json::tree::Node;
use crate::json::{Str, write};

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    Text,
    Image,
    Document,
    SearchResult,
    Call,
    Result,
    Thought,
    /// A summary of all before it.
    Compaction,
    /// Tools that come or go in mid-conversation.
    Tool,
    /// What the server did itself, or a note of it.
    Served,
}

const BLOCKS: [(&str, Block); 25] = [
    ("text", Block::Text),
    ("image", Block::Image),
    ("document", Block::Document),
    ("search_result", Block::SearchResult),
    ("tool_use", Block::Call),
    ("tool_result", Block::Result),
    ("thinking", Block::Thought),
    ("redacted_thinking", Block::Thought),
    ("compaction", Block::Compaction),
    ("tool_addition", Block::Tool),
    ("tool_removal", Block::Tool),
    ("server_tool_use", Block::Served),
    ("web_search_tool_result", Block::Served),
    ("web_fetch_tool_result", Block::Served),
    ("code_execution_tool_result", Block::Served),
    ("bash_code_execution_tool_result", Block::Served),
    ("text_editor_code_execution_tool_result", Block::Served),
    ("tool_search_tool_result", Block::Served),
    ("advisor_tool_result", Block::Served),
    ("mcp_tool_use", Block::Served),
    ("mcp_tool_result", Block::Served),
    ("mcp_tool_listing", Block::Served),
    ("container_upload", Block::Served),
    ("fallback", Block::Served),
    ("connector_text", Block::Text),
];

static NAMES: NameTable<25> = NameTable::of_rows(&BLOCKS);

const SERVED: &str = "what only the server that did it can read back";

impl<'t> FromMessages<'t> {
    pub(super) fn block(&mut self, block: Node<'t>, items: &mut Items, path: &Path<'_>) -> RuleResult {
        if let Some(text) = block.as_str() {
            items.words(text);
            return Ok(());
        }
        if !block.is_object() {
            return Err(wrong_type(block, path, "an object"));
        }
        let kind = block.get("type").ok_or_else(|| missing(block, &path.key("type")))?;
        let name = kind.as_str().ok_or_else(|| wrong_type(kind, &path.key("type"), "a string"))?;
        match NAMES.find_text(name).map(|at| BLOCKS[at].1) {
            Some(Block::Text) => self.text(block, items, path),
            Some(Block::Call) if items.role == Role::Assistant => self.call(block, items, path),
            Some(Block::Result) if items.role == Role::User => self.result(block, items, path),
            Some(Block::Thought) if items.role == Role::Assistant => self.thought(block, items, path),
            Some(Block::Thought) => self.edit.lose(block, path, "only the assistant thinks", Loss::Harmless),
            Some(Block::Compaction) => self.compaction(block, items, path),
            Some(Block::Image | Block::Document | Block::SearchResult) => self.shown(block, items, path),
            Some(Block::Tool) => self.lose(block, path, "Responses has its tools in one list"),
            Some(Block::Served) => self.lose(block, path, SERVED),
            Some(Block::Call | Block::Result) => self.lose(block, path, "not a block of this role"),
            None => self.lose(block, path, "Responses has no form of it"),
        }
    }

    fn text(&mut self, block: Node<'t>, items: &mut Items, path: &Path<'_>) -> RuleResult {
        let text = parts::string(block, "text", path)?;
        self.leave(block, &["type", "text", CACHE_CONTROL], path)?;
        if text.is_empty() {
            return self.unmarked(block, path);
        }
        let mut part = [parts::simple_text(text, items.role.side())];
        self.mark(block, &mut part, path)?;
        items.push_parts(part);
        Ok(())
    }

    /// Images, documents, search results.
    fn shown(&mut self, block: Node<'t>, items: &mut Items, path: &Path<'_>) -> RuleResult {
        let mut written = self.shown_parts(block, path)?;
        self.mark(block, &mut written, path)?;
        items.push_parts(written);
        Ok(())
    }

    /// The summary stands for all that was said before it, in words of the assistant's.
    fn compaction(&mut self, block: Node<'t>, items: &mut Items, path: &Path<'_>) -> RuleResult {
        let Some(text) = block.text("content").filter(|text| !text.is_blank()) else {
            return self.lose(block, path, SERVED);
        };
        self.edit.note(Action::Replaced, path, "a summary is text in Responses");
        self.unmarked(block, path)?;
        items.push_part(parts::simple_text(text, items.role.side()));
        Ok(())
    }

    /// A call: its id, name and input as they are, the input as text.
    fn call(&mut self, block: Node<'t>, items: &mut Items, path: &Path<'_>) -> RuleResult {
        self.unmarked(block, path)?;
        self.leave_call(block, path)?;
        let name = given(block, "name").ok_or_else(|| missing(block, &path.key("name")))?;
        let name =
            name.as_str().map_or_else(|| String::from_utf8_lossy(name.raw()).into_owned(), Str::decode);
        let mut item = br#"{"type":"function_call""#.to_vec();
        if let Some(id) = block.get("id").and_then(Node::as_id) {
            self.calls.push(context::hash(id.raw()));
            write::pieces(&mut item, [br#","call_id":""#, id.raw(), b"\""]);
        }
        item.extend_from_slice(br#","name":"#);
        write::string(&mut item, &name);
        item.extend_from_slice(br#","arguments":""#);
        item.extend_from_slice(&calls::arguments(block, &mut self.edit, path));
        item.extend_from_slice(b"\"}");
        items.push_call(item);
        Ok(())
    }

    /// A call that the client was told of is direct; every other kind is lost.
    fn leave_call(&mut self, block: Node<'t>, path: &Path<'_>) -> RuleResult {
        self.leave(block, &["type", "id", "name", "input", "caller", CACHE_CONTROL], path)?;
        let caller = given(block, "caller");
        let is_direct = |caller: &Node<'_>| caller.get("type").is_some_and(|kind| kind.is("direct"));
        match caller.filter(|caller| !is_direct(caller)) {
            Some(caller) => self.edit.lose(caller, &path.key("caller"), SERVED, Loss::Harmless),
            None => Ok(()),
        }
    }
}
