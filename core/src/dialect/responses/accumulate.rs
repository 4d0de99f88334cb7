//! Accumulates the items of a response, for its final body.
//!
//! Input: what the reader understood of each event. Output: each item as JSON, as sent where the upstream finished it, else
//! built from its pieces; holes filled. State: the whole response, by nature; bounded by `max_response_bytes`.

mod fill;

pub(super) use fill::is_hollow;

use super::read::{ItemLog, LoggedCall, LoggedPart};
use super::write::missing::{item_skeleton, unfinished_status, write_part};
use super::{Event, Item, ItemRef, ItemTracker, ItemType, Streamed, citation};
use crate::answer::TextKind;
use crate::json::{Str, Value, edit, write};
use crate::options::Options;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What is known of one item; texts are JSON string contents.
#[derive(Debug, Clone, Default)]
struct AccumulatedItem {
    /// `None`: nothing that belongs into a body.
    item_type: Option<ItemType>,
    id: Option<Box<[u8]>>,
    /// `output_item.added`, as sent.
    added: Option<Box<[u8]>>,
    /// `output_item.done`, as sent; the last one.
    done: Option<Box<[u8]>>,
    /// By index.
    parts: BTreeMap<(u64, usize), Part>,
    /// Function arguments or custom input.
    arguments: Vec<u8>,
    /// What a call is called in the end.
    call_id: Option<Box<[u8]>>,
    name: Option<Box<[u8]>>,
    output_index: Option<u64>,
    /// Something came after a snapshot, or was taken back: the item as sent need not be what was said.
    is_doubtful: bool,
}

#[derive(Debug, Clone)]
struct Part {
    kind: TextKind,
    text: Vec<u8>,
    /// `….part.done`, as sent.
    done: Option<Box<[u8]>>,
    /// Annotations, comma-separated.
    annotations: Vec<u8>,
    /// Tokens, comma-separated, as sent.
    logprobs: Vec<u8>,
}

/// The items of one response so far, and its response objects.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accumulator {
    list: Vec<AccumulatedItem>,
    max_bytes: usize,
    bytes: usize,
    is_full: bool,
    /// The latest response object of a progress event.
    pub(super) earlier: Option<Box<[u8]>>,
    /// The first terminal response object, and the items in its `output`.
    pub(super) terminal: Option<Box<[u8]>>,
    pub(super) matched: Vec<Option<ItemRef>>,
    /// How many items there were before it.
    before_terminal: usize,
}

impl ItemLog for Accumulator {
    fn new(options: &Options) -> Self {
        Self { max_bytes: options.max_response_bytes, ..Self::default() }
    }

    fn added(&mut self, item: ItemRef, event: &Event<'_>) {
        let Some((value, parsed)) = item_of(event) else { return };
        if let Some(item) = self.item(item, parsed.item_type, parsed.id, value.raw().len()) {
            item.added = Some(value.raw().into());
        }
    }

    fn done(&mut self, item: ItemRef, event: &Event<'_>) {
        let Some((value, parsed)) = item_of(event) else { return };
        if let Some(item) = self.item(item, parsed.item_type, parsed.id, value.raw().len()) {
            let is_better = item.done.is_none() || !fill::is_hollow(value);
            item.done = if is_better { Some(value.raw().into()) } else { item.done.take() };
        }
    }

    fn interrupted(&mut self, item: ItemRef) {
        if let Some(item) = self.list.get_mut(item) {
            *item = AccumulatedItem::default();
        }
    }

    fn text(&mut self, of: LoggedPart<'_>, piece: Str<'_>, logprobs: Option<Value<'_>>) {
        let bytes = piece.raw().len() + logprobs.map_or(0, |tokens| tokens.raw().len());
        let Some(part) = self.part_of(of, bytes) else { return };
        part.text.extend_from_slice(piece.raw());
        let is_late = part.done.is_some() && !piece.is_empty();
        if let Some(tokens) = logprobs {
            append(&mut part.logprobs, elements(tokens));
        }
        let item = &mut self.list[of.item];
        item.is_doubtful |= is_late || (item.done.is_some() && !piece.is_empty());
    }

