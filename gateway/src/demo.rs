//! A stand-in for an upstream, for a first try: it answers anything with a few words.
//!
//! Input: requests to `/responses` and `/chat/completions`. Output: a stream of that dialect. State: none.

use axum::http::header;
use axum::response::IntoResponse;
use axum::{Router, routing};
use std::io;
use tokio::net::TcpListener;

const RESPONSES: &str = include_str!("demo/responses.sse");
const CHAT: &str = include_str!("demo/chat.sse");

/// Listens on the loopback. Gives its URL.
pub(crate) async fn start() -> io::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let stream = |text: &'static str| {
        routing::post(async move || ([(header::CONTENT_TYPE, "text/event-stream")], text).into_response())
    };
    let app = Router::new().route("/responses", stream(RESPONSES)).route("/chat/completions", stream(CHAT));
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(url)
}
