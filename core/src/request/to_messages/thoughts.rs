//! Reasoning that comes back: thinking, where a Messages server signed it; no other server's is ever sent.
//!
//! Input: reasoning items. Output: `thinking` and `redacted_thinking` blocks. State: in the turn.

use super::super::item_types::Item;
use super::super::path::Path;
use super::super::request_edit::{Action, Loss, RuleResult};
use super::ToMessages;
use super::turns::Talk;
use crate::dialect::Dialect;
use crate::json::tree::Node;
use crate::json::{Str, Value};
use crate::opaque::Opaque;

const ENCRYPTED: &str = "encrypted_content";

impl<'t> ToMessages<'t> {
    pub(super) fn thought(
        &mut self,
        item: &Item<'t>,
        talk: &mut Talk<'_, 't>,
        path: &Path<'_>,
    ) -> RuleResult {
        let text = text_of(item.node);
        let sealed = item.node.text(ENCRYPTED).filter(|sealed| !sealed.is_blank());
        let state = sealed.and_then(Opaque::open).filter(|state| state.origin == Dialect::Messages.as_str());
        let Some(block) = self.thinking_block(state.as_ref(), sealed.is_none(), &text) else {
            let reason = "no thinking that the server signed";
            return self.edit.lose(item.node, path, reason, Loss::Harmless);
        };
        self.leave(item.node, &["summary", "content", ENCRYPTED], path)?;
        if talk.has_answered() {
            self.edit.note(Action::Moved, path, "thinking comes first in its turn");
        }
        talk.thoughts.push((item.index(), block));
        Ok(())
    }

    fn thinking_block(&self, state: Option<&Opaque>, is_unsigned: bool, text: &[u8]) -> Option<Vec<u8>> {
        let members = state.and_then(|state| Value::document(&state.members));
        let member = |key| members.and_then(|members| members.get(key)?.as_str()).map(Str::raw);
        if let Some(signature) = member("signature") {
            return Some(
                [br#"{"type":"thinking","thinking":""#, text, br#"","signature":""#, signature, b"\"}"]
                    .concat(),
            );
        }
        if let Some(data) = member("data").filter(|data| !data.is_empty()) {
            return Some([br#"{"type":"redacted_thinking","data":""#, data, b"\"}"].concat());
        }
        let is_kept = is_unsigned && self.target.keeps_unsigned && !text.is_empty();
        is_kept.then(|| [br#"{"type":"thinking","thinking":""#, text, br#"","signature":""}"#].concat())
    }
}

/// Its summary, else its text; JSON string contents.
fn text_of(item: Node<'_>) -> Vec<u8> {
    let texts = |key| {
        let texts: Vec<_> =
            item.get(key)?.elements().filter_map(|part| part.text("text")).map(Str::raw).collect();
        Some(texts.join(&br"\n\n"[..])).filter(|text| !text.is_empty())
    };
    ["summary", "content"].into_iter().find_map(texts).unwrap_or_default()
}
