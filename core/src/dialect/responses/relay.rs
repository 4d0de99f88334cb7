//! The Responses relay: passes a stream on to a Responses client, with exactly one terminal event.
//!
//! Input: events, and their blocks as they were sent. Output: byte for byte what was sent, but for a terminal event that was
//! empty or missing, or an `error` that Codex ignores. A response that was steered has its end, its successor another.
//! State: the whole response, to repair its end.

mod own_id;

use super::write::missing::{CREATED, ITEM_ADDED, ITEM_DONE};
use super::{
    Accumulator, ControlAnswer, Event, EventKind, Response, ResponsesReader, Status, body, conform,
    document_status,
};
use crate::answer::{Known, Silent};
use crate::envelope::Envelope;
use crate::input::{Consumer, Event as _, Input, RepeatedDelta};
use crate::json::{Value, edit, write};
use crate::limits::MAX_ITEMS;
use crate::options::Options;
use crate::outcome::{NoteCode, Outcome};
use crate::translation::{Answer, Reader, Translation};

#[derive(Debug)]
pub(crate) struct Relay {
    translation: Translation<ResponsesReader<Accumulator>, Silent>,
    has_begun: bool,
    is_ended: bool,
    has_output: bool,
    sequence_number: Option<u64>,
    /// Input of the client's that the upstream accepted, and that no response has yet.
    steers: usize,
    /// A failure without details, until the next event: they may be there. Its JSON, its block.
    held_failure: Option<(Vec<u8>, Vec<u8>)>,
    /// A `[DONE]` that came before any end.
    held_done: Vec<u8>,
}

impl Answer for Relay {
    fn refused(&mut self, failure: Envelope, out: &mut Vec<u8>) {
        self.translation.refused(failure, &mut Vec::new());
        self.fail(out);
    }

    fn known(&self) -> Known {
        self.translation.known()
    }
}

impl Consumer for Relay {
    type Event<'a> = Event<'a>;
    type Target = <ResponsesReader<Accumulator> as Reader>::Target;

    fn rename_back(&self, event: &Event<'_>) -> Option<Vec<u8>> {
        self.translation.rename_back(event)
    }

    fn repeat_target(&self) -> Option<Self::Target> {
        self.translation.repeat_target().filter(|_| !self.is_ended)
    }

    fn on_repeats<'c>(
        &mut self,
        target: Self::Target,
        repeats: impl Iterator<Item = RepeatedDelta<'c>>,
        out: &mut Vec<u8>,
    ) {
        let mut last = None;
        let repeats = repeats.inspect(|repeat| last = repeat.number.or(last));
        self.translation.on_repeats(target, repeats, out);
        let number = last.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        self.sequence_number = number.or(self.sequence_number);
    }

    fn input(&mut self, input: &Input<'_, Event<'_>>, raw: &[u8], out: &mut Vec<u8>) {
        if let Input::Event(event) = input
            && matches!(event.kind, EventKind::Progress | EventKind::Silent)
        {
            self.steer(event, raw, out);
        }
        self.translation.input(input, raw, out);
        if self.is_ended {
            if let Input::Done = input {
                out.extend_from_slice(raw);
            }
            return;
        }
        match input {
            Input::Event(event) => self.event(event, raw, out),
            Input::Document(event) => self.document(event.json, out),
            Input::Done => self.done(raw, out),
            Input::Malformed { .. } | Input::Page(_) if self.translation.facts.end.is_some() => {
                self.fail(out);
            }
            Input::Malformed { .. } => out.extend_from_slice(raw),
            Input::Page(_) | Input::TooLarge => {}
        }
    }

    fn between(&mut self, raw: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(raw);
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.translation.end(out);
        if !self.is_ended {
            self.fail(out);
        }
    }
}

impl Relay {
    pub(crate) fn new(options: Options) -> Self {
        let reader = ResponsesReader::new(&options);
        Self {
            translation: Translation::new(options, reader, Silent),
            has_begun: false,
            is_ended: false,
            has_output: false,
            sequence_number: None,
            steers: 0,
            held_failure: None,
            held_done: Vec::new(),
        }
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.translation.outcome()
    }

