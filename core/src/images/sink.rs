//! Where images go: a callback, memory or files.
//!
//! Input: images in pieces, each under its key. Output: up to the sink. State: that of the sink.

use super::meta::ImageMeta;
use std::collections::HashMap;
use std::io;

/// Names one image of one stream to a sink: its bytes may arrive before it is known whose they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageKey(pub(super) u64);

impl ImageKey {
    /// A small number, counted up within a stream.
    pub fn as_u64(self) -> u64 {
        self.0
    }
}

/// Where decoded images go.
///
/// For each key: `begin`, `write` any number of times, then either `finish` or `abort`. Only `finish` means that there
/// is an image and what it is: whatever was written before may prove to be none, broken, there already, or superseded.
/// Several keys can be open at once. After an error from any method but `abort` the extractor gives up that image,
/// with `abort` unless it never began.
pub trait ImageSink {
    /// The first bytes of what may be an image are about to come.
    fn begin(&mut self, key: ImageKey) -> io::Result<()>;
    /// The next decoded bytes; never none.
    fn write(&mut self, key: ImageKey, bytes: &[u8]) -> io::Result<()>;
    /// The image is complete and wanted.
    fn finish(&mut self, key: ImageKey, meta: &ImageMeta) -> io::Result<()>;
    /// What was written is to be forgotten.
    fn abort(&mut self, key: ImageKey) -> io::Result<()>;
}

/// The four calls of an [`ImageSink`] as one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageEvent<'a> {
    /// [`ImageSink::begin`]
    Begin(ImageKey),
    /// [`ImageSink::write`]
    Write(ImageKey, &'a [u8]),
    /// [`ImageSink::finish`]
    Finish(ImageKey, &'a ImageMeta),
    /// [`ImageSink::abort`]
    Abort(ImageKey),
}

/// A sink that is a closure.
#[derive(Debug)]
pub struct CallbackSink<F>(pub F);

impl<F: FnMut(ImageEvent<'_>) -> io::Result<()>> ImageSink for CallbackSink<F> {
    fn begin(&mut self, key: ImageKey) -> io::Result<()> {
        (self.0)(ImageEvent::Begin(key))
    }

    fn write(&mut self, key: ImageKey, bytes: &[u8]) -> io::Result<()> {
        (self.0)(ImageEvent::Write(key, bytes))
    }

    fn finish(&mut self, key: ImageKey, meta: &ImageMeta) -> io::Result<()> {
        (self.0)(ImageEvent::Finish(key, meta))
    }

    fn abort(&mut self, key: ImageKey) -> io::Result<()> {
        (self.0)(ImageEvent::Abort(key))
    }
}

/// Keeps images in memory.
#[derive(Debug, Default)]
pub struct MemorySink {
    /// The finished ones, in order.
    pub images: Vec<(ImageMeta, Vec<u8>)>,
    open: HashMap<ImageKey, Vec<u8>>,
}

impl ImageSink for MemorySink {
    fn begin(&mut self, key: ImageKey) -> io::Result<()> {
        self.open.insert(key, Vec::new());
        Ok(())
    }

    fn write(&mut self, key: ImageKey, bytes: &[u8]) -> io::Result<()> {
        self.open.entry(key).or_default().extend_from_slice(bytes);
        Ok(())
    }

    fn finish(&mut self, key: ImageKey, meta: &ImageMeta) -> io::Result<()> {
        let bytes = self.open.remove(&key).unwrap_or_default();
        self.images.push((meta.clone(), bytes));
        Ok(())
    }

    fn abort(&mut self, key: ImageKey) -> io::Result<()> {
        self.open.remove(&key);
        Ok(())
    }
}
