//! What the assistant thought in earlier turns, for servers that want it back.
//!
//! Input: reasoning items. Output: text for the assistant's message that follows, or else for the one before. State: in
//! the turn.

use super::super::draft::{Action, Loss, Verdict};
use super::super::kinds::Item;
use super::super::path::Path;
use super::turn::{Thought, Turn};
use super::{INPUT, ToChat};
use crate::json::tree::Node;
use crate::json::{Str, write};

const ENCRYPTED: &str = "encrypted_content";

impl<'t> ToChat<'t> {
    pub(super) fn reasoning(&mut self, item: &Item<'t>, turn: &mut Turn<'t>, path: &Path<'_>) -> Verdict {
        turn.split();
        let (key, text) = text_of(item.node);
        if self.target.reasoning.is_empty() || text.is_empty() {
            return self.lose(item.node, path, "the server takes no reasoning back");
        }
        self.opaque_state(item, path)?;
        self.leave(item.node, &[key, ENCRYPTED], path)?;
        turn.pending.push(Thought { index: item.index, text });
        Ok(())
    }

    /// Seam: the state of a chat server that `encrypted_content` holds is to be put back where it came from. For now
    /// none is, so it is noted.
    fn opaque_state(&mut self, item: &Item<'t>, path: &Path<'_>) -> Verdict {
        match item.node.text(ENCRYPTED).filter(|state| !state.is_blank()) {
            Some(_) => {
                self.draft.lose(item.node, &path.key(ENCRYPTED), "the server cannot read it", Loss::Nothing)
            }
            None => Ok(()),
        }
    }

    /// Reasoning of a turn that has no message.
    pub(super) fn unsaid(&mut self, turn: &Turn<'t>) -> Verdict {
        let input = Path::Root.key(INPUT);
        for thought in &turn.pending {
            let reason = "reasoning that no message of the assistant's follows";
            self.draft.lose(self.root, &input.index(thought.index), reason, Loss::Asked)?;
        }
        Ok(())
    }

    /// Reasoning that only a user's message follows goes with the message before it.
    pub(super) fn trailing(&mut self, turn: &mut Turn<'t>) {
        let input = Path::Root.key(INPUT);
        for thought in &turn.pending {
            self.draft.note(Action::Moved, &input.index(thought.index), "with the message before it");
        }
        turn.take_pending();
    }

    /// Some servers refuse calls without reasoning while they reason.
    pub(super) fn placeholder(&mut self, turn: &mut Turn<'t>) {
        let text = &self.target.reasoning_placeholder;
        let first = turn.calls.first().map(|call| call.item.index);
        let Some(index) = first.filter(|_| !text.is_empty() && !turn.has_reasoning()) else { return };
        if self.target.reasoning.is_empty() {
            return;
        }
        turn.fill_reasoning(write::contents(text));
        let path = &Path::Root.key(INPUT);
        self.draft.note(Action::Added, &path.index(index), "the server wants reasoning beside calls");
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
