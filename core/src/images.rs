//! Enters: an upstream body in any chunking, or WebSocket frames. Leaves: decoded images, to a sink, while they arrive.
//! Kept: what is known of each image, never its bytes: a 100 MiB image needs no more memory than a small one.

mod api;
mod decode;
mod end;
mod file;
mod meta;
mod options;
mod payload;
mod place;
mod reader;
mod reading;
mod sink;
mod state;

use crate::error::Error;
use crate::input::is_document;
use crate::outcome::Status;
use crate::sse::{Flow, SseFlow};
pub use api::images_api;
pub use file::{FileSink, WrittenImage};
pub use meta::{ImageError, ImageErrorCode, ImageMeta, ImageOutcome, NoImage};
pub use options::ImageOptions;
use payload::Outlet;
use reader::Reader;
pub use sink::{CallbackSink, ImageEvent, ImageKey, ImageSink, MemorySink};
use state::State;

/// Takes the generated images out of one Responses stream, the same ones for any chunking of the input.
///
/// Each image is told to the sink once, with the final preferred to partials and duplicates left out; see
/// [`ImageSink`]. An error of the sink costs that image only: all of the input is read even then, and the first such
/// error is returned. Bad data is no error here: [`ImageExtractor::outcome`] says what happened.
///
/// ```
/// let mut extractor = sluicegate::ImageExtractor::default();
/// let mut sink = sluicegate::MemorySink::default();
/// let item = r#"{"id":"ig_1","type":"image_generation_call","result":"R0lGODlh"}"#;
/// let event = format!("data: {{\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{item}}}\n\n");
/// extractor.feed(event.as_bytes(), &mut sink)?;
/// let (meta, bytes) = &sink.images[0];
/// assert_eq!((meta.mime, &bytes[..]), ("image/gif", &b"GIF89a"[..]));
/// # Ok::<(), sluicegate::Error>(())
/// ```
#[derive(Debug)]
pub struct ImageExtractor {
    body: Body,
    flow: SseFlow,
    reader: Reader,
    state: State,
    is_finished: bool,
}

/// Some upstreams ignore `stream: true`: the first byte that is not white space decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Unknown,
    Stream,
    Document,
}

impl Default for ImageExtractor {
    fn default() -> Self {
        Self::new(&ImageOptions::default())
    }
}

impl ImageExtractor {
    /// An extractor for one response.
    pub fn new(options: &ImageOptions) -> Self {
        Self {
            body: Body::Unknown,
            flow: SseFlow::default(),
            reader: Reader::new(options),
            state: State::new(options.partials),
            is_finished: false,
        }
    }

    /// Takes the next bytes of the upstream body.
    pub fn feed(&mut self, chunk: &[u8], sink: &mut dyn ImageSink) -> Result<(), Error> {
        self.check_open()?;
        let mut out = Outlet::new(sink);
        let chunk = if self.body == Body::Unknown { self.sniff(chunk) } else { chunk };
        match self.body {
            Body::Unknown | Body::Stream => self.events(chunk, &mut out),
            Body::Document => self.reader.feed(chunk, &self.state, &mut out),
        }
        out.into_result()
    }

    /// Takes one event as JSON without SSE framing: a WebSocket text frame.
    pub fn feed_event(&mut self, json: &str, sink: &mut dyn ImageSink) -> Result<(), Error> {
        self.check_open()?;
        let mut out = Outlet::new(sink);
        self.reader.feed(json.as_bytes(), &self.state, &mut out);
        self.state.event(self.reader.end(), "", &mut out);
        out.into_result()
    }

    /// Ends the stream. Where no final image came, the last partial one is it.
    pub fn finish(&mut self, sink: &mut dyn ImageSink) -> Result<(), Error> {
        self.check_open()?;
        self.is_finished = true;
        let mut out = Outlet::new(sink);
        let is_cut = self.flow.finish();
        let reading = self.reader.end();
        match self.body {
            Body::Document => self.state.document(reading, &mut out),
            Body::Stream if is_cut && !reading.is_malformed() => {
                self.state.event(reading, self.flow.name(), &mut out);
            }
            Body::Unknown | Body::Stream => reading.discard(&mut out),
        }
        self.state.finish(&mut out);
        out.into_result()
    }

    /// What the stream turned out to be; `None` before [`ImageExtractor::finish`].
    pub fn outcome(&self) -> Option<ImageOutcome> {
        if self.is_finished { self.state.outcome() } else { None }
    }

    fn check_open(&self) -> Result<(), Error> {
        if self.is_finished { Err(Error::AfterFinish) } else { Ok(()) }
    }

    /// Decides what the body is; returns the bytes still to be read. White space means nothing to either reader.
    fn sniff<'c>(&mut self, chunk: &'c [u8]) -> &'c [u8] {
        match is_document(chunk) {
            None => chunk,
            Some(false) => {
                self.body = Body::Stream;
                chunk
            }
            Some(true) => {
                self.body = Body::Document;
                chunk.trim_ascii_start()
            }
        }
    }

    fn events(&mut self, chunk: &[u8], out: &mut Outlet<'_>) {
        let mut at = 0;
        while let Some(flow) = self.flow.next(chunk, &mut at) {
            match flow {
                Flow::Data { bytes, is_joined } => {
                    self.reader.feed(if is_joined { b"\n" } else { b"" }, &self.state, out);
                    self.reader.feed(bytes, &self.state, out);
                }
                Flow::End => self.state.event(self.reader.end(), self.flow.name(), out),
            }
        }
    }
}

impl ImageOutcome {
    /// Whether all that the response announced is there: it did not fail, and every image came.
    pub fn is_ok(&self) -> bool {
        let is_whole = matches!(self.status, Status::Completed | Status::Incomplete);
        is_whole && self.errors.is_empty() && self.no_image.is_none()
    }
}
