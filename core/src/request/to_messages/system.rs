//! `system`: instructions, and what the system and the developer say, as blocks in order.
//!
//! Input: these texts. Output: one list of blocks. State: the blocks so far.

use super::super::item_types::Item;
use super::super::path::Path;
use super::super::request_edit::{Action, Loss, RuleResult};
use super::turns::{Role, Talk};
use super::{INSTRUCTIONS, SYSTEM, ToMessages, list, marked, text_block};
use crate::json::tree::Node;
use crate::json::write;

impl<'t> ToMessages<'t> {
    /// Instructions come before all else; the member that the list takes the place of.
    pub(super) fn instructions(&mut self) -> Option<Node<'t>> {
        let own = self.root.get(INSTRUCTIONS)?;
        self.system.extend(own.as_str().and_then(text_block));
        Some(own)
    }

    pub(super) fn write_system(&mut self, instructions: Option<Node<'t>>) -> RuleResult {
        let path = &Path::Root.key(INSTRUCTIONS);
        let blocks = list(&std::mem::take(&mut self.system));
        match instructions {
            Some(own) if blocks == b"[]" => self.edit.remove(own, path, "blank", Loss::Harmless),
            Some(own) => {
                self.edit.unlisted().rename(own, SYSTEM);
                self.edit.put(own, blocks);
                self.edit.note(Action::Renamed, path, "system in Messages");
                Ok(())
            }
            None if blocks == b"[]" => Ok(()),
            None => {
                self.edit.unlisted().append_member(self.root, SYSTEM, &blocks);
                Ok(())
            }
        }
    }

    /// A message of the system or the developer.
    pub(super) fn system_message(
        &mut self,
        item: &Item<'t>,
        talk: &mut Talk<'_, 't>,
        path: &Path<'_>,
    ) -> RuleResult {
        self.leave(item.node, &["role", "content"], path)?;
        let as_user = self.target.has_later_system_as_user && talk.has_begun();
        let content = item.node.get("content");
        let (mut texts, mut others) = (Vec::new(), Vec::new());
        if let Some(text) = content.and_then(Node::as_str) {
            texts.extend(if as_user { reminder(text.raw()) } else { text_block(text) });
        }
        let content_path = &path.key("content");
        for (index, part) in content.into_iter().flat_map(Node::elements).enumerate() {
            match super::blocks::text_of(part) {
                Some(text) => {
                    let block = if as_user { reminder(text.raw()) } else { text_block(text) };
                    texts.extend(block.map(|block| marked(block, part)));
                }
                None => others.extend(self.block(part, &content_path.index(index))?),
            }
        }
        if let Some(last) = texts.pop() {
            texts.push(marked(last, item.node));
        }
        if as_user {
            self.edit.note(Action::Moved, path, "the user's: a later one would change what is cached");
            texts.append(&mut others);
            return self.say(Role::User, texts, talk);
        }
        self.edit.note(Action::Moved, path, "system in Messages");
        self.system.append(&mut texts);
        if !others.is_empty() {
            self.edit.note(Action::Moved, content_path, "system has only text: now the user's");
            self.say(Role::User, others, talk)?;
        }
        Ok(())
    }
}

/// What the system says in the user's place, between the tags that Claude Code has for it.
fn reminder(text: &[u8]) -> Option<Vec<u8>> {
    let is_blank = crate::json::Str::from_raw(text).is_blank();
    (!is_blank).then(|| {
        let mut block = br#"{"type":"text","text":"<system-reminder>\n"#.to_vec();
        write::pieces(&mut block, [text, br#"\n</system-reminder>"}"#]);
        block
    })
}
