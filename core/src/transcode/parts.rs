//! Enters: which text of which item. Leaves: how much of it was said. Bounded by [`MAX_PARTS`].

use crate::items::ItemRef;
use crate::json::Progress;
use crate::limits::MAX_PARTS;
use crate::responses::Lane;
use std::collections::HashMap;

/// Item, lane, and `content_index` or `summary_index`.
pub(super) type Key = (ItemRef, Lane, u64);

#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) said: Progress,
    /// Code points of the content before its first text.
    pub(super) start: Option<u64>,
    /// A snapshot disagreed; said once.
    pub(super) is_inconsistent: bool,
}

#[derive(Debug, Default)]
pub(super) struct Parts {
    list: Vec<Part>,
    by_key: HashMap<Key, usize>,
    /// The part of the last delta: nearly always the part of the next one.
    last: Option<(Key, usize)>,
}

impl Parts {
    /// Position of the part, new if need be; `None` when the response has too many.
    pub(super) fn at(&mut self, key: Key) -> Option<usize> {
        match self.last {
            Some((last, at)) if last == key => Some(at),
            _ => self.find(key),
        }
    }

    /// The part at a position that [`Parts::at`] gave.
    pub(super) fn part(&mut self, at: usize) -> &mut Part {
        &mut self.list[at]
    }

    pub(super) fn start(&self, key: Key) -> Option<u64> {
        self.by_key.get(&key).and_then(|at| self.list[*at].start)
    }

    /// Whether nothing of the text was said; enters nothing.
    pub(super) fn is_unsaid(&self, key: Key) -> bool {
        self.by_key.get(&key).is_none_or(|at| self.list[*at].said.is_empty())
    }

    fn find(&mut self, key: Key) -> Option<usize> {
        let next = self.list.len();
        let at = match self.by_key.get(&key) {
            Some(at) => *at,
            None if next == MAX_PARTS => return None,
            None => {
                self.by_key.insert(key, next);
                self.list.reserve_exact(usize::from(next == 0)); // one is the rule
                self.list.push(Part::default());
                next
            }
        };
        self.last = Some((key, at));
        Some(at)
    }
}
