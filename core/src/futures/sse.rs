//! Enters: chunks, as they arrive. Leaves: SSE bytes, and at the end what the source failed with. Kept: the transcoder or
//! relay, and what it said while the HTTP status was still open.

use crate::envelope::Envelope;
use crate::outcome::Outcome;
use crate::transcoder::ChatTranscoder;
use crate::transcoder::ResponsesRelay;
use bytes::Bytes;
use futures_core::{Stream, TryStream};
use pin_project_lite::pin_project;
use std::convert::Infallible;
use std::future::poll_fn;
use std::mem::take;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The stream of [`crate::futures::chat_sse`] and [`crate::futures::responses_sse`]. It can be polled after its end.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct SseStream<S: TryStream> {
        // None: it is over.
        #[pin]
        source: Option<S>,
        verb: Verb,
        due: Vec<u8>,
        error: Option<S::Error>,
    }
}

/// Boxed: streams are moved about before they are polled.
#[derive(Debug)]
enum Verb {
    Chat(Box<ChatTranscoder>),
    Relay(Box<ResponsesRelay>),
}

impl<S: TryStream<Ok: AsRef<[u8]>>> SseStream<S> {
    pub(super) fn chat(source: S, transcoder: ChatTranscoder) -> Self {
        Self::new(source, Verb::Chat(Box::new(transcoder)))
    }

    pub(super) fn relay(source: S, relay: ResponsesRelay) -> Self {
        Self::new(source, Verb::Relay(Box::new(relay)))
    }

    fn new(source: S, verb: Verb) -> Self {
        Self { source: Some(source), verb, due: Vec::new(), error: None }
    }

    /// Reads on until it is known whether an HTTP error is the answer: the upstream failed, or broke off, before
    /// anything else came. What it has read comes out of the stream all the same.
    pub async fn failure(&mut self) -> Option<Envelope>
    where
        S: Unpin,
    {
        while !self.is_settled() && poll_fn(|cx| Pin::new(&mut *self).poll_feed(cx)).await {}
        self.outcome().filter(|_| !self.committed())?.envelope()
    }

    /// Tells `told` once, when it is over, what the stream turned out to be and what the source failed with. One that
    /// is dropped before its terminal event tells nothing.
    ///
    /// For the body of a server's response: the error does not come out, because on one a server such as hyper closes
    /// the connection, whatever of the ending it has not written yet.
    pub fn on_end<F>(self, told: F) -> OnEnd<S, F>
    where
        F: FnOnce(Outcome, Option<S::Error>),
    {
        OnEnd { stream: self, told: Some(told) }
    }

    fn is_settled(&self) -> bool {
        self.committed() || self.outcome().is_some()
    }

    /// Takes one chunk, or the end; false after that.
    fn poll_feed(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        let mut this = self.project();
        let Some(source) = this.source.as_mut().as_pin_mut() else { return Poll::Ready(false) };
        match ready!(source.try_poll_next(cx)) {
            Some(Ok(chunk)) => this.verb.feed(chunk.as_ref(), this.due),
            end => {
                this.source.set(None);
                *this.error = end.and_then(Result::err);
                this.verb.finish(this.due);
            }
        }
        Poll::Ready(true)
    }
}

impl<S: TryStream> SseStream<S> {
    /// What the stream turned out to be; `None` before a terminal event or the end.
    pub fn outcome(&self) -> Option<Outcome> {
        match &self.verb {
            Verb::Chat(transcoder) => transcoder.outcome(),
            Verb::Relay(relay) => relay.outcome(),
        }
    }

    /// Whether anything but a failure came. While it is false a gateway can still choose an HTTP status.
    pub fn committed(&self) -> bool {
        match &self.verb {
            Verb::Chat(transcoder) => transcoder.committed(),
            Verb::Relay(relay) => relay.committed(),
        }
    }

    /// What the source failed with, until that has come out.
    pub fn error(&self) -> Option<&S::Error> {
        self.error.as_ref()
    }

    /// Of [`crate::futures::responses_sse`]: the final Response, to be recorded, as soon as the terminal event has come.
    /// `None` for chat.
    pub fn response(&mut self) -> Option<Vec<u8>> {
        match &mut self.verb {
            Verb::Chat(_) => None,
            Verb::Relay(relay) => relay.response(),
        }
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
impl Verb {
    fn feed(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        let fed = match self {
            Self::Chat(transcoder) => transcoder.feed(chunk, out),
            Self::Relay(relay) => relay.feed(chunk, out),
        };
        debug_assert_eq!(fed, Ok(()));
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        let finished = match self {
            Self::Chat(transcoder) => transcoder.finish(out),
            Self::Relay(relay) => relay.finish(out),
        };
        debug_assert_eq!(finished, Ok(()));
    }
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
        told: Option<F>,
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
            tell(this.told, outcome, this.stream.project().error.take());
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
        tell(this.told, this.stream.outcome(), end);
        Poll::Ready(None)
    }
}

fn tell<E>(told: &mut Option<impl FnOnce(Outcome, Option<E>)>, outcome: Option<Outcome>, error: Option<E>) {
    if let Some((told, outcome)) = told.take().zip(outcome) {
        told(outcome, error);
    }
}
