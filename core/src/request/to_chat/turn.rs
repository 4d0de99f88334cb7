//! One assistant turn: its text, refusal, reasoning and calls up to the next item that is not the assistant's.
//!
//! Input: what is in its items. Output: one chat message. State: the turn so far.

use crate::json::{Str, Value, write};
use crate::opaque::{FUNCTION, Opaque, STATE_OF_CALL, STATE_OF_MESSAGE, write_members};
use crate::request::item_types::Item;
use std::collections::{HashMap, HashSet};

/// JSON string contents.
#[derive(Default)]
pub(super) struct Turn<'t> {
    reasoning: Vec<u8>,
    text: Option<Vec<u8>>,
    refusal: Option<Vec<u8>>,
    pub(super) calls: Vec<Call<'t>>,
    /// Those of the calls, decoded.
    pub(super) ids: HashSet<String>,
    /// Reasoning that belongs to what follows it.
    pub(super) pending: Vec<Thought>,
    /// State of the server, by the index of its item.
    states: Vec<(usize, Opaque)>,
    /// There was reasoning since the last text.
    is_split: bool,
    /// What the calls take.
    pub(super) bytes: usize,
}

pub(super) struct Call<'t> {
    pub(super) item: Item<'t>,
    /// JSON string contents.
    pub(super) id: Vec<u8>,
    pub(super) json: Vec<u8>,
}

/// A reasoning item that is sent back: its index, its text, its state.
pub(super) struct Thought {
    pub(super) index: usize,
    pub(super) text: Vec<u8>,
    /// What the server wants back.
    pub(super) state: Option<Opaque>,
}

/// Members, by the id of their call; under none, those of the message.
type States<'a> = HashMap<Option<&'a str>, Vec<Value<'a>>>;

const BETWEEN: &[u8] = br"\n\n";

impl<'t> Turn<'t> {
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_none() && self.refusal.is_none() && self.calls.is_empty()
    }

    /// Whether a further message of the assistant's begins a message of its own.
    pub(super) fn is_closed(&self) -> bool {
        !self.calls.is_empty() || (!self.is_empty() && !self.is_split)
    }

    /// There is reasoning here, sent or not.
    pub(super) fn split(&mut self) {
        self.is_split = true;
    }

    /// What was thought before this.
    pub(super) fn take_pending(&mut self) {
        for thought in std::mem::take(&mut self.pending) {
            if !self.reasoning.is_empty() && !thought.text.is_empty() {
                self.reasoning.extend_from_slice(BETWEEN);
            }
            self.reasoning.extend_from_slice(&thought.text);
            self.states.extend(thought.state.map(|state| (thought.index, state)));
        }
    }

    /// A message of the assistant's, in as many pieces as it has; whether there was one already.
    pub(super) fn add_text(&mut self, texts: &[&[u8]]) -> bool {
        self.take_pending();
        self.is_split = false;
        let is_further = self.text.is_some();
        let text = self.text.get_or_insert_default();
        if !text.is_empty() {
            text.extend_from_slice(BETWEEN);
        }
        text.extend_from_slice(&texts.concat());
        is_further
    }

    pub(super) fn refuse(&mut self, text: &[u8]) {
        self.take_pending();
        self.refusal.get_or_insert_default().extend_from_slice(text);
    }

    pub(super) fn call(&mut self, call: Call<'t>) {
        self.take_pending();
        self.bytes += size_of::<Call<'_>>() + call.json.len();
        self.calls.push(call);
    }

    pub(super) fn has_reasoning(&self) -> bool {
        !self.reasoning.is_empty()
    }

    /// What stands for reasoning where the server wants some.
    pub(super) fn fill_reasoning(&mut self, text: Vec<u8>) {
        self.reasoning = text;
    }

    /// Items with the state of a call that is not in this turn.
    pub(super) fn homeless(&self) -> impl Iterator<Item = usize> {
        let is_homeless = |state: &Opaque| state.call_id.as_ref().is_some_and(|id| !self.ids.contains(id));
        self.states.iter().filter(move |(_, state)| is_homeless(state)).map(|(index, _)| *index)
    }

    /// The calls, each with its state.
    fn write_calls(&self, states: &States<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"tool_calls\":[");
        write::separated(out, &self.calls, |out, call| {
            let id = Str::from_raw(&call.id).decode();
            let own = states.get(&Some(id.as_str())).map_or(&[][..], Vec::as_slice);
            let of_function: Vec<_> = own.iter().filter_map(|state| state.get(FUNCTION)).collect();
            out.extend_from_slice(call.json.strip_suffix(b"}}").unwrap_or(&call.json));
            write_members(&of_function, &STATE_OF_CALL, out);
            out.push(b'}');
            write_members(own, &STATE_OF_CALL, out);
            out.push(b'}');
        });
        out.push(b']');
    }

    /// `reasoning`: the member that it is sent in.
    pub(super) fn json(&self, reasoning: &str) -> Vec<u8> {
        let mut out = b"{\"role\":\"assistant\",\"content\":".to_vec();
        match &self.text {
            Some(text) => out.extend_from_slice(&[b"\"", &text[..], b"\""].concat()),
            None => out.extend_from_slice(b"null"),
        }
        let others = [("refusal", self.refusal.as_deref().unwrap_or_default()), (reasoning, &self.reasoning)];
        for (key, text) in others.iter().filter(|(_, text)| !text.is_empty()) {
            out.extend_from_slice(&[b",\"", key.as_bytes(), b"\":\"", text, b"\""].concat());
        }
        let mut states = States::new();
        for (_, state) in &self.states {
            let members = Value::document(&state.members).unwrap_or(Value::EMPTY);
            states.entry(state.call_id.as_deref()).or_default().push(members);
        }
        write_members(states.get(&None).map_or(&[], Vec::as_slice), &STATE_OF_MESSAGE, &mut out);
        if !self.calls.is_empty() {
            self.write_calls(&states, &mut out);
        }
        out.push(b'}');
        out
    }
}
