//! Answers to clients.
//!
//! Input: what an exchange came to. Output: a response. State: none.

use crate::log::Log;
use crate::silence::Silence;
use async_stream::stream;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::Stream;
use futures_util::StreamExt;
use sluicegate::{
    Dialect, Envelope, Error, Failure, Transcoder, content_type, error_envelope, failure_headers,
};
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// A failure with its HTTP status, in OpenAI's form.
pub(crate) fn failed(failure: &Envelope, headers: HeaderMap) -> Response {
    failed_for(Dialect::Responses, failure, headers, None)
}

/// The same in the form of the client's dialect. `id`: the request's.
pub(crate) fn failed_for(
    client: Dialect,
    failure: &Envelope,
    mut headers: HeaderMap,
    id: Option<&HeaderValue>,
) -> Response {
    for (name, value) in failure_headers(failure.retry_after_ms) {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    let status = StatusCode::from_u16(failure.status_for(client)).unwrap_or(StatusCode::BAD_GATEWAY);
    let id = id.filter(|_| client == Dialect::Messages);
    if let Some(id) = id {
        headers.insert(HeaderName::from_static("request-id"), id.clone());
    }
    let body = failure.body_for(client, id.and_then(|id| id.to_str().ok()));
    response(status, headers, Body::from(body))
}

/// All of an answer.
pub(crate) fn whole(body: Vec<u8>, mut headers: HeaderMap) -> Response {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(false)));
    response(StatusCode::OK, headers, Body::from(body))
}

/// An answer as it arrives, with a heartbeat in every silence of that length. Nothing is read ahead: a slow client slows
/// the upstream. One that leaves drops the answer, and with it the upstream's connection.
pub(crate) fn streamed(
    answer: impl Stream<Item = Bytes> + Send + 'static,
    mut headers: HeaderMap,
    client: Dialect,
    heartbeat: Option<Duration>,
) -> Response {
    let own = [
        (header::CONTENT_TYPE, content_type(true)),
        (header::CACHE_CONTROL, "no-cache"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    headers.extend(own.map(|(name, value)| (name, HeaderValue::from_static(value))));
    let body = match heartbeat {
        Some(silence) => Body::from_stream(with_heartbeats(answer, client, silence).map(Ok::<_, Infallible>)),
        None => Body::from_stream(answer.map(Ok::<_, Infallible>)),
    };
    response(StatusCode::OK, headers, body)
}

fn with_heartbeats(
    answer: impl Stream<Item = Bytes>,
    client: Dialect,
    span: Duration,
) -> impl Stream<Item = Bytes> {
    stream! {
        let mut answer = pin!(answer);
        let (mut silence, mut has_begun) = (Silence::new(span), false);
        loop {
            let next = poll_fn(|context| match answer.as_mut().poll_next(context) {
                Poll::Ready(next) => Poll::Ready(Some(next)),
                Poll::Pending => silence.poll(context).map(|()| None),
            });
            match next.await {
                Some(Some(bytes)) => {
                    has_begun = true;
                    yield bytes;
                }
                Some(None) => break,
                None => yield Bytes::from_static(Transcoder::heartbeat_for(client, has_begun)),
            }
            silence.end();
        }
    }
}

fn response(status: StatusCode, headers: HeaderMap, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// A failure of this server's own words.
pub(crate) fn envelope(status: u16, message: &str) -> Envelope {
    with_code(status, message, None)
}

pub(crate) fn with_code(status: u16, message: &str, code: Option<&str>) -> Envelope {
    let kind = if status < 500 { "invalid_request_error" } else { "server_error" };
    let error = serde_json::json!({ "message": message, "type": kind, "param": null, "code": code });
    let body = serde_json::json!({ "error": error }).to_string();
    error_envelope(&Failure { status: Some(status), body: body.as_bytes(), ..Failure::default() })
}

/// A request that must not be sent, a store that is down, or a fault of this code.
pub(crate) fn failure_of(error: &Error, log: &Log) -> Envelope {
    let failure = match error {
        Error::Store { .. } => with_code(503, "the conversations cannot be read now", Some("store")),
        Error::Rejected { .. } | Error::InvalidJson { .. } => {
            let body = error.envelope();
            error_envelope(&Failure { status: Some(400), body: body.as_bytes(), ..Failure::default() })
        }
        fault => {
            log.set(|entry| entry.fault = Some(fault.code()));
            envelope(500, "the gateway failed")
        }
    };
    log.set(|entry| entry.class = Some(failure.class.as_str()));
    failure
}
