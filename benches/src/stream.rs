//! What every seeded stream is made into, and the words in them.

use crate::content::Content;
use bytes::Bytes;

/// Pieces of texts: short and long, ASCII and not, one with an escape.
pub(crate) const WORDS: [&str; 12] = [
    "the ",
    " a",
    "stream",
    " of",
    " events",
    ", and",
    " then",
    " é",
    "日本",
    "\n",
    " x",
    " longer-than-most-words",
];

/// A stream, and what a plain reading of it gives.
#[derive(Debug)]
pub struct Shape {
    /// As in the bench report.
    pub name: &'static str,
    /// The SSE bytes.
    pub stream: Bytes,
    /// Events in it.
    pub events: usize,
    /// What a chat client reads.
    pub content: Content,
}

impl Shape {
    /// Puts the stream half a page from where a large allocation begins. Input and output that advance alike at the same
    /// place of their pages cost a third more: each load waits for an earlier store of which only the low 12 bits are the
    /// same.
    pub(crate) fn new(name: &'static str, stream: &str, events: usize, content: Content) -> Self {
        const HALF: usize = 2048;
        let padded = [&[0; HALF][..], stream.as_bytes()].concat();
        Self { name, stream: Bytes::from(padded).slice(HALF..), events, content }
    }
}
