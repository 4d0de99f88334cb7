//! Enters: events on items. Leaves: each item as JSON, as sent where the upstream finished it, else built from its
//! pieces. Kept: the whole response, by nature; bounded by [`MAX_RESPONSE_BYTES`] and [`MAX_PARTS`].

use crate::items::{Identity, ItemRef, Items};
use crate::json::{Str, Value, edit};
use crate::limits::{MAX_PARTS, MAX_RESPONSE_BYTES};
use crate::responses::{self, Event, Item, ItemKind, Lane};
use std::collections::BTreeMap;

/// What is known of one item; texts are JSON string contents.
#[derive(Debug, Default)]
struct Gathered {
    kind: ItemKind,
    id: Option<Box<[u8]>>,
    /// `output_item.added`, as sent.
    added: Option<Box<[u8]>>,
    /// `output_item.done`, as sent; the last one.
    done: Option<Box<[u8]>>,
    parts: BTreeMap<(u64, Lane), Part>,
    /// Function arguments or custom input.
    arguments: Text,
    /// What events on the arguments say of the call.
    call_id: Option<Box<[u8]>>,
    name: Option<Box<[u8]>>,
}

#[derive(Debug, Default)]
struct Part {
    text: Text,
    /// `….part.done`, as sent.
    done: Option<Box<[u8]>>,
    /// Annotations, comma-separated.
    annotations: Vec<u8>,
}

#[derive(Debug, Default)]
struct Text {
    said: Vec<u8>,
    /// Nothing more is appended: a done event gave the whole.
    is_whole: bool,
}

#[derive(Debug, Default)]
pub(super) struct Gathering {
    pub(super) items: Items,
    list: Vec<Gathered>,
    bytes: usize,
    parts: usize,
    pub(super) is_full: bool,
    /// Where the last event's text went, if it was a delta that changed nothing else.
    pub(super) repeatable: Option<Place>,
}

/// A text: of an item's arguments, or of one of its parts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    item: ItemRef,
    part: Option<(u64, Lane)>,
}

impl Gathering {
    pub(super) fn delta(&mut self, lane: Lane, event: &Event<'_>) {
        let Some(piece) = event.members.delta.and_then(Value::as_str) else { return };
        let known = self.items.changes();
        let Some(at) = self.of_event(lane, event, piece.raw().len()) else { return };
        let place =
            Place { item: at, part: (!lane.item_kind().is_call()).then(|| (event.part_index(), lane)) };
        self.text(place).push(piece);
        self.repeatable = Some(place).filter(|_| self.items.changes() == known);
    }

    /// The last delta again, with another text.
    pub(super) fn delta_again(&mut self, place: Place, piece: Str<'_>) {
        self.bytes += piece.raw().len();
        self.is_full |= self.bytes > MAX_RESPONSE_BYTES;
        if !self.is_full {
            self.text(place).push(piece);
        }
    }

    /// A done event: the whole text beats its pieces.
    pub(super) fn done(&mut self, lane: Lane, event: &Event<'_>) {
        let mut buffer = Vec::new();
        let Some(whole) = event.members.whole.and_then(|whole| whole.as_text(&mut buffer)) else { return };
        let Some(item) = self.of_event(lane, event, whole.raw().len()) else { return };
        let part = (!lane.item_kind().is_call()).then(|| (event.part_index(), lane));
        let text = self.text(Place { item, part });
        if !whole.is_empty() || text.said.is_empty() {
            *text = Text { said: whole.raw().to_vec(), is_whole: true };
        }
    }

    pub(super) fn part_done(&mut self, event: &Event<'_>) {
        let Some(part) = event.members.part else { return };
        let Some(responses::Part { lane, text, .. }) = responses::Part::parse(part) else { return };
        let bytes = part.raw().len();
        let Some(gathered) = self.part(lane, event, bytes) else { return };
        if !text.is_empty() || gathered.text.said.is_empty() {
            gathered.done = Some(part.raw().into());
        }
    }

    pub(super) fn annotation(&mut self, event: &Event<'_>) {
        let Some(annotation) = event.members.annotation else { return };
        let Some(part) = self.part(Lane::Text, event, annotation.raw().len()) else { return };
        if !part.annotations.is_empty() {
            part.annotations.push(b',');
        }
        part.annotations.extend_from_slice(annotation.raw());
    }

