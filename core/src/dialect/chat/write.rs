//! The chat writer: an answer as chat.completion chunks, or as one chat.completion.
//!
//! Input: calls of a [`Writer`]. Output: chunks as they are due, or the completion at the end. State: the header that every
//! chunk repeats, how calls are shown, citations; never a text, but for a completion.
//!
//! A custom call's input is free text. Shown as a function its arguments are `{"input":"…"}`, streamed as the input
//! arrives; the closing `"}` comes when the input is complete, so a call that was cut stays open.

mod calls;
pub(super) mod chunks;
mod citations;
mod completion;
mod details;
mod end;
mod hosted;
mod legacy;
mod naming;
pub(super) mod output;
mod own_state;
mod text_logprobs;
mod token_runs;

use super::{CallForm, DeltaField, Logprobs, Member};
use crate::answer::{
    Begins, CallStart, Citation, CitedText, Context, Image, ReasoningItem, RunWriter, TextKind, TextRef,
    WebSearch, Writer,
};
use crate::envelope::Envelope;
use crate::json::template_gap::Text;
use crate::json::write::contents;
use crate::json::{Str, Value};
use crate::opaque::DETAILS;
use crate::options::{Commentary, HostedCalls, Images, Options, Reasoning};
use crate::outcome::{FinishReason, NoteCode};
use calls::Calls;
use citations::Citations;
use details::Details;
use naming::Naming;
use output::{ChatOutput, error_frames};
use own_state::OwnState;

/// Before a further reasoning part, and before what follows reasoning in tags.
const PARAGRAPH: &str = "\n\n";

#[derive(Debug, Clone, Default)]
pub(crate) struct ChatWriter {
    /// There once something was written; frozen, so that every chunk has the same header.
    output: Option<ChatOutput>,
    is_whole: bool,
    has_text: bool,
    has_refusal: bool,
    has_reasoning: bool,
    /// Reasoning in tags is open.
    is_in_tags: bool,
    /// The item of the last answer text.
    last_item: Option<u32>,
    /// Code points of content so far.
    content_length: u64,
    images: u32,
    calls: Calls,
    citations: Citations,
    /// Boxed: few clients ask for them.
    details: Option<Box<Details>>,
    /// There for the answers of chat servers.
    own_state: Option<Box<OwnState>>,
}

impl ChatWriter {
    /// Writes chunks.
    pub(crate) fn chunks() -> Self {
        Self::default()
    }

    /// Writes one completion at the end.
    pub(crate) fn completion() -> Self {
        Self { is_whole: true, ..Self::default() }
    }

    /// The same for the answer of a chat server.
    pub(crate) fn of_chat(self) -> Self {
        Self { own_state: Some(Box::default()), ..self }
    }

    /// The same for the answer of a Messages server.
    pub(crate) fn of_messages(mut self) -> Self {
        self.calls.has_only_functions = true;
        self
    }

    /// Whether not all of a completion is kept.
    pub(crate) fn is_full(&self) -> bool {
        self.output.as_ref().is_some_and(ChatOutput::is_full)
    }

    /// The member that a text goes to; `None` where it is not shown.
    fn field(text: TextRef, options: &Options) -> Option<DeltaField> {
        match (text.kind, options.reasoning) {
            (TextKind::Refusal, _) if !options.legacy_completions => Some(DeltaField::Refusal),
            (TextKind::Refusal, _) => Some(DeltaField::Content),
            (TextKind::Text, _) if !Self::is_reasoning(text, options) => Some(DeltaField::Content),
            (_, Reasoning::Off) => None,
            _ if text.is_other_form => None,
            (_, Reasoning::Tags) => Some(DeltaField::Content),
            _ if options.legacy_completions => None,
            (_, Reasoning::Reasoning) => Some(DeltaField::Reasoning),
            _ => Some(DeltaField::ReasoningContent),
        }
    }

    /// Whether a text is shown as reasoning.
    fn is_reasoning(text: TextRef, options: &Options) -> bool {
        text.kind.is_reasoning() || (text.is_commentary && options.commentary == Commentary::Reasoning)
    }

    /// Whether a text that goes to the content is reasoning between tags.
    fn is_tagged(text: TextRef, options: &Options) -> bool {
        options.reasoning == Reasoning::Tags && Self::is_reasoning(text, options)
    }

