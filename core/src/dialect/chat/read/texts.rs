//! Texts and images of a chat answer.
//!
//! Input: contents as strings, parts or lists of parts. Output: pieces of texts; of whole ones what did not come yet.

use super::{ChatReader, Target, Targets, text_ref};
use crate::answer::{Begins, Context, Declared, Image, RunWriter, TextKind, TextRef, Writer};
use crate::dialect::chat::chunk::{self, ContentPiece, Delta};
use crate::json::template_gap::Text;
use crate::json::{Progress, Str, Value, write};
use crate::limits::MAX_IMAGES;
use crate::opaque::Opaque;
use crate::options::ThinkTags;
use crate::outcome::NoteCode;

impl ChatReader {
    /// Further pieces of a text that went the same way; none is empty.
    #[inline]
    pub(super) fn texts<'c>(
        &mut self,
        text: TextRef,
        pieces: impl Iterator<Item = Text<'c>>,
        writer: &mut impl RunWriter,
        cx: &mut Context<'_>,
    ) {
        if self.calls.len() > 0 || self.state.has_any() {
            // One by one: they make way for a piece that comes, and perhaps none does.
            for piece in pieces {
                self.text(text.kind, piece.as_str(), None, writer, cx);
            }
            return;
        }
        if writer.keeps_text() {
            return writer.texts(text, pieces, cx);
        }
        let said = &mut self.said[text.part()];
        writer.texts(text, pieces.inspect(|piece| said.push_text(piece)), cx);
    }

    /// All that came of a kind of text.
    fn said(&self, kind: TextKind, writer: &dyn Writer, cx: &Context<'_>) -> Progress {
        let is_tagged = kind == TextKind::Text && cx.options.think_tags != ThinkTags::Off;
        if writer.keeps_text() && !is_tagged {
            writer.kept_text(kind)
        } else {
            self.said[text_ref(kind).part()]
        }
    }

    /// A content, reasoning or refusal.
    pub(super) fn pieces(
        &mut self,
        value: Value<'_>,
        kind: TextKind,
        mut logprobs: Option<Value<'_>>,
        targets: &mut Targets,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let mut last = Str::from_raw(b"");
        let mut before = 0;
        chunk::pieces(value, kind, &mut |piece| match piece {
            ContentPiece::Text(own, text) => {
                let tokens = if own == kind { logprobs.take() } else { None };
                targets.add(self.text(own, text, tokens, writer, cx));
                if own == TextKind::Text && value.as_str().is_none() {
                    before += std::mem::replace(&mut last, text).code_points();
                }
            }
            ContentPiece::Image(image) => self.image(image, writer, cx),
            _ if kind != TextKind::Text => {} // opaque state
            ContentPiece::Cited(list) => self.cite_list(list, before, writer, cx),
            ContentPiece::State if writer.is_silent() => {}
            ContentPiece::State => cx.facts.note(NoteCode::ReasoningDropped, b"opaque state of a part"),
            ContentPiece::Other(other) => cx.facts.note(NoteCode::UnknownItem, other),
        });
    }

    /// A whole content, reasoning or refusal: what of it did not come yet.
    pub(super) fn whole(
        &mut self,
        value: Value<'_>,
        kind: TextKind,
        logprobs: Option<Value<'_>>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let said = self.said(kind, writer, cx);
        if said.is_empty() {
            return self.pieces(value, kind, logprobs, &mut Targets::default(), writer, cx);
        }
        let mut whole = Vec::new();
        chunk::pieces(value, kind, &mut |piece| match piece {
            ContentPiece::Text(own, text) if own == kind => whole.extend_from_slice(text.raw()),
            ContentPiece::Cited(list) if kind == TextKind::Text => self.cite_list(list, 0, writer, cx),
            _ => {}
        });
        if whole.is_empty() {
            return;
        }
        let logprobs = logprobs.filter(|_| !self.has_logprobs);
        match said.rest_of(Str::from_raw(&whole)) {
            Some(rest) => {
                self.text(kind, rest, logprobs, writer, cx);
            }
            None => cx.facts.note(NoteCode::InconsistentText, b"text"),
        }
    }

    /// Logprobs that come after their text.
    pub(super) fn late_logprobs(
        &mut self,
        logprobs: Option<Value<'_>>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        if self.has_begun[text_ref(TextKind::Text).part()] && self.calls.len() == 0 {
            self.text(TextKind::Text, Str::from_raw(b""), logprobs, writer, cx);
        }
    }

    /// A piece of a text; `None` where it is empty.
    fn text(
        &mut self,
        kind: TextKind,
        text: Str<'_>,
        logprobs: Option<Value<'_>>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) -> Option<Target> {
        if text.is_empty() && logprobs.is_none() {
            return None;
        }
        if kind.is_reasoning() {
            self.think_tags.is_elsewhere(text, cx.options.think_tags != ThinkTags::Off);
        }
        if kind == TextKind::Text && cx.options.think_tags != ThinkTags::Off {
            self.said[text_ref(kind).part()].push(text);
            self.tagged(Some(text), writer, cx);
            return None;
        }
        self.said[text_ref(kind).part()].push(text);
        self.emit(kind, text, logprobs, writer, cx);
        Some(Target::Text(text_ref(kind)))
    }

    fn emit(
        &mut self,
        kind: TextKind,
        text: Str<'_>,
        logprobs: Option<Value<'_>>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        if !writer.shows(kind, cx.options) {
            return;
        }
        self.make_way(kind, writer, cx);
        self.has_logprobs |= logprobs.is_some();
        let is_first = !std::mem::replace(&mut self.has_begun[text_ref(kind).part()], true);
        let begins = match kind {
            _ if !is_first => Begins::Nothing,
            TextKind::Text => Begins::Item,
            _ => Begins::Part,
        };
        writer.text(text_ref(kind), begins, text, logprobs, cx);
    }

    /// Content that may hold tags; `None` at its end.
    pub(super) fn tagged(&mut self, text: Option<Str<'_>>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let mut tags = std::mem::take(&mut self.think_tags);
        let names = &cx.options.tag_names;
        let mut take = |kind: TextKind, piece: &str| {
            self.emit(kind, Str::from_raw(&write::contents(piece)), None, writer, cx);
        };
        match text {
            Some(text) => tags.push(&text.decode(), names, &mut take),
            None => tags.end(&mut take),
        }
        self.think_tags = tags;
    }

    /// Before a text: a call whose arguments are complete is over. Before what is no reasoning, its state is passed on.
    fn make_way(&mut self, kind: TextKind, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        self.end_last_call(true, writer, cx);
        if !kind.is_reasoning() {
            self.pass_state(writer, cx);
        }
    }

    /// Opaque state of the message so far.
    pub(super) fn pass_state(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if !self.state.has_any() {
            return;
        }
        if let Some(members) = self.state.take() {
            Self::seal(None, members, writer, cx);
        }
    }

    pub(super) fn seal(
        call_id: Option<String>,
        members: Vec<u8>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let sealed = Opaque { origin: "chat".to_owned(), call_id, members }.seal();
        if !writer.opaque(&sealed, cx) {
            cx.facts.note(NoteCode::ReasoningDropped, b"opaque state");
        }
    }

    /// The images of a delta, or of a whole message, where those that came are no further ones. Sound has no form here.
    pub(super) fn images(
        &mut self,
        delta: &Delta<'_>,
        is_whole: bool,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        for image in delta.images.into_iter().flat_map(Value::elements) {
            let mut digest = Progress::default();
            digest.push(Str::from_raw(image.raw()));
            let is_new = self.images.len() < MAX_IMAGES && self.images.insert(digest);
            if is_new || !is_whole {
                self.image(image, writer, cx);
            }
        }
        let sound = delta.audio.and_then(|audio| audio.get("data")?.as_str());
        if sound.is_some_and(|sound| !sound.is_empty()) {
            cx.facts.note(NoteCode::UnknownItem, b"audio");
        }
    }

    /// An image in a data URL; another one has no form here.
    fn image(&mut self, image: Value<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let read = chunk::image_data(image).filter(|(_, base64)| !base64.is_empty());
        let Some((mime, base64)) = read else {
            return cx.facts.note(NoteCode::ImageDropped, b"");
        };
        self.has_image = true;
        self.make_way(TextKind::Text, writer, cx);
        let mime = String::from_utf8_lossy(&mime);
        let declared = Declared::default();
        writer.image(&Image { mime: &mime, base64, is_partial: false, path: "", declared }, cx);
    }
}
