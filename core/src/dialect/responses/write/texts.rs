//! Texts and images as output items.
//!
//! Input: pieces of texts, citations, opaque state. Output: items, parts and deltas.
//!
//! Codex shows one item at a time: a text is closed before anything else opens, and text that goes on after that is a
//! further message.

use super::ResponsesWriter;
use super::events::OpenText;
use super::items::{ItemBody, OutputItem, Part};
use super::missing::{IN_PROGRESS_ITEM, ITEM_ADDED, ITEM_DONE};
use crate::answer::{Citation, CitedText, Context, Sighting, TextKind, TextRef, logprobs};
use crate::dialect::responses::{ItemType, Streamed};
use crate::json::{Str, Value, edit, template_gap::Text, write};
use crate::outcome::NoteCode;

impl ResponsesWriter {
    pub(super) fn is_open(&self, text: TextRef, kind: TextKind) -> bool {
        let streamed = self.items.open.as_ref().and_then(|open| open.streamed);
        streamed == Some(Streamed::Text(kind)) && self.items.source == (text.item(), text.part())
    }

    /// A piece of a text: opens what it belongs to, closes what is in the way.
    pub(super) fn piece(
        &mut self,
        text: TextRef,
        kind: TextKind,
        piece: Str<'_>,
        logprobs: Option<Value<'_>>,
        cx: &mut Context<'_>,
    ) {
        if (piece.is_empty() && logprobs.is_none()) || !self.has_room(piece.raw().len(), cx) {
            return;
        }
        if !self.is_open(text, kind) {
            self.open_text(text, kind, cx);
        }
        let mut tokens = Vec::new();
        if let Some(tokens_of) = logprobs {
            logprobs::write(&mut tokens, tokens_of, b"[]"); // clients of Responses read a list
        }
        let Self { items, events, .. } = self;
        let Some(open) = &items.open else { return };
        events.delta(cx.out, open, piece.raw(), &tokens);
        if let Some(part) = items.list.get_mut(open.output_index).and_then(OutputItem::part) {
            part.text.extend_from_slice(piece.raw());
            part.push_logprobs(&tokens);
        }
    }

