//! Which output answers which call: by id and type; where the ids are the same, in order, and rather one that stands before
//! it; without an id, in order too. A call that is said twice before it is answered is one.
//!
//! Input: the items. Output: for each item its other half. State: the calls that wait for their outputs, by what they are
//! looked up with, so that each output costs the same however many there are.

use super::ARGUMENTS;
use crate::json::tree::Node;
use crate::json::{Str, write};
use crate::request::item_types::{CUSTOM_OUTPUT, FUNCTION_OUTPUT, Item, MESSAGE, Part, Role};
use crate::request::open_calls;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};

/// Why a double is left out.
pub(in crate::request) const SAID_BEFORE: &str = "the call before it, said again";

/// What a call asks beside its arguments.
const ASKED: [&str; 5] = ["name", "namespace", "input", ARGUMENTS[1], ARGUMENTS[2]];

type Id<'t> = Cow<'t, [u8]>;

/// An item, by index: a request may be all calls, and so what is kept of one is small.
type Index = u32;

/// The other half of each item.
pub(in crate::request) struct Answers<'t> {
    halves: Vec<Option<Index>>,
    /// Ids of calls that the dialect has no form of.
    lost: HashSet<Id<'t>>,
    /// Calls that one before them is, said again.
    doubles: HashSet<Index>,
}

/// Calls that wait for their outputs, in order, under the type of output that they expect.
struct Waiting<'t> {
    /// The first of each queue.
    by_id: HashMap<(&'static str, Id<'t>), Option<Index>>,
    /// The call behind each one in its queue.
    behind: Vec<Option<Index>>,
    /// By the `id` of the item: some clients confuse it with `call_id`.
    by_item: HashMap<Id<'t>, Index>,
    /// Some calls share an id.
    has_repeats: bool,
}

