//! The collector: what a whole stream came to, as either body.
//!
//! Input: one upstream body of any dialect: SSE bytes, frames or a plain body. Output: a Response and a chat.completion,
//! for clients that asked `stream: false` of an upstream that only streams. A response that was steered and its successor
//! are one answer. State: the whole answer.

use crate::answer::Both;
use crate::dialect::Dialect;
use crate::dialect::chat::{ChatReader, ChatWriter};
use crate::dialect::messages::{self, MessagesReader, MessagesWriter};
use crate::dialect::responses::{Accumulator, ResponsesReader, ResponsesWriter, body};
use crate::error::Error;
use crate::input::{InputLayer, Watch};
use crate::json::Value;
use crate::options::Options;
use crate::outcome::{Outcome, Usage, Verdict};
use crate::translation::{Answer, Stream, Translation};

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
    completion: Vec<u8>,
    response: Option<Vec<u8>>,
}

/// The table of upstreams.
#[derive(Debug, Clone)]
enum Upstream {
    Responses(Box<Stream<OfResponses>>),
    Chat(Box<Stream<OfChat>>),
    Messages(Box<Stream<OfMessages>>),
}

/// The items of a Responses stream stay as they were sent.
pub(crate) type OfResponses = Translation<ResponsesReader<Accumulator>, ChatWriter>;
type OfChat = Translation<ChatReader, Both<ChatWriter, ResponsesWriter>>;
/// The blocks of a Messages stream stay as they were sent.
type OfMessages = Translation<MessagesReader<messages::Accumulator>, Both<ChatWriter, ResponsesWriter>>;

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
    /// A collector for one answer of `upstream`.
    pub fn new(upstream: Dialect, options: Options) -> Self {
        let max = options.max_event_bytes;
        let upstream = match upstream {
            Dialect::Responses => {
                let consumer = of_responses(options);
                Upstream::Responses(Box::new(Stream { input: InputLayer::new(max), consumer }))
            }
            Dialect::Chat => {
                let reader = ChatReader::new(&options);
                let writer = Both::new(ChatWriter::completion().of_chat(), ResponsesWriter::new(&options));
                let consumer = Translation::new(options, reader, writer);
                Upstream::Chat(Box::new(Stream { input: InputLayer::new(max), consumer }))
            }
            Dialect::Messages => {
                let reader = MessagesReader::new(&options);
                let writer = Both::new(ChatWriter::completion(), ResponsesWriter::new(&options));
                let consumer = Translation::new(options, reader, writer);
                Upstream::Messages(Box::new(Stream { input: InputLayer::new(max), consumer }))
            }
        };
        Self { upstream, completion: Vec::new(), response: None }
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
        let Self { upstream, completion, response } = self;
        each!(upstream, stream => stream.input.finish(&mut stream.consumer, completion))?;
        *response = match upstream {
            Upstream::Responses(stream) => response_of(&mut stream.consumer),
            Upstream::Chat(stream) => {
                let Translation { writer, facts, options, .. } = &stream.consumer;
                writer.inner.second.response(facts, options)
            }
            Upstream::Messages(stream) => {
                let Translation { writer, facts, options, .. } = &stream.consumer;
                writer.inner.second.response(facts, options)
            }
        };
        Ok(())
    }

    /// After [`Collector::finish`]: the final Response as JSON. One that failed says so and has what had arrived; one of a
    /// Responses upstream that was cut has the status `incomplete`. See [`Collector::outcome`] before using it. A body that
    /// was an error object comes back as the error envelope.
    pub fn final_response(&self) -> Option<&[u8]> {
        self.response.as_deref()
    }

    /// After [`Collector::finish`]: the chat.completion, or the error envelope of an answer that failed or was cut. It is the
    /// fold of the chunks that a [`crate::Transcoder`] with the same options writes, but where a done event took back what
    /// had streamed (warning `inconsistent_text`): there it has what the done event says.
    pub fn final_completion(&self) -> Option<&[u8]> {
        self.response.is_some().then_some(&*self.completion)
    }

    /// After [`Collector::finish`]: the Message, or the error body of an answer that failed or was cut. Of a Messages
    /// upstream it is what that sent, block by block.
    pub fn final_message(&self) -> Option<Vec<u8>> {
        let response = self.response.as_deref()?;
        if let Some(failure) = each!(&self.upstream, stream => stream.consumer.facts.failure()) {
            return Some(failure.body_for(Dialect::Messages, None).into_bytes());
        }
        if let Upstream::Messages(stream) = &self.upstream
            && let Some(message) = stream.consumer.reader.log.message()
        {
            let renamed = |json| stream.consumer.options.with_relayed_model(json);
            return Some(Value::document(&message).and_then(renamed).unwrap_or(message));
        }
        let options = each!(&self.upstream, stream => (*stream.consumer.options).clone());
        let context = options.context.as_deref().map(|own| own.history().into());
        let options = Options { context, id: None, ..options }; // the Response has the rest already
        let is_of_chat = matches!(self.upstream, Upstream::Chat(_));
        let writer = MessagesWriter::message();
        let writer = if is_of_chat { writer.of_chat() } else { writer }; // ids that are positions
        let reader = ResponsesReader::<()>::new(&options);
        let mut consumer = Translation::new(options, reader, writer);
        consumer.facts.stop = each!(&self.upstream, stream => stream.consumer.facts.stop.clone());
        let mut stream = Stream { input: InputLayer::new(usize::MAX), consumer };
        let mut message = Vec::new();
        stream.input.feed(response, &mut stream.consumer, &mut message).ok()?;
        stream.input.finish(&mut stream.consumer, &mut message).ok()?;
        Some(message)
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
        each!(&self.upstream, stream => stream.consumer.outcome())
    }
}

pub(crate) fn of_responses(options: Options) -> OfResponses {
    let reader = ResponsesReader::new(&options);
    Translation::new(options, reader, ChatWriter::completion())
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
