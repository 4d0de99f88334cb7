//! The chat relay: passes a chat stream on to a chat client, with exactly one sound end.
//!
//! Input: chunks, and their blocks as they were sent. Output: byte for byte what was sent, up to the end; then `[DONE]`, or
//! the failure. A chunk gets another model where the caller asked for that. A plain chat.completion becomes its chunks. State: what the reader needs to know how the answer ended.

use super::chunk::Chunk;
use super::write::chunks;
use super::write::output::error_frames;
use super::{ChatReader, ChatWriter};
use crate::answer::{Known, Silent};
use crate::envelope::Envelope;
use crate::input::{Consumer, Event as _, Input, RepeatedDelta, with_data};
use crate::options::Options;
use crate::outcome::Outcome;
use crate::translation::{Answer, Reader, Translation};

#[derive(Debug)]
pub(crate) struct ChatRelay {
    translation: Translation<ChatReader, Silent>,
    has_output: bool,
    is_ended: bool,
}

impl ChatRelay {
    pub(crate) fn new(options: Options) -> Self {
        let reader = ChatReader::new(&options);
        Self { translation: Translation::new(options, reader, Silent), has_output: false, is_ended: false }
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.translation.outcome()
    }

    pub(crate) fn has_output(&self) -> bool {
        self.has_output
    }

    /// Writes the failure, if that is the end.
    fn fail(&mut self, out: &mut Vec<u8>) -> bool {
        let end = self.translation.facts.end.as_ref();
        let Some(error) = end.and_then(|end| end.error.as_ref()) else { return false };
        error_frames(out, &error.error);
        self.is_ended = true;
        true
    }

    fn chunk(&mut self, chunk: &Chunk<'_>, raw: &[u8], out: &mut Vec<u8>) {
        if self.fail(out) {
            return;
        }
        self.has_output = true;
        let sent = chunk.json();
        let renamed = chunk.choices.as_ref().and_then(|_| self.translation.options.with_relayed_model(sent));
        let block = renamed.as_ref().and_then(|json| with_data(raw, sent.raw(), json));
        match (block, renamed) {
            (Some(block), _) => out.extend_from_slice(&block),
            (None, Some(json)) => chunks::block(out, &json),
            (None, None) if raw.is_empty() => chunks::block(out, sent.raw()),
            (None, None) => out.extend_from_slice(raw),
        }
    }

    /// As a stream: what a chat client that asked for one can read.
    fn document(&mut self, chunk: &Chunk<'_>, out: &mut Vec<u8>) {
        let options = (*self.translation.options).clone();
        let reader = ChatReader::new(&options);
        let mut whole = Translation::new(options, reader, ChatWriter::chunks().of_chat());
        whole.input(&Input::Document(chunk), &[], out);
        self.has_output = whole.has_output();
        self.is_ended = true;
    }
}

impl Answer for ChatRelay {
    fn refused(&mut self, failure: Envelope, out: &mut Vec<u8>) {
        self.translation.refused(failure, &mut Vec::new());
        self.fail(out);
    }

    fn known(&self) -> Known {
        self.translation.known()
    }
}

impl Consumer for ChatRelay {
    type Event<'a> = Chunk<'a>;
    type Target = <ChatReader as Reader>::Target;

    fn repeat_target(&self) -> Option<Self::Target> {
        self.translation
            .repeat_target()
            .filter(|_| !self.is_ended && !self.translation.options.relays_models())
    }

    fn on_repeats<'c>(
        &mut self,
        target: Self::Target,
        repeats: impl Iterator<Item = RepeatedDelta<'c>>,
        out: &mut Vec<u8>,
    ) {
        self.translation.on_repeats(target, repeats, out);
    }

    fn input(&mut self, input: &Input<'_, Chunk<'_>>, raw: &[u8], out: &mut Vec<u8>) {
        self.translation.input(input, raw, out);
        if self.is_ended {
            return;
        }
        match input {
            Input::Event(chunk) => self.chunk(chunk, raw, out),
            Input::Document(chunk) => self.document(chunk, out),
            Input::Done => {
                if !self.fail(out) {
                    self.is_ended = true;
                    chunks::done(out);
                }
            }
            Input::Malformed { .. } | Input::Page(_) | Input::TooLarge => {
                self.fail(out);
            }
        }
    }

    fn between(&mut self, raw: &[u8], out: &mut Vec<u8>) {
        if !self.is_ended {
            out.extend_from_slice(raw);
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.translation.end(out);
        if !self.is_ended && !self.fail(out) {
            self.is_ended = true;
            chunks::done(out);
        }
    }
}
