//! Enters: pieces of texts and calls. Leaves: items, each opened once, its parts inside it, closed once.
//!
//! Codex shows one item at a time: a text is closed before anything else opens, and text that goes on after that is a
//! further message. Calls may interleave, so one stays open until its arguments are complete and something else begins.

use super::items::{Body, Item, Part};
use super::state::State;
use crate::chat;
use crate::json::{Str, Value, edit, hole::Text, write};
use crate::outcome::NoteCode;
use crate::responses::{self, ITEM_ADDED, ITEM_DONE, ItemKind, Lane, Spoken};

impl State {
    /// Says a piece of text: opens what it belongs to, closes what is in the way.
    pub(super) fn say(&mut self, lane: Lane, text: Str<'_>, logprobs: Option<Value<'_>>, out: &mut Vec<u8>) {
        if (text.is_empty() && logprobs.is_none()) || !self.has_room(text.raw().len()) {
            return;
        }
        if self.items.open.as_ref().is_none_or(|open| open.lane != Some(lane)) {
            self.open_text(lane, out);
        }
        let mut tokens = Vec::new();
        if let Some(logprobs) = logprobs {
            chat::logprobs(&mut tokens, logprobs, b"[]"); // clients of Responses read a list
        }
        let Self { items, events, .. } = self;
        let Some(open) = &items.open else { return };
        events.delta(out, open, text.raw(), &tokens);
        if let Some(part) = items.list.get_mut(open.output_index).and_then(Item::part) {
            part.text.extend_from_slice(text.raw());
            part.push_logprobs(&tokens);
        }
    }

