//! The rules on the items of a Responses stream: each opened once, its parts inside it, closed once, and the same at the end.
//!
//! Input: events. Output: findings. State: each item and its texts, as digests.

use crate::answer::{CallKind, TextKind};
use crate::dialect::responses::{Event, Item, ItemType, Part, Streamed};
use crate::envelope;
use crate::json::{Progress, Str, Value};
use crate::lint::{Calls, LintProfile, LintRule as Rule, Log, is_doubled, text};
use crate::outcome::clip;
use std::collections::{BTreeMap, HashMap};

#[derive(Debug, Default)]
pub(super) struct Items {
    list: Vec<ItemState>,
    by_index: HashMap<u64, usize>,
    by_id: HashMap<String, usize>,
    calls: Calls,
}

#[derive(Debug, Default)]
struct ItemState {
    id: Option<String>,
    parts: BTreeMap<(Streamed, u64), TextState>,
    /// Its members, once it is closed.
    closed: Option<Vec<String>>,
}

#[derive(Debug, Default)]
struct TextState {
    streamed: Progress,
    is_part_open: bool,
    is_done: bool,
}

impl Items {
    pub(super) fn open(&mut self, event: &Event<'_>, log: &mut Log) {
        let Some(item) = event.members.item.filter(|item| item.is_object()) else {
            return log.find(Rule::ItemOpened, "no item is opened");
        };
        let at = self.list.len();
        let index = event.output_index().unwrap_or(at as u64);
        if event.output_index() != Some(at as u64) {
            log.find(Rule::OutputIndexDense, format!("output[{at}] is numbered {index}"));
        }
        if self.by_index.contains_key(&index) {
            log.find(Rule::ItemOpened, format!("output[{index}] is opened again"));
        }
        let id = text(item, "id");
        if let Some(id) = &id
            && self.by_id.insert(id.clone(), at).is_some()
        {
            log.find(Rule::ItemOpened, format!("output[{index}] has the id of another item"));
        }
        self.by_index.insert(index, at);
        self.list.push(ItemState { id, ..ItemState::default() });
    }

    pub(super) fn close(&mut self, event: &Event<'_>, log: &mut Log) {
        let Some(value) = event.members.item.filter(|item| item.is_object()) else {
            return log.find(Rule::ItemClosed, "no item is closed");
        };
        check_item(value, log);
        let Some(at) = self.find(event, text(value, "id"), log) else { return };
        let entry = &mut self.list[at];
        if entry.closed.is_some() {
            return log.find(Rule::ItemClosed, format!("output[{at}] is closed again"));
        }
        for ((streamed, part), _) in entry.parts.iter().filter(|(_, text)| text.is_part_open) {
            log.find(Rule::PartInsideItem, format!("{} is still open", place(at, *streamed, *part)));
        }
        entry.same_texts(at, value, log);
        entry.closed = Some(summary(value, log.profile));
        self.said(at, value, log);
    }

