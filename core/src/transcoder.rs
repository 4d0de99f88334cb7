//! The public stream translators: a client's dialect and an upstream's make a pair.
//!
//! Input: one upstream body. Output: the bytes for the client. State: the input layer, and the pair's translation.

use crate::dialect::Dialect;
use crate::dialect::chat::{self, ChatReader, ChatRelay, ChatWriter};
use crate::dialect::images::ImagesWriter;
use crate::dialect::messages::{self, MessagesReader, MessagesRelay, MessagesWriter};
use crate::dialect::responses::{Relay, ResponsesReader, ResponsesWriter};
use crate::error::Error;
use crate::input::{InputLayer, Watch};
use crate::options::{Framing, Options};
use crate::outcome::{Outcome, Usage, Verdict};
use crate::sse::Frames;
use crate::translation::{Answer, Stream, Translation};
use std::ops::{Deref, DerefMut};

/// Translates one stream from the upstream's dialect into the client's, byte-identical for any chunking of the input. The
/// same dialect twice is a repaired pass-through: byte for byte what was sent, with exactly one sound end.
///
/// Bad data inside the stream is no error here: it is skipped and noted, a failure is written in the client's form, and
/// [`Transcoder::outcome`] has what happened.
///
/// ```
/// use sluicegate::{Dialect, Options, Status, Transcoder};
///
/// let mut transcoder = Transcoder::new(Dialect::Chat, Dialect::Responses, Options::default());
/// let mut out = Vec::new();
/// transcoder.feed(b"data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}\n\n", &mut out)?;
/// transcoder.feed(b"data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\n", &mut out)?;
/// transcoder.finish(&mut out)?;
/// assert!(out.ends_with(b"data: [DONE]\n\n"));
/// assert_eq!(transcoder.outcome().map(|outcome| outcome.status), Some(Status::Completed));
/// # Ok::<(), sluicegate::Error>(())
/// ```
#[derive(Debug)]
pub struct Transcoder(Pair);

/// What a client of the Images API is named, among the dialects.
const IMAGES: &str = "images";

/// The table of pairs; the client is named first.
#[derive(Debug)]
enum Pair {
    ChatResponses(Stream<Translation<ResponsesReader, ChatWriter>>),
    /// Boxed: it is the largest.
    ResponsesChat(Box<Stream<Translation<ChatReader, ResponsesWriter>>>),
    ResponsesResponses(Stream<Relay>),
    ChatChat(Stream<ChatRelay>),
    /// Of the legacy Completions API: nothing can be passed on as it was sent.
    TextChat(Box<Stream<Translation<ChatReader, ChatWriter>>>),
    MessagesResponses(Box<Stream<Translation<ResponsesReader, MessagesWriter>>>),
    MessagesChat(Box<Stream<Translation<ChatReader, MessagesWriter>>>),
    ResponsesMessages(Box<Stream<Translation<MessagesReader, ResponsesWriter>>>),
    ChatMessages(Box<Stream<Translation<MessagesReader, ChatWriter>>>),
    MessagesMessages(Box<Stream<MessagesRelay>>),
    ImagesResponses(Box<Stream<Translation<ResponsesReader, ImagesWriter>>>),
}

/// Does the same with whichever pair it is.
macro_rules! each {
    ($pair:expr, $stream:ident => $do:expr) => {
        match $pair {
            Pair::ChatResponses($stream) => $do,
            Pair::ResponsesChat($stream) => $do,
            Pair::ResponsesResponses($stream) => $do,
            Pair::ChatChat($stream) => $do,
            Pair::TextChat($stream) => $do,
            Pair::MessagesResponses($stream) => $do,
            Pair::MessagesChat($stream) => $do,
            Pair::ResponsesMessages($stream) => $do,
            Pair::ChatMessages($stream) => $do,
            Pair::MessagesMessages($stream) => $do,
            Pair::ImagesResponses($stream) => $do,
        }
    };
}

