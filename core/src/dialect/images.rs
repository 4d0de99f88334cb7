//! The Images API, as clients have it: generated images as events of a stream.
//!
//! Input: calls of a [`Writer`]. Output: a partial image at once; a finished one once it is known whether it is the last.
//! State: the last finished image, of one event's size: the last one has the usage, which the upstream tells at its end.
//!
//! Texts and calls have no place here. Members that the events must have, and that the upstream left out, are `auto`.

use crate::answer::{
    Begins, CallStart, Citation, CitedText, Context, Declared, Further, Image, NoImage, RunWriter, TextRef,
    Writer,
};
use crate::envelope::{Envelope, Failure, error_envelope};
use crate::json::template_gap::Text;
use crate::json::{Str, Value, edit, write};
use crate::outcome::{FinishReason, NoteCode};

/// What an event has beside its image, at most, but for a revised prompt.
const ROOM: usize = 512;

#[derive(Debug, Default, Clone)]
pub(crate) struct ImagesWriter {
    /// The event of the last finished image, up to its usage.
    held: Vec<u8>,
    has_output: bool,
    /// Previews of the image that is being made.
    previews: u64,
}

/// What happened to an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Partial,
    Completed,
}

impl Kind {
    fn name(self, is_edit: bool) -> &'static str {
        match (self, is_edit) {
            (Self::Partial, false) => "image_generation.partial_image",
            (Self::Partial, true) => "image_edit.partial_image",
            (Self::Completed, false) => "image_generation.completed",
            (Self::Completed, true) => "image_edit.completed",
        }
    }
}

impl ImagesWriter {
    fn preview(&mut self, image: &Image<'_>, cx: &mut Context<'_>) {
        let created = created(cx);
        let name = Kind::Partial.name(cx.options.image_edits);
        let index = image.declared.partial_index.and_then(Value::as_u64).unwrap_or(self.previews);
        open(cx.out, name, image.base64);
        cx.out.extend_from_slice(b",\"partial_image_index\":");
        write::number(cx.out, index);
        describe(cx.out, created, image);
        cx.out.extend_from_slice(b"}\n\n");
        self.previews += 1;
        self.has_output = true;
    }

    fn hold(&mut self, image: &Image<'_>, cx: &mut Context<'_>) {
        self.release(None, cx.out);
        self.previews = 0;
        open(&mut self.held, Kind::Completed.name(cx.options.image_edits), image.base64);
        describe(&mut self.held, created(cx), image);
        let prompt = image.declared.revised_prompt.filter(|prompt| is_text(*prompt));
        if let Some(prompt) = prompt {
            write::pieces(&mut self.held, [b",\"revised_prompt\":", prompt.raw()]);
        }
    }

    /// Writes the image that is held.
    fn release(&mut self, usage: Option<&[u8]>, out: &mut Vec<u8>) {
        if self.held.is_empty() {
            return;
        }
        if let Some(usage) = usage {
            self.held.extend_from_slice(b",\"usage\":");
            write::compact(&mut self.held, usage);
        }
        self.held.extend_from_slice(b"}\n\n");
        if out.is_empty() {
            *out = std::mem::take(&mut self.held); // many MiB: not copied again
        } else {
            out.append(&mut self.held);
        }
        self.has_output = true;
    }
}

