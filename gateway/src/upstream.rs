//! The upstream: sends requests, and gives the answer part by part.
//!
//! Input: a request that the upstream takes. Output: a failure, or the chunks or frames of the answer. State: connections
//! that are open.

mod http;
mod kept;
mod socket;

use crate::gateway::Gateway;
use crate::store::now_ms;
use axum::http::{HeaderMap, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
pub(crate) use kept::{Kept, Key};
use rustls::crypto::ring;
use sluicegate::{Envelope, Failure, error_envelope, frame_headers};
use socket::Session;
use std::error::Error as _;
use std::io;
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Utf8Bytes;

pub(crate) type Client = hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

const CONNECT: Duration = Duration::from_secs(15);
/// How long the end of a whole answer may take, so that its connection can serve again.
const LINGER: Duration = Duration::from_secs(1);
const MAX_FAILURE_BYTES: usize = 64 << 10;
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
}

enum Parts {
    Http(Incoming),
    Socket(Box<Session>, Option<Key>),
}

/// Connections to the upstream, made when they are needed.
pub(crate) fn client(upstream: &Uri) -> io::Result<Client> {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_connect_timeout(Some(CONNECT));
    let builder = HttpsConnectorBuilder::new();
    let builder = if upstream.scheme_str() == Some("https") {
        builder.with_provider_and_native_roots(ring::default_provider())?
    } else {
        builder.with_tls_config(no_roots()?)
    };
    let connector = builder.https_or_http().enable_http1().wrap_connector(http);
    Ok(hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(connector))
}

/// For an upstream without TLS: the system need not have root certificates.
fn no_roots() -> io::Result<rustls::ClientConfig> {
    let builder = rustls::ClientConfig::builder_with_provider(ring::default_provider().into());
    let builder = builder.with_safe_default_protocol_versions().map_err(io::Error::other)?;
    Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}

/// The upstream's own list of models.
pub(crate) async fn models(gateway: &Gateway, headers: HeaderMap, query: &str) -> Option<Vec<u8>> {
    let mark = if query.is_empty() { "" } else { "?" };
    let uri = format!("{}/models{mark}{query}", gateway.config.upstream).parse().ok()?;
    http::get(gateway, uri, headers, MAX_LIST_BYTES).await
}

/// Over HTTP.
pub(crate) async fn over_http(gateway: &Gateway, sent: Sent) -> Result<Source, Refused> {
    let (headers, body) = http::ask(gateway, sent).await?;
    Ok(Source { headers, parts: Parts::Http(body) })
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
    Ok(Source { headers: HeaderMap::new(), parts: Parts::Socket(session, key) })
}

impl Source {
    /// The next part; none at the end, and where the upstream is cut or silent for too long.
    pub(crate) async fn next(&mut self, silence: Duration) -> Option<Part> {
        let next = async {
            match &mut self.parts {
                Parts::Http(body) => http::chunk(body).await.map(Part::Chunk),
                Parts::Socket(session, _) => session.next().await.map(Part::Frame),
            }
        };
        timeout(silence, next).await.ok().flatten()
    }

    /// After a whole answer: the connection can serve again.
    pub(crate) fn keep(self, gateway: &Gateway) {
        match self.parts {
            Parts::Http(mut body) => {
                // An HTTP connection can serve again once its end came; some upstreams never end it.
                tokio::spawn(timeout(LINGER, async move { while http::chunk(&mut body).await.is_some() {} }));
            }
            Parts::Socket(session, Some(key)) => gateway.kept.give(key, session),
            Parts::Socket(_, None) => {}
        }
    }
}

/// What an upstream answered with a status that is no success.
async fn refused(status: u16, headers: HeaderMap, body: Incoming) -> Refused {
    let mut bytes = Vec::new();
    let _ = timeout(FAILURE, begun(body, &mut bytes)).await;
    bytes.truncate(MAX_FAILURE_BYTES);
    let named: Vec<_> =
        headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let failure = Failure { status: Some(status), headers: &named, body: &bytes, now_ms: Some(now_ms()) };
    Refused { failure: error_envelope(&failure), headers }
}

/// As much of a failure as is worth reading.
async fn begun(mut body: Incoming, bytes: &mut Vec<u8>) {
    while let Some(Ok(frame)) = body.frame().await {
        bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
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
fn why(error: &hyper_util::client::legacy::Error) -> String {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(inner) = inner.downcast_ref::<io::Error>() {
            return format!("{:?}", inner.kind());
        }
        source = inner.source();
    }
    if error.is_connect() { "no connection" } else { "connection lost" }.to_owned()
}