    pub(super) fn item_added(&mut self, event: &Event<'_>) {
        let Some(value) = event.members.item else { return };
        let Some(item) = Item::parse(value) else { return };
        let at = self.items.add(Identity::of(&item, event.output_index()));
        if let Some(at) = self.gathered(at, item.kind, item.id, value.raw().len()) {
            self.list[at].added = Some(value.raw().into());
        }
    }

    pub(super) fn item_done(&mut self, event: &Event<'_>) {
        let Some(value) = event.members.item else { return };
        let Some(item) = Item::parse(value) else { return };
        let at = self.items.close(Identity::of(&item, event.output_index()));
        if let Some(at) = self.gathered(at, item.kind, item.id, value.raw().len()) {
            self.list[at].done = Some(value.raw().into());
        }
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// By `output_index`; items without one after those, in order of arrival.
    pub(super) fn in_order(&self) -> Vec<ItemRef> {
        let mut order: Vec<_> = (0..self.list.len()).collect();
        order.sort_by_key(|item| self.items.output_index(*item).unwrap_or(u64::MAX));
        order
    }

    /// Whether the item is as the upstream finished it, not built from pieces.
    pub(super) fn is_done(&self, item: ItemRef) -> bool {
        self.list[item].done.is_some()
    }

    /// The item as JSON; `status` for one that the upstream never finished.
    pub(super) fn json(&self, item: ItemRef, status: &str) -> Vec<u8> {
        let gathered = &self.list[item];
        match &gathered.done {
            Some(done) if !Value::document(done).is_some_and(is_hollow) => done.to_vec(),
            Some(done) => gathered.build(item, Value::document(done), None),
            None => gathered.build(item, gathered.added.as_deref().and_then(Value::document), Some(status)),
        }
    }

    fn text(&mut self, place: Place) -> &mut Text {
        let gathered = &mut self.list[place.item];
        match place.part {
            Some(part) => &mut gathered.parts.entry(part).or_default().text,
            None => &mut gathered.arguments,
        }
    }

    fn part(&mut self, lane: Lane, event: &Event<'_>, bytes: usize) -> Option<&mut Part> {
        let item = self.of_event(lane, event, bytes)?;
        Some(self.list[item].parts.entry((event.part_index(), lane)).or_default())
    }

    fn of_event(&mut self, lane: Lane, event: &Event<'_>, bytes: usize) -> Option<ItemRef> {
        let (kind, id, call_id) = (lane.item_kind(), event.item_id(), responses::id(event.members.call_id));
        let at = self.items.resolve(Identity { kind, id, output_index: event.output_index(), call_id });
        let at = self.gathered(at, kind, id, bytes)?;
        if kind.is_call() {
            self.learn(at, call_id, responses::id(event.members.name));
            return Some(at);
        }
        let parts = &mut self.list[at].parts;
        let is_new = !parts.contains_key(&(event.part_index(), lane));
        self.is_full |= is_new && self.parts == MAX_PARTS;
        self.parts += usize::from(is_new && !self.is_full);
        (!self.is_full).then_some(at)
    }

    /// The first id and name of a call count.
    fn learn(&mut self, at: ItemRef, call_id: Option<Str<'_>>, name: Option<Str<'_>>) {
        let gathered = &mut self.list[at];
        for (slot, text) in [(&mut gathered.call_id, call_id), (&mut gathered.name, name)] {
            if let Some(text) = text.filter(|_| slot.is_none()) {
                self.bytes += text.raw().len();
                *slot = Some(text.raw().into());
            }
        }
    }

    /// The item found, with room for `bytes` more; `None` once the response has too much.
    fn gathered(
        &mut self,
        at: Option<ItemRef>,
        kind: ItemKind,
        id: Option<Str<'_>>,
        bytes: usize,
    ) -> Option<ItemRef> {
        let is_new = at == Some(self.list.len());
        self.bytes += bytes + id.filter(|_| is_new).map_or(0, |id| id.raw().len());
        self.is_full |= at.is_none() || self.bytes > MAX_RESPONSE_BYTES;
        let at = at.filter(|_| !self.is_full)?;
        if is_new {
            self.list.push(Gathered { kind, id: id.map(|id| id.raw().into()), ..Gathered::default() });
        }
        (at < self.list.len()).then_some(at)
    }
}

impl Text {
    fn push(&mut self, piece: Str<'_>) {
        if !self.is_whole {
            self.said.extend_from_slice(piece.raw());
        }
    }
}

impl Gathered {
    /// From what was announced, with the texts that were streamed.
    fn build(&self, nth: ItemRef, announced: Option<Value<'_>>, status: Option<&str>) -> Vec<u8> {
        let skeleton = self.skeleton(nth);
        let base = announced.unwrap_or_else(|| Value::document(&skeleton).unwrap_or(Value::EMPTY));
        let quoted = |text: &[u8]| [b"\"", text, b"\""].concat();
        let type_name = base.get("type").and_then(Value::as_str).map_or(&b""[..], Str::raw);
        let status = status.and_then(|status| responses::unfinished_status(type_name, status));
        let status = status.map(|status| quoted(status.as_bytes()));
        let (content, summary) = (self.list(&[Lane::Text, Lane::Refusal]), self.list(&[Lane::Summary]));
        let (reasoning, arguments) = (self.list(&[Lane::Reasoning]), quoted(&self.arguments.said));
        let mut edits: Vec<edit::Edit<'_>> = Vec::new();
        match self.kind {
            ItemKind::Message if content != b"[]" => edits.push(("content", &content)),
            ItemKind::Reasoning => {
                edits.extend((summary != b"[]").then_some(("summary", &summary[..])));
                edits.extend((reasoning != b"[]").then_some(("content", &reasoning[..])));
            }
            ItemKind::FunctionCall if !self.arguments.said.is_empty() => {
                edits.push(("arguments", &arguments));
            }
            ItemKind::CustomCall if !self.arguments.said.is_empty() => edits.push(("input", &arguments)),
            _ => {}
        }
        // A call that was announced without its id or name; the item's own id stands for a call id nobody gave.
        let is_blank = |member| self.kind.is_call() && responses::id(base.get(member)).is_none();
        let [call_id, name] = [self.call_id.as_ref().or(self.id.as_ref()), self.name.as_ref()]
            .map(|text| text.map(|text| quoted(text)));
        edits.extend(call_id.as_deref().filter(|_| is_blank("call_id")).map(|id| ("call_id", id)));
        edits.extend(name.as_deref().filter(|_| is_blank("name")).map(|name| ("name", name)));
        if let Some(status) = status.as_ref().filter(|_| base.get("status").is_some()) {
            edits.push(("status", status));
        }
        edit::with_members(base, &edits)
    }

