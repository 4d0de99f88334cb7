//! Enters: Responses events, as SSE bytes, frames or a plain body. Leaves: Responses SSE for clients that speak it:
//! byte for byte what was sent, but for a terminal event that was hollow, missing, or an `error` that Codex ignores.
//! Kept: the whole response, to repair its end.

use crate::collect::Collecting;
use crate::error::Error;
use crate::json::{Value, edit};
use crate::limits::MAX_ITEMS;
use crate::outcome::Outcome;
use crate::responses::{self, Event, Kind, Status};
use crate::source::{Consumer, Input, Repeat, Source};
use crate::transcode::ChatOptions;

/// Passes one Responses stream on, with exactly one terminal event.
///
/// ```
/// let mut relay = sluicegate::ResponsesRelay::default();
/// let mut out = Vec::new();
/// relay.feed(b"data: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\"}}\n\n", &mut out)?;
/// relay.finish(&mut out)?; // the upstream was cut
/// let out = String::from_utf8(out).unwrap();
/// assert!(out.contains("event: response.failed\n") && out.contains("upstream_truncated"));
/// # Ok::<(), sluicegate::Error>(())
/// ```
#[derive(Debug)]
pub struct ResponsesRelay {
    source: Source<<Relaying as Consumer>::Place>,
    relaying: Relaying,
}

#[derive(Debug, Default)]
pub(crate) struct Relaying {
    collecting: Collecting,
    has_begun: bool,
    is_ended: bool,
    committed: bool,
    sequence_number: Option<u64>,
    /// A `[DONE]` that came before any end.
    held_done: Vec<u8>,
}

impl Default for ResponsesRelay {
    fn default() -> Self {
        Self::new(ChatOptions::default())
    }
}

impl ResponsesRelay {
    /// A relay for one response; of the options it uses `context`, `fc_ids`, `previous_response_id`,
    /// `done_is_complete` and `max_event_bytes`.
    pub fn new(options: ChatOptions) -> Self {
        let source = Source::with_raw(options.max_event_bytes, options.restorer());
        Self { source, relaying: Relaying::new(options) }
    }

    /// Takes the next bytes of the upstream body and appends what the client must be sent now.
    pub fn feed(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.source.feed(chunk, &mut self.relaying, out)
    }

    /// Takes one WebSocket text frame; it goes on as an SSE block.
    pub fn feed_event(&mut self, json: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        self.source.frame(json, &mut self.relaying, out)
    }

    /// Ends the stream. Without a terminal event a `response.failed` with what had arrived is appended.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.source.finish(&mut self.relaying, out)
    }

    /// What the stream turned out to be; `None` before a terminal event or [`ResponsesRelay::finish`].
    pub fn outcome(&self) -> Option<Outcome> {
        self.relaying.outcome()
    }

    /// The final Response, as [`crate::ResponseCollector::finish`] gives it: to be recorded. `None` before a terminal
    /// event or [`ResponsesRelay::finish`].
    pub fn response(&mut self) -> Option<Vec<u8>> {
        self.relaying.outcome().map(|_| self.relaying.collecting.response())
    }

    /// Whether anything but a failure was passed on. While it is false a gateway can still choose an HTTP status.
    pub fn committed(&self) -> bool {
        self.relaying.committed
    }
}

impl Consumer for Relaying {
    type Place = <Collecting as Consumer>::Place;

    fn place(&self) -> Option<Self::Place> {
        self.collecting.place().filter(|_| !self.is_ended)
    }

    fn again<'c>(
        &mut self,
        place: Self::Place,
        repeats: impl Iterator<Item = Repeat<'c>>,
        out: &mut Vec<u8>,
    ) {
        let mut last = None;
        let repeats = repeats.inspect(|repeat| last = repeat.number.or(last));
        self.collecting.again(place, repeats, out);
        let number = last.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        self.sequence_number = number.or(self.sequence_number);
    }

    fn input(&mut self, input: &Input<'_>, raw: &[u8], out: &mut Vec<u8>) {
        self.collecting.input(input, raw, &mut Vec::new());
        if self.is_ended {
            if let Input::Done = input {
                out.extend_from_slice(raw);
            }
            return;
        }
        match input {
            Input::Event(event) => self.event(event, raw, out),
            Input::Document(document) => self.document(*document, out),
            Input::Done => self.done(raw, out),
            Input::Malformed(_) => out.extend_from_slice(raw),
            Input::TooLarge => {}
        }
    }

    fn between(&mut self, raw: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(raw);
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.collecting.end(&mut Vec::new());
        if !self.is_ended {
            self.fail(out);
        }
    }
}

impl Relaying {
    pub(crate) fn new(options: ChatOptions) -> Self {
        Self { collecting: Collecting::new(options), ..Self::default() }
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.collecting.outcome()
    }

