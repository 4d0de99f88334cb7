//! SSE parsers that others wrote, driven as their documentation shows: over a stream of `Bytes` that is always ready,
//! so that what is measured is theirs and not an executor's.

use crate::CHUNK;
use bytes::Bytes;
use futures_util::{Stream, stream};
use std::convert::Infallible;
use std::fmt::Debug;
use std::num::NonZero;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// The crate `sse-core`.
    SseCore,
    /// The crate `sse-stream`.
    SseStream,
    /// The crate `sseer`.
    Sseer,
    /// The crate `eventsource-stream`.
    EventsourceStream,
}

impl Peer {
    /// Fastest first.
    pub const ALL: [Self; 4] = [Self::SseCore, Self::SseStream, Self::Sseer, Self::EventsourceStream];

    /// The crate's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::SseCore => "sse-core",
            Self::SseStream => "sse-stream",
            Self::Sseer => "sseer",
            Self::EventsourceStream => "eventsource-stream",
        }
    }

    /// Each event's data.
    pub fn parse(self, stream: &Bytes, mut each: impl FnMut(&str)) {
        match self {
            Self::SseCore => sse_core(stream, each),
            Self::SseStream => drain(sse_stream::SseByteStream::new(source(stream)), |event| {
                each(event.data.as_deref().unwrap_or_default());
            }),
            Self::Sseer => {
                drain(sseer::event_stream::EventStream::new(source(stream)), |event| each(&event.data));
            }
            Self::EventsourceStream => {
                drain(eventsource_stream::EventStream::new(source(stream)), |event| each(&event.data));
            }
        }
    }
}

fn chunks(stream: &Bytes) -> impl Iterator<Item = Bytes> {
    (0..stream.len()).step_by(CHUNK).map(|at| stream.slice(at..stream.len().min(at + CHUNK)))
}

fn source(stream: &Bytes) -> impl Stream<Item = Result<Bytes, Infallible>> + Unpin {
    stream::iter(chunks(stream).map(Ok))
}

fn drain<T, E: Debug>(events: impl Stream<Item = Result<T, E>>, mut each: impl FnMut(T)) {
    let mut events = pin!(events);
    let mut context = Context::from_waker(Waker::noop());
    while let Poll::Ready(Some(event)) = events.as_mut().poll_next(&mut context) {
        each(event.expect("the stream is well-formed"));
    }
}

fn sse_core(stream: &Bytes, mut each: impl FnMut(&str)) {
    let limit = NonZero::new(64 << 20).expect("it is not zero"); // ours
    let mut decoder = sse_core::SseDecoder::with_limit(limit);
    for mut chunk in chunks(stream) {
        while let Some(event) = decoder.next(&mut chunk) {
            if let sse_core::SseEvent::Message(message) = event.expect("no event is too large") {
                each(&message.data);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Peer;
    use crate::{ours, shapes::SHAPES};

    #[test]
    fn every_parser_yields_the_same_events() {
        for (name, maker) in SHAPES {
            let shape = maker(5, 1 << 17);
            let mut expected = Vec::new();
            ours::parse(&shape.stream, |data| expected.push(data.to_owned()));
            assert_eq!(expected.len(), shape.events);
            for peer in Peer::ALL {
                let mut events = Vec::new();
                peer.parse(&shape.stream, |data| events.push(data.to_owned()));
                assert!(events == expected, "{} on {name}: {} events", peer.name(), events.len());
            }
        }
    }
}
