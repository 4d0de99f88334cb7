//! What the assistant thought in earlier turns, for servers that want it back.
//!
//! Input: reasoning items. Output: text for the assistant's message that follows, or else for the one before. State: in
//! the turn.

use super::super::item_types::Item;
use super::super::path::Path;
use super::super::request_edit::{Action, Loss, RuleResult};
use super::turn::{Thought, Turn};
use super::{INPUT, ToChat};
use crate::dialect::Dialect;
use crate::json::tree::Node;
use crate::json::{Str, write};
use crate::opaque::Opaque;

const ENCRYPTED: &str = "encrypted_content";

impl<'t> ToChat<'t> {
    pub(super) fn reasoning(&mut self, item: &Item<'t>, turn: &mut Turn<'t>, path: &Path<'_>) -> RuleResult {
        turn.split();
        let (key, text) = text_of(item.node);
        let takes_text = !self.target.reasoning.is_empty() && !text.is_empty();
        let sealed = item.node.text(ENCRYPTED).filter(|state| !state.is_blank());
        let state = sealed.and_then(Opaque::open).filter(|state| state.origin == Dialect::Chat.as_str());
        if !takes_text && state.is_none() {
            return self.lose(item.node, path, "the server takes no reasoning back");
        }
        if !takes_text && !text.is_empty() {
            let reason = "the server takes no reasoning back as text";
            self.edit.lose(item.node, &path.key(key), reason, Loss::Harmless)?;
        }
        match (&state, sealed) {
            (Some(_), _) => self.edit.note(Action::Moved, &path.key(ENCRYPTED), "where the server had it"),
            (None, Some(_)) => {
                let reason = "the server cannot read it";
                self.edit.lose(item.node, &path.key(ENCRYPTED), reason, Loss::Harmless)?;
            }
            (None, None) => {}
        }
        self.leave(item.node, &[key, ENCRYPTED], path)?;
        let text = if takes_text { text } else { Vec::new() };
        turn.pending.push(Thought { index: item.index(), text, state });
        Ok(())
    }

    /// State of calls that are not in this turn.
    pub(super) fn homeless(&mut self, turn: &Turn<'t>) -> RuleResult {
        let input = Path::Root.key(INPUT);
        for index in turn.homeless() {
            let path = input.index(index);
            self.edit.lose(self.root, &path.key(ENCRYPTED), "its call is not here", Loss::Harmless)?;
        }
        Ok(())
    }

    /// Reasoning of a turn that has no message.
    pub(super) fn lose_reasoning(&mut self, turn: &Turn<'t>) -> RuleResult {
        let input = Path::Root.key(INPUT);
        for thought in &turn.pending {
            let reason = "reasoning that no message of the assistant's follows";
            self.edit.lose(self.root, &input.index(thought.index), reason, Loss::ClientSetting)?;
        }
        Ok(())
    }

    /// Reasoning that only a user's message follows goes with the message before it.
    pub(super) fn trailing(&mut self, turn: &mut Turn<'t>) {
        let input = Path::Root.key(INPUT);
        for thought in turn.pending.iter().filter(|thought| !thought.text.is_empty()) {
            self.edit.note(Action::Moved, &input.index(thought.index), "with the message before it");
        }
        turn.take_pending();
    }

    /// Some servers refuse calls without reasoning while they reason.
    pub(super) fn placeholder(&mut self, turn: &mut Turn<'t>) {
        let text = &self.target.reasoning_placeholder;
        let first = turn.calls.first().map(|call| call.item.index());
        let Some(index) = first.filter(|_| !text.is_empty() && !turn.has_reasoning()) else { return };
        if self.target.reasoning.is_empty() {
            return;
        }
        turn.fill_reasoning(write::contents(text));
        let path = &Path::Root.key(INPUT);
        self.edit.note(Action::Added, &path.index(index), "the server wants reasoning beside calls");
    }
}

/// The text itself, else its summary, and the member that has it.
fn text_of(item: Node<'_>) -> (&'static str, Vec<u8>) {
    let texts = |key| {
        let parts = item.get(key)?;
        let whole = parts.as_str().into_iter();
        let texts = whole.chain(parts.elements().filter_map(|part| part.text("text"))).map(Str::raw);
        let text = texts.collect::<Vec<_>>().join(&br"\n\n"[..]);
        Some((key, text)).filter(|(_, text)| !text.is_empty())
    };
    ["content", "summary"].into_iter().find_map(texts).unwrap_or(("content", Vec::new()))
}
