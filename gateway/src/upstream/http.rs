//! Requests over HTTP.
//!
//! Input: headers and a body. Output: a failure, or the answer. State: connections that wait for the next request.

use super::connect::{Connector, Fault, Io};
use super::link::Link;
use super::refused::{Refused, Whole, refused, unreachable, why};
use crate::lock::lock;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, header};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::handshake;
use std::future::poll_fn;
use std::io;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// How long a list may take.
const LIST: Duration = Duration::from_secs(10);
/// How long a count may take: Claude Code waits twice as long, and can be given an estimate then.
const COUNT: Duration = Duration::from_secs(5);
/// How long a connection may wait for a request.
const IDLE: Duration = Duration::from_secs(60);
const MOST_IDLE: usize = 1000;
/// How often those are looked at that wait.
const SWEEP: Duration = Duration::from_secs(10);
/// How long the end of a whole answer may take, so that its connection can serve again.
const LINGER: Duration = Duration::from_secs(1);

/// A request for the upstream.
pub(crate) struct Sent {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// The upstream, and connections to it.
#[derive(Clone)]
pub(crate) struct Client(Arc<Shared>);

struct Shared {
    connector: Connector,
    upstream: Uri,
    /// The last one that was given is the first to be taken.
    idle: Mutex<Vec<(Link, Instant)>>,
}

/// An answer that is read. Dropped, its connection is closed; [`Answer::keep`] keeps it.
pub(crate) struct Answer {
    link: Link,
    body: Incoming,
    client: Client,
}

impl Client {
    pub(crate) fn new(upstream: &Uri) -> io::Result<Self> {
        let connector = Connector::new(upstream)?;
        let shared = Arc::new(Shared { connector, upstream: upstream.clone(), idle: Mutex::default() });
        tokio::spawn(sweep(Arc::downgrade(&shared)));
        Ok(Self(shared))
    }

    /// Sends a request, over a connection that waits or a new one.
    async fn send(&self, mut request: Request<Full<Bytes>>) -> Result<(Link, Response<Incoming>), Fault> {
        while let Some(mut link) = self.idle() {
            match link.ask(request).await {
                Ok(answer) => return Ok((link, answer)),
                // The upstream closed it while it waited.
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(error.into_error().into()),
                },
            }
        }
        let mut link = Link::new(self.connect().await?).await?;
        let answer = link.ask(request).await.map_err(TrySendError::into_error)?;
        Ok((link, answer))
    }

    /// An answer, or what came instead; `most`: how long it may take to begin.
    pub(super) async fn ask(&self, sent: Sent, most: Duration) -> Result<(HeaderMap, Answer), Refused> {
        let request = self.request(Method::POST, sent.headers, sent.body.into());
        let asked = timeout(most, self.send(request)).await;
        let (link, answer) =
            asked.map_err(|_| unreachable("timeout"))?.map_err(|error| unreachable(&why(&*error)))?;
        let (head, body) = answer.into_parts();
        let mut answer = Answer { link, body, client: self.clone() };
        if head.status.is_success() {
            return Ok((head.headers, answer));
        }
        let status = head.status.as_u16();
        Err(refused(status, head.headers, |context| answer.poll_chunk(context)).await)
    }

    /// What the upstream answers to a GET, up to so many bytes; `None` where it has nothing.
    pub(super) async fn get(
        &self,
        path: PathAndQuery,
        mut headers: HeaderMap,
        most: usize,
    ) -> Option<Vec<u8>> {
        headers.remove(header::CONTENT_TYPE);
        let request = self.request(Method::GET, headers, Bytes::new());
        let answer = timeout(LIST, self.answered(request, path, most)).await.ok()?;
        answer?.ok().map(|(_, body)| body)
    }

    /// What the upstream answers to a POST, up to so many bytes; `None` where it cannot be reached in time.
    pub(super) async fn post(&self, path: PathAndQuery, sent: Sent, most: usize) -> Option<Whole> {
        let request = self.request(Method::POST, sent.headers, sent.body.into());
        timeout(COUNT, self.answered(request, path, most)).await.ok()?
    }

    /// All of an answer, or a failure; `None` where none comes, or more than so much.
    async fn answered(
        &self,
        mut request: Request<Full<Bytes>>,
        path: PathAndQuery,
        most: usize,
    ) -> Option<Whole> {
        *request.uri_mut() = Uri::from(path);
        let (link, answer) = self.send(request).await.ok()?;
        let (head, body) = answer.into_parts();
        let (mut answer, mut bytes) = (Answer { link, body, client: self.clone() }, Vec::new());
        if !head.status.is_success() {
            let status = head.status.as_u16();
            return Some(Err(refused(status, head.headers, |context| answer.poll_chunk(context)).await));
        }
        while let Some(data) = poll_fn(|context| answer.poll_chunk(context)).await {
            bytes.extend_from_slice(&data);
            if bytes.len() > most {
                return None;
            }
        }
        answer.keep();
        Some(Ok((head.headers, bytes)))
    }

    /// Asks for a WebSocket, over a connection of its own.
    pub(super) async fn upgrade(&self, headers: HeaderMap) -> Result<Response<Incoming>, Fault> {
        let (mut sender, connection) = handshake(self.connect().await?).await?;
        tokio::spawn(connection.with_upgrades());
        Ok(sender.send_request(self.request(Method::GET, headers, Bytes::new())).await?)
    }

    async fn connect(&self) -> Result<Io, Fault> {
        self.0.connector.connect(&self.0.upstream).await
    }

    /// The request with what HTTP has to know of the upstream.
    fn request(&self, method: Method, headers: HeaderMap, body: Bytes) -> Request<Full<Bytes>> {
        let upstream = &self.0.upstream;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.headers_mut() = headers;
        let host =
            upstream.authority().map(|authority| authority.as_str().rsplit('@').next().unwrap_or_default());
        if let Some(host) = host.and_then(|host| HeaderValue::try_from(host).ok()) {
            request.headers_mut().insert(header::HOST, host);
        }
        let path = upstream.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
        *request.uri_mut() = Uri::from(path);
        request
    }

    fn idle(&self) -> Option<Link> {
        loop {
            let (mut link, since) = lock(&self.0.idle).pop()?;
            if since.elapsed() < IDLE && link.is_ready() {
                return Some(link);
            }
        }
    }

    fn give(&self, link: Link) {
        let mut idle = lock(&self.0.idle);
        if idle.len() < MOST_IDLE {
            idle.push((link, Instant::now()));
        }
    }
}

/// Drops connections that the upstream has closed, and those that wait for too long.
async fn sweep(shared: Weak<Shared>) {
    loop {
        sleep(SWEEP).await;
        let Some(shared) = shared.upgrade() else { return };
        lock(&shared.idle).retain_mut(|(link, since)| since.elapsed() < IDLE && link.is_ready());
    }
}

impl Answer {
    /// The next chunk; none at the end, or where it is cut.
    pub(super) fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.link.poll_chunk(&mut self.body, context)
    }

    /// After a whole answer. A connection can serve again once the end of its answer came; some upstreams never end it.
    pub(super) fn keep(mut self) {
        if self.poll_end(&mut Context::from_waker(Waker::noop())).is_ready() {
            return self.give();
        }
        tokio::spawn(async move {
            if timeout(LINGER, poll_fn(|context| self.poll_end(context))).await.is_ok() {
                self.give();
            }
        });
    }

    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while ready!(self.poll_chunk(context)).is_some() {}
        Poll::Ready(())
    }

    fn give(mut self) {
        if self.link.is_ready() {
            self.client.give(self.link);
        }
    }
}
