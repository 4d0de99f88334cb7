//! The collector: what a whole stream came to, as either body.
//!
//! Input: one upstream body of any dialect: SSE bytes, frames or a plain body. Output: a Response and a chat.completion,
//! for clients that asked `stream: false` of an upstream that only streams. A response that was steered and its successor
//! are one answer. State: the whole answer.

mod bodies;

use crate::dialect::Dialect;
use crate::dialect::chat::{ChatReader, ChatWriter};
use crate::dialect::messages::{self, MessagesReader, MessagesWriter};
use crate::dialect::responses::{Accumulator, ResponsesReader, ResponsesWriter, body};
use crate::error::Error;
use crate::input::Watch;
use crate::json::{Str, Value};
use crate::options::Options;
use crate::outcome::{Note, Outcome, Usage, Verdict};
use crate::translation::{Answer, Reader, Stream, Translation};
use bodies::Bodies;

/// Reads one stream of any upstream and gives the body of any client.
///
/// ```
/// use sluicegate::{Collector, Dialect, Options};
///
/// let mut collector = Collector::new(Dialect::Responses, Options::default());
/// collector.feed(b"data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}\n\n")?;
/// collector.feed(b"data: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\",\"output\":[]}}\n\n")?;
/// collector.finish()?;
/// let response = String::from_utf8_lossy(collector.final_response().unwrap());
/// assert!(response.contains(r#""text":"Hi""#)); // the terminal event was empty
/// assert!(collector.final_completion().unwrap().starts_with(b"{\"id\":\"chatcmpl-"));
/// # Ok::<(), sluicegate::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Collector {
    upstream: Upstream,
    /// The only one that is to have a body.
    client: Option<Dialect>,
    is_ended: bool,
    completion: Vec<u8>,
    response: Option<Vec<u8>>,
    /// Of a client of Messages.
    message: Option<WrittenMessage>,
}

/// A Message, and what a Response has beside it.
#[derive(Debug, Clone, Default)]
struct WrittenMessage {
    json: Vec<u8>,
    id: Option<String>,
    /// What has no place in it.
    notes: Vec<Note>,
}

/// The table of upstreams. Items of a Responses stream and blocks of a Messages stream stay as they were sent.
#[derive(Debug, Clone)]
enum Upstream {
    Responses(Box<Stream<OfResponses>>),
    Chat(Box<Stream<Translation<ChatReader, Bodies>>>),
    Messages(Box<Stream<Translation<MessagesReader<messages::Accumulator>, Bodies>>>),
}

pub(crate) type OfResponses = Translation<ResponsesReader<Accumulator>, Bodies>;

/// Does the same with whichever upstream it is.
macro_rules! each {
    ($upstream:expr, $stream:ident => $do:expr) => {
        match $upstream {
            Upstream::Responses($stream) => $do,
            Upstream::Chat($stream) => $do,
            Upstream::Messages($stream) => $do,
        }
    };
}

impl Collector {
    /// A collector for one answer of `upstream`, with the bodies of all clients. Its outcome notes what neither a completion
    /// nor a Response has.
    pub fn new(upstream: Dialect, options: Options) -> Self {
        let bodies = Bodies::new(Some(completion_of(upstream)), response_for(upstream, &options));
        Self::with(bodies, upstream, options)
    }

    /// The same for a client that is known: the body of its dialect alone, the others are `None`. The outcome notes what that
    /// body does not have.
    pub fn for_client(client: Dialect, upstream: Dialect, options: Options) -> Self {
        let bodies = match client {
            Dialect::Chat => Bodies::new(Some(completion_of(upstream)), None),
            Dialect::Responses | Dialect::Messages => Bodies::new(None, response_for(upstream, &options)),
        };
        Self { client: Some(client), ..Self::with(bodies, upstream, options) }
    }

    fn with(bodies: Bodies, upstream: Dialect, options: Options) -> Self {
        let upstream = match upstream {
            Dialect::Responses => {
                let reader = ResponsesReader::new(&options);
                Upstream::Responses(Box::new(Stream::new(options, reader, bodies)))
            }
            Dialect::Chat => {
                let reader = ChatReader::new(&options);
                Upstream::Chat(Box::new(Stream::new(options, reader, bodies)))
            }
            Dialect::Messages => {
                let reader = MessagesReader::new(&options);
                Upstream::Messages(Box::new(Stream::new(options, reader, bodies)))
            }
        };
        Self {
            upstream,
            client: None,
            is_ended: false,
            completion: Vec::new(),
            response: None,
            message: None,
        }
    }

