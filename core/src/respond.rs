//! Enters: chat.completion chunks, as SSE bytes or frames, or one chat.completion. Leaves: Responses events.
//! Kept: the texts of the response, because its end says them again.
//!
//! For clients that speak only Responses (the Codex CLI, agent SDKs) on servers that speak only chat.

mod calls;
mod items;
mod options;
mod state;
mod terminal;
mod texts;
mod think;
mod tools;
mod unwrap;

use crate::chat;
use crate::error::Error;
use crate::outcome::Outcome;
use crate::restore::Restorer;
use crate::source::Source;
pub use options::{ReasoningForm, ResponsesOptions};
use state::{Spot, State};

/// Turns one chat completion stream into one Responses stream, byte-identical for any chunking of the input.
///
/// Bad data inside the stream is no error here: it is skipped and noted; a failure, or an end without a finish reason,
/// becomes `response.failed`, and [`ResponsesTranscoder::outcome`] says what happened.
///
/// ```
/// let mut transcoder = sluicegate::ResponsesTranscoder::default();
/// let mut out = Vec::new();
/// transcoder.feed(b"data: {\"id\":\"chatcmpl-1\",\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n", &mut out)?;
/// transcoder.feed(b"data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", &mut out)?;
/// transcoder.finish(&mut out)?;
/// let response = String::from_utf8(transcoder.response().unwrap_or_default()).unwrap();
/// assert!(response.starts_with("{\"id\":\"resp_1\"") && response.contains("\"text\":\"Hi\""));
/// assert_eq!(transcoder.outcome().map(|outcome| outcome.status), Some(sluicegate::Status::Completed));
/// # Ok::<(), sluicegate::Error>(())
/// ```
#[derive(Debug)]
pub struct ResponsesTranscoder {
    source: Source<Spot>,
    state: State,
}

impl Default for ResponsesTranscoder {
    fn default() -> Self {
        Self::new(ResponsesOptions::default())
    }
}

impl ResponsesTranscoder {
    /// A transcoder for one completion.
    pub fn new(options: ResponsesOptions) -> Self {
        let source = Source::new(options.max_event_bytes, Restorer::default());
        Self { source, state: State::new(options) }
    }

    /// Takes the next bytes of the upstream body and appends what a Responses client must be sent now: whole events.
    pub fn feed(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.source.feed(chunk, &mut self.state, out)
    }

    /// Takes one chunk as JSON without SSE framing.
    pub fn feed_event(&mut self, json: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        self.source.frame(json, &mut self.state, out)
    }

    /// Ends the stream. Without a finish reason that is a truncation: `response.failed`, never an invented end.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.source.finish(&mut self.state, out)
    }

    /// What the stream turned out to be; `None` before its end or [`ResponsesTranscoder::finish`].
    pub fn outcome(&self) -> Option<Outcome> {
        self.state.outcome()
    }

    /// The final Response as JSON, for clients that asked for no stream; `None` before the end. One that failed says so
    /// and has what had arrived: see [`ResponsesTranscoder::outcome`] before using it.
    pub fn response(&self) -> Option<Vec<u8>> {
        self.state.response()
    }

    /// Whether anything but a failure was emitted. While it is false a gateway can still choose an HTTP status.
    pub fn committed(&self) -> bool {
        self.state.committed
    }

    /// A comment to send while the upstream is silent: see [`crate::ChatTranscoder::heartbeat`].
    pub fn heartbeat(block: bool) -> &'static [u8] {
        chat::heartbeat(block)
    }
}
