//! The collector: the final Response of a Responses stream, and its chat.completion.
//!
//! Input: Responses events, as SSE bytes, frames or a plain body. Output: one JSON object, for clients that asked
//! `stream: false` of an upstream that only streams. State: the whole response.

use crate::dialect::chat::ChatWriter;
use crate::dialect::responses::{Accumulator, Event, ResponsesReader, body};
use crate::error::Error;
use crate::input::{Consumer, Input, InputLayer, RepeatedDelta};
use crate::options::Options;
use crate::outcome::Outcome;
use crate::translation::{Reader, Translation};

/// Rebuilds the final Response of one stream, and folds its chat.completion.
///
/// ```
/// let mut collector = sluicegate::ResponseCollector::default();
/// collector.feed(b"data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}\n\n")?;
/// collector.feed(b"data: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\",\"output\":[]}}\n\n")?;
/// let response = String::from_utf8(collector.finish()?).unwrap();
/// assert!(response.contains(r#""text":"Hi""#)); // the terminal event was hollow
/// assert!(collector.chat_completion().is_some_and(|json| json.starts_with(b"{\"id\":\"chatcmpl-")));
/// # Ok::<(), sluicegate::Error>(())
/// ```
#[derive(Debug)]
pub struct ResponseCollector {
    input: InputLayer<<CollectState as Consumer>::Target>,
    state: CollectState,
    is_finished: bool,
}

impl Default for ResponseCollector {
    fn default() -> Self {
        Self::new(Options::default())
    }
}

impl ResponseCollector {
    /// A collector for one response; the options shape its chat.completion.
    pub fn new(options: Options) -> Self {
        let input = InputLayer::new(options.max_event_bytes);
        Self { input, state: CollectState::new(options), is_finished: false }
    }

    /// Takes the next bytes of the upstream body.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), Error> {
        self.input.feed(chunk, &mut self.state, &mut Vec::new())
    }

    /// Takes one event as JSON without SSE framing: a WebSocket text frame.
    pub fn feed_event(&mut self, json: &str) -> Result<(), Error> {
        self.input.frame(json, &mut self.state, &mut Vec::new())
    }

    /// Ends the stream and gives the final Response as JSON. One that failed keeps its status and error; one that was
    /// cut has the status `incomplete` and what had arrived: see [`ResponseCollector::outcome`] before using it. A
    /// body that was an error object comes back as the error envelope.
    pub fn finish(&mut self) -> Result<Vec<u8>, Error> {
        self.input.finish(&mut self.state, &mut Vec::new())?;
        self.is_finished = true;
        Ok(self.state.response())
    }

    /// After [`ResponseCollector::finish`]: the chat.completion, or the error envelope of a response that failed or
    /// was cut. It is the fold of the chunks a [`crate::ChatTranscoder`] with the same options emits, but where a done event
    /// took back what had streamed (warning `inconsistent_text`): there it has what the done event says.
    pub fn chat_completion(&self) -> Option<&[u8]> {
        self.is_finished.then(|| self.state.completion())
    }

    /// What the stream turned out to be; `None` before a terminal event or [`ResponseCollector::finish`].
    pub fn outcome(&self) -> Option<Outcome> {
        self.state.outcome()
    }
}

#[derive(Debug)]
pub(crate) struct CollectState {
    translation: Translation<ResponsesReader<Accumulator>, ChatWriter>,
    completion: Vec<u8>,
}

impl CollectState {
    pub(crate) fn new(options: Options) -> Self {
        let reader = ResponsesReader::new(&options);
        Self {
            translation: Translation::new(options, reader, ChatWriter::completion()),
            completion: Vec::new(),
        }
    }

    /// The chat.completion; empty before the end.
    pub(crate) fn completion(&self) -> &[u8] {
        &self.completion
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.translation.outcome()
    }

    /// The final Response; the error envelope where nothing but an error came.
    pub(crate) fn response(&mut self) -> Vec<u8> {
        let Translation { reader, facts, options, .. } = &mut self.translation;
        body::response(&reader.log, facts, options).unwrap_or_default()
    }
}

impl Consumer for CollectState {
    type Event<'a> = Event<'a>;
    type Target = <ResponsesReader<Accumulator> as Reader>::Target;

    fn rename_back(&self, event: &Event<'_>) -> Option<Vec<u8>> {
        self.translation.rename_back(event)
    }

    fn repeat_target(&self) -> Option<Self::Target> {
        self.translation.repeat_target()
    }

    fn on_repeats<'c>(
        &mut self,
        target: Self::Target,
        repeats: impl Iterator<Item = RepeatedDelta<'c>>,
        _: &mut Vec<u8>,
    ) {
        self.translation.on_repeats(target, repeats, &mut self.completion);
    }

    fn input<'a>(&mut self, input: &Input<'_, Event<'a>>, raw: &[u8], _: &mut Vec<u8>) {
        self.translation.input(input, raw, &mut self.completion);
    }

    fn end(&mut self, _: &mut Vec<u8>) {
        self.translation.end(&mut self.completion);
    }
}
