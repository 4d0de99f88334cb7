//! Edits of a JSON document.
//!
//! Input: a [`Tree`], and the values to set, insert or remove. Output: the document with only these changed. State:
//! the edits.
//!
//! What no edit touches is copied as it was sent: order, number format, escapes, white space.

use super::tree::Node;
use std::collections::BTreeMap;

/// What becomes of one value. `before` and `after` are siblings, `last` further members or elements inside it; each
/// is JSON text, a member with its key.
#[derive(Debug, Default)]
struct NodeEdit {
    is_removed: bool,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    after: Vec<Vec<u8>>,
    last: Vec<Vec<u8>>,
}

/// Edits of one document, by node.
#[derive(Debug, Default)]
pub(crate) struct Edits(BTreeMap<u32, NodeEdit>);

impl Edits {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of(&mut self, node: Node<'_>) -> &mut NodeEdit {
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
        let mut out = Vec::with_capacity(root.tree().text().len() + 256);
        self.write(root, &mut out);
        out
    }

    /// One value of the document, edited.
    pub(crate) fn edited(&self, node: Node<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        self.value(node, &mut out);
        out
    }

    /// Where the byte at `offset` of the edited document came from; what is new came from the value it replaces, or
    /// stands behind.
    pub(crate) fn origin(&self, root: Node<'_>, offset: usize) -> usize {
        let mut search = Search { left: offset, found: None };
        self.write(root, &mut search);
        search.found.unwrap_or(root.end())
    }

    fn write(&self, root: Node<'_>, out: &mut impl Sink) {
        let text = root.tree().text();
        out.copy(text, 0, root.start());
        self.value(root, out);
        out.copy(text, root.end(), text.len());
    }

    fn value(&self, node: Node<'_>, out: &mut impl Sink) {
        let own = self.0.get(&node.at());
        if let Some(value) = own.and_then(|edit| edit.value.as_ref()) {
            return out.put(value, node.start());
        }
        let is_touched = own.is_some_and(|edit| !edit.last.is_empty())
            || self.0.range(node.at() + 1..node.next()).next().is_some();
        if is_touched {
            self.container(node, own.map_or(&[], |edit| &edit.last), out);
        } else {
            out.copy(node.tree().text(), node.start(), node.end());
        }
    }

    /// An object or array with changes inside. What stands between two children belongs to the second; a first child
    /// that is kept takes the white space of the one that was first.
    fn container(&self, node: Node<'_>, last: &[Vec<u8>], out: &mut impl Sink) {
        let text = node.tree().text();
        let inside = node.start() + 1;
        let lead = node.children().next().map_or(inside, Node::outer_start);
        let mut at = inside;
        let mut is_empty = true;
        out.copy(text, node.start(), inside);
        for child in node.children() {
            let edit = self.0.get(&child.at());
            if !edit.is_some_and(|edit| edit.is_removed) {
                let (from, to) = if is_empty { (inside, lead) } else { (at, child.outer_start()) };
                out.copy(text, from, to);
                is_empty = false;
                match edit.and_then(|edit| edit.key.as_ref()) {
                    Some(key) => out.put(&[b"\"", &key[..], b"\":"].concat(), child.outer_start()),
                    None => out.copy(text, child.outer_start(), child.start()),
                }
                self.value(child, out);
            }
            at = child.end();
            for new in edit.into_iter().flat_map(|edit| &edit.after) {
                add(new, child.start(), &mut is_empty, out);
            }
        }
        for new in last {
            add(new, node.start(), &mut is_empty, out);
        }
        out.copy(text, at, node.end());
    }
}

fn add(new: &[u8], origin: usize, is_empty: &mut bool, out: &mut impl Sink) {
    if !std::mem::replace(is_empty, false) {
        out.put(b",", origin);
    }
    out.put(new, origin);
}

/// Receives the edited document, in order: the copied text, and what is new, with its place in the original.
trait Sink {
    fn copy(&mut self, text: &[u8], from: usize, to: usize);
    fn put(&mut self, new: &[u8], origin: usize);
}

impl Sink for Vec<u8> {
    fn copy(&mut self, text: &[u8], from: usize, to: usize) {
        self.extend_from_slice(&text[from..to]);
    }

    fn put(&mut self, new: &[u8], _: usize) {
        self.extend_from_slice(new);
    }
}

/// Counts down to one byte.
struct Search {
    left: usize,
    found: Option<usize>,
}

impl Search {
    fn pass(&mut self, bytes: usize, origin: impl Fn(usize) -> usize) {
        if self.found.is_some() {
            return;
        }
        match self.left.checked_sub(bytes) {
            Some(left) => self.left = left,
            None => self.found = Some(origin(self.left)),
        }
    }
}

impl Sink for Search {
    fn copy(&mut self, _: &[u8], from: usize, to: usize) {
        self.pass(to - from, |nth| from + nth);
    }

    fn put(&mut self, new: &[u8], origin: usize) {
        self.pass(new.len(), |_| origin);
    }
}
