//! Events that own their data (feature `bytes`), for hosts that hand events to other tasks.
//!
//! Input: chunks as `Bytes`. Output: events whose data are slices of the chunk: a reference count per event, no copy.
//! State: that of the parser.

use super::{Ends, Event, Events, SseParser};
use crate::error::Error;
use bytes::Bytes;

/// One dispatched event that outlives the parser's next call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedEvent {
    /// The event type; `message` when the block named none.
    pub event: String,
    /// The `data` lines, joined with LF: valid UTF-8, a slice of the fed chunk where the block lay inside it.
    pub data: Bytes,
    /// The last event id in force.
    pub id: String,
}

/// The events of one fed chunk, owned.
#[derive(Debug)]
#[must_use = "a chunk is parsed as its events are read"]
pub struct OwnedEvents<'p> {
    parser: &'p mut SseParser,
    chunk: Bytes,
    at: usize,
}

impl SseParser {
    /// Like [`SseParser::feed`], but the events share `chunk` instead of borrowing it.
    pub fn feed_bytes(&mut self, chunk: Bytes) -> OwnedEvents<'_> {
        self.ends = Ends::default();
        OwnedEvents { parser: self, chunk, at: 0 }
    }
}

impl Iterator for OwnedEvents<'_> {
    type Item = Result<OwnedEvent, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let Self { parser, chunk, at } = self;
        let mut events = Events { parser, chunk, at: *at };
        let event = events.next_event().map(|event| event.map(|event| own(event, chunk)));
        *at = chunk.len() - events.remaining().len();
        event.transpose()
    }
}

fn own(event: Event<'_>, chunk: &Bytes) -> OwnedEvent {
    let data = event.data.as_bytes();
    let data = if event.lent { chunk.slice_ref(data) } else { Bytes::copy_from_slice(data) };
    OwnedEvent { event: event.event.to_owned(), data, id: event.id.to_owned() }
}
