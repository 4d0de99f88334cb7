//! Input: upstream bytes or frames. Output: the bytes of a stream for the client. State: the core's own objects.

use crate::convert::{chat_options, frame_text, responses_options, to_js_bytes};
use napi::Result;
use napi::bindgen_prelude::{BufferSlice, Either, Env};
use napi_derive::napi;

/// Of a core class that appends to the client's bytes, the class JavaScript sees.
macro_rules! stream_class {
    ($Class:ident, $options:ident, $docs:literal) => {
        #[doc = $docs]
        #[napi]
        pub struct $Class {
            inner: sluicegate::$Class,
        }

        #[napi]
        impl $Class {
            /// Options as JSON text.
            #[napi(constructor, catch_unwind)]
            pub fn new(options: String) -> Result<Self> {
                Ok(Self { inner: sluicegate::$Class::new($options(&options)?) })
            }

            /// What the client must be sent after these upstream bytes; null when nothing.
            #[napi(catch_unwind)]
            pub fn feed<'env>(&mut self, env: &'env Env, chunk: &[u8]) -> Result<Option<BufferSlice<'env>>> {
                to_js_bytes(env, |out| self.inner.feed(chunk, out))
            }

            /// The same for one WebSocket frame.
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

            /// The outcome as JSON text.
            #[napi(getter)]
            pub fn outcome_json(&self) -> Option<String> {
                self.inner.outcome().map(|outcome| outcome.to_json())
            }

            /// Whether anything but a failure was emitted.
            #[napi(getter)]
            pub fn committed(&self) -> bool {
                self.inner.committed()
            }
        }
    };
}

stream_class!(ChatTranscoder, chat_options, "One Responses stream into one chat completion stream.");
stream_class!(ResponsesRelay, chat_options, "One Responses stream passed on, its end repaired.");
stream_class!(
    ResponsesTranscoder,
    responses_options,
    "One chat completion stream, or one chat completion, into one Responses stream."
);

#[napi]
impl ChatTranscoder {
    /// A comment to send while the upstream is silent.
    #[napi(catch_unwind)]
    pub fn heartbeat(env: &Env, block: bool) -> Result<BufferSlice<'_>> {
        BufferSlice::copy_from(env, sluicegate::ChatTranscoder::heartbeat(block))
    }
}

#[napi]
impl ResponsesRelay {
    /// The final Response as JSON; null before the end.
    #[napi(catch_unwind)]
    pub fn response<'env>(&mut self, env: &'env Env) -> Result<Option<BufferSlice<'env>>> {
        self.inner.response().map(|json| BufferSlice::copy_from(env, json)).transpose()
    }
}

#[napi]
impl ResponsesTranscoder {
    /// The final Response as JSON; null before the end.
    #[napi(catch_unwind)]
    pub fn response<'env>(&self, env: &'env Env) -> Result<Option<BufferSlice<'env>>> {
        self.inner.response().map(|json| BufferSlice::copy_from(env, json)).transpose()
    }
}
