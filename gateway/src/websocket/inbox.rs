//! What a client sends, in its order.
//!
//! Input: the messages of its WebSocket. Output: the next one to serve; while a response comes, those that are about it.
//! State: messages that are read and wait.

use crate::work;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use sluicegate::{ClientFrame, client_frame};
use std::future::pending;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// So many messages are read before they are served.
const READ_AHEAD: usize = 2;

pub(super) struct Inbox {
    received: mpsc::Receiver<Message>,
    /// It waits for the end of the response that comes.
    held: Option<Message>,
    reading: JoinHandle<()>,
}

impl Inbox {
    /// Also when the client is gone.
    pub(super) fn new(stream: SplitStream<WebSocket>) -> (Self, watch::Receiver<bool>) {
        let (messages, received) = mpsc::channel(READ_AHEAD);
        let (gone, is_gone) = watch::channel(false);
        let reading = tokio::spawn(read(stream, messages, gone));
        (Self { received, held: None, reading }, is_gone)
    }

    /// The next message; none where the client is gone.
    pub(super) async fn next(&mut self) -> Option<Message> {
        match self.held.take() {
            Some(held) => Some(held),
            None => self.received.recv().await,
        }
    }

    /// The next message while a response comes, for [`Inbox::control`]; never ends while one waits.
    pub(super) async fn peek(&mut self) -> Message {
        if self.held.is_some() {
            return pending().await;
        }
        match self.received.recv().await {
            Some(message) => message,
            None => pending().await,
        }
    }

    /// A frame about the response that comes; any other message waits.
    pub(super) async fn control(&mut self, message: Message) -> Option<(ClientFrame, Utf8Bytes)> {
        if let Message::Text(frame) = &message {
            let seen = frame.clone();
            let kind = work::on(frame.len(), move || client_frame(seen.as_bytes())).await;
            if let Ok(kind @ (ClientFrame::Steer | ClientFrame::Interrupt)) = kind {
                return Some((kind, frame.clone()));
            }
        }
        self.held = Some(message);
        None
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

/// Hands messages on, no faster than they are served, and reports when the client is gone.
async fn read(
    mut stream: SplitStream<WebSocket>,
    messages: mpsc::Sender<Message>,
    gone: watch::Sender<bool>,
) {
    while let Some(Ok(message)) = stream.next().await {
        let is_data = matches!(message, Message::Text(_) | Message::Binary(_));
        if is_data && messages.send(message).await.is_err() {
            break;
        }
    }
    gone.send_replace(true);
}
