//! The edits of one body and the list of changes.
//!
//! Input: what the passes decide. Output: the edits, and one [`Change`] for each. State: both, until they are taken.

use super::path::{self, Path};
pub use crate::change::{Action, Change};
use crate::error::{Error, RejectCode};
use crate::json::splice::Edits;
use crate::json::tree::{Children, Node};
use std::collections::HashMap;

/// Whether a removal takes something that the client asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    ClientSetting,
    Harmless,
}

/// What a rule comes to; an error means that the request must not be sent.
pub(super) type RuleResult = Result<(), Error>;

/// The edits of one body, and their list of changes.
#[derive(Debug, Default)]
pub(super) struct RequestEdit {
    edits: Edits,
    changes: Vec<Change>,
    is_strict: bool,
}

impl RequestEdit {
    pub(super) fn new(is_strict: bool) -> Self {
        Self { is_strict, ..Self::default() }
    }

    /// In strict mode a loss is an error.
    pub(super) fn remove(&mut self, node: Node<'_>, path: &Path<'_>, reason: &str, loss: Loss) -> RuleResult {
        self.lose(node, path, reason, loss)?;
        self.edits.remove(node);
        Ok(())
    }

    /// Notes a removal that a replacement brings about.
    pub(super) fn lose(&mut self, node: Node<'_>, path: &Path<'_>, reason: &str, loss: Loss) -> RuleResult {
        if self.is_strict && loss == Loss::ClientSetting {
            let message = format!("Unsupported parameter: {path} ({reason})");
            return Err(reject(RejectCode::UnsupportedParameter, node, path, &message));
        }
        self.note(Action::Removed, path, reason);
        Ok(())
    }

    pub(super) fn replace(
        &mut self,
        node: Node<'_>,
        value: impl Into<Vec<u8>>,
        path: &Path<'_>,
        reason: &str,
    ) {
        self.edits.replace(node, value);
        self.note(Action::Replaced, path, reason);
    }

    /// A member of `object` gets the value: in its place where it is there, at the end where not.
    pub(super) fn set(&mut self, object: Node<'_>, key: &str, value: &[u8], path: &Path<'_>, reason: &str) {
        if let Some(member) = object.get(key) {
            return self.replace(member, value, &path.key(key), reason);
        }
        self.edits.append_member(object, key, value);
        self.note(Action::Added, &path.key(key), reason);
    }

    /// Every reader takes the last of several members with one name; the others would only confuse the next edit.
    pub(super) fn remove_duplicates(&mut self, object: Node<'_>, path: &Path<'_>) {
        for member in earlier_duplicates(object) {
            self.edits.remove(member);
            let key = member.key().decode();
            self.note(Action::Removed, &path.key(path::shown(&key)), "duplicate member: the last one counts");
        }
    }

    pub(super) fn note(&mut self, action: Action, path: &Path<'_>, reason: &str) {
        self.changes.push(Change { action, path: path.to_string(), reason: reason.to_owned() });
    }

    /// For edits whose change is noted by the caller.
    pub(super) fn unlisted(&mut self) -> &mut Edits {
        &mut self.edits
    }

    pub(super) fn is_removed(&self, node: Node<'_>) -> bool {
        self.edits.is_removed(node)
    }

    /// The edits themselves, and the list of changes.
    pub(super) fn into_edits(self) -> (Edits, Vec<Change>) {
        (self.edits, self.changes)
    }
}

/// A request that must not be sent.
pub(super) fn reject(code: RejectCode, node: Node<'_>, path: &Path<'_>, message: &str) -> Error {
    Error::Rejected {
        code,
        path: Some(path.to_string()).filter(|path| !path.is_empty()),
        offset: Some(node.start() as u64),
        message: message.to_owned(),
    }
}

/// Whether two names could be the same: mostly not, by their length and their first and last bytes.
fn may_repeat(mut members: Children<'_>) -> bool {
    let mut seen = 0_u64;
    members.any(|member| {
        let key = member.key().raw();
        let [first, last] = [key.first(), key.last()].map(|byte| byte.map_or(0, |byte| usize::from(*byte)));
        let bit = 1 << ((7 * key.len() + 3 * first + 5 * last) % 64);
        let is_new = seen & bit == 0;
        seen |= bit;
        !is_new
    })
}

/// Members whose name comes again later.
fn earlier_duplicates(object: Node<'_>) -> Vec<Node<'_>> {
    let members = object.members();
    if !object.has_escaped_keys() && !may_repeat(members) {
        return Vec::new();
    }
    // Few members, plain names: nearly every object. Comparing them costs less than hashing.
    if !object.has_escaped_keys() && members.take(17).count() <= 16 {
        return members
            .filter(|member| members.skip_past(*member).any(|later| later.key() == member.key()))
            .collect();
    }
    let mut last = HashMap::new();
    members.filter_map(|member| last.insert(member.key().unescaped(), member)).collect()
}
