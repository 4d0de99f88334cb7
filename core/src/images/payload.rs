//! The base64 of one image.
//!
//! Input: a string that may be an image, piece by piece. Output: its decoded bytes, to the sink. State: their number,
//! and the first few.

use super::decode::Decoder;
use super::meta::{ImageErrorCode, ImageMeta};
use super::sink::{ImageKey, ImageSink};
use crate::error::Error;
use crate::json::Piece;
use crate::media::HEAD;
use std::{io, mem};

/// The data of one item or partial image.
#[derive(Debug, Default)]
pub(super) enum Payload {
    /// Missing, null or empty.
    #[default]
    Absent,
    /// Not decoded: its image is there already, or it is none.
    Ignored,
    Arriving(Option<DecodedImage>),
    Whole(DecodedImage),
    Bad(Fault),
}

/// Decoded bytes that the sink has.
#[derive(Debug, Clone, Copy)]
pub(super) struct DecodedImage {
    pub(super) key: ImageKey,
    pub(super) bytes: u64,
    head: [u8; HEAD],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: ImageErrorCode,
    pub(super) offset: Option<u64>,
}

/// What one payload after the other needs for decoding.
#[derive(Debug)]
pub(super) struct Workbench {
    decoder: Decoder,
    next_key: u64,
    max_image_bytes: u64,
}

/// The caller's sink, for one call; remembers the first thing that went wrong.
pub(super) struct Outlet<'s> {
    sink: &'s mut dyn ImageSink,
    error: Option<Error>,
}

impl Workbench {
    pub(super) fn new(max_image_bytes: u64) -> Self {
        Self { decoder: Decoder::default(), next_key: 0, max_image_bytes }
    }
}

impl DecodedImage {
    pub(super) fn head(&self) -> &[u8] {
        &self.head[..self.bytes.min(HEAD as u64) as usize]
    }

    fn append(&mut self, bytes: &[u8]) {
        let at = self.head().len();
        let taken = bytes.len().min(HEAD - at);
        self.head[at..at + taken].copy_from_slice(&bytes[..taken]);
        self.bytes += bytes.len() as u64;
    }
}

impl Fault {
    pub(super) fn of(code: ImageErrorCode) -> Self {
        Self { code, offset: None }
    }
}

impl Payload {
    /// A string begins whose contents are to be decoded; only one does at a time.
    pub(super) fn begin(bench: &mut Workbench) -> Self {
        bench.decoder.reset();
        Self::Arriving(None)
    }

    pub(super) fn push(&mut self, piece: Piece<'_>, bench: &mut Workbench, out: &mut Outlet<'_>) {
        match piece {
            Piece::Plain(text) => self.decode(text, bench, out),
            Piece::Unit(unit) => {
                if let Ok(byte) = u8::try_from(unit) {
                    return self.decode(&[byte], bench, out);
                }
                bench.decoder.reject();
                self.check(Ok(()), bench, out);
            }
        }
    }

    fn decode(&mut self, mut text: &[u8], bench: &mut Workbench, out: &mut Outlet<'_>) {
        while let (Self::Arriving(image), false) = (&mut *self, text.is_empty()) {
            let bytes = bench.decoder.push(&mut text);
            let taken = take(image, bytes, &mut bench.next_key, bench.max_image_bytes, out);
            self.check(taken, bench, out);
        }
    }

    /// The string has ended.
    pub(super) fn end(&mut self, bench: &mut Workbench, out: &mut Outlet<'_>) {
        let Self::Arriving(image) = self else { return };
        let taken = take(image, bench.decoder.end(), &mut bench.next_key, bench.max_image_bytes, out);
        self.check(taken, bench, out);
        if let Self::Arriving(image) = self {
            *self = image.map_or(Self::Absent, Self::Whole);
        }
    }

    fn check(&mut self, taken: Result<(), ImageErrorCode>, bench: &Workbench, out: &mut Outlet<'_>) {
        if let Err(code) = taken {
            self.fail(Fault::of(code), out);
        }
        if let Some(offset) = bench.decoder.bad() {
            self.fail(Fault { code: ImageErrorCode::BadBase64, offset: Some(offset) }, out);
        }
    }

    /// Gives up an image that has not been delivered; a fault that is there already stays.
    pub(super) fn fail(&mut self, fault: Fault, out: &mut Outlet<'_>) {
        if let Self::Arriving(_) | Self::Whole(_) = self {
            self.discard(out);
            *self = Self::Bad(fault);
        }
    }

    pub(super) fn discard(&mut self, out: &mut Outlet<'_>) {
        if let Self::Arriving(Some(image)) | Self::Whole(image) = mem::take(self) {
            out.abort(image.key);
        }
    }
}

/// Gives decoded bytes to the sink; its first ones begin the image.
fn take(
    image: &mut Option<DecodedImage>,
    bytes: &[u8],
    next_key: &mut u64,
    max_image_bytes: u64,
    out: &mut Outlet<'_>,
) -> Result<(), ImageErrorCode> {
    if bytes.is_empty() {
        return Ok(());
    }
    let image = if let Some(image) = image {
        image
    } else {
        let key = ImageKey(*next_key);
        *next_key += 1;
        out.begin(key)?;
        image.insert(DecodedImage { key, bytes: 0, head: [0; HEAD] })
    };
    image.append(bytes);
    if image.bytes > max_image_bytes {
        return Err(ImageErrorCode::ImageTooLarge);
    }
    out.write(image.key, bytes)
}

impl<'s> Outlet<'s> {
    pub(super) fn new(sink: &'s mut dyn ImageSink) -> Self {
        Self { sink, error: None }
    }

    pub(super) fn into_result(self) -> Result<(), Error> {
        self.error.map_or(Ok(()), Err)
    }

    fn begin(&mut self, key: ImageKey) -> Result<(), ImageErrorCode> {
        let begun = self.sink.begin(key);
        self.keep(begun)
    }

    fn write(&mut self, key: ImageKey, bytes: &[u8]) -> Result<(), ImageErrorCode> {
        let written = self.sink.write(key, bytes);
        self.keep(written)
    }

    /// An image that the sink cannot finish is aborted.
    pub(super) fn finish(&mut self, key: ImageKey, meta: &ImageMeta) -> Result<(), ImageErrorCode> {
        let finished = self.sink.finish(key, meta);
        let kept = self.keep(finished);
        if kept.is_err() {
            self.abort(key);
        }
        kept
    }

    pub(super) fn abort(&mut self, key: ImageKey) {
        let aborted = self.sink.abort(key);
        let _ = self.keep(aborted); // nothing is left to give up
    }

    fn keep(&mut self, result: io::Result<()>) -> Result<(), ImageErrorCode> {
        result.map_err(|error| {
            let (kind, message) = (error.kind(), error.to_string());
            self.error.get_or_insert(Error::Sink { kind, message });
            ImageErrorCode::Sink
        })
    }
}
