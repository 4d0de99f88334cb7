//! Which output answers which call: by id and type; where the ids are the same, in order; without an id, in order too.
//!
//! Input: the items. Output: for each item its other half. State: the calls that wait for their outputs, by what they are
//! looked up with, so that each output costs the same however many there are.

use crate::json::tree::Node;
use crate::request::item_types::{CUSTOM_OUTPUT, FUNCTION_OUTPUT, Item, Part};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

type Id<'t> = Cow<'t, [u8]>;

/// An item, by index: a request may be all calls, and so what is kept of one is small.
type Index = u32;

/// The other half of each item.
pub(in crate::request) struct Answers<'t> {
    halves: Vec<Option<Index>>,
    /// Ids of calls that the dialect has no form of.
    lost: HashSet<Id<'t>>,
}

/// Calls that wait for their outputs, in order, under the type of output that they expect.
struct Waiting<'t> {
    /// The first of each queue.
    by_id: HashMap<(&'static str, Id<'t>), Option<Index>>,
    without_id: HashMap<&'static str, Option<Index>>,
    /// The call behind each one in its queue.
    behind: Vec<Option<Index>>,
    /// By the `id` of the item: some clients confuse it with `call_id`.
    by_item: HashMap<Id<'t>, Index>,
}

impl<'t> Answers<'t> {
    pub(in crate::request) fn of(items: &[Item<'t>]) -> Self {
        let mut answers = Self { halves: vec![None; items.len()], lost: HashSet::new() };
        let mut waiting = Waiting::none(items.len());
        for item in items.iter().rev() {
            match item.part() {
                Part::Call { output, .. } => waiting.add_before(item, output),
                Part::OpenCall => answers.lost.extend(item.call_id().map(|(_, id)| id.unescaped())),
                Part::Output | Part::None => {}
            }
        }
        for output in items.iter().filter(|item| item.part() == Part::Output) {
            if let Some(call) = waiting.named(output) {
                answers.pair(call, output);
            }
        }
        answers.in_order(items, &mut waiting);
        answers
    }

    /// The item that belongs to this one.
    pub(in crate::request) fn half(&self, item: &Item<'_>) -> Option<usize> {
        self.halves.get(item.index()).copied().flatten().map(|half| half as usize)
    }

    /// Whether its call is one that the dialect has no form of.
    pub(in crate::request) fn is_lost(&self, output: &Item<'_>) -> bool {
        output.call_id().is_some_and(|(_, id)| self.lost.contains(&id.unescaped()))
    }

    fn is_free(&self, call: Index) -> bool {
        self.halves[call as usize].is_none()
    }

    /// Outputs that name no call answer one before them: one without an id, else the last that is open.
    fn in_order(&mut self, items: &[Item<'t>], waiting: &mut Waiting<'t>) {
        let mut open = Vec::new();
        for item in items {
            match item.part() {
                Part::Call { .. } => open.push(item.index() as Index),
                Part::Output if self.half(item).is_none() && !self.is_lost(item) => {
                    while open.pop_if(|call| !self.is_free(*call)).is_some() {}
                    let last = open.last().copied().filter(|call| is_answer(item, &items[*call as usize]));
                    if let Some(call) = waiting.unnamed(item, |call| self.is_free(call)).or(last) {
                        self.pair(call, item);
                    }
                }
                _ => {}
            }
        }
    }

    fn pair(&mut self, call: Index, output: &Item<'_>) {
        self.halves[call as usize] = Some(output.index() as Index);
        self.halves[output.index()] = Some(call);
    }
}

impl<'t> Waiting<'t> {
    fn none(items: usize) -> Self {
        let (by_id, without_id, by_item) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { by_id, without_id, behind: vec![None; items], by_item }
    }

    /// A call that stands before those that are there.
    fn add_before(&mut self, call: &Item<'t>, output: &'static str) {
        let index = call.index() as Index;
        let first = match call.call_id() {
            Some((_, id)) => self.by_id.entry((output, id.unescaped())).or_default(),
            None => self.without_id.entry(output).or_default(),
        };
        self.behind[call.index()] = first.replace(index);
        if let Some(id) = call.id().and_then(Node::as_str).filter(|id| !id.is_blank()) {
            self.by_item.entry(id.unescaped()).or_insert(index);
        }
    }

    fn named(&mut self, output: &Item<'t>) -> Option<Index> {
        let (_, id) = output.call_id()?;
        let id = id.unescaped();
        expected(output).iter().find_map(|own| {
            let first = self.by_id.get_mut(&(*own, id.clone()))?;
            let call = (*first)?;
            *first = self.behind[call as usize];
            Some(call)
        })
    }

    fn unnamed(&mut self, output: &Item<'t>, is_free: impl Fn(Index) -> bool) -> Option<Index> {
        let id = output.call_id().map(|(_, id)| id.unescaped());
        let named = id.and_then(|id| self.by_item.get(&id)).copied().filter(|call| is_free(*call));
        named.or_else(|| {
            expected(output).iter().find_map(|own| {
                let first = self.without_id.get_mut(own)?;
                while let Some(taken) = first.filter(|call| !is_free(*call)) {
                    *first = self.behind[taken as usize];
                }
                let call = first.filter(|call| (*call as usize) < output.index())?;
                *first = self.behind[call as usize];
                Some(call)
            })
        })
    }
}

/// Whether an output without an id may be that of this call.
fn is_answer(item: &Item<'_>, call: &Item<'_>) -> bool {
    let Part::Call { output: own, .. } = call.part() else { return false };
    item.call_id().is_none() && expected(item).contains(&own)
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
