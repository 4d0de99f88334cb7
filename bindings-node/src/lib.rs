//! Enters: bytes and options as JSON text. Leaves: bytes, and events as JSON text, one value per call (objects cost
//! far more at this border). Kept: the core's own objects. `index.js` turns the text into objects.

#![allow(clippy::needless_pass_by_value)] // JavaScript has no strings to lend

use napi::Result;
use napi::bindgen_prelude::{BufferSlice, Either, Env};
use napi_derive::napi;
use sluicegate::{ChatOptions, Error, SseOptions};

/// Incremental SSE parser.
#[napi]
pub struct SseParser {
    parser: sluicegate::SseParser,
}

#[napi]
impl SseParser {
    /// Options as JSON text.
    #[napi(constructor)]
    pub fn new(options: String) -> Result<Self> {
        let options = SseOptions::from_json(options.as_bytes()).map_err(|error| to_js_err(&[error], None))?;
        Ok(Self { parser: sluicegate::SseParser::new(options) })
    }

    /// The events of a chunk as a JSON array; null when there are none.
    #[napi]
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
    #[napi]
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
    #[napi(getter)]
    pub fn last_event_id(&self) -> String {
        self.parser.last_event_id().into_owned()
    }

    /// The last valid `retry` value, in milliseconds.
    #[napi(getter)]
    pub fn retry(&self) -> Option<f64> {
        self.parser.retry().map(to_js_number)
    }

    /// Bytes scanned and copied so far.
    #[napi(getter)]
    pub fn bytes_touched(&self) -> f64 {
        to_js_number(self.parser.bytes_touched())
    }
}

/// One Responses stream into one chat completion stream.
#[napi]
pub struct ChatTranscoder {
    transcoder: sluicegate::ChatTranscoder,
}

#[napi]
impl ChatTranscoder {
    /// Options as JSON text.
    #[napi(constructor)]
    pub fn new(options: String) -> Result<Self> {
        let options =
            ChatOptions::from_json(options.as_bytes()).map_err(|error| to_js_err(&[error], None))?;
        Ok(Self { transcoder: sluicegate::ChatTranscoder::new(options) })
    }

    /// What the client must be sent after these upstream bytes; null when nothing.
    #[napi]
    pub fn feed<'env>(&mut self, env: &'env Env, chunk: &[u8]) -> Result<Option<BufferSlice<'env>>> {
        to_js_bytes(env, |out| self.transcoder.feed(chunk, out))
    }

    /// The same for one WebSocket frame.
    #[napi]
    pub fn feed_event<'env>(
        &mut self,
        env: &'env Env,
        frame: Either<String, &[u8]>,
    ) -> Result<Option<BufferSlice<'env>>> {
        to_js_bytes(env, |out| match &frame {
            Either::A(text) => self.transcoder.feed_event(text, out),
            Either::B(bytes) => self.transcoder.feed_event(&String::from_utf8_lossy(bytes), out),
        })
    }

    /// What ends the stream; null when it has ended already.
    #[napi]
    pub fn finish<'env>(&mut self, env: &'env Env) -> Result<Option<BufferSlice<'env>>> {
        to_js_bytes(env, |out| self.transcoder.finish(out))
    }

    /// The outcome as JSON text.
    #[napi(getter)]
    pub fn outcome_json(&self) -> Option<String> {
        self.transcoder.outcome().map(|outcome| outcome.to_json())
    }

    /// Whether anything but an error frame was emitted.
    #[napi(getter)]
    pub fn committed(&self) -> bool {
        self.transcoder.committed()
    }

    /// A comment to send while the upstream is silent.
    #[napi]
    pub fn heartbeat(env: &Env, block: bool) -> Result<BufferSlice<'_>> {
        BufferSlice::copy_from(env, sluicegate::ChatTranscoder::heartbeat(block))
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
        if self.errors.is_empty() {
            Ok(Some(self.items))
        } else {
            Err(to_js_err(&self.errors, Some(self.items)))
        }
    }
}

/// A line of message for each error, and as its cause the JSON array of what the call gave, errors included.
fn to_js_err(errors: &[Error], items: Option<String>) -> napi::Error {
    let lines: Vec<_> = errors.iter().map(Error::to_string).collect();
    let items = items.unwrap_or_else(|| format!("[{}]", errors[0].to_json()));
    let mut raised = napi::Error::from_reason(lines.join("\n"));
    raised.set_cause(napi::Error::from_reason(items));
    raised
}

fn to_js_bytes(
    env: &Env,
    call: impl FnOnce(&mut Vec<u8>) -> std::result::Result<(), Error>,
) -> Result<Option<BufferSlice<'_>>> {
    let mut out = Vec::new();
    call(&mut out).map_err(|error| to_js_err(&[error], None))?;
    if out.is_empty() { Ok(None) } else { BufferSlice::copy_from(env, out).map(Some) }
}

/// Exact up to 2^53, as JavaScript has it.
#[allow(clippy::cast_precision_loss)]
fn to_js_number(number: u64) -> f64 {
    number as f64
}
