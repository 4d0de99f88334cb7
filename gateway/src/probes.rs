//! Probes of Messages clients, answered here.
//!
//! Input: a request that core takes for one. Output: a Message of one token, with its usage. State: none.

use crate::answers::whole;
use crate::ids::random_id;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};
use sluicegate::{count_tokens, is_probe};

/// The answer to a probe; `None` for any other request.
pub(crate) fn answer(body: &[u8]) -> Option<Response> {
    if !is_probe(body) {
        return None;
    }
    let asked: Value = serde_json::from_slice(body).ok()?;
    let message = json!({
        "id": random_id("msg_"),
        "type": "message",
        "role": "assistant",
        "model": asked["model"],
        "content": [{ "type": "text", "text": "Hi" }],
        "stop_reason": "max_tokens",
        "stop_sequence": null,
        "usage": { "input_tokens": count_tokens(body).ok()?, "output_tokens": 1 },
    });
    Some(whole(message.to_string().into_bytes(), HeaderMap::new()))
}
