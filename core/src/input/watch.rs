//! Upstream events that the host asked for, by their types.
//!
//! Input: each event that was read. Output: those of the last call, with their data. State: the types asked for.

use crate::json::{Str, Value};
use crate::limits::RETAINED_BYTES;

/// The type of an event that nothing names, as SSE has it.
const UNNAMED: &str = "message";

#[derive(Debug, Clone)]
pub(crate) struct Watch {
    names: Box<[Box<str>]>,
    /// Which name, and where its data ends in `text`.
    found: Vec<(usize, usize)>,
    text: String,
}

impl Watch {
    /// `None` where there is nothing to look for.
    pub(super) fn new(names: impl Iterator<Item: Into<Box<str>>>) -> Option<Box<Self>> {
        let names: Box<[Box<str>]> = names.map(Into::into).collect();
        let none = names.is_empty();
        (!none).then(|| Box::new(Self { names, found: Vec::new(), text: String::new() }))
    }

    /// Forgets those of the last call.
    pub(super) fn clear(&mut self) {
        self.found.clear();
        self.text.clear();
        self.text.shrink_to(RETAINED_BYTES);
    }

    /// Keeps an event if it is one of those; which.
    pub(super) fn see(&mut self, json: Option<Value<'_>>, sse_name: &str, data: &str) -> Option<usize> {
        if data.trim_ascii().is_empty() {
            return None; // a heartbeat
        }
        let own = json.and_then(|json| json.get("type")).and_then(Value::as_str);
        let sse_name = if sse_name.is_empty() { UNNAMED } else { sse_name };
        let is = |name: &str| own.map_or(name == sse_name, |own: Str<'_>| own.is(name));
        let which = self.names.iter().position(|name| is(name))?;
        self.keep(which, data);
        Some(which)
    }

    pub(super) fn keep(&mut self, which: usize, data: &str) {
        self.text.push_str(data.trim_ascii());
        self.found.push((which, self.text.len()));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Name and data of those of the last call.
    pub(crate) fn events(&self) -> impl Iterator<Item = (&str, &str)> {
        let starts = std::iter::once(0).chain(self.found.iter().map(|(_, end)| *end));
        starts.zip(&self.found).map(|(start, (which, end))| (&*self.names[*which], &self.text[start..*end]))
    }
}
