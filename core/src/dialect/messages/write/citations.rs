//! Citations of web pages, in the form that Messages has for the results of a search.
//!
//! Input: citations of a text. Output: deltas of its block; Messages has no offsets: a citation is of its block. State: which
//! came, and those that came before their text.

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
        let location = location(citation);
        let is_text = |source: &Source| matches!(source, Source::Text(..));
        if self.is_busy() {
            let waits = self.waiting.last().filter(is_text);
            if !waits.is_some_and(|source| self.waiting.cite(source, location)) {
                cx.facts.note(NoteCode::AnnotationDropped, b"url_citation");
            }
            return;
        }
        match (&self.open, &mut self.output) {
            (Some(open), Some(output)) if is_text(&open.source) => output.citation(cx.out, &location),
            _ => self.early_citations.push(location),
        }
    }

    pub(super) fn cite_early(&mut self, cx: &mut Context<'_>) {
        let Some(output) = &mut self.output else { return };
        for location in std::mem::take(&mut self.early_citations) {
            output.citation(cx.out, &location);
        }
    }

    /// Citations whose text never came.
    pub(super) fn note_early_citations(&mut self, cx: &mut Context<'_>) {
        for _ in std::mem::take(&mut self.early_citations) {
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
