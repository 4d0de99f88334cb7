//! The answer to a request to compact: one compaction item, whatever the upstream writes.
//!
//! Input: the pieces of the summary. Output: nothing before the end, then the item: a failure still has a status. State: the summary.

use super::ResponsesWriter;
use super::items::ItemBody;
use crate::answer::Context;
use crate::compaction;
use crate::envelope::{self, Envelope};
use crate::json::Str;
use crate::outcome::MadeFailure;

impl ResponsesWriter {
    pub(super) fn keep_summary(&mut self, piece: Str<'_>, cx: &mut Context<'_>) {
        if !piece.is_empty() && self.has_room(piece.raw().len(), cx) {
            self.summary.extend_from_slice(piece.raw());
        }
    }

    /// Without a summary the client would go on without its conversation.
    pub(super) fn lacks_summary(&self, cx: &Context<'_>) -> Option<Envelope> {
        let is_lacking = cx.options.compacts() && Str::from_raw(&self.summary).is_blank();
        is_lacking.then(|| envelope::made(MadeFailure::NoSummary))
    }

    pub(super) fn write_summary(&mut self, cx: &mut Context<'_>) {
        let summary = Str::from_raw(&std::mem::take(&mut self.summary)).decode();
        let sealed = compaction::seal(&summary, &cx.options.seal_keys);
        let at = self.add("cmp", ItemBody::Compaction(sealed), cx);
        self.close_item(at, "completed", cx.out);
    }
}
