//! Several consumers of one Responses stream, each event parsed once for all of them.
//!
//! Input: one upstream body. Output: what each consumer makes of it.

use crate::answer::Known;
use crate::collector::{self, OfResponses};
use crate::dialect::chat::ChatWriter;
use crate::dialect::responses::{Event, NameRestorer, Relay, ResponsesReader};
use crate::error::Error;
use crate::input::{Consumer, Input, InputLayer, Watch};
use crate::options::Options;
use crate::outcome::{Outcome, Usage, Verdict};
use crate::sse::Frames;
use crate::translation::{Answer, Translation};

type ChatTranslation = Translation<ResponsesReader, ChatWriter>;

/// Several consumers of one stream, such as a relay to the client and a collector for the log.
///
/// ```
/// use sluicegate::{Options, Tee, TeeOutput};
///
/// let mut tee = Tee::new(Options::default()).chat().collect();
/// let mut out = TeeOutput::default();
/// tee.feed(b"data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}\n\n", &mut out)?;
/// tee.finish(&mut out)?;
/// assert!(out.chat.ends_with(b"data: [DONE]\n\n") && out.responses.is_empty());
/// assert!(tee.response().is_some_and(|json| json.starts_with(b"{")));
/// # Ok::<(), sluicegate::Error>(())
/// ```
#[derive(Debug)]
pub struct Tee {
    input: InputLayer<()>,
    consumers: Consumers,
    options: Options,
    response: Option<Vec<u8>>,
}

/// What is due to each kind of client; the caller takes it and clears it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct TeeOutput {
    /// For a chat client: as from [`crate::ChatTranscoder`].
    pub chat: Vec<u8>,
    /// For a Responses client: as from [`crate::ResponsesRelay`].
    pub responses: Vec<u8>,
}

#[derive(Debug, Default)]
struct Consumers {
    chat: Option<ChatTranslation>,
    relay: Option<Relay>,
    collector: Option<OfResponses>,
    completion: Vec<u8>,
    restorer: Option<Box<NameRestorer>>,
    out: TeeOutput,
}

impl Tee {
    /// Without consumers yet; `options` are those of each that is attached.
    pub fn new(options: Options) -> Self {
        let input = InputLayer::with_raw(options.max_event_bytes);
        let consumers = Consumers { restorer: NameRestorer::new(&options), ..Consumers::default() };
        Self { input, consumers, options, response: None }
    }

    /// Attaches a [`crate::ChatTranscoder`].
    #[must_use]
    pub fn chat(mut self) -> Self {
        self.consumers.chat = {
            let options = self.options.clone();
            let reader = ResponsesReader::new(&options);
            Some(Translation::new(options, reader, ChatWriter::chunks()))
        };
        self
    }

    /// Attaches a [`crate::ResponsesRelay`].
    #[must_use]
    pub fn relay(mut self) -> Self {
        self.consumers.relay = Some(Relay::new(self.options.clone()));
        self
    }

    /// Attaches a [`crate::ResponseCollector`].
    #[must_use]
    pub fn collect(mut self) -> Self {
        self.consumers.collector = Some(collector::of_responses(self.options.clone()));
        self
    }

    /// Takes the next bytes of the upstream body.
    pub fn feed(&mut self, chunk: &[u8], out: &mut TeeOutput) -> Result<(), Error> {
        self.with_consumers(out, |input, consumers| input.feed(chunk, consumers, &mut Vec::new()))
    }

    /// Takes one event as JSON without SSE framing: a WebSocket text frame.
    pub fn feed_event(&mut self, json: &str, out: &mut TeeOutput) -> Result<(), Error> {
        self.with_consumers(out, |input, consumers| input.frame(json, consumers, &mut Vec::new()))
    }

    /// Ends the stream.
    pub fn finish(&mut self, out: &mut TeeOutput) -> Result<(), Error> {
        self.with_consumers(out, |input, consumers| input.finish(consumers, &mut Vec::new()))?;
        self.response = self.consumers.collector.as_mut().and_then(collector::response_of);
        Ok(())
    }

    /// Events of these types are kept from now on, each until the next call: see [`Tee::events`]. It costs nothing while none is
    /// named. The type is the `type` of the JSON, else the SSE name, which is `message` where there is none, as in chat.
    pub fn watch_events(&mut self, names: impl IntoIterator<Item: Into<Box<str>>>) {
        self.input.watch(names.into_iter());
    }

