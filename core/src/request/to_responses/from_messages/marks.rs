//! `cache_control`: a breakpoint where the backend has those, else nothing, and one line for all of them.
//!
//! Input: what a mark stands on. Output: a member of the part that is written. State: whether the line is there.

use super::super::super::cache_marks::{BREAKPOINT, CACHE_CONTROL};
use super::super::super::path::Path;
use super::super::super::profile::Profile;
use super::super::super::request_edit::{Action, Loss, RuleResult};
use super::FromMessages;
use crate::json::tree::Node;
use crate::json::write;

/// What becomes of the marks of a request.
pub(super) struct Marks {
    /// The backend takes breakpoints, in parts of messages and outputs.
    pub(super) are_kept: bool,
    is_listed: [bool; 2],
}

impl Marks {
    pub(super) fn new(profile: &Profile) -> Self {
        Self { are_kept: !profile.removes_breakpoints && profile.chat.is_none(), is_listed: [false; 2] }
    }
}

impl<'t> FromMessages<'t> {
    /// The mark of a block goes to the last of its parts that may have one.
    pub(super) fn mark(&mut self, block: Node<'t>, parts: &mut [Vec<u8>], path: &Path<'_>) -> RuleResult {
        let Some(mark) = block.get(CACHE_CONTROL).filter(|mark| !mark.is_null()) else { return Ok(()) };
        let is_place = |part: &&mut Vec<u8>| part.starts_with(br#"{"type":"input_"#);
        let place = parts.last_mut().filter(|_| self.marks.are_kept).filter(is_place);
        let path = &path.key(CACHE_CONTROL);
        let Some(part) = place else { return self.lose_mark(mark, path) };
        part.pop();
        write::pieces(part, [b",\"", BREAKPOINT.as_bytes(), br#"":{"mode":"explicit"}}"#]);
        if !std::mem::replace(&mut self.marks.is_listed[0], true) {
            self.edit.note(Action::Renamed, path, "prompt_cache_breakpoint in Responses, like all of them");
        }
        Ok(())
    }

    /// The mark of what has no breakpoint.
    pub(super) fn unmarked(&mut self, holder: Node<'t>, path: &Path<'_>) -> RuleResult {
        match holder.get(CACHE_CONTROL).filter(|mark| !mark.is_null()) {
            Some(mark) => self.lose_mark(mark, &path.key(CACHE_CONTROL)),
            None => Ok(()),
        }
    }

    fn lose_mark(&mut self, mark: Node<'t>, path: &Path<'_>) -> RuleResult {
        if std::mem::replace(&mut self.marks.is_listed[1], true) {
            return Ok(());
        }
        let reason = "no breakpoint in the backend's cache here, nor for others like it";
        self.edit.lose(mark, path, reason, Loss::ClientSetting)
    }
}
