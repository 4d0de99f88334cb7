//! The citations of an answer, for its end: clients replace an array that comes again.
//!
//! Input: citations, as they come and again in snapshots. Output: each once, counted from the beginning of the content.
//! State: all of them, and where each text part began; bounded by [`MAX_CITATIONS`] and [`MAX_CITATION_BYTES`].

use crate::answer::{Citation, CitedText};
use crate::dialect::chat;
use crate::limits::{MAX_CITATION_BYTES, MAX_CITATIONS};
use std::collections::HashSet;

#[derive(Debug, Clone, Default)]
pub(super) struct Citations {
    /// Code points of content before each text part that has begun.
    starts: Vec<(usize, u64)>,
    /// Most answers have none.
    kept: Option<Box<Kept>>,
}

/// Part, start, end and URL: what makes a duplicate.
type CitationKey = (Option<usize>, u64, u64, Box<[u8]>);

#[derive(Debug, Clone, Default)]
struct Kept {
    list: Vec<Cited>,
    seen: HashSet<CitationKey>,
    bytes: usize,
}

#[derive(Debug, Clone)]
struct Cited {
    /// `None`: the offsets are those of the content.
    part: Option<usize>,
    /// Where the part begins, as far as was known when the citation came.
    start: u64,
    citation: chat::Citation,
}

impl Citations {
    /// A text part begins behind `start` code points of content.
    pub(super) fn begin(&mut self, part: usize, start: u64) {
        self.starts.reserve_exact(usize::from(self.starts.is_empty())); // one is the rule
        self.starts.push((part, start));
    }

    /// `start`: where the part would begin now. `false` where there are too many.
    pub(super) fn add(&mut self, of: CitedText, start: u64, citation: &Citation<'_>) -> bool {
        let part = match of {
            CitedText::Part(text) => Some(text.part()),
            CitedText::Answer => None,
        };
        let kept = self.kept.get_or_insert_default();
        let Citation { url, title, start: begin, end, .. } = *citation;
        let title = title.map_or(&b""[..], |title| title.raw());
        let bytes = kept.bytes + url.raw().len() + title.len();
        let key = (part, begin, end, url.raw().into());
        if kept.seen.contains(&key) {
            return true;
        }
        if kept.list.len() == MAX_CITATIONS || bytes > MAX_CITATION_BYTES {
            return false;
        }
        kept.bytes = bytes;
        kept.seen.insert(key);
        let citation = chat::Citation { url: url.raw().into(), title: title.into(), start: begin, end };
        kept.list.push(Cited { part, start, citation });
        true
    }

    /// All of them, in the order they came.
    pub(super) fn take(&mut self) -> Vec<chat::Citation> {
        let Some(kept) = self.kept.take() else { return Vec::new() };
        self.starts.sort_unstable();
        let start_of = |part: usize| {
            let at = self.starts.binary_search_by_key(&part, |(part, _)| *part).ok()?;
            Some(self.starts[at].1)
        };
        let shifted = kept.list.into_iter().map(|Cited { part, start, citation }| {
            let shift = part.map_or(0, |part| start_of(part).unwrap_or(start));
            let [start, end] = [citation.start, citation.end].map(|offset| offset.saturating_add(shift));
            chat::Citation { start, end, ..citation }
        });
        shifted.collect()
    }
}
