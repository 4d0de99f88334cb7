//! One line of JSON on standard error for each request when it is over: never content, never a secret.
//!
//! Input: what is known of the request, by and by. Output: the line. State: what is known so far.

mod entry;

use crate::gateway::Gateway;
use crate::ids::random_id;
use crate::lines::write;
use crate::lock::lock;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderValue, StatusCode};
use entry::Entry;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Instant;

/// One request's line, written when nobody knows of the request any more.
#[derive(Clone)]
pub(crate) struct Log(Arc<Line>);

struct Line {
    begun: Instant,
    gateway: Arc<Gateway>,
    /// None where there is to be no line.
    entry: Mutex<Option<Entry>>,
}

impl Log {
    pub(crate) fn new(gateway: &Arc<Gateway>, method: &'static str, path: Option<&'static str>) -> Self {
        gateway.metrics.begin();
        let entry = Entry::new(random_id("req_"), method, path);
        Self(Arc::new(Line {
            begun: Instant::now(),
            gateway: gateway.clone(),
            entry: Mutex::new(Some(entry)),
        }))
    }

    /// The request's id.
    pub(crate) fn id_value(&self) -> HeaderValue {
        let id = lock(&self.0.entry).as_ref().and_then(|entry| HeaderValue::try_from(&entry.id).ok());
        id.unwrap_or(HeaderValue::from_static("none"))
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = lock(&self.0.entry).as_mut() {
            change(entry);
        }
    }

    /// The client is gone: what it is answered does not count.
    pub(crate) fn leave(&self) {
        self.set(|entry| entry.is_left = true);
    }

    /// There is no line.
    pub(crate) fn discard(&self) {
        if lock(&self.0.entry).take().is_some() {
            self.0.gateway.metrics.forget();
        }
    }

    fn end(&self) {
        self.set(|entry| entry.is_cut = entry.is_left);
    }

    /// The body of the answer with that status; the line tells whether the client took all of it.
    pub(crate) fn watch(self, status: StatusCode, body: Body) -> Body {
        self.set(|entry| entry.status = Some(status.as_u16()).filter(|_| !entry.is_left));
        Body::new(UnsyncBoxBody::new(Watched { body, log: self }))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let Some(mut entry) = lock(&self.entry).take() else { return };
        entry.ms = self.begun.elapsed().as_millis() as u64;
        let (path, gateway) = (entry.path.unwrap_or("other"), &self.gateway);
        gateway.metrics.end(path, entry.status.unwrap_or_default(), entry.class);
        write(&entry);
        if let Some(route) = gateway.route(path) {
            gateway.recent.push(entry.row(route.client.as_str()));
        }
    }
}

/// A body that notes its end.
struct Watched {
    body: Body,
    log: Log,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) {
            self.log.end();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if self.body.is_end_stream() {
            self.log.end();
        }
    }
}