impl Transcoder {
    /// A transcoder for one answer of `upstream`, for `client`.
    pub fn new(client: Dialect, upstream: Dialect, options: Options) -> Self {
        let max = options.max_event_bytes;
        Self(match (client, upstream) {
            (Dialect::Chat, Dialect::Responses) => {
                let reader = ResponsesReader::new(&options);
                let consumer = Translation::new(options, reader, ChatWriter::chunks());
                Pair::ChatResponses(Stream { input: InputLayer::new(max), consumer })
            }
            (Dialect::Responses, Dialect::Chat) => {
                let (reader, writer) = (ChatReader::new(&options), ResponsesWriter::new(&options));
                let consumer = Translation::new(options, reader, writer);
                Pair::ResponsesChat(Box::new(Stream { input: InputLayer::new(max), consumer }))
            }
            (Dialect::Responses, Dialect::Responses) => {
                let consumer = Relay::new(options);
                Pair::ResponsesResponses(Stream { input: InputLayer::with_raw(max), consumer })
            }
            (Dialect::Chat, Dialect::Chat) if options.legacy_completions => {
                let reader = ChatReader::new(&options);
                let consumer = Translation::new(options, reader, ChatWriter::chunks());
                Pair::TextChat(Box::new(Stream { input: InputLayer::new(max), consumer }))
            }
            (Dialect::Chat, Dialect::Chat) => {
                let consumer = ChatRelay::new(options);
                Pair::ChatChat(Stream { input: InputLayer::with_raw(max), consumer })
            }
            (Dialect::Messages, Dialect::Responses) => {
                let reader = ResponsesReader::new(&options);
                let consumer = Translation::new(options, reader, MessagesWriter::events());
                Pair::MessagesResponses(Box::new(Stream { input: InputLayer::new(max), consumer }))
            }
            (Dialect::Messages, Dialect::Chat) => {
                let reader = ChatReader::new(&options);
                let consumer = Translation::new(options, reader, MessagesWriter::events().of_chat());
                Pair::MessagesChat(Box::new(Stream { input: InputLayer::new(max), consumer }))
            }
            (Dialect::Responses, Dialect::Messages) => {
                let (reader, writer) = (MessagesReader::new(&options), ResponsesWriter::new(&options));
                let consumer = Translation::new(options, reader, writer);
                Pair::ResponsesMessages(Box::new(Stream { input: InputLayer::new(max), consumer }))
            }
            (Dialect::Chat, Dialect::Messages) => {
                let reader = MessagesReader::new(&options);
                let consumer = Translation::new(options, reader, ChatWriter::chunks().of_messages());
                Pair::ChatMessages(Box::new(Stream { input: InputLayer::new(max), consumer }))
            }
            (Dialect::Messages, Dialect::Messages) => {
                let consumer = MessagesRelay::new(&options);
                Pair::MessagesMessages(Box::new(Stream { input: InputLayer::with_raw(max), consumer }))
            }
        })
    }

    /// A transcoder for one answer of a Responses upstream, for a client that asked the Images API for a stream: each partial
    /// image as it comes, each finished one, and the usage with the last. An answer without an image is a failure, and its
    /// code the reason. It reads what [`Options::for_images`] does; [`crate::images_request`] makes the request.
    pub fn images(options: Options) -> Self {
        let (max, reader) = (options.max_event_bytes, ResponsesReader::new(&options));
        let consumer = Translation::new(options, reader, ImagesWriter::default());
        Self(Pair::ImagesResponses(Box::new(Stream { input: InputLayer::new(max), consumer })))
    }

    /// A transcoder by the names of both sides, with its options as JSON; the client may be `images`: [`Transcoder::images`].
    pub fn from_names(client: &str, upstream: &str, options: &[u8]) -> Result<Self, Error> {
        let named = |name, role| {
            Dialect::named(name).ok_or_else(|| Error::wrong_option(role, name, &Dialect::names()))
        };
        if client == IMAGES {
            return match named(upstream, "upstream")? {
                Dialect::Responses => Ok(Self::images(Options::for_images(options)?)),
                _ => Err(Error::wrong_option("upstream", upstream, Dialect::Responses.as_str())),
            };
        }
        let (client, upstream) = (named(client, "client")?, named(upstream, "upstream")?);
        Ok(Self::new(client, upstream, Options::for_pair(options, client, upstream)?))
    }