    /// Takes the next bytes of the upstream body.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), Error> {
        let Self { upstream, completion, .. } = self;
        each!(upstream, stream => stream.input.feed(chunk, &mut stream.consumer, completion))
    }

    /// Takes one event as JSON without SSE framing: a WebSocket text frame, or one chat chunk; `[DONE]` as
    /// [`Transcoder::feed_event`](crate::Transcoder::feed_event) does.
    pub fn feed_event(&mut self, json: &str) -> Result<(), Error> {
        let Self { upstream, completion, .. } = self;
        each!(upstream, stream => stream.input.frame(json, &mut stream.consumer, completion))
    }

    /// Takes one finished body of the upstream's dialect: a Response, a completion, a Message, or an error, as it is; an event
    /// stream is read too. With the `status` of a failure it is that failure, as [`crate::error_envelope`] reads it, and so is a
    /// body that is no JSON object. It must be the only input ([`Error::DocumentNotAlone`]); `finish` follows.
    pub fn feed_document(&mut self, body: &[u8], status: Option<u16>) -> Result<(), Error> {
        let Self { upstream, completion, .. } = self;
        each!(upstream, stream => stream.document(body, status, completion))
    }

    /// Ends the stream.
    pub fn finish(&mut self) -> Result<(), Error> {
        let Self { upstream, completion, .. } = self;
        each!(upstream, stream => stream.input.finish(&mut stream.consumer, completion))?;
        self.is_ended = true;
        self.response = match &mut self.upstream {
            Upstream::Responses(stream) => response_of(&mut stream.consumer),
            Upstream::Chat(stream) => stream.consumer.final_response(),
            Upstream::Messages(stream) => stream.consumer.final_response(),
        };
        if self.client == Some(Dialect::Messages) {
            self.message = self.written_message();
        }
        Ok(())
    }

    fn is_for(&self, client: Dialect) -> bool {
        self.client.is_none_or(|own| own == client)
    }

    /// After [`Collector::finish`]: the final Response as JSON. One that failed says so and has what had arrived; one of a
    /// Responses upstream that was cut has the status `incomplete`. See [`Collector::outcome`] before using it. A body that
    /// was an error object comes back as the error envelope.
    pub fn final_response(&self) -> Option<&[u8]> {
        self.response.as_deref().filter(|_| self.is_for(Dialect::Responses))
    }

    /// After [`Collector::finish`]: the chat.completion, or the error envelope of an answer that failed or was cut. It is the
    /// fold of the chunks that a [`crate::Transcoder`] with the same options writes, but where a done event took back what
    /// had streamed (warning `inconsistent_text`): there it has what the done event says.
    pub fn final_completion(&self) -> Option<&[u8]> {
        (self.is_ended && self.is_for(Dialect::Chat)).then_some(&*self.completion)
    }

    /// After [`Collector::finish`]: the Message, or the error body of an answer that failed or was cut. Of a Messages
    /// upstream it is what that sent, block by block.
    pub fn final_message(&self) -> Option<Vec<u8>> {
        if !self.is_ended || !self.is_for(Dialect::Messages) {
            return None;
        }
        let written = self.message.clone().or_else(|| self.written_message());
        written.map(|message| message.json)
    }

    fn written_message(&self) -> Option<WrittenMessage> {
        if let Some(failure) = each!(&self.upstream, stream => stream.consumer.facts.failure()) {
            let json = failure.body_for(Dialect::Messages, None).into_bytes();
            return Some(WrittenMessage { json, ..WrittenMessage::default() });
        }
        self.kept_message().or_else(|| self.message_of_response())
    }

    /// Of a Messages upstream, as it was sent.
    fn kept_message(&self) -> Option<WrittenMessage> {
        let Upstream::Messages(stream) = &self.upstream else { return None };
        let message = stream.consumer.reader.log.message()?;
        let value = Value::document(&message)?;
        let id = value.get("id").and_then(Value::as_str).map(Str::decode);
        let renamed = stream.consumer.options.with_relayed_model(value);
        Some(WrittenMessage { id, notes: Vec::new(), json: renamed.unwrap_or(message) })
    }

    fn message_of_response(&self) -> Option<WrittenMessage> {
        let options = each!(&self.upstream, stream => (*stream.consumer.options).clone());
        let context = options.context.as_deref().map(|own| own.after_response().into());
        let options = Options { context, id: None, max_event_bytes: usize::MAX, ..options };
        let is_of_chat = matches!(self.upstream, Upstream::Chat(_));
        let writer = MessagesWriter::message();
        let writer = if is_of_chat { writer.of_chat() } else { writer }; // ids that are positions
        let reader = ResponsesReader::<()>::new(&options);
        let mut stream = Stream::new(options, reader, writer);
        stream.consumer.facts.stop = each!(&self.upstream, stream => stream.consumer.facts.stop.clone());
        let mut json = Vec::new();
        stream.input.feed(self.response.as_deref()?, &mut stream.consumer, &mut json).ok()?;
        stream.input.finish(&mut stream.consumer, &mut json).ok()?;
        let Outcome { response_id: id, mut notes, .. } = stream.consumer.outcome()?;
        notes.retain(|note| note.code.is_of_client());
        Some(WrittenMessage { json, id, notes })
    }

    /// Events of these types are kept from now on, each until the next call: see [`Collector::events`]. It costs nothing while none is
    /// named. The type is the `type` of the JSON, else the SSE name, which is `message` where there is none, as in chat.
    pub fn watch_events(&mut self, names: impl IntoIterator<Item: Into<Box<str>>>) {
        each!(&mut self.upstream, stream => stream.input.watch(names.into_iter()));
    }

    /// Type and data of the upstream's events that the last call read, as far as they were named. Data is as it was sent,
    /// without white space around it.
    pub fn events(&self) -> impl Iterator<Item = (&str, &str)> {
        each!(&self.upstream, stream => stream.input.watched()).into_iter().flat_map(Watch::events)
    }

    /// What it would be if the stream ended here: a copy that has ended, while this one goes on. After the end, just a copy. It
    /// copies what has been kept of the answer.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        let mut ended = self.clone();
        ended.watch_events([""; 0]);
        let _ = ended.finish(); // a second end changes nothing
        ended
    }

    /// The id of the answer, as the outcome will have it; `None` while it is not known.
    pub fn response_id(&self) -> Option<String> {
        each!(&self.upstream, stream => stream.consumer.known()).response_id
    }

    /// What the answer has taken so far, as the upstream last counted; `None` while it did not.
    pub fn usage(&self) -> Option<Usage> {
        each!(&self.upstream, stream => stream.consumer.known()).usage
    }

    /// What to do about the failure that the answer turned out to be; `None` for one that goes on, or did not fail.
    pub fn failure(&self) -> Option<Verdict> {
        each!(&self.upstream, stream => stream.consumer.known()).failure
    }

    /// How the stream ended; `None` before its end or [`Collector::finish`].
    pub fn outcome(&self) -> Option<Outcome> {
        let mut outcome = each!(&self.upstream, stream => stream.consumer.outcome())?;
        let Some(WrittenMessage { id, notes, .. }) = &self.message else { return Some(outcome) };
        outcome.response_id = id.clone().or(outcome.response_id);
        let known = outcome.notes.clone();
        let is_known =
            |note: &&Note| known.iter().any(|own| (own.code, &own.detail) == (note.code, &note.detail));
        outcome.notes.extend(notes.iter().filter(|note| !is_known(note)).cloned());
        Some(outcome)
    }
}

