//! The tee as a JavaScript class.
//!
//! Input: upstream bytes or frames. Output: what each consumer makes of them. State: the core's own object.

use crate::convert::{frame_text, to_js_err, told};
use crate::frames::Frames;
use napi::Result;
use napi::bindgen_prelude::{BufferSlice, Either, Env};
use napi_derive::napi;
use sluicegate::{Dialect, Error, Options};

/// Several consumers of one Responses stream.
#[napi]
pub struct Tee {
    inner: sluicegate::Tee,
}

#[napi]
impl Tee {
    /// Options as JSON text.
    #[napi(constructor, catch_unwind)]
    pub fn new(chat: bool, relay: bool, collect: bool, options: String) -> Result<Self> {
        let options = Options::for_upstream(options.as_bytes(), Dialect::Responses).map_err(to_js_err)?;
        let mut inner = sluicegate::Tee::new(options);
        inner = if chat { inner.chat() } else { inner };
        inner = if relay { inner.relay() } else { inner };
        inner = if collect { inner.collect() } else { inner };
        Ok(Self { inner })
    }

    /// What the chat client must be sent, and the Responses client.
    #[napi(catch_unwind)]
    pub fn feed<'env>(&mut self, env: &'env Env, chunk: &[u8]) -> Result<Vec<BufferSlice<'env>>> {
        self.give(env, |inner, out| inner.feed(chunk, out))
    }

    /// The same of one WebSocket frame.
    #[napi(catch_unwind)]
    pub fn feed_event<'env>(
        &mut self,
        env: &'env Env,
        frame: Either<String, &[u8]>,
    ) -> Result<Vec<BufferSlice<'env>>> {
        self.give(env, |inner, out| inner.feed_event(&frame_text(&frame), out))
    }

    /// The same of the end.
    #[napi(catch_unwind)]
    pub fn finish<'env>(&mut self, env: &'env Env) -> Result<Vec<BufferSlice<'env>>> {
        self.give(env, sluicegate::Tee::finish)
    }

    /// What cuts the two outputs into frames.
    #[napi(catch_unwind)]
    pub fn chat_frames(&self) -> Frames {
        Frames::new(self.inner.frames().0)
    }

    /// The same of the second.
    #[napi(catch_unwind)]
    pub fn responses_frames(&self) -> Frames {
        Frames::new(self.inner.frames().1)
    }

    /// Names the types of events that are to be told.
    #[napi(catch_unwind)]
    pub fn watch_events(&mut self, names: Vec<String>) {
        self.inner.watch_events(names);
    }

    /// Types and data by turns of those that the last call read.
    #[napi(catch_unwind)]
    pub fn events(&self) -> Option<Vec<&str>> {
        told(self.inner.events())
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

impl Tee {
    fn give<'env>(
        &mut self,
        env: &'env Env,
        call: impl FnOnce(&mut sluicegate::Tee, &mut sluicegate::TeeOutput) -> std::result::Result<(), Error>,
    ) -> Result<Vec<BufferSlice<'env>>> {
        let mut out = sluicegate::TeeOutput::default();
        call(&mut self.inner, &mut out).map_err(to_js_err)?;
        [out.chat, out.responses].iter().map(|bytes| BufferSlice::copy_from(env, bytes)).collect()
    }
}
