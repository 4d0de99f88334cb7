//! The WebSocket side.
//!
//! Input: WebSocket upgrades, and frames of Responses clients. Output: the events of their answers, one in each frame.
//! State: per connection its conversations and, by its key, the upstream's WebSocket.

mod inbox;

use crate::answers::{envelope, failed, failure_of};
use crate::conversations::Conversation;
use crate::exchange::{Exchange, Request};
use crate::gateway::{Gateway, Open};
use crate::ids::random_id;
use crate::log::Log;
use crate::tenant::Tenant;
use crate::upstream::{Key, Refused};
use crate::work;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use futures_util::stream::SplitSink;
use futures_util::{SinkExt, StreamExt};
use inbox::Inbox;
use sluicegate::{
    ClientFrame, Envelope, Expanded, SseOptions, SseParser, Transport, client_frame,
    error_frame_with_headers, refused_control, warm_up_frames, warm_up_response,
};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::{Sender, channel, error::TrySendError};
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// So many frames wait to be sent on while a response comes.
const MAX_WAITING: usize = 8;
const NO_SOCKET: &str = "the response does not come over a WebSocket";
const GOING_AWAY: u16 = 1001;
const UNSUPPORTED: u16 = 1003;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

static NEXT: AtomicU64 = AtomicU64::new(0);

/// Why a connection cannot go on: the client is gone, or cannot be written to.
struct Gone;

/// Serves an upgrade, or refuses it with 426, on which Codex goes over to HTTP.
pub(crate) async fn upgrade(
    State(gateway): State<Arc<Gateway>>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if !headers.contains_key(header::UPGRADE) {
        return failed(&envelope(405, "not by this method"), HeaderMap::new());
    }
    if !gateway.config.websocket {
        return failed(&envelope(426, "there are no WebSockets here"), HeaderMap::new());
    }
    let (Ok(upgrade), Some(route)) = (upgrade, gateway.route(uri.path())) else {
        return failed(&envelope(400, "that is no WebSocket handshake"), HeaderMap::new());
    };
    let (path, most) = (route.path, gateway.config.max_body_bytes);
    let upgrade = upgrade.max_message_size(most).max_frame_size(most);
    upgrade.on_upgrade(move |socket| async move {
        Box::pin(Connection::new(gateway, path, headers).run(socket)).await;
    })
}

struct Connection {
    gateway: Arc<Gateway>,
    path: &'static str,
    headers: HeaderMap,
    conversation: Conversation,
    /// The upstream's WebSocket of this connection.
    key: u64,
    _open: Open,
}

/// What is written to, and when the client is to be pinged.
struct Client {
    sink: SplitSink<WebSocket, Message>,
    ping: Interval,
    has_pings: bool,
}

impl Connection {
    fn new(gateway: Arc<Gateway>, path: &'static str, headers: HeaderMap) -> Self {
        let (tenant, open) = (Tenant::of(&headers, &gateway.config), Open::new(&gateway));
        let conversation = Conversation::of_connection(&gateway, tenant.as_ref());
        Self { gateway, path, headers, conversation, key: NEXT.fetch_add(1, Ordering::Relaxed), _open: open }
    }

    /// One request after the other.
    async fn run(self, socket: WebSocket) {
        let (sink, stream) = socket.split();
        let (mut inbox, is_gone) = Inbox::new(stream);
        let mut client = Client::new(sink, self.gateway.config.heartbeat);
        if let Some(code) = self.serve_all(&mut inbox, &mut client, is_gone).await {
            let close = CloseFrame { code, reason: Utf8Bytes::default() };
            let _ = client.sink.send(Message::Close(Some(close))).await;
        }
    }

    /// Why the connection is to be closed; nothing where it is gone.
    async fn serve_all(
        &self,
        inbox: &mut Inbox,
        client: &mut Client,
        is_gone: watch::Receiver<bool>,
    ) -> Option<u16> {
        let mut ending = self.gateway.ending.subscribe();
        loop {
            let frame = tokio::select! {
                biased;
                _ = ending.wait_for(|is_ending| *is_ending) => return Some(GOING_AWAY),
                frame = inbox.next() => frame?,
                () = client.beat() => continue,
            };
            match frame {
                Message::Binary(_) => return Some(UNSUPPORTED),
                Message::Text(frame) => self.serve(frame, inbox, client, is_gone.clone()).await.ok()?,
                _ => {}
            }
        }
    }

    async fn serve(
        &self,
        frame: Utf8Bytes,
        inbox: &mut Inbox,
        client: &mut Client,
        mut is_gone: watch::Receiver<bool>,
    ) -> Result<(), Gone> {
        let log = Log::new(&self.gateway, "WS", Some(self.path));
        let answered = tokio::select! {
            biased;
            _ = is_gone.wait_for(|is_gone| *is_gone) => Err(Gone),
            answered = self.answer(frame, inbox, client, &log) => answered,
        };
        log.set(|entry| (entry.status, entry.is_cut) = (entry.status.or(Some(200)), answered.is_err()));
        answered
    }