    /// The parts of some lanes as an array, in the order of their indexes.
    fn list(&self, lanes: &[Lane]) -> Vec<u8> {
        let mut out = vec![b'['];
        for ((_, lane), part) in self.parts.iter().filter(|((_, lane), _)| lanes.contains(lane)) {
            out.extend_from_slice(if out.len() > 1 { b"," } else { b"" });
            match &part.done {
                Some(done) => out.extend_from_slice(done),
                None => responses::write_part(&mut out, *lane, &part.text.said, &part.annotations),
            }
        }
        out.push(b']');
        out
    }

    /// An item that only its deltas announced.
    fn skeleton(&self, nth: ItemRef) -> Vec<u8> {
        responses::item_skeleton(self.kind, self.id.as_deref(), nth)
    }
}

/// Whether an item says nothing although its kind should: it was sent before it was filled.
pub(super) fn is_hollow(item: Value<'_>) -> bool {
    let Some(parsed) = Item::parse(item) else { return false };
    let is_blank = |value: Option<Value<'_>>| {
        value.is_none_or(|value| value.is_null() || value.as_str().is_some_and(Str::is_empty))
    };
    let has_no_text = |parts: Option<Value<'_>>| {
        !parts.is_some_and(|parts| {
            parts.elements().any(|part| responses::Part::parse(part).is_none_or(|part| !part.text.is_empty()))
        })
    };
    match parsed.kind {
        ItemKind::Message => has_no_text(parsed.content),
        ItemKind::Reasoning => {
            has_no_text(parsed.content)
                && has_no_text(parsed.summary)
                && is_blank(item.get("encrypted_content"))
        }
        ItemKind::FunctionCall | ItemKind::CustomCall => is_blank(parsed.arguments),
        ItemKind::Image => is_blank(parsed.result),
        ItemKind::Hosted | ItemKind::ClientCall | ItemKind::Other => false,
    }
}
