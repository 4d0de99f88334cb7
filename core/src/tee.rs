//! Enters: one upstream body. Leaves: what any of the consumers makes of it, each event parsed once for all of them.

use crate::collect::Collecting;
use crate::error::Error;
use crate::outcome::Outcome;
use crate::relay::Relaying;
use crate::source::{Consumer, Input, Source};
use crate::transcode::{ChatOptions, State};

/// Several consumers of one stream, such as a relay to the client and a collector for the log.
///
/// ```
/// use sluicegate::{ChatOptions, Tee, TeeOutput};
///
/// let mut tee = Tee::new(ChatOptions::default()).chat().collect();
/// let mut out = TeeOutput::default();
/// tee.feed(b"data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}\n\n", &mut out)?;
/// tee.finish(&mut out)?;
/// assert!(out.chat.ends_with(b"data: [DONE]\n\n") && out.responses.is_empty());
/// assert!(tee.response().is_some_and(|json| json.starts_with(b"{")));
/// # Ok::<(), sluicegate::Error>(())
/// ```
#[derive(Debug)]
pub struct Tee {
    source: Source<()>,
    consumers: Consumers,
    options: ChatOptions,
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
    chat: Option<State>,
    relay: Option<Relaying>,
    collector: Option<Collecting>,
    out: TeeOutput,
}

impl Tee {
    /// Without consumers yet; `options` are those of each that is attached.
    pub fn new(options: ChatOptions) -> Self {
        let source = Source::with_raw(options.max_event_bytes, options.restorer());
        Self { source, consumers: Consumers::default(), options, response: None }
    }

    /// Attaches a [`crate::ChatTranscoder`].
    #[must_use]
    pub fn chat(mut self) -> Self {
        self.consumers.chat = Some(State::new(self.options.clone(), false));
        self
    }

    /// Attaches a [`crate::ResponsesRelay`].
    #[must_use]
    pub fn relay(mut self) -> Self {
        self.consumers.relay = Some(Relaying::new(self.options.clone()));
        self
    }

    /// Attaches a [`crate::ResponseCollector`].
    #[must_use]
    pub fn collect(mut self) -> Self {
        self.consumers.collector = Some(Collecting::new(self.options.clone()));
        self
    }

    /// Takes the next bytes of the upstream body.
    pub fn feed(&mut self, chunk: &[u8], out: &mut TeeOutput) -> Result<(), Error> {
        self.lend(out, |source, consumers| source.feed(chunk, consumers, &mut Vec::new()))
    }

    /// Takes one event as JSON without SSE framing: a WebSocket text frame.
    pub fn feed_event(&mut self, json: &str, out: &mut TeeOutput) -> Result<(), Error> {
        self.lend(out, |source, consumers| source.frame(json, consumers, &mut Vec::new()))
    }

    /// Ends the stream.
    pub fn finish(&mut self, out: &mut TeeOutput) -> Result<(), Error> {
        self.lend(out, |source, consumers| source.finish(consumers, &mut Vec::new()))?;
        self.response = self.consumers.collector.as_mut().map(Collecting::response);
        Ok(())
    }

    /// After [`Tee::finish`], with a collector: the final Response.
    pub fn response(&self) -> Option<&[u8]> {
        self.response.as_deref()
    }

    /// With a collector: the chat.completion, or the error envelope; there after a terminal event or the end.
    pub fn chat_completion(&self) -> Option<&[u8]> {
        self.consumers.collector.as_ref().map(Collecting::completion).filter(|json| !json.is_empty())
    }

    /// What the stream turned out to be; `None` before a terminal event or [`Tee::finish`].
    pub fn outcome(&self) -> Option<Outcome> {
        let Consumers { chat, relay, collector, .. } = &self.consumers;
        let chat = || chat.as_ref().and_then(State::outcome);
        let relay = || relay.as_ref().and_then(Relaying::outcome);
        collector.as_ref().and_then(Collecting::outcome).or_else(relay).or_else(chat)
    }

    /// Lets the consumers write to the caller's buffers.
    fn lend<T>(&mut self, out: &mut TeeOutput, act: impl FnOnce(&mut Source<()>, &mut Consumers) -> T) -> T {
        std::mem::swap(out, &mut self.consumers.out);
        let done = act(&mut self.source, &mut self.consumers);
        std::mem::swap(out, &mut self.consumers.out);
        done
    }
}

impl Consumer for Consumers {
    type Place = ();

    fn input(&mut self, input: &Input<'_>, raw: &[u8], _: &mut Vec<u8>) {
        let Self { chat, relay, collector, out } = self;
        if let Some(chat) = chat {
            chat.input(input, raw, &mut out.chat);
        }
        if let Some(relay) = relay {
            relay.input(input, raw, &mut out.responses);
        }
        if let Some(collector) = collector {
            collector.input(input, raw, &mut Vec::new());
        }
    }

    fn between(&mut self, raw: &[u8], _: &mut Vec<u8>) {
        if let Some(relay) = &mut self.relay {
            relay.between(raw, &mut self.out.responses);
        }
    }

    fn end(&mut self, _: &mut Vec<u8>) {
        let Self { chat, relay, collector, out } = self;
        if let Some(chat) = chat {
            chat.end(&mut out.chat);
        }
        if let Some(relay) = relay {
            relay.end(&mut out.responses);
        }
        if let Some(collector) = collector {
            collector.end(&mut Vec::new());
        }
    }
}
