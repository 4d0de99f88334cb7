//! Input: upstream bytes or frames. Output: one JSON document. State: the core's collector.

use crate::convert::{chat_options, frame_text, to_js_err};
use napi::Result;
use napi::bindgen_prelude::{BufferSlice, Either, Env};
use napi_derive::napi;

/// One Responses stream into its final Response and chat completion.
#[napi]
pub struct ResponseCollector {
    collector: sluicegate::ResponseCollector,
}

#[napi]
impl ResponseCollector {
    /// Options as JSON text.
    #[napi(constructor, catch_unwind)]
    pub fn new(options: String) -> Result<Self> {
        Ok(Self { collector: sluicegate::ResponseCollector::new(chat_options(&options)?) })
    }

    /// Takes upstream bytes.
    #[napi(catch_unwind)]
    pub fn feed(&mut self, chunk: &[u8]) -> Result<()> {
        self.collector.feed(chunk).map_err(to_js_err)
    }

    /// Takes one WebSocket frame.
    #[napi(catch_unwind)]
    pub fn feed_event(&mut self, frame: Either<String, &[u8]>) -> Result<()> {
        self.collector.feed_event(&frame_text(&frame)).map_err(to_js_err)
    }

    /// The final Response as JSON.
    #[napi(catch_unwind)]
    pub fn finish<'env>(&mut self, env: &'env Env) -> Result<BufferSlice<'env>> {
        BufferSlice::copy_from(env, self.collector.finish().map_err(to_js_err)?)
    }

    /// The chat completion as JSON; null before the end.
    #[napi(catch_unwind)]
    pub fn chat_completion<'env>(&self, env: &'env Env) -> Result<Option<BufferSlice<'env>>> {
        self.collector.chat_completion().map(|json| BufferSlice::copy_from(env, json)).transpose()
    }

    /// The outcome as JSON text.
    #[napi(getter)]
    pub fn outcome_json(&self) -> Option<String> {
        self.collector.outcome().map(|outcome| outcome.to_json())
    }
}
