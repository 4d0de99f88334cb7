//! Which output answers which call: by id and type; where the ids are the same, in order; without an id, in order too.
//!
//! Input: the items. Output: for each item its other half. State: the calls that wait for their outputs, by what they are
//! looked up with, so that each output costs the same however many there are.

use crate::json::tree::Node;
use crate::request::item_types::{CUSTOM_OUTPUT, FUNCTION_OUTPUT, Item, Part};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};

type Id<'t> = Cow<'t, [u8]>;

/// The other half of each item, by index.
pub(in crate::request) struct Answers<'t> {
    halves: Vec<Option<usize>>,
    /// Ids of calls that the dialect has no form of.
    lost: HashSet<Id<'t>>,
}

/// Calls that wait for their outputs, by index and in order, under the type of output that they expect.
#[derive(Default)]
struct Waiting<'t> {
    by_id: HashMap<(&'static str, Id<'t>), VecDeque<usize>>,
    /// By the `id` of the item: some clients confuse it with `call_id`.
    by_item: HashMap<Id<'t>, usize>,
    without_id: HashMap<&'static str, VecDeque<usize>>,
}

impl<'t> Answers<'t> {
    pub(in crate::request) fn of(items: &[Item<'t>]) -> Self {
        let mut answers = Self { halves: vec![None; items.len()], lost: HashSet::new() };
        let mut waiting = Waiting::default();
        for item in items {
            match item.part() {
                Part::Call { output, .. } => waiting.add(item, output),
                Part::OpenCall => answers.lost.extend(item.call_id().map(|(_, id)| id.unescaped())),
                Part::Output | Part::None => {}
            }
        }
        for output in items.iter().filter(|item| item.part() == Part::Output) {
            if let Some(call) = waiting.named(output) {
                answers.pair(call, output.index());
            }
        }
        answers.in_order(items, &mut waiting);
        answers
    }

    /// The item that belongs to this one.
    pub(in crate::request) fn half(&self, item: &Item<'_>) -> Option<usize> {
        self.halves.get(item.index()).copied().flatten()
    }

    /// Whether its call is one that the dialect has no form of.
    pub(in crate::request) fn is_lost(&self, output: &Item<'_>) -> bool {
        output.call_id().is_some_and(|(_, id)| self.lost.contains(&id.unescaped()))
    }

    /// Outputs that name no call answer one before them: one without an id, else the last that is open.
    fn in_order(&mut self, items: &[Item<'t>], waiting: &mut Waiting<'t>) {
        let mut open = Vec::new();
        for item in items {
            match item.part() {
                Part::Call { output, .. } => open.push((item.index(), output)),
                Part::Output if self.half(item).is_none() && !self.is_lost(item) => {
                    while open.last().is_some_and(|(call, _)| self.halves[*call].is_some()) {
                        open.pop();
                    }
                    let is_free = |call: &usize| self.halves[*call].is_none();
                    let last = open
                        .last()
                        .filter(|(_, own)| item.call_id().is_none() && expected(item).contains(own));
                    let call = waiting.unnamed(item, is_free).or_else(|| last.map(|(call, _)| *call));
                    if let Some(call) = call {
                        self.pair(call, item.index());
                    }
                }
                _ => {}
            }
        }
    }

    fn pair(&mut self, call: usize, output: usize) {
        self.halves[call] = Some(output);
        self.halves[output] = Some(call);
    }
}

impl<'t> Waiting<'t> {
    fn add(&mut self, call: &Item<'t>, output: &'static str) {
        let queue = match call.call_id() {
            Some((_, id)) => self.by_id.entry((output, id.unescaped())).or_default(),
            None => self.without_id.entry(output).or_default(),
        };
        queue.push_back(call.index());
        if let Some(id) = call.id().and_then(Node::as_str).filter(|id| !id.is_blank()) {
            self.by_item.insert(id.unescaped(), call.index());
        }
    }

    fn named(&mut self, output: &Item<'t>) -> Option<usize> {
        let (_, id) = output.call_id()?;
        let id = id.unescaped();
        expected(output).iter().find_map(|own| self.by_id.get_mut(&(*own, id.clone()))?.pop_front())
    }

    fn unnamed(&mut self, output: &Item<'t>, is_free: impl Fn(&usize) -> bool) -> Option<usize> {
        let id = output.call_id().map(|(_, id)| id.unescaped());
        let named = id.and_then(|id| self.by_item.get(&id)).copied().filter(|call| is_free(call));
        named.or_else(|| {
            expected(output).iter().find_map(|own| {
                let calls = self.without_id.get_mut(own)?;
                while calls.front().is_some_and(|call| !is_free(call)) {
                    calls.pop_front();
                }
                calls.front().is_some_and(|call| *call < output.index()).then(|| calls.pop_front())?
            })
        })
    }
}

/// What the call of an output may expect. Some clients answer a function as a custom tool, and the other way round.
fn expected(output: &Item<'_>) -> [&'static str; 2] {
    match output.kind.name {
        FUNCTION_OUTPUT => [FUNCTION_OUTPUT, CUSTOM_OUTPUT],
        CUSTOM_OUTPUT => [CUSTOM_OUTPUT, FUNCTION_OUTPUT],
        _ if output.is_paired_by_id() => [FUNCTION_OUTPUT; 2],
        own => [own; 2],
    }
}
