//! The citations of an answer, for its end: clients replace an array that comes again.
//!
//! Input: citations, as they come and again in snapshots. Output: each once, counted from the beginning of the content.
//! State: all of them, and where each text part began.

use crate::answer::{Citation, CitedText, SeenCitations, Sighting};
use crate::dialect::chat;

#[derive(Debug, Clone, Default)]
pub(super) struct Citations {
    /// Code points of content before each text part that has begun.
    starts: Vec<(usize, u64)>,
    /// Most answers have none.
    kept: Option<Box<Kept>>,
}

#[derive(Debug, Clone, Default)]
struct Kept {
    list: Vec<Cited>,
    seen: SeenCitations,
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
        let kept = self.kept.get_or_insert_default();
        match kept.seen.see_page(of, citation) {
            Sighting::New => {}
            Sighting::Again => return true,
            Sighting::TooMany => return false,
        }
        let Citation { url, title, start: begin, end, .. } = *citation;
        let title = title.map_or(&b""[..], |title| title.raw());
        let citation = chat::Citation { url: url.raw().into(), title: title.into(), start: begin, end };
        kept.list.push(Cited { part: of.part(), start, citation });
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