    pub(crate) fn has_output(&self) -> bool {
        self.has_output
    }

    /// The final Response; `None` before the end.
    pub(crate) fn response(&mut self) -> Option<Vec<u8>> {
        let Translation { reader, facts, options, .. } = &mut self.translation;
        body::response(&reader.log, facts, options)
    }

    /// What answers the client's own frames passes even after the end; so does the response that follows from them, on
    /// the same socket.
    fn steer(&mut self, event: &Event<'_>, raw: &[u8], out: &mut Vec<u8>) {
        let answer = ControlAnswer::of(event.name);
        match answer {
            Some(ControlAnswer::SteerAccepted) => self.steers += 1,
            Some(ControlAnswer::SteerPending | ControlAnswer::SteerFailed) => {
                self.steers = self.steers.saturating_sub(1);
            }
            _ => {}
        }
        let is_steered = self.translation.facts.notes.contains(NoteCode::Steered);
        match event.kind {
            _ if !self.is_ended => {}
            EventKind::Progress if is_steered || self.steers > 0 => self.begin_again(),
            EventKind::Silent if is_steered || answer.is_some() => self.pass_progress(event, raw, out),
            _ => {}
        }
    }

    /// The successor is a response of its own, with its own id and its own end.
    fn begin_again(&mut self) {
        let options = std::mem::take(&mut *self.translation.options);
        let (has_output, sequence_number) = (self.has_output, self.sequence_number);
        *self = Self { has_output, sequence_number, ..Self::new(Options { id: None, ..options }) };
    }

    fn event(&mut self, event: &Event<'_>, raw: &[u8], out: &mut Vec<u8>) {
        self.sequence_number = event.sequence_number().or(self.sequence_number);
        let has_failed = self.has_failed();
        match event.kind {
            EventKind::Terminal(_)
                if has_failed && self.is_final(event) && event.response.denies_its_error() =>
            {
                self.fail(out);
            }
            EventKind::Terminal(status) if self.is_final(event) => self.terminal(status, event, raw, out),
            EventKind::Error if !has_failed => {} // it waits for details
            _ if has_failed => self.fail(out),
            EventKind::Terminal(_) => self.held_failure = Some((event.json.raw().to_vec(), raw.to_vec())),
            _ => {
                self.has_begun = true;
                self.has_output = true;
                self.pass_progress(event, raw, out);
            }
        }
    }

    fn has_failed(&self) -> bool {
        self.translation.facts.end.as_ref().is_some_and(|end| end.error.is_some())
    }

    /// As it was sent, but for the id and the model that the caller gives to the response, and what a schema requires of it.
    fn pass_progress(&self, event: &Event<'_>, raw: &[u8], out: &mut Vec<u8>) {
        let options = &*self.translation.options;
        let response = event.members.response.filter(|response| response.is_object());
        let id = options.id.as_deref().map(write::quoted);
        let model = response.and_then(|response| options.relayed_model(response.get("model")));
        let edits =
            [id.as_ref().map(|id| ("id", &id[..])), model.as_ref().map(|model| ("model", &model[..]))];
        let edits: Vec<_> = edits.into_iter().flatten().collect();
        let is_changed = !edits.is_empty() || options.conform.is_some();
        match response.filter(|_| is_changed) {
            Some(response) => {
                let response = edit::with_members(response, &edits);
                let response = conform::filled_if(options, response);
                block(event.name, &edit::with_members(event.json, &[("response", &response)]), out);
            }
            None => match self.with_own_id(event) {
                Some(json) => block(event.name, &json, out),
                None => pass(event, raw, out),
            },
        }
    }

    /// Of an event that names the response, where the caller gives it an id.
    fn with_own_id(&self, event: &Event<'_>) -> Option<Vec<u8>> {
        if !matches!(event.kind, EventKind::Silent | EventKind::ItemInterrupted) {
            return None;
        }
        let own = self.translation.options.id.as_deref()?;
        own_id::replaced(event.json, &self.translation.facts.upstream_id()?, own)
    }

