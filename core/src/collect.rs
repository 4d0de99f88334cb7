//! Enters: Responses events, as SSE bytes, frames or a plain body. Leaves: the final Response and its chat.completion,
//! for clients that asked `stream: false` of a backend that only streams. Kept: the whole response.

mod items;
mod merge;

use crate::chat;
use crate::error::Error;
use crate::json::Value;
use crate::outcome::{ErrorBody, ErrorClass, NoteCode, Outcome, Reconstructed, Status};
use crate::responses::{self, Event, Kind};
use crate::source::{Consumer, Input, Repeat, Source};
use crate::transcode::{self, ChatOptions, State};
use items::Gathering;
use merge::Terminal;

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
    source: Source<<Collecting as Consumer>::Place>,
    collecting: Collecting,
    is_finished: bool,
}

impl Default for ResponseCollector {
    fn default() -> Self {
        Self::new(ChatOptions::default())
    }
}

impl ResponseCollector {
    /// A collector for one response; the options shape its chat.completion.
    pub fn new(options: ChatOptions) -> Self {
        Self {
            source: Source::new(options.max_event_bytes, options.restorer()),
            collecting: Collecting::new(options),
            is_finished: false,
        }
    }

    /// Takes the next bytes of the upstream body.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), Error> {
        self.source.feed(chunk, &mut self.collecting, &mut Vec::new())
    }

    /// Takes one event as JSON without SSE framing: a WebSocket text frame.
    pub fn feed_event(&mut self, json: &str) -> Result<(), Error> {
        self.source.frame(json, &mut self.collecting, &mut Vec::new())
    }

    /// Ends the stream and gives the final Response as JSON. One that failed keeps its status and error; one that was
    /// cut has the status `incomplete` and what had arrived: see [`ResponseCollector::outcome`] before using it. A
    /// body that was an error object comes back as the error envelope.
    pub fn finish(&mut self) -> Result<Vec<u8>, Error> {
        self.source.finish(&mut self.collecting, &mut Vec::new())?;
        self.is_finished = true;
        Ok(self.collecting.response())
    }

    /// After [`ResponseCollector::finish`]: the chat.completion, or the error envelope of a response that failed or
    /// was cut. It is the fold of the chunks a [`crate::ChatTranscoder`] with the same options emits.
    pub fn chat_completion(&self) -> Option<&[u8]> {
        self.is_finished.then(|| self.collecting.completion())
    }

    /// What the stream turned out to be; `None` before a terminal event or [`ResponseCollector::finish`].
    pub fn outcome(&self) -> Option<Outcome> {
        self.collecting.outcome()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Collecting {
    chat: State,
    completion: Vec<u8>,
    gathering: Gathering,
    /// What stands for a response object that never came.
    blank: Vec<u8>,
    /// The latest response object of a progress event.
    earlier: Option<Box<[u8]>>,
    /// The first terminal response object.
    terminal: Option<Box<[u8]>>,
    is_ended: bool,
    reconstructed: Reconstructed,
}

impl Consumer for Collecting {
    type Place = (transcode::Spot, items::Place);

    fn place(&self) -> Option<Self::Place> {
        self.chat.place().zip(self.gathering.repeatable)
    }

    fn again<'c>(
        &mut self,
        (said, gathered): Self::Place,
        repeats: impl Iterator<Item = Repeat<'c>>,
        _: &mut Vec<u8>,
    ) {
        let Self { chat, gathering, completion, .. } = self;
        let repeats = repeats.inspect(|repeat| gathering.delta_again(gathered, repeat.text.as_str()));
        chat.again(said, repeats, completion);
    }

    fn input(&mut self, input: &Input<'_>, _: &[u8], _: &mut Vec<u8>) {
        self.chat.input(input, &[], &mut self.completion);
        self.gathering.repeatable = None;
        match input {
            _ if self.is_ended => {}
            Input::Event(event) => self.event(event),
            Input::Document(document) => {
                self.terminal = responses::document_status(*document).map(|_| document.raw().into());
                self.is_ended = true;
            }
            Input::Done | Input::Malformed(_) | Input::TooLarge => {}
        }
    }

    fn end(&mut self, _: &mut Vec<u8>) {
        self.chat.end(&mut self.completion);
        if self.gathering.is_full || self.chat.is_full() {
            self.chat.note(NoteCode::LimitExceeded, "response");
        }
    }
}

