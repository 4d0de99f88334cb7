//! The upstream: sends requests, and gives the answer part by part.
//!
//! Input: a request that the upstream takes. Output: a failure, or the chunks or frames of the answer. State: connections
//! that are open.

mod connect;
mod http;
mod kept;
mod link;
mod socket;

use crate::gateway::Gateway;
use crate::silence::Silence;
use crate::store::now_ms;
use axum::http::{HeaderMap, Uri};
use bytes::Bytes;
use http::Answer;
pub(crate) use http::Client;
pub(crate) use kept::{Kept, Key};
use sluicegate::{ClientFrame, Controls, Envelope, Failure, error_envelope, frame_headers};
use socket::Session;
use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Utf8Bytes;

const CONNECT: Duration = Duration::from_secs(15);
const MAX_FAILURE_BYTES: usize = 64 << 10;
const MAX_COUNT_BYTES: usize = 64 << 10;
const MAX_LIST_BYTES: usize = 4 << 20;
/// How long the body of a failure may take.
const FAILURE: Duration = Duration::from_secs(10);

/// A request for the upstream.
pub(crate) struct Sent {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// What the upstream answered instead.
pub(crate) struct Refused {
    pub(crate) failure: Envelope,
    pub(crate) headers: HeaderMap,
}

/// A failure of this server's own has no headers.
impl From<Envelope> for Refused {
    fn from(failure: Envelope) -> Self {
        Self { failure, headers: HeaderMap::new() }
    }
}

/// All of an answer that is read at once.
pub(crate) type Whole = Result<(HeaderMap, Vec<u8>), Refused>;

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

/// The upstream's own list of models.
pub(crate) async fn models(gateway: &Gateway, headers: HeaderMap, query: &str) -> Option<Vec<u8>> {
    let mark = if query.is_empty() { "" } else { "?" };
    let uri: Uri = format!("{}/models{mark}{query}", gateway.config.upstream).parse().ok()?;
    http::get(gateway, uri.path_and_query()?.clone(), headers, MAX_LIST_BYTES).await
}

/// A Messages upstream's own count of a request's tokens, or what it answers instead; `None` where it cannot be reached.
pub(crate) async fn count_tokens(gateway: &Gateway, sent: Sent) -> Option<Whole> {
    let uri: Uri = format!("{}/messages/count_tokens", gateway.config.upstream).parse().ok()?;
    http::post(gateway, uri.path_and_query()?.clone(), sent, MAX_COUNT_BYTES).await
}

impl Parts {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Part>> {
        match self {
            Self::Http(answer) => answer.poll_chunk(context).map(|chunk| chunk.map(Part::Chunk)),
            Self::Socket(session, _) => session.poll_next(context).map(|frame| frame.map(Part::Frame)),
        }
    }
}

/// Over HTTP.
pub(crate) async fn over_http(gateway: &Gateway, sent: Sent) -> Result<Source, Refused> {
    let (headers, answer) = http::ask(gateway, sent).await?;
    Ok(Source::new(gateway, headers, Parts::Http(Box::new(answer))))
}

/// Over a WebSocket: one that was kept under this key, or a new one, as for every retry.
pub(crate) async fn over_socket(
    gateway: &Gateway,
    sent: Sent,
    key: Option<Key>,
    is_retry: bool,
) -> Result<Source, Refused> {
    let kept = match key.as_ref().filter(|_| !is_retry) {
        Some(key) => gateway.kept.take(key).await,
        None => None,
    };
    let mut session = match kept {
        Some(session) => session,
        None => Box::new(Session::open(gateway, sent.headers).await?),
    };
    session.ask(&sent.body).await.map_err(|()| unreachable("the WebSocket is closed"))?;
    Ok(Source::new(gateway, HeaderMap::new(), Parts::Socket(session, key)))
}

impl Source {
    fn new(gateway: &Gateway, headers: HeaderMap, parts: Parts) -> Self {
        Self { headers, parts, silence: Silence::new(gateway.config.silence) }
    }

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
    pub(crate) fn keep(self, gateway: &Gateway) {
        match self.parts {
            Parts::Http(answer) => answer.keep(),
            Parts::Socket(session, Some(key)) if !session.controls().is_open() => {
                gateway.kept.give(key, session);
            }
            Parts::Socket(..) => {}
        }
    }
}

/// What an upstream answered with a status that is no success.
async fn refused(
    status: u16,
    headers: HeaderMap,
    chunk: impl FnMut(&mut Context<'_>) -> Poll<Option<Bytes>>,
) -> Refused {
    let mut bytes = Vec::new();
    let _ = timeout(FAILURE, begun(chunk, &mut bytes)).await;
    bytes.truncate(MAX_FAILURE_BYTES);
    let named: Vec<_> =
        headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let failure = Failure { status: Some(status), headers: &named, body: &bytes, now_ms: Some(now_ms()) };
    Refused { failure: error_envelope(&failure), headers }
}

/// As much of a failure as is worth reading.
async fn begun(mut chunk: impl FnMut(&mut Context<'_>) -> Poll<Option<Bytes>>, bytes: &mut Vec<u8>) {
    while let Some(chunk) = poll_fn(&mut chunk).await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() >= MAX_FAILURE_BYTES {
            break;
        }
    }
}

/// The error's own message may have an address in it.
fn unreachable(why: &str) -> Refused {
    let body = format!(
        r#"{{"error":{{"message":"cannot reach the upstream ({why})","type":"server_error","param":null,"code":null}}}}"#
    );
    let failure = Failure { status: Some(502), body: body.as_bytes(), ..Failure::default() };
    Refused { failure: error_envelope(&failure), headers: HeaderMap::new() }
}

/// The kind of the system's error, where that is what it was.
fn why(error: &(dyn Error + 'static)) -> String {
    let mut source = Some(error);
    while let Some(inner) = source {
        if let Some(inner) = inner.downcast_ref::<io::Error>() {
            return format!("{:?}", inner.kind());
        }
        source = inner.source();
    }
    if error.is::<hyper::Error>() { "connection lost" } else { "no connection" }.to_owned()
}
