//! Searches of the web, and other calls that ran on the server.
//!
//! Input: items. Output: each once, when it is over. A search that says neither what was looked for nor what was found, such as
//! an `open_page` without a page, is part of another. State: the parent's.

use super::{ItemLog, ResponsesReader};
use crate::answer::{Context, WebSearch, Writer};
use crate::dialect::responses::{Item, ItemRef, ItemType};
use crate::json::{Str, Value};

impl<L: ItemLog> ResponsesReader<L> {
    /// A search of the web, once.
    pub(super) fn web_search(
        &mut self,
        at: ItemRef,
        item: &Item<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let search = search_of(item);
        let says_nothing = search.query.is_none() && search.results.is_none() && !search.has_failed;
        if !says_nothing && !std::mem::replace(&mut self.states[at].has_search, true) {
            writer.web_search(&search, cx);
        }
    }

    /// At the end: that the web was searched, where no search says more.
    pub(super) fn search_without_a_query(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let is_search = |at: &ItemRef| self.items.item_type(*at) == ItemType::WebSearch;
        let mut searches = (0..self.items.len()).filter(is_search);
        let is_shown = |at: ItemRef| self.states[at].has_search;
        if writer.shows_searches(cx.options) && searches.clone().next().is_some() && !searches.any(is_shown) {
            writer.web_search(&WebSearch { id: None, query: None, results: None, has_failed: false }, cx);
        }
    }

    /// Another call that ran on the server, once.
    pub(super) fn hosted_call(
        &mut self,
        at: ItemRef,
        item: &Item<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        if std::mem::replace(&mut self.states[at].has_search, true) {
            return;
        }
        let name = item.type_name.raw();
        writer.hosted_call(name.strip_suffix(b"_call").unwrap_or(name), cx);
    }

    /// Whether a call that ran on the server is written once it is over.
    pub(super) fn shows(item: &Item<'_>, writer: &dyn Writer, cx: &Context<'_>) -> bool {
        match item.item_type {
            ItemType::WebSearch => writer.shows_searches(cx.options),
            ItemType::Hosted => writer.shows_hosted(cx.options),
            _ => false,
        }
    }
}

fn search_of<'a>(item: &Item<'a>) -> WebSearch<'a> {
    let of = |key| item.action.and_then(|action| action.get(key));
    let text = |value: Value<'a>| value.as_str().filter(|text: &Str<'_>| !text.is_empty());
    let queries = || of("queries")?.elements().find_map(text);
    let query = of("query").and_then(text).or_else(queries).or_else(|| of("url").and_then(text));
    let results = of("sources").filter(|list| list.elements().next().is_some());
    WebSearch { id: item.id, query, results, has_failed: item.is_failed }
}