impl<'t> Answers<'t> {
    pub(in crate::request) fn of(items: &[Item<'t>]) -> Self {
        let (lost, doubles) = (HashSet::new(), HashSet::new());
        let mut answers = Self { halves: vec![None; items.len()], lost, doubles };
        let mut waiting = Waiting::none(items.len());
        for item in items.iter().rev() {
            match item.part() {
                Part::Call { output, .. } => waiting.add_before(item, output),
                Part::OpenCall => answers.lost.extend(item.call_id().map(|(_, id)| id.unescaped())),
                Part::Output | Part::None => {}
            }
        }
        answers.by_id(items, &mut waiting, Item::index);
        answers.by_id(items, &mut waiting, |_| items.len()); // its call may come later
        if waiting.has_repeats {
            answers.find_doubles(items, &waiting);
        }
        answers.in_order(items, &waiting);
        answers
    }

    /// Calls of one turn with all the same, of which nothing answers the later one.
    fn find_doubles(&mut self, items: &[Item<'t>], waiting: &Waiting<'t>) {
        let mut behind = HashMap::new();
        for item in items {
            match item.part() {
                Part::Call { .. } => {
                    let index = item.index() as Index;
                    let first =
                        behind.remove(&index).filter(|first: &Index| is_same(&items[*first as usize], item));
                    if first.is_some() && self.is_free(index) {
                        self.doubles.insert(index);
                    }
                    behind.extend(waiting.behind[item.index()].map(|next| (next, index)));
                }
                Part::Output => behind = HashMap::new(),
                _ if item.kind.name == MESSAGE && item.role != Role::Assistant => behind = HashMap::new(),
                Part::OpenCall | Part::None => {}
            }
        }
    }

    /// Whether this call is one before it, said again.
    pub(in crate::request) fn is_double(&self, call: &Item<'_>) -> bool {
        self.doubles.contains(&(call.index() as Index))
    }

    /// Outputs with a call of their id that stands before an index.
    fn by_id(&mut self, items: &[Item<'t>], waiting: &mut Waiting<'t>, end: impl Fn(&Item<'t>) -> usize) {
        for output in items.iter().filter(|item| item.part() == Part::Output) {
            let is_open = self.half(output).is_none();
            if let Some(call) = is_open.then(|| waiting.named(output, end(output))).flatten() {
                self.pair(call, output);
            }
        }
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

    /// Outputs that name no call, with the calls that are still open before them.
    fn in_order(&mut self, items: &[Item<'t>], waiting: &Waiting<'t>) {
        let mut open: HashMap<&str, VecDeque<Index>> = HashMap::new();
        for item in items {
            match item.part() {
                Part::Call { output, .. } if self.half(item).is_none() && !self.is_double(item) => {
                    open.entry(output).or_default().push_back(item.index() as Index);
                }
                Part::Output if self.half(item).is_none() && !self.is_lost(item) => {
                    let named = waiting.item_named(item).filter(|call| self.is_free(*call));
                    if let Some(call) = named.or_else(|| self.next_open(item, items, &mut open)) {
                        self.pair(call, item);
                    }
                }
                _ => {}
            }
        }
    }

    fn next_open(
        &self,
        output: &Item<'t>,
        items: &[Item<'t>],
        open: &mut HashMap<&str, VecDeque<Index>>,
    ) -> Option<Index> {
        expected(output).iter().find_map(|kind| {
            let queue = open.get_mut(kind)?;
            while queue.front().is_some_and(|call| !self.is_free(*call)) {
                queue.pop_front();
            }
            let item = |call| self.is_free(call).then(|| &items[call as usize]);
            open_calls::take_next(queue, output, item)
        })
    }

    fn pair(&mut self, call: Index, output: &Item<'_>) {
        self.halves[call as usize] = Some(output.index() as Index);
        self.halves[output.index()] = Some(call);
    }
}

impl<'t> Waiting<'t> {
    fn none(items: usize) -> Self {
        Self { by_id: HashMap::new(), behind: vec![None; items], by_item: HashMap::new(), has_repeats: false }
    }

    /// A call that stands before those that are there.
    fn add_before(&mut self, call: &Item<'t>, output: &'static str) {
        let index = call.index() as Index;
        if let Some((_, id)) = call.call_id() {
            let first = self.by_id.entry((output, id.unescaped())).or_default();
            self.behind[call.index()] = first.replace(index);
            self.has_repeats |= self.behind[call.index()].is_some();
        }
        if let Some(id) = call.id().and_then(Node::as_str).filter(|id| !id.is_blank()) {
            self.by_item.entry(id.unescaped()).or_insert(index);
        }
    }

    fn named(&mut self, output: &Item<'t>, end: usize) -> Option<Index> {
        let (_, id) = output.call_id()?;
        let id = id.unescaped();
        expected(output).iter().find_map(|own| {
            let first = self.by_id.get_mut(&(*own, id.clone()))?;
            let call = (*first).filter(|call| (*call as usize) < end)?;
            *first = self.behind[call as usize];
            Some(call)
        })
    }

    /// The call whose item has the id that the output gives.
    fn item_named(&self, output: &Item<'t>) -> Option<Index> {
        let (_, id) = output.call_id()?;
        self.by_item.get(&id.unescaped()).copied()
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

/// Whether two calls under one id ask the same of the same tool.
fn is_same(call: &Item<'_>, other: &Item<'_>) -> bool {
    let is_equal = |key| call.node.get(key).map(Node::raw) == other.node.get(key).map(Node::raw);
    let arguments = |item: &Item<'_>| item.node.text(ARGUMENTS[0]).map(compact);
    let is_given_alike =
        is_equal(ARGUMENTS[0]) || arguments(call).is_some_and(|own| Some(own) == arguments(other));
    call.kind.name == other.kind.name && ASKED.into_iter().all(is_equal) && is_given_alike
}

/// Without white space between the tokens.
fn compact(arguments: Str<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    write::compact(&mut out, &arguments.unescaped());
    out
}
