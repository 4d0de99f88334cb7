//! Which tool calls of a history have an output, and which outputs a call.

use super::kinds::{Item, Part};
use crate::json::splice::Edits;
use crate::json::tree::Node;
use crate::json::write;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// The call ids of an input, decoded.
pub(super) struct Pairs<'t> {
    /// With the type of output that each is owed; empty where that is open.
    calls: HashMap<Cow<'t, [u8]>, &'static str>,
    outputs: HashSet<Cow<'t, [u8]>>,
}

impl<'t> Pairs<'t> {
    pub(super) fn of(items: &[Item<'t>]) -> Self {
        let mut pairs = Self { calls: HashMap::new(), outputs: HashSet::new() };
        for item in items {
            match item.kind.part {
                Part::Call { output, .. } => pairs.owe(item, output),
                Part::OpenCall => pairs.owe(item, ""),
                Part::Output => pairs.outputs.extend(call_id(item)),
                Part::None => {}
            }
        }
        pairs
    }

    fn owe(&mut self, call: &Item<'t>, output: &'static str) {
        let Some(id) = call_id(call) else { return };
        let owed = self.calls.entry(id).or_insert(output);
        if *owed != output {
            *owed = ""; // calls of two types under one id
        }
    }

    /// The type that the call of this output expects; `None` without a call.
    pub(super) fn expected(&self, output: &Item<'t>) -> Option<&'static str> {
        self.calls.get(&call_id(output)?).copied()
    }

    pub(super) fn has_output(&self, call: &Item<'t>) -> bool {
        call_id(call).is_some_and(|id| self.outputs.contains(&id))
    }
}

fn call_id<'t>(item: &Item<'t>) -> Option<Cow<'t, [u8]>> {
    item.call_id().map(|(_, id)| id.unescaped())
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
        let marks = output.elements().filter_map(|part| part.get(without?));
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
