//! Searches of the web: the server's call, and later what it found.
//!
//! Input: the blocks of both. Output: a search that is over. State: the calls whose results have not come, bounded by
//! [`MAX_HELD_BYTES`].

use super::{MessageLog, MessagesReader};
use crate::answer::{Context, WebSearch, Writer};
use crate::dialect::messages::event::Block;
use crate::json::{Str, Value};
use crate::limits::MAX_HELD_BYTES;
use crate::outcome::NoteCode;

#[derive(Debug, Clone, Default)]
pub(super) struct Searches {
    list: Vec<Search>,
    bytes: usize,
}

#[derive(Debug, Clone, Default)]
struct Search {
    /// JSON string contents.
    id: Vec<u8>,
    /// The same: the arguments.
    input: Vec<u8>,
    is_over: bool,
}

impl Searches {
    pub(super) fn begin(&mut self, block: &Block<'_>) -> usize {
        let id = block.id.map_or(&b""[..], Str::raw).to_vec();
        self.list.push(Search { id, ..Search::default() });
        self.list.len() - 1
    }

    pub(super) fn input(&mut self, nth: usize, piece: Str<'_>) {
        self.bytes += piece.raw().len();
        if self.bytes <= MAX_HELD_BYTES {
            self.list[nth].input.extend_from_slice(piece.raw());
        }
    }

    /// What the block started with, where nothing else came.
    pub(super) fn given(&mut self, nth: usize, input: Option<&[u8]>) {
        if self.list[nth].input.is_empty() {
            self.input(nth, Str::from_raw(input.unwrap_or_default()));
        }
    }
}

impl<L: MessageLog> MessagesReader<L> {
    /// The results of a search. After a pause they come without their call.
    pub(super) fn searched(&mut self, block: &Block<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let id = block.tool_use_id.map_or(&b""[..], Str::raw);
        let known = self.searches.list.iter_mut().find(|search| search.id == id && !search.is_over);
        let search =
            known.map(|search| std::mem::replace(search, Search { is_over: true, ..Search::default() }));
        let search = search.unwrap_or_else(|| Search { id: id.to_vec(), ..Search::default() });
        show(&search, block.content, writer, cx);
    }

    /// Searches whose results never came.
    pub(super) fn end_searches(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        for search in std::mem::take(&mut self.searches.list).iter().filter(|search| !search.is_over) {
            show(search, None, writer, cx);
        }
    }
}

/// `content`: a list of results, or an error. A search without results has failed, as far as the client can know.
fn show(search: &Search, content: Option<Value<'_>>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
    if !writer.shows_searches(cx.options) {
        return cx.facts.note(NoteCode::HostedCall, super::super::WEB_SEARCH.as_bytes());
    }
    let input = Str::from_raw(&search.input).decode();
    let query = Value::document(input.as_bytes()).and_then(|input| input.get("query")?.as_str());
    let (id, has_failed) = (Str::from_raw(&search.id), content.is_none_or(Value::is_object));
    let search = WebSearch { id: Some(id), query, results: content.filter(|_| !has_failed), has_failed };
    writer.web_search(&search, cx);
}
