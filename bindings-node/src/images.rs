//! Input: a body or frames with generated images. Output: the images, to a directory or a function of JavaScript,
//! while they arrive. State: the core's extractor, and the files so far.

use crate::convert::{frame_text, to_js_err, to_js_number};
use napi::Result;
use napi::bindgen_prelude::{BufferSlice, Either, Env, FnArgs, Function};
use napi_derive::napi;
use sluicegate::{CallbackSink, Error, FileSink, ImageEvent, ImageKey, ImageOptions, ImageSink};
use std::io;

/// Takes the kind of an event, its key, and what it carries: bytes, or the meta as JSON text. Whether it was taken: an
/// exception stays in JavaScript.
#[napi]
pub type Tell<'env> =
    Function<'env, FnArgs<(&'static str, f64, Option<Either<BufferSlice<'env>, String>>)>, bool>;

/// The images of one Responses stream.
#[napi]
pub struct ImageExtractor {
    extractor: sluicegate::ImageExtractor,
    files: Option<FileSink>,
    written: Vec<sluicegate::WrittenImage>,
}

/// A complete file.
#[napi(object, object_from_js = false)]
pub struct WrittenImage {
    /// Where it is.
    pub path: String,
    /// What it is, as JSON text.
    pub meta: String,
}

#[napi]
impl ImageExtractor {
    /// Options as JSON text. Without a directory each call needs `tell`.
    #[napi(constructor, catch_unwind)]
    pub fn new(options: String, directory: Option<String>) -> Result<Self> {
        let options = ImageOptions::from_json(options.as_bytes()).map_err(to_js_err)?;
        let files = directory.as_deref().map(open).transpose()?;
        Ok(Self { extractor: sluicegate::ImageExtractor::new(&options), files, written: Vec::new() })
    }

    /// Takes upstream bytes, which nobody may touch meanwhile: `tell` must not know them.
    #[napi(catch_unwind)]
    pub fn feed(&mut self, env: Env, chunk: &[u8], tell: Option<Tell<'_>>) -> Result<()> {
        self.drive(env, tell, |extractor, sink| extractor.feed(chunk, sink))
    }

    /// The same for one WebSocket frame.
    #[napi(catch_unwind)]
    pub fn feed_event(
        &mut self,
        env: Env,
        frame: Either<String, &[u8]>,
        tell: Option<Tell<'_>>,
    ) -> Result<()> {
        self.drive(env, tell, |extractor, sink| extractor.feed_event(&frame_text(&frame), sink))
    }

    /// Ends the stream.
    #[napi(catch_unwind)]
    pub fn finish(&mut self, env: Env, tell: Option<Tell<'_>>) -> Result<()> {
        self.drive(env, tell, sluicegate::ImageExtractor::finish)
    }

    /// Removes files that are not complete. Nothing can be fed any more.
    #[napi(catch_unwind)]
    pub fn close(&mut self) {
        self.files = None;
    }

    /// The outcome as JSON text.
    #[napi(getter, catch_unwind)]
    pub fn outcome_json(&self) -> Option<String> {
        self.extractor.outcome().map(|outcome| outcome.to_json())
    }

    /// The failure to answer with, as JSON text.
    #[napi(getter, catch_unwind)]
    pub fn envelope_json(&self) -> Option<String> {
        Some(self.extractor.outcome()?.envelope()?.to_json())
    }

    /// The files that are complete, in order.
    #[napi(getter, catch_unwind)]
    pub fn written(&self) -> Vec<WrittenImage> {
        let describe = |image: &sluicegate::WrittenImage| WrittenImage {
            path: image.path.to_string_lossy().into_owned(),
            meta: image.meta.to_json(),
        };
        self.written.iter().map(describe).collect()
    }

    fn drive(
        &mut self,
        env: Env,
        tell: Option<Tell<'_>>,
        verb: impl FnOnce(&mut sluicegate::ImageExtractor, &mut dyn ImageSink) -> std::result::Result<(), Error>,
    ) -> Result<()> {
        let done = match (&mut self.files, tell) {
            (Some(files), _) => {
                let done = verb(&mut self.extractor, files);
                self.written.append(&mut files.take_written());
                done
            }
            (None, Some(tell)) => {
                verb(&mut self.extractor, &mut CallbackSink(|event: ImageEvent<'_>| call(env, &tell, event)))
            }
            (None, None) => return Err(napi::Error::from_reason("called after close")),
        };
        done.map_err(to_js_err)
    }
}

fn open(directory: &str) -> Result<FileSink> {
    FileSink::new(directory).map_err(|error| {
        to_js_err(Error::Sink { kind: error.kind(), message: format!("{directory}: {error}") })
    })
}

/// The Buffer is JavaScript's own, to keep or to change.
fn call(env: Env, tell: &Tell<'_>, event: ImageEvent<'_>) -> io::Result<()> {
    let say = |kind, key: ImageKey, load| {
        tell.call((kind, to_js_number(key.as_u64()), load).into()).map_err(io::Error::other)
    };
    let is_taken = match event {
        ImageEvent::Begin(key) => say("begin", key, None),
        ImageEvent::Write(key, bytes) => {
            let bytes = BufferSlice::copy_from(&env, bytes).map_err(io::Error::other)?;
            say("write", key, Some(Either::A(bytes)))
        }
        ImageEvent::Finish(key, meta) => say("finish", key, Some(Either::B(meta.to_json()))),
        ImageEvent::Abort(key) => say("abort", key, None),
    }?;
    if is_taken { Ok(()) } else { Err(io::Error::other("the sink threw")) }
}
