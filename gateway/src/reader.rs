//! What reads an upstream's answer: one consumer of core for each kind of client.
//!
//! Input: the upstream's answer, in chunks or frames. Output: the client's. State: that consumer.

use crate::answers::envelope;
use crate::routes::Client;
use crate::upstream::Part;
use sluicegate::{
    CallbackSink, Collector, Dialect, Envelope, ImageEvent, ImageExtractor, Options, Outcome, Transcoder,
    compaction_response, images_api, is_sse,
};

/// A larger answer is written anew from what was read of it.
const MAX_AS_IS_BYTES: usize = 64 << 20;

/// Makes the client's answer.
pub(crate) enum Reader {
    Stream(Box<Transcoder>),
    Whole(Box<Whole>),
}

/// For a client that asked for no stream: nothing is sent before all of it is known.
pub(crate) struct Whole {
    collector: Collector,
    client: Client,
    images: Option<ImageExtractor>,
    /// The answer has no compacted conversation, and was to have one.
    lacks_compaction: bool,
    /// Chat of a chat server, a Message of a Messages server: it passes as it is.
    as_is: Option<Vec<u8>>,
}

impl Reader {
    pub(crate) fn new(client: Client, upstream: Dialect, is_stream: bool, options: Options) -> Self {
        if is_stream {
            let stream = match client {
                Client::Images => Transcoder::images(options),
                client => Transcoder::new(client.dialect(), upstream, options),
            };
            return Self::Stream(Box::new(stream));
        }
        let is_same = client.dialect() == upstream && upstream != Dialect::Responses;
        Self::Whole(Box::new(Whole {
            collector: Collector::for_client(client.dialect(), upstream, options),
            client,
            images: (client == Client::Images).then(ImageExtractor::default),
            lacks_compaction: false,
            as_is: is_same.then(Vec::new),
        }))
    }

    /// Appends what the client must be sent now. What is wrong with the answer is in the outcome, not in errors.
    pub(crate) fn feed(&mut self, part: &Part, out: &mut Vec<u8>) {
        let _ = match (self, part) {
            (Self::Stream(stream), Part::Chunk(chunk)) => stream.feed(chunk, out),
            (Self::Stream(stream), Part::Frame(frame)) => stream.feed_event(frame, out),
            (Self::Whole(whole), part) => return whole.feed(part),
        };
    }

    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Stream(stream) => drop(stream.finish(out)),
            Self::Whole(whole) => whole.finish(out),
        }
    }

    /// Whether anything but a failure was written.
    pub(crate) fn has_output(&self) -> bool {
        matches!(self, Self::Stream(stream) if stream.has_output())
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.outcome().is_some()
    }

    /// A client's frame for the response that comes, as the upstream knows that.
    pub(crate) fn upstream_frame(&self, frame: &str) -> String {
        match self {
            Self::Stream(stream) => {
                String::from_utf8_lossy(&stream.upstream_frame(frame.as_bytes())).into_owned()
            }
            Self::Whole(_) => frame.to_owned(),
        }
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Stream(stream) => stream.outcome(),
            Self::Whole(whole) => whole.collector.outcome(),
        }
    }

    /// The failure that the answer turned out to be.
    pub(crate) fn failure(&self) -> Option<Envelope> {
        let of_kind = || match self {
            Self::Whole(whole) if whole.lacks_compaction => {
                Some(envelope(502, "the upstream did not compact the conversation"))
            }
            Self::Whole(whole) => whole.images.as_ref()?.outcome()?.envelope(),
            Self::Stream(_) => None,
        };
        self.outcome()?.envelope().or_else(of_kind)
    }

    /// The final Response, to be recorded.
    pub(crate) fn response(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::Stream(stream) => stream.response(),
            Self::Whole(whole) => whole.collector.final_response().map(<[u8]>::to_vec),
        }
    }
}

impl Whole {
    fn feed(&mut self, part: &Part) {
        let mut sink = CallbackSink(|_: ImageEvent<'_>| Ok(()));
        let images = self.images.as_mut();
        let _ = match part {
            Part::Chunk(chunk) => {
                if let Some(bytes) = &mut self.as_is {
                    bytes.extend_from_slice(chunk);
                }
                self.as_is = self.as_is.take().filter(|bytes| bytes.len() <= MAX_AS_IS_BYTES);
                images.map(|images| images.feed(chunk, &mut sink));
                self.collector.feed(chunk)
            }
            Part::Frame(frame) => {
                images.map(|images| images.feed_event(frame, &mut sink));
                self.collector.feed_event(frame)
            }
        };
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        let _ = self.collector.finish();
        if let Some(images) = &mut self.images {
            let _ = images.finish(&mut CallbackSink(|_: ImageEvent<'_>| Ok(())));
        }
        let response = self.collector.final_response().unwrap_or_default();
        let as_is = self.as_is.take().filter(|bytes| is_sse(bytes) == Some(false));
        match self.client {
            Client::Chat | Client::Messages if as_is.is_some() => out.extend(as_is.unwrap_or_default()),
            Client::Messages => out.extend(self.collector.final_message().unwrap_or_default()),
            Client::Images => out.extend(images_api(response).unwrap_or_default()),
            Client::Responses => out.extend_from_slice(response),
            Client::Compact => match compaction_response(response) {
                Ok(body) => out.extend(body),
                Err(_) => self.lacks_compaction = true,
            },
            Client::Chat => out.extend_from_slice(self.collector.final_completion().unwrap_or_default()),
        }
    }
}
