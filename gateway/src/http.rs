//! The HTTP side.
//!
//! Input: HTTP requests. Output: answers. State: none; what outlives a request is the gateway's.

use crate::answers::{envelope, failed, failed_for, failure_of, streamed, whole};
use crate::body;
use crate::conversations::Conversation;
use crate::count_tokens::count_tokens;
use crate::exchange::{Exchange, Request};
use crate::gateway::Gateway;
use crate::guard::refusal;
use crate::headers::{LITE, REQUEST_ID};
use crate::log::Log;
use crate::models::{model, models};
use crate::page;
use crate::probes;
use crate::routes::{COUNT_TOKENS, Client, HEALTH, METRICS, MODEL, MODELS};
use crate::tenant::Tenant;
use crate::upstream::Key;
use crate::websocket;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing};
use sluicegate::{Dialect, Transport, compaction_request, images_request};
use std::future::ready;
use std::sync::Arc;
use tokio::time::timeout;

/// Of the name of a conversation.
const MAX_SESSION_BYTES: usize = 256;

type Incoming = axum::extract::Request;

/// Everything that is served.
pub(crate) fn app(gateway: &Arc<Gateway>) -> Router {
    let mut app = Router::new()
        .route(HEALTH, routing::get(async || r#"{"ok":true}"#))
        .route(METRICS, routing::get(metrics))
        .route(COUNT_TOKENS, routing::post(count_tokens))
        .route(MODEL, routing::get(model));
    for path in MODELS {
        app = app.route(path, routing::get(models));
    }
    for route in &gateway.routes {
        let (path, client) = (route.path, route.client);
        let post = routing::post(move |State(gateway): State<Arc<Gateway>>, request: Incoming| {
            serve(gateway, path, client, request)
        });
        let methods = if client.has_sockets() { post.get(websocket::upgrade) } else { post };
        app = app.route(path, methods);
    }
    app.merge(page::routes(gateway))
        .fallback(|request| unserved(404, "there is no such path here", request))
        .method_not_allowed_fallback(|request| unserved(405, "not by this method", request))
        .layer(middleware::from_fn_with_state(gateway.clone(), watched))
        .with_state(gateway.clone())
}

async fn unserved(status: u16, why: &'static str, request: Incoming) -> Response {
    body::skip(request.into_body()).await;
    failed(&envelope(status, why), HeaderMap::new())
}

/// One line for each request when it is over: it has its answer, or the client is gone.
async fn watched(State(gateway): State<Arc<Gateway>>, mut request: Incoming, next: Next) -> Response {
    let log = Log::new(&gateway, method(request.method()), known_path(&gateway, request.uri().path()));
    request.extensions_mut().insert(log.clone());
    let is_socket = request.headers().contains_key(header::UPGRADE);
    let has_sockets = gateway.route(request.uri().path()).is_some_and(|route| route.client.has_sockets());
    let mut response = if let Some(refusal) = refusal(&gateway.config, request.headers()) {
        failed(&refusal, HeaderMap::new())
    } else if is_socket && !has_sockets {
        failed(&envelope(404, "there is no WebSocket here"), HeaderMap::new())
    } else {
        next.run(request).await
    };
    response.headers_mut().entry(REQUEST_ID).or_insert_with(|| log.id_value());
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        log.discard();
        return response;
    }
    let status = response.status();
    response.map(|body| log.watch(status, body))
}

/// Of another path nothing is logged: it could contain anything.
fn known_path(gateway: &Gateway, path: &str) -> Option<&'static str> {
    let others = MODELS.into_iter().chain([HEALTH, METRICS, COUNT_TOKENS]).chain(page::PATHS);
    gateway.routes.iter().map(|route| route.path).chain(others).find(|known| *known == path)
}

fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        _ => "other",
    }
}

async fn serve(gateway: Arc<Gateway>, path: &'static str, client: Client, request: Incoming) -> Response {
    let (head, body) = request.into_parts();
    let log = head.extensions.get::<Log>().cloned().unwrap_or_else(|| Log::new(&gateway, "POST", Some(path)));
    let body = match body::whole(&head.headers, body, gateway.config.max_body_bytes, &log).await {
        Ok(body) => body,
        Err(failure) => return body::unread(client.dialect(), &failure),
    };
    let is_answered_here = client == Client::Messages && gateway.config.answers_probes;
    if let Some(answer) = is_answered_here.then(|| probes::answer(&body)).flatten() {
        return answer;
    }
    match exchange(&gateway, path, client, (head.headers, body), &log).await {
        Ok(exchange) => answer(&gateway, client.dialect(), exchange).await,
        Err(error) => {
            let failure = failure_of(&error, &log);
            failed_for(client.dialect(), &failure, HeaderMap::new(), Some(&log.id_value()))
        }
    }
}

async fn exchange(
    gateway: &Arc<Gateway>,
    path: &'static str,
    client: Client,
    (headers, body): (HeaderMap, Bytes),
    log: &Log,
) -> Result<Exchange, sluicegate::Error> {
    let body = match client {
        Client::Images => images_request(&body, &gateway.config.image_model)?.into(),
        Client::Compact => compaction_request(&body)?.into(),
        Client::Chat | Client::Responses | Client::Messages => body,
    };
    let tenant = Tenant::of(&headers, &gateway.config);
    let request = Request {
        path,
        body,
        downstream: Transport::Http,
        conversation: client.is_continued().then(|| Conversation::new(gateway, tenant.as_ref())),
        key: tenant.as_ref().and_then(|tenant| conversation_key(tenant, &headers)),
        headers,
        log: log.clone(),
    };
    Exchange::new(gateway.clone(), request).await
}

async fn answer(gateway: &Gateway, client: Dialect, exchange: Exchange) -> Response {
    let (is_stream, config) = (exchange.is_stream(), &gateway.config);
    let mut settling = Box::pin(exchange.settled());
    let first = match config.hold.filter(|_| is_stream) {
        Some(hold) => timeout(hold, &mut settling).await.ok(),
        None => Some((&mut settling).await),
    };
    match first {
        None => streamed(Exchange::answer(settling), HeaderMap::new(), client, config.heartbeat),
        Some((exchange, Err(failure))) => {
            failed_for(client, &failure, exchange.headers(), Some(&exchange.id()))
        }
        Some((mut exchange, Ok(()))) if !is_stream => whole(exchange.whole(), exchange.headers()),
        Some((exchange, Ok(()))) => {
            let headers = exchange.headers();
            streamed(Exchange::answer(ready((exchange, Ok(())))), headers, client, config.heartbeat)
        }
    }
}

/// Codex names its conversations; others have an upstream WebSocket for each request.
fn conversation_key(tenant: &Tenant, headers: &HeaderMap) -> Option<Key> {
    let session = headers.get("session-id").or_else(|| headers.get("session_id"))?.to_str().ok()?;
    let is_kept = session.len() <= MAX_SESSION_BYTES;
    // A Lite request can only go whole: the tools and instructions that mark it are in its input.
    (is_kept && !headers.contains_key(LITE)).then(|| Key::Conversation(tenant.0.clone(), session.to_owned()))
}

async fn metrics(State(gateway): State<Arc<Gateway>>) -> Response {
    let connections = *gateway.open.borrow();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], gateway.metrics.text(connections)).into_response()
}
