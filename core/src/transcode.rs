//! Enters: Responses events, as SSE bytes or WebSocket frames. Leaves: chat.completion chunks as SSE bytes.
//! Kept: ids, how much of each text was said, what had to be noted; never the text.

mod calls;
mod citations;
mod options;
mod parts;
mod speaker;
mod state;
mod terminal;
mod texts;
mod whole;

use crate::chat;
use crate::error::Error;
use crate::outcome::Outcome;
use crate::source::Source;
pub use options::{ChatOptions, Commentary, CustomTools, Images, ModelFrom, ReasoningField};
pub(crate) use state::{Spot, State};

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
    source: Source<Spot>,
    state: State,
}

impl Default for ChatTranscoder {
    fn default() -> Self {
        Self::new(ChatOptions::default())
    }
}

impl ChatTranscoder {
    /// A transcoder for one response.
    pub fn new(options: ChatOptions) -> Self {
        let source = Source::new(options.max_event_bytes, options.restorer());
        Self { source, state: State::new(options, false) }
    }

    /// Takes the next bytes of the upstream body and appends what a chat client must be sent now: whole frames only.
    pub fn feed(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.source.feed(chunk, &mut self.state, out)
    }

    /// Takes one event as JSON without SSE framing: a WebSocket text frame.
    pub fn feed_event(&mut self, json: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        self.source.frame(json, &mut self.state, out)
    }

    /// Ends the stream. Without a terminal event that is a truncation: the error frame and `[DONE]` are appended,
    /// never an invented `stop`.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.source.finish(&mut self.state, out)
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