    /// A client's frame for the response that comes, as the upstream knows that.
    pub(crate) fn upstream_frame(&self, frame: &[u8]) -> Option<Vec<u8>> {
        let own = self.translation.options.id.as_deref()?;
        own_id::replaced(Value::document(frame)?, own, &self.translation.facts.upstream_id()?)
    }

    /// Whether a terminal event is the end, not a failure without details nor the details of one.
    fn is_final(&self, event: &Event<'_>) -> bool {
        let log = &self.translation.reader.log;
        let is_first = event.members.response.map(Value::raw) == log.terminal.as_deref();
        self.translation.facts.end.is_some() && is_first
    }

    /// As it was sent, unless the response had to be put together.
    fn terminal(&mut self, status: Status, event: &Event<'_>, raw: &[u8], out: &mut Vec<u8>) {
        let response = self.response().unwrap_or_default();
        self.has_output |= status != Status::Failed;
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

    /// `[DONE]` before any end: clients stop there, so it waits for one. Where by the options this upstream has
    /// no other end, it is the end.
    fn done(&mut self, raw: &[u8], out: &mut Vec<u8>) {
        self.held_done = raw.to_vec();
        match &self.translation.facts.end {
            Some(end) if end.error.is_some() => self.fail(out),
            Some(_) => {
                let response = self.response().unwrap_or_default();
                self.emit(Status::Completed.event_name(), &[("response", &response)], out);
                self.end_with_done(out);
            }
            None => {}
        }
    }

    /// The terminal event was passed on; so is a `[DONE]` that waited for it.
    fn end_with_done(&mut self, out: &mut Vec<u8>) {
        self.is_ended = true;
        out.append(&mut self.held_done);
    }

    /// An `error` event, or no end at all: `response.failed` with what had arrived.
    fn fail(&mut self, out: &mut Vec<u8>) {
        let error = self.translation.facts.end.as_ref().and_then(|end| end.error.as_ref());
        let has_details = error.is_some_and(|error| !error.has_no_details());
        if let Some((json, raw)) = self.held_failure.take().filter(|_| !has_details)
            && let Ok(event) = Event::parse(&json, "")
        {
            return self.terminal(Status::Failed, &event, &raw, out);
        }
        let Translation { reader, facts, options, .. } = &mut self.translation;
        let response = body::failed_response(&reader.log, facts, options);
        if let (false, Some(failed)) = (self.has_begun, Value::document(&response)) {
            self.open(failed, out);
        }
        self.emit(Status::Failed.event_name(), &[("response", &response)], out);
        self.end_with_done(out);
    }

    /// A plain Response: as if its events had been sent, item by item.
    fn document(&mut self, document: Value<'_>, out: &mut Vec<u8>) {
        let read = Response::parse(document);
        let goes_on = read.status.is_some_and(Status::goes_on);
        let is_denied = self.has_failed() && (read.denies_its_error() || goes_on);
        let status = document_status(document).filter(|_| !is_denied);
        let Some(status) = status else { return self.fail(out) };
        let response = self.response().unwrap_or_default();
        let document = Value::document(&response).unwrap_or(document);
        self.open(document, out);
        let output = document.get("output").into_iter().flat_map(Value::elements);
        for (index, item) in output.take(MAX_ITEMS).enumerate() {
            let index = index.to_string();
            for name in [ITEM_ADDED, ITEM_DONE] {
                self.emit(name, &[("output_index", index.as_bytes()), ("item", item.raw())], out);
            }
        }
        self.emit(status.event_name(), &[("response", document.raw())], out);
        self.has_output = status != Status::Failed;
        self.end_with_done(out);
    }

    /// `response.created`, from what is known at the end.
    fn open(&mut self, response: Value<'_>, out: &mut Vec<u8>) {
        let begun: [edit::Edit<'_>; 3] =
            [("status", b"\"in_progress\""), ("output", b"[]"), ("error", b"null")];
        self.emit(CREATED, &[("response", &edit::with_members(response, &begun))], out);
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
