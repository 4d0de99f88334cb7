//! One request and its answer. HTTP and WebSocket clients are served alike, over either upstream transport.
//!
//! Input: a client's request. Output: a failure to answer with a status, or the client's answer as it arrives. State: what
//! is known of the answer so far.

use crate::answers::failure_of;
use crate::conversations::Conversation;
use crate::gateway::Gateway;
use crate::headers::{REQUEST_ID, client_headers, of_messages, session_of, upstream_headers};
use crate::log::Log;
use crate::prepared::{self, Prepared};
use crate::reader::Reader;
use crate::routes::{Client, Route};
use crate::upstream::{Key, Part, Refused, Sent, Source};
use crate::work;
use async_stream::stream;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use futures_util::Stream;
use sluicegate::{
    BodyKind, ClientFrame, Controls, Dialect, Envelope, Error, Expanded, NoteCode, Outcome, Page, Recovery,
    Status, Transport, after_failure, error_frame, frame_headers,
};
use std::mem::take;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;
use tokio::sync::mpsc;

const MAX_RETRIES: u32 = 2;
const MAX_ID_CHARS: usize = 256;
/// So much is held back while nothing but comments came.
const MAX_HELD_BYTES: usize = Page::MAX_HEAD_BYTES;
/// So much is written at once, where the upstream is faster than that.
const MAX_AT_ONCE_BYTES: usize = 16 << 10;

/// Frames of a client for the response that comes.
pub(crate) type FromClient = mpsc::Receiver<(ClientFrame, String)>;

/// A client's request.
pub(crate) struct Request {
    pub(crate) path: &'static str,
    pub(crate) body: Bytes,
    pub(crate) headers: HeaderMap,
    pub(crate) downstream: Transport,
    /// Expands and records.
    pub(crate) conversation: Option<Conversation>,
    /// An upstream WebSocket to go on with.
    pub(crate) key: Option<Key>,
    pub(crate) log: Log,
}

pub(crate) struct Exchange {
    gateway: Arc<Gateway>,
    request: Request,
    prepared: Prepared,
    reader: Option<Reader>,
    source: Option<Source>,
    /// What the client sends while the response comes; none where the upstream cannot take it, or the next request waits.
    from_client: Option<FromClient>,
    headers: HeaderMap,
    /// What came before the status was known.
    head: Vec<u8>,
    /// What the body is, until that is known.
    page: Option<Page>,
    is_over: bool,
    /// When the upstream was asked; none once it began to answer.
    asked: Option<Instant>,
    received: u64,
    sent: u64,
}

impl Exchange {
    /// An error where the request must not be sent.
    pub(crate) async fn new(gateway: Arc<Gateway>, mut request: Request) -> Result<Self, Error> {
        let body = take(&mut request.body);
        if gateway.config.show_content {
            request.log.set(|entry| entry.show_request(&body));
        }
        let turn = match &request.conversation {
            Some(conversation) => conversation.resolve(&body).await?,
            None => Expanded { body: body.to_vec(), previous_response_id: None, origin: None },
        };
        let (shared, path, downstream) = (gateway.clone(), request.path, request.downstream);
        let session = session_of(&request.headers);
        let prepare = move || Prepared::new(&shared, path, downstream, turn, session);
        let prepared = work::on(body.len(), prepare).await?;
        request.log.set(|entry| {
            entry.model(&prepared.model);
            entry.reason = Some(prepared.way.reason.as_str());
            entry.changes = Some(prepared.converted.changes.len());
        });
        Ok(Self {
            gateway,
            request,
            prepared,
            reader: None,
            source: None,
            from_client: None,
            headers: HeaderMap::new(),
            head: Vec::new(),
            page: None,
            is_over: false,
            asked: None,
            received: 0,
            sent: 0,
        })
    }

    /// A WebSocket has nothing but streams.
    pub(crate) fn is_stream(&self) -> bool {
        self.request.downstream == Transport::Websocket || self.prepared.converted.context.stream
    }

    /// The request's.
    pub(crate) fn id(&self) -> HeaderValue {
        self.request.log.id_value()
    }

    /// The upstream's headers for the client, once the status is settled.
    pub(crate) fn headers(&self) -> HeaderMap {
        client_headers(&self.headers)
    }

    /// Sends, and reads until the status is known. The failure to answer with: nothing was passed on then.
    pub(crate) async fn settled(mut self) -> (Self, Result<(), Envelope>) {
        let settled = self.settle().await;
        (self, settled)
    }

