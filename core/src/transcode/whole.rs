//! Enters: whole items, from `output_item.*` and the terminal `output`. Leaves: what of them was never said.

use super::calls::Known;
use super::options::{CustomTools, Images};
use super::speaker::Gap;
use super::state::State;
use crate::chat::{CallForm, Voice};
use crate::items::{Identity, ItemRef};
use crate::json::{Str, Value};
use crate::media;
use crate::outcome::NoteCode;
use crate::responses::{self, Event, Item, ItemKind, Lane, Members, Part};

impl State {
    pub(super) fn item_added(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        let Some(item) = event.members.item.and_then(Item::parse) else { return self.malformed(event.name) };
        let found = self.items.add(Identity::of(&item, event.output_index()));
        let Some(at) = self.within_limits(found, "items") else { return };
        self.said[at].is_commentary |= item.is_commentary;
        if item.kind.is_call() {
            let mut buffer = Vec::new();
            self.learn_call(at, &item, out);
            if let Some(arguments) = item.arguments.and_then(|arguments| arguments.as_text(&mut buffer)) {
                self.with_calls(out, |calls, _, line| calls.added(at, arguments, line));
            }
        } else {
            self.note_kind(at, &item);
        }
    }

    pub(super) fn item_done(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        let Some(item) = event.members.item.and_then(Item::parse) else { return self.malformed(event.name) };
        let found = self.items.close(Identity::of(&item, event.output_index()));
        if let Some(at) = self.within_limits(found, "items") {
            self.item(at, &item, out);
        }
    }

    /// A finished item: says what of it was never streamed.
    pub(super) fn item(&mut self, at: ItemRef, item: &Item<'_>, out: &mut Vec<u8>) {
        self.said[at].is_commentary |= item.is_commentary;
        match item.kind {
            ItemKind::Message | ItemKind::Reasoning => {
                for parts in [item.summary, item.content].into_iter().flatten() {
                    for (index, part) in (0..).zip(Part::each(parts)) {
                        if let Some(part) = part {
                            self.part(at, index, &part, out);
                        }
                    }
                }
            }
            ItemKind::FunctionCall | ItemKind::CustomCall => self.call(at, item, out),
            ItemKind::Image => self.image(at, item, out),
            ItemKind::Hosted | ItemKind::ClientCall | ItemKind::Other => self.note_kind(at, item),
        }
    }

    fn call(&mut self, at: ItemRef, item: &Item<'_>, out: &mut Vec<u8>) {
        let mut buffer = Vec::new();
        self.learn_call(at, item, out);
        let whole = item.arguments.and_then(|arguments| arguments.as_text(&mut buffer));
        self.with_calls(out, |calls, path, line| {
            if let Some(whole) = whole {
                calls.snapshot(at, whole, path, line);
            }
            if !item.is_cut {
                calls.done(at, line);
            }
        });
    }

    fn learn_call(&mut self, at: ItemRef, item: &Item<'_>, out: &mut Vec<u8>) {
        if let Some(namespace) = item.namespace {
            self.note_item(NoteCode::NamespaceDropped, at, namespace.raw());
        }
        let form = self.call_form(item.kind);
        let known = Known { form, id: item.call_id, item_id: item.id, name: item.name };
        self.with_calls(out, |calls, _, line| calls.learn(at, known, line));
    }

    /// What an event on a call's arguments says of the call.
    pub(super) fn known<'a>(&self, lane: Lane, event: &Event<'a>) -> Known<'a> {
        let Members { call_id, name, .. } = event.members;
        let form = self.call_form(lane.item_kind());
        Known { form, id: responses::id(call_id), item_id: event.item_id(), name: responses::id(name) }
    }

    fn call_form(&self, kind: ItemKind) -> CallForm {
        match (kind, self.speaker.options.custom_tools) {
            (ItemKind::CustomCall, CustomTools::Function) => CallForm::Wrapped,
            (ItemKind::CustomCall, CustomTools::Custom) => CallForm::Custom,
            _ => CallForm::Function,
        }
    }

    /// A generated image, once.
    fn image(&mut self, at: ItemRef, item: &Item<'_>, out: &mut Vec<u8>) {
        if self.said[at].has_image {
            return;
        }
        match item.result.and_then(Value::as_str).filter(|base64| !base64.is_empty()) {
            Some(base64) => {
                self.said[at].has_image = true;
                self.show(at, base64, item.output_format, out);
            }
            None => self.note_item(NoteCode::ImageFailed, at, b""),
        }
    }

    pub(super) fn partial_image(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        let Members { image, output_format, .. } = event.members;
        let Some(base64) = image.and_then(Value::as_str) else { return self.malformed(event.name) };
        let (id, output_index) = (event.item_id(), event.output_index());
        let found = self.items.resolve(Identity { kind: ItemKind::Image, id, output_index, call_id: None });
        let Some(at) = self.within_limits(found, "items") else { return };
        if self.speaker.options.partial_images {
            self.show(at, base64, output_format, out);
        }
    }

    fn show(&mut self, at: ItemRef, base64: Str<'_>, format: Option<Value<'_>>, out: &mut Vec<u8>) {
        let format = format.and_then(Value::as_str).map(Str::raw);
        let mime = media::of_base64(&base64.prefix(64), format);
        match self.speaker.options.images {
            Images::DataUrl => self.speaker.image(out, mime, base64.raw()),
            Images::Markdown => {
                let gap = if self.has_text { Gap::Message } else { Gap::None };
                self.has_text = true;
                let markdown = crate::chat::markdown_image(mime, base64.raw());
                self.speaker.text(out, Voice::Content, gap, Str::from_raw(&markdown), None);
            }
            Images::Omit => self.note_item(NoteCode::ImageDropped, at, b""),
        }
    }

    /// Items that a chat client cannot be shown.
    fn note_kind(&mut self, at: ItemRef, item: &Item<'_>) {
        let code = match item.kind {
            ItemKind::Hosted => NoteCode::HostedCall,
            ItemKind::ClientCall => NoteCode::ClientCallDropped,
            ItemKind::Other => NoteCode::UnknownItem,
            ItemKind::Message
            | ItemKind::Reasoning
            | ItemKind::FunctionCall
            | ItemKind::CustomCall
            | ItemKind::Image => return,
        };
        self.note_item(code, at, item.type_name.raw());
    }
}
