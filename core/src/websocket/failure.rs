//! Failures of a request, by transport.
//!
//! Input: a failure and the transport of its request. Output: what to try next; and the error frame for a WebSocket
//! client. State: none.

use crate::envelope::Envelope;
use crate::json::tree::Node;
use crate::json::{Str, write};
use crate::limits::MAX_ERROR_TEXT_BYTES;
use crate::outcome::{ErrorClass, codes};
use crate::request::Transport;

codes! {
    /// What to do about a request that failed. A retry always sends the whole request: what the upstream had is gone.
    Recovery;
    /// Once more, over HTTP.
    RetryHttpFull = "retry_http_full",
    /// Once more, over a new WebSocket.
    RetryWsFull = "retry_ws_full",
    /// Another transport does not help: see the class for what may.
    Surface = "surface",
}

const RETRY_AFTER: [&str; 2] = ["retry-after", "retry-after-ms"];

/// What a failure is known by.
enum By {
    Status(u16),
    Code(&'static str),
    Class(ErrorClass),
}

/// The first that holds counts.
const RECOVERIES: &[(Transport, By, Recovery)] = &[
    (Transport::Websocket, By::Code("websocket_connection_limit_reached"), Recovery::RetryWsFull),
    (Transport::Websocket, By::Code("model_not_found"), Recovery::Surface),
    (Transport::Websocket, By::Class(ErrorClass::RetryFullInput), Recovery::RetryWsFull),
    // The upstream has no WebSocket: by its own message, or because it knows no such path or method.
    (Transport::Websocket, By::Status(426), Recovery::RetryHttpFull),
    (Transport::Websocket, By::Status(405), Recovery::RetryHttpFull),
    (Transport::Websocket, By::Class(ErrorClass::NotFound), Recovery::RetryHttpFull),
    (Transport::Websocket, By::Class(ErrorClass::Retryable), Recovery::RetryHttpFull),
    (Transport::Websocket, By::Class(ErrorClass::Truncated), Recovery::RetryHttpFull),
    (Transport::Http, By::Class(ErrorClass::UseWebsocket), Recovery::RetryWsFull),
    (Transport::Http, By::Class(ErrorClass::RetryFullInput), Recovery::RetryHttpFull),
];

/// What to do about a request that failed over `transport`. `committed`: the client has been sent something already, and
/// nothing can be taken back. After a status 426 the host stays with HTTP ([`crate::RouteOptions::http_latched`]); it
/// also counts attempts, for an upstream that fails either way.
pub fn after_failure(transport: Transport, failure: &Envelope, committed: bool) -> Recovery {
    let holds = |by: &By| match by {
        By::Status(status) => failure.status == *status,
        By::Code(code) => failure.error.code.as_deref() == Some(code),
        By::Class(class) => failure.class == *class,
    };
    let rows = RECOVERIES.iter().filter(|_| !committed);
    let row = rows.into_iter().find(|(over, by, _)| *over == transport && holds(by));
    row.map_or(Recovery::Surface, |(.., recovery)| *recovery)
}

/// The error frame for a WebSocket client; [`crate::error_envelope`] of it is the same failure again.
pub fn error_frame(failure: &Envelope) -> Vec<u8> {
    error_frame_with_headers(failure, &[])
}

/// [`error_frame`] with further headers, which an HTTP client would get beside the body: the Codex CLI reads `x-codex-*`.
/// When to come back is the failure's.
pub fn error_frame_with_headers(failure: &Envelope, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut out = b"{\"type\":\"error\",\"status\":".to_vec();
    write::number(&mut out, failure.status.into());
    out.extend_from_slice(b",\"error\":");
    failure.error.write(&mut out);
    out.extend_from_slice(b",\"headers\":{");
    let wait = failure.retry_after_ms.map(|ms| [ms.div_ceil(1000).to_string(), ms.to_string()]);
    let wait = wait.iter().flat_map(|values| RETRY_AFTER.into_iter().zip(values.iter().map(String::as_str)));
    let others = headers.iter().copied().filter(|(name, _)| !RETRY_AFTER.contains(name));
    write::separated(&mut out, wait.chain(others), |out, (name, value)| {
        write::string(out, name);
        out.push(b':');
        write::string(out, value);
    });
    out.extend_from_slice(b"}}");
    out
}

/// Those of an upstream's `error` frame, if they are not too many. The Codex backend has numbers among them.
pub(super) fn headers(frame: Node<'_>) -> Vec<(String, String)> {
    let headers = frame.get("headers").filter(|headers| headers.raw().len() <= MAX_ERROR_TEXT_BYTES);
    let members = headers.into_iter().flat_map(Node::members);
    let read = |member: Node<'_>| {
        let is_plain =
            member.raw().first().is_some_and(|byte| matches!(byte, b'-' | b'0'..=b'9' | b't' | b'f'));
        let plain = || is_plain.then(|| String::from_utf8_lossy(member.raw()).into_owned());
        Some((member.key().decode().to_ascii_lowercase(), member.as_str().map(Str::decode).or_else(plain)?))
    };
    members.filter_map(read).filter(|(name, value)| is_header(name, value)).collect()
}

/// As RFC 9110 has them.
fn is_header(name: &str, value: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_text = |byte: u8| byte == b'\t' || (byte >= b' ' && byte != 0x7f);
    !name.is_empty() && name.bytes().all(is_token) && value.bytes().all(is_text)
}