    /// What separates a text from what came earlier in its member.
    fn separator<'o>(
        &self,
        field: DeltaField,
        text: TextRef,
        begins: Begins,
        options: &'o Options,
    ) -> &'o str {
        match field {
            DeltaField::Content if begins == Begins::Item && self.has_text => &options.message_separator,
            DeltaField::ReasoningContent | DeltaField::Reasoning
                if begins != Begins::Nothing && self.has_reasoning =>
            {
                PARAGRAPH
            }
            DeltaField::Content
                if Self::is_tagged(text, options) && begins != Begins::Nothing && self.is_in_tags =>
            {
                PARAGRAPH
            }
            _ => "",
        }
    }

    /// Opens or closes the tags around reasoning, where what comes next is on the other side.
    fn turn(&mut self, is_tagged: bool, cx: &mut Context<'_>) {
        if is_tagged == self.is_in_tags {
            return;
        }
        self.is_in_tags = is_tagged;
        let name = cx.options.tag_names.first().map_or("think", String::as_str);
        let tag = if is_tagged { format!("<{name}>") } else { format!("</{name}>{PARAGRAPH}") };
        self.content(usize::MAX, "", Str::from_raw(&contents(&tag)), cx);
    }

    /// A text of our own in the content.
    fn content(&mut self, part: usize, before: &str, text: Str<'_>, cx: &mut Context<'_>) {
        self.content_length += before.chars().count() as u64 + text.code_points();
        self.output(true, cx);
        if let Some(output) = &mut self.output {
            output.text(cx.out, DeltaField::Content, part, before, text, None);
        }
    }

    /// What is written on; its first use writes the role.
    fn output(&mut self, text_first: bool, cx: &mut Context<'_>) -> &mut ChatOutput {
        let is_whole = self.is_whole;
        self.output.get_or_insert_with(|| {
            let options = cx.options;
            if is_whole {
                ChatOutput::whole(options)
            } else {
                ChatOutput::stream(cx.out, Naming::of(options, cx.facts).header(), options, text_first)
            }
        })
    }
}

impl Writer for ChatWriter {
    fn shows(&self, kind: TextKind, options: &Options) -> bool {
        !kind.is_reasoning() || options.reasoning != Reasoning::Off
    }

    fn text(
        &mut self,
        text: TextRef,
        begins: Begins,
        piece: Str<'_>,
        logprobs: Option<Value<'_>>,
        cx: &mut Context<'_>,
    ) {
        legacy::note_text(text, cx);
        let Some(field) = Self::field(text, cx.options) else { return };
        let options = cx.options;
        let is_tagged = Self::is_tagged(text, options);
        let before =
            if is_tagged == self.is_in_tags { self.separator(field, text, begins, options) } else { "" };
        self.turn(is_tagged, cx);
        let mut offset = 0;
        match field {
            DeltaField::Content => {
                self.content_length += before.chars().count() as u64;
                offset = self.content_length;
                if begins != Begins::Nothing {
                    self.citations.begin(text.part(), self.content_length);
                }
                self.content_length += piece.code_points();
                self.has_text = true;
                self.last_item = Some(text.item() as u32);
            }
            DeltaField::Refusal => self.has_refusal = true,
            DeltaField::ReasoningContent | DeltaField::Reasoning => self.has_reasoning = true,
        }
        self.output(field == DeltaField::Content, cx);
        if let Some(output) = &mut self.output {
            let logprobs = logprobs.map(|tokens| Logprobs { tokens, offset });
            output.text(cx.out, field, text.part(), before, piece, logprobs);
        }
    }

    fn replace_text(
        &mut self,
        text: TextRef,
        whole: Str<'_>,
        logprobs: Option<Value<'_>>,
        cx: &mut Context<'_>,
    ) {
        if let (Some(field), Some(output)) = (Self::field(text, cx.options), &mut self.output) {
            output.replace_text(field, text.part(), whole, logprobs);
        }
    }

    fn call(&mut self, call: CallStart<'_>, cx: &mut Context<'_>) {
        let form = self.calls.start(&call, self.own_state.is_some(), cx.options);
        if let Some(state) = &mut self.own_state {
            state.call(call.id);
        }
        if form == CallForm::Hidden {
            return cx.facts.note(NoteCode::ClientCallDropped, call.name);
        }
        self.turn(false, cx);
        self.output(false, cx);
        let name = calls::client_name(call.name, cx.options);
        if let Some(output) = &mut self.output {
            output.call(cx.out, form, call.nth, call.id, name.as_deref().unwrap_or(call.name));
        }
    }

    fn arguments(&mut self, nth: usize, piece: Str<'_>, cx: &mut Context<'_>) {
        let Self { output: Some(output), calls, .. } = self else { return };
        match calls.piece(nth, piece.raw()) {
            Some((_, b"")) => {}
            Some((form, piece)) => output.arguments(cx.out, form, nth, piece),
            None => cx.facts.note(NoteCode::LimitExceeded, b"arguments"),
        }
    }

    fn replace_arguments(&mut self, nth: usize, whole: Str<'_>, _: &mut Context<'_>) {
        let Self { output: Some(output), calls, .. } = self else { return };
        output.replace_arguments(nth, &calls.whole(nth, whole.raw()));
    }

    fn call_end(&mut self, nth: usize, cx: &mut Context<'_>) {
        let Self { output: Some(output), calls, .. } = self else { return };
        let (form, piece) = calls.end(nth);
        if !piece.is_empty() {
            output.arguments(cx.out, form, nth, piece);
        }
    }