    /// Takes the next bytes of the upstream body and appends what the client must be sent now: whole frames only.
    pub fn feed(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        each!(&mut self.0, stream => stream.input.feed(chunk, &mut stream.consumer, out))
    }

    /// Takes one event as JSON without SSE framing: a WebSocket text frame, or one chat chunk. `[DONE]`, too: it ends a chat
    /// stream, a Messages stream as well; a Responses stream ends with its terminal event alone.
    pub fn feed_event(&mut self, json: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        each!(&mut self.0, stream => stream.input.frame(json, &mut stream.consumer, out))
    }

    /// Takes one finished body of the upstream's dialect: a Response, a completion, a Message, or an error, as it is; an event
    /// stream is read too. With the `status` of a failure it is that failure, as [`crate::error_envelope`] reads it, and so is a
    /// body that is no JSON object. It must be the only input ([`Error::DocumentNotAlone`]); `finish` follows.
    pub fn feed_document(
        &mut self,
        body: &[u8],
        status: Option<u16>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        each!(&mut self.0, stream => stream.document(body, status, out))
    }

    /// Ends the stream. Without an end of its own that is a truncation: a failure is written in the client's form, never an
    /// invented end.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        each!(&mut self.0, stream => stream.input.finish(&mut stream.consumer, out))
    }

    /// How the stream ended; `None` before its end or [`Transcoder::finish`].
    pub fn outcome(&self) -> Option<Outcome> {
        each!(&self.0, stream => stream.consumer.outcome())
    }

    /// The id of the answer, as the outcome will have it; `None` while it is not known.
    pub fn response_id(&self) -> Option<String> {
        each!(&self.0, stream => stream.consumer.known()).response_id
    }

    /// What the answer has taken so far, as the upstream last counted; `None` while it did not.
    pub fn usage(&self) -> Option<Usage> {
        each!(&self.0, stream => stream.consumer.known()).usage
    }

    /// What to do about the failure that the answer turned out to be; `None` for one that goes on, or did not fail.
    pub fn failure(&self) -> Option<Verdict> {
        each!(&self.0, stream => stream.consumer.known()).failure
    }

    /// Whether anything but a failure was written. While it is false a gateway can still choose an HTTP status.
    pub fn has_output(&self) -> bool {
        each!(&self.0, stream => stream.consumer.has_output())
    }

    /// The older name of [`Transcoder::has_output`].
    pub fn committed(&self) -> bool {
        self.has_output()
    }

    /// For a relay of Responses between two sockets: a client's `response.steer` or `response.interrupt` as the upstream is to get
    /// it, with its own id of the response where the client has that of the option `id`. Any other frame is as it was.
    pub fn upstream_frame(&self, frame: &[u8]) -> Vec<u8> {
        let changed = match &self.0 {
            Pair::ResponsesResponses(stream) => stream.consumer.upstream_frame(frame),
            _ => None,
        };
        changed.unwrap_or_else(|| frame.to_vec())
    }

    /// For Responses clients: the final Response as JSON, to be recorded, or for a client that asked for no stream; `None`
    /// before the end, and for chat clients. One that failed has its status and what had arrived: see
    /// [`Transcoder::outcome`] before using it.
    pub fn response(&mut self) -> Option<Vec<u8>> {
        match &mut self.0 {
            Pair::ResponsesChat(stream) => {
                let Translation { writer, facts, options, .. } = &stream.consumer;
                writer.inner.response(facts, options)
            }
            Pair::ResponsesMessages(stream) => {
                let Translation { writer, facts, options, .. } = &stream.consumer;
                writer.inner.response(facts, options)
            }
            Pair::ResponsesResponses(stream) => stream.consumer.response(),
            _ => None,
        }
    }

    /// Events of these types are kept from now on, each until the next call: see [`Transcoder::events`]. It costs nothing while none is
    /// named. The type is the `type` of the JSON, else the SSE name, which is `message` where there is none, as in chat.
    pub fn watch_events(&mut self, names: impl IntoIterator<Item: Into<Box<str>>>) {
        each!(&mut self.0, stream => stream.input.watch(names.into_iter()));
    }

    /// Type and data of the upstream's events that the last call read, as far as they were named. Data is as it was sent,
    /// without white space around it.
    pub fn events(&self) -> impl Iterator<Item = (&str, &str)> {
        each!(&self.0, stream => stream.input.watched()).into_iter().flat_map(Watch::events)
    }

    /// Whether there are such events.
    pub fn has_events(&self) -> bool {
        each!(&self.0, stream => stream.input.watched()).is_some_and(|watch| !watch.is_empty())
    }

    /// What cuts all that this transcoder gives into whole frames.
    pub fn frames(&self) -> Frames {
        let framing = match &self.0 {
            Pair::ResponsesChat(stream) => stream.consumer.options.framing,
            Pair::ResponsesMessages(stream) => stream.consumer.options.framing,
            _ => Framing::Sse,
        };
        let is_relayed =
            matches!(self.0, Pair::ResponsesResponses(_) | Pair::ChatChat(_) | Pair::MessagesMessages(_));
        Frames::new(framing == Framing::JsonLines, is_relayed)
    }

    /// What to send while the upstream is silent, between any two results: for Messages clients the event `ping` once the
    /// message began, else [`Transcoder::heartbeat`].
    pub fn ping(&self, block: bool) -> &'static [u8] {
        match &self.0 {
            Pair::MessagesResponses(_) | Pair::MessagesChat(_) | Pair::MessagesMessages(_)
                if self.has_output() =>
            {
                messages::ping()
            }
            _ => Self::heartbeat(block),
        }
    }

    /// The same for a host that knows only the client's dialect, and whether anything but a failure was sent: as a line.
    pub fn heartbeat_for(client: Dialect, has_output: bool) -> &'static [u8] {
        if client == Dialect::Messages && has_output { messages::ping() } else { Self::heartbeat(false) }
    }

    /// A comment to send while the upstream is silent; between any two results. The line form is the one that every
    /// official client survives; `block` adds the blank line that some proxies wait for.
    pub fn heartbeat(block: bool) -> &'static [u8] {
        chat::heartbeat(block)
    }
}

