//! Summaries of compacted conversations that were made here: the assistant's own words to any server.
//!
//! Input: compaction items. Output: edits. State: none of its own.

use super::super::compact::message;
use super::super::item_types::{COMPACTIONS, Item};
use super::super::path::Path;
use super::super::request_edit::Loss;
use super::items::ENCRYPTED;
use super::{Error, Rules};
use crate::compaction::{Opened, open};
use crate::json::tree::Node;

impl Rules<'_> {
    /// Whether the item is one of ours, which no server can read. Other servers' stay: the one that gets them may be theirs.
    pub(super) fn summary(&mut self, item: &Item<'_>, path: &Path<'_>) -> Result<bool, Error> {
        if !COMPACTIONS.contains(&item.kind.name) {
            return Ok(false);
        }
        let Some(sealed) = item.get(ENCRYPTED).and_then(Node::as_str) else { return Ok(false) };
        match open(sealed, &self.options.seal_keys) {
            Opened::Foreign => return Ok(false),
            Opened::Locked => {
                let reason = "a summary that none of the keys opens";
                self.edit.remove(item.node, path, reason, Loss::ClientSetting)?;
            }
            Opened::Summary(text) => {
                let own = message("assistant", "output_text", &text);
                self.edit.replace(item.node, own, path, "the summary that was sealed in it");
            }
        }
        Ok(true)
    }
}
