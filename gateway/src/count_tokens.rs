//! How many tokens a Messages request has.
//!
//! Input: a request without `max_tokens`. Output: `{"input_tokens":n}`: the upstream's own count, else core's estimate. State: none.

use crate::answers::{failed_for, failure_of, whole};
use crate::body;
use crate::gateway::Gateway;
use crate::headers::{client_headers, of_messages, upstream_headers};
use crate::log::Log;
use crate::routes::COUNT_TOKENS;
use crate::upstream::{Refused, Sent, Whole};
use crate::work;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};
use sluicegate::{Dialect, Profile, Transport};
use std::sync::Arc;

/// Of an upstream that has no such endpoint.
const MISSING: [u16; 3] = [404, 405, 501];
/// How Anthropic begins a 404 that is about the model, not the endpoint.
const NO_MODEL: &str = "model:";

/// Answers a client of Messages.
pub(crate) async fn count_tokens(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let log = head.extensions.get::<Log>().cloned();
    let log = log.unwrap_or_else(|| Log::new(&gateway, "POST", Some(COUNT_TOKENS)));
    let body = match body::whole(&head.headers, body, gateway.config.max_body_bytes, &log).await {
        Ok(body) => body,
        Err(failure) => return body::unread(Dialect::Messages, &failure),
    };
    match counted(&gateway, &head.headers, &body).await {
        Some(Ok((headers, count))) => whole(count, client_headers(&headers)),
        Some(Err(Refused { failure, headers })) => {
            log.set(|entry| entry.class = Some(failure.class.as_str()));
            failed_for(Dialect::Messages, &failure, client_headers(&headers), Some(&log.id_value()))
        }
        None => estimated(body, &log).await,
    }
}

/// What the upstream counts, or answers instead; `None` where it has no such endpoint, or cannot be reached.
async fn counted(gateway: &Gateway, client: &HeaderMap, body: &Bytes) -> Option<Whole> {
    let config = &gateway.config;
    if config.upstream_api != Dialect::Messages {
        return None;
    }
    let profile = gateway.route("/v1/messages").map_or_else(Profile::default, |route| route.profile.clone());
    let mut headers =
        upstream_headers(client, config.upstream_api, &config.pass_headers, &profile, Transport::Http);
    of_messages(&mut headers, config.upstream_api);
    match gateway.upstream.count_tokens(Sent { headers, body: body.to_vec() }).await? {
        Ok((headers, count)) => {
            let read: Value = serde_json::from_slice(&count).ok()?;
            read["input_tokens"].as_u64()?;
            Some(Ok((headers, count)))
        }
        Err(refused) => {
            let Refused { failure, .. } = &refused;
            let is_missing =
                MISSING.contains(&failure.status) && !failure.error.message.starts_with(NO_MODEL);
            (!is_missing).then_some(Err(refused))
        }
    }
}

async fn estimated(body: Bytes, log: &Log) -> Response {
    match work::on(body.len(), move || sluicegate::count_tokens(&body)).await {
        Ok(tokens) => whole(json!({ "input_tokens": tokens }).to_string().into_bytes(), HeaderMap::new()),
        Err(error) => {
            let failure = failure_of(&error, log);
            failed_for(Dialect::Messages, &failure, HeaderMap::new(), Some(&log.id_value()))
        }
    }
}
