//! Enters: chunks. Leaves: what a whole stream came to. Kept: one collector or extractor.

use crate::collector::ResponseCollector;
use crate::error::Error;
use crate::images::{ImageExtractor, ImageOptions, ImageOutcome, ImageSink};
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

/// Responses SSE in, the final Response and its chat completion out, for clients that asked `stream: false` of a backend
/// that only streams. What the upstream did is data: it never fails.
pub async fn collect<S>(source: S, options: Options) -> Collected<S::Error>
where
    S: TryStream<Ok: AsRef<[u8]>>,
{
    let mut collector = ResponseCollector::new(options);
    let error = drain(source, |chunk| {
        let fed = collector.feed(chunk);
        debug_assert_eq!(fed, Ok(())); // only a call after `finish` is an error
    })
    .await;
    let response = collector.finish().unwrap_or_default().into();
    let completion = collector.chat_completion().map(Bytes::copy_from_slice).unwrap_or_default();
    let outcome = known(collector.outcome());
    Collected { response, completion, outcome, error }
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

/// Each chunk to `feed`; what the source failed with. It is dropped then.
async fn drain<S>(source: S, mut feed: impl FnMut(&[u8])) -> Option<S::Error>
where
    S: TryStream<Ok: AsRef<[u8]>>,
{
    let mut source = pin!(source);
    loop {
        match poll_fn(|cx| source.as_mut().try_poll_next(cx)).await {
            Some(Ok(chunk)) => feed(chunk.as_ref()),
            end => return end.and_then(Result::err),
        }
    }
}