    fn replace_text(&mut self, of: LoggedPart<'_>, whole: Str<'_>, logprobs: Option<Value<'_>>) {
        let bytes = whole.raw().len() + logprobs.map_or(0, |tokens| tokens.raw().len());
        let Some(part) = self.part_of(of, bytes) else { return };
        if logprobs.is_some() || part.text != whole.raw() {
            part.logprobs.clear();
            append(&mut part.logprobs, logprobs.map_or(b"", elements));
        }
        part.text = whole.raw().to_vec();
        self.list[of.item].is_doubtful = true;
    }

    fn part(&mut self, of: LoggedPart<'_>, sent: Value<'_>) {
        let Some(part) = self.part_of(of, sent.raw().len()) else { return };
        let text = super::Part::parse(sent, ItemType::Other).map(|part| part.text);
        if text.is_some_and(|text| !text.is_empty()) || part.text.is_empty() {
            part.done = Some(sent.raw().into());
        }
    }

    fn annotations(&mut self, of: LoggedPart<'_>, list: Value<'_>) {
        if list.elements().next().is_some()
            && let Some(part) = self.part_of(of, list.raw().len())
        {
            part.annotations.clear();
            list.elements().for_each(|annotation| append(&mut part.annotations, &flat(annotation)));
        }
    }

    fn annotation(&mut self, of: LoggedPart<'_>, annotation: Value<'_>) {
        let Some(part) = self.part_of(of, annotation.raw().len()) else { return };
        let annotation = flat(annotation);
        if !part.annotations.ends_with(&annotation) {
            append(&mut part.annotations, &annotation); // gateways send an event twice
        }
    }

    fn arguments(&mut self, item: ItemRef, piece: Str<'_>) {
        if let Some(item) = self.arguments_of(item, piece.raw().len()) {
            item.arguments.extend_from_slice(piece.raw());
            item.is_doubtful |= item.done.is_some() && !piece.is_empty();
        }
    }

    fn replace_arguments(&mut self, item: ItemRef, whole: Str<'_>) {
        if let Some(item) = self.arguments_of(item, whole.raw().len()) {
            item.arguments = whole.raw().to_vec();
            item.is_doubtful = true;
        }
    }

    fn call_event(&mut self, item: ItemRef, streamed: Streamed, id: Option<Str<'_>>) {
        self.item(item, streamed.item_type(), id, 0);
    }

    fn call(&mut self, item: ItemRef, call: LoggedCall<'_>) {
        let LoggedCall { kind, id, name, stand_in } = call;
        let bytes = [id, name, stand_in].into_iter().flatten().map(<[u8]>::len).sum();
        let Some(item) = self.item(item, Streamed::Call(kind).item_type(), None, bytes) else { return };
        item.call_id = id.map(Into::into);
        item.name = name.map(Into::into);
        if let Some(arguments) = stand_in {
            item.arguments = arguments.to_vec();
        }
    }

    fn progress(&mut self, response: Value<'_>) {
        self.earlier = Some(response.raw().into());
    }

    fn terminal(&mut self, response: Value<'_>, items: &ItemTracker, matched: &[Option<ItemRef>]) {
        self.terminal = Some(response.raw().into());
        self.matched = matched.to_vec();
        self.before_terminal = self.list.len();
        self.close(items);
    }

    /// What only the response object had of its items is kept with them.
    fn goes_on(&mut self) {
        let (matched, terminal) = (std::mem::take(&mut self.matched), self.terminal.take());
        let response = terminal.as_deref().and_then(Value::document);
        let output = response.and_then(|response| response.get("output"));
        let items = output.into_iter().flat_map(Value::elements);
        let known = items.filter_map(|value| Some((value, Item::parse(value)?)));
        for ((value, item), at) in known.zip(matched) {
            let Some(at) = at else { continue };
            let is_done = self.list.get(at).is_some_and(|own| own.done.is_some());
            if !is_done && let Some(own) = self.item(at, item.item_type, item.id, value.raw().len()) {
                own.done = Some(value.raw().into());
            }
        }
    }

    fn close(&mut self, items: &ItemTracker) {
        for (nth, item) in self.list.iter_mut().enumerate() {
            item.output_index = items.output_index(nth);
        }
    }

