//! An upstream's body before anybody knows what it is.
//!
//! Input: its first chunks. Output: what it is, and of a page enough for an error envelope. State: at most
//! [`MAX_PAGE_BYTES`] of it, without the white space before it.

use super::{is_document, is_list, is_sse};
use crate::limits::{MAX_HEAD_BYTES, MAX_PAGE_BYTES};

/// What a body turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// An event stream.
    Stream,
    /// JSON: a whole answer, or an error.
    Document,
    /// Neither: text, HTML.
    Page,
}

impl BodyKind {
    /// The same string in three languages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Document => "document",
            Self::Page => "page",
        }
    }
}

/// The beginning of an upstream's body, for whoever reads one that may be an error: each byte is looked at once, and 1 MiB
/// is kept. Feed it until the kind is known, and on while that is no stream.
///
/// ```
/// let mut page = sluicegate::Page::default();
/// page.feed(b"\n \n");
/// assert_eq!(page.kind(), None);
/// page.feed(b"<html>");
/// assert_eq!((page.kind(), page.bytes()), (Some(sluicegate::BodyKind::Page), &b"<html>"[..]));
/// ```
#[derive(Debug, Default)]
pub struct Page {
    kept: Vec<u8>,
    /// White space before it.
    blank: usize,
    is_cut: bool,
    kind: Option<BodyKind>,
}

impl Page {
    /// What a transport may hold back, while the status is open, of comments and blank lines that it will pass on.
    pub const MAX_HEAD_BYTES: usize = MAX_HEAD_BYTES;

    /// Takes the next bytes.
    pub fn feed(&mut self, chunk: &[u8]) {
        let begun = if self.kept.is_empty() { chunk.trim_ascii_start() } else { chunk };
        let kept = &begun[..begun.len().min(MAX_PAGE_BYTES - self.kept.len())];
        self.kept.extend_from_slice(kept);
        self.is_cut |= kept.len() < begun.len();
        self.blank = self.blank.saturating_add(chunk.len() - begun.len());
        self.kind = self.kind.or_else(|| self.sniff());
    }

    /// What it is; `None` while nothing but white space came.
    pub fn kind(&self) -> Option<BodyKind> {
        self.kind
    }

    /// What came, without the white space before it.
    pub fn bytes(&self) -> &[u8] {
        &self.kept
    }

    /// Whether some of it had no room.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether what is still to come is not worth reading, if this is no answer.
    pub fn is_full(&self) -> bool {
        self.kept.len() == MAX_PAGE_BYTES || self.blank >= MAX_PAGE_BYTES
    }

    fn sniff(&mut self) -> Option<BodyKind> {
        let mark = "\u{feff}".as_bytes();
        if let Some(text) = self.kept.strip_prefix(mark) {
            let blank = text.len() - text.trim_ascii_start().len(); // white space, as before the mark
            self.blank += blank;
            self.kept.drain(mark.len()..mark.len() + blank);
        }
        Some(match is_sse(&self.kept)? {
            true => BodyKind::Stream,
            false if is_document(&self.kept) == Some(true) || is_list(&self.kept) => BodyKind::Document,
            false => BodyKind::Page,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{BodyKind, MAX_PAGE_BYTES, Page};

    fn fed(chunks: &[&[u8]]) -> Page {
        let mut page = Page::default();
        for chunk in chunks {
            page.feed(chunk);
        }
        page
    }

    #[test]
    fn the_kind_is_the_same_however_it_is_cut() {
        let bodies: [(&[u8], Option<BodyKind>); 9] = [
            (b" \r\n", None),
            (b"\xef\xbb\xbf \n", None),
            (b"\n\ndata: x", Some(BodyKind::Stream)),
            (b"\xef\xbb\xbf: ping", Some(BodyKind::Stream)),
            (b" {\"a\":1}", Some(BodyKind::Document)),
            (b"\xef\xbb\xbf\n{\"a\":1}", Some(BodyKind::Document)),
            (b"[1]", Some(BodyKind::Document)),
            (b"<html>", Some(BodyKind::Page)),
            (b"\xef\xbf", Some(BodyKind::Page)),
        ];
        for (body, kind) in bodies {
            let bytes: Vec<_> = body.chunks(1).collect();
            assert_eq!((fed(&[body]).kind(), fed(&bytes).kind()), (kind, kind), "{body:?}");
            assert_eq!(fed(&bytes).bytes(), fed(&[body]).bytes(), "{body:?}");
        }
        let names = [BodyKind::Stream, BodyKind::Document, BodyKind::Page].map(BodyKind::as_str);
        assert_eq!(names, ["stream", "document", "page"]);
        assert_eq!(fed(&[b" ", b"\n<html>"]).bytes(), b"<html>");
    }

    #[test]
    fn an_endless_body_is_full_and_bounded() {
        let chunk = [b'x'; 4096];
        for (first, is_cut) in [(&b"<"[..], true), (b" ", false), (b"{", true)] {
            let chunk = if first == b" " { [b' '; 4096] } else { chunk };
            let mut page = fed(&[first]);
            for _ in 0..=MAX_PAGE_BYTES / chunk.len() {
                page.feed(&chunk);
            }
            assert!(page.is_full() && page.kept.capacity() <= 2 * MAX_PAGE_BYTES);
            assert_eq!(page.is_cut(), is_cut);
        }
        assert!(!fed(&[b"<", &chunk]).is_full());
    }

    #[test]
    fn only_what_has_no_room_is_cut() {
        let half = vec![b'x'; MAX_PAGE_BYTES / 2];
        let mut page = fed(&[b"\n ", &half]);
        assert!(!page.is_full());
        page.feed(&half);
        assert!(page.is_full() && !page.is_cut()); // the white space took no room
        page.feed(b"x");
        assert!(page.is_cut() && page.bytes().len() == MAX_PAGE_BYTES);
    }

    #[test]
    fn white_space_after_a_mark_is_counted_once() {
        let mark = "\u{feff}".as_bytes();
        let mut page = fed(&[mark]);
        for _ in 1..MAX_PAGE_BYTES / 2 {
            page.feed(b"  ");
        }
        assert!(!page.is_full());
        page.feed(b"  ");
        assert!(page.is_full() && !page.is_cut() && page.bytes() == mark);
    }
}
