//! Name shortener: one short form for each tool name and call id that a backend would refuse.
//!
//! Input: the names. Output: short forms, the same in every request and language, that no other name of the request has.
//! State: the forms given so far.

use crate::json::Str;
use crate::json::tree::Node;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};

/// Which strings are shortened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameKind {
    /// Of tools: only `[A-Za-z0-9_-]`.
    Name,
    /// `call_id`: any characters.
    CallId,
    /// `call_id`: only `[A-Za-z0-9_-]`.
    WordId,
}

impl NameKind {
    fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::CallId | Self::WordId => "call_id",
        }
    }

    pub(super) fn allows(self, c: char) -> bool {
        self == Self::CallId || c.is_ascii_alphanumeric() || c == '_' || c == '-'
    }
}

/// The short forms given so far.
pub(super) struct Shortener<'t> {
    kind: NameKind,
    limit: usize,
    root: Node<'t>,
    /// Every string of the kind in the request; collected when the first one is too long.
    taken: Option<HashSet<String>>,
    given: BTreeMap<String, String>,
}

impl<'t> Shortener<'t> {
    /// `limit` in bytes, at least what the hash needs; with `usize::MAX` nothing is shortened.
    pub(super) fn new(kind: NameKind, limit: usize, root: Node<'t>) -> Self {
        Self { kind, limit: limit.max(HASH_BYTES), root, taken: None, given: BTreeMap::new() }
    }

    /// The short form, for a string that needs one.
    pub(super) fn short(&mut self, text: Str<'_>) -> Option<&str> {
        if self.limit == usize::MAX || self.is_fine(text) {
            return None;
        }
        let original = text.decode();
        if !self.given.contains_key(&original) {
            let short = self.unused(&original);
            self.given.insert(original.clone(), short);
        }
        self.given.get(&original).map(String::as_str)
    }

    /// Short form → original.
    pub(super) fn restorable(self) -> BTreeMap<String, String> {
        self.given.into_iter().map(|(original, short)| (short, original)).collect()
    }

    fn is_fine(&self, text: Str<'_>) -> bool {
        let raw = text.raw();
        raw.is_empty()
            || match self.kind {
                // Decoding makes nothing longer.
                NameKind::CallId if raw.len() <= self.limit => true,
                // An escape could stand for an allowed character; the decoded form decides then.
                kind if kind != NameKind::CallId && !text.is_escaped() => {
                    raw.len() <= self.limit && raw.iter().all(|byte| kind.allows(char::from(*byte)))
                }
                kind => {
                    let text = text.decode();
                    text.len() <= self.limit && text.chars().all(|c| kind.allows(c))
                }
            }
    }

    fn unused(&mut self, original: &str) -> String {
        let Self { kind, root, .. } = *self;
        let taken = self.taken.get_or_insert_with(|| strings(root, kind.key()));
        let mut attempt = 0;
        loop {
            let short = form(kind, self.limit, original, attempt);
            if taken.insert(short.clone()) {
                return short;
            }
            attempt += 1;
        }
    }
}

/// `_` and 16 hexadecimal digits.
const HASH_BYTES: usize = 17;

/// What fits of the original, `_`, 16 hexadecimal digits of its SHA-256 (and of the attempt, after a collision).
fn form(kind: NameKind, limit: usize, original: &str, attempt: u32) -> String {
    let mut hash = Sha256::new_with_prefix(original);
    if attempt > 0 {
        hash.update([0]);
        hash.update(attempt.to_be_bytes());
    }
    let mut short = String::with_capacity(limit.min(original.len() + HASH_BYTES));
    for c in original.chars().map(|c| if kind.allows(c) { c } else { '_' }) {
        if short.len() + c.len_utf8() > limit - HASH_BYTES {
            break;
        }
        short.push(c);
    }
    short.push('_');
    for byte in &hash.finalize()[..8] {
        short.push_str(&format!("{byte:02x}"));
    }
    short
}

/// The short form of a value; `limit` in characters.
pub(super) fn short(kind: NameKind, limit: usize, original: &str) -> String {
    form(kind, limit.max(HASH_BYTES), original, 0)
}

/// A tool's name as it is where a server takes it and no other tool has it, else a short form that none has.
pub(super) fn unlike(name: &str, limit: usize, taken: &mut HashSet<String>) -> String {
    let limit = limit.max(HASH_BYTES);
    let is_fine = !name.is_empty() && name.len() <= limit && name.chars().all(|c| NameKind::Name.allows(c));
    if is_fine && taken.insert(name.to_owned()) {
        return name.to_owned();
    }
    let mut forms = (0..).map(|attempt| form(NameKind::Name, limit, name, attempt));
    forms.find(|short| taken.insert(short.clone())).unwrap_or_default()
}

/// Every string member `key` at any depth.
fn strings(root: Node<'_>, key: &str) -> HashSet<String> {
    root.descendants()
        .filter(|node| node.is_named(key))
        .filter_map(|node| Some(node.as_str()?.decode()))
        .collect()
}
