//! One line of JSON on standard error for each request when it is over: never content, never a secret.
//!
//! Input: what is known of the request, by and by. Output: the line. State: what is known so far.

use crate::gateway::Gateway;
use crate::ids::random_id;
use crate::lines::write;
use crate::metrics::Metrics;
use crate::store::lock;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderValue, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Frame, SizeHint};
use serde::Serialize;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Instant;

/// What a line has; the names are those of the gateway example.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// Of the request; its answer has it as `x-request-id`, where the upstream gave none.
    pub(crate) id: String,
    /// The upstream's `x-request-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upstream_id: Option<String>,
    pub(crate) method: &'static str,
    /// None for a path that is not served: it could contain anything.
    pub(crate) path: Option<&'static str>,
    /// Of the route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) changes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transport: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retries: Option<u32>,
    /// Of the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) class: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) notes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) input_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output_tokens: Option<u64>,
    /// Why the next request cannot go on from this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unrecorded: Option<&'static str>,
    /// Of this server's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<&'static str>,
    pub(crate) status: Option<u16>,
    /// Whether the client was gone before the end.
    pub(crate) is_cut: bool,
    ms: u64,
    /// The client was gone before it was answered.
    #[serde(skip)]
    is_left: bool,
}

/// One request's line, written when nobody knows of the request any more.
#[derive(Debug, Clone)]
pub(crate) struct Log(Arc<Line>);

#[derive(Debug)]
struct Line {
    begun: Instant,
    metrics: Arc<Metrics>,
    /// None where there is to be no line.
    entry: Mutex<Option<Entry>>,
}

impl Log {
    pub(crate) fn new(gateway: &Gateway, method: &'static str, path: Option<&'static str>) -> Self {
        let metrics = gateway.metrics.clone();
        metrics.begin();
        let entry = Entry { id: random_id("req_"), method, path, is_cut: true, ..Entry::default() };
        Self(Arc::new(Line { begun: Instant::now(), metrics, entry: Mutex::new(Some(entry)) }))
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
            self.0.metrics.forget();
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
        self.metrics.end(entry.path.unwrap_or("other"), entry.status.unwrap_or_default(), entry.class);
        write(&entry);
    }
}

/// A store that failed; `code` is the system's word for why.
#[derive(Serialize)]
struct StoreFailure<'a> {
    store: &'static str,
    code: &'a str,
}

pub(crate) fn store_failed(code: &str) {
    write(&StoreFailure { store: "error", code });
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
