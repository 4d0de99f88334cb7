//! Requests over a WebSocket.
//!
//! Input: request bodies, one after the other, and what the client sends while an answer comes. Output: the frames that
//! answer each. State: the socket, and what the upstream has of the conversation.

use super::http::Client;
use super::link::chunk;
use super::refused::{Refused, refused, unreachable, why};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use sluicegate::{Baseline, ClientFrame, Controls, ws_request};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

const MAX_FRAME_BYTES: usize = 64 << 20;
const CONNECT: Duration = Duration::from_secs(15);

/// It answers one request at a time.
pub(crate) struct Session {
    socket: WebSocketStream<TokioIo<Upgraded>>,
    baseline: Option<Baseline>,
    controls: Controls,
    /// Frames of the client that are still to be sent.
    waiting: VecDeque<String>,
    is_unflushed: bool,
}

impl Session {
    /// A session, or what the upstream answered instead.
    pub(super) async fn open(client: &Client, mut headers: HeaderMap) -> Result<Self, Refused> {
        let key = generate_key();
        let own = HeaderValue::try_from(&key).map_err(|_| unreachable("no key"))?;
        headers.insert(header::SEC_WEBSOCKET_KEY, own);
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        let asked = timeout(CONNECT, client.upgrade(headers)).await;
        let answer =
            asked.map_err(|_| unreachable("timeout"))?.map_err(|error| unreachable(&why(&*error)))?;
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            let (head, mut body) = answer.into_parts();
            let status = head.status.as_u16();
            return Err(refused(status, head.headers, |context| chunk(&mut body, context)).await);
        }
        let accept = answer.headers().get(header::SEC_WEBSOCKET_ACCEPT);
        if accept.is_none_or(|accept| accept.as_bytes() != derive_accept_key(key.as_bytes()).as_bytes()) {
            return Err(unreachable("no WebSocket"));
        }
        let upgraded = hyper::upgrade::on(answer).await.map_err(|_| unreachable("no WebSocket"))?;
        let limits = WebSocketConfig::default()
            .max_message_size(Some(MAX_FRAME_BYTES))
            .max_frame_size(Some(MAX_FRAME_BYTES));
        let socket =
            WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, Some(limits)).await;
        Ok(Self {
            socket,
            baseline: None,
            controls: Controls::default(),
            waiting: VecDeque::new(),
            is_unflushed: false,
        })
    }

    /// Sends a request; only its new end, where the upstream has the rest.
    pub(super) async fn ask(&mut self, body: &[u8]) -> Result<(), ()> {
        let request = ws_request(body, self.baseline.as_ref()).map_err(|_| ())?;
        self.baseline = Baseline::new(body).ok();
        self.controls.request();
        let request = Utf8Bytes::try_from(request).map_err(|_| ())?;
        self.socket.send(Message::Text(request)).await.map_err(|_| ())
    }

    /// Sends what the client sent while the answer comes, when the answer is read next.
    pub(super) fn send(&mut self, kind: ClientFrame, frame: String) {
        self.controls.sent(kind);
        self.waiting.push_back(frame);
    }

    pub(super) fn controls(&self) -> &Controls {
        &self.controls
    }

    /// The next frame of the answer; none where the socket is closed.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Utf8Bytes>> {
        self.poll_send(context);
        let frame = ready!(self.poll_frame(context));
        if let Some(frame) = &frame {
            self.controls.frame(frame);
            if let Some(baseline) = &mut self.baseline {
                baseline.frame(frame);
            }
        }
        Poll::Ready(frame)
    }

    /// Ends when anything comes while nothing was asked, or the socket is closed. Pings are answered.
    pub(super) async fn idle(&mut self) {
        poll_fn(|context| self.poll_frame(context)).await;
    }

    /// As far as the socket takes it. A socket that cannot be written to ends while it is read.
    fn poll_send(&mut self, context: &mut Context<'_>) {
        loop {
            if self.is_unflushed && self.socket.poll_flush_unpin(context).is_pending() {
                return;
            }
            self.is_unflushed = false;
            let Some(frame) = self.waiting.pop_front() else { return };
            self.is_unflushed = self.socket.start_send_unpin(Message::text(frame)).is_ok();
        }
    }

    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Utf8Bytes>> {
        loop {
            match ready!(self.socket.poll_next_unpin(context)) {
                Some(Ok(Message::Text(frame))) => return Poll::Ready(Some(frame)),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Binary(_) | Message::Close(_) | Message::Frame(_)) | Err(_)) | None => {
                    return Poll::Ready(None);
                }
            }
        }
    }
}
