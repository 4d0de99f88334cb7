//! Which tool calls of a history have an output, which outputs a call, and the ids for those that came without one.
//!
//! Input: the items, with the ids that clients really send. Output: per item its pair. State: none is kept.
//! An output belongs to the call with its id and, where two kinds of calls share the id, to the one of its own kind.
//! Calls of one kind under one id that have outputs of their own are several; doubles of a call are one.
//! Some clients give the `id` of the call's item instead: that counts where no call has the id.
//! What is left over is paired in order: an output without an id answers the next call that nothing else answers.

use super::item_types::{self, Item, Part};
use super::open_calls;
use crate::error::{Error, RejectCode};
use crate::json::Str;
use crate::json::splice::Edits;
use crate::json::tree::{Node, Tree};
use crate::json::write;
use crate::limits::MAX_DETAIL_BYTES;
use crate::outcome::clip;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};
use std::iter;

/// A call, its doubles, and its outputs.
#[derive(Default)]
struct Pair<'t> {
    /// The type of output that the call is owed; empty where that is open.
    owed: &'static str,
    has_output: bool,
    /// An earlier call has the id that it came with.
    is_another: bool,
    /// JSON string contents: as it came, or for a call that came without one or with that of another, what it gets.
    id: Option<Id<'t>>,
    /// The index of its item, the first of them.
    call: usize,
    /// The next one under the same id, of another kind.
    next: Option<usize>,
}

type Id<'t> = Cow<'t, [u8]>;

/// Calls and outputs of an input.
#[derive(Default)]
pub(super) struct Pairs<'t> {
    all: Vec<Pair<'t>>,
    /// The first of each id.
    by_id: HashMap<Id<'t>, usize>,
    /// Position of each item's in `all`.
    of_items: Vec<Option<usize>>,
    /// Outputs, by index, whose id is that of the call's item.
    by_item: HashSet<usize>,
    /// Outputs that take any open call, whatever its kind: chat does not name the kind.
    is_by_order: bool,
    /// Some calls share an id.
    has_repeats: bool,
}

/// Those of the calls under one id that came last: a call, doubles of it that may turn out to be others, whether it is answered.
struct Latest {
    at: usize,
    doubles: VecDeque<usize>,
    is_answered: bool,
}

