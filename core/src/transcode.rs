//! Enters: Responses events, as SSE bytes or WebSocket frames. Leaves: chat.completion chunks as SSE bytes.
//! Kept: ids, how much of each text was said, what had to be noted; never the text.

mod calls;
mod options;
mod parts;
mod speaker;
mod state;
mod terminal;

use crate::chat;
use crate::error::Error;
use crate::outcome::Outcome;
use crate::sse::{SseOptions, SseParser};
pub use options::{ChatOptions, CustomTools, ModelFrom, ReasoningField};
use state::State;

/// Turns one Responses stream into one chat completion stream, byte-identical for any chunking of the input.
///
/// Bad data inside the stream is no error here: it is skipped and noted, a failure becomes the chat error frame, and
/// [`ChatTranscoder::outcome`] says what happened.
///
/// ```
/// let mut transcoder = sluicegate::ChatTranscoder::default();
/// let mut out = Vec::new();
/// transcoder.feed(b"data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}\n\n", &mut out)?;
/// transcoder.feed(b"data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\n", &mut out)?;
/// transcoder.finish(&mut out)?;
/// assert!(out.ends_with(b"data: [DONE]\n\n"));
/// assert_eq!(transcoder.outcome().map(|outcome| outcome.status), Some(sluicegate::Status::Completed));
/// # Ok::<(), sluicegate::Error>(())
/// ```
#[derive(Debug)]
pub struct ChatTranscoder {
    parser: SseParser,
    state: State,
    is_finished: bool,
}

impl Default for ChatTranscoder {
    fn default() -> Self {
        Self::new(ChatOptions::default())
    }
}

impl ChatTranscoder {
    /// A transcoder for one response.
    pub fn new(options: ChatOptions) -> Self {
        let parser = SseOptions {
            max_event_bytes: options.max_event_bytes,
            dispatch_tail: true, // LLM upstreams do cut the last blank line
            ..SseOptions::default()
        };
        Self { parser: SseParser::new(parser), state: State::new(options), is_finished: false }
    }

    /// Takes the next bytes of the upstream body and appends what a chat client must be sent now: whole frames only.
    pub fn feed(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.check_open()?;
        let mut events = self.parser.feed(chunk);
        loop {
            match events.next_event() {
                Ok(Some(event)) => self.state.data(event.data, event.event, out),
                Ok(None) => return Ok(()),
                Err(error) => self.state.parse_error(&error),
            }
        }
    }

    /// Takes one event as JSON without SSE framing: a WebSocket text frame.
    pub fn feed_event(&mut self, json: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        self.check_open()?;
        if json.len() > self.state.options().max_event_bytes {
            self.state.event_too_large();
        } else {
            self.state.data(json, "", out);
        }
        Ok(())
    }

    /// Ends the stream. Without a terminal event that is a truncation: the error frame and `[DONE]` are appended,
    /// never an invented `stop`.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.check_open()?;
        self.is_finished = true;
        match self.parser.finish() {
            Ok(Some(event)) => self.state.data(event.data, event.event, out),
            Ok(None) => {}
            Err(error) => self.state.parse_error(&error),
        }
        self.state.end(out);
        Ok(())
    }

    fn check_open(&self) -> Result<(), Error> {
        if self.is_finished { Err(Error::AfterFinish) } else { Ok(()) }
    }

    /// What the stream turned out to be; `None` before a terminal event or [`ChatTranscoder::finish`].
    pub fn outcome(&self) -> Option<Outcome> {
        self.state.outcome()
    }

    /// Whether anything but an error frame was emitted. While it is false a gateway can still choose an HTTP status.
    pub fn committed(&self) -> bool {
        self.state.committed()
    }

    /// A comment to send while the upstream is silent; between any two results of this transcoder. The line form is
    /// the one that every official client survives; `block` adds the blank line that some proxies wait for.
    pub fn heartbeat(block: bool) -> &'static [u8] {
        chat::heartbeat(block)
    }
}