    async fn settle(&mut self) -> Result<(), Envelope> {
        let (mut transport, mut retries) = (self.prepared.way.transport, 0);
        loop {
            self.request.log.set(|entry| {
                (entry.transport, entry.retries, entry.class) =
                    (Some(transport.as_str()), Some(retries), None);
            });
            let Err(failure) = self.attempt(transport, retries > 0).await else { return Ok(()) };
            self.request.log.set(|entry| entry.class = Some(failure.class.as_str()));
            if transport == Transport::Websocket && failure.status == 426 {
                self.gateway.latch();
            }
            transport = match after_failure(transport, &failure, false) {
                Recovery::RetryHttpFull if retries < MAX_RETRIES => Transport::Http,
                Recovery::RetryWsFull if retries < MAX_RETRIES => Transport::Websocket,
                _ => {
                    let (config, is_stream) = (&self.gateway.config, self.is_stream());
                    self.request.log.set(|entry| entry.refuse(&failure, config, is_stream));
                    return Err(failure);
                }
            };
            retries += 1;
            self.gateway.metrics.retried(transport.as_str());
        }
    }

    async fn attempt(&mut self, transport: Transport, is_retry: bool) -> Result<(), Envelope> {
        let prepared = self.prepared.over(transport, &self.gateway);
        prepared.map_err(|error| failure_of(&error, &self.request.log))?;
        self.reader = Some(self.new_reader());
        (self.head, self.is_over, self.source) = (Vec::new(), false, None);
        self.page = Some(Page::default());
        let sent = Sent { headers: self.headers_for(transport), body: self.prepared.converted.body.clone() };
        let key = self.request.key.clone();
        self.asked = Some(Instant::now());
        let source = match transport {
            Transport::Http => self.gateway.upstream.over_http(sent).await,
            Transport::Websocket => self.gateway.upstream.over_socket(sent, key, is_retry).await,
        };
        match source {
            Ok(source) => {
                self.keep_headers(source.headers.clone());
                self.source = Some(source);
                self.peek().await
            }
            Err(Refused { failure, headers }) => {
                self.keep_headers(headers);
                Err(failure)
            }
        }
    }

    fn keep_headers(&mut self, headers: HeaderMap) {
        let id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
        self.request
            .log
            .set(|entry| entry.upstream_id = id.map(|id| id.chars().take(MAX_ID_CHARS).collect()));
        self.headers = headers;
    }

    fn new_reader(&self) -> Reader {
        let (client, is_stream) = (self.route().client, self.is_stream());
        let options = self.prepared.options(&self.gateway, client);
        Reader::new(client, self.gateway.config.upstream_api, is_stream, options)
    }

    fn route(&self) -> &Route {
        let routes = &self.gateway.routes;
        routes.iter().find(|route| route.path == self.request.path).unwrap_or(&routes[0])
    }

