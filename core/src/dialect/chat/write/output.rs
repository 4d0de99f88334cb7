//! The two forms of a chat answer, behind the same calls.
//!
//! Input: members of a message, as the writer decides them. Output: chunks, or members of one completion. State: that of
//! the form.

use super::chunks::{self, Chunks};
use super::completion::Completion;
use super::own_state::OwnState;
use crate::dialect::chat::{CallForm, ChunkHeader, Citation, DeltaField, Logprobs, Member, ObjectForm};
use crate::json::template_gap::Text;
use crate::json::{Str, Value};
use crate::options::Options;
use crate::outcome::{ErrorBody, FinishReason, Usage};

/// What is being written: the same calls, in either form.
#[derive(Debug, Clone)]
pub(crate) enum ChatOutput {
    Chunks(Chunks),
    Completion(Box<Completion>),
}

impl ChatOutput {
    /// A stream, begun with the role. `content` is an empty string only where text comes first.
    pub(crate) fn stream(
        out: &mut Vec<u8>,
        head: ChunkHeader<'_>,
        options: &Options,
        text_first: bool,
    ) -> Self {
        let chunks = Chunks::new(head, options);
        if options.include_role_chunk && !options.legacy_completions {
            chunks.role(out, text_first);
        }
        Self::Chunks(chunks)
    }

    pub(crate) fn whole(options: &Options) -> Self {
        let form = ObjectForm::of(options);
        Self::Completion(Box::new(Completion::new(form, options.max_response_bytes)))
    }

    /// What a completion is called; a stream has said so at its beginning.
    pub(crate) fn name(&mut self, head: ChunkHeader<'_>) {
        if let Self::Completion(completion) = self {
            completion.name(head);
        }
    }

    /// Whether a completion has more than is kept.
    pub(crate) fn is_full(&self) -> bool {
        matches!(self, Self::Completion(completion) if completion.is_full())
    }

    /// A piece of text number `part`; `before` is what separates it from what came earlier.
    pub(crate) fn text(
        &mut self,
        out: &mut Vec<u8>,
        field: DeltaField,
        part: usize,
        before: &str,
        text: Str<'_>,
        logprobs: Option<Logprobs<'_>>,
    ) {
        match self {
            Self::Chunks(chunks) => {
                chunks.with_role(out, |chunks, out| chunks.text(out, field, before, text, logprobs));
            }
            Self::Completion(completion) => completion.text(field, part, before, text, logprobs),
        }
    }

    /// Text number `part` is another than was written; only a completion can still change it.
    pub(crate) fn replace_text(
        &mut self,
        field: DeltaField,
        part: usize,
        whole: Str<'_>,
        logprobs: Option<Value<'_>>,
    ) {
        if let Self::Completion(completion) = self {
            completion.replace_text(field, part, whole, logprobs);
        }
    }

    /// The arguments of a call are others than were written.
    pub(crate) fn replace_arguments(&mut self, index: usize, whole: &[u8]) {
        if let Self::Completion(completion) = self {
            completion.replace_arguments(index, whole);
        }
    }

    /// Announces call number `index`; `id` and `name` are JSON string contents.
    pub(crate) fn call(&mut self, out: &mut Vec<u8>, form: CallForm, index: usize, id: &[u8], name: &[u8]) {
        match self {
            _ if form == CallForm::Hidden => {}
            Self::Chunks(chunks) => {
                chunks.with_role(out, |chunks, out| chunks.call(out, form, index, id, name));
            }
            Self::Completion(completion) => completion.call(form, id, name),
        }
    }

    /// A piece of the arguments of call number `index`, as JSON string contents.
    pub(crate) fn arguments(&mut self, out: &mut Vec<u8>, form: CallForm, index: usize, piece: &[u8]) {
        match self {
            _ if form == CallForm::Hidden => {}
            Self::Chunks(chunks) => chunks.arguments(out, form, index, piece),
            Self::Completion(completion) => completion.arguments(index, piece),
        }
    }

    /// Further pieces of one member: text number `part`, or the arguments of a call.
    #[inline]
    pub(crate) fn pieces<'c>(
        &mut self,
        out: &mut Vec<u8>,
        member: Member,
        part: usize,
        pieces: impl Iterator<Item = Text<'c>>,
    ) {
        match (self, member) {
            (_, Member::Arguments(CallForm::Hidden, _)) => pieces.for_each(drop),
            (Self::Chunks(chunks), _) => chunks.pieces(out, member, pieces),
            (Self::Completion(completion), Member::Text(field)) => {
                pieces.for_each(|piece| completion.text(field, part, "", piece.as_str(), None));
            }
            (Self::Completion(completion), Member::Arguments(_, index)) => {
                pieces.for_each(|piece| completion.arguments(index, piece.as_str().raw()));
            }
        }
    }

    /// The citations of the whole answer, once: clients replace an array that comes again.
    pub(crate) fn annotations(&mut self, out: &mut Vec<u8>, citations: &[Citation]) {
        match self {
            Self::Chunks(chunks) => chunks.with_role(out, |chunks, out| chunks.annotations(out, citations)),
            Self::Completion(completion) => completion.annotations(citations),
        }
    }

    /// All entries of `reasoning_details`, separated by commas.
    pub(crate) fn details(&mut self, out: &mut Vec<u8>, entries: Vec<u8>) {
        match self {
            Self::Chunks(chunks) => chunks.with_role(out, |chunks, out| chunks.details(out, &entries)),
            Self::Completion(completion) => completion.details(entries),
        }
    }

    /// Opaque state, where the server had it.
    pub(crate) fn state(&mut self, out: &mut Vec<u8>, state: &OwnState) {
        match self {
            Self::Chunks(chunks) => chunks.state(out, state),
            Self::Completion(completion) => completion.state(state),
        }
    }

    /// Image number `index` as a data URL; `base64` is JSON string contents.
    pub(crate) fn image(&mut self, out: &mut Vec<u8>, index: usize, mime: &str, base64: &[u8]) {
        match self {
            Self::Chunks(chunks) => {
                chunks.with_role(out, |chunks, out| chunks.image(out, index, mime, base64));
            }
            Self::Completion(completion) => completion.image(index, mime, base64),
        }
    }

    /// The end. `service_tier` is the tier that served, as JSON string contents.
    pub(crate) fn finish(
        &mut self,
        out: &mut Vec<u8>,
        reason: FinishReason,
        service_tier: Option<&[u8]>,
        usage: Option<&Usage>,
    ) {
        match self {
            Self::Chunks(chunks) => {
                chunks.with_role(out, |chunks, out| chunks.finish(out, reason, service_tier, usage));
            }
            Self::Completion(completion) => completion.finish(out, reason, service_tier, usage),
        }
    }
}

/// The end of a stream that failed: the frame that the official clients raise on, and `[DONE]`.
pub(crate) fn error_frames(out: &mut Vec<u8>, error: &ErrorBody) {
    out.extend_from_slice(b"data: ");
    error.write_envelope(out);
    out.extend_from_slice(b"\n\n");
    chunks::done(out);
}
