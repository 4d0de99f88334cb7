//! Async streams, over the same translators.
//!
//! Input: a [`Stream`](futures_core::Stream) of upstream chunks, such as the body of an HTTP client's response.
//! Output: a `Stream` of SSE bytes, or a future of the whole result. State: one transcoder, relay, collector or
//! extractor; the source, until it ends. Nothing is spawned, no runtime is needed.
//!
//! - Only non-empty `Bytes` come out, as they arrive; the end of the source is the end of the stream, or
//!   64 KiB of the source after the end of the answer.
//! - An error of the source is a cut stream: the client still gets a well-formed ending (error frame and `[DONE]`, or
//!   `response.failed`; nothing more if the terminal event had come), then the error comes out, then nothing.
//! - A stream or future that is dropped drops its source at once, without an ending; so does one that ended.
//! - [`SseStream::failure`]: before the first byte is sent, whether an HTTP error is the answer instead.
//! - [`SseStream::outcome`], [`SseStream::on_end`]: the summary.
//!
//! ```
//! use futures::{StreamExt, executor::block_on, stream};
//! use sluicegate::{Dialect, Options, Status, futures::transcode};
//!
//! let upstream = stream::iter([ // reqwest's bytes_stream(), a hyper body; cut anywhere
//!     Ok(&b"data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hel"[..]),
//!     Ok(b"lo\"}\n\n"),
//!     Err("connection reset"),
//! ]);
//! let mut client = transcode(upstream, Dialect::Chat, Dialect::Responses, Options::default());
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

use crate::dialect::Dialect;
use crate::options::Options;
use crate::transcoder::Transcoder;
use futures_core::TryStream;
pub use sse::{OnEnd, SseStream};
pub use whole::{Collected, Extracted, collect, collect_from, images};

/// The upstream's stream in, the client's out, as of a [`Transcoder`]; see the module for how it ends.
pub fn transcode<S>(source: S, client: Dialect, upstream: Dialect, options: Options) -> SseStream<S>
where
    S: TryStream<Ok: AsRef<[u8]>>,
{
    SseStream::new(source, Transcoder::new(client, upstream, options))
}

/// [`transcode`] for a chat client of a Responses upstream.
pub fn chat_sse<S>(source: S, options: Options) -> SseStream<S>
where
    S: TryStream<Ok: AsRef<[u8]>>,
{
    transcode(source, Dialect::Chat, Dialect::Responses, options)
}

/// [`transcode`] for a Responses client of a Responses upstream.
pub fn responses_sse<S>(source: S, options: Options) -> SseStream<S>
where
    S: TryStream<Ok: AsRef<[u8]>>,
{
    transcode(source, Dialect::Responses, Dialect::Responses, options)
}
