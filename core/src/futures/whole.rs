//! The whole result of a stream, as a future.
//!
//! Input: chunks. Output: a Response, or the images. State: one collector or extractor.

use super::sse::is_no_answer;
use crate::collector::Collector;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::images::{ImageExtractor, ImageOptions, ImageOutcome, ImageSink};
use crate::input::Page;
use crate::limits::MAX_HEAD_BYTES;
use crate::options::Options;
use crate::outcome::Outcome;
use bytes::Bytes;
use futures_core::TryStream;
use std::future::poll_fn;
use std::pin::pin;

/// What a whole stream came to; JSON texts, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected<E> {
    /// The final Response: `failed` with its error, `incomplete` if it was cut. The error envelope, if only an error
    /// came.
    pub response: Bytes,
    /// The chat completion; the error envelope of a response that failed or was cut.
    pub completion: Bytes,
    /// What the stream turned out to be. Only `completed` and `incomplete` are answers.
    pub outcome: Outcome,
    /// What the source failed with: the stream was cut there, unless the terminal event had come.
    pub error: Option<E>,
}

/// One stream of `upstream` in, either body out, for clients that asked `stream: false` of an upstream that only streams.
/// What the upstream did is data: it never fails.
pub async fn collect_from<S>(source: S, upstream: Dialect, options: Options) -> Collected<S::Error>
where
    S: TryStream<Ok: AsRef<[u8]>>,
{
    let mut collector = Collector::new(upstream, options);
    let (mut page, mut late) = (Some(Page::default()), 0);
    let error = drain(source, |chunk| {
        late += if late > 0 || collector.outcome().is_some() { chunk.len() } else { 0 };
        let fed = collector.feed(chunk);
        debug_assert_eq!(fed, Ok(())); // only a call after `finish` is an error
        !is_no_answer(&mut page, chunk) && late < MAX_HEAD_BYTES
    })
    .await;
    let finished = collector.finish();
    debug_assert_eq!(finished, Ok(()));
    let bytes = |json: Option<&[u8]>| json.map(Bytes::copy_from_slice).unwrap_or_default();
    let (response, completion) = (bytes(collector.final_response()), bytes(collector.final_completion()));
    Collected { response, completion, outcome: known(collector.outcome()), error }
}

/// [`collect_from`] for a Responses upstream.
pub async fn collect<S>(source: S, options: Options) -> Collected<S::Error>
where
    S: TryStream<Ok: AsRef<[u8]>>,
{
    collect_from(source, Dialect::Responses, options).await
}

/// What the images of a whole stream came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extracted<K, E> {
    /// What the stream turned out to be: the images, and those that are not there.
    pub outcome: ImageOutcome,
    /// Where the images went.
    pub sink: K,
    /// What the sink failed with first; it cost that image.
    pub sink_error: Option<Error>,
    /// What the source failed with: what had arrived counts.
    pub error: Option<E>,
}

/// Responses SSE in, images to the sink, while they arrive; a sink that waits, for a disk, is waited for by all that runs
/// on this thread. What the upstream did is data: it never fails.
pub async fn images<S, K>(source: S, options: ImageOptions, mut sink: K) -> Extracted<K, S::Error>
where
    S: TryStream<Ok: AsRef<[u8]>>,
    K: ImageSink,
{
    let mut extractor = ImageExtractor::new(&options);
    let mut sink_error = None;
    let error = drain(source, |chunk| {
        let fed = extractor.feed(chunk, &mut sink);
        sink_error = sink_error.take().or(fed.err());
        true
    })
    .await;
    let finished = extractor.finish(&mut sink);
    let outcome = known(extractor.outcome());
    Extracted { outcome, sink, sink_error: sink_error.or(finished.err()), error }
}

#[expect(clippy::expect_used, reason = "after finish there is one, whatever came")]
fn known<T>(outcome: Option<T>) -> T {
    outcome.expect("an outcome")
}

/// Each chunk to `feed`, while that wants more; what the source failed with. It is dropped then.
async fn drain<S>(source: S, mut feed: impl FnMut(&[u8]) -> bool) -> Option<S::Error>
where
    S: TryStream<Ok: AsRef<[u8]>>,
{
    let mut source = pin!(source);
    loop {
        match poll_fn(|cx| source.as_mut().try_poll_next(cx)).await {
            Some(Ok(chunk)) if feed(chunk.as_ref()) => {}
            Some(Ok(_)) => return None,
            end => return end.and_then(Result::err),
        }
    }
}