    /// What an item says that is done.
    fn said(&mut self, at: usize, value: Value<'_>, log: &mut Log) {
        let Some(item) = Item::parse(value).filter(|item| !item.is_cut) else { return };
        if item.item_type == ItemType::FunctionCall {
            let text = |text: Option<Str<'_>>| text.map_or(String::new(), Str::decode);
            let arguments = text(item.arguments.and_then(Value::as_str));
            let path = format!("output[{at}]");
            return self.calls.completed(&path, &text(item.call_id), &text(item.name), &arguments, log);
        }
        let lists = [item.summary, item.content].into_iter().flatten();
        let parts: Vec<_> = lists.flat_map(|list| Part::each(list, item.item_type)).flatten().collect();
        let is_again =
            |pair: &[Part<'_>]| !pair[0].text.is_empty() && pair[0].text.is_same(pair[1].text.raw());
        let again = parts.windows(2).filter(|pair| is_again(pair)).count();
        let doubled = parts.iter().filter(|part| is_doubled(&part.text.decode())).count();
        for _ in 0..again + doubled {
            log.find(Rule::TextTwice, format!("output[{at}] says a text again"));
        }
        if log.profile == LintProfile::CodexCli && parts.iter().any(|part| part.kind == TextKind::Refusal) {
            log.find(Rule::RefusalUnread, format!("output[{at}] has a refusal"));
        }
    }

    /// The error and the items of a response that says that it is completed.
    pub(super) fn agree(response: Value<'_>, log: &mut Log) {
        let [output, error] = response.members(["output", "error"]);
        if error.is_some_and(envelope::is_error) {
            log.find(Rule::TerminalAgrees, "response.error is an error");
        }
        for (at, item) in output.into_iter().flat_map(Value::elements).enumerate() {
            let status = text(item, "status").unwrap_or_default();
            if matches!(&*status, "incomplete" | "in_progress") {
                log.find(Rule::TerminalAgrees, format!("output[{at}] is {status}"));
            }
        }
    }

    pub(super) fn open_part(&mut self, event: &Event<'_>, log: &mut Log) {
        let Some((at, streamed, part)) = self.part_of(event, log) else { return };
        let text = self.list[at].parts.entry((streamed, part)).or_default();
        if std::mem::replace(&mut text.is_part_open, true) || text.is_done {
            log.find(Rule::PartInsideItem, format!("{} is opened again", place(at, streamed, part)));
        }
    }

    pub(super) fn close_part(&mut self, event: &Event<'_>, log: &mut Log) {
        let Some((at, streamed, part)) = self.part_of(event, log) else { return };
        let text = self.list[at].parts.entry((streamed, part)).or_default();
        if !std::mem::take(&mut text.is_part_open) {
            log.find(Rule::PartInsideItem, format!("{} is closed and not open", place(at, streamed, part)));
        }
        text.is_done = true;
        let whole =
            event.members.part.and_then(|part| Part::parse(part, ItemType::Other)).map(|part| part.text);
        same(text, whole, &place(at, streamed, part), log);
    }

    pub(super) fn delta(&mut self, streamed: Streamed, event: &Event<'_>, log: &mut Log) {
        let Some(at) = self.find(event, None, log) else { return };
        let part = event.part_index();
        let path = place(at, streamed, part);
        let is_closed = self.list[at].closed.is_some();
        let text = self.list[at].parts.entry((streamed, part)).or_default();
        if !streamed.item_type().is_call() && !text.is_part_open && !text.is_done {
            log.find(Rule::PartInsideItem, format!("{path} is not open"));
            text.is_part_open = true; // once
        }
        if text.is_done || is_closed {
            log.find(Rule::DeltaAfterDone, format!("{path} is done"));
        }
        match event.members.delta.and_then(Value::as_str) {
            Some(piece) => text.streamed.push(piece),
            None => log.find(Rule::MalformedEvent, format!("{path}: delta is no string")),
        }
    }

    pub(super) fn done(&mut self, streamed: Streamed, event: &Event<'_>, log: &mut Log) {
        let Some(at) = self.find(event, None, log) else { return };
        let part = event.part_index();
        let text = self.list[at].parts.entry((streamed, part)).or_default();
        let path = place(at, streamed, part);
        if std::mem::replace(&mut text.is_done, true) {
            log.find(Rule::DeltaAfterDone, format!("{path} is done again"));
        }
        same(text, event.members.whole.and_then(Value::as_str), &path, log);
    }

    pub(super) fn annotation(&mut self, event: &Event<'_>, log: &mut Log) {
        self.find(event, None, log);
    }

    /// Before a response is completed.
    pub(super) fn all_closed(&self, log: &mut Log) {
        for (at, _) in self.list.iter().enumerate().filter(|(_, entry)| entry.closed.is_none()) {
            log.find(Rule::ItemClosed, format!("output[{at}] is still open"));
        }
    }

    /// The terminal `output` and what was streamed.
    pub(super) fn equal(&self, output: Option<Value<'_>>, log: &mut Log) {
        let sent: Vec<_> = output.into_iter().flat_map(Value::elements).collect();
        if sent.len() != self.list.len() {
            let message = format!("{} items in response.output, {} streamed", sent.len(), self.list.len());
            return log.find(Rule::TerminalEqualsItems, message);
        }
        for (at, (sent, entry)) in sent.iter().zip(&self.list).enumerate() {
            let is_same = entry.closed.as_ref().is_none_or(|own| *own == summary(*sent, log.profile));
            if !is_same {
                log.find(Rule::TerminalEqualsItems, format!("output[{at}] is not what was streamed"));
            }
        }
    }

    /// The item that an event is about; noted where it is not open under that id.
    fn find(&self, event: &Event<'_>, id: Option<String>, log: &mut Log) -> Option<usize> {
        let id = id.or_else(|| event.item_id().map(Str::decode));
        let by_index = event.output_index().and_then(|index| self.by_index.get(&index).copied());
        let by_id = || id.as_ref().and_then(|id| self.by_id.get(id).copied());
        let Some(at) = by_index.or_else(by_id) else {
            let name = String::from_utf8_lossy(event.name);
            log.find(Rule::ItemOpened, format!("{}: no such item is open", clip(&name, 64)));
            return None;
        };
        if let (Some(own), Some(id)) = (&self.list[at].id, id)
            && *own != id
        {
            log.find(Rule::IdsStable, format!("output[{at}] is called {}", clip(&id, 64)));
        }
        Some(at)
    }

    /// The part that an event opens or closes.
    fn part_of(&self, event: &Event<'_>, log: &mut Log) -> Option<(usize, Streamed, u64)> {
        let at = self.find(event, None, log)?;
        let part = event.members.part.and_then(|part| Part::parse(part, ItemType::Other));
        let Some(streamed) = part.map(|part| Streamed::Text(part.kind)) else {
            log.find(Rule::PartInsideItem, format!("output[{at}]: no part that is known"));
            return None;
        };
        Some((at, streamed, event.part_index()))
    }
}

impl ItemState {
    /// The texts of a closed item and their pieces.
    fn same_texts(&mut self, at: usize, value: Value<'_>, log: &mut Log) {
        let Some(item) = Item::parse(value) else { return };
        if item.item_type.is_call() {
            let streamed = if item.item_type == ItemType::CustomCall {
                Streamed::Call(CallKind::Custom)
            } else {
                Streamed::Call(CallKind::Function)
            };
            let text = self.parts.entry((streamed, 0)).or_default();
            return same(text, item.arguments.and_then(Value::as_str), &place(at, streamed, 0), log);
        }
        for list in [item.summary, item.content].into_iter().flatten() {
            for (index, part) in (0..).zip(list.elements()) {
                let Some(Part { kind, text: whole, .. }) = Part::parse(part, ItemType::Other) else {
                    continue;
                };
                let streamed = Streamed::Text(kind);
                let text = self.parts.entry((streamed, index)).or_default();
                same(text, Some(whole), &place(at, streamed, index), log);
            }
        }
    }
}

/// A whole text must equal what was streamed of it, if anything was.
fn same(text: &TextState, whole: Option<Str<'_>>, path: &str, log: &mut Log) {
    let is_same = whole.is_none_or(|whole| text.streamed.rest_of(whole).is_some_and(Str::is_empty));
    if !is_same && !text.streamed.is_empty() {
        log.find(Rule::DoneEqualsDeltas, format!("{path} is not what was streamed"));
    }
}

/// What clients need of an item that is done.
fn check_item(value: Value<'_>, log: &mut Log) {
    let Some(item) = Item::parse(value) else { return };
    let member = |key: &str| value.get(key).filter(|own| !own.is_null());
    match item.item_type {
        ItemType::FunctionCall | ItemType::CustomCall => {
            for (key, text) in [("call_id", item.call_id), ("name", item.name)] {
                if text.is_none() {
                    log.find(Rule::CallIdPresent, format!("item.{key} is missing"));
                }
            }
            if item.arguments.and_then(Value::as_str).is_none() {
                log.find(Rule::ArgumentsAreText, "item.arguments or item.input is no string");
            }
        }
        ItemType::Message if !member("content").is_some_and(|content| content.raw().starts_with(b"[")) => {
            log.find(Rule::ContentIsParts, "item.content is no list");
        }
        _ => {}
    }
}

/// What two forms of one item must agree on.
fn summary(value: Value<'_>, profile: LintProfile) -> Vec<String> {
    let Some(item) = Item::parse(value) else { return Vec::new() };
    let id = item.id.filter(|_| profile == LintProfile::OpenAi);
    let arguments = item.arguments.and_then(Value::as_str);
    let names = [Some(item.type_name), id, item.call_id, item.name, arguments];
    let mut summary: Vec<_> = names.iter().map(|text| text.map_or(String::new(), Str::decode)).collect();
    for list in [item.summary, item.content].into_iter().flatten() {
        summary.extend(
            list.elements()
                .filter_map(|part| Part::parse(part, ItemType::Other))
                .map(|part| part.text.decode()),
        );
    }
    summary
}

/// Where a text is, for people.
fn place(output_index: usize, streamed: Streamed, part: u64) -> String {
    match streamed {
        Streamed::Text(TextKind::Summary) => format!("output[{output_index}].summary[{part}]"),
        Streamed::Call(CallKind::Function | CallKind::Custom) => format!("output[{output_index}]"),
        Streamed::Text(TextKind::Text | TextKind::Refusal | TextKind::Reasoning) => {
            format!("output[{output_index}].content[{part}]")
        }
    }
}
