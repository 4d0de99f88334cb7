//! Requests over a WebSocket.
//!
//! Input: request bodies, one after the other. Output: the frames that answer each. State: the socket, and what the
//! upstream has of the conversation.

use super::link::chunk;
use super::{Refused, refused, unreachable, why};
use crate::gateway::Gateway;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use sluicegate::{Baseline, ws_request};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

const MAX_FRAME_BYTES: usize = 64 << 20;

/// It answers one request at a time.
pub(crate) struct Session {
    socket: WebSocketStream<TokioIo<Upgraded>>,
    baseline: Option<Baseline>,
}

impl Session {
    /// A session, or what the upstream answered instead.
    pub(super) async fn open(gateway: &Gateway, mut headers: HeaderMap) -> Result<Self, Refused> {
        let key = generate_key();
        let own = HeaderValue::try_from(&key).map_err(|_| unreachable("no key"))?;
        headers.insert(header::SEC_WEBSOCKET_KEY, own);
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        let asked = timeout(super::CONNECT, gateway.client.upgrade(headers)).await;
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
        Ok(Self { socket, baseline: None })
    }

    /// Sends a request; only its new end, where the upstream has the rest.
    pub(super) async fn ask(&mut self, body: &[u8]) -> Result<(), ()> {
        let request = ws_request(body, self.baseline.as_ref()).map_err(|_| ())?;
        self.baseline = Baseline::new(body).ok();
        let request = Utf8Bytes::try_from(request).map_err(|_| ())?;
        self.socket.send(Message::Text(request)).await.map_err(|_| ())
    }

    /// The next frame of the answer; none where the socket is closed.
    pub(super) async fn next(&mut self) -> Option<Utf8Bytes> {
        let frame = self.frame().await?;
        if let Some(baseline) = &mut self.baseline {
            baseline.frame(&frame);
        }
        Some(frame)
    }

    /// Ends when anything comes while nothing was asked, or the socket is closed. Pings are answered.
    pub(super) async fn idle(&mut self) {
        self.frame().await;
    }

    async fn frame(&mut self) -> Option<Utf8Bytes> {
        loop {
            match self.socket.next().await?.ok()? {
                Message::Text(frame) => return Some(frame),
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Binary(_) | Message::Close(_) | Message::Frame(_) => return None,
            }
        }
    }
}
