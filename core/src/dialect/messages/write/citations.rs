//! Citations of web pages, in the form that Messages has for the results of a search.
//!
//! Input: citations of a text. Output: deltas of its block; Messages has no offsets: a citation is of its block. State: which
//! came, and those whose block is not open.

use super::{MessagesWriter, Source};
use crate::answer::{Citation, CitedText, Context, Sighting};
use crate::json::{Str, write};
use crate::outcome::NoteCode;

impl MessagesWriter {
    pub(super) fn cite(&mut self, of: CitedText, citation: &Citation<'_>, cx: &mut Context<'_>) {
        match self.cited.see(of, citation) {
            Sighting::New => {}
            Sighting::Again => return,
            Sighting::TooMany => return cx.facts.note(NoteCode::LimitExceeded, b"annotations"),
        }
        let (own, location) = (Self::cited_block(of), location(citation));
        match (&self.open, &mut self.output) {
            (Some(open), Some(output)) if open.source.is_cited(own) => output.citation(cx.out, &location),
            _ if self.waiting.cite(own, location) => {}
            _ => cx.facts.note(NoteCode::LimitExceeded, b"waiting"),
        }
    }

    /// `None`: whichever text is open, else the next one.
    fn cited_block(of: CitedText) -> Option<Source> {
        match of {
            CitedText::Part(text) => Some(Source::Text(text.item(), text.part())),
            CitedText::Answer => None,
        }
    }

    /// The block of a text has begun.
    pub(super) fn cite_early(&mut self, source: Source, cx: &mut Context<'_>) {
        let Some(output) = &mut self.output else { return };
        for own in [None, Some(source)] {
            for location in self.waiting.citations_of(own) {
                output.citation(cx.out, &location);
            }
        }
    }

    /// Citations whose text never came, or had come and was closed.
    pub(super) fn note_waiting_citations(&mut self, cx: &mut Context<'_>) {
        for _ in self.waiting.citations_left() {
            cx.facts.note(NoteCode::AnnotationDropped, b"url_citation");
        }
    }
}

/// What the page says, and where, is not known here: empty, since clients read these members without a check.
fn location(citation: &Citation<'_>) -> Vec<u8> {
    let text = |key| citation.json.get(key).and_then(crate::json::Value::as_str).map_or(&b""[..], Str::raw);
    let (title, cited, index) =
        (citation.title.map_or(&b""[..], Str::raw), text("cited_text"), text("encrypted_index"));
    let mut out = Vec::new();
    write::pieces(&mut out, [b"{\"type\":\"web_search_result_location\",\"url\":\"", citation.url.raw()]);
    write::pieces(&mut out, [b"\",\"title\":\"", title, b"\",\"cited_text\":\"", cited]);
    write::pieces(&mut out, [b"\",\"encrypted_index\":\"", index, b"\"}"]);
    out
}
