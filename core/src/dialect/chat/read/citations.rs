//! Citations of a chat answer, and the pages that it rests on.
//!
//! Input: annotations, pages as URLs or objects, in a message, in its parts or beside it. Output: each once.

use super::ChatReader;
use crate::answer::{Citation, CitedText, Context, Writer};
use crate::dialect::chat::chunk::{self, Delta, Pages};
use crate::json::{Str, Value};
use crate::outcome::NoteCode;

impl ChatReader {
    /// Citations of the answer, each once. Chat counts from the beginning of the whole content.
    pub(super) fn citations(&mut self, delta: &Delta<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        for annotation in delta.annotations.into_iter().flat_map(Value::elements) {
            match chunk::citation(annotation) {
                Some(own) => self.cite_once(own, 0, writer, cx),
                None => cx.facts.note(NoteCode::AnnotationDropped, b""),
            }
        }
        self.cite_pages(&delta.pages, writer, cx);
    }

    /// What a part of the content cites, with citations or pages; `before`: code points before its text.
    pub(super) fn cite_list(
        &mut self,
        list: Value<'_>,
        before: u64,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        for cited in list.elements() {
            match chunk::citation(cited) {
                Some(own) => self.cite_once(own, before, writer, cx),
                None => self.cite_page(cited, writer, cx),
            }
        }
    }

    fn cite_once(&mut self, own: Value<'_>, before: u64, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if self.is_new_citation(own.raw()) {
            cite(own, before, writer, cx);
        }
    }

    /// Pages: each is cited once.
    pub(super) fn cite_pages(&mut self, pages: &Pages<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let [citations, results] = *pages;
        for page in [results, citations].into_iter().flatten() {
            self.cite_page(page, writer, cx);
        }
    }

    /// A page as a URL or an object, or lists of such; Gemini has more around them.
    fn cite_page(&mut self, page: Value<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if let Some(inner) =
            page.get("groundingChunks").or_else(|| page.get("web").filter(|web| web.is_object()))
        {
            return self.cite_page(inner, writer, cx);
        }
        if page.raw().starts_with(b"[") {
            return page.elements().for_each(|page| self.cite_page(page, writer, cx));
        }
        let text = |key| page.get(key).and_then(Value::as_str).map(|text| text.raw().to_vec());
        let linked = || ["url", "link", "uri"].iter().find_map(|key| text(key));
        let url = page.as_str().map(|url| url.raw().to_vec()).or_else(linked);
        let Some(url) = url.filter(|url| !url.is_empty()) else {
            return cx.facts.note(NoteCode::AnnotationDropped, b"");
        };
        if !self.is_new_citation(&url) {
            return;
        }
        let title = text("title").unwrap_or_default();
        let json = [
            &b"{\"type\":\"url_citation\",\"start_index\":0,\"end_index\":0,\"url\":\""[..],
            &url,
            b"\",\"title\":\"",
            &title,
            b"\"}",
        ]
        .concat();
        cite(Value::of_valid(&json), 0, writer, cx);
    }
}

/// `before`: what its offsets lack.
fn cite(json: Value<'_>, before: u64, writer: &mut dyn Writer, cx: &mut Context<'_>) {
    let text = |key| json.get(key).and_then(Value::as_str);
    let offset = |key| json.get(key).and_then(Value::as_u64).unwrap_or(0).saturating_add(before);
    let citation = Citation {
        url: text("url").unwrap_or(Str::from_raw(b"")),
        title: text("title"),
        start: offset("start_index"),
        end: offset("end_index"),
        json,
    };
    writer.citation(CitedText::Answer, &citation, cx);
}
