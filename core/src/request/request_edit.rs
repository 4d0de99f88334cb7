//! The edits of one body and the list of changes.
//!
//! Input: what the passes decide. Output: the edits, and one [`Change`] for each. State: both, until they are taken.

use super::path::{self, Path};
pub use crate::change::{Action, Change};
use crate::error::{Error, RejectCode};
use crate::json::splice::Edits;
use crate::json::tree::{Children, Node};
use crate::limits::MAX_CHANGES;
use std::collections::HashMap;
use std::num::NonZeroU32;

/// Whether a removal takes something that the client asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    ClientSetting,
    Harmless,
}

impl Loss {
    /// Of a member as a whole: what is empty asks for nothing.
    pub(super) fn of(member: Node<'_>) -> Self {
        let is_empty = member.is_void() || member.raw() == b"\"\"";
        if is_empty { Self::Harmless } else { Self::ClientSetting }
    }
}

/// What a rule comes to; an error means that the request must not be sent.
pub(super) type RuleResult = Result<(), Error>;

/// The edits of one body, and their list of changes.
#[derive(Debug)]
pub(super) struct RequestEdit {
    edits: Edits,
    changes: Vec<Change>,
    /// The last lines of each kind, once the list is full, and how many more there are.
    lines: HashMap<(Action, String), (usize, u64)>,
    is_strict: bool,
    /// Bytes of new text that there is still room for; `None`: there was not enough.
    room: Option<usize>,
}

impl RequestEdit {
    /// `room`: for so many bytes of new text.
    pub(super) fn new(is_strict: bool, room: usize) -> Self {
        let (edits, changes, lines) = (Edits::default(), Vec::new(), HashMap::new());
        Self { edits, changes, lines, is_strict, room: Some(room) }
    }

    /// Whether there is room for so much new text. Where there is not the request comes to an error at the latest when its
    /// edits are taken, and until then nothing more is kept.
    fn spend(&mut self, bytes: usize) -> bool {
        self.room = self.room.and_then(|room| room.checked_sub(bytes));
        self.room.is_some()
    }

    /// An error where a text that is not complete yet has no room already.
    pub(super) fn check_room(&self, bytes: usize) -> RuleResult {
        if self.room.is_some_and(|room| bytes <= room) { Ok(()) } else { Err(too_large()) }
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
        self.put(node, value);
        self.note(Action::Replaced, path, reason);
    }

    /// The same, where the caller notes it.
    pub(super) fn put(&mut self, node: Node<'_>, value: impl Into<Vec<u8>>) {
        let value = value.into();
        if self.spend(value.len()) {
            self.edits.replace(node, value);
        }
    }

    /// A further sibling after `node`.
    pub(super) fn insert_after(&mut self, node: Node<'_>, text: impl Into<Vec<u8>>) {
        let text = text.into();
        if self.spend(text.len()) {
            self.edits.insert_after(node, text);
        }
    }

    /// A member of `object` gets the value: in its place where it is there, at the end where not.
    pub(super) fn set(&mut self, object: Node<'_>, key: &str, value: &[u8], path: &Path<'_>, reason: &str) {
        if let Some(member) = object.get(key) {
            return self.replace(member, value, &path.key(key), reason);
        }
        if self.spend(key.len() + value.len()) {
            self.edits.append_member(object, key, value);
        }
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
        if self.changes.len() >= MAX_CHANGES && self.count(action, reason) {
            return;
        }
        let (path, reason) = (path.to_string(), reason.to_owned());
        self.changes.push(Change { action, path, reason });
    }

    /// Counts a change that has no room in the list, in the last line of its kind; `false` where there is none.
    fn count(&mut self, action: Action, reason: &str) -> bool {
        if self.lines.is_empty() {
            let lines = self.changes.iter().enumerate();
            self.lines = lines.map(|(at, line)| ((line.action, line.reason.clone()), (at, 0))).collect();
        }
        let key = (action, reason.to_owned());
        if let Some((_, more)) = self.lines.get_mut(&key) {
            *more += 1;
            return true;
        }
        self.lines.insert(key, (self.changes.len(), 0));
        false
    }

    /// For edits whose change is noted by the caller.
    pub(super) fn unlisted(&mut self) -> &mut Edits {
        &mut self.edits
    }

    pub(super) fn is_removed(&self, node: Node<'_>) -> bool {
        self.edits.is_removed(node)
    }

    /// The edits themselves, the list of changes, and the room that is left.
    pub(super) fn into_edits(self) -> Result<(Edits, Vec<Change>, usize), Error> {
        let (room, mut changes) = (self.room.ok_or_else(too_large)?, self.changes);
        for (at, more) in self.lines.into_values().filter(|(_, more)| *more > 0) {
            if let Some(line) = changes.get_mut(at) {
                line.reason += &format!(" (and {more} more)");
            }
        }
        Ok((self.edits, changes, room))
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

/// Members whose name comes again later, in the order in which the later ones come.
pub(super) fn earlier_duplicates(object: Node<'_>) -> Vec<Node<'_>> {
    let members = object.members();
    if !object.has_escaped_keys() && !may_repeat(members) {
        return Vec::new();
    }
    // Few members, plain names: nearly every object. Comparing them costs less than sorting.
    if !object.has_escaped_keys() && members.take(17).count() <= 16 {
        return members
            .filter(|member| members.skip_past(*member).any(|later| later.key() == member.key()))
            .collect();
    }
    let mut sorted: Vec<_> = Vec::with_capacity(members.count());
    sorted.extend(members.filter_map(Node::place));
    let key = |place: &NonZeroU32| object.at_place(*place).key().unescaped();
    sorted.sort_by(|a, b| key(a).cmp(&key(b))); // those of one name stay in order
    let pairs = sorted.windows(2).filter(|pair| key(&pair[0]) == key(&pair[1]));
    let mut pairs: Vec<_> = pairs.map(|pair| (pair[1], pair[0])).collect();
    pairs.sort_unstable();
    pairs.into_iter().map(|(_, earlier)| object.at_place(earlier)).collect()
}

/// The request would become too large.
pub(super) fn too_large() -> Error {
    let message = "the request would be much larger in the form that the backend takes".to_owned();
    Error::Rejected { code: RejectCode::RequestTooLarge, path: None, offset: None, message }
}
