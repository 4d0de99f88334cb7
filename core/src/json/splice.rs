//! Edits of a JSON document.
//!
//! Input: a [`Tree`], and the values to set, insert or remove. Output: the document with only these changed. State:
//! the edits.
//!
//! What no edit touches is copied as it was sent: order, number format, escapes, white space.

use super::tree::Node;
use crate::growth;
use std::collections::BTreeMap;
use std::iter;
use std::num::NonZeroU32;

/// What becomes of one value. `after` are siblings, `last` further members or elements inside it.
#[derive(Debug, Default)]
struct NodeEdit {
    is_removed: bool,
    key: Option<Text>,
    value: Option<Text>,
    after: Option<List>,
    last: Option<List>,
}

/// Place in [`Edits::texts`], from 1: JSON text, a member with its key.
type Text = NonZeroU32;

/// Several texts; each knows the next one.
#[derive(Debug, Clone, Copy)]
struct List {
    first: Text,
    end: Text,
}

/// Where a new text is: in which buffer, and from where to where.
#[derive(Debug)]
struct Place {
    buffer: u32,
    start: u32,
    end: u32,
    next: Option<Text>,
}

/// Edits of one document, by node. A request may need one for each few bytes, so one takes some 80 bytes, whatever it is, and
/// its text no allocation of its own.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    nodes: BTreeMap<u32, NodeEdit>,
    texts: Vec<Place>,
    buffers: Vec<Vec<u8>>,
}

/// What is written around a new text: `"`, `":` or a comma.
const PUNCTUATION: usize = 3;

/// Small texts share buffers of this size.
const BUFFER: usize = 16 << 10;

impl Edits {
    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    fn of(&mut self, node: Node<'_>) -> &mut NodeEdit {
        self.nodes.entry(node.at()).or_default()
    }

    fn keep(&mut self, text: impl Into<Vec<u8>>) -> Text {
        let text: Vec<u8> = text.into();
        let length = text.len();
        let start = if let Some(last) = self.buffers.last_mut().filter(|last| last.len() + length <= BUFFER) {
            last.extend_from_slice(&text);
            last.len() - length
        } else {
            self.buffers.push(text);
            0
        };
        let (buffer, start, end) = (self.buffers.len() as u32 - 1, start as u32, (start + length) as u32);
        growth::push(&mut self.texts, Place { buffer, start, end, next: None });
        NonZeroU32::MIN.saturating_add(self.texts.len() as u32 - 1)
    }

    fn place(&self, text: Text) -> Option<&Place> {
        self.texts.get(text.get() as usize - 1)
    }

    fn text(&self, text: Text) -> &[u8] {
        let place = self.place(text);
        let text = place
            .and_then(|at| self.buffers.get(at.buffer as usize)?.get(at.start as usize..at.end as usize));
        text.unwrap_or_default()
    }

    fn list(&self, list: Option<List>) -> impl Iterator<Item = &[u8]> {
        let texts = iter::successors(list.map(|list| list.first), |text| self.place(*text)?.next);
        texts.map(|text| self.text(text))
    }

    /// The list with one more.
    fn longer(&mut self, list: Option<List>, text: impl Into<Vec<u8>>) -> List {
        let end = self.keep(text);
        let Some(List { first, end: before }) = list else { return List { first: end, end } };
        if let Some(before) = self.texts.get_mut(before.get() as usize - 1) {
            before.next = Some(end);
        }
        List { first, end }
    }

    /// The member or element goes, with one comma.
    pub(crate) fn remove(&mut self, node: Node<'_>) {
        self.of(node).is_removed = true;
    }

    pub(crate) fn is_removed(&self, node: Node<'_>) -> bool {
        self.nodes.get(&node.at()).is_some_and(|edit| edit.is_removed)
    }

    pub(crate) fn replace(&mut self, node: Node<'_>, value: impl Into<Vec<u8>>) {
        let value = self.keep(value);
        self.of(node).value = Some(value);
    }

    /// `key` is a plain name.
    pub(crate) fn rename(&mut self, node: Node<'_>, key: &str) {
        let key = self.keep(key);
        self.of(node).key = Some(key);
    }

    /// A further sibling after `node`, after those put there before.
    pub(crate) fn insert_after(&mut self, node: Node<'_>, text: impl Into<Vec<u8>>) {
        let before = self.of(node).after;
        self.of(node).after = Some(self.longer(before, text));
    }

    /// A further element at the end of an array.
    pub(crate) fn append(&mut self, array: Node<'_>, text: impl Into<Vec<u8>>) {
        let before = self.of(array).last;
        self.of(array).last = Some(self.longer(before, text));
    }

    /// A further member at the end of an object; `key` is a plain name.
    pub(crate) fn append_member(&mut self, object: Node<'_>, key: &str, value: &[u8]) {
        self.append(object, [b"\"", key.as_bytes(), b"\":", value].concat());
    }

    /// The whole document, edited.
    pub(crate) fn apply(&self, root: Node<'_>) -> Vec<u8> {
        let new = self.buffers.iter().map(Vec::len).sum::<usize>() + self.texts.len() * PUNCTUATION;
        let mut out = Vec::with_capacity(root.tree().text().len() + new);
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
        let own = self.nodes.get(&node.at());
        if let Some(value) = own.and_then(|edit| edit.value) {
            return out.put(self.text(value), node.start());
        }
        let last = own.and_then(|edit| edit.last);
        let is_touched = last.is_some() || self.nodes.range(node.at() + 1..node.next()).next().is_some();
        if is_touched {
            self.container(node, last, out);
        } else {
            out.copy(node.tree().text(), node.start(), node.end());
        }
    }

    /// An object or array with changes inside. What stands between two children belongs to the second; a first child
    /// that is kept takes the white space of the one that was first.
    fn container(&self, node: Node<'_>, last: Option<List>, out: &mut impl Sink) {
        let text = node.tree().text();
        let inside = node.start() + 1;
        let lead = node.children().next().map_or(inside, Node::outer_start);
        let mut at = inside;
        let mut is_empty = true;
        out.copy(text, node.start(), inside);
        for child in node.children() {
            let edit = self.nodes.get(&child.at());
            if !edit.is_some_and(|edit| edit.is_removed) {
                let (from, to) = if is_empty { (inside, lead) } else { (at, child.outer_start()) };
                out.copy(text, from, to);
                is_empty = false;
                match edit.and_then(|edit| edit.key) {
                    Some(key) => out.put(&[b"\"", self.text(key), b"\":"].concat(), child.outer_start()),
                    None => out.copy(text, child.outer_start(), child.start()),
                }
                self.value(child, out);
            }
            at = child.end();
            for new in self.list(edit.and_then(|edit| edit.after)) {
                add(new, child.start(), &mut is_empty, out);
            }
        }
        for new in self.list(last) {
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
