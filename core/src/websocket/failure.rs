//! Failures of a request, by transport.
//!
//! Input: a failure and the transport of its request. Output: what to try next; and the error frame for a WebSocket
//! client. State: none.

use crate::envelope::Envelope;
use crate::json::write;
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

/// What a failure is known by.
enum By {
    Status(u16),
    Code(&'static str),
    Class(ErrorClass),
}

/// The first that holds counts.
const RECOVERIES: &[(Transport, By, Recovery)] = &[
    (Transport::Websocket, By::Code("websocket_connection_limit_reached"), Recovery::RetryWsFull),
    (Transport::Websocket, By::Code("message_too_big"), Recovery::RetryHttpFull),
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
    let mut out = b"{\"type\":\"error\",\"status\":".to_vec();
    write::number(&mut out, failure.status.into());
    out.extend_from_slice(b",\"error\":");
    failure.error.write(&mut out);
    out.extend_from_slice(b",\"headers\":{");
    if let Some(ms) = failure.retry_after_ms {
        let headers = format!("\"retry-after\":\"{}\",\"retry-after-ms\":\"{ms}\"", ms.div_ceil(1000));
        out.extend_from_slice(headers.as_bytes());
    }
    out.extend_from_slice(b"}}");
    out
}
