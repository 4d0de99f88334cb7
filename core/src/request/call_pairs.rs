//! Which tool calls of a history have an output, and which outputs a call.

use super::item_types::{Item, Part};
use crate::json::splice::Edits;
use crate::json::tree::Node;
use crate::json::write;
use std::collections::HashMap;

/// What is in an input under one call id.
#[derive(Default)]
struct Pair {
    /// The type of output that the call is owed; empty where that is open, `None` without a call.
    owed: Option<&'static str>,
    has_output: bool,
}

/// Calls and outputs of an input, by call id.
#[derive(Default)]
pub(super) struct Pairs {
    all: Vec<Pair>,
    /// Position of each item's in `all`.
    of_items: Vec<Option<usize>>,
}

impl Pairs {
    /// `items`: all of the input, each at its index.
    pub(super) fn of(items: &[Item<'_>]) -> Self {
        let mut pairs = Self::default();
        let mut by_id = HashMap::with_capacity(items.len() / 2);
        for item in items {
            let id = (item.part != Part::None).then(|| item.call_id()).flatten();
            let at = id.map(|(_, id)| *by_id.entry(id.unescaped()).or_insert(pairs.all.len()));
            pairs.of_items.push(at);
            pairs.take(at, item.part);
        }
        pairs
    }

    fn take(&mut self, at: Option<usize>, part: Part) {
        let Some(at) = at else { return };
        if at == self.all.len() {
            self.all.push(Pair::default());
        }
        let Pair { owed, has_output } = &mut self.all[at];
        match part {
            Part::Call { output, .. } => owe(owed, output),
            Part::OpenCall => owe(owed, ""),
            Part::Output => *has_output = true,
            Part::None => {}
        }
    }

    fn pair(&self, item: &Item<'_>) -> Option<&Pair> {
        self.of_items.get(item.index).copied().flatten().map(|at| &self.all[at])
    }

    /// The type that the call of this output expects; `None` without a call.
    pub(super) fn expected(&self, output: &Item<'_>) -> Option<&'static str> {
        self.pair(output)?.owed
    }

    pub(super) fn has_output(&self, call: &Item<'_>) -> bool {
        self.pair(call).is_some_and(|pair| pair.has_output)
    }
}

fn owe(owed: &mut Option<&'static str>, output: &'static str) {
    // Calls of two types under one id leave it open.
    *owed = Some(if owed.is_none_or(|owed| owed == output) { output } else { "" });
}

/// An output as a message of the user: its text, its parts (without a member that they must not have), or its JSON as
/// text.
pub(super) fn as_user_text(item: Node<'_>, without: Option<&str>) -> Vec<u8> {
    let output = item.get("output").unwrap_or(item);
    let mut out = br#"{"type":"message","role":"user","content":"#.to_vec();
    let is_parts = output.elements().next().is_some()
        && output
            .elements()
            .all(|part| part.text("type").is_some_and(|kind| kind.raw().starts_with(b"input_")));
    if is_parts {
        let mut edits = Edits::default();
        let members = output.elements().flat_map(Node::members);
        let marks = members.filter(|member| without.is_some_and(|name| member.is_named(name)));
        marks.for_each(|mark| edits.remove(mark));
        out.extend_from_slice(&edits.edited(output));
    } else {
        out.extend_from_slice(br#"[{"type":"input_text","text":""#);
        match output.as_str() {
            Some(text) => out.extend_from_slice(text.raw()),
            None => write::escaped(&mut out, &String::from_utf8_lossy(output.raw())),
        }
        out.extend_from_slice(br#""}]"#);
    }
    out.push(b'}');
    out
}
