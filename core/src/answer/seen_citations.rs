//! Which citations of an answer came: snapshots bring them again.
//!
//! Input: citations. Output: whether each is new. State: what makes each its own, bounded by [`MAX_CITATIONS`] and
//! [`MAX_CITATION_BYTES`].

use super::{Citation, CitedText};
use crate::json::{Str, Value};
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

/// Part, start, end, URL, and what of the page is cited: what makes a duplicate.
type CitationKey = (Option<usize>, u64, u64, Box<[u8]>, Box<[u8]>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sighting {
    New,
    Again,
    TooMany,
}

impl SeenCitations {
    /// Of clients that are not told what of a page is cited.
    pub(crate) fn see_page(&mut self, of: CitedText, citation: &Citation<'_>) -> Sighting {
        self.see_key(of, citation, b"")
    }

    pub(crate) fn see(&mut self, of: CitedText, citation: &Citation<'_>) -> Sighting {
        let cited = citation.json.get("cited_text").and_then(Value::as_str);
        self.see_key(of, citation, cited.map_or(b"", Str::raw))
    }

    fn see_key(&mut self, of: CitedText, citation: &Citation<'_>, cited: &[u8]) -> Sighting {
        let seen = self.0.get_or_insert_default();
        let Citation { url, title, start, end, .. } = *citation;
        let key = (of.part(), start, end, url.raw().into(), cited.into());
        if seen.keys.contains(&key) {
            return Sighting::Again;
        }
        seen.bytes += url.raw().len() + cited.len() + title.map_or(0, |title| title.raw().len());
        if seen.keys.len() == MAX_CITATIONS || seen.bytes > MAX_CITATION_BYTES {
            return Sighting::TooMany;
        }
        seen.keys.insert(key);
        Sighting::New
    }
}
