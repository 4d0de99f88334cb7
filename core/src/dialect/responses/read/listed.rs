//! The items of a terminal `output`: which of those that streamed each is.
//!
//! Input: the items as they are listed. Output: the item that each is, new where none has come. State: the parent's.

use super::{ItemLog, ResponsesReader};
use crate::dialect::responses::{Identity, Item, ItemType};
use crate::json::{Progress, Str};
use std::collections::HashMap;

impl<L: ItemLog> ResponsesReader<L> {
    /// Which item each of a terminal `output` is; one that is in it twice is one.
    pub(super) fn match_terminal(&mut self, output: &[Item<'_>]) -> Vec<Option<usize>> {
        let firsts = firsts(output);
        let own: Vec<_> = (0..output.len()).filter(|nth| firsts[*nth] == *nth).collect();
        let mut matched = vec![None; output.len()];
        let found = self.match_items(&own.iter().map(|nth| output[*nth]).collect::<Vec<_>>());
        own.iter().zip(found).for_each(|(nth, found)| matched[*nth] = found);
        firsts.iter().map(|first| matched[*first]).collect()
    }

    fn match_items(&mut self, output: &[Item<'_>]) -> Vec<Option<usize>> {
        let identities: Vec<_> = output.iter().map(|item| Identity::of(item, None)).collect();
        let Self { items, calls, states, .. } = self;
        let is_empty = |item: usize| {
            states.get(item).is_none_or(|state| state.latest == [None; 4] && !state.has_image)
                && calls.is_hollow(item)
        };
        let mut like: Option<HashMap<_, _>> = None;
        items.match_terminal(&identities, is_empty, |nth| {
            let item = &output[nth];
            let name = item.name.filter(|_| item.item_type.is_call())?;
            let like = like.get_or_insert_with(|| {
                let mut like: HashMap<_, std::collections::VecDeque<_>> = HashMap::new();
                for (item, name, arguments) in calls.contents() {
                    like.entry((name, arguments)).or_default().push_back(item);
                }
                like
            });
            if like.is_empty() {
                return None; // no call has come: its arguments need not be read
            }
            let mut buffer = Vec::new();
            let arguments = item.arguments.and_then(|arguments| arguments.as_text(&mut buffer));
            let arguments = arguments.unwrap_or(Str::from_raw(b""));
            let mut pop = |arguments| like.get_mut(&(name.raw(), arguments))?.pop_front();
            let is_function = item.item_type == ItemType::FunctionCall;
            let found = pop(Progress::of(arguments));
            found.or_else(|| Progress::spaced_otherwise(arguments).filter(|_| is_function).find_map(pop))
        })
    }
}

/// The first of `output` that each element repeats, id and content: mostly itself.
fn firsts(output: &[Item<'_>]) -> Vec<usize> {
    let mut by_id = HashMap::new();
    let items = output.iter().enumerate();
    let first = items.map(|(nth, item)| {
        let Some(id) = item.id.or(item.call_id) else { return nth };
        let first = *by_id.entry(id.raw()).or_insert(nth);
        if first != nth && output[first].is_same(item) { first } else { nth }
    });
    first.collect()
}