    /// Earlier text again, with other pieces, none of them empty.
    #[inline]
    pub(super) fn say_again<'c>(
        &mut self,
        lane: Lane,
        mut pieces: impl Iterator<Item = Text<'c>>,
        out: &mut Vec<u8>,
    ) {
        if self.items.open_in(lane).is_none()
            && let Some(first) = pieces.next()
        {
            self.say(lane, first.as_str(), None, out);
        }
        let Self { items, events, room, notes, .. } = self;
        // What still is not open never will be: there is no room.
        let Some((open, part)) = items.open_in(lane) else { return };
        let pieces = pieces.filter(|piece| room.take(piece.length(), notes));
        events.deltas(out, open, pieces.inspect(|piece| piece.append_to(&mut part.text)));
    }

    /// Opens a part, and the item that it needs.
    fn open_text(&mut self, lane: Lane, out: &mut Vec<u8>) {
        let is_inside = lane.item_kind() == ItemKind::Message
            && matches!(
                self.items.open.as_ref().and_then(|open| open.lane),
                Some(Lane::Text | Lane::Refusal)
            );
        if is_inside {
            self.close_part(out);
        } else {
            self.make_way(out);
            let (prefix, body) = match lane.item_kind() {
                ItemKind::Message => ("msg", Body::Message(Vec::new())),
                _ => ("rs", Body::Reasoning(Part::new(lane))),
            };
            self.add(prefix, body, out);
        }
        let output_index = self.items.list.len() - 1;
        let Some(item) = self.items.list.last_mut() else { return };
        let mut part_index = 0;
        if let Body::Message(parts) = &mut item.body {
            part_index = parts.len();
            parts.push(Part::new(lane));
        }
        let open = Spoken { lane: Some(lane), item_id: item.id.clone(), output_index, part_index };
        self.events.open_part(out, &open, false);
        Part::new(lane).write(out);
        self.events.close(out);
        self.items.open = Some(open);
    }

    /// Closes what is in the way of another item.
    pub(super) fn make_way(&mut self, out: &mut Vec<u8>) {
        self.close_text("completed", out);
        if let Some(last) =
            self.calls.len().checked_sub(1).filter(|last| self.calls.call(*last).is_complete())
        {
            self.close_call(last, "completed", out);
        }
    }

    /// A new item, after what was open; where it is.
    pub(super) fn add(&mut self, prefix: &str, body: Body, out: &mut Vec<u8>) -> usize {
        self.close_text("completed", out);
        self.begin(out);
        self.committed = true;
        let at = self.items.list.len();
        let id = self.made_up_id(prefix, at);
        self.items.list.push(Item { id, body, ended: None });
        self.item(ITEM_ADDED, at, responses::IN_PROGRESS_ITEM, out);
        at
    }

    fn close_part(&mut self, out: &mut Vec<u8>) {
        let Self { items, events, .. } = self;
        let Some(open) = items.open.take() else { return };
        let Some(part) = items.part(open.output_index) else { return };
        events.done(out, &open, &part.text, &part.logprobs, b"");
        events.open_part(out, &open, true);
        part.write(out);
        events.close(out);
    }

    /// Closes the open text and its item.
    pub(super) fn close_text(&mut self, status: &'static str, out: &mut Vec<u8>) {
        let Some(at) = self.items.open.as_ref().map(|open| open.output_index) else { return };
        self.close_part(out);
        self.close_item(at, status, out);
    }

    pub(super) fn close_item(&mut self, at: usize, status: &'static str, out: &mut Vec<u8>) {
        self.items.list[at].ended = Some(status);
        self.item(ITEM_DONE, at, status, out);
    }

    fn item(&mut self, event: &str, at: usize, status: &str, out: &mut Vec<u8>) {
        self.events.open_item(out, event, at);
        self.write_item(at, status, out);
        self.events.close(out);
    }

    /// An item as JSON; one that goes on has no texts yet.
    pub(super) fn write_item(&self, at: usize, status: &str, out: &mut Vec<u8>) {
        let Item { id, body, .. } = &self.items.list[at];
        let is_begun = status == responses::IN_PROGRESS_ITEM;
        match body {
            Body::Message(parts) => responses::message(out, id, status, |out| {
                write::separated(out, parts, |out, part| part.write(out));
            }),
            Body::Reasoning(part) => responses::reasoning(out, id, status, part.lane, |out| {
                if !is_begun {
                    part.write(out);
                }
            }),
            Body::Image(format, base64) => {
                responses::image(out, id, status, format, (!is_begun).then_some(&base64[..]));
            }
            Body::Call(call) => self.write_call(*call, id, status, out),
        }
    }

    /// An image in a data URL; another one has no form in a response.
    pub(super) fn image(&mut self, image: Value<'_>, out: &mut Vec<u8>) {
        let read = chat::image_data(image).filter(|(_, base64)| !base64.is_empty());
        let Some((mime, base64)) = read else {
            return self.notes.push(NoteCode::ImageDropped, String::new(), b"");
        };
        if !self.has_room(base64.raw().len()) {
            return;
        }
        self.make_way(out);
        let format = mime.strip_prefix(b"image/").unwrap_or(&mime);
        let mut escaped = Vec::new();
        write::escaped(&mut escaped, &String::from_utf8_lossy(format));
        let at = self.add("ig", Body::Image(escaped, base64.raw().to_vec()), out);
        self.close_item(at, "completed", out);
    }

    /// A citation of the text that is open. Chat counts from the beginning of the whole content.
    pub(super) fn annotation(&mut self, annotation: Value<'_>, out: &mut Vec<u8>) {
        let open = self.items.open.clone().filter(|open| open.lane == Some(Lane::Text));
        let Some((open, own)) = open.zip(chat::citation(annotation)) else {
            return self.notes.push(NoteCode::AnnotationDropped, String::new(), b"");
        };
        let before = self.items.content_before(&open);
        let offset =
            |key| own.get(key).and_then(Value::as_u64).unwrap_or(0).saturating_sub(before).to_string();
        let (start, end) = (offset("start_index"), offset("end_index"));
        let shifted = [
            ("type", &b"\"url_citation\""[..]),
            ("start_index", start.as_bytes()),
            ("end_index", end.as_bytes()),
        ];
        let mut json = Vec::new();
        write::compact(&mut json, &edit::with_members(own, &shifted));
        let Self { items, events, .. } = self;
        let Some(part) = items.part(open.output_index) else { return };
        events.annotation(out, &open, part.push_annotation(&json), &json);
    }
}