fn completion_of(upstream: Dialect) -> ChatWriter {
    let writer = ChatWriter::completion();
    match upstream {
        Dialect::Chat => writer.of_chat(),
        Dialect::Messages => writer.of_messages(),
        Dialect::Responses => writer,
    }
}

/// Of a Responses upstream the reader keeps the items.
fn response_for(upstream: Dialect, options: &Options) -> Option<ResponsesWriter> {
    (upstream != Dialect::Responses).then(|| ResponsesWriter::new(options))
}

/// With a completion.
pub(crate) fn of_responses(options: Options) -> OfResponses {
    let reader = ResponsesReader::new(&options);
    Translation::new(options, reader, Bodies::new(Some(ChatWriter::completion()), None))
}

impl<R: Reader> Translation<R, Bodies> {
    fn final_response(&self) -> Option<Vec<u8>> {
        self.writer.inner.final_response(&self.facts, &self.options)
    }
}

/// The final Response; the error envelope where nothing but an error came.
pub(crate) fn response_of(of: &mut OfResponses) -> Option<Vec<u8>> {
    let Translation { reader, facts, options, .. } = of;
    body::response(&reader.log, facts, options)
}

/// [`Collector`] for a Responses upstream.
#[derive(Debug, Clone)]
pub struct ResponseCollector(Collector);

impl Default for ResponseCollector {
    fn default() -> Self {
        Self::new(Options::default())
    }
}

impl ResponseCollector {
    /// A collector for one response; the options shape its chat.completion.
    pub fn new(options: Options) -> Self {
        Self(Collector::new(Dialect::Responses, options))
    }

    /// As [`Collector::feed`].
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), Error> {
        self.0.feed(chunk)
    }

    /// As [`Collector::feed_event`].
    pub fn feed_event(&mut self, json: &str) -> Result<(), Error> {
        self.0.feed_event(json)
    }

    /// As [`Collector::feed_document`].
    pub fn feed_document(&mut self, body: &[u8], status: Option<u16>) -> Result<(), Error> {
        self.0.feed_document(body, status)
    }

    /// As [`Collector::finish`]; gives the [`Collector::final_response`].
    pub fn finish(&mut self) -> Result<Vec<u8>, Error> {
        self.0.finish()?;
        Ok(self.0.final_response().unwrap_or_default().to_vec())
    }

    /// As [`Collector::final_completion`].
    pub fn chat_completion(&self) -> Option<&[u8]> {
        self.0.final_completion()
    }

    /// As [`Collector::snapshot`].
    #[must_use]
    pub fn snapshot(&self) -> Collector {
        self.0.snapshot()
    }

    /// As [`Collector::outcome`].
    pub fn outcome(&self) -> Option<Outcome> {
        self.0.outcome()
    }
}
