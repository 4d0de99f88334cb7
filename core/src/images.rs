//! Extracts generated images while they arrive.
//!
//! Input: an upstream body in any chunking, or WebSocket frames. Output: decoded images, to a sink. State: facts on
//! each image, never its bytes: a 100 MiB image needs no more memory than a small one.

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
mod request;
mod sink;
mod state;

pub use crate::answer::NoImage;
use crate::dialect::images::no_image;
use crate::envelope::Envelope;
use crate::error::Error;
use crate::input::{after_mark, begins_stream, is_document, is_page, may_be_page};
use crate::outcome::Status;
use crate::sse::{Flow, SseFlow};
pub use api::images_api;
pub use file::{FileSink, WrittenImage};
pub use meta::{ImageError, ImageErrorCode, ImageMeta, ImageOutcome};
pub use options::ImageOptions;
use payload::Outlet;
use reader::EventReader;
pub use request::images_request;
pub use sink::{CallbackSink, ImageEvent, ImageKey, ImageSink, MemorySink};
use state::ImageState;

/// Takes the generated images out of one Responses stream, the same ones for any chunking of the input.
///
/// Each image goes to the sink once, with the final preferred to partials and duplicates left out; see
/// [`ImageSink`]. An error of the sink costs that image only: all of the input is read even then, and the first such
/// error is returned. Bad data is no error here: [`ImageExtractor::outcome`] has what happened.
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
    body: BodyKind,
    /// All of a body read as a stream that may be a page.
    page: Option<Vec<u8>>,
    flow: SseFlow,
    reader: EventReader,
    state: ImageState,
    is_finished: bool,
}

/// Some upstreams ignore `stream: true`: the first byte that is not white space decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyKind {
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
            body: BodyKind::Unknown,
            page: None,
            flow: SseFlow::default(),
            reader: EventReader::new(options),
            state: ImageState::new(options.partials),
            is_finished: false,
        }
    }

    /// Takes the next bytes of the upstream body.
    pub fn feed(&mut self, chunk: &[u8], sink: &mut dyn ImageSink) -> Result<(), Error> {
        self.check_open()?;
        let mut out = Outlet::new(sink);
        let chunk = if self.body == BodyKind::Unknown {
            self.sniff(chunk)
        } else {
            self.keep_page(chunk);
            chunk
        };
        match self.body {
            BodyKind::Unknown | BodyKind::Stream => self.events(chunk, &mut out),
            BodyKind::Document => self.reader.feed(chunk, &self.state, &mut out),
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
            BodyKind::Document => self.state.document(reading, &mut out),
            BodyKind::Stream if is_cut && !reading.is_malformed() => {
                self.state.event(reading, self.flow.name(), &mut out);
            }
            BodyKind::Unknown | BodyKind::Stream => reading.discard(&mut out),
        }
        if let Some(page) = self.page.take().filter(|page| is_page(page)) {
            self.state.page(&page);
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

    /// Keeps what may be a page, but for a byte order mark and white space before it.
    fn keep_page(&mut self, chunk: &[u8]) {
        let Some(page) = &mut self.page else { return };
        let chunk = if page.is_empty() { chunk.trim_ascii_start() } else { chunk };
        if !may_be_page(page, chunk) {
            self.page = None;
        }
    }

    /// Decides what the body is; returns the bytes still to be read. White space means nothing to either reader.
    fn sniff<'c>(&mut self, chunk: &'c [u8]) -> &'c [u8] {
        let rest = match after_mark(self.flow.begun_bom(), chunk) {
            Ok(rest) => rest.trim_ascii_start(),
            Err(begun) => {
                (self.body, self.page) = (BodyKind::Stream, Some(begun.to_vec()));
                self.keep_page(chunk);
                return chunk;
            }
        };
        match is_document(rest) {
            None => chunk,
            Some(false) => {
                self.body = BodyKind::Stream;
                self.page = (!begins_stream(rest)).then(Vec::new);
                self.keep_page(rest);
                chunk
            }
            Some(true) => {
                self.body = BodyKind::Document;
                rest
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

    /// Where there is no image, the failure to answer with; its code is the reason.
    pub fn envelope(&self) -> Option<Envelope> {
        let error = self.errors.first().map(|error| error.code.as_str());
        let why = self.no_image.map(NoImage::as_str).or(error).filter(|_| self.images.is_empty())?;
        Some(no_image(why))
    }
}
