//! What callers learn about images.
//!
//! Input: facts on each image. Output: plain data, the same JSON in three languages. State: none.

use crate::answer::NoImage;
use crate::json::write;
use crate::media;
use crate::outcome::{ErrorBody, Status};

/// What is known of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageMeta {
    /// The first id its item had.
    pub item_id: Option<String>,
    /// Its item's place in the response, where an event named it.
    pub output_index: Option<u64>,
    /// A preview: more were due, or this is what there was when the stream ended.
    pub partial: bool,
    /// Which preview it is.
    pub partial_index: Option<u64>,
    /// By magic bytes, else by `output_format`, else `application/octet-stream`.
    pub mime: &'static str,
    /// Decoded size.
    pub bytes: u64,
    /// The prompt as the model rewrote it; at most 32 KiB of it.
    pub revised_prompt: Option<String>,
    /// As the upstream declared it.
    pub output_format: Option<String>,
    /// As the upstream declared it.
    pub size: Option<String>,
    /// As the upstream declared it.
    pub quality: Option<String>,
    /// As the upstream declared it.
    pub background: Option<String>,
}

/// An image that was announced or begun and is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageError {
    /// What went wrong.
    pub code: ImageErrorCode,
    /// The id of its item, where known.
    pub item_id: Option<String>,
    /// The place of its item, where known.
    pub output_index: Option<u64>,
    /// It was a partial image.
    pub partial: bool,
    /// For `bad_base64`: index of the character in the base64 text. For `invalid_json`: of the byte in the event's data.
    pub offset: Option<u64>,
}

/// Why an image is not there.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageErrorCode {
    /// Its item has the status `failed`.
    ImageFailed,
    /// Its item is done and has no data.
    ImageEmpty,
    /// Its data is not base64.
    BadBase64,
    /// It is larger than `max_image_bytes`.
    ImageTooLarge,
    /// Its event is not JSON.
    InvalidJson,
    /// Its event, without base64, is larger than `max_event_bytes`. The event may also have had no image.
    EventTooLarge,
    /// The response has more images or partial images than the limits allow.
    LimitExceeded,
    /// The sink refused it; the call that fed it returned the error.
    Sink,
}

/// What a stream turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageOutcome {
    /// How the response ended.
    pub status: Status,
    /// One for each image; a partial one only where no final came.
    pub images: Vec<ImageMeta>,
    /// Images that are not there, and partial ones that were asked for.
    pub errors: Vec<ImageError>,
    /// Set when there are neither images nor errors.
    pub no_image: Option<NoImage>,
    /// Why the response failed.
    pub error: Option<ErrorBody>,
}

impl ImageErrorCode {
    /// The same string in three languages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ImageFailed => "image_failed",
            Self::ImageEmpty => "image_empty",
            Self::BadBase64 => "bad_base64",
            Self::ImageTooLarge => "image_too_large",
            Self::InvalidJson => "invalid_json",
            Self::EventTooLarge => "event_too_large",
            Self::LimitExceeded => "limit_exceeded",
            Self::Sink => "sink",
        }
    }
}

/// The media type of an image that begins with `head`.
pub(super) fn mime(head: &[u8], declared: Option<&str>) -> &'static str {
    let declared = || media::declared(declared?.as_bytes());
    media::sniff(head).or_else(declared).unwrap_or("application/octet-stream")
}

/// File name extension of a media type that [`mime`] gives.
pub(super) fn extension(mime: &str) -> &'static str {
    match mime {
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/webp" => "webp",
        "image/gif" => "gif",
        "image/svg+xml" => "svg",
        "image/avif" => "avif",
        _ => "bin",
    }
}

impl ImageMeta {
    /// One compact JSON object, members in declaration order.
    pub fn to_json(&self) -> String {
        let mut out = Vec::with_capacity(256);
        self.write(&mut out);
        text(&out)
    }

    fn write(&self, out: &mut Vec<u8>) {
        member(out, b"{\"item_id\":", self.item_id.as_deref());
        index(out, b",\"output_index\":", self.output_index);
        flag(out, self.partial);
        index(out, b",\"partial_index\":", self.partial_index);
        member(out, b",\"mime\":", Some(self.mime));
        index(out, b",\"bytes\":", Some(self.bytes));
        member(out, b",\"revised_prompt\":", self.revised_prompt.as_deref());
        member(out, b",\"output_format\":", self.output_format.as_deref());
        member(out, b",\"size\":", self.size.as_deref());
        member(out, b",\"quality\":", self.quality.as_deref());
        member(out, b",\"background\":", self.background.as_deref());
        out.push(b'}');
    }
}

impl ImageError {
    /// One compact JSON object, members in declaration order.
    pub fn to_json(&self) -> String {
        let mut out = Vec::with_capacity(128);
        self.write(&mut out);
        text(&out)
    }

    fn write(&self, out: &mut Vec<u8>) {
        member(out, b"{\"code\":", Some(self.code.as_str()));
        member(out, b",\"item_id\":", self.item_id.as_deref());
        index(out, b",\"output_index\":", self.output_index);
        flag(out, self.partial);
        index(out, b",\"offset\":", self.offset);
        out.push(b'}');
    }
}

impl ImageOutcome {
    /// One compact JSON object, members in declaration order.
    pub fn to_json(&self) -> String {
        let mut out = Vec::with_capacity(256);
        member(&mut out, b"{\"status\":", Some(self.status.as_str()));
        list(&mut out, b",\"images\":[", &self.images, ImageMeta::write);
        list(&mut out, b",\"errors\":[", &self.errors, ImageError::write);
        member(&mut out, b",\"no_image\":", self.no_image.map(NoImage::as_str));
        out.extend_from_slice(b",\"error\":");
        match &self.error {
            Some(error) => error.write(&mut out),
            None => out.extend_from_slice(b"null"),
        }
        out.push(b'}');
        text(&out)
    }
}

fn member(out: &mut Vec<u8>, name: &[u8], value: Option<&str>) {
    out.extend_from_slice(name);
    write::optional(out, value);
}

fn index(out: &mut Vec<u8>, name: &[u8], value: Option<u64>) {
    out.extend_from_slice(name);
    match value {
        Some(value) => write::number(out, value),
        None => out.extend_from_slice(b"null"),
    }
}

fn flag(out: &mut Vec<u8>, is_partial: bool) {
    out.extend_from_slice(if is_partial { b",\"partial\":true" } else { b",\"partial\":false" });
}

fn list<T>(out: &mut Vec<u8>, name: &[u8], all: &[T], each: impl Fn(&T, &mut Vec<u8>)) {
    out.extend_from_slice(name);
    write::separated(out, all, |out, one| each(one, out));
    out.push(b']');
}

fn text(out: &[u8]) -> String {
    String::from_utf8_lossy(out).into_owned()
}
