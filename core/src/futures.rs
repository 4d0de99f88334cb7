//! Enters: a [`Stream`](futures_core::Stream) of upstream chunks, such as the body of an HTTP client's response.
//! Leaves: a `Stream` of SSE bytes, or a future of what the whole came to. Kept: one transcoder, relay, collector or
//! extractor; the source, until it ends. Nothing is spawned, no runtime is needed.
//!
//! - Only non-empty `Bytes` come out, as they arrive; the end of the source is the end of the stream.
//! - An error of the source is a cut stream: the client still gets a well-formed ending (error frame and `[DONE]`, or
//!   `response.failed`; nothing more if the terminal event had come), then the error comes out, then nothing.
//! - A stream or future that is dropped drops its source at once, without an ending; so does one that ended.
//! - [`SseStream::failure`] says, before the first byte is sent, whether an HTTP error is the answer instead.
//! - [`SseStream::outcome`], [`SseStream::on_end`]: what it turned out to be.
//!
//! ```
//! use futures::{StreamExt, executor::block_on, stream};
//! use sluicegate::{Options, Status, futures::chat_sse};
//!
//! let upstream = stream::iter([ // reqwest's bytes_stream(), a hyper body; cut anywhere
//!     Ok(&b"data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hel"[..]),
//!     Ok(b"lo\"}\n\n"),
//!     Err("connection reset"),
//! ]);
//! let mut client = chat_sse(upstream, Options::default());
//! block_on(async {
//!     assert_eq!(client.failure().await, None); // something came: status 200
//!     assert!(client.next().await.unwrap()?.ends_with(b"\"Hello\"},\"finish_reason\":null}]}\n\n"));
//!     assert!(client.next().await.unwrap()?.ends_with(b"data: [DONE]\n\n"));
//!     assert_eq!(client.next().await, Some(Err("connection reset")));
//!     assert_eq!(client.outcome().map(|outcome| outcome.status), Some(Status::Truncated));
//!     Ok::<(), &str>(())
//! })?;
//! # Ok::<(), &str>(())
//! ```

mod sse;
mod whole;

use crate::options::Options;
use crate::transcoder::ChatTranscoder;
use crate::transcoder::ResponsesRelay;
use futures_core::TryStream;
pub use sse::{OnEnd, SseStream};
pub use whole::{Collected, Extracted, collect, images};

/// Responses SSE in, chat SSE out, as of a [`ChatTranscoder`]; see the module for how it ends.
pub fn chat_sse<S>(source: S, options: Options) -> SseStream<S>
where
    S: TryStream<Ok: AsRef<[u8]>>,
{
    SseStream::chat(source, ChatTranscoder::new(options))
}

/// Responses SSE in, Responses SSE with one good terminal event out, as of a [`ResponsesRelay`]; see the module for how
/// it ends.
pub fn responses_sse<S>(source: S, options: Options) -> SseStream<S>
where
    S: TryStream<Ok: AsRef<[u8]>>,
{
    SseStream::relay(source, ResponsesRelay::new(options))
}
