//! A gateway in Rust: chat completions over an upstream that only streams.
//!
//! Input: `POST /v1/chat/completions`. Output: its answer, from an upstream that only streams `/responses`: chat SSE as
//! it arrives, or one chat completion; any failure with its HTTP status. State: a pool of connections.

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing};
use sluicegate::futures::{chat_sse, collect};
use sluicegate::{
    ChatOptions, Envelope, Error, Failure, Outcome, Page, Profile, RequestOptions, Transport,
    chat_to_responses, content_type, error_envelope, failure_headers,
};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Conversations with pictures in them are large.
const BODY_BYTES: usize = 64 << 20;

struct Gateway {
    client: reqwest::Client,
    /// Of the upstream's Responses endpoint.
    url: String,
    profile: Profile,
}

/// A gateway to the endpoint `/responses` under `upstream`, whose rules the profile has.
pub fn router(upstream: &str, profile: Profile) -> Router {
    let url = format!("{}/responses", upstream.trim_end_matches('/'));
    let gateway = Gateway { client: reqwest::Client::new(), url, profile };
    Router::new()
        .route("/v1/chat/completions", routing::post(chat_completions))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .with_state(Arc::new(gateway))
}

async fn chat_completions(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let request = chat_to_responses(&body, &gateway.profile, &RequestOptions::default())?;
    let is_stream = request.context.stream;
    let upstream = gateway.send(request.body, &headers).await?;
    let chunks = Box::pin(upstream.bytes_stream());
    let options = ChatOptions {
        context: Some(request.context.into()),
        created: now_ms() / 1000,
        ..ChatOptions::default()
    };
    let body = if is_stream {
        let mut frames = chat_sse(chunks, options);
        if let Some(failure) = frames.failure().await {
            return Err(failure.into());
        }
        Body::from_stream(frames.on_end(|outcome, error| log(&outcome, error.as_ref())))
    } else {
        let collected = collect(chunks, options).await;
        log(&collected.outcome, collected.error.as_ref());
        if let Some(failure) = collected.outcome.envelope() {
            return Err(failure.into());
        }
        collected.completion.into()
    };
    Ok(([(header::CONTENT_TYPE, content_type(is_stream))], body).into_response())
}

impl Gateway {
    /// The upstream's answer, where it is a success. The client's credentials are the upstream's.
    async fn send(&self, body: Vec<u8>, client: &HeaderMap) -> Result<reqwest::Response, Envelope> {
        let mut request =
            self.client.post(&self.url).header(header::CONTENT_TYPE, content_type(false)).body(body);
        for (name, value) in self.profile.headers(Transport::Http) {
            request = request.header(name, value);
        }
        if let Some(credentials) = client.get(header::AUTHORIZATION) {
            request = request.header(header::AUTHORIZATION, credentials);
        }
        let response = request.send().await.map_err(|_| error_envelope(&Failure::default()))?;
        if response.status().is_success() { Ok(response) } else { Err(refused(response).await) }
    }
}

/// Of the upstream's page, however long, as much is read as an envelope is made of.
async fn refused(mut response: reqwest::Response) -> Envelope {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let headers: Vec<_> =
        headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let mut page = Page::default();
    while let (false, Ok(Some(chunk))) = (page.is_full(), response.chunk().await) {
        page.feed(&chunk);
    }
    let (status, now_ms) = (Some(status), Some(now_ms()));
    let failure = Failure { status, headers: &headers, body: page.bytes(), now_ms };
    error_envelope(&failure)
}

/// An answer that is an error.
struct Refusal {
    status: u16,
    retry_after_ms: Option<u64>,
    body: String,
}

impl From<Error> for Refusal {
    /// A request that must not be sent.
    fn from(error: Error) -> Self {
        Self { status: 400, retry_after_ms: None, body: error.envelope() }
    }
}

impl From<Envelope> for Refusal {
    fn from(failure: Envelope) -> Self {
        Self { status: failure.status, retry_after_ms: failure.retry_after_ms, body: failure.body() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_GATEWAY);
        let mut response = (status, self.body).into_response();
        for (name, value) in failure_headers(self.retry_after_ms) {
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

fn log(outcome: &Outcome, error: Option<&reqwest::Error>) {
    let error = error.map(|error| format!(" {error}")).unwrap_or_default();
    eprintln!("{}{error}", outcome.to_json());
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
