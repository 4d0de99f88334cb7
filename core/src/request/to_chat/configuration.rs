//! `configuration_update` items: settings from there on, where a chat request has one setting for all of it.
//!
//! Input: items. Output: the effort and the format that hold at the end of the input. State: none.

use super::super::item_types::{CONFIGURATION_UPDATE, Item};
use super::super::path::Path;
use super::super::request_edit::{Action, Loss, RuleResult};
use super::{INPUT, ToChat};
use crate::json::tree::Node;

/// Where an update has an effort, and a format.
pub(super) const EFFORT: [&str; 2] = ["reasoning", "effort"];
pub(super) const FORMAT: [&str; 2] = ["text", "format"];

impl<'t> ToChat<'t> {
    /// What the last update says, with its place in the input.
    pub(super) fn updated(&self, [outer, inner]: [&str; 2]) -> Option<(usize, Node<'t>)> {
        let items = self.root.get(INPUT).into_iter().flat_map(Node::elements).enumerate();
        let updates =
            items.filter(|(_, item)| item.get("type").is_some_and(|kind| kind.is(CONFIGURATION_UPDATE)));
        let values = updates.filter_map(|(nth, item)| Some((nth, item.get(outer)?.get(inner)?)));
        values.filter(|(_, value)| !value.is_null()).last()
    }

    /// An update is no message. What it sets, a member of the request has.
    pub(super) fn configuration(&mut self, item: &Item<'t>, path: &Path<'_>) -> RuleResult {
        for [outer, inner] in [EFFORT, FORMAT] {
            let Some(holder) = item.node.get(outer).filter(|own| !own.is_null()) else { continue };
            let path = &path.key(outer);
            self.leave(holder, &[inner], path)?;
            let Some(value) = holder.get(inner).filter(|own| !own.is_null()) else { continue };
            match self.updated([outer, inner]) {
                Some((nth, _)) if nth == item.index() => {
                    self.edit.note(Action::Moved, &path.key(inner), "a member of the request in chat");
                }
                _ => {
                    let reason = "a later update replaces it";
                    self.edit.lose(value, &path.key(inner), reason, Loss::Harmless)?;
                }
            }
        }
        self.leave(item.node, &[EFFORT[0], FORMAT[0]], path)
    }
}