    /// Type and data of the upstream's events that the last call read, as far as they were named. Data is as it was sent,
    /// without white space around it.
    pub fn events(&self) -> impl Iterator<Item = (&str, &str)> {
        self.input.watched().into_iter().flat_map(Watch::events)
    }

    /// What cuts [`TeeOutput::chat`] and [`TeeOutput::responses`] into whole frames.
    pub fn frames(&self) -> (Frames, Frames) {
        (Frames::new(false, false), Frames::new(false, true))
    }

    /// After [`Tee::finish`], with a collector: the final Response.
    pub fn response(&self) -> Option<&[u8]> {
        self.response.as_deref()
    }

    /// With a collector: the chat.completion, or the error envelope; there after a terminal event or the end.
    pub fn chat_completion(&self) -> Option<&[u8]> {
        Some(&*self.consumers.completion).filter(|json| !json.is_empty())
    }

    /// As [`crate::Collector::final_response`]; the newer name of [`Tee::response`].
    pub fn final_response(&self) -> Option<&[u8]> {
        self.response()
    }

    /// After [`Tee::finish`], with a collector: as [`crate::Collector::final_completion`].
    pub fn final_completion(&self) -> Option<&[u8]> {
        self.response.as_ref()?;
        self.chat_completion()
    }

    /// What the stream turned out to be; `None` before a terminal event or [`Tee::finish`].
    pub fn outcome(&self) -> Option<Outcome> {
        let Consumers { chat, relay, collector, .. } = &self.consumers;
        let chat = || chat.as_ref().and_then(Translation::outcome);
        let relay = || relay.as_ref().and_then(Relay::outcome);
        collector.as_ref().and_then(Translation::outcome).or_else(relay).or_else(chat)
    }

    /// As [`crate::Transcoder::response_id`].
    pub fn response_id(&self) -> Option<String> {
        self.known().response_id
    }

    /// As [`crate::Transcoder::usage`].
    pub fn usage(&self) -> Option<Usage> {
        self.known().usage
    }

    /// As [`crate::Transcoder::failure`].
    pub fn failure(&self) -> Option<Verdict> {
        self.known().failure
    }

    /// By the consumer that the outcome is of.
    fn known(&self) -> Known {
        let Consumers { chat, relay, collector, .. } = &self.consumers;
        let chat = || chat.as_ref().map(Answer::known);
        let relay = || relay.as_ref().map(Answer::known);
        collector.as_ref().map(Answer::known).or_else(relay).or_else(chat).unwrap_or_default()
    }

    /// Lets the consumers write to the caller's buffers.
    fn with_consumers<T>(
        &mut self,
        out: &mut TeeOutput,
        act: impl FnOnce(&mut InputLayer<()>, &mut Consumers) -> T,
    ) -> T {
        std::mem::swap(out, &mut self.consumers.out);
        let done = act(&mut self.input, &mut self.consumers);
        std::mem::swap(out, &mut self.consumers.out);
        done
    }
}

impl Consumer for Consumers {
    type Event<'a> = Event<'a>;
    type Target = ();

    fn rename_back(&self, event: &Event<'_>) -> Option<Vec<u8>> {
        self.restorer.as_ref()?.event(event)
    }

    fn input(&mut self, input: &Input<'_, Event<'_>>, raw: &[u8], _: &mut Vec<u8>) {
        let Self { chat, relay, collector, completion, out, .. } = self;
        if let Some(chat) = chat {
            chat.input(input, raw, &mut out.chat);
        }
        if let Some(relay) = relay {
            relay.input(input, raw, &mut out.responses);
        }
        if let Some(collector) = collector {
            collector.input(input, raw, completion);
        }
    }

    fn between(&mut self, raw: &[u8], _: &mut Vec<u8>) {
        if let Some(relay) = &mut self.relay {
            relay.between(raw, &mut self.out.responses);
        }
    }

    fn end(&mut self, _: &mut Vec<u8>) {
        let Self { chat, relay, collector, completion, out, .. } = self;
        if let Some(chat) = chat {
            chat.end(&mut out.chat);
        }
        if let Some(relay) = relay {
            relay.end(&mut out.responses);
        }
        if let Some(collector) = collector {
            collector.end(completion);
        }
    }
}
