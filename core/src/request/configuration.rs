//! `configuration_update` items: settings from there on, where another dialect has one setting for all of a request.
//!
//! Input: items. Output: the effort and the format that hold at the end of the input. State: none.

use super::item_types::{CONFIGURATION_UPDATE, Item};
use super::path::Path;
use super::request_edit::{Action, Loss, RequestEdit, RuleResult};
use crate::json::tree::Node;

/// Where an update has an effort, and a format.
pub(super) const EFFORT: [&str; 2] = ["reasoning", "effort"];
pub(super) const FORMAT: [&str; 2] = ["text", "format"];
pub(super) const SETTINGS: [[&str; 2]; 2] = [EFFORT, FORMAT];
/// Why the request's own setting is left out.
pub(super) const UPDATED: &str = "an item of the input updates it";

/// What the last update of the request sets, with its place in the input.
pub(super) fn updated<'t>(root: Node<'t>, [outer, inner]: [&str; 2]) -> Option<(usize, Node<'t>)> {
    let items = root.get("input").into_iter().flat_map(Node::elements).enumerate();
    let updates =
        items.filter(|(_, item)| item.get("type").is_some_and(|kind| kind.is(CONFIGURATION_UPDATE)));
    let values = updates.filter_map(|(nth, item)| Some((nth, item.get(outer)?.get(inner)?)));
    values.filter(|(_, value)| !value.is_null()).last()
}

/// Notes what becomes of what an update sets.
pub(super) fn note<'t>(
    root: Node<'t>,
    item: &Item<'t>,
    path: &Path<'_>,
    moved: &str,
    edit: &mut RequestEdit,
) -> RuleResult {
    for [outer, inner] in SETTINGS {
        let value = item.node.get(outer).and_then(|holder| holder.get(inner));
        let Some(value) = value.filter(|own| !own.is_null()) else { continue };
        let path = &path.key(outer);
        if updated(root, [outer, inner]).is_some_and(|(nth, _)| nth == item.index()) {
            edit.note(Action::Moved, &path.key(inner), moved);
        } else {
            edit.lose(value, &path.key(inner), "a later update replaces it", Loss::Harmless)?;
        }
    }
    Ok(())
}
