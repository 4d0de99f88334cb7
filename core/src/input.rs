//! The input layer: one upstream body in any chunking, or WebSocket frames, becomes events, each parsed once.
//!
//! Input: bytes, or the JSON of one frame. Output: calls of a [`Consumer`], whose dialect parses the JSON.
//! State: the SSE parser, or the body so far where it turns out to be one JSON document; templates of repeated events.
//!
//! Some upstreams ignore `stream: true` and answer with a plain object, or with an error. So the first byte that is not white
//! space decides, not a header.

mod blocks;
mod page;
mod pass;
mod raw;
mod repeats;
mod sniff;
mod watch;

use crate::error::Error;
use crate::json::{Malformed, Value};
use crate::limits::{RETAINED_BYTES, max_block_bytes};
use crate::sse::{self, SseOptions, SseParser};
use blocks::{block, pass_repeat, read_event, read_repeats};
pub use page::{BodyKind, Page};
use pass::{document, pass_data};
use raw::Raw;
pub(crate) use raw::with_data;
use repeats::EventTemplates;
pub(crate) use repeats::RepeatedDelta;
use sniff::is_list;
pub(crate) use sniff::{after_mark, begins_stream, is_document, is_page, may_be_page};
pub use sniff::{content_type, is_sse};
pub(crate) use watch::Watch;

/// One event of a dialect: a view of its JSON.
pub(crate) trait Event<'a>: Sized {
    /// `sse_name`: the SSE `event:` name, for JSON that does not name itself.
    fn parse(json: &'a [u8], sse_name: &'a str) -> Result<Self, Malformed>;
    fn json(&self) -> Value<'a>;
    /// Whether it means the same under another SSE name.
    fn names_itself(&self) -> bool;
    /// Whether it is a whole answer or an error, if it comes as a body of its own.
    fn is_document(&self) -> bool;
    /// The text of a delta: what varies where events repeat.
    fn varying_text(&self) -> Option<Value<'a>>;
    /// What varies beside it: a filler, and the number of the event.
    fn varying_rest(&self) -> [Option<Value<'a>>; 2];
}

/// What arrives, one at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Input<'i, E> {
    Event(&'i E),
    /// The sentinel `[DONE]`.
    Done,
    /// The body was no stream but this JSON object.
    Document(&'i E),
    /// Data that is no JSON object, and its SSE event name.
    Malformed {
        data: &'i str,
        name: &'i str,
    },
    TooLarge,
    /// The body was neither a stream nor JSON: text, or HTML.
    Page(&'i [u8]),
}

/// What is made of an upstream's events.
pub(crate) trait Consumer {
    type Event<'a>: Event<'a>;
    /// Where the text of a delta went.
    type Target: Copy;
    /// Takes one event; appends what is due now. `raw` is its SSE block, for consumers that asked for it; empty for a
    /// frame and for a block that the end of the stream cut.
    fn input(&mut self, input: &Input<'_, Self::Event<'_>>, raw: &[u8], out: &mut Vec<u8>);
    /// The event with the names and ids that the client knows, where it must be changed before anything reads it.
    fn rename_back(&self, _event: &Self::Event<'_>) -> Option<Vec<u8>> {
        None
    }
    /// After [`Consumer::input`]: where the text of that event went, if the next event that differs only in its text can
    /// go to the same place without being interpreted again.
    fn repeat_target(&self) -> Option<Self::Target> {
        None
    }
    /// Further events that went to `target`, with other texts; their blocks are passed to [`Consumer::between`].
    fn on_repeats<'c>(
        &mut self,
        _target: Self::Target,
        _repeats: impl Iterator<Item = RepeatedDelta<'c>>,
        _out: &mut Vec<u8>,
    ) {
    }
    /// Raw bytes that are to be passed on as they are: comments, blank lines, blocks that repeat.
    fn between(&mut self, _raw: &[u8], _out: &mut Vec<u8>) {}
    /// The upstream's bytes are over.
    fn end(&mut self, out: &mut Vec<u8>);
}

#[derive(Debug, Clone, Default)]
enum BodyState {
    /// Nothing but white space so far.
    #[default]
    Unknown,
    Stream,
    /// Read as a stream, of which nothing has come yet: all of it.
    Page(Vec<u8>),
    Document(Vec<u8>),
    /// A document over the limit.
    Dropped,
}

/// How far the input is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing was fed yet.
    #[default]
    Fresh,
    /// Bytes or frames come.
    Open,
    /// A whole body was given: nothing else may be.
    Given,
    Finished,
}

