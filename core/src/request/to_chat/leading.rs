//! `instructions`, and the system and developer messages that come first: one message of the system's, for many servers
//! take no second.
//!
//! Input: the first items. Output: messages. State: the messages that are joined.

use super::super::item_types::{self, Item};
use super::super::path::Path;
use super::super::request_edit::{Action, Loss};
use super::messages::message;
use super::parts::{self, Part};
use super::{INPUT, INSTRUCTIONS, ToChat};
use crate::error::Error;
use crate::json::Str;
use crate::json::tree::Node;

/// Messages of one role that become one.
struct Run<'t> {
    role: &'static str,
    parts: Vec<Part<'t>>,
}

impl<'t> ToChat<'t> {
    /// The number of items that are messages now.
    pub(super) fn leading(&mut self, items: &[Item<'t>], out: &mut Vec<Vec<u8>>) -> Result<usize, Error> {
        let mut runs: Vec<Run<'t>> = Vec::new();
        runs.extend(self.instructions()?.map(|text| Run { role: "system", parts: vec![text] }));
        let is_leading =
            |item: &&Item<'_>| item.role.instructs() || item.kind.name == item_types::ADDITIONAL_TOOLS;
        let leading = items.iter().take_while(is_leading).count();
        if self.target.keeps_leading_system {
            out.extend(runs.iter().map(Run::json));
            return Ok(0);
        }
        for item in items[..leading].iter().filter(|item| item.role.instructs()) {
            self.lead(item, &mut runs)?;
        }
        out.extend(runs.iter().map(Run::json));
        Ok(leading)
    }

    fn instructions(&mut self) -> Result<Option<Part<'t>>, Error> {
        let Some(own) = self.root.get(INSTRUCTIONS) else { return Ok(None) };
        let path = &Path::Root.key(INSTRUCTIONS);
        let Some(text) = own.as_str().filter(|text| !text.is_blank()) else {
            self.edit.remove(own, path, "blank", Loss::Harmless)?;
            return Ok(None);
        };
        self.edit.unlisted().remove(own);
        self.edit.note(Action::Moved, path, "the first message in chat");
        Ok(Some(Part::Text(text.raw().into())))
    }

    /// A message that joins those before it, where they have its role.
    fn lead(&mut self, item: &Item<'t>, runs: &mut Vec<Run<'t>>) -> Result<(), Error> {
        let (input, role) = (Path::Root.key(INPUT), self.role(item));
        let path = &input.index(item.index());
        let content = item.node.get("content");
        let mut parts = match content.and_then(Node::as_str) {
            Some(text) => vec![Part::Text(text.raw().into())],
            None => self.parts(content, &path.key("content"))?,
        };
        self.leave(item.node, &["role", "content"], path)?;
        let Some(run) = runs.last_mut().filter(|run| run.role == role) else {
            runs.push(Run { role, parts });
            return Ok(());
        };
        if parts.iter().all(|part| part.text().is_some_and(|text| Str::from_raw(text).is_blank())) {
            self.edit.note(Action::Removed, path, "an empty system message");
            return Ok(());
        }
        self.edit.note(Action::Moved, path, "joined with the system message before it");
        run.join(&mut parts);
        Ok(())
    }
}

impl<'t> Run<'t> {
    /// Texts become one, a blank line between messages.
    fn join(&mut self, more: &mut Vec<Part<'t>>) {
        match (text_of(&self.parts), text_of(more)) {
            (Some(own), Some(more)) => {
                let text = [&own[..], &more].join(&br"\n\n"[..]);
                self.parts = vec![Part::Text(text.into())];
            }
            _ => self.parts.append(more),
        }
    }

    /// Texts as one: few servers take a list from the system.
    fn json(&self) -> Vec<u8> {
        let whole = text_of(&self.parts).map(|text| parts::content(&[Part::Text(text.into())]));
        message(self.role, &whole.unwrap_or_else(|| parts::content(&self.parts)))
    }
}

/// All of it, where it is nothing but text.
fn text_of(parts: &[Part<'_>]) -> Option<Vec<u8>> {
    parts.iter().map(Part::text).collect::<Option<Vec<_>>>().map(|all| all.concat())
}
