//! A JSON document with the span of every value.
//!
//! Input: one document. Output: each value's span, found in one pass, to be looked up and edited in place. State: the
//! spans.
//!
//! A [`Value`] looks into a document lazily and pays for each look; a request is looked into many times, so its spans
//! are kept: 20 bytes a value, in document order.

use super::{Malformed, Str, Value, scan};
use crate::growth;
use crate::limits::MAX_JSON_DEPTH;
use crate::simd;
use std::num::NonZeroU32;

/// One value: where it is, and the first entry after all that is inside it.
#[derive(Debug, Clone, Copy, Default)]
struct NodeSpan {
    /// Between the key's quotes; empty at 0 for an element.
    key: (u32, u32),
    start: u32,
    end: u32,
    next: u32,
}

impl NodeSpan {
    /// Most names differ in their lengths already.
    #[inline]
    fn is_named(&self, key: &str, tree: &Tree<'_>) -> bool {
        let (start, end) = (self.key.0 as usize, self.key.1 as usize);
        if end - start != key.len() && !tree.has_escaped_keys {
            return false;
        }
        let own = tree.text.get(start..end).unwrap_or_default();
        (own.len() == key.len() && simd::starts_with(own, key.as_bytes()))
            || (tree.has_escaped_keys && Str::new(own).is(key))
    }
}

/// A document and the spans of its values.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    text: &'a [u8],
    entries: Vec<NodeSpan>,
    /// Keys can then only be compared decoded.
    has_escaped_keys: bool,
    /// The lengths of keys, one bit each; the highest one stands for all that are longer.
    key_lengths: u64,
    /// How many containers are in each other at most.
    deepest: usize,
}

/// One value of a [`Tree`].
#[derive(Clone, Copy)]
pub(crate) struct Node<'t> {
    tree: &'t Tree<'t>,
    at: u32,
}

impl<'a> Tree<'a> {
    /// RFC 8259, at most [`MAX_JSON_DEPTH`] levels; spans are 32-bit, so the document must be under 4 GiB.
    pub(crate) fn parse(text: &'a [u8]) -> Result<Self, Malformed> {
        let tree = Self::parse_within(text, usize::MAX)?;
        tree.ok_or(Malformed(text.len()))
    }

    /// The same; `None` for a document that has more values than `most`.
    pub(crate) fn parse_within(text: &'a [u8], most: usize) -> Result<Option<Self>, Malformed> {
        u32::try_from(text.len()).map_err(|_| Malformed(text.len()))?;
        let start = scan::space(text, 0);
        let mut builder = Builder { most, ..Builder::default() };
        let end = if let Some(b'{' | b'[') = text.get(start) {
            scan::container(text, start, MAX_JSON_DEPTH, &mut builder)?
        } else {
            let end = scan::value(text, start)?;
            scan::Visit::scalar(&mut builder, start, end);
            end
        };
        match scan::space(text, end) {
            at if at == text.len() => {
                let Builder { entries, has_escaped_keys, key_lengths, deepest, is_over, .. } = builder;
                Ok((!is_over).then_some(Self { text, entries, has_escaped_keys, key_lengths, deepest }))
            }
            at => Err(Malformed(at)),
        }
    }

    pub(crate) fn root(&self) -> Node<'_> {
        Node { tree: self, at: 0 }
    }

    pub(super) fn text(&self) -> &'a [u8] {
        self.text
    }

    /// Whether its values can come to lie deeper and still be read again.
    pub(crate) fn can_be_wrapped(&self) -> bool {
        self.deepest + WRAPPING <= MAX_JSON_DEPTH
    }
}

#[derive(Default)]
struct Builder {
    entries: Vec<NodeSpan>,
    /// How many there may be, and whether there are more.
    most: usize,
    is_over: bool,
    open: Vec<u32>,
    key: (u32, u32),
    has_escaped_keys: bool,
    key_lengths: u64,
    deepest: usize,
}

/// More levels than any edit puts around a value.
const WRAPPING: usize = 8;

/// Of a key's length, in [`Tree::key_lengths`].
fn length_bit(length: usize) -> u64 {
    1 << length.min(63)
}

impl Builder {
    fn push(&mut self, start: usize, end: usize) {
        if self.entries.len() >= self.most {
            self.is_over = true;
            return;
        }
        let next = self.entries.len() as u32 + 1;
        let key = std::mem::take(&mut self.key);
        growth::push(&mut self.entries, NodeSpan { key, start: start as u32, end: end as u32, next });
    }
}

impl scan::Visit for Builder {
    fn key(&mut self, start: usize, end: usize, is_escaped: bool) {
        self.has_escaped_keys |= is_escaped;
        self.key_lengths |= length_bit(end - start);
        self.key = (start as u32, end as u32);
    }

    fn open(&mut self, at: usize) {
        self.open.push(self.entries.len() as u32);
        self.deepest = self.deepest.max(self.open.len());
        self.push(at, at);
    }

    fn close(&mut self, end: usize) {
        let next = self.entries.len() as u32;
        if let Some(entry) = self.open.pop().and_then(|at| self.entries.get_mut(at as usize)) {
            entry.end = end as u32;
            entry.next = next;
        }
    }

    fn scalar(&mut self, start: usize, end: usize) {
        self.push(start, end);
    }
}

impl<'t> Node<'t> {
    fn entry(self) -> NodeSpan {
        self.tree.entries.get(self.at as usize).copied().unwrap_or_default()
    }

    /// Position in document order; stands for this node in [`super::splice::Edits`].
    pub(super) fn at(self) -> u32 {
        self.at
    }

