//! What becomes of system (and developer) messages, and of `instructions`.

use super::draft::{Action, Loss, Verdict, reject};
use super::kinds::{self, Kind};
use super::path::Path;
use super::profile::SystemPolicy;
use super::rules::Rules;
use crate::error::RejectCode;
use crate::json::tree::Node;
use crate::json::{Str, write};

const INPUT: &str = "input";
const INSTRUCTIONS: &str = "instructions";

/// Whether the request brings its tools and prompt in `input` (Responses-Lite), and so needs no instructions.
pub(super) fn is_lite(root: Node<'_>) -> bool {
    let items = root.get(INPUT).into_iter().flat_map(Node::elements);
    items.into_iter().any(|item| Kind::of(item).name == kinds::ADDITIONAL_TOOLS)
}

/// Whether a message part is text.
pub(super) fn text_of(part: Node<'_>) -> Option<Str<'_>> {
    let kind = part.text("type")?;
    ["input_text", "text", "output_text"].iter().any(|name| kind.is(name)).then(|| part.text("text"))?
}

impl Rules<'_> {
    pub(super) fn system(&mut self) -> Verdict {
        let existing = self.root.get(INSTRUCTIONS).filter(|existing| !existing.is_null());
        if let Some(wrong) = existing.filter(|existing| existing.as_str().is_none()) {
            let path = &Path::Root.key(INSTRUCTIONS);
            return Err(reject(RejectCode::InvalidType, wrong, path, "instructions must be a string"));
        }
        if is_lite(self.root) {
            return Ok(());
        }
        let mut texts: Vec<Vec<u8>> = Vec::new();
        match self.policy() {
            SystemPolicy::Keep => {}
            SystemPolicy::Developer => self.rename_roles(),
            SystemPolicy::HoistSystem => self.hoist(&["system"], &mut texts)?,
            SystemPolicy::HoistAll => self.hoist(&["system", "developer"], &mut texts)?,
        }
        self.instruct(existing.and_then(Node::as_str), &texts);
        Ok(())
    }

    /// Hoisting everything would leave no input: then the messages stay, under a role the backend takes.
    fn policy(&self) -> SystemPolicy {
        let roles: &[&str] = match self.profile.system {
            SystemPolicy::HoistSystem => &["system"],
            SystemPolicy::HoistAll => &["system", "developer"],
            other => return other,
        };
        let stays = |item: Node<'_>| {
            let content = item.get("content");
            !is_from(item, roles)
                || content.into_iter().flat_map(Node::elements).any(|part| text_of(part).is_none())
        };
        let input = self.root.get(INPUT);
        let is_list = input.is_some_and(Node::is_array);
        if is_list && !input.into_iter().flat_map(Node::elements).any(stays) {
            return SystemPolicy::Developer;
        }
        self.profile.system
    }

    fn rename_roles(&mut self) {
        for (index, item) in self.root.get(INPUT).into_iter().flat_map(Node::elements).enumerate() {
            if let Some(role) = item.get("role").filter(|_| is_from(item, &["system"])) {
                let path = Path::Root.key(INPUT);
                let path = path.index(index);
                self.draft.replace(
                    role,
                    "\"developer\"",
                    &path.key("role"),
                    "system messages are not allowed",
                );
            }
        }
    }

    /// Takes the text of such messages; parts that are no text stay, as the user's.
    fn hoist(&mut self, roles: &[&str], texts: &mut Vec<Vec<u8>>) -> Verdict {
        for (index, item) in self.root.get(INPUT).into_iter().flat_map(Node::elements).enumerate() {
            if !is_from(item, roles) {
                continue;
            }
            let path = Path::Root.key(INPUT);
            let path = &path.index(index);
            let text = text(item);
            if Str::from_raw(&text).is_blank() {
                self.draft.note(Action::Removed, path, "an empty system message");
            } else {
                self.draft.note(Action::Moved, path, "system messages are not allowed: now in instructions");
                texts.push(text);
            }
            self.leave_rest(item, path)?;
        }
        Ok(())
    }

    fn leave_rest(&mut self, item: Node<'_>, path: &Path<'_>) -> Verdict {
        let parts = item.get("content").map(Node::elements);
        let is_text = |part: &Node<'_>| text_of(*part).is_some();
        if !parts.is_some_and(|mut parts| parts.any(|part| !is_text(&part))) {
            self.draft.edits().remove(item);
            return Ok(());
        }
        if let Some(role) = item.get("role") {
            self.draft.replace(role, "\"user\"", &path.key("role"), "only text can be moved to instructions");
        }
        let content = path.key("content");
        for (index, part) in parts.into_iter().flatten().enumerate().filter(|(_, part)| is_text(part)) {
            self.draft.remove(part, &content.index(index), "moved to instructions", Loss::Nothing)?;
        }
        Ok(())
    }

    /// Existing instructions first, then what was hoisted; the default text where there is neither.
    fn instruct(&mut self, existing: Option<Str<'_>>, hoisted: &[Vec<u8>]) {
        let existing = existing.filter(|text| !text.is_blank());
        let default = self.profile.instructions.as_deref();
        let (text, reason) = match (existing, hoisted.is_empty(), default) {
            (_, false, _) => {
                let all = existing.iter().map(|text| text.raw()).chain(hoisted.iter().map(|text| &text[..]));
                (all.collect::<Vec<_>>().join(&br"\n\n"[..]), "system messages moved here")
            }
            (None, true, Some(default)) => {
                let mut text = Vec::new();
                write::escaped(&mut text, default);
                (text, "the backend requires instructions")
            }
            _ => return,
        };
        let value = [b"\"", &text[..], b"\""].concat();
        if self.root.get(INSTRUCTIONS).is_none_or(|own| own.raw() != value) {
            self.draft.set(self.root, INSTRUCTIONS, &value, &Path::Root, reason);
        }
    }
}

/// A message, typed or not, with one of these roles.
fn is_from(item: Node<'_>, roles: &[&str]) -> bool {
    item.is_object()
        && Kind::of(item).name == kinds::MESSAGE
        && item.get("role").is_some_and(|own| roles.iter().any(|role| own.is(role)))
}

/// The text of a message, as JSON string contents; its parts joined as they are.
fn text(item: Node<'_>) -> Vec<u8> {
    let Some(content) = item.get("content") else { return Vec::new() };
    match content.as_str() {
        Some(text) => text.raw().to_vec(),
        None => content.elements().filter_map(text_of).flat_map(Str::raw).copied().collect(),
    }
}
