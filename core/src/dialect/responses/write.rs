//! The Responses writer: an answer as Responses events, for Responses-only clients (the Codex CLI, agent SDKs).
//!
//! Input: calls of a [`Writer`]. Output: events, each item opened once, its parts inside it, closed once; one terminal event.
//! State: the texts of the response, because its end repeats them.

mod calls;
mod end;
pub(super) mod events;
mod items;
pub(super) mod missing;
pub(super) mod objects;
mod summary;
mod texts;

use crate::answer::{
    Begins, CallStart, Citation, CitedText, Context, Image, RunWriter, SeenCitations, TextKind, TextRef,
    WebSearch, Writer,
};
use crate::envelope::Envelope;
use crate::json::template_gap::Text;
use crate::json::{Progress, Str, Value, write};
use crate::options::{Framing, Options, Reasoning};
use crate::outcome::{FinishReason, NoteCode, Notes};
use calls::OutputCall;
use events::EventWriter;
use items::{ItemBody, OutputItems};
use objects::ResponseHeader;

#[derive(Debug, Clone, Default)]
pub(crate) struct ResponsesWriter {
    events: EventWriter,
    /// There once something was written; frozen, so that every event is of the same response.
    header: Option<ResponseHeader>,
    items: OutputItems,
    calls: Vec<OutputCall>,
    budget: ByteBudget,
    cited: SeenCitations,
    /// Citations that came before their text: whether their offsets are of the whole answer, these, JSON.
    early_citations: Vec<(bool, [u64; 2], Vec<u8>)>,
    has_output: bool,
    /// Of a conversation that is compacted; JSON string contents.
    summary: Vec<u8>,
}

/// What the response may still have, in bytes.
#[derive(Debug, Clone, Default)]
struct ByteBudget(usize);

impl ByteBudget {
    /// Room for more of the response; noted where there is none.
    #[inline]
    fn take(&mut self, bytes: usize, notes: &mut Notes) -> bool {
        let rest = self.0.checked_sub(bytes);
        self.0 = rest.unwrap_or(0);
        let has_room = rest.is_some();
        if !has_room {
            notes.push(NoteCode::LimitExceeded, String::new(), b"response");
        }
        has_room
    }
}

impl ResponsesWriter {
    pub(crate) fn new(options: &Options) -> Self {
        let budget = ByteBudget(options.max_response_bytes);
        Self { events: EventWriter::new(options.framing), budget, ..Self::default() }
    }

    fn has_room(&mut self, bytes: usize, cx: &mut Context<'_>) -> bool {
        self.budget.take(bytes, &mut cx.facts.notes)
    }

    /// The kind that a text is written as; `None` where it is not shown.
    fn kind(text: TextRef, options: &Options) -> Option<TextKind> {
        match text.kind {
            TextKind::Text => Some(text.kind),
            _ if options.compacts() => None,
            TextKind::Refusal => Some(text.kind),
            _ if text.is_other_form => None,
            _ => match options.reasoning {
                Reasoning::Off => None,
                Reasoning::Text => Some(TextKind::Reasoning),
                _ => Some(TextKind::Summary),
            },
        }
    }
}

impl Writer for ResponsesWriter {
    fn names_answer(&self) -> bool {
        true
    }

    fn keeps_text(&self) -> bool {
        true
    }

    fn kept_text(&self, kind: TextKind) -> Progress {
        let mut text = self.items.text_of(kind);
        if kind == TextKind::Text {
            text.push(Str::from_raw(&self.summary));
        }
        text
    }

    fn shows(&self, kind: TextKind, options: &Options) -> bool {
        !kind.is_reasoning() || options.reasoning != Reasoning::Off
    }

    fn text(
        &mut self,
        text: TextRef,
        _: Begins,
        piece: Str<'_>,
        logprobs: Option<Value<'_>>,
        cx: &mut Context<'_>,
    ) {
        if let Some(kind) = Self::kind(text, cx.options) {
            if cx.options.compacts() {
                return self.keep_summary(piece, cx);
            }
            self.piece(text, kind, piece, logprobs, cx);
        }
    }

