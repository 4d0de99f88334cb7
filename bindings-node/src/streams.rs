//! The transcoder as a JavaScript class.
//!
//! Input: upstream bytes or frames. Output: the bytes of a stream for the client. State: the core's own object.

use crate::convert::{dialect, frame_text, to_js_bytes, to_js_err};
use napi::Result;
use napi::bindgen_prelude::{BufferSlice, Either, Env};
use napi_derive::napi;
use sluicegate::Options;

/// One stream of the upstream's dialect into one of the client's.
#[napi]
pub struct Transcoder {
    inner: sluicegate::Transcoder,
}

#[napi]
impl Transcoder {
    /// Options as JSON text.
    #[napi(constructor, catch_unwind)]
    pub fn new(client: String, upstream: String, options: String) -> Result<Self> {
        let (client, upstream) = (dialect(&client, "client")?, dialect(&upstream, "upstream")?);
        let options = Options::for_pair(options.as_bytes(), client, upstream).map_err(to_js_err)?;
        Ok(Self { inner: sluicegate::Transcoder::new(client, upstream, options) })
    }

    /// What the client must be sent after these upstream bytes; null when nothing.
    #[napi(catch_unwind)]
    pub fn feed<'env>(&mut self, env: &'env Env, chunk: &[u8]) -> Result<Option<BufferSlice<'env>>> {
        to_js_bytes(env, |out| self.inner.feed(chunk, out))
    }

    /// The same for one WebSocket frame, or one chat chunk.
    #[napi(catch_unwind)]
    pub fn feed_event<'env>(
        &mut self,
        env: &'env Env,
        frame: Either<String, &[u8]>,
    ) -> Result<Option<BufferSlice<'env>>> {
        to_js_bytes(env, |out| self.inner.feed_event(&frame_text(&frame), out))
    }

    /// What ends the stream; null when it has ended already.
    #[napi(catch_unwind)]
    pub fn finish<'env>(&mut self, env: &'env Env) -> Result<Option<BufferSlice<'env>>> {
        to_js_bytes(env, |out| self.inner.finish(out))
    }

    /// For Responses clients the final Response as JSON; null before the end.
    #[napi(catch_unwind)]
    pub fn response<'env>(&mut self, env: &'env Env) -> Result<Option<BufferSlice<'env>>> {
        self.inner.response().map(|json| BufferSlice::copy_from(env, json)).transpose()
    }

    /// The outcome as JSON text.
    #[napi(getter, catch_unwind)]
    pub fn outcome_json(&self) -> Option<String> {
        self.inner.outcome().map(|outcome| outcome.to_json())
    }

    /// Whether anything but a failure was written.
    #[napi(getter, catch_unwind)]
    pub fn has_output(&self) -> bool {
        self.inner.has_output()
    }

    /// What to send while the upstream is silent.
    #[napi(catch_unwind)]
    pub fn ping<'env>(&self, env: &'env Env, block: bool) -> Result<BufferSlice<'env>> {
        BufferSlice::copy_from(env, self.inner.ping(block))
    }

    /// A comment to send while the upstream is silent.
    #[napi(catch_unwind)]
    pub fn heartbeat(env: &Env, block: bool) -> Result<BufferSlice<'_>> {
        BufferSlice::copy_from(env, sluicegate::Transcoder::heartbeat(block))
    }
}

/// Of options for an upstream and clients of any dialect, as JSON text, the names of those that one pair reads. Throws
/// for any other.
#[napi(catch_unwind)]
pub fn pair_options(client: String, upstream: String, options: String) -> Result<Vec<&'static str>> {
    let (client, upstream) = (dialect(&client, "client")?, dialect(&upstream, "upstream")?);
    Options::for_upstream(options.as_bytes(), upstream).map_err(to_js_err)?;
    Ok(Options::names_for_pair(client, upstream).collect())
}
