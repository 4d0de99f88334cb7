//! The upstream: sends requests, and gives the answer part by part.
//!
//! Input: a request that the upstream takes. Output: a failure, or the chunks or frames of the answer. State: connections
//! that are open.

mod connect;
mod http;
mod kept;
mod link;
mod refused;
mod socket;

use crate::config::Config;
use crate::silence::Silence;
use axum::http::{HeaderMap, Uri};
use bytes::Bytes;
pub(crate) use http::Sent;
use http::{Answer, Client};
use kept::Kept;
pub(crate) use kept::Key;
use refused::unreachable;
pub(crate) use refused::{Refused, Whole};
use sluicegate::{ClientFrame, Controls, frame_headers};
use socket::Session;
use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Utf8Bytes;

const MAX_COUNT_BYTES: usize = 64 << 10;
const MAX_LIST_BYTES: usize = 4 << 20;

/// A piece of an answer.
pub(crate) enum Part {
    Chunk(Bytes),
    Frame(Utf8Bytes),
}

impl Part {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Chunk(chunk) => chunk.len(),
            Self::Frame(frame) => frame.len(),
        }
    }

    /// Those that a failure's frame has, as a WebSocket has none.
    pub(crate) fn headers(&self) -> Option<HeaderMap> {
        let Self::Frame(frame) = self else { return None };
        let named = frame_headers(frame.as_bytes()).into_iter();
        Some(named.filter_map(|(name, value)| Some((name.parse().ok()?, value.parse().ok()?))).collect())
    }
}

/// An answer while it is read. Dropped, its connection is closed; [`Source::keep`] keeps it.
pub(crate) struct Source {
    pub(crate) headers: HeaderMap,
    parts: Parts,
    silence: Silence,
}

enum Parts {
    Http(Box<Answer>),
    Socket(Box<Session>, Option<Key>),
}

/// Where requests go.
pub(crate) struct Upstream {
    url: String,
    silence: Duration,
    client: Client,
    kept: Kept,
}

impl Upstream {
    /// `endpoint`: the path that takes requests.
    pub(crate) fn new(config: &Config, endpoint: &str) -> Result<Self, String> {
        let url = config.upstream.clone();
        let uri: Uri =
            format!("{url}{endpoint}").parse().map_err(|_| format!("--upstream cannot be {url}"))?;
        let client = Client::new(&uri).map_err(|error| format!("no root certificates: {error}"))?;
        Ok(Self { url, silence: config.silence, client, kept: Kept::default() })
    }

    /// The upstream's own list of models.
    pub(crate) async fn models(&self, headers: HeaderMap, query: &str) -> Option<Vec<u8>> {
        let mark = if query.is_empty() { "" } else { "?" };
        let uri: Uri = format!("{}/models{mark}{query}", self.url).parse().ok()?;
        self.client.get(uri.path_and_query()?.clone(), headers, MAX_LIST_BYTES).await
    }

    /// A Messages upstream's own count of a request's tokens, or what it answers instead; `None` where it cannot be reached.
    pub(crate) async fn count_tokens(&self, sent: Sent) -> Option<Whole> {
        let uri: Uri = format!("{}/messages/count_tokens", self.url).parse().ok()?;
        self.client.post(uri.path_and_query()?.clone(), sent, MAX_COUNT_BYTES).await
    }

    /// Over HTTP.
    pub(crate) async fn over_http(&self, sent: Sent) -> Result<Source, Refused> {
        let (headers, answer) = self.client.ask(sent, self.silence).await?;
        Ok(self.source(headers, Parts::Http(Box::new(answer))))
    }

    /// Over a WebSocket: one that was kept under this key, or a new one, as for every retry.
    pub(crate) async fn over_socket(
        &self,
        sent: Sent,
        key: Option<Key>,
        is_retry: bool,
    ) -> Result<Source, Refused> {
        let kept = match key.as_ref().filter(|_| !is_retry) {
            Some(key) => self.kept.take(key).await,
            None => None,
        };
        let mut session = match kept {
            Some(session) => session,
            None => Box::new(Session::open(&self.client, sent.headers).await?),
        };
        session.ask(&sent.body).await.map_err(|()| unreachable("the WebSocket is closed"))?;
        Ok(self.source(HeaderMap::new(), Parts::Socket(session, key)))
    }

    fn source(&self, headers: HeaderMap, parts: Parts) -> Source {
        Source { headers, parts, silence: Silence::new(self.silence) }
    }

    /// The WebSocket that was kept under this key is not wanted any more.
    pub(crate) fn drop_of(&self, key: &Key) {
        self.kept.drop_of(key);
    }

    pub(crate) fn close(&self) {
        self.kept.clear();
    }
}

impl Parts {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Part>> {
        match self {
            Self::Http(answer) => answer.poll_chunk(context).map(|chunk| chunk.map(Part::Chunk)),
            Self::Socket(session, _) => session.poll_next(context).map(|frame| frame.map(Part::Frame)),
        }
    }
}

impl Source {
    /// The next part; none at the end, and where the upstream is cut or silent for too long.
    pub(crate) async fn next(&mut self) -> Option<Part> {
        self.silence.end();
        poll_fn(|context| match self.parts.poll_next(context) {
            Poll::Ready(part) => Poll::Ready(part),
            Poll::Pending => self.silence.poll(context).map(|()| None),
        })
        .await
    }

    /// The same, where it is there already.
    pub(crate) async fn at_hand(&mut self) -> Poll<Option<Part>> {
        poll_fn(|context| Poll::Ready(self.parts.poll_next(context))).await
    }

    /// Sends what the client sent while the response comes; over HTTP nothing can be.
    pub(crate) fn send(&mut self, kind: ClientFrame, frame: String) {
        if let Parts::Socket(session, _) = &mut self.parts {
            session.send(kind, frame);
        }
    }

    /// What is open of that; over HTTP there is none.
    pub(crate) fn controls(&self) -> Option<&Controls> {
        match &self.parts {
            Parts::Http(_) => None,
            Parts::Socket(session, _) => Some(session.controls()),
        }
    }

    /// After a whole answer: the connection can serve again, unless something is to come on it.
    pub(crate) fn keep(self, upstream: &Upstream) {
        match self.parts {
            Parts::Http(answer) => answer.keep(),
            Parts::Socket(session, Some(key)) if !session.controls().is_open() => {
                upstream.kept.give(key, session);
            }
            Parts::Socket(..) => {}
        }
    }
}
