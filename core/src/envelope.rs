//! Enters: an upstream failure in any of its shapes. Leaves: the error body that OpenAI clients know.
//!
//! `response.failed` has `response.error`; an `error` event is flat (HTTP) or nested (WebSocket, some HTTP servers).

use crate::json::{Str, Value};
use crate::limits::MAX_MESSAGE_BYTES;
use crate::outcome::{ErrorBody, clip};
use crate::responses::Members;

const NO_DETAILS: &str = "upstream stream failed without error details";

/// From `response.error` or a nested `error`; a bare string is its message.
pub(crate) fn from_object(error: Option<Value<'_>>, status: Option<u64>) -> ErrorBody {
    let member = |key| error.and_then(|error| error.get(key));
    let message = member("message").or(error);
    body(message, member("type"), member("param"), member("code"), status)
}

/// From an `error` event, flat or nested.
pub(crate) fn from_event(event: &Members<'_>) -> ErrorBody {
    let status = event.status.and_then(Value::as_u64);
    match event.error.filter(|error| !error.is_null()) {
        Some(error) => from_object(Some(error), status),
        None => body(event.message, None, event.param, event.code, status),
    }
}

/// From a body that is no stream: `{"error":…}`, `{"detail":…}`, or the error object itself.
pub(crate) fn from_body(body: Value<'_>) -> ErrorBody {
    let error = ["error", "detail"].iter().find_map(|key| body.get(key).filter(|error| !error.is_null()));
    from_object(error.or(Some(body)), None)
}

/// From our own words.
pub(crate) fn of(code: &str, message: &str) -> ErrorBody {
    let kind = kind(status_of(code)).to_owned();
    ErrorBody { message: message.to_owned(), kind, param: None, code: Some(code.to_owned()) }
}

/// A stream that ended without a terminal event.
pub(crate) fn truncated() -> ErrorBody {
    of("upstream_truncated", "upstream stream truncated before a terminal event")
}

/// A response that somebody cancelled.
pub(crate) fn cancelled() -> ErrorBody {
    of("response_cancelled", "the response was cancelled")
}

fn body(
    message: Option<Value<'_>>,
    kind: Option<Value<'_>>,
    param: Option<Value<'_>>,
    code: Option<Value<'_>>,
    status: Option<u64>,
) -> ErrorBody {
    let code = text(code);
    let status = status.filter(|status| (400..600).contains(status));
    let fallback = || self::kind(status.unwrap_or_else(|| status_of(code.as_deref().unwrap_or_default())));
    ErrorBody {
        message: message.and_then(|message| text(Some(message))).unwrap_or_else(|| NO_DETAILS.to_owned()),
        kind: text(kind).unwrap_or_else(|| fallback().to_owned()),
        param: text(param),
        code,
    }
}

/// A string, or a number in its own digits; nothing else can stand in an error body.
fn text(value: Option<Value<'_>>) -> Option<String> {
    let value = value?;
    let text = match value.as_str() {
        Some(text) => Str::decode(text),
        None if value.as_u64().is_some() => String::from_utf8_lossy(value.raw()).into_owned(),
        None => return None,
    };
    (!text.is_empty()).then(|| clip(&text, MAX_MESSAGE_BYTES).to_owned())
}

/// HTTP status of a failure that came inside a stream.
fn status_of(code: &str) -> u64 {
    match code {
        "context_length_exceeded"
        | "context_too_large"
        | "invalid_encrypted_content"
        | "invalid_prompt"
        | "previous_response_not_found"
        | "cyber_policy"
        | "bio_policy"
        | "unsupported_parameter"
        | "invalid_request_error"
        | "content_policy_violation" => 400,
        "invalid_api_key" | "authentication_error" | "unauthorized" | "token_invalidated" => 401,
        "permission_error" | "forbidden" => 403,
        "not_found" | "not_found_error" | "model_not_found" => 404,
        "rate_limit_exceeded" | "rate_limit_error" | "usage_limit_reached" | "insufficient_quota" => 429,
        "server_is_overloaded" | "slow_down" | "service_unavailable_error" => 503,
        _ => 502,
    }
}

/// The `type` that goes with a status.
fn kind(status: u64) -> &'static str {
    match status {
        400 => "invalid_request_error",
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        _ => "server_error",
    }
}
