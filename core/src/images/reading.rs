//! What one event has about images.
//!
//! Input: the texts and images at the places that are read. Output: a [`Reading`]. State: nothing longer than a
//! revised prompt.

use super::meta::ImageErrorCode;
use super::payload::{Fault, Outlet, Payload};
use super::place::{IMAGE_TOOL, JsonContext, KeptField};
use crate::json::{Piece, SurrogatePairs};
use crate::limits::{MAX_MESSAGE_BYTES, MAX_NAME_BYTES, MAX_PROMPT_BYTES};
use crate::outcome::clip;

/// What one event, or a body that is a plain Response, has about images.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The event itself: a partial image, or where its item is.
    pub(super) event: ImageFields,
    /// The item in hand.
    pub(super) item: ImageFields,
    /// Finished objects of `item` or `output` that are images.
    pub(super) items: Vec<ImageFields>,
    /// There were more than are kept.
    pub(super) is_over_limit: bool,
    pub(super) response: ResponseFields,
    /// Why the event is to be ignored.
    pub(super) fault: Option<Fault>,
}

/// An item, or a partial image.
#[derive(Debug, Default)]
pub(super) struct ImageFields {
    pub(super) type_name: Option<String>,
    pub(super) id: Option<String>,
    pub(super) output_index: Option<u64>,
    pub(super) partial_index: Option<u64>,
    pub(super) status: Option<String>,
    pub(super) output_format: Option<String>,
    pub(super) size: Option<String>,
    pub(super) quality: Option<String>,
    pub(super) background: Option<String>,
    pub(super) revised_prompt: Option<String>,
    /// Why it failed.
    pub(super) error: ErrorTexts,
    pub(super) payload: Payload,
}

/// The members of a response.
#[derive(Debug, Default)]
pub(super) struct ResponseFields {
    pub(super) status: Option<String>,
    pub(super) incomplete_reason: Option<String>,
    pub(super) error: ErrorTexts,
    pub(super) has_output: bool,
    /// Whether the tools that it names include the one for images.
    pub(super) has_image_tool: Option<bool>,
}

/// What an error object says.
#[derive(Debug, Default)]
pub(super) struct ErrorTexts {
    pub(super) kind: Option<String>,
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
}

impl Reading {
    /// The owner of the texts and the image at `place`.
    pub(super) fn found(&mut self, place: JsonContext) -> &mut ImageFields {
        if place == JsonContext::Event { &mut self.event } else { &mut self.item }
    }

    pub(super) fn set(&mut self, place: JsonContext, slot: KeptField, text: Option<String>) {
        let response = &mut self.response;
        let error = if place == JsonContext::ItemError { &mut self.item.error } else { &mut response.error };
        let slot = match slot {
            KeptField::ErrorType => &mut error.kind,
            KeptField::ErrorCode => &mut error.code,
            KeptField::ErrorMessage => &mut error.message,
            KeptField::Type if place == JsonContext::Tool => {
                let is_image_tool = text.is_some_and(|name| name == IMAGE_TOOL);
                response.has_image_tool = Some(is_image_tool || response.has_image_tool == Some(true));
                return;
            }
            KeptField::OutputIndex => return self.found(place).output_index = number(text),
            KeptField::PartialIndex => return self.found(place).partial_index = number(text),
            KeptField::Type => &mut self.found(place).type_name,
            KeptField::Id => &mut self.found(place).id,
            KeptField::ItemStatus => &mut self.found(place).status,
            KeptField::OutputFormat => &mut self.found(place).output_format,
            KeptField::Size => &mut self.found(place).size,
            KeptField::Quality => &mut self.found(place).quality,
            KeptField::Background => &mut self.found(place).background,
            KeptField::RevisedPrompt => &mut self.found(place).revised_prompt,
            KeptField::ResponseStatus => &mut response.status,
            KeptField::IncompleteReason => &mut response.incomplete_reason,
        };
        *slot = text;
    }

    pub(super) fn discard_items(&mut self, out: &mut Outlet<'_>) {
        for mut item in self.items.drain(..) {
            item.payload.discard(out);
        }
    }

    /// The event is no JSON, or was cut off.
    pub(super) fn is_malformed(&self) -> bool {
        self.fault.is_some_and(|fault| fault.code == ImageErrorCode::InvalidJson)
    }

    /// Gives up every image that nobody took.
    pub(super) fn discard(mut self, out: &mut Outlet<'_>) {
        self.discard_items(out);
        self.event.payload.discard(out);
        self.item.payload.discard(out);
    }
}

fn number(text: Option<String>) -> Option<u64> {
    text?.parse().ok()
}

/// A key, text or number that is being kept.
#[derive(Debug, Default)]
pub(super) struct Capture {
    bytes: Vec<u8>,
    units: SurrogatePairs,
}

impl Capture {
    /// Bytes kept: room for a character that the longest cap cuts.
    const ROOM: usize = MAX_PROMPT_BYTES + 4;

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.units = SurrogatePairs::default();
    }

    pub(super) fn push(&mut self, piece: Piece<'_>) {
        let bytes = &mut self.bytes;
        self.units.push(piece, &mut |decoded| keep(bytes, decoded));
    }

    /// What was kept as a key.
    pub(super) fn key(&mut self) -> &[u8] {
        let bytes = &mut self.bytes;
        self.units.end(&mut |decoded| keep(bytes, decoded));
        bytes
    }

    /// What was kept for `slot`: not blank, long texts clipped, names that are too long to be one left out.
    pub(super) fn text(&mut self, slot: KeptField) -> Option<String> {
        let mut text = String::from_utf8_lossy(self.key()).into_owned();
        match slot {
            KeptField::RevisedPrompt => text.truncate(clip(&text, MAX_PROMPT_BYTES).len()),
            KeptField::ErrorMessage => text.truncate(clip(&text, MAX_MESSAGE_BYTES).len()),
            _ if text.len() > MAX_NAME_BYTES => return None,
            _ => {}
        }
        (!text.trim_ascii().is_empty()).then_some(text)
    }
}

fn keep(bytes: &mut Vec<u8>, decoded: &[u8]) {
    let room = Capture::ROOM.saturating_sub(bytes.len());
    bytes.extend_from_slice(&decoded[..decoded.len().min(room)]);
}
