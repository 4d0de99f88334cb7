//! Input: chunks of an SSE body. Output: their events. State: the core's parser.

use crate::convert::{to_js_err, to_js_errs, to_js_number};
use napi::Result;
use napi_derive::napi;
use sluicegate::{Error, SseOptions};

/// Incremental SSE parser.
#[napi]
pub struct SseParser {
    parser: sluicegate::SseParser,
}

#[napi]
impl SseParser {
    /// Options as JSON text.
    #[napi(constructor, catch_unwind)]
    pub fn new(options: String) -> Result<Self> {
        let options = SseOptions::from_json(options.as_bytes()).map_err(to_js_err)?;
        Ok(Self { parser: sluicegate::SseParser::new(options) })
    }

    /// The events of a chunk as a JSON array; null when there are none.
    #[napi(catch_unwind)]
    pub fn feed(&mut self, chunk: &[u8]) -> Result<Option<String>> {
        let mut batch = Batch::default();
        let mut events = self.parser.feed(chunk);
        loop {
            match events.next_event() {
                Ok(Some(event)) => batch.push(&event.to_json()),
                Ok(None) => return batch.close(),
                Err(error) => batch.fail(error),
            }
        }
    }

    /// The event that the end of the stream cut off, as [`SseParser::feed`] gives it.
    #[napi(catch_unwind)]
    pub fn finish(&mut self) -> Result<Option<String>> {
        let mut batch = Batch::default();
        match self.parser.finish() {
            Ok(Some(event)) => batch.push(&event.to_json()),
            Ok(None) => {}
            Err(error) => batch.fail(error),
        }
        batch.close()
    }

    /// The last event id in force.
    #[napi(getter, catch_unwind)]
    pub fn last_event_id(&self) -> String {
        self.parser.last_event_id().into_owned()
    }

    /// The last valid `retry` value, in milliseconds.
    #[napi(getter, catch_unwind)]
    pub fn retry(&self) -> Option<f64> {
        self.parser.retry().map(to_js_number)
    }

    /// Bytes scanned and copied so far.
    #[napi(getter, catch_unwind)]
    pub fn bytes_touched(&self) -> f64 {
        to_js_number(self.parser.bytes_touched())
    }
}

/// Events and errors of one call, in order, as the elements of a JSON array.
#[derive(Default)]
struct Batch {
    items: String,
    errors: Vec<Error>,
}

impl Batch {
    fn push(&mut self, item: &str) {
        self.items.push(if self.items.is_empty() { '[' } else { ',' });
        self.items.push_str(item);
    }

    fn fail(&mut self, error: Error) {
        self.push(&error.to_json());
        self.errors.push(error);
    }

    fn close(mut self) -> Result<Option<String>> {
        if self.items.is_empty() {
            return Ok(None);
        }
        self.items.push(']');
        if self.errors.is_empty() { Ok(Some(self.items)) } else { Err(to_js_errs(&self.errors, self.items)) }
    }
}
