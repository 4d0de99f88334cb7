//! The collector as a JavaScript class.
//!
//! Input: upstream bytes or frames. Output: one JSON document of any dialect. State: the core's own object.

use crate::convert::{as_bytes, dialect, frame_text, to_js_err, told};
use napi::Result;
use napi::bindgen_prelude::{BufferSlice, Either, Env};
use napi_derive::napi;
use sluicegate::Options;

/// One stream of the upstream's dialect into the body of any client.
#[napi]
pub struct Collector {
    inner: sluicegate::Collector,
}

#[napi]
impl Collector {
    /// Options as JSON text.
    #[napi(constructor, catch_unwind)]
    pub fn new(upstream: String, client: Option<String>, options: String) -> Result<Self> {
        let upstream = dialect(&upstream, "upstream")?;
        let client = client.map(|client| dialect(&client, "client")).transpose()?;
        let options = Options::for_upstream(options.as_bytes(), upstream).map_err(to_js_err)?;
        let inner = match client {
            Some(client) => sluicegate::Collector::for_client(client, upstream, options),
            None => sluicegate::Collector::new(upstream, options),
        };
        Ok(Self { inner })
    }

    /// Takes upstream bytes.
    #[napi(catch_unwind)]
    pub fn feed(&mut self, chunk: &[u8]) -> Result<()> {
        self.inner.feed(chunk).map_err(to_js_err)
    }

    /// Takes one WebSocket frame, or one chat chunk.
    #[napi(catch_unwind)]
    pub fn feed_event(&mut self, frame: Either<String, &[u8]>) -> Result<()> {
        self.inner.feed_event(&frame_text(&frame)).map_err(to_js_err)
    }

    /// Takes one finished body, with the HTTP status that it came with.
    #[napi(catch_unwind)]
    pub fn feed_document(&mut self, body: Either<String, &[u8]>, status: Option<u16>) -> Result<()> {
        self.inner.feed_document(as_bytes(&body), status).map_err(to_js_err)
    }

    /// Ends the stream.
    #[napi(catch_unwind)]
    pub fn finish(&mut self) -> Result<()> {
        self.inner.finish().map_err(to_js_err)
    }

    /// The final Response as JSON; null before the end.
    #[napi(catch_unwind)]
    pub fn final_response<'env>(&self, env: &'env Env) -> Result<Option<BufferSlice<'env>>> {
        self.inner.final_response().map(|json| BufferSlice::copy_from(env, json)).transpose()
    }

    /// The chat completion as JSON; null before the end.
    #[napi(catch_unwind)]
    pub fn final_completion<'env>(&self, env: &'env Env) -> Result<Option<BufferSlice<'env>>> {
        self.inner.final_completion().map(|json| BufferSlice::copy_from(env, json)).transpose()
    }

    /// The Message as JSON; null before the end.
    #[napi(catch_unwind)]
    pub fn final_message<'env>(&self, env: &'env Env) -> Result<Option<BufferSlice<'env>>> {
        self.inner.final_message().map(|json| BufferSlice::copy_from(env, json)).transpose()
    }

    /// Names the types of events that are to be told.
    #[napi(catch_unwind)]
    pub fn watch_events(&mut self, names: Vec<String>) {
        self.inner.watch_events(names);
    }

    /// Types and data by turns of those that the last call read; null where there are none.
    #[napi(catch_unwind)]
    pub fn events(&self) -> Option<Vec<&str>> {
        told(self.inner.events())
    }

    /// What it would be if the stream ended here.
    #[napi(catch_unwind)]
    pub fn snapshot(&self) -> Self {
        Self { inner: self.inner.snapshot() }
    }

    /// The id of the answer; null while it is not known.
    #[napi(getter, catch_unwind)]
    pub fn response_id(&self) -> Option<String> {
        self.inner.response_id()
    }

    /// The usage so far as JSON text.
    #[napi(getter, catch_unwind)]
    pub fn usage_json(&self) -> Option<String> {
        self.inner.usage().map(|usage| usage.to_json())
    }

    /// What to do about the failure as JSON text.
    #[napi(getter, catch_unwind)]
    pub fn failure_json(&self) -> Option<String> {
        self.inner.failure().map(|failure| failure.to_json())
    }

    /// The outcome as JSON text.
    #[napi(getter, catch_unwind)]
    pub fn outcome_json(&self) -> Option<String> {
        self.inner.outcome().map(|outcome| outcome.to_json())
    }
}