/// A name for a pair.
macro_rules! pair {
    ($(#[$docs:meta])* $Name:ident, $client:ident, $upstream:ident) => {
        pair!($(#[$docs])* $Name, |options| Transcoder::new(Dialect::$client, Dialect::$upstream, options));
    };
    ($(#[$docs:meta])* $Name:ident, $make:expr) => {
        $(#[$docs])*
        #[derive(Debug)]
        pub struct $Name(Transcoder);

        impl $Name {
            /// A transcoder for one answer.
            pub fn new(options: Options) -> Self {
                let make: fn(Options) -> Transcoder = $make;
                Self(make(options))
            }

            /// See [`Transcoder::heartbeat`].
            pub fn heartbeat(block: bool) -> &'static [u8] {
                Transcoder::heartbeat(block)
            }
        }

        impl Default for $Name {
            fn default() -> Self {
                Self::new(Options::default())
            }
        }

        impl Deref for $Name {
            type Target = Transcoder;

            fn deref(&self) -> &Transcoder {
                &self.0
            }
        }

        impl DerefMut for $Name {
            fn deref_mut(&mut self) -> &mut Transcoder {
                &mut self.0
            }
        }
    };
}

pair!(
    /// [`Transcoder`] for a chat client of a Responses upstream.
    ChatTranscoder,
    Chat,
    Responses
);
pair!(
    /// [`Transcoder`] for a Responses client of a chat upstream.
    ResponsesTranscoder,
    Responses,
    Chat
);
pair!(
    /// [`Transcoder`] for a Responses client of a Responses upstream.
    ResponsesRelay,
    Responses,
    Responses
);
pair!(
    /// [`Transcoder`] for a client of the Images API, of a Responses upstream: [`Transcoder::images`].
    ImagesTranscoder,
    Transcoder::images
);
