//! `images`: files while they arrive, one JSON line each; what is missing, and why, on standard error.

use crate::pipes::tell;
use crate::verbs::{Verb, exit};
use sha2::{Digest, Sha256};
use sluicegate::{
    Error, FileSink, ImageError, ImageExtractor, ImageKey, ImageMeta, ImageOptions, ImageOutcome, ImageSink,
};
use std::collections::HashMap;
use std::io;
use std::process::ExitCode;

pub(crate) struct Images {
    extractor: ImageExtractor,
    files: Hashed,
    outcome: bool,
}

/// Files and their hashes.
struct Hashed {
    sink: FileSink,
    open: HashMap<ImageKey, Sha256>,
    lines: Vec<u8>,
}

impl Images {
    pub(crate) fn new(options: &ImageOptions, directory: &str, outcome: bool) -> io::Result<Self> {
        let sink = FileSink::new(directory)?;
        let files = Hashed { sink, open: HashMap::new(), lines: Vec::new() };
        Ok(Self { extractor: ImageExtractor::new(options), files, outcome })
    }

    /// Hands out the lines of complete files. A file that could not be written costs one image; the rest goes on.
    fn wrote(&mut self, read: Result<(), Error>, out: &mut Vec<u8>) -> Result<(), Error> {
        out.append(&mut self.files.lines);
        match read {
            Err(error @ Error::Sink { .. }) => {
                tell(&format!("sluicegate: {error}"));
                Ok(())
            }
            read => read,
        }
    }
}

impl Verb for Images {
    fn chunk(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let read = self.extractor.feed(bytes, &mut self.files);
        self.wrote(read, out)
    }

    fn frame(&mut self, json: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        let read = self.extractor.feed_event(json, &mut self.files);
        self.wrote(read, out)
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<ExitCode, Error> {
        let read = self.extractor.finish(&mut self.files);
        self.wrote(read, out)?;
        let Some(outcome) = self.extractor.outcome() else { return Ok(exit(false)) };
        if self.outcome {
            tell(&outcome.to_json());
        } else {
            complain(&outcome);
        }
        Ok(exit(outcome.is_ok()))
    }
}

impl ImageSink for Hashed {
    fn begin(&mut self, key: ImageKey) -> io::Result<()> {
        self.open.insert(key, Sha256::new());
        self.sink.begin(key)
    }

    fn write(&mut self, key: ImageKey, bytes: &[u8]) -> io::Result<()> {
        if let Some(hash) = self.open.get_mut(&key) {
            hash.update(bytes);
        }
        self.sink.write(key, bytes)
    }

    fn finish(&mut self, key: ImageKey, meta: &ImageMeta) -> io::Result<()> {
        self.sink.finish(key, meta)?;
        let hash = self.open.remove(&key).unwrap_or_default().finalize();
        for image in self.sink.take_written() {
            self.lines.extend_from_slice(image.to_json(&format!("{hash:x}")).as_bytes());
            self.lines.push(b'\n');
        }
        Ok(())
    }

    fn abort(&mut self, key: ImageKey) -> io::Result<()> {
        self.open.remove(&key);
        self.sink.abort(key)
    }
}

/// One line for each image that is not there; else one for why there is none, or for how the response ended.
fn complain(outcome: &ImageOutcome) {
    for error in &outcome.errors {
        tell(&format!("sluicegate: {}", describe(error)));
    }
    let cause =
        outcome.error.as_ref().map_or(String::new(), |error| format!(": {}", error.message.escape_debug()));
    match outcome.no_image {
        Some(reason) => tell(&format!("sluicegate: no image: {}{cause}", reason.as_str())),
        None if outcome.error.is_some() => tell(&format!("sluicegate: {}{cause}", outcome.status.as_str())),
        None => {}
    }
}

fn describe(error: &ImageError) -> String {
    let image = match (&error.item_id, error.output_index) {
        (Some(id), _) => format!("{} ", id.escape_debug()),
        (None, Some(index)) => format!("output[{index}] "),
        (None, None) => String::new(),
    };
    let partial = if error.partial { "partial " } else { "" };
    let offset = error.offset.map_or(String::new(), |offset| format!(" at offset {offset}"));
    format!("{partial}image {image}lost: {}{offset}", error.code.as_str())
}