impl<'t> Pairs<'t> {
    /// `items`: all of the input, each at its index. `is_by_order`: outputs do not name the kind of their call.
    pub(super) fn of(items: &[Item<'t>], is_by_order: bool) -> Self {
        let calls = items.iter().filter(|item| owed(item).is_some()).count();
        let mut pairs = Self {
            is_by_order,
            has_repeats: false,
            by_item: HashSet::new(),
            all: Vec::with_capacity(calls),
            by_id: HashMap::with_capacity(calls),
            of_items: Vec::with_capacity(items.len()),
        };
        for item in items {
            let at = owed(item).map(|owed| pairs.call(item, owed));
            pairs.of_items.push(at);
        }
        let mut left = HashSet::new();
        for item in items.iter().filter(|item| item.part() == Part::Output) {
            let found = item.call_id().and_then(|(_, id)| pairs.answer(&id.unescaped(), item.kind.name));
            pairs.of_items[item.index()] = found;
            if found.is_none() {
                left.insert(item.index());
            }
        }
        if !left.is_empty() {
            pairs.answer_by_item(items, &mut left);
        }
        if pairs.has_repeats {
            pairs.separate(items);
        }
        if !left.is_empty() {
            pairs.answer_in_order(items, &left);
        }
        pairs.make_up_ids(items);
        pairs
    }

    fn call(&mut self, item: &Item<'t>, owed: &'static str) -> usize {
        let at = self.all.len();
        let id = item.call_id().map(|(_, id)| id);
        if let Some(own) = id.and_then(|id| self.add(id, owed, at)) {
            self.has_repeats = true;
            return own;
        }
        let id = id.map(|id| Cow::Borrowed(id.raw()));
        self.all.push(Pair { owed, call: item.index(), id, ..Pair::default() });
        at
    }

    /// A call after an output under its id is another one; so is each of several calls that have as many outputs, or none.
    fn separate(&mut self, items: &[Item<'t>]) {
        let mut turns: HashMap<usize, Latest> = HashMap::new();
        for item in items {
            let Some(at) = self.of_items[item.index()] else { continue };
            let latest = turns.entry(at).or_insert_with(|| Latest::of(at));
            if item.part() == Part::Output {
                if latest.is_answered
                    && let Some(call) = latest.doubles.pop_front()
                {
                    latest.at = self.another(&items[call]);
                }
                latest.is_answered = true;
                self.all[latest.at].has_output = true;
            } else if self.all[at].call != item.index() {
                if latest.is_answered {
                    *latest = Latest::of(self.another(item));
                } else {
                    latest.doubles.push_back(item.index());
                }
            }
            self.of_items[item.index()] = Some(latest.at);
        }
        let open = turns.into_values().filter(|latest| !latest.is_answered);
        let mut open: Vec<_> = open.flat_map(|latest| latest.doubles).collect();
        open.sort_unstable();
        for call in open {
            self.another(&items[call]);
        }
    }

    /// A pair for a call that came with the id of another.
    fn another(&mut self, call: &Item<'t>) -> usize {
        let at = self.all.len();
        let mut id = call.call_id().map_or_else(Vec::new, |(_, id)| id.raw().to_vec());
        id.extend_from_slice(format!("_{}", call.index()).as_bytes());
        while self.by_id.contains_key(&*Str::from_raw(&id).unescaped()) {
            id.push(b'_');
        }
        self.by_id.insert(Cow::Owned(Str::from_raw(&id).unescaped().into_owned()), at);
        let (owed, id) = (owed(call).unwrap_or_default(), Some(Cow::Owned(id)));
        self.all.push(Pair { owed, call: call.index(), id, is_another: true, ..Pair::default() });
        self.of_items[call.index()] = Some(at);
        at
    }

    /// Puts a call that comes to `at` under its id; gives the one of the same kind that is there already.
    fn add(&mut self, id: Str<'t>, owed: &str, at: usize) -> Option<usize> {
        let mut last = *self.by_id.entry(id.unescaped()).or_insert(at);
        if last == at {
            return None;
        }
        while self.all[last].owed != owed {
            let Some(next) = self.all[last].next else {
                self.all[last].next = Some(at);
                return None;
            };
            last = next;
        }
        Some(last)
    }

    /// The call with this id: first of the output's kind, or where outputs do not name theirs, first an open one.
    fn answer(&mut self, id: &[u8], kind: &str) -> Option<usize> {
        let same_id = iter::successors(self.by_id.get(id).copied(), |at| self.all[*at].next);
        let rank = |at: &usize| {
            let pair = &self.all[*at];
            let is_other = pair.owed != kind;
            if self.is_by_order { (pair.has_output, is_other) } else { (is_other, pair.has_output) }
        };
        let at = same_id.min_by_key(rank)?;
        self.all[at].has_output = true;
        Some(at)
    }

    /// Outputs whose id is that of a call's item, where nothing else answers it.
    fn answer_by_item(&mut self, items: &[Item<'t>], left: &mut HashSet<usize>) {
        let is_call = |item: &&Item<'t>| owed(item).is_some();
        let named = |item: &Item<'t>| Some((item.id()?.as_id()?.unescaped(), item.index()));
        let calls: HashMap<_, _> = items.iter().rev().filter(is_call).filter_map(named).collect();
        for output in items.iter().filter(|item| left.contains(&item.index())) {
            let call = output.call_id().and_then(|(_, id)| calls.get(&id.unescaped()));
            let pair = call.and_then(|call| self.of_items[*call]).filter(|at| !self.all[*at].has_output);
            if let Some(at) = pair {
                self.all[at].has_output = true;
                self.of_items[output.index()] = Some(at);
                match self.all[at].id {
                    Some(_) => drop(self.by_item.insert(output.index())),
                    None => self.take_id(at, output),
                }
            }
        }
        left.retain(|output| self.of_items[*output].is_none());
    }

    /// Outputs whose id is blank or unknown, with the calls that are still open before them.
    fn answer_in_order(&mut self, items: &[Item<'t>], left: &HashSet<usize>) {
        let mut open: HashMap<&str, VecDeque<usize>> = HashMap::new();
        for item in items {
            if let (Part::Call { output, .. }, Some(at)) = (item.part(), self.of_items[item.index()]) {
                if !self.all[at].has_output {
                    open.entry(self.queue(output)).or_default().push_back(at);
                }
            } else if left.contains(&item.index()) && !item.is_paired_by_id() {
                let queue = open.get_mut(self.queue(item.kind.name));
                self.of_items[item.index()] = queue.and_then(|queue| self.next_open(item, queue, items));
            }
        }
        // A call that took an output's id has all outputs with it.
        for item in items.iter().filter(|item| left.contains(&item.index())) {
            if self.of_items[item.index()].is_none() {
                let found = item.call_id().and_then(|(_, id)| self.answer(&id.unescaped(), item.kind.name));
                self.of_items[item.index()] = found;
            }
        }
    }

    fn queue(&self, output: &'static str) -> &'static str {
        let is_either = [item_types::FUNCTION_OUTPUT, item_types::CUSTOM_OUTPUT].contains(&output);
        if self.is_by_order && is_either { item_types::FUNCTION_OUTPUT } else { output }
    }

    fn next_open(
        &mut self,
        output: &Item<'t>,
        queue: &mut VecDeque<usize>,
        items: &[Item<'t>],
    ) -> Option<usize> {
        let at = open_calls::take_next(queue, output, |at| Some(&items[self.all[at].call]))?;
        self.all[at].has_output = true;
        self.take_id(at, output);
        Some(at)
    }

    /// A call that came without an id gets that of its output, where no other call has it.
    fn take_id(&mut self, at: usize, output: &Item<'t>) {
        if let Some((_, id)) = output.call_id().filter(|_| self.all[at].id.is_none()) {
            match self.add(id, self.all[at].owed, at) {
                None => self.all[at].id = Some(Cow::Borrowed(id.raw())),
                Some(_) => self.all[at].is_another = true, // one is made up for both
            }
        }
    }

    fn make_up_ids(&mut self, items: &[Item<'t>]) {
        for item in items.iter().filter(|item| matches!(item.part(), Part::Call { .. })) {
            if let Some(at) = self.of_items[item.index()].filter(|at| self.all[*at].id.is_none()) {
                let mut id = item_types::missing_call_id(item.index());
                while self.by_id.contains_key(id.as_bytes()) {
                    id.push('_');
                }
                self.all[at].id = Some(Cow::Owned(id.into_bytes()));
            }
        }
    }

    fn pair(&self, item: &Item<'_>) -> Option<&Pair<'t>> {
        self.of_items.get(item.index()).copied().flatten().map(|at| &self.all[at])
    }

    /// The type that the call of this output expects; `None` without a call.
    pub(super) fn expected(&self, output: &Item<'_>) -> Option<&'static str> {
        self.pair(output).map(|pair| pair.owed)
    }

    pub(super) fn has_output(&self, call: &Item<'_>) -> bool {
        self.pair(call).is_some_and(|pair| pair.has_output)
    }

    /// The id that an item gets which came without one, with that of another call or with its call's other one; JSON string
    /// contents.
    pub(super) fn given_id(&self, item: &Item<'_>) -> Option<&Id<'t>> {
        let pair = self.pair(item)?; // most items have none
        let is_missing = || item.call_id().is_none() && !item.is_paired_by_id();
        pair.id.as_ref().filter(|_| pair.is_another || is_missing() || self.names_item(item))
    }

    /// Whether an output came with the id of its call's item.
    pub(super) fn names_item(&self, output: &Item<'_>) -> bool {
        self.by_item.contains(&output.index())
    }
}

impl Latest {
    fn of(at: usize) -> Self {
        Self { at, doubles: VecDeque::new(), is_answered: false }
    }
}

/// Rejects a request with an output whose call is not in its input, in OpenAI's words.
pub(crate) fn reject_orphans(body: &[u8]) -> Result<(), Error> {
    let tree = super::parse(body, body.len())?;
    let items = item_types::items(tree.root());
    let pairs = Pairs::of(&items, false);
    let is_orphan = |item: &&Item<'_>| item.part() == Part::Output && pairs.expected(item).is_none();
    let Some(orphan) = items.iter().find(is_orphan) else { return Ok(()) };
    let id = orphan.call_id().map_or_else(String::new, |(_, id)| id.decode());
    let message =
        format!("No tool call found for function call output with call_id {}.", clip(&id, MAX_DETAIL_BYTES));
    let path = Some("input".to_owned());
    Err(Error::Rejected { code: RejectCode::UnknownCall, path, offset: None, message })
}

/// The type of output that a call is owed, empty where that is open; `None` for what is no call.
fn owed(item: &Item<'_>) -> Option<&'static str> {
    match item.part() {
        Part::Call { output, .. } => Some(output),
        Part::OpenCall => Some(""),
        Part::Output | Part::None => None,
    }
}

/// An output as a message of the user: its parts, its text, or its JSON as text.
pub(super) fn as_user_text(item: Node<'_>, edits: &Edits) -> Vec<u8> {
    let output = edits.edited(item.get("output").unwrap_or(item));
    let is_parts = Tree::parse(&output).is_ok_and(|tree| {
        let mut parts = tree.root().elements();
        let is_part =
            |part: Node<'_>| part.text("type").is_some_and(|kind| kind.raw().starts_with(b"input_"));
        tree.root().elements().next().is_some() && parts.all(is_part)
    });
    let mut out = Vec::with_capacity(output.len() + 128); // it may be most of a request
    out.extend_from_slice(br#"{"type":"message","role":"user","content":"#);
    if is_parts {
        out.extend_from_slice(&output);
    } else {
        out.extend_from_slice(br#"[{"type":"input_text","text":"#);
        match output.first() {
            Some(b'"') => out.extend_from_slice(&output),
            _ => write::string(&mut out, &String::from_utf8_lossy(&output)),
        }
        out.extend_from_slice(b"}]");
    }
    out.push(b'}');
    out
}