    /// Further pieces of the text that is open.
    #[inline]
    pub(super) fn open_pieces<'c>(&mut self, pieces: impl Iterator<Item = Text<'c>>, cx: &mut Context<'_>) {
        let Self { items, events, budget, .. } = self;
        let Some(open) = &items.open else { return };
        let Some(part) = items.list.get_mut(open.output_index).and_then(OutputItem::part) else { return };
        let notes = &mut cx.facts.notes;
        let pieces = pieces.filter(|piece| budget.take(piece.length(), notes));
        events.deltas(cx.out, open, pieces.inspect(|piece| piece.append_to(&mut part.text)));
    }

    /// Opens a part, and the item that it needs.
    fn open_text(&mut self, text: TextRef, kind: TextKind, cx: &mut Context<'_>) {
        if self.is_inside(text, kind) {
            self.close_part(cx.out);
        } else {
            self.close_text("completed", cx.out);
            let (prefix, body) = match Streamed::Text(kind).item_type() {
                ItemType::Message => ("msg", ItemBody::Message(Vec::new())),
                _ => ("rs", ItemBody::Reasoning(kind, Vec::new(), Vec::new())),
            };
            self.add(prefix, body, cx);
        }
        let output_index = self.items.list.len() - 1;
        let Some(item) = self.items.list.last_mut() else { return };
        let (ItemBody::Message(parts) | ItemBody::Reasoning(_, parts, _)) = &mut item.body else { return };
        let part_index = parts.len();
        parts.push(Part::new(kind));
        let streamed = Some(Streamed::Text(kind));
        let open = OpenText { streamed, item_id: item.id.clone(), output_index, part_index };
        self.events.open_part(cx.out, &open, false);
        Part::new(kind).write(cx.out);
        self.events.close(cx.out);
        self.items.open = Some(open);
        self.items.source = (text.item(), text.part());
        self.cite_early(kind, cx);
    }

    /// Whether a text that opens is a further part of the item that is open.
    fn is_inside(&self, text: TextRef, kind: TextKind) -> bool {
        let Some(Streamed::Text(open)) = self.items.open.as_ref().and_then(|open| open.streamed) else {
            return false;
        };
        let is_same_type = Streamed::Text(open).item_type() == Streamed::Text(kind).item_type();
        is_same_type && self.items.source.0 == text.item()
    }

    /// A new item, after what was open; where it is.
    pub(super) fn add(&mut self, prefix: &str, body: ItemBody, cx: &mut Context<'_>) -> usize {
        self.close_text("completed", cx.out);
        self.begin(cx);
        self.has_output = true;
        let at = self.items.list.len();
        let id = Self::made_up_id(prefix, at, cx);
        self.items.list.push(OutputItem { id, body, ended: None });
        self.item(ITEM_ADDED, at, IN_PROGRESS_ITEM, cx.out);
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
        let item = &self.items.list[at];
        match item.body {
            ItemBody::Call(call) => self.write_call(call, &item.id, status, out),
            _ => item.write(status, status == IN_PROGRESS_ITEM, out),
        }
    }

    /// Opaque state: of the reasoning that is open, else an item of its own.
    pub(super) fn attach_opaque(&mut self, sealed: &[u8], cx: &mut Context<'_>) {
        if self.items.open.is_some()
            && let Some(OutputItem { body: ItemBody::Reasoning(_, _, opaque), .. }) =
                self.items.list.last_mut()
            && opaque.is_empty()
        {
            opaque.extend_from_slice(sealed);
            return;
        }
        let body = ItemBody::Reasoning(TextKind::Summary, Vec::new(), sealed.to_vec());
        let at = self.add("rs", body, cx);
        self.close_item(at, "completed", cx.out);
    }

    /// A citation, once.
    pub(super) fn cite(&mut self, of: CitedText, citation: &Citation<'_>, cx: &mut Context<'_>) {
        match self.cited.see(of, citation) {
            Sighting::New => {
                let is_of_answer = of == CitedText::Answer;
                self.annotate(is_of_answer, [citation.start, citation.end], citation.json, cx);
            }
            Sighting::Again => {}
            Sighting::TooMany => cx.facts.note(NoteCode::LimitExceeded, b"annotations"),
        }
    }

    /// A citation of the text that is open, else of the next one. `is_of_answer`: its offsets count from the beginning of
    /// the whole answer.
    fn annotate(&mut self, is_of_answer: bool, span: [u64; 2], json: Value<'_>, cx: &mut Context<'_>) {
        let is_text = |open: &&OpenText| open.streamed == Some(Streamed::Text(TextKind::Text));
        let Some(open) = self.items.open.as_ref().filter(is_text).cloned() else {
            if self.has_room(json.raw().len(), cx) {
                self.early_citations.push((is_of_answer, span, json.raw().to_vec()));
            }
            return;
        };
        let before = if is_of_answer { self.items.content_before(&open) } else { 0 };
        let [start, end] = span.map(|offset| offset.saturating_sub(before).to_string());
        let mut members = vec![
            ("type", &b"\"url_citation\""[..]),
            ("start_index", start.as_bytes()),
            ("end_index", end.as_bytes()),
        ];
        members.extend(
            ["title", "url"].iter().filter(|key| json.get(key).is_none()).map(|key| (*key, &b"\"\""[..])),
        );
        let mut annotation = Vec::new();
        write::compact(&mut annotation, &edit::with_members(json, &members));
        let Self { items, events, .. } = self;
        let Some(part) = items.part(open.output_index) else { return };
        events.annotation(cx.out, &open, part.push_annotation(&annotation), &annotation);
    }

    fn cite_early(&mut self, kind: TextKind, cx: &mut Context<'_>) {
        if kind == TextKind::Text {
            for (is_of_answer, span, json) in std::mem::take(&mut self.early_citations) {
                self.annotate(is_of_answer, span, Value::of_valid(&json), cx);
            }
        }
    }

    /// Citations whose text never came.
    pub(super) fn note_early_citations(&mut self, cx: &mut Context<'_>) {
        for _ in std::mem::take(&mut self.early_citations) {
            cx.facts.note(NoteCode::AnnotationDropped, b"url_citation");
        }
    }
}
