//! The WebSocket side.
//!
//! Input: WebSocket upgrades, and frames of Responses clients. Output: the events of their answers, one in each frame.
//! State: per connection its conversations and, by its key, the upstream's WebSocket.

use crate::answers::{envelope, failed, failure_of};
use crate::conversations::Conversation;
use crate::exchange::{Exchange, Request};
use crate::gateway::{Gateway, Open};
use crate::http::settled;
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
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use sluicegate::{
    ClientFrame, Envelope, Expanded, SseOptions, SseParser, Transport, client_frame,
    error_frame_with_headers, warm_up_frames, warm_up_response,
};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Interval, MissedTickBehavior, interval};

/// So many frames are read before they are served.
const READ_AHEAD: usize = 2;
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
        let (frames, received) = mpsc::channel(READ_AHEAD);
        let (gone, is_gone) = watch::channel(false);
        let reading = tokio::spawn(read(stream, frames, gone));
        let mut client = Client::new(sink, self.gateway.config.heartbeat);
        if let Some(code) = self.serve_all(received, &mut client, is_gone).await {
            let close = CloseFrame { code, reason: Utf8Bytes::default() };
            let _ = client.sink.send(Message::Close(Some(close))).await;
        }
        reading.abort();
    }

    /// Why the connection is to be closed; nothing where it is gone.
    async fn serve_all(
        &self,
        mut received: mpsc::Receiver<Message>,
        client: &mut Client,
        is_gone: watch::Receiver<bool>,
    ) -> Option<u16> {
        let mut ending = self.gateway.ending.subscribe();
        loop {
            let frame = tokio::select! {
                biased;
                _ = ending.wait_for(|is_ending| *is_ending) => return Some(GOING_AWAY),
                frame = received.recv() => frame?,
                () = client.beat() => continue,
            };
            match frame {
                Message::Binary(_) => return Some(UNSUPPORTED),
                Message::Text(frame) => self.serve(frame, client, is_gone.clone()).await.ok()?,
                _ => {}
            }
        }
    }

    async fn serve(
        &self,
        frame: Utf8Bytes,
        client: &mut Client,
        mut is_gone: watch::Receiver<bool>,
    ) -> Result<(), Gone> {
        let log = Log::new(&self.gateway, "WS", Some(self.path));
        let answered = tokio::select! {
            biased;
            _ = is_gone.wait_for(|is_gone| *is_gone) => Err(Gone),
            answered = self.answer(frame, client, &log) => answered,
        };
        log.set(|entry| (entry.status, entry.is_cut) = (entry.status.or(Some(200)), answered.is_err()));
        answered
    }

    /// A failure while nothing was sent is an error frame, with the headers that an HTTP client gets.
    async fn answer(&self, frame: Utf8Bytes, client: &mut Client, log: &Log) -> Result<(), Gone> {
        let seen = frame.clone();
        let kind = work::on(frame.len(), move || client_frame(seen.as_bytes())).await;
        let refused = match kind {
            Ok(ClientFrame::Processed) => return Ok(()),
            Ok(ClientFrame::Append) => {
                Some(envelope(400, "send response.create with previous_response_id").into())
            }
            Ok(ClientFrame::Steer | ClientFrame::Interrupt) => {
                Some(envelope(400, "this server takes no frame while a response comes").into())
            }
            Ok(ClientFrame::WarmUp) => self.warm_up(frame, client, log).await?.map(Refused::from),
            Ok(ClientFrame::Create) => self.create(frame, client, log).await?,
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
        client: &mut Client,
        log: &Log,
    ) -> Result<Option<Refused>, Gone> {
        let exchange = match Exchange::new(self.gateway.clone(), self.request(frame, log)).await {
            Ok(exchange) => exchange,
            Err(error) => return Ok(Some(failure_of(&error, log).into())),
        };
        let mut settling = pin!(settled(exchange));
        let settled = loop {
            tokio::select! {
                settled = &mut settling => break settled,
                () = client.beat() => {}
            }
        };
        match settled {
            (exchange, Err(failure)) => Ok(Some(Refused { failure, headers: exchange.headers() })),
            settled => self.stream(settled, client).await.map(|()| None),
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
        settled: (Exchange, Result<(), Envelope>),
        client: &mut Client,
    ) -> Result<(), Gone> {
        let mut answer = pin!(Exchange::answer(std::future::ready(settled)));
        let mut events = SseParser::new(SseOptions::default());
        loop {
            let bytes = tokio::select! {
                bytes = answer.next() => bytes,
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
        self.gateway.kept.drop_of(&Key::Connection(self.key));
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

    /// Ends after a ping.
    async fn beat(&mut self) {
        self.ping.tick().await;
        if self.has_pings {
            let _ = self.sink.send(Message::Ping(Bytes::new())).await;
        }
    }
}

/// Hands frames on, no faster than they are served, and reports when the client is gone.
async fn read(mut stream: SplitStream<WebSocket>, frames: mpsc::Sender<Message>, gone: watch::Sender<bool>) {
    while let Some(Ok(frame)) = stream.next().await {
        let is_data = matches!(frame, Message::Text(_) | Message::Binary(_));
        if is_data && frames.send(frame).await.is_err() {
            break;
        }
    }
    gone.send_replace(true);
}
