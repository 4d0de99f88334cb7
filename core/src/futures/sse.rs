//! A stream of SSE bytes for the client.
//!
//! Input: chunks, as they arrive. Output: SSE bytes, and at the end the error of the source. State: the transcoder,
//! and its output while the HTTP status is still open.

use crate::envelope::Envelope;
use crate::input::{BodyKind, Page};
use crate::limits::MAX_HEAD_BYTES;
use crate::outcome::Outcome;
use crate::transcoder::Transcoder;
use bytes::Bytes;
use futures_core::{Stream, TryStream};
use pin_project_lite::pin_project;
use std::convert::Infallible;
use std::future::poll_fn;
use std::mem::take;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The stream of [`crate::futures::transcode`]. It can be polled after its end.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct SseStream<S: TryStream> {
        // None: it is over.
        #[pin]
        source: Option<S>,
        transcoder: Box<Transcoder>,
        due: Vec<u8>,
        error: Option<S::Error>,
        // What came while nobody knew whether it is a stream.
        page: Option<Page>,
        // Bytes that came after the end.
        late: usize,
    }
}

impl<S: TryStream<Ok: AsRef<[u8]>>> SseStream<S> {
    /// Boxed: streams are moved about before they are polled.
    pub(super) fn new(source: S, transcoder: Transcoder) -> Self {
        let (due, error, page) = (Vec::new(), None, Some(Page::default()));
        Self { source: Some(source), transcoder: Box::new(transcoder), due, error, page, late: 0 }
    }

    /// Reads on until it is known whether an HTTP error is the answer: the upstream failed, broke off or sent a page, before
    /// anything else came. What it has read comes out of the stream all the same. It reads at most 1 MiB of what is no
    /// stream, and holds back at most 64 KiB of comments.
    pub async fn failure(&mut self) -> Option<Envelope>
    where
        S: Unpin,
    {
        while !self.is_settled() && poll_fn(|cx| Pin::new(&mut *self).poll_feed(cx)).await {}
        self.outcome().filter(|_| !self.has_output())?.envelope()
    }

    /// Calls `report` once, at the end, with the summary of the stream and the error of the source. A stream that is
    /// dropped before its terminal event reports nothing.
    ///
    /// For the body of a server's response: the error does not come out, because on one a server such as hyper closes
    /// the connection, whatever of the ending it has not written yet.
    pub fn on_end<F>(self, report: F) -> OnEnd<S, F>
    where
        F: FnOnce(Outcome, Option<S::Error>),
    {
        OnEnd { stream: self, report: Some(report) }
    }

    fn is_settled(&self) -> bool {
        self.has_output() || self.outcome().is_some() || self.due.len() >= MAX_HEAD_BYTES
    }

    /// Takes one chunk, or the end; false after that.
    fn poll_feed(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        let mut this = self.project();
        let Some(source) = this.source.as_mut().as_pin_mut() else { return Poll::Ready(false) };
        match ready!(source.try_poll_next(cx)) {
            Some(Ok(chunk)) => {
                let is_late = *this.late > 0 || this.transcoder.outcome().is_some();
                *this.late += if is_late { chunk.as_ref().len() } else { 0 };
                feed(this.transcoder, chunk.as_ref(), this.due);
                if this.transcoder.has_output() {
                    *this.page = None;
                }
                if is_no_answer(this.page, chunk.as_ref()) || *this.late >= MAX_HEAD_BYTES {
                    this.source.set(None);
                    finish(this.transcoder, this.due);
                }
            }
            end => {
                this.source.set(None);
                *this.error = end.and_then(Result::err);
                finish(this.transcoder, this.due);
            }
        }
        Poll::Ready(true)
    }
}

/// Whether it is known of a body, and will not change, that it is neither a stream nor JSON.
pub(super) fn is_no_answer(page: &mut Option<Page>, chunk: &[u8]) -> bool {
    let Some(begun) = page else { return false };
    begun.feed(chunk);
    if matches!(begun.kind(), Some(BodyKind::Stream | BodyKind::Document)) {
        *page = None;
        return false;
    }
    begun.is_full()
}

impl<S: TryStream> SseStream<S> {
    /// What the stream turned out to be; `None` before a terminal event or the end.
    pub fn outcome(&self) -> Option<Outcome> {
        self.transcoder.outcome()
    }

    /// Whether anything but a failure came. While it is false a gateway can still choose an HTTP status.
    pub fn has_output(&self) -> bool {
        self.transcoder.has_output()
    }

    /// The older name of [`SseStream::has_output`].
    pub fn committed(&self) -> bool {
        self.has_output()
    }

    /// What the source failed with, until that has come out.
    pub fn error(&self) -> Option<&S::Error> {
        self.error.as_ref()
    }

    /// For Responses clients: the final Response, to be recorded, as soon as the terminal event has come.
    pub fn response(&mut self) -> Option<Vec<u8>> {
        self.transcoder.response()
    }
}

impl<S: TryStream<Ok: AsRef<[u8]>>> Stream for SseStream<S> {
    type Item = Result<Bytes, S::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while self.due.is_empty() && ready!(self.as_mut().poll_feed(cx)) {}
        let this = self.project();
        let item =
            if this.due.is_empty() { this.error.take().map(Err) } else { Some(Ok(take(this.due).into())) };
        Poll::Ready(item)
    }
}

/// Only a call after `finish` is an error, and there is none.
fn feed(transcoder: &mut Transcoder, chunk: &[u8], out: &mut Vec<u8>) {
    let fed = transcoder.feed(chunk, out);
    debug_assert_eq!(fed, Ok(()));
}

fn finish(transcoder: &mut Transcoder, out: &mut Vec<u8>) {
    let finished = transcoder.finish(out);
    debug_assert_eq!(finished, Ok(()));
}

pin_project! {
    /// The stream of [`SseStream::on_end`]; it never fails.
    #[must_use = "streams do nothing unless polled"]
    pub struct OnEnd<S, F>
    where
        S: TryStream,
        F: FnOnce(Outcome, Option<S::Error>),
    {
        #[pin]
        stream: SseStream<S>,
        report: Option<F>,
    }

    impl<S, F> PinnedDrop for OnEnd<S, F>
    where
        S: TryStream,
        F: FnOnce(Outcome, Option<S::Error>),
    {
        /// The client left, perhaps after the terminal event.
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let outcome = this.stream.outcome();
            report_once(this.report, outcome, this.stream.project().error.take());
        }
    }
}

impl<S, F> Stream for OnEnd<S, F>
where
    S: TryStream<Ok: AsRef<[u8]>>,
    F: FnOnce(Outcome, Option<S::Error>),
{
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let end = match ready!(this.stream.as_mut().poll_next(cx)) {
            Some(Ok(bytes)) => return Poll::Ready(Some(Ok(bytes))),
            end => end.and_then(Result::err),
        };
        report_once(this.report, this.stream.outcome(), end);
        Poll::Ready(None)
    }
}

fn report_once<E>(
    report: &mut Option<impl FnOnce(Outcome, Option<E>)>,
    outcome: Option<Outcome>,
    error: Option<E>,
) {
    if let Some((report, outcome)) = report.take().zip(outcome) {
        report(outcome, error);
    }
}
