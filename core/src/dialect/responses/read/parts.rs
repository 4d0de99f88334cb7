//! The texts of a response: which part of which item a text event or snapshot is about, and how much of it was passed on.
//!
//! Input: item, kind and index. Output: the part, as its position in the order of first sight. State: length and digest of
//! each part, never its text; bounded by [`MAX_PARTS`].
//!
//! | given | is the part that |
//! |---|---|
//! | an index that was opened or used | has it |
//! | another index, of a delta | is the latest of its item and kind, while nothing has closed that: some servers count deltas; else new |
//! | another index, of a snapshot | is the latest where deltas were counted; else goes on with all that came, or is new |

use crate::answer::TextKind;
use crate::dialect::responses::ItemRef;
use crate::json::{Progress, Str, Value};
use crate::limits::MAX_PARTS;
use std::collections::HashMap;

/// Item, kind, and `content_index` or `summary_index`.
type Key = (ItemRef, TextKind, u64);

/// Position in the order of first sight.
pub(super) type PartRef = usize;

#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    pub(super) said: Progress,
    /// The index that it had first.
    pub(super) index: u64,
    /// A snapshot disagreed; noted once.
    pub(super) is_inconsistent: bool,
    /// The tokens that came with logprobs.
    tokens: Progress,
    is_closed: bool,
    /// Deltas with other indexes went here: the server counts deltas, not parts.
    pub(super) is_counted: bool,
    /// The last of these indexes.
    counted_to: u64,
    /// The part of the same item and kind before it.
    before: Option<PartRef>,
}

impl Part {
    /// Logprobs came of these tokens.
    pub(super) fn note_tokens(&mut self, logprobs: Option<Value<'_>>) {
        let tokens = logprobs.into_iter().flat_map(Value::elements);
        tokens.for_each(|token| self.tokens.push(token_text(token)));
    }

    /// Those that never came, of all of a text; none where they are of other tokens.
    pub(super) fn rest_of_tokens(&self, logprobs: Value<'_>) -> Option<Vec<u8>> {
        let (mut seen, mut rest) = (Progress::default(), logprobs.elements());
        while seen != self.tokens {
            seen.push(token_text(rest.next()?));
        }
        let rest: Vec<_> = rest.map(Value::raw).collect();
        (!rest.is_empty()).then(|| [b"[", &rest.join(&b","[..])[..], b"]"].concat())
    }
}

fn token_text(token: Value<'_>) -> Str<'_> {
    token.get("token").and_then(Value::as_str).unwrap_or(Str::from_raw(b""))
}

/// The latest part of each kind of one item.
pub(super) type Latest = [Option<u32>; 4];

#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    list: Vec<Part>,
    by_key: HashMap<Key, PartRef>,
    /// The part of the last delta: nearly always the part of the next one.
    last: Option<(Key, PartRef)>,
}

/// Where a snapshot belongs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Snapshot<'a> {
    /// It is of this part.
    Of(PartRef),
    /// It repeats what came in its item and kind, the last of it in this part; what it adds to that.
    Continues(PartRef, Str<'a>),
    New,
}

impl Parts {
    /// The part of a delta or an annotation, new if need be; `None` when the response has too many.
    pub(super) fn at(
        &mut self,
        item: ItemRef,
        kind: TextKind,
        index: u64,
        latest: &mut Latest,
    ) -> Option<PartRef> {
        let key = (item, kind, index);
        match self.last {
            Some((last, at)) if last == key => Some(at),
            _ => {
                let known = self.by_key.get(&key).copied();
                let at = known.or_else(|| self.count(key, latest));
                let at = at.or_else(|| self.open(item, kind, index, latest))?;
                self.last = Some((key, at));
                Some(at)
            }
        }
    }

    /// A new part; `None` when the response has too many.
    pub(super) fn open(
        &mut self,
        item: ItemRef,
        kind: TextKind,
        index: u64,
        latest: &mut Latest,
    ) -> Option<PartRef> {
        let next = self.list.len();
        if next == MAX_PARTS {
            return None;
        }
        self.by_key.insert((item, kind, index), next);
        self.last = None;
        self.list.reserve_exact(usize::from(next == 0)); // one is the rule
        let before = latest[kind as usize].replace(next as u32).map(|before| before as PartRef);
        self.list.push(Part { index, before, ..Part::default() });
        Some(next)
    }

    /// Whether an index was opened or used.
    pub(super) fn has(&self, item: ItemRef, kind: TextKind, index: u64) -> bool {
        self.by_key.contains_key(&(item, kind, index))
    }

    /// The latest part of an item and kind, if nothing has closed it.
    fn open_part(&self, kind: TextKind, latest: &Latest) -> Option<PartRef> {
        latest[kind as usize].map(|at| at as PartRef).filter(|at| !self.list[*at].is_closed)
    }

    fn count(&mut self, key: Key, latest: &Latest) -> Option<PartRef> {
        let at = self.open_part(key.1, latest)?;
        self.list[at].is_counted |= !self.list[at].said.is_empty() || self.list[at].index != key.2;
        self.list[at].counted_to = key.2;
        Some(at)
    }

    /// Where the snapshot of a text belongs, by its index.
    pub(super) fn snapshot<'a>(
        &self,
        item: ItemRef,
        kind: TextKind,
        index: u64,
        whole: Str<'a>,
        latest: &Latest,
    ) -> Snapshot<'a> {
        let is_counted = |at: &PartRef| {
            let part = &self.list[*at];
            part.is_counted && (!part.is_closed || (part.index..=part.counted_to).contains(&index))
        };
        let counted = || latest[kind as usize].map(|at| at as PartRef).filter(is_counted);
        if let Some(at) = self.by_key.get(&(item, kind, index)).copied().or_else(counted) {
            return Snapshot::Of(at);
        }
        let all = self.all(kind, latest);
        match (all.last(), self.rest_after(&all, whole)) {
            (Some(last), Some(rest)) => Snapshot::Continues(*last, rest),
            _ => Snapshot::New,
        }
    }

    /// Nothing more streams in this part.
    pub(super) fn close(&mut self, at: PartRef) {
        self.last = None; // what has another index is of a new one from here on
        self.list[at].is_closed = true;
    }

    pub(super) fn part(&mut self, at: PartRef) -> &mut Part {
        &mut self.list[at]
    }

    pub(super) fn get(&self, at: PartRef) -> &Part {
        &self.list[at]
    }

    /// The parts of one item and kind, by index.
    pub(super) fn all(&self, kind: TextKind, latest: &Latest) -> Vec<PartRef> {
        let first = latest[kind as usize].map(|at| at as PartRef);
        let mut all: Vec<_> = std::iter::successors(first, |at| self.list[*at].before).collect();
        all.reverse();
        all.sort_by_key(|at| self.list[*at].index);
        all
    }

    /// What `whole` adds to these parts, one after the other; `None` where it is another text.
    pub(super) fn rest_after<'a>(&self, parts: &[PartRef], whole: Str<'a>) -> Option<Str<'a>> {
        parts.iter().try_fold(whole, |rest, at| self.list[*at].said.rest_of(rest))
    }

    /// The same for a whole that has paragraphs where parts were.
    pub(super) fn rest_after_paragraphs<'a>(&self, parts: &[PartRef], whole: Str<'a>) -> Option<Str<'a>> {
        parts.iter().enumerate().try_fold(whole, |rest, (nth, at)| {
            let gap: &[u8] = if nth == 0 { b"" } else { br"\n\n" };
            self.list[*at].said.rest_of(Str::from_raw(rest.raw().strip_prefix(gap)?))
        })
    }
}
