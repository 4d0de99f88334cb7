//! A failure as clients of Messages know it.
//!
//! Input: an [`Envelope`]. Output: `{"type":"error","error":{"type","message"},"request_id"}`, as a body or an event. State:
//! none. The type follows the status; a type of its own that Messages knows is kept. Claude Code acts on types and on some
//! wordings: a context that is too long is compacted where the message says so in Anthropic's words.

use super::{CLOSE_EVENT, ERROR, too_long};
use crate::dialect::Dialect;
use crate::envelope::Envelope;
use crate::json::write;
use crate::outcome::ErrorClass;

/// Types of errors by HTTP status; those that two statuses have stand at the first.
const TYPES: &[(u16, &str)] = &[
    (400, INVALID_REQUEST),
    (401, "authentication_error"),
    (402, "billing_error"),
    (403, "permission_error"),
    (404, "not_found_error"),
    (408, "timeout_error"),
    (409, "conflict_error"),
    (413, TOO_LARGE),
    (429, "rate_limit_error"),
    (500, API_ERROR),
    (503, OVERLOADED),
    (504, "timeout_error"),
    (529, OVERLOADED),
];

/// Types that say less than a status.
const GENERIC: [&str; 2] = [INVALID_REQUEST, API_ERROR];
const INVALID_REQUEST: &str = "invalid_request_error";
/// Of the body, where [`too_long`] is of the context: Claude Code speaks of images then, and never compacts.
const TOO_LARGE: &str = "request_too_large";
const API_ERROR: &str = "api_error";
/// The only type that Claude Code takes as a reason to stream again.
const OVERLOADED: &str = "overloaded_error";

/// What to send with the envelope's status: `{"type":"error",…}`.
pub(super) fn error_body(error: &Envelope, request_id: Option<&str>) -> Vec<u8> {
    let mut out = b"{\"type\":\"error\"".to_vec();
    members(&mut out, error, type_of(error));
    if let Some(id) = request_id {
        out.extend_from_slice(b",\"request_id\":");
        write::string(&mut out, id);
    }
    out.push(b'}');
    out
}

/// The event that ends a stream. `is_lost`: the client has nothing of the answer yet, so it should try again where that
/// helps.
pub(super) fn event(out: &mut Vec<u8>, error: &Envelope, is_lost: bool) {
    super::open_event(out, ERROR);
    let helps = matches!(
        error.class,
        ErrorClass::Retryable | ErrorClass::Overloaded | ErrorClass::Truncated | ErrorClass::RateLimited
    );
    let is_free = type_of_host(error).is_none();
    members(out, error, if is_free && is_lost && helps { OVERLOADED } else { type_of(error) });
    out.extend_from_slice(CLOSE_EVENT);
}

fn members(out: &mut Vec<u8>, error: &Envelope, kind: &str) {
    out.extend_from_slice(b",\"error\":{\"type\":");
    write::string(out, kind);
    out.extend_from_slice(b",\"message\":");
    let own = &error.error;
    let of_context = is_of_context(error).then(|| too_long::message(&own.message, &own.more));
    write::string(out, of_context.as_ref().unwrap_or(&own.message));
    if !own.more.is_empty() {
        write::pieces(out, [b",", own.more.as_bytes()]);
    }
    out.push(b'}');
}

fn is_type(name: &&str) -> bool {
    TYPES.iter().any(|(_, own)| own == name)
}

/// A code that the host chose is the type, where it is one: Messages has no codes.
fn type_of_host(error: &Envelope) -> Option<&str> {
    error.code_of_host().filter(is_type)
}

fn type_of(error: &Envelope) -> &str {
    if let Some(own) = type_of_host(error) {
        return own;
    }
    let own = Some(&*error.error.kind).filter(is_type).filter(|kind| !GENERIC.contains(kind));
    match error.class {
        ErrorClass::Overloaded => OVERLOADED,
        _ if is_of_context(error) => INVALID_REQUEST,
        _ => own.unwrap_or_else(|| type_of_status(error.status)),
    }
}

fn is_of_context(error: &Envelope) -> bool {
    error.class == ErrorClass::ContextLength && error.error.kind != TOO_LARGE
}

fn type_of_status(status: u16) -> &'static str {
    let own = TYPES.iter().find(|(own, _)| *own == status).map(|(_, name)| *name);
    own.unwrap_or(if status < 500 { INVALID_REQUEST } else { API_ERROR })
}

impl Envelope {
    /// The HTTP status to send to a client of that dialect: [`Envelope::status`], but 400 for Messages where a context is too
    /// long, whatever the upstream said it with.
    pub fn status_for(&self, client: Dialect) -> u16 {
        if client == Dialect::Messages && is_of_context(self) { 400 } else { self.status }
    }

    /// What to send to a client of that dialect: [`Envelope::body`], or for Messages
    /// `{"type":"error","error":{"type","message"},"request_id"}`. `request_id`: the one that the answer's header names.
    pub fn body_for(&self, client: Dialect, request_id: Option<&str>) -> String {
        match client {
            Dialect::Messages => String::from_utf8_lossy(&error_body(self, request_id)).into_owned(),
            Dialect::Chat | Dialect::Responses => self.body(),
        }
    }
}
