//! Which citations of an answer came: snapshots bring them again.
//!
//! Input: citations. Output: whether each is new. State: what makes each its own, bounded by [`MAX_CITATIONS`] and
//! [`MAX_CITATION_BYTES`].

use super::{Citation, CitedText};
use crate::limits::{MAX_CITATION_BYTES, MAX_CITATIONS};
use std::collections::HashSet;

/// Most answers have none.
#[derive(Debug, Clone, Default)]
pub(crate) struct SeenCitations(Option<Box<Seen>>);

#[derive(Debug, Clone, Default)]
struct Seen {
    keys: HashSet<CitationKey>,
    bytes: usize,
}

/// Part, start, end and URL: what makes a duplicate.
type CitationKey = (Option<usize>, u64, u64, Box<[u8]>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sighting {
    New,
    Again,
    TooMany,
}

impl SeenCitations {
    pub(crate) fn see(&mut self, of: CitedText, citation: &Citation<'_>) -> Sighting {
        let seen = self.0.get_or_insert_default();
        let Citation { url, title, start, end, .. } = *citation;
        let key = (of.part(), start, end, url.raw().into());
        if seen.keys.contains(&key) {
            return Sighting::Again;
        }
        seen.bytes += url.raw().len() + title.map_or(0, |title| title.raw().len());
        if seen.keys.len() == MAX_CITATIONS || seen.bytes > MAX_CITATION_BYTES {
            return Sighting::TooMany;
        }
        seen.keys.insert(key);
        Sighting::New
    }
}
