//! Enters: citations of parts, as they come and again in snapshots. Leaves: each once, counted from the beginning of
//! the whole content. Kept until the finish chunk, because clients replace an array that comes again.

use crate::chat::Citation;
use crate::items::ItemRef;
use crate::limits::{MAX_CITATION_BYTES, MAX_CITATIONS};
use crate::responses;
use std::collections::HashSet;

/// Item and `content_index`.
type Part = (ItemRef, u64);

/// Most answers have none.
#[derive(Debug, Default)]
pub(super) struct Citations(Option<Box<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    list: Vec<Citation>,
    /// Part, start, end and URL: what makes a duplicate.
    seen: HashSet<(Part, u64, u64, Box<[u8]>)>,
    bytes: usize,
}

impl Citations {
    /// `shift`: code points of the content before the part. `None` when there are too many.
    pub(super) fn add(&mut self, part: Part, shift: u64, citation: responses::Citation<'_>) -> Option<()> {
        let kept = self.0.get_or_insert_default();
        let responses::Citation { url, title, start, end } = citation;
        let title = title.map_or(&b""[..], |title| title.raw());
        let bytes = kept.bytes + url.raw().len() + title.len();
        if kept.seen.contains(&(part, start, end, url.raw().into())) {
            return Some(());
        }
        if kept.list.len() == MAX_CITATIONS || bytes > MAX_CITATION_BYTES {
            return None;
        }
        kept.bytes = bytes;
        kept.seen.insert((part, start, end, url.raw().into()));
        let (start, end) = (start.saturating_add(shift), end.saturating_add(shift));
        kept.list.push(Citation { url: url.raw().into(), title: title.into(), start, end });
        Some(())
    }

    pub(super) fn list(&self) -> &[Citation] {
        self.0.as_ref().map_or(&[], |kept| &kept.list)
    }
}