    /// The same for keeping many; the root has none.
    pub(crate) fn place(self) -> Option<NonZeroU32> {
        NonZeroU32::new(self.at)
    }

    /// The node of this document at a place.
    pub(crate) fn at_place(self, place: NonZeroU32) -> Self {
        Self { at: place.get(), ..self }
    }

    /// The position after all that is inside this node.
    pub(super) fn next(self) -> u32 {
        self.entry().next
    }

    pub(super) fn tree(self) -> &'t Tree<'t> {
        self.tree
    }

    /// Offset of the first byte in the document.
    pub(crate) fn start(self) -> usize {
        self.entry().start as usize
    }

    pub(crate) fn end(self) -> usize {
        self.entry().end as usize
    }

    /// Offset of the key's opening quote, or of the value in an array.
    pub(super) fn outer_start(self) -> usize {
        match self.entry().key {
            (0, 0) => self.start(),
            (start, _) => start as usize - 1,
        }
    }

    pub(crate) fn key(self) -> Str<'t> {
        let (start, end) = self.entry().key;
        Str::new(&self.tree.text[start as usize..end as usize])
    }

    /// The key, decoded where it has to be.
    pub(crate) fn key_bytes(self) -> std::borrow::Cow<'t, [u8]> {
        let key = self.key();
        if self.tree.has_escaped_keys { key.unescaped() } else { key.raw().into() }
    }

    pub(crate) fn is_named(self, key: &str) -> bool {
        self.entry().is_named(key, self.tree)
    }

    /// Whether members may have names that are spelled with escapes.
    pub(crate) fn has_escaped_keys(self) -> bool {
        self.tree.has_escaped_keys
    }

    /// Whether a member anywhere in the document may have this name: mostly not, by its length.
    pub(crate) fn may_hold(self, key: &str) -> bool {
        self.tree.has_escaped_keys || self.tree.key_lengths & length_bit(key.len()) != 0
    }

    pub(crate) fn value(self) -> Value<'t> {
        Value(&self.tree.text[self.start()..self.end()])
    }

    pub(crate) fn raw(self) -> &'t [u8] {
        self.value().raw()
    }

    pub(crate) fn as_str(self) -> Option<Str<'t>> {
        self.value().as_str()
    }

    /// What an id says: the text of a string that is not blank, or of a number.
    pub(crate) fn as_id(self) -> Option<Str<'t>> {
        let is_number = || matches!(self.raw(), [b'-' | b'0'..=b'9', ..]);
        match self.as_str() {
            Some(text) => Some(text).filter(|text| !text.is_blank()),
            None => is_number().then(|| Str::from_raw(self.raw())),
        }
    }

    /// Whether this is the string `text`.
    pub(crate) fn is(self, text: &str) -> bool {
        self.as_str().is_some_and(|own| own.is(text))
    }

    pub(crate) fn is_null(self) -> bool {
        self.value().is_null()
    }

    /// Null, or a list or an object with nothing in it.
    pub(crate) fn is_void(self) -> bool {
        let is_hollow = || (self.is_array() || self.is_object()) && self.children().next().is_none();
        self.is_null() || is_hollow()
    }

    pub(crate) fn is_object(self) -> bool {
        self.tree.text.get(self.start()) == Some(&b'{')
    }

    pub(crate) fn is_array(self) -> bool {
        self.tree.text.get(self.start()) == Some(&b'[')
    }

    /// Members of an object, elements of an array.
    pub(crate) fn children(self) -> Children<'t> {
        let NodeSpan { next, .. } = self.entry();
        Children { tree: self.tree, at: self.at + 1, end: next }
    }

    /// Elements of an array, none for any other value.
    pub(crate) fn elements(self) -> Children<'t> {
        let children = self.children();
        Children { end: if self.is_array() { children.end } else { children.at }, ..children }
    }

    /// Members of an object, none for any other value.
    pub(crate) fn members(self) -> Children<'t> {
        let children = self.children();
        Children { end: if self.is_object() { children.end } else { children.at }, ..children }
    }

    /// All that is inside, at any depth, in document order.
    pub(crate) fn descendants(self) -> impl Iterator<Item = Node<'t>> {
        (self.at + 1..self.next()).map(move |at| Node { at, ..self })
    }

    /// The member `key` of an object; the last one where it is repeated.
    pub(crate) fn get(self, key: &str) -> Option<Node<'t>> {
        let Children { mut at, end, .. } = self.members();
        let mut found = None;
        while at < end {
            let entry = self.tree.entries.get(at as usize)?;
            if entry.is_named(key, self.tree) {
                found = Some(Node { at, ..self });
            }
            at = entry.next;
        }
        found
    }

    /// The string member `key`.
    pub(crate) fn text(self, key: &str) -> Option<Str<'t>> {
        self.get(key)?.as_str()
    }
}

/// Iterator over what is directly inside a node; two positions, made to be looked through again.
#[derive(Clone, Copy)]
pub(crate) struct Children<'t> {
    tree: &'t Tree<'t>,
    at: u32,
    end: u32,
}

impl<'t> Children<'t> {
    /// Those that come after `node`.
    pub(crate) fn skip_past(self, node: Node<'t>) -> Self {
        Self { at: node.next(), ..self }
    }
}

#[expect(clippy::copy_iterator, reason = "every use is a fresh look")]
impl<'t> Iterator for Children<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        let node = Node { tree: self.tree, at: self.at };
        (self.at < self.end).then(|| {
            self.at = node.next();
            node
        })
    }
}
