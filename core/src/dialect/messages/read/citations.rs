//! Citations of a text block.
//!
//! Input: a location, once its block is over: Messages cites with whole blocks. Output: citations of web pages, with offsets
//! in the answer. State: none. Locations in documents have no place in other dialects.

use super::{MessageLog, MessagesReader};
use crate::answer::{Citation, CitedText, Context, Writer};
use crate::json::{Str, Value};
use crate::outcome::NoteCode;

impl<L: MessageLog> MessagesReader<L> {
    /// `start`: where the block begins.
    pub(super) fn cite(
        &self,
        location: Value<'_>,
        start: u64,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let text = |key| location.get(key).and_then(Value::as_str);
        let source = text("source").filter(|source| source.raw().starts_with(b"http"));
        let Some(url) = text("url").or(source) else {
            return cx.facts.note(NoteCode::AnnotationDropped, kind(location));
        };
        let citation = Citation { url, title: text("title"), start, end: self.length, json: location };
        writer.citation(CitedText::Answer, &citation, cx);
    }
}

/// What a location is called, for notes.
pub(super) fn kind(location: Value<'_>) -> &[u8] {
    location.get("type").and_then(Value::as_str).map_or(b"citation", Str::raw)
}