impl Collecting {
    pub(crate) fn new(options: ChatOptions) -> Self {
        let blank = options.restorer().blank();
        Self { chat: State::new(options, true), blank, ..Self::default() }
    }

    fn event(&mut self, event: &Event<'_>) {
        match event.kind {
            Kind::Delta(lane) => self.gathering.delta(lane, event),
            Kind::Done(lane) => self.gathering.done(lane, event),
            Kind::PartDone | Kind::SummaryPartDone => self.gathering.part_done(event),
            Kind::Annotation => self.gathering.annotation(event),
            Kind::ItemAdded => self.gathering.item_added(event),
            Kind::ItemDone => self.gathering.item_done(event),
            Kind::Progress => self.earlier = event.members.response.map(|response| response.raw().into()),
            Kind::Terminal(_) => {
                self.terminal = event.members.response.map(|response| response.raw().into());
                self.is_ended = true;
            }
            Kind::Error => self.is_ended = true,
            Kind::PartialImage | Kind::RateLimits | Kind::Silent | Kind::Other => {}
        }
    }

    /// The chat.completion; empty before the end.
    pub(crate) fn completion(&self) -> &[u8] {
        &self.completion
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        let outcome = self.chat.outcome()?;
        Some(Outcome { reconstructed: self.reconstructed, ..outcome })
    }

    /// The final Response; the error envelope where nothing but an error came.
    pub(crate) fn response(&mut self) -> Vec<u8> {
        let Some(Outcome { status, error, failure, .. }) = self.chat.outcome() else { return Vec::new() };
        match error {
            Some(error) if self.terminal.is_none() && self.earlier.is_none() && self.gathering.len() == 0 => {
                envelope(&error)
            }
            error => {
                let error = error.as_ref().filter(|_| status == Status::Failed);
                self.merged(status, error.zip(failure.map(|failure| failure.class)))
            }
        }
    }

    /// What had arrived of a response that failed or was cut, as a failed Response.
    pub(crate) fn failed_response(&mut self) -> Vec<u8> {
        let (error, failure) = self.chat.outcome().map(|outcome| (outcome.error, outcome.failure)).unzip();
        let (error, failure) = (error.flatten(), failure.flatten());
        self.merged(Status::Failed, error.as_ref().zip(failure.map(|failure| failure.class)))
    }

    /// Without a terminal object it is the latest earlier one, with status and error set right.
    fn merged(&mut self, status: Status, error: Option<(&ErrorBody, ErrorClass)>) -> Vec<u8> {
        let terminal = self.terminal.as_deref().and_then(Value::document);
        let earlier = self.earlier.as_deref().and_then(Value::document);
        let is_named = terminal.is_some_and(|terminal| terminal.get("status").is_some());
        let error = error.filter(|_| terminal.is_none()).map(|(error, class)| {
            let mut out = Vec::new();
            responses::error_object(&mut out, error, class);
            out
        });
        let terminal = Terminal {
            response: terminal.or(earlier).or(Value::document(&self.blank)).unwrap_or(Value::EMPTY),
            earlier,
            status: (!is_named).then_some(status.as_response_status()),
            error: error.as_deref(),
            item_status: if status == Status::Completed { "completed" } else { "incomplete" },
        };
        let (response, reconstructed) = merge::response(terminal, &mut self.gathering);
        self.reconstructed = reconstructed;
        response
    }
}

fn envelope(error: &ErrorBody) -> Vec<u8> {
    let mut out = Vec::new();
    chat::envelope(&mut out, error);
    out
}
