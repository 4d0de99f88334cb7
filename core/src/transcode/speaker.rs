//! Enters: what to say, in order. Leaves: chunks. Kept: who speaks (id, model, time) and whether the role was said.

use super::options::{ChatOptions, ModelFrom};
use crate::chat::{self, CallForm, Citation, Head, Member, Page, Voice};
use crate::json::hole::Text;
use crate::json::{Str, Value, write};
use crate::outcome::{ErrorBody, FinishReason, NoteCode, Notes, Usage};
use crate::request::RequestContext;
use crate::responses::Response;

/// What separates a text from what was said earlier in the same member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    None,
    /// Before a further message.
    Message,
    /// Before a further reasoning part.
    Paragraph,
}

/// Names are JSON string contents: spliced, never re-escaped.
#[derive(Debug, Default)]
pub(super) struct Speaker {
    pub(super) options: ChatOptions,
    response_id: Option<Box<[u8]>>,
    model: Option<Box<[u8]>>,
    created: Option<u64>,
    service_tier: Option<Box<[u8]>>,
    /// There once something was said; frozen, so that every chunk has the same head.
    page: Option<Page>,
    is_whole: bool,
    /// Code points of content said so far.
    content_length: u64,
    images: usize,
}

impl Speaker {
    /// `is_whole`: one completion at the end instead of chunks.
    pub(super) fn new(options: ChatOptions, is_whole: bool) -> Self {
        Self { options, is_whole, ..Self::default() }
    }

    /// The first id, model and time count; the tier is that of the latest response object.
    pub(super) fn learn(&mut self, response: &Response<'_>, notes: &mut Notes) {
        let mut take = |name: Option<Str<'_>>, member: &str| {
            let name = name?;
            if !chat::is_repeatable(name) {
                notes.push(NoteCode::NameTooLong, member.to_owned(), b"");
                return None;
            }
            Some(Box::from(name.raw()))
        };
        if self.response_id.is_none() {
            self.response_id = take(response.id, "id");
        }
        if self.model.is_none() {
            self.model = take(response.model, "model");
        }
        self.created = self.created.or(response.created_at);
        self.service_tier = take(response.service_tier, "service_tier").or(self.service_tier.take());
    }

    /// Whether the client declared this tool as a custom one; `name` is JSON string contents.
    pub(super) fn is_custom(&self, name: &[u8]) -> bool {
        let declared = self.options.context.iter().flat_map(|context| &context.custom_tools);
        declared.into_iter().any(|own| Str::from_raw(name).is(own))
    }

    pub(super) fn response_id(&self) -> Option<String> {
        self.response_id.as_deref().map(|id| Str::from_raw(id).decode())
    }

    pub(super) fn model(&self) -> Option<String> {
        self.model.as_deref().map(|model| Str::from_raw(model).decode())
    }

    /// Whether anything but an error was said.
    pub(super) fn has_spoken(&self) -> bool {
        self.page.is_some()
    }

    /// Whether not all of it is kept.
    pub(super) fn is_full(&self) -> bool {
        self.page.as_ref().is_some_and(Page::is_full)
    }

    /// Code points of content said so far: what later citations are shifted by.
    pub(super) fn content_length(&self) -> u64 {
        self.content_length
    }

    pub(super) fn gap_length(&self, gap: Gap) -> u64 {
        if gap == Gap::None { 0 } else { self.options.gap(gap).chars().count() as u64 }
    }

    pub(super) fn image(&mut self, out: &mut Vec<u8>, mime: &str, base64: &[u8]) {
        let index = self.images;
        self.images += 1;
        self.page(out, false).image(out, index, mime, base64);
    }

    pub(super) fn text(
        &mut self,
        out: &mut Vec<u8>,
        voice: Voice,
        gap: Gap,
        text: Str<'_>,
        logprobs: Option<Value<'_>>,
    ) {
        if voice == Voice::Content {
            self.content_length += self.gap_length(gap) + text.code_points();
        }
        self.page(out, voice == Voice::Content);
        let Self { page: Some(page), options, .. } = self else { return };
        page.text(out, voice, options.gap(gap), text, logprobs);
    }

    /// Further pieces of what was said before in the same member.
    #[inline]
    pub(super) fn pieces<'c>(
        &mut self,
        out: &mut Vec<u8>,
        member: Member,
        pieces: impl Iterator<Item = Text<'c>>,
    ) {
        let Self { page: Some(page), content_length, .. } = self else { return };
        if member == Member::Text(Voice::Content) {
            page.pieces(out, member, pieces.inspect(|piece| *content_length += piece.code_points()));
        } else {
            page.pieces(out, member, pieces);
        }
    }

    pub(super) fn call(&mut self, out: &mut Vec<u8>, form: CallForm, index: usize, id: &[u8], name: &[u8]) {
        self.page(out, false).call(out, form, index, id, name);
    }

    pub(super) fn arguments(&mut self, out: &mut Vec<u8>, form: CallForm, index: usize, piece: &[u8]) {
        if !piece.is_empty() {
            self.page(out, false).arguments(out, form, index, piece);
        }
    }

    pub(super) fn annotations(&mut self, out: &mut Vec<u8>, citations: &[Citation]) {
        if !citations.is_empty() {
            self.page(out, false).annotations(out, citations);
        }
    }

    /// The end of what was said.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>, reason: FinishReason, usage: Option<&Usage>) {
        let tier = self.service_tier.take();
        self.page(out, true).finish(out, reason, tier.as_deref(), usage);
    }

    /// The end of a response that failed; nothing of the rest is said.
    pub(super) fn fail(&self, out: &mut Vec<u8>, error: &ErrorBody) {
        if self.is_whole { chat::envelope(out, error) } else { chat::error_frames(out, error) }
    }

    /// What is written on; its first use says the role.
    fn page(&mut self, out: &mut Vec<u8>, text_first: bool) -> &mut Page {
        let Self { options, response_id, model, created, page, is_whole, .. } = self;
        page.get_or_insert_with(|| {
            let id =
                options.id.as_deref().map_or_else(|| chat::completion_id(response_id.as_deref()), escaped);
            let requested = RequestContext::model_or(options.model.as_deref(), options.context.as_ref());
            let requested = requested.map(escaped);
            let served = model.as_deref().map(<[u8]>::to_vec);
            let model = match options.model_from {
                ModelFrom::Requested => requested.or(served),
                ModelFrom::Served => served.or(requested),
            };
            let model = model.as_deref().unwrap_or(b"unknown");
            let head = Head { id: &id, created: created.unwrap_or(options.created), model };
            if *is_whole {
                Page::whole(head)
            } else {
                Page::stream(out, head, options.wants_usage(), text_first)
            }
        })
    }
}

impl ChatOptions {
    fn gap(&self, gap: Gap) -> &str {
        match gap {
            Gap::None => "",
            Gap::Message => &self.message_separator,
            Gap::Paragraph => "\n\n",
        }
    }
}

fn escaped(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    write::escaped(&mut out, text);
    out
}
