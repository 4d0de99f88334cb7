//! Which headers are passed on: lists in both directions.
//!
//! Input: the headers of one side. Output: those for the other side. State: none.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use sluicegate::{Dialect, Profile, Transport};

/// Who is asked for, to the upstream; together they make the tenant.
pub(crate) const CREDENTIALS: [&str; 6] =
    ["authorization", "api-key", "x-api-key", "chatgpt-account-id", "openai-organization", "openai-project"];

/// Names an account of `ChatGPT`; with it, `authorization` is a login there, which no other server must see.
const ACCOUNT: &str = "chatgpt-account-id";

/// Of any client, to any upstream.
const TO_ANY: [&str; 11] = [
    "authorization",
    "api-key",
    "x-api-key",
    "openai-organization",
    "openai-project",
    "user-agent",
    "x-client-request-id",
    "idempotency-key",
    "traceparent",
    "tracestate",
    "baggage",
];

/// Of the Codex CLI and the clients of Responses.
const TO_RESPONSES: [&str; 10] = [
    ACCOUNT,
    "session-id",
    "session_id",
    "thread-id",
    "thread_id",
    "conversation-id",
    "conversation_id",
    "originator",
    "version",
    "accept-language",
];
const TO_RESPONSES_FAMILIES: [&str; 4] = ["openai-", "x-codex-", "x-openai-", "x-stainless-"];

/// Of clients of Messages.
const TO_MESSAGES: [&str; 2] = [VERSION, "anthropic-beta"];
const VERSION: &str = "anthropic-version";
const NEWEST_VERSION: &str = "2023-06-01";
const KEY: &str = "x-api-key";
/// What Claude Code calls its conversation.
const SESSION: &str = "x-claude-code-session-id";
const MAX_SESSION_BYTES: usize = 256;

/// What an upstream reports of the account, the model and the request.
const TO_CLIENT: [&str; 5] =
    [REQUEST_ID, "x-oai-request-id", "x-models-etag", "x-reasoning-included", "x-should-retry"];
const TO_CLIENT_FAMILIES: [&str; 3] = ["openai-", "x-codex-", "x-ratelimit-"];

/// The profile's values of these do not replace the client's.
const CLIENTS_OWN: [&str; 2] = ["originator", "version"];

/// Marks requests whose tools and instructions are in their input.
pub(crate) const LITE: &str = "x-openai-internal-codex-responses-lite";
pub(crate) const REQUEST_ID: &str = "x-request-id";

/// The client's, its credentials with them, and what the upstream expects.
pub(crate) fn upstream_headers(
    client: &HeaderMap,
    api: Dialect,
    more: &[HeaderName],
    profile: &Profile,
    transport: Transport,
) -> HeaderMap {
    let is_login = api == Dialect::Chat && client.contains_key(ACCOUNT);
    let passes = |name: &HeaderName| match name.as_str() {
        "authorization" if is_login => false,
        name if TO_ANY.contains(&name) => true,
        _ if more.contains(name) => true,
        name => {
            (api == Dialect::Messages && TO_MESSAGES.contains(&name))
                || api == Dialect::Responses
                    && (TO_RESPONSES.contains(&name) || is_of(name, &TO_RESPONSES_FAMILIES))
        }
    };
    let mut passed = listed(client, passes);
    if transport == Transport::Http {
        passed.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, value) in profile.headers(transport) {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else {
            continue;
        };
        if !(CLIENTS_OWN.contains(&name.as_str()) && passed.contains_key(&name)) {
            passed.insert(name, value);
        }
    }
    passed
}

/// Clients of Messages name their key otherwise than the others do, and so do its servers.
pub(crate) fn of_messages(headers: &mut HeaderMap, api: Dialect) {
    if api == Dialect::Messages {
        headers.entry(VERSION).or_insert(HeaderValue::from_static(NEWEST_VERSION));
        let bearer =
            headers.get(header::AUTHORIZATION).and_then(|own| own.to_str().ok()?.strip_prefix("Bearer "));
        // A login of a subscription stays what it is.
        let key = bearer
            .filter(|key| !key.starts_with("sk-ant-oat"))
            .and_then(|key| HeaderValue::try_from(key).ok());
        if let Some(key) = key.filter(|_| !headers.contains_key(KEY)) {
            headers.remove(header::AUTHORIZATION);
            headers.insert(KEY, key);
        }
    } else if !headers.contains_key(header::AUTHORIZATION)
        && let Some(key) = headers.remove(KEY)
        && let Ok(bearer) = HeaderValue::try_from([b"Bearer ", key.as_bytes()].concat())
    {
        headers.insert(header::AUTHORIZATION, bearer);
    }
}

/// What the client calls the conversation.
pub(crate) fn session_of(headers: &HeaderMap) -> Option<String> {
    let session = headers.get(SESSION)?.to_str().ok()?;
    (!session.is_empty() && session.len() <= MAX_SESSION_BYTES).then(|| session.to_owned())
}

/// Those of an upstream that the client gets.
pub(crate) fn client_headers(upstream: &HeaderMap) -> HeaderMap {
    listed(upstream, |name| TO_CLIENT.contains(&name.as_str()) || is_of(name.as_str(), &TO_CLIENT_FAMILIES))
}

/// What `Connection` names is of the connection, whatever it is.
fn listed(headers: &HeaderMap, passes: impl Fn(&HeaderName) -> bool) -> HeaderMap {
    let named = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let named: Vec<_> =
        named.flat_map(|names| names.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect();
    let is_passed = |name: &HeaderName| passes(name) && !named.iter().any(|own| own == name.as_str());
    let passed = headers.iter().filter(|(name, _)| is_passed(name));
    passed.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn is_of(name: &str, families: &[&str]) -> bool {
    families.iter().any(|family| name.starts_with(family))
}