    fn call(&mut self, call: CallStart<'_>, cx: &mut Context<'_>) {
        if !cx.options.compacts() {
            self.open_call(&call, cx);
        }
    }

    fn arguments(&mut self, nth: usize, piece: Str<'_>, cx: &mut Context<'_>) {
        if !cx.options.compacts() && self.has_room(piece.raw().len(), cx) {
            self.call_piece(nth, piece, cx.out);
        }
    }

    fn call_end(&mut self, nth: usize, cx: &mut Context<'_>) {
        if !cx.options.compacts() {
            self.end_call(nth, cx);
        }
    }

    fn citation(&mut self, of: CitedText, citation: &Citation<'_>, cx: &mut Context<'_>) {
        if !cx.options.compacts() {
            self.cite(of, citation, cx);
        }
    }

    fn image(&mut self, image: &Image<'_>, cx: &mut Context<'_>) {
        if image.is_partial || cx.options.compacts() || !self.has_room(image.base64.raw().len(), cx) {
            return;
        }
        self.close_text("completed", cx.out);
        let format = image.mime.strip_prefix("image/").unwrap_or(image.mime);
        let body = ItemBody::Image(write::contents(format), image.base64.raw().to_vec());
        let at = self.add("ig", body, cx);
        self.close_item(at, "completed", cx.out);
    }

    fn shows_searches(&self, _: &Options) -> bool {
        true
    }

    fn web_search(&mut self, search: &WebSearch<'_>, cx: &mut Context<'_>) {
        let action = objects::search_action(search);
        if self.has_room(action.len(), cx) {
            let at = self.add("ws", ItemBody::Search(action), cx);
            self.close_item(at, if search.has_failed { "failed" } else { "completed" }, cx.out);
        }
    }

    fn opaque(&mut self, sealed: &[u8], cx: &mut Context<'_>) -> bool {
        let has_place = !cx.options.compacts();
        if has_place && self.has_room(sealed.len(), cx) {
            self.attach_opaque(sealed, cx);
        }
        has_place
    }

    fn settle(&mut self, is_cut: bool, cx: &mut Context<'_>) {
        self.close_text(if is_cut { "incomplete" } else { "completed" }, cx.out);
    }

    fn lacks(&self, _: FinishReason, cx: &Context<'_>) -> Option<Envelope> {
        self.lacks_summary(cx)
    }

    fn finish(&mut self, reason: FinishReason, cx: &mut Context<'_>) {
        self.finished(reason, cx);
    }

    fn fail(&mut self, error: &Envelope, cx: &mut Context<'_>) {
        self.failed(error, cx);
    }

    fn end(&mut self, cx: &mut Context<'_>) {
        if cx.options.done_sentinel && cx.options.framing == Framing::Sse {
            cx.out.extend_from_slice(b"data: [DONE]\n\n");
        }
    }

    fn has_output(&self) -> bool {
        self.has_output
    }

    fn response_id(&self) -> Option<String> {
        self.header.as_ref().map(|header| Str::from_raw(&header.id).decode())
    }

    fn made_up_call_id(&self, nth: usize, cx: &Context<'_>) -> Vec<u8> {
        Self::made_up_id("call", nth, cx)
    }

    fn call_path(&self, nth: usize) -> String {
        let item = self.calls.get(nth).and_then(|call| call.item);
        item.map_or(String::new(), |item| format!("output[{item}]"))
    }
}

impl RunWriter for ResponsesWriter {
    #[inline]
    fn texts<'c>(&mut self, text: TextRef, mut pieces: impl Iterator<Item = Text<'c>>, cx: &mut Context<'_>) {
        let Some(kind) = Self::kind(text, cx.options) else { return pieces.for_each(drop) };
        if cx.options.compacts() {
            return pieces.for_each(|piece| self.keep_summary(piece.as_str(), cx));
        }
        if !self.is_open(text, kind)
            && let Some(first) = pieces.next()
        {
            self.piece(text, kind, first.as_str(), None, cx);
        }
        if self.is_open(text, kind) {
            self.open_pieces(pieces, cx);
        }
        // What still is not open never will be: there is no room.
    }
}