    fn citation(&mut self, of: CitedText, citation: &Citation<'_>, cx: &mut Context<'_>) {
        if cx.options.legacy_completions {
            return cx.facts.note(NoteCode::AnnotationDropped, b"url_citation");
        }
        let is_further = |text: TextRef| self.has_text && self.last_item != Some(text.item() as u32);
        let gap = match of {
            CitedText::Part(text) if is_further(text) => cx.options.message_separator.chars().count(),
            _ => 0,
        };
        if !self.citations.add(of, self.content_length + gap as u64, citation) {
            cx.facts.note(NoteCode::LimitExceeded, b"annotations");
        }
    }

    fn image(&mut self, image: &Image<'_>, cx: &mut Context<'_>) {
        if image.is_partial && !cx.options.partial_images {
            return;
        }
        match cx.options.images {
            Images::DataUrl if !cx.options.legacy_completions => {
                self.turn(false, cx);
                let index = self.images as usize;
                self.images += 1;
                self.output(false, cx);
                if let Some(output) = &mut self.output {
                    output.image(cx.out, index, image.mime, image.base64.raw());
                }
            }
            Images::Markdown => {
                self.turn(false, cx);
                let before = if self.has_text { &*cx.options.message_separator } else { "" };
                self.has_text = true;
                let markdown = super::markdown_image(image.mime, image.base64.raw());
                self.content(usize::MAX, before, Str::from_raw(&markdown), cx);
            }
            Images::Omit | Images::DataUrl => {
                cx.facts.notes.push(NoteCode::ImageDropped, image.path.to_owned(), b"");
            }
        }
    }

    fn shows_searches(&self, options: &Options) -> bool {
        options.hosted_calls == HostedCalls::Text
    }

    fn shows_hosted(&self, options: &Options) -> bool {
        options.hosted_calls == HostedCalls::Text
    }

    fn web_search(&mut self, search: &WebSearch<'_>, cx: &mut Context<'_>) {
        self.ran(b"web_search", search.query.map_or(&b""[..], Str::raw), cx);
    }

    fn hosted_call(&mut self, name: &[u8], cx: &mut Context<'_>) {
        self.ran(name, b"", cx);
    }

    fn shows_reasoning_items(&self, options: &Options) -> bool {
        options.wants_details()
    }

    fn reasoning_item(&mut self, item: &ReasoningItem<'_>, cx: &mut Context<'_>) {
        if !self.shows_reasoning_items(cx.options) {
            return;
        }
        let before = usize::from(self.has_text || self.has_refusal) + self.calls.len();
        if !self.details.get_or_insert_default().put(item, before) {
            cx.facts.note(NoteCode::LimitExceeded, DETAILS.as_bytes());
        }
    }

    fn opaque(&mut self, sealed: &[u8], cx: &mut Context<'_>) -> bool {
        let own = self.own_state.as_mut().filter(|_| !cx.options.legacy_completions);
        let Some(own) = own else { return cx.options.wants_details() }; // as a reasoning item
        if !own.add(sealed) {
            cx.facts.note(NoteCode::LimitExceeded, b"opaque state");
        }
        true
    }

    fn finish(&mut self, reason: FinishReason, cx: &mut Context<'_>) {
        self.finished(reason, cx);
    }

    fn fail(&mut self, error: &Envelope, cx: &mut Context<'_>) {
        if self.is_whole { error.error.write_envelope(cx.out) } else { error_frames(cx.out, &error.error) }
    }

    fn has_output(&self) -> bool {
        self.output.is_some()
    }

    fn made_up_call_id(&self, nth: usize, cx: &Context<'_>) -> Vec<u8> {
        naming::made_up_call_id(nth, cx)
    }
}

impl RunWriter for ChatWriter {
    #[inline]
    fn texts<'c>(&mut self, text: TextRef, mut pieces: impl Iterator<Item = Text<'c>>, cx: &mut Context<'_>) {
        let Some(field) = Self::field(text, cx.options) else { return pieces.for_each(drop) };
        if self.is_in_tags != Self::is_tagged(text, cx.options)
            && let Some(first) = pieces.next()
        {
            self.text(text, Begins::Nothing, first.as_str(), None, cx);
        }
        let Self { output: Some(output), content_length, .. } = self else { return };
        let member = Member::Text(field);
        if field == DeltaField::Content {
            let pieces = pieces.inspect(|piece| *content_length += piece.code_points());
            output.pieces(cx.out, member, text.part(), pieces);
        } else {
            output.pieces(cx.out, member, text.part(), pieces);
        }
    }

    fn argument_run<'c>(&mut self, nth: usize, pieces: impl Iterator<Item = Text<'c>>, cx: &mut Context<'_>) {
        match self.calls.plain_form(nth) {
            Some(form) => {
                let Some(output) = &mut self.output else { return pieces.for_each(drop) };
                output.pieces(cx.out, Member::Arguments(form, nth), 0, pieces);
            }
            None => pieces.for_each(|piece| self.arguments(nth, piece.as_str(), cx)),
        }
    }
}
