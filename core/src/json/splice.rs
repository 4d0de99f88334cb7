//! Enters: a [`Tree`] and what of it must change. Leaves: the document with only that changed.
//!
//! What no edit touches is copied as it was sent: order, number format, escapes, white space.

use super::tree::Node;
use std::collections::BTreeMap;

/// What becomes of one value. `before` and `after` are siblings, `last` further members or elements inside it; each
/// is JSON text, a member with its key.
#[derive(Debug, Default)]
struct Edit {
    is_removed: bool,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    after: Vec<Vec<u8>>,
    last: Vec<Vec<u8>>,
}

/// Edits of one document, by node.
#[derive(Debug, Default)]
pub(crate) struct Edits(BTreeMap<u32, Edit>);

impl Edits {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of(&mut self, node: Node<'_>) -> &mut Edit {
        self.0.entry(node.at()).or_default()
    }

    /// The member or element goes, with one comma.
    pub(crate) fn remove(&mut self, node: Node<'_>) {
        self.of(node).is_removed = true;
    }

    pub(crate) fn is_removed(&self, node: Node<'_>) -> bool {
        self.0.get(&node.at()).is_some_and(|edit| edit.is_removed)
    }

    pub(crate) fn replace(&mut self, node: Node<'_>, value: impl Into<Vec<u8>>) {
        self.of(node).value = Some(value.into());
    }

    /// `key` is a plain name.
    pub(crate) fn rename(&mut self, node: Node<'_>, key: &str) {
        self.of(node).key = Some(key.into());
    }

    /// A further sibling after `node`, after those put there before.
    pub(crate) fn insert_after(&mut self, node: Node<'_>, text: impl Into<Vec<u8>>) {
        self.of(node).after.push(text.into());
    }

    /// A further element at the end of an array.
    pub(crate) fn append(&mut self, array: Node<'_>, text: impl Into<Vec<u8>>) {
        self.of(array).last.push(text.into());
    }

    /// A further member at the end of an object; `key` is a plain name.
    pub(crate) fn append_member(&mut self, object: Node<'_>, key: &str, value: &[u8]) {
        self.of(object).last.push([b"\"", key.as_bytes(), b"\":", value].concat());
    }

    /// The whole document, edited.
    pub(crate) fn apply(&self, root: Node<'_>) -> Vec<u8> {
        let text = root.tree().text();
        let mut out = Vec::with_capacity(text.len() + 256);
        out.extend_from_slice(&text[..root.start()]);
        self.value(root, &mut out);
        out.extend_from_slice(&text[root.end()..]);
        out
    }

    fn value(&self, node: Node<'_>, out: &mut Vec<u8>) {
        let own = self.0.get(&node.at());
        if let Some(value) = own.and_then(|edit| edit.value.as_ref()) {
            return out.extend_from_slice(value);
        }
        let is_touched = own.is_some_and(|edit| !edit.last.is_empty())
            || self.0.range(node.at() + 1..node.next()).next().is_some();
        if is_touched {
            self.container(node, own.map_or(&[], |edit| &edit.last), out);
        } else {
            out.extend_from_slice(node.raw());
        }
    }

    /// An object or array with changes inside. What stands between two children belongs to the second; a first child
    /// that is kept takes the white space of the one that was first.
    fn container(&self, node: Node<'_>, last: &[Vec<u8>], out: &mut Vec<u8>) {
        let text = node.tree().text();
        let lead =
            node.children().next().map_or(&text[0..0], |first| &text[node.start() + 1..first.outer_start()]);
        let mut at = node.start() + 1;
        let mut is_empty = true;
        out.push(text[node.start()]);
        for child in node.children() {
            let edit = self.0.get(&child.at());
            if !edit.is_some_and(|edit| edit.is_removed) {
                out.extend_from_slice(if is_empty { lead } else { &text[at..child.outer_start()] });
                is_empty = false;
                match edit.and_then(|edit| edit.key.as_ref()) {
                    Some(key) => out.extend_from_slice(&[b"\"", &key[..], b"\":"].concat()),
                    None => out.extend_from_slice(&text[child.outer_start()..child.start()]),
                }
                self.value(child, out);
            }
            at = child.end();
            edit.into_iter().flat_map(|edit| &edit.after).for_each(|new| add(new, &mut is_empty, out));
        }
        last.iter().for_each(|new| add(new, &mut is_empty, out));
        out.extend_from_slice(&text[at..node.end()]);
    }
}

fn add(new: &[u8], is_empty: &mut bool, out: &mut Vec<u8>) {
    if !std::mem::replace(is_empty, false) {
        out.push(b',');
    }
    out.extend_from_slice(new);
}
