//! The least that a gateway in Rust can do, with the same server and client: `pass UPSTREAM` passes bytes on.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use axum::{Router, routing};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

type Upstream = (Client<HttpConnector, Body>, Uri);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let upstream: Uri = format!("{}/responses", std::env::args().nth(1).unwrap_or_default()).parse()?;
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let app = Router::new().route("/v1/chat/completions", routing::post(pass)).with_state((client, upstream));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{{\"url\":\"http://{}\"}}", listener.local_addr()?);
    axum::serve(listener.tap_io(|stream| drop(stream.set_nodelay(true))), app).await?;
    Ok(())
}

async fn pass(State((client, upstream)): State<Upstream>, request: Request) -> Response {
    let sent =
        Request::post(upstream).header(header::CONTENT_TYPE, "application/json").body(request.into_body());
    let Ok(sent) = sent else { return StatusCode::BAD_REQUEST.into_response() };
    match client.request(sent).await {
        Ok(answer) => answer.map(Body::new),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}