    /// A failure while nothing was sent is an error frame, with the headers that an HTTP client gets.
    async fn answer(
        &self,
        frame: Utf8Bytes,
        inbox: &mut Inbox,
        client: &mut Client,
        log: &Log,
    ) -> Result<(), Gone> {
        let seen = frame.clone();
        let kind = work::on(frame.len(), move || client_frame(seen.as_bytes())).await;
        let refused = match kind {
            Ok(ClientFrame::Processed) => return Ok(()),
            Ok(ClientFrame::Append) => {
                Some(envelope(400, "send response.create with previous_response_id").into())
            }
            Ok(ClientFrame::Steer | ClientFrame::Interrupt) => {
                return client
                    .refuse(&frame, "response_not_active", "no response comes on this connection")
                    .await;
            }
            Ok(ClientFrame::WarmUp) => self.warm_up(frame, client, log).await?.map(Refused::from),
            Ok(ClientFrame::Create) => Box::pin(self.create(frame, inbox, client, log)).await?,
            Err(error) => Some(failure_of(&error, log).into()),
        };
        let Some(Refused { failure, headers }) = refused else { return Ok(()) };
        log.set(|entry| entry.status = Some(failure.status));
        let headers: Vec<_> =
            headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
        let frame = error_frame_with_headers(&failure, &headers);
        client.send(String::from_utf8_lossy(&frame).into_owned().into()).await
    }

    async fn create(
        &self,
        frame: Utf8Bytes,
        inbox: &mut Inbox,
        client: &mut Client,
        log: &Log,
    ) -> Result<Option<Refused>, Gone> {
        let exchange = match Exchange::new(self.gateway.clone(), self.request(frame, log)).await {
            Ok(exchange) => exchange,
            Err(error) => return Ok(Some(failure_of(&error, log).into())),
        };
        let mut settling = pin!(exchange.settled());
        let settled = loop {
            tokio::select! {
                settled = &mut settling => break settled,
                () = client.beat() => {}
            }
        };
        match settled {
            (exchange, Err(failure)) => Ok(Some(Refused { failure, headers: exchange.headers() })),
            settled => self.stream(settled, inbox, client).await.map(|()| None),
        }
    }

    fn request(&self, frame: Utf8Bytes, log: &Log) -> Request {
        Request {
            path: self.path,
            body: Bytes::from(frame),
            headers: self.headers.clone(),
            downstream: Transport::Websocket,
            conversation: Some(self.conversation.clone()),
            key: Some(Key::Connection(self.key)),
            log: log.clone(),
        }
    }

    async fn stream(
        &self,
        (mut exchange, settled): (Exchange, Result<(), Envelope>),
        inbox: &mut Inbox,
        client: &mut Client,
    ) -> Result<(), Gone> {
        let (sender, frames) = channel(MAX_WAITING);
        let mut upstream = Some(sender);
        exchange.pass(frames);
        let mut answer = pin!(Exchange::answer(std::future::ready((exchange, settled))));
        let mut events = SseParser::new(SseOptions::default());
        loop {
            let bytes = tokio::select! {
                bytes = answer.next() => bytes,
                frame = inbox.peek() => {
                    match (inbox.control(frame).await, &upstream) {
                        (Some(control), Some(upstream)) => client.control(control, upstream).await?,
                        _ => upstream = None, // the next request waits
                    }
                    continue;
                }
                () = client.beat() => continue,
            };
            let Some(bytes) = bytes else { return Ok(()) };
            let mut events = events.feed(&bytes);
            while let Ok(Some(event)) = events.next_event() {
                client.send(event.data.into()).await?;
            }
        }
    }

    /// A response id to go on from, on this connection: the upstream does not know of it.
    async fn warm_up(
        &self,
        frame: Utf8Bytes,
        client: &mut Client,
        log: &Log,
    ) -> Result<Option<Envelope>, Gone> {
        let turn: Expanded = match self.conversation.resolve(&frame.into()).await {
            Ok(turn) => turn,
            Err(error) => return Ok(Some(failure_of(&error, log))),
        };
        let id = random_id("resp_");
        self.conversation.remember_here(&turn, &warm_up_response(&id));
        for event in warm_up_frames(&id) {
            client.send(event.into()).await?;
        }
        Ok(None)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.gateway.upstream.drop_of(&Key::Connection(self.key));
    }
}

impl Client {
    fn new(sink: SplitSink<WebSocket, Message>, heartbeat: Option<Duration>) -> Self {
        let mut ping = interval(heartbeat.unwrap_or(DAY));
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ping.reset();
        Self { sink, ping, has_pings: heartbeat.is_some() }
    }

    /// Waits until the client has taken it: a slow client slows the upstream.
    async fn send(&mut self, text: Utf8Bytes) -> Result<(), Gone> {
        self.sink.send(Message::Text(text)).await.map_err(|_| Gone)
    }

    /// Sends a frame about the response on to the upstream, or answers why that cannot be.
    async fn control(
        &mut self,
        (kind, frame): (ClientFrame, Utf8Bytes),
        upstream: &Sender<(ClientFrame, String)>,
    ) -> Result<(), Gone> {
        let (code, why) = match (upstream.try_send((kind, frame.as_str().to_owned())), kind) {
            (Ok(()), _) => return Ok(()),
            (Err(TrySendError::Full(_)), _) => ("too_many_pending_steers", "too many frames wait"),
            (Err(TrySendError::Closed(_)), ClientFrame::Interrupt) => ("interrupt_not_supported", NO_SOCKET),
            (Err(TrySendError::Closed(_)), _) => ("steering_not_supported", NO_SOCKET),
        };
        self.refuse(&frame, code, why).await
    }

    async fn refuse(&mut self, frame: &str, code: &str, why: &str) -> Result<(), Gone> {
        match refused_control(frame.as_bytes(), code, why) {
            Ok(refused) => self.send(refused.into()).await,
            Err(_) => Ok(()), // it was read before
        }
    }

    /// Ends after a ping.
    async fn beat(&mut self) {
        self.ping.tick().await;
        if self.has_pings {
            let _ = self.sink.send(Message::Ping(Bytes::new())).await;
        }
    }
}