#[derive(Debug, Clone)]
pub(crate) struct InputLayer<T> {
    parser: SseParser,
    body: BodyState,
    max_event_bytes: usize,
    /// There for consumers that pass blocks on as they were sent.
    raw: Option<Box<Raw>>,
    templates: EventTemplates<T>,
    watch: Option<Box<Watch>>,
    /// Templates may be of frames.
    has_frames: bool,
    phase: Phase,
}

impl<T: Copy> InputLayer<T> {
    pub(crate) fn new(max_event_bytes: usize) -> Self {
        // LLM upstreams do cut the last blank line.
        let options = SseOptions { max_event_bytes, dispatch_tail: true, ..SseOptions::default() };
        let parser = SseParser::new(options).with_stray_errors();
        let (body, raw, templates) = (BodyState::Unknown, None, EventTemplates::default());
        Self {
            parser,
            body,
            max_event_bytes,
            raw,
            templates,
            watch: None,
            has_frames: false,
            phase: Phase::Fresh,
        }
    }

    /// One that also gives each event's block as it was sent.
    pub(crate) fn with_raw(max_event_bytes: usize) -> Self {
        let layer = Self::new(max_event_bytes);
        let parser = layer.parser.with_max_block_bytes(max_block_bytes(max_event_bytes));
        Self { raw: Some(Box::default()), parser, ..layer }
    }

    /// From now on, events of these types are kept until the next call.
    pub(crate) fn watch(&mut self, names: impl Iterator<Item: Into<Box<str>>>) {
        self.watch = Watch::new(names);
        self.templates = EventTemplates::default();
    }

    /// Those that the last call read.
    pub(crate) fn watched(&self) -> Option<&Watch> {
        self.watch.as_deref()
    }

    /// Takes the next bytes of the body.
    pub(crate) fn feed(
        &mut self,
        chunk: &[u8],
        to: &mut impl Consumer<Target = T>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.begin()?;
        if std::mem::take(&mut self.has_frames) {
            self.templates = EventTemplates::default();
        }
        let chunk = match self.body {
            BodyState::Unknown => self.sniff(chunk, to, out),
            _ => chunk,
        };
        match &mut self.body {
            BodyState::Unknown | BodyState::Stream => self.events(chunk, to, out),
            BodyState::Page(body) => {
                if !may_be_page(body, chunk) {
                    self.body = BodyState::Stream;
                }
                self.events(chunk, to, out);
            }
            BodyState::Document(body) if body.len() + chunk.len() <= self.max_event_bytes => {
                body.extend_from_slice(chunk);
            }
            BodyState::Document(_) => {
                self.body = BodyState::Dropped;
                to.input(&Input::TooLarge, &[], out);
                to.end(out); // nothing good can come, and whoever reads need not read on
            }
            BodyState::Dropped => {}
        }
        Ok(())
    }

    /// Takes a whole body at once.
    pub(crate) fn document(
        &mut self,
        body: &[u8],
        to: &mut impl Consumer<Target = T>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.give()?;
        self.phase = Phase::Open;
        self.feed(body, to, out)?;
        self.close(to, out);
        self.phase = Phase::Given;
        Ok(())
    }

    /// Whatever the caller gives, it is the only input.
    pub(crate) fn give(&mut self) -> Result<(), Error> {
        if self.phase == Phase::Open {
            return Err(Error::DocumentNotAlone);
        }
        self.begin()?;
        self.phase = Phase::Given;
        Ok(())
    }

    /// Takes one event without SSE framing.
    pub(crate) fn frame(
        &mut self,
        json: &str,
        to: &mut impl Consumer<Target = T>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.begin()?;
        if json.len() > self.max_event_bytes {
            to.input(&Input::TooLarge, &[], out);
        } else {
            self.frame_within(json, to, out);
        }
        Ok(())
    }

    /// Its templates are of JSON alone, and so none for blocks.
    fn frame_within(&mut self, json: &str, to: &mut impl Consumer<Target = T>, out: &mut Vec<u8>) {
        let Self { raw, templates, watch, .. } = self;
        if raw.is_some() {
            pass_data(json, "", watch, to, out);
            return templates.clear_unless(to.repeat_target());
        }
        self.has_frames = true;
        if let Some((target, watched, repeat)) = templates.repeat(json.as_bytes()) {
            if let Some((watch, which)) = watch.as_mut().zip(watched) {
                watch.keep(which, json);
            }
            return pass_repeat(target, repeat, to, out);
        }
        let event = sse::Event { event: "", data: json, id: "", lent: true };
        read_event(templates, watch, event, Some(json.as_bytes()), &[], to, out);
    }