    fn headers_for(&self, transport: Transport) -> HeaderMap {
        let config = &self.gateway.config;
        let (client, profile) = (&self.request.headers, &self.route().profile);
        let mut headers =
            upstream_headers(client, config.upstream_api, &config.pass_headers, profile, transport);
        if self.route().client == Client::Messages || config.upstream_api == Dialect::Messages {
            of_messages(&mut headers, config.upstream_api);
        }
        headers.entry("x-client-request-id").or_insert_with(|| self.request.log.id_value());
        if prepared::is_frame_for(self.request.downstream, transport) {
            for (name, value) in frame_headers(&self.prepared.body) {
                if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                    headers.insert(name, value);
                }
            }
        }
        headers
    }

    /// Reads until something is to be passed on, or goes wrong.
    async fn peek(&mut self) -> Result<(), Envelope> {
        while !self.is_over
            && self.head.len() < MAX_HELD_BYTES
            && !self.has_output()
            && self.failure().is_none()
        {
            let next = self.next().await;
            self.head.extend(next);
        }
        if self.has_output() { Ok(()) } else { self.failure().map_or(Ok(()), Err) }
    }

    fn has_output(&self) -> bool {
        self.reader.as_ref().is_some_and(Reader::has_output)
    }

    fn failure(&self) -> Option<Envelope> {
        self.reader.as_ref()?.failure()
    }

    /// What the client must be sent next, possibly nothing: of the next part, and of those that are there already.
    async fn next(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut part = self.part().await;
        loop {
            self.read(part.as_ref(), &mut out);
            let has_room = !self.is_over && out.len() < MAX_AT_ONCE_BYTES;
            let Some(source) = self.source.as_mut().filter(|_| has_room) else { break };
            let Poll::Ready(next) = source.at_hand().await else { break };
            part = next;
        }
        self.sent += out.len() as u64;
        if self.gateway.config.show_content {
            self.request.log.set(|entry| entry.show_answer(&out));
        }
        if self.is_over {
            self.end().await;
        }
        out
    }

    /// The next part of the answer. Meanwhile frames of the client go to the upstream.
    async fn part(&mut self) -> Option<Part> {
        loop {
            let source = self.source.as_mut()?;
            let Some(frames) = &mut self.from_client else { return source.next().await };
            tokio::select! {
                biased;
                frame = frames.recv() => match (frame, &self.reader) {
                    (Some((kind, frame)), Some(reader)) => source.send(kind, reader.upstream_frame(&frame)),
                    _ => self.from_client = None,
                },
                part = source.next() => return part,
            }
            // After the end nothing is waited for but what becomes of those frames.
            if self.from_client.is_none() && self.reader.as_ref().is_some_and(Reader::has_ended) {
                return None;
            }
        }
    }

    fn read(&mut self, part: Option<&Part>, out: &mut Vec<u8>) {
        if let Some(part) = part {
            self.feed(part, out);
        }
        // An upstream may stay open after its answer; a WebSocket does.
        let is_waited_for = self.from_client.is_some() && self.controls().is_some_and(Controls::is_open);
        let is_vain = part.is_some_and(|part| is_vain(&mut self.page, part));
        let Some(reader) = &mut self.reader else { return };
        if part.is_none() || (reader.has_ended() && !is_waited_for) || is_vain {
            self.is_over = true;
            reader.finish(out);
        }
    }

    fn feed(&mut self, part: &Part, out: &mut Vec<u8>) {
        self.received += part.len() as u64;
        if let Some(asked) = self.asked.take() {
            self.gateway.metrics.answered(asked.elapsed());
        }
        let Some(reader) = &mut self.reader else { return };
        reader.feed(part, out);
        let is_failure = !reader.has_output() && reader.failure().is_some();
        if let Some(headers) = is_failure.then(|| part.headers()).flatten() {
            self.keep_headers(headers);
        }
    }

    /// Once, when nothing more is to be read.
    async fn end(&mut self) {
        let is_stream = self.is_stream();
        let (Some(reader), Some(source)) = (&mut self.reader, self.source.take()) else { return };
        let Some(outcome) = reader.outcome() else { return };
        self.gateway.metrics.outcome(&outcome, self.received, self.sent);
        self.request.log.set(|entry| entry.end(&outcome, &self.gateway.config, is_stream));
        if !can_go_on(&outcome) {
            return;
        }
        let is_steered = source.controls().is_some_and(Controls::is_steered);
        source.keep(&self.gateway.upstream);
        if is_steered {
            return self.request.log.set(|entry| entry.unrecorded = Some("steered"));
        }
        let Some(conversation) = &self.request.conversation else { return };
        let response = reader.response().unwrap_or_default();
        let unrecorded = conversation.remember(&self.prepared.turn, &response).await;
        self.request.log.set(|entry| entry.unrecorded = unrecorded);
    }

    /// From now on what the client sends while the response comes is sent, where the upstream can take it.
    pub(crate) fn pass(&mut self, frames: FromClient) {
        self.from_client = self.controls().is_some().then_some(frames);
    }

    fn controls(&self) -> Option<&Controls> {
        self.source.as_ref()?.controls()
    }

    /// A failure when the status is sent already.
    fn failure_event(&self, failure: &Envelope) -> Bytes {
        let mut reader = self.new_reader();
        let mut out = Vec::new();
        let frame = String::from_utf8_lossy(&error_frame(failure)).into_owned();
        reader.feed(&Part::Frame(frame.into()), &mut out);
        reader.finish(&mut out);
        out.into()
    }

    /// The answer as it arrives; a failure is sent in the stream. `settling` gives what [`Exchange::settle`] came to.
    pub(crate) fn answer(
        settling: impl Future<Output = (Self, Result<(), Envelope>)> + Send,
    ) -> impl Stream<Item = Bytes> + Send {
        stream! {
            let (mut exchange, settled) = settling.await;
            if let Err(failure) = settled {
                yield exchange.failure_event(&failure);
                return;
            }
            let head = take(&mut exchange.head);
            if !head.is_empty() {
                yield head.into();
            }
            while !exchange.is_over {
                let out = exchange.next().await;
                if !out.is_empty() {
                    yield out.into();
                }
            }
        }
    }

    /// All of the answer, for a client that asked for no stream; it is settled.
    pub(crate) fn whole(&mut self) -> Vec<u8> {
        take(&mut self.head)
    }
}

/// An answer that is whole, if only in what the client let come of it.
fn can_go_on(outcome: &Outcome) -> bool {
    let is_interrupted = || outcome.notes.iter().any(|note| note.code == NoteCode::Interrupted);
    outcome.status == Status::Completed || is_interrupted()
}

/// Whether the body is no answer, and no more of it worth reading: one that is no stream and no JSON may go on for ever.
fn is_vain(page: &mut Option<Page>, part: &Part) -> bool {
    let (Some(begun), Part::Chunk(chunk)) = (page.as_mut(), part) else { return false };
    begun.feed(chunk);
    let is_vain = begun.is_full();
    let may_answer = matches!(begun.kind(), Some(BodyKind::Stream | BodyKind::Document));
    *page = page.take().filter(|_| !may_answer);
    is_vain && !may_answer
}
