//! `system`, a text or blocks: `instructions`, or a developer message that comes first where its blocks may have
//! breakpoints or the profile takes no instructions.
//!
//! Input: the member. Output: edits, or the first item. State: none.

use super::super::super::path::Path;
use super::super::super::profile::SystemPolicy;
use super::super::super::request_edit::{Action, Loss, RuleResult};
use super::super::parts;
use super::super::{given, wrong_type};
use super::{FromMessages, list};
use crate::json::tree::Node;
use crate::json::{Str, write};

const INSTRUCTIONS: &str = "instructions";
/// What Claude Code puts before its prompt. It differs with every conversation, and so nothing after it would be cached.
const BILLING: &str = "x-anthropic-billing-header:";

/// A block's text, as JSON string contents; its index where there are several.
struct Text<'t> {
    block: Node<'t>,
    index: Option<usize>,
    words: Vec<u8>,
}

impl<'t> FromMessages<'t> {
    pub(super) fn system(&mut self) -> RuleResult {
        const KEY: &str = "system";
        let Some(system) = self.root.get(KEY) else { return Ok(()) };
        let path = &Path::Root.key(KEY);
        let mut texts = Vec::new();
        if let Some(text) = system.as_str() {
            texts.extend(self.plain(system, text, path)?.map(|text| Text {
                block: system,
                index: None,
                words: text,
            }));
        } else if system.is_array() {
            for (index, block) in system.elements().enumerate() {
                let text = self.system_block(block, &path.index(index))?;
                texts.extend(text.map(|text| Text { block, index: Some(index), words: text }));
            }
        } else if system.is_object() {
            let text = self.system_block(system, path)?;
            texts.extend(text.map(|text| Text { block: system, index: None, words: text }));
        } else if !system.is_null() {
            return Err(wrong_type(system, path, "a text or blocks of it"));
        }
        if texts.is_empty() {
            return self.edit.remove(system, path, "no text", Loss::Harmless);
        }
        if self.takes_instructions() {
            self.instruct(system, &texts, path)
        } else {
            self.lead(system, &texts, path)
        }
    }

    /// The text of a block, as JSON string contents.
    fn system_block(&mut self, block: Node<'t>, path: &Path<'_>) -> Result<Option<Vec<u8>>, super::Error> {
        if let Some(text) = block.as_str() {
            return self.plain(block, text, path);
        }
        let Some(text) = block.text("text") else {
            self.lose(block, path, "system has only text")?;
            return Ok(None);
        };
        self.leave(block, &["type", "text", super::super::super::cache_marks::CACHE_CONTROL], path)?;
        self.plain(block, text, path)
    }

    /// A text without the billing line; `None` where nothing is left.
    fn plain(
        &mut self,
        node: Node<'t>,
        text: Str<'t>,
        path: &Path<'_>,
    ) -> Result<Option<Vec<u8>>, super::Error> {
        if text.raw().starts_with(BILLING.as_bytes()) {
            let reason = "differs in every conversation: nothing after it would be cached";
            self.edit.lose(node, path, reason, Loss::Harmless)?;
            let text = text.decode();
            let rest = text.split_once('\n').map_or("", |(_, rest)| rest).trim_start_matches('\n');
            return Ok((!rest.trim().is_empty()).then(|| write::contents(rest)));
        }
        Ok((!text.is_blank()).then(|| text.raw().to_vec()))
    }

    fn takes_instructions(&self) -> bool {
        let hoists = matches!(self.profile.system, SystemPolicy::HoistSystem | SystemPolicy::HoistAll);
        !self.is_refused(INSTRUCTIONS) && (hoists || !self.marks.are_kept)
    }

    fn instruct(&mut self, system: Node<'t>, texts: &[Text<'t>], path: &Path<'_>) -> RuleResult {
        let blocks = system.elements().enumerate().filter(|(_, block)| block.is_object());
        for (index, block) in blocks {
            self.unmarked(block, &path.index(index))?;
        }
        let own = given(self.root, INSTRUCTIONS);
        let own_text = own.and_then(Node::as_str).map(Str::raw).filter(|text| !text.is_empty());
        let all: Vec<_> = own_text.into_iter().chain(texts.iter().map(|own| &own.words[..])).collect();
        let value = [b"\"", &all.join(&br"\n\n"[..])[..], b"\""].concat();
        if let Some(own) = own {
            self.edit.put(own, value);
            self.moved(system, path, INSTRUCTIONS);
            return Ok(());
        }
        self.drop_null(INSTRUCTIONS);
        self.edit.unlisted().rename(system, INSTRUCTIONS);
        if system.raw() != value {
            self.edit.put(system, value);
        }
        self.edit.note(Action::Renamed, path, "instructions in Responses");
        Ok(())
    }

    /// A developer message before all others.
    fn lead(&mut self, system: Node<'t>, texts: &[Text<'t>], path: &Path<'_>) -> RuleResult {
        let mut written = Vec::new();
        for Text { block, index, words } in texts {
            let mut part = [parts::text_part("input_text", Str::from_raw(words))];
            self.mark(*block, &mut part, &index.map_or(*path, |index| path.index(index)))?;
            written.extend(part);
        }
        self.first.push(super::items::message("developer", &list(&written)));
        self.moved(system, path, "the first message");
        Ok(())
    }
}
