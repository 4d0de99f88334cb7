//! Members of an error object, as far as an error body holds them.
//!
//! Input: an object and a name. Output: what the member has, cut to a limit; none for what is null. State: none.

use super::codes;
use crate::json::{Str, Value};
use crate::limits::{MAX_DETAIL_BYTES, MAX_MESSAGE_BYTES};
use crate::outcome::clip;

/// Members that hold the message, the plainest first.
pub(super) const MESSAGES: [&str; 8] = [
    "message",
    "Message",
    "detail",
    "msg",
    "error_msg",
    "error_message",
    "errorMessage",
    "error_description",
];
/// Members that say why, where nothing else does.
pub(super) const REASONS: [&str; 4] = ["faultstring", "reason", "exception", "title"];
/// Members that hold the code.
pub(super) const CODES: [&str; 4] = ["code", "error_code", "errorCode", "__type"];

/// A member that is not null.
pub(super) fn member<'a>(object: Value<'a>, key: &str) -> Option<Value<'a>> {
    object.get(key).filter(|value| !value.is_null())
}

/// A status that is one of a failure.
pub(super) fn status(object: Value<'_>) -> Option<u16> {
    let read = |key: &&str| string(member(object, key)?)?.parse().ok().and_then(codes::failure);
    ["status", "status_code", "statusCode", "http_code"].iter().find_map(read)
}

/// A string, or a whole number in its own digits; nothing else can stand in an error body.
pub(super) fn string(value: Value<'_>) -> Option<String> {
    let text = match value.as_str() {
        // One byte takes at most six, as an escape.
        Some(text) => String::from_utf8_lossy(&text.prefix(6 * MAX_MESSAGE_BYTES)).into_owned(),
        None => value.as_u64().and_then(|_| number(value))?,
    };
    (!text.is_empty()).then(|| clip(&text, MAX_MESSAGE_BYTES).to_owned())
}

/// A number in its own digits, sent as one or as a string.
pub(super) fn number(value: Value<'_>) -> Option<String> {
    let digits = value.as_str().map_or(value.raw(), Str::raw);
    (digits.len() <= MAX_DETAIL_BYTES).then(|| String::from_utf8_lossy(digits).into_owned())
}