impl Writer for ImagesWriter {
    fn text(&mut self, _: TextRef, _: Begins, _: Str<'_>, _: Option<Value<'_>>, _: &mut Context<'_>) {}

    fn call(&mut self, call: CallStart<'_>, cx: &mut Context<'_>) {
        cx.facts.note(NoteCode::ClientCallDropped, call.name);
    }

    fn arguments(&mut self, _: usize, _: Str<'_>, _: &mut Context<'_>) {}

    fn call_end(&mut self, _: usize, _: &mut Context<'_>) {}

    fn citation(&mut self, _: CitedText, _: &Citation<'_>, _: &mut Context<'_>) {}

    fn image(&mut self, image: &Image<'_>, cx: &mut Context<'_>) {
        if image.is_partial { self.preview(image, cx) } else { self.hold(image, cx) }
    }

    fn opaque(&mut self, _: &[u8], _: &mut Context<'_>) -> bool {
        true // as the texts of the model that has the image made
    }

    fn lacks(&self, reason: FinishReason, cx: &Context<'_>) -> Option<Envelope> {
        let why = match reason {
            _ if !self.held.is_empty() => return None,
            _ if cx.facts.notes.contains(NoteCode::ImageFailed) => NoteCode::ImageFailed.as_str(),
            FinishReason::ContentFilter => NoImage::ContentFilter.as_str(),
            FinishReason::Length => NoImage::Truncated.as_str(),
            FinishReason::Stop | FinishReason::ToolCalls => NoImage::ModelDeclined.as_str(),
        };
        Some(no_image(why))
    }

    fn finish(&mut self, _: FinishReason, cx: &mut Context<'_>) {
        let usage = usage(cx);
        if usage.is_none() {
            cx.facts.notes.push(NoteCode::UsageMissing, "usage".to_owned(), b"");
        }
        self.release(usage.as_deref(), cx.out);
    }

    fn fail(&mut self, error: &Envelope, cx: &mut Context<'_>) {
        self.release(usage(cx).as_deref(), cx.out);
        cx.out.extend_from_slice(b"event: error\ndata: {\"type\":\"error\",\"error\":");
        error.error.write(cx.out);
        cx.out.extend_from_slice(b"}\n\n");
    }

    fn has_output(&self) -> bool {
        self.has_output
    }
}

impl RunWriter for ImagesWriter {
    fn texts<'c>(&mut self, _: TextRef, pieces: impl Iterator<Item = Text<'c>>, _: &mut Context<'_>) {
        pieces.for_each(drop);
    }
}

/// Up to the image.
fn open(out: &mut Vec<u8>, name: &str, base64: Str<'_>) {
    out.reserve(base64.raw().len() + ROOM);
    let name = name.as_bytes();
    write::pieces(
        out,
        [b"event: ", name, b"\ndata: {\"type\":\"", name, b"\",\"b64_json\":\"", base64.raw(), b"\""],
    );
}

/// The members that each event has.
fn describe(out: &mut Vec<u8>, created: u64, image: &Image<'_>) {
    let Declared { size, quality, background, output_format, .. } = image.declared;
    out.extend_from_slice(b",\"created_at\":");
    write::number(out, created);
    let format =
        image.mime.strip_prefix("image/").map_or("png", |name| name.split('+').next().unwrap_or(name));
    let members = [("size", size, "auto"), ("quality", quality, "auto"), ("background", background, "auto")];
    for (name, value, default) in members.into_iter().chain([("output_format", output_format, format)]) {
        write::pieces(out, [b",\"", name.as_bytes(), b"\":"]);
        match value.filter(|value| is_text(*value)) {
            Some(value) => out.extend_from_slice(value.raw()),
            None => write::string(out, default),
        }
    }
}

fn created(cx: &Context<'_>) -> u64 {
    cx.facts.upstream.created.unwrap_or(cx.options.created)
}

/// What the image took, not the model that had it made.
fn usage(cx: &Context<'_>) -> Option<Vec<u8>> {
    let tools = cx.facts.further(Further::ToolUsage)?;
    image_usage(Value::document(tools.as_bytes())?)
}

/// The usage of images in a Response's `tool_usage`. Clients of the Images API read a total; where it is missing it is the sum.
pub(crate) fn image_usage(tools: Value<'_>) -> Option<Vec<u8>> {
    let usage = tools.get("image_gen").filter(|usage| usage.is_object())?;
    let count = |key| usage.get(key).and_then(Value::as_u64);
    if count("total_tokens").is_some() {
        return Some(usage.raw().to_vec());
    }
    let total = ["input_tokens", "output_tokens"].into_iter().filter_map(count).fold(0, u64::saturating_add);
    Some(edit::with_members(usage, &[("total_tokens", total.to_string().as_bytes())]))
}

/// The failure of an answer without an image; `why` is its code.
pub(crate) fn no_image(why: &str) -> Envelope {
    let mut body = br#"{"error":{"message":"#.to_vec();
    write::string(&mut body, &format!("the upstream made no image: {why}"));
    body.extend_from_slice(br#","type":"server_error","param":null,"code":"#);
    write::string(&mut body, why);
    body.extend_from_slice(b"}}");
    error_envelope(&Failure { status: Some(502), body: &body, ..Failure::default() })
}

fn is_text(value: Value<'_>) -> bool {
    value.as_str().is_some_and(|text| !Str::is_empty(text))
}