    fn event(&mut self, event: &Event<'_>, raw: &[u8], out: &mut Vec<u8>) {
        self.sequence_number = event.sequence_number().or(self.sequence_number);
        match event.kind {
            Kind::Error => self.fail(out),
            Kind::Terminal(status) => self.terminal(status, event, raw, out),
            _ => {
                self.has_begun = true;
                self.committed = true;
                pass(event, raw, out);
            }
        }
    }

    /// As it was sent, unless the response had to be put together.
    fn terminal(&mut self, status: Status, event: &Event<'_>, raw: &[u8], out: &mut Vec<u8>) {
        let response = self.collecting.response();
        self.committed |= status != Status::Failed;
        let better_name = status.better_name(event.name);
        if better_name.is_none() && event.members.response.is_some_and(|sent| sent.raw() == response) {
            pass(event, raw, out);
        } else {
            let name = better_name.map_or(event.name, str::as_bytes);
            let quoted = [b"\"", name, b"\""].concat();
            let edits: [edit::Edit<'_>; 2] = [("response", &response), ("type", &quoted)];
            let changed = if better_name.is_some() { &edits[..] } else { &edits[..1] };
            block(name, &edit::with_members(event.json, changed), out);
        }
        self.end_with_done(out);
    }

    /// `[DONE]` before any end: clients stop there, so it waits for one. Where the caller says that this upstream has
    /// no other end, it is the end.
    fn done(&mut self, raw: &[u8], out: &mut Vec<u8>) {
        self.held_done = raw.to_vec();
        if self.collecting.outcome().is_some() {
            let response = self.collecting.response();
            self.emit(Status::Completed.event_name(), &[("response", &response)], out);
            self.end_with_done(out);
        }
    }

    /// The terminal event was passed on; so is a `[DONE]` that waited for it.
    fn end_with_done(&mut self, out: &mut Vec<u8>) {
        self.is_ended = true;
        out.append(&mut self.held_done);
    }

    /// An `error` event, or no end at all: `response.failed` with what had arrived.
    fn fail(&mut self, out: &mut Vec<u8>) {
        let response = self.collecting.failed_response();
        if let (false, Some(failed)) = (self.has_begun, Value::document(&response)) {
            self.open(failed, out);
        }
        self.emit(Status::Failed.event_name(), &[("response", &response)], out);
        self.end_with_done(out);
    }

    /// A plain Response: as if its events had been sent, item by item.
    fn document(&mut self, document: Value<'_>, out: &mut Vec<u8>) {
        let Some(status) = responses::document_status(document) else { return self.fail(out) };
        self.open(document, out);
        let output = document.get("output").into_iter().flat_map(Value::elements);
        for (index, item) in output.take(MAX_ITEMS).enumerate() {
            let index = index.to_string();
            for name in [responses::ITEM_ADDED, responses::ITEM_DONE] {
                self.emit(name, &[("output_index", index.as_bytes()), ("item", item.raw())], out);
            }
        }
        self.emit(status.event_name(), &[("response", document.raw())], out);
        self.committed = status != Status::Failed;
        self.end_with_done(out);
    }

    /// `response.created`, from what is known at the end.
    fn open(&mut self, response: Value<'_>, out: &mut Vec<u8>) {
        let begun: [edit::Edit<'_>; 3] =
            [("status", b"\"in_progress\""), ("output", b"[]"), ("error", b"null")];
        self.emit(responses::CREATED, &[("response", &edit::with_members(response, &begun))], out);
    }

    /// An event of our own, numbered after the last one seen.
    fn emit(&mut self, name: &str, members: &[edit::Edit<'_>], out: &mut Vec<u8>) {
        let sequence_number = self.sequence_number.map_or(0, |number| number.saturating_add(1));
        self.sequence_number = Some(sequence_number);
        let (quoted, number) = (format!("\"{name}\""), sequence_number.to_string());
        let head = [("type", quoted.as_bytes()), ("sequence_number", number.as_bytes())];
        block(name.as_bytes(), &edit::with_members(Value::EMPTY, &[&head[..], members].concat()), out);
    }
}

/// The block as it was sent; a frame becomes one.
fn pass(event: &Event<'_>, raw: &[u8], out: &mut Vec<u8>) {
    if raw.is_empty() {
        block(event.name, event.json.raw(), out);
    } else {
        out.extend_from_slice(raw);
    }
}

/// An SSE block; a line end inside the JSON (white space, then) begins a further `data` line.
fn block(name: &[u8], json: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name);
    for line in json.split(|byte| matches!(byte, b'\n' | b'\r')) {
        out.extend_from_slice(b"\ndata: ");
        out.extend_from_slice(line);
    }
    out.extend_from_slice(b"\n\n");
}
