//! The lists of models.
//!
//! Input: who asks, by the path and the query. Output: a list in its shape. State: none; the catalog is the gateway's.
//!
//! Codex asks with its version, and wants more than the API has. What it is given replaces what it knows of a model, its
//! prompt too: it gets the upstream's own list, and a model that lacks one of the members it needs is left out, so that Codex
//! goes by what it knows.

use crate::answers::{failed_for, with_code};
use crate::gateway::Gateway;
use crate::headers::upstream_headers;
use crate::routes::MODELS;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use sluicegate::{CatalogShape, Dialect, Profile, Transport};
use std::sync::Arc;

/// Without one of these Codex 0.171 reads no model at all.
const NEEDED_BY_CODEX: [&str; 11] = [
    "slug",
    "display_name",
    "supported_reasoning_levels",
    "shell_type",
    "visibility",
    "supported_in_api",
    "priority",
    "base_instructions",
    "support_verbosity",
    "truncation_policy",
    "experimental_supported_tools",
];

/// The upstream's list where it is for this client, else the catalog's.
pub(crate) async fn models(State(gateway): State<Arc<Gateway>>, uri: Uri, headers: HeaderMap) -> Response {
    let query = uri.query().unwrap_or_default();
    let is_codex =
        uri.path() == MODELS[1] || query.split('&').any(|pair| pair.starts_with("client_version="));
    let list = if is_codex {
        of_codex(&gateway, &headers, query).await
    } else {
        of_client(&gateway, &headers).await
    };
    json_body(list)
}

/// One model of the list, as the client knows it.
pub(crate) async fn model(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let list: Value = serde_json::from_str(&of_client(&gateway, &headers).await).unwrap_or_default();
    let found = list["data"].as_array().into_iter().flatten().find(|model| model["id"] == *id);
    let missing = || {
        let failure = with_code(404, "there is no such model in the list", Some("model_not_found"));
        failed_for(dialect(&headers), &failure, HeaderMap::new(), None)
    };
    found.map_or_else(missing, |model| json_body(model.to_string()))
}

fn json_body(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], Body::from(text)).into_response()
}

fn dialect(client: &HeaderMap) -> Dialect {
    if client.contains_key("anthropic-version") { Dialect::Messages } else { Dialect::Responses }
}

async fn of_client(gateway: &Gateway, client: &HeaderMap) -> String {
    let list = of_api(gateway, client).await;
    if dialect(client) == Dialect::Messages { for_messages(&list) } else { list }
}

async fn of_codex(gateway: &Gateway, client: &HeaderMap, query: &str) -> String {
    let has_list = gateway.config.upstream_api == Dialect::Responses;
    let live = if has_list { ask(gateway, client, query).await } else { None };
    let live = live.and_then(|list| for_codex(&list));
    live.or_else(|| for_codex(gateway.catalog().to_json(CatalogShape::Codex).as_bytes())).unwrap_or_default()
}

/// Of a chat server's models the catalog knows nothing.
async fn of_api(gateway: &Gateway, client: &HeaderMap) -> String {
    let has_own = gateway.config.upstream_api != Dialect::Responses;
    let live = if has_own { ask(gateway, client, "").await } else { None };
    let live = live.and_then(|list| of_server(&list));
    live.unwrap_or_else(|| gateway.catalog().to_json(CatalogShape::OpenAi))
}

/// The list as clients of Messages know it; the time is that of the first of all.
fn for_messages(list: &str) -> String {
    const CREATED: &str = "1970-01-01T00:00:00Z";
    let list: Value = serde_json::from_str(list).unwrap_or_default();
    let ids = list["data"].as_array().into_iter().flatten().filter_map(|model| model["id"].as_str());
    let models: Vec<_> = ids
        .map(|id| json!({ "type": "model", "id": id, "display_name": id, "created_at": CREATED }))
        .collect();
    let id = |model: Option<&Value>| model.map_or(Value::Null, |model| model["id"].clone());
    let (first, last) = (id(models.first()), id(models.last()));
    json!({ "data": models, "has_more": false, "first_id": first, "last_id": last }).to_string()
}

/// The upstream's own list.
async fn ask(gateway: &Gateway, client: &HeaderMap, query: &str) -> Option<Vec<u8>> {
    let config = &gateway.config;
    let profile = Profile::of_upstream(config.upstream_api);
    let headers =
        upstream_headers(client, config.upstream_api, &config.pass_headers, &profile, Transport::Http);
    gateway.upstream.models(headers, query).await
}

/// The models that Codex can read; `None` for another kind of list.
fn for_codex(list: &[u8]) -> Option<String> {
    let mut list: Value = serde_json::from_slice(list).ok()?;
    let models = list.get_mut("models").and_then(Value::as_array_mut)?;
    let has = |model: &Value, name: &str| model.get(name).is_some_and(|own| !own.is_null());
    models.retain(|model| NEEDED_BY_CODEX.iter().all(|name| has(model, name)));
    Some(list.to_string())
}

/// A chat server's list, as the API has it.
fn of_server(list: &[u8]) -> Option<String> {
    let list: Value = serde_json::from_slice(list).ok()?;
    let lists = [list.get("data"), list.get("models"), Some(&list)];
    let mut models = lists.into_iter().flatten().find_map(Value::as_array)?.clone();
    models.iter_mut().for_each(typed);
    models.retain(|model| model.get("id").is_some_and(Value::is_string));
    Some(json!({ "object": "list", "data": models }).to_string())
}

/// Some servers name their models otherwise, or give no more than the name.
fn typed(model: &mut Value) {
    let name =
        ["id", "slug", "name"].iter().find_map(|name| model.get(name).filter(|own| own.is_string())).cloned();
    let (Some(name), Some(members)) = (name, model.as_object_mut()) else { return };
    members.entry("id").or_insert(name);
    let missing = [("object", json!("model")), ("created", json!(0)), ("owned_by", json!("upstream"))];
    for (key, value) in missing {
        members.entry(key).or_insert(value);
    }
}
