//! What tools returned: part by part, images as images.
//!
//! Input: output items. Output: the content of a tool's message, and what is shown beside it. State: none.

use super::super::functions::sent_tools;
use super::super::item_types::{self, Item};
use super::super::path::Path;
use super::super::profile::OutputImages;
use super::super::request_edit::Action;
use super::parts::{self, Part};
use super::{ToChat, pictures};
use crate::error::Error;
use crate::json::tree::Node;
use crate::json::write;

const OUTPUT: &str = "output";

impl<'t> ToChat<'t> {
    /// A tool's output as the content of its message; images go where the server takes them.
    pub(super) fn output(
        &mut self,
        item: &Item<'t>,
        shown: &mut Vec<Part<'t>>,
        path: &Path<'_>,
    ) -> Result<Vec<u8>, Error> {
        let own = self.returned(item, shown, path)?;
        Ok(parts::content(&own))
    }

    /// The parts that stay with the tool; the others join `shown`.
    pub(super) fn returned(
        &mut self,
        item: &Item<'t>,
        shown: &mut Vec<Part<'t>>,
        path: &Path<'_>,
    ) -> Result<Vec<Part<'t>>, Error> {
        self.leave(item.node, &["call_id", "execution", "tools", OUTPUT], path)?;
        if item.kind.name == item_types::TOOL_SEARCH_OUTPUT {
            return Ok(vec![Part::Text(sent_tools::found(item.node, &mut self.names).into())]);
        }
        let own = item.node.get(OUTPUT).filter(|own| !own.is_null()).or_else(|| item.node.get("status"));
        let path = &path.key(OUTPUT);
        let Some(own) = own else {
            self.edit.note(Action::Replaced, path, "an output without anything in it");
            return Ok(vec![Part::Text(b"".into())]);
        };
        if is_part(own) {
            let part = self.part(own, path)?;
            return self.place(part.into_iter().collect(), own, shown, path);
        }
        if own.is_array() && (own.elements().any(is_part) || own.elements().next().is_none()) {
            return self.part_by_part(own, shown, path);
        }
        self.whole(own, shown, path)
    }

    /// Part by part: what is no part is text, what chat has no form of is noted.
    fn part_by_part(
        &mut self,
        list: Node<'t>,
        shown: &mut Vec<Part<'t>>,
        path: &Path<'_>,
    ) -> Result<Vec<Part<'t>>, Error> {
        let mut own = Vec::new();
        for (index, part) in list.elements().enumerate() {
            let path = &path.index(index);
            let read =
                if is_part(part) { self.part(part, path)? } else { Some(Part::Text(text_of(part).into())) };
            let parts = self.taken_out(part.get("text"), path).unwrap_or_else(|| read.into_iter().collect());
            own.extend(self.place(parts, part, shown, path)?);
        }
        Ok(own)
    }

    /// A text, or any JSON as text; images in it come out.
    fn whole(
        &mut self,
        own: Node<'t>,
        shown: &mut Vec<Part<'t>>,
        path: &Path<'_>,
    ) -> Result<Vec<Part<'t>>, Error> {
        let Some(parts) = self.taken_out(Some(own), path) else {
            let text = own.as_str().map_or_else(|| text_of(own).into(), |text| text.raw().into());
            return Ok(vec![Part::Text(text)]);
        };
        self.place(parts, own, shown, path)
    }

    fn taken_out(&mut self, own: Option<Node<'t>>, path: &Path<'_>) -> Option<Vec<Part<'t>>> {
        let parts = pictures::taken_out(own?)?;
        self.edit.note(Action::Moved, path, "images in it are images of their own");
        Some(parts)
    }

    /// What stays in a tool's message, and what the user shows.
    fn place(
        &mut self,
        parts: Vec<Part<'t>>,
        node: Node<'t>,
        shown: &mut Vec<Part<'t>>,
        path: &Path<'_>,
    ) -> Result<Vec<Part<'t>>, Error> {
        let mut own = Vec::new();
        for part in parts {
            match self.target.output_images {
                _ if part.text().is_some() => own.push(part),
                OutputImages::Tool => own.push(part),
                OutputImages::User => shown.push(part),
                OutputImages::Drop => self.lose(node, path, "the server takes no such outputs")?,
            }
        }
        Ok(own)
    }
}

/// An object with a type.
fn is_part(node: Node<'_>) -> bool {
    node.text("type").is_some_and(|kind| !kind.is_blank())
}

/// The text itself, or the JSON as text; JSON string contents.
fn text_of(node: Node<'_>) -> Vec<u8> {
    match node.as_str() {
        Some(text) => text.raw().to_vec(),
        None => write::contents(&String::from_utf8_lossy(node.raw())),
    }
}
