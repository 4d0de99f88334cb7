//! What tools returned, as `tool_result` blocks.
//!
//! Input: output items. Output: blocks. State: none.

use super::super::functions::sent_tools;
use super::super::item_types::{self, Item};
use super::super::path::Path;
use super::{Error, ToMessages, given, list, marked, text_block};
use crate::json::tree::Node;
use crate::json::{Str, write};

const OUTPUT: &str = "output";

impl<'t> ToMessages<'t> {
    /// `id`: JSON string contents.
    pub(super) fn result(&mut self, item: &Item<'t>, id: &[u8], path: &Path<'_>) -> Result<Vec<u8>, Error> {
        let mut block = [br#"{"type":"tool_result","tool_use_id":""#, id, b"\""].concat();
        let text = given(item.node, OUTPUT).and_then(Node::as_str);
        if let Some(text) = text.filter(|text| !text.is_blank()) {
            self.leave(item.node, &READ, path)?;
            write::pieces(&mut block, [br#","content":""#, text.raw(), b"\""]);
        } else {
            let blocks = self.returned_blocks(item, path)?;
            if !blocks.is_empty() {
                write::pieces(&mut block, [br#","content":"#, &list(&blocks)]);
            }
        }
        block.push(b'}');
        Ok(marked(block, item.node))
    }

    /// Block by block; what is no part is text.
    pub(super) fn returned_blocks(
        &mut self,
        item: &Item<'t>,
        path: &Path<'_>,
    ) -> Result<Vec<Vec<u8>>, Error> {
        self.leave(item.node, &READ, path)?;
        if item.kind.name == item_types::TOOL_SEARCH_OUTPUT {
            let found = sent_tools::found(item.node, &mut self.names);
            return Ok(text_block(Str::from_raw(&found)).into_iter().collect());
        }
        let own = given(item.node, OUTPUT).or_else(|| given(item.node, "status"));
        let (Some(own), path) = (own, &path.key(OUTPUT)) else { return Ok(Vec::new()) };
        if !own.is_array() || !own.elements().all(|part| part.text("type").is_some()) {
            return Ok(text_block(Str::from_raw(&text_of(own))).into_iter().collect());
        }
        let mut blocks = Vec::new();
        for (index, part) in own.elements().enumerate() {
            blocks.extend(self.block(part, &path.index(index))?);
        }
        Ok(blocks)
    }
}

const READ: [&str; 4] = ["call_id", "execution", "tools", OUTPUT];

/// The result of a call that was never answered.
pub(super) fn aborted(id: &[u8]) -> Vec<u8> {
    [br#"{"type":"tool_result","tool_use_id":""#, id, br#"","content":"aborted","is_error":true}"#].concat()
}

/// The text itself, or the JSON as text; JSON string contents.
fn text_of(node: Node<'_>) -> Vec<u8> {
    match node.as_str() {
        Some(text) => text.raw().to_vec(),
        None => write::contents(&String::from_utf8_lossy(node.raw())),
    }
}
