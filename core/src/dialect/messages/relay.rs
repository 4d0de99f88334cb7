//! The Messages relay: passes a stream on to a Messages client, with exactly one sound end.
//!
//! Input: events, and their blocks as they were sent. Output: byte for byte what was sent, up to the end; an answer that has
//! its reason but no `message_stop` gets one, one that was cut an `error`. A plain Message becomes its events. State: what
//! the reader needs to know how the answer ended.

use super::accumulate::{Accumulator, with_usage};
use super::event::{Event, EventKind};
use super::{BLOCK_STOP, CLOSE_EVENT, MESSAGE_STOP, MessagesReader, error, open_event};
use crate::answer::{Known, Silent};
use crate::envelope::Envelope;
use crate::input::{Consumer, Event as _, Input, RepeatedDelta, with_data};
use crate::json::{Value, edit, write};
use crate::options::Options;
use crate::outcome::Outcome;
use crate::translation::{Answer, Reader, Translation};

#[derive(Debug)]
pub(crate) struct MessagesRelay {
    translation: Translation<MessagesReader, Silent>,
    has_output: bool,
    /// A block was closed: the client keeps it.
    has_closed: bool,
    /// A client was told of the end.
    is_ended: bool,
}

impl MessagesRelay {
    pub(crate) fn new(options: &Options) -> Self {
        let translation = Translation::new(options.clone(), MessagesReader::new(options), Silent);
        Self { translation, has_output: false, has_closed: false, is_ended: false }
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.translation.outcome()
    }

    pub(crate) fn has_output(&self) -> bool {
        self.has_output
    }

    fn event(&mut self, event: &Event<'_>, raw: &[u8], out: &mut Vec<u8>) {
        if event.kind == EventKind::Error && !is_readable(event, raw) {
            return self.fail(out);
        }
        let mended = self.mended(event);
        let block = mended.as_ref().and_then(|json| with_data(raw, event.json.raw(), json));
        match (block, mended) {
            (Some(block), _) => out.extend_from_slice(&block),
            (None, None) if !raw.is_empty() => out.extend_from_slice(raw),
            (None, mended) => {
                write::pieces(out, [b"event: ", event.name, b"\ndata: "]);
                write::compact(out, mended.as_deref().unwrap_or(event.json.raw()));
                out.extend_from_slice(b"\n\n");
            }
        }
        self.has_output |= event.kind != EventKind::Error;
        self.has_closed |= event.name == BLOCK_STOP.as_bytes();
        self.is_ended |= matches!(event.kind, EventKind::MessageStop | EventKind::Error);
    }

    /// The start of a message with the model that the caller asked for, and the counts that SDKs fail without; `None` for
    /// what stays as it was sent.
    fn mended(&self, event: &Event<'_>) -> Option<Vec<u8>> {
        match event.kind {
            EventKind::MessageStart => {
                let sent = event.message.filter(|message| message.is_object())?;
                let counted = with_usage(sent);
                let message = counted.as_deref().map_or(sent, Value::of_valid);
                let renamed = self.translation.options.with_relayed_model(message);
                let message = renamed.or(counted)?;
                Some(edit::with_members(event.json, &[("message", &message)]))
            }
            EventKind::MessageDelta if !event.usage.is_some_and(Value::is_object) => {
                let known = self.translation.facts.usage().map_or(0, |usage| usage.completion_tokens);
                let usage = format!("{{\"output_tokens\":{known}}}");
                Some(edit::with_members(event.json, &[("usage", usage.as_bytes())]))
            }
            _ => None,
        }
    }

    /// As a stream: what a client that asked for one can read.
    fn document(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        self.is_ended = true;
        match event.kind {
            EventKind::Message => {
                self.has_output = true;
                let renamed = self.translation.options.with_relayed_model(event.json);
                let message = renamed.as_deref().and_then(Value::document);
                Accumulator::events_of(message.unwrap_or(event.json), out);
            }
            EventKind::Error => self.event(event, &[], out),
            _ => self.fail(out),
        }
    }

    fn fail(&mut self, out: &mut Vec<u8>) {
        let end = self.translation.facts.end.as_ref();
        if let Some(failure) = end.and_then(|end| end.error.as_ref()) {
            self.is_ended = true;
            error::event(out, failure, !self.has_closed);
        }
    }
}

/// Whether clients read an error: they skip what has no `type`, another one, or no `event:` line.
fn is_readable(error: &Event<'_>, raw: &[u8]) -> bool {
    let mut lines = raw.split(|byte| matches!(byte, b'\n' | b'\r'));
    let is_typed = error.names_itself() && error.name == super::ERROR.as_bytes();
    is_typed && (raw.is_empty() || lines.any(|line| line.starts_with(b"event:")))
}

impl Answer for MessagesRelay {
    fn refused(&mut self, failure: Envelope, out: &mut Vec<u8>) {
        self.translation.refused(failure, &mut Vec::new());
        self.fail(out);
    }

    fn known(&self) -> Known {
        self.translation.known()
    }
}

impl Consumer for MessagesRelay {
    type Event<'a> = Event<'a>;
    type Target = <MessagesReader as Reader>::Target;

    fn repeat_target(&self) -> Option<Self::Target> {
        self.translation.repeat_target().filter(|_| !self.is_ended)
    }

    fn on_repeats<'c>(
        &mut self,
        target: Self::Target,
        repeats: impl Iterator<Item = RepeatedDelta<'c>>,
        out: &mut Vec<u8>,
    ) {
        self.translation.on_repeats(target, repeats, out);
    }

    fn input(&mut self, input: &Input<'_, Event<'_>>, raw: &[u8], out: &mut Vec<u8>) {
        self.translation.input(input, raw, out);
        match input {
            _ if self.is_ended => {}
            Input::Event(event) => self.event(event, raw, out),
            Input::Document(event) => self.document(event, out),
            Input::Done => self.end(out),
            Input::Malformed { .. } | Input::Page(_) | Input::TooLarge => self.fail(out),
        }
    }

    fn between(&mut self, raw: &[u8], out: &mut Vec<u8>) {
        if !self.is_ended {
            out.extend_from_slice(raw);
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.translation.end(out);
        if !self.is_ended {
            self.fail(out);
        }
        if !self.is_ended {
            self.is_ended = true;
            open_event(out, MESSAGE_STOP);
            out.extend_from_slice(CLOSE_EVENT);
        }
    }
}
