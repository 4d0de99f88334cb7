//! Streams of chat completions over an upstream that only streams `/responses`: `short UPSTREAM_URL PORT`.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::{Router, extract::State, routing::post};
use sluicegate::{Dialect, Envelope, Failure, Options, Profile, RequestOptions, Transport};
use sluicegate::{convert_request, error_envelope, futures::transcode};

async fn chat(State(url): State<String>, client: HeaderMap, body: Bytes) -> Result<Response, Response> {
    let (profile, options) = (Profile::codex(), RequestOptions::default());
    let asked = convert_request(&body, Some(Dialect::Chat), Dialect::Responses, &profile, &options)
        .map_err(|error| (StatusCode::BAD_REQUEST, error.envelope()).into_response())?; // it must not be sent
    let key = client.get("authorization").and_then(|key| key.to_str().ok()).unwrap_or_default();
    let request = reqwest::Client::new().post(url).body(asked.body).header("authorization", key);
    let headers = profile.headers(Transport::Http).into_iter();
    let request = headers.fold(request, |request, (name, value)| request.header(name, value));
    let answer = request.send().await.map_err(|_| refused(&error_envelope(&Failure::default())))?;
    if !answer.status().is_success() {
        let (status, body) = (Some(answer.status().as_u16()), answer.bytes().await.unwrap_or_default());
        return Err(refused(&error_envelope(&Failure { status, body: &body, ..Failure::default() })));
    }
    let options = Options { context: Some(asked.context.into()), ..Options::default() };
    let mut frames = transcode(Box::pin(answer.bytes_stream()), Dialect::Chat, Dialect::Responses, options);
    if let Some(failure) = frames.failure().await {
        return Err(refused(&failure)); // before it had anything for the client
    }
    Ok(([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(frames)).into_response())
}

fn refused(failure: &Envelope) -> Response {
    (StatusCode::from_u16(failure.status).unwrap_or(StatusCode::BAD_GATEWAY), failure.body()).into_response()
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let [url, port] = [1, 2].map(|nth| std::env::args().nth(nth).unwrap_or_default());
    let router = Router::new().route("/v1/chat/completions", post(chat)).with_state(url + "/responses");
    axum::serve(tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?, router).await
}