    fn is_full(&self) -> bool {
        self.is_full
    }
}

fn item_of<'a>(event: &Event<'a>) -> Option<(Value<'a>, Item<'a>)> {
    let value = event.members.item?;
    Some((value, Item::parse(value)?))
}

/// What stands between the brackets of a list.
fn elements(list: Value<'_>) -> &[u8] {
    let inside = list.raw().strip_prefix(b"[").and_then(|list| list.strip_suffix(b"]"));
    inside.unwrap_or_default().trim_ascii()
}

/// Appends to what is comma-separated.
fn append(list: &mut Vec<u8>, elements: &[u8]) {
    list.extend_from_slice(if list.is_empty() || elements.is_empty() { b"" } else { b"," });
    write::compact(list, elements);
}

/// A citation as clients of Responses read it: flat, with a title and a URL.
fn flat(annotation: Value<'_>) -> Cow<'_, [u8]> {
    let Ok(citation) = citation(annotation) else { return Cow::Borrowed(annotation.raw()) };
    let is_text = |key| citation.json.get(key).is_some_and(|text| text.as_str().is_some());
    let missing = ["title", "url"].into_iter().filter(|key| !is_text(key));
    let mut edits: Vec<edit::Edit<'_>> = missing.map(|key| (key, &b"\"\""[..])).collect();
    if citation.json.raw() == annotation.raw() && edits.is_empty() {
        return Cow::Borrowed(annotation.raw());
    }
    edits.push(("type", b"\"url_citation\""));
    Cow::Owned(edit::with_members(citation.json, &edits))
}

impl Accumulator {
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether anything came of an item before the terminal event.
    pub(super) fn has_streamed(&self, item: ItemRef) -> bool {
        item < self.before_terminal
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.iter().all(|item| item.item_type.is_none())
    }

    /// By `output_index`; items without one after those, in order of arrival. Without what cannot stand in a body: a call
    /// that has no name.
    pub(super) fn in_order(&self) -> Vec<ItemRef> {
        let mut order: Vec<_> = (0..self.list.len()).filter(|item| self.list[*item].has_form()).collect();
        order.sort_by_key(|item| self.list[*item].output_index.unwrap_or(u64::MAX));
        order
    }

    /// Whether the item is as the upstream finished it, not built from pieces.
    pub(super) fn is_done(&self, item: ItemRef) -> bool {
        self.list[item].done.is_some()
    }

    /// The item as JSON; `status` for one that the upstream never finished.
    pub(super) fn json(&self, item: ItemRef, status: &str) -> Vec<u8> {
        let own = &self.list[item];
        let json = match &own.done {
            Some(done) if !Value::document(done).is_some_and(fill::is_hollow) => done.to_vec(),
            Some(done) => own.build(item, Value::document(done), None),
            None => own.build(item, own.added.as_deref().and_then(Value::document), Some(status)),
        };
        let filled = Value::document(&json).and_then(|value| self.filled(Some(item), value, status));
        filled.unwrap_or(json)
    }

    /// An item as it was sent with its holes filled; `None` where it has none.
    pub(super) fn filled(&self, item: Option<ItemRef>, sent: Value<'_>, status: &str) -> Option<Vec<u8>> {
        let own = item.and_then(|item| self.list.get(item));
        fill::holes(own, sent, status == "completed")
    }

    /// The item, with room for `bytes` more; `None` once the response has too much.
    fn item(
        &mut self,
        at: ItemRef,
        item_type: ItemType,
        id: Option<Str<'_>>,
        bytes: usize,
    ) -> Option<&mut AccumulatedItem> {
        if at >= self.list.len() {
            self.list.resize_with(at + 1, AccumulatedItem::default);
        }
        let is_new = self.list[at].item_type.is_none();
        if !self.has_room(bytes + id.filter(|_| is_new).map_or(0, |id| id.raw().len())) {
            return None;
        }
        let item = &mut self.list[at];
        item.item_type.get_or_insert(item_type);
        if item.id.is_none() {
            item.id = id.map(|id| id.raw().into());
        }
        Some(item)
    }

    fn arguments_of(&mut self, item: ItemRef, bytes: usize) -> Option<&mut AccumulatedItem> {
        let has_room = self.has_room(bytes);
        self.list.get_mut(item).filter(|_| has_room)
    }

    /// Whether the response may have so many bytes more.
    fn has_room(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        self.is_full |= self.bytes > self.max_bytes;
        !self.is_full
    }

    fn part_of(&mut self, of: LoggedPart<'_>, bytes: usize) -> Option<&mut Part> {
        let LoggedPart { item, index, part, kind, id } = of;
        let item = self.item(item, Streamed::Text(kind).item_type(), id, bytes)?;
        let new =
            || Part { kind, text: Vec::new(), done: None, annotations: Vec::new(), logprobs: Vec::new() };
        Some(item.parts.entry((index, part)).or_insert_with(new))
    }
}

impl AccumulatedItem {
    /// Whether it can stand in a body.
    fn has_form(&self) -> bool {
        self.item_type.is_some_and(|item_type| !item_type.is_call() || self.name.is_some())
    }

    /// From what was announced, with the texts that were streamed.
    fn build(&self, nth: ItemRef, announced: Option<Value<'_>>, status: Option<&str>) -> Vec<u8> {
        let item_type = self.item_type.unwrap_or_default();
        let skeleton = item_skeleton(item_type, self.id.as_deref(), nth);
        let base = announced.unwrap_or_else(|| Value::document(&skeleton).unwrap_or(Value::EMPTY));
        let quoted = |text: &[u8]| [b"\"", text, b"\""].concat();
        let type_name = base.get("type").and_then(Value::as_str).map_or(&b""[..], Str::raw);
        let status = status.and_then(|status| unfinished_status(type_name, status));
        let status = status.map(|status| quoted(status.as_bytes()));
        let content = self.list(&TextKind::ALL);
        let [summary, reasoning] = [TextKind::Summary, TextKind::Reasoning].map(|kind| self.list(&[kind]));
        let arguments = quoted(&self.arguments);
        let mut edits: Vec<edit::Edit<'_>> = Vec::new();
        match item_type {
            ItemType::Message if content != b"[]" => edits.push(("content", &content)),
            ItemType::Reasoning => {
                edits.extend((summary != b"[]").then_some(("summary", &summary[..])));
                edits.extend((reasoning != b"[]").then_some(("content", &reasoning[..])));
            }
            ItemType::FunctionCall if !self.arguments.is_empty() => edits.push(("arguments", &arguments)),
            ItemType::CustomCall if !self.arguments.is_empty() => edits.push(("input", &arguments)),
            _ => {}
        }
        let has_status = item_type == ItemType::Message || base.get("status").is_some();
        if let Some(status) = status.as_ref().filter(|_| has_status) {
            edits.push(("status", status));
        }
        edit::with_members(base, &edits)
    }

    /// The parts of some kinds as an array, in the order of their indexes.
    fn list(&self, kinds: &[TextKind]) -> Vec<u8> {
        let parts = self.parts.values().filter(|part| kinds.contains(&part.kind));
        let mut out = Vec::with_capacity(parts.clone().map(Part::bytes).sum::<usize>() + 2);
        out.push(b'[');
        write::separated(&mut out, parts, |out, part| match &part.done {
            Some(done) => out.extend_from_slice(&part.as_said(done)),
            None => write_part(out, part.kind, &part.text, &part.annotations, &part.logprobs),
        });
        out.push(b']');
        out
    }
}

impl Part {
    /// What it takes as JSON, about.
    fn bytes(&self) -> usize {
        let done = self.done.as_ref().map_or(0, |done| done.len());
        done.max(self.text.len() + self.annotations.len() + self.logprobs.len() + 80)
    }

    /// The part as it was sent, with the text that was said.
    fn as_said(&self, sent: &[u8]) -> Vec<u8> {
        let Some(value) = Value::document(sent) else { return sent.to_vec() };
        let is_same =
            super::Part::parse(value, ItemType::Other).is_none_or(|part| part.text.is_same(&self.text));
        if is_same {
            return sent.to_vec();
        }
        let text = [b"\"", &self.text[..], b"\""].concat();
        let member = if self.kind == TextKind::Refusal { "refusal" } else { "text" };
        edit::with_members(value, &[(member, &text)])
    }
}