    pub(crate) fn finish(
        &mut self,
        to: &mut impl Consumer<Target = T>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        if self.phase == Phase::Given {
            self.phase = Phase::Open; // the end of what was given
        }
        self.begin()?;
        self.phase = Phase::Finished;
        if matches!(self.body, BodyState::Dropped) {
            return Ok(());
        }
        self.close(to, out);
        match self.parser.finish() {
            Ok(Some(event)) => pass_data(event.data, event.event, &mut self.watch, to, out),
            Ok(None) => {}
            Err(_) => to.input(&Input::TooLarge, &[], out),
        }
        if let BodyState::Page(body) = std::mem::take(&mut self.body)
            && is_page(&body)
        {
            to.input(&Input::Page(&body), &[], out);
        }
        to.end(out);
        Ok(())
    }

    /// A body that is no stream, if one came, is whole now.
    fn close(&mut self, to: &mut impl Consumer<Target = T>, out: &mut Vec<u8>) {
        if let BodyState::Document(body) = &mut self.body {
            let body = std::mem::take(body);
            document(&String::from_utf8_lossy(&body), &mut self.watch, to, out);
            self.body = BodyState::Stream;
        }
    }

    /// A call begins; none may after the end.
    fn begin(&mut self) -> Result<(), Error> {
        if let Some(watch) = &mut self.watch {
            watch.clear();
        }
        match self.phase {
            Phase::Fresh | Phase::Open => self.phase = Phase::Open,
            Phase::Given => return Err(Error::DocumentNotAlone),
            Phase::Finished => return Err(Error::AfterFinish),
        }
        Ok(())
    }

    /// Reads a byte order mark and the white space before the body, which is passed on with what else is between events, and decides what the
    /// body is; returns the bytes still to be read.
    fn sniff<'c>(
        &mut self,
        chunk: &'c [u8],
        to: &mut impl Consumer<Target = T>,
        out: &mut Vec<u8>,
    ) -> &'c [u8] {
        let rest = match after_mark(self.parser.begun_bom(), chunk) {
            Ok(rest) => rest.trim_ascii_start(),
            Err(begun) => {
                self.body = BodyState::Page(begun.to_vec());
                return chunk;
            }
        };
        self.events(&chunk[..chunk.len() - rest.len()], to, out);
        match is_document(rest) {
            None => {}
            _ if is_list(rest) => {
                self.body = BodyState::Document(Vec::with_capacity(rest.len().min(RETAINED_BYTES)));
            }
            Some(true) => self.body = BodyState::Document(Vec::with_capacity(rest.len().min(RETAINED_BYTES))),
            Some(false) if begins_stream(rest) => self.body = BodyState::Stream,
            Some(false) => self.body = BodyState::Page(Vec::new()),
        }
        rest
    }

    fn events(&mut self, chunk: &[u8], to: &mut impl Consumer<Target = T>, out: &mut Vec<u8>) {
        let Self { parser, raw, templates, max_event_bytes, watch, .. } = self;
        if let Some(raw) = raw {
            raw.feed(chunk);
        }
        let base = parser.offset();
        let mut events = parser.feed(chunk);
        loop {
            while let Some(blocks) = events.next_block() {
                let length = read_repeats(templates, watch, blocks, *max_event_bytes, to, out);
                if length == 0 {
                    break;
                }
                let span = events.skip(length);
                if raw.is_some() {
                    let blocks = block(raw, span, events.skipped_until(), to, out);
                    to.between(blocks, out);
                }
            }
            match events.next_spanned() {
                Ok(Some((event, span, skipped))) => {
                    if !event.lent
                        && raw.is_none()
                        && let Some((target, watched, repeat)) = templates.repeat(event.data.as_bytes())
                    {
                        if let Some((watch, which)) = watch.as_mut().zip(watched) {
                            watch.keep(which, event.data);
                        }
                        pass_repeat(target, repeat, to, out);
                        continue;
                    }
                    let sent = span.start.checked_sub(base).filter(|_| event.lent);
                    let sent = sent.map(|start| &chunk[start as usize..(span.end - base) as usize]);
                    let block = block(raw, span, skipped, to, out);
                    read_event(templates, watch, event, sent, block, to, out);
                }
                Ok(None) => break,
                Err(error) => {
                    // Too large: the only error of a parser that replaces bad UTF-8.
                    if let Some(raw) = raw {
                        raw.skipped_until(events.skipped_until());
                        raw.skip(error.offset().unwrap_or_default(), |between| to.between(between, out));
                    }
                    to.input(&Input::TooLarge, &[], out);
                }
            }
        }
        if let Some(raw) = raw {
            raw.skipped_until(parser.skipped_until());
            raw.hold(parser.open_block(), |between| to.between(between, out));
        }
    }
}
