//! Enters: an error. Leaves: what a Response says of it, `response.error`.

use crate::json::write;
use crate::outcome::ErrorBody;

/// The codes that the official clients' models know.
const TYPED: &[&str] = &[
    SERVER_ERROR,
    RATE_LIMIT,
    "invalid_prompt",
    "data_residency_mismatch",
    "bio_policy",
    "misalignment_policy_violation",
    "vector_store_timeout",
    "invalid_image",
    "invalid_image_format",
    "invalid_base64_image",
    "invalid_image_url",
    "image_too_large",
    "image_too_small",
    "image_parse_error",
    "image_content_policy_violation",
    "invalid_image_mode",
    "image_file_too_large",
    "unsupported_image_media_type",
    "empty_image_file",
    "failed_to_download_image",
    "image_file_not_found",
];

/// Codes that the API sends though its models lack them, and by which clients decide: Codex shortens its history, gives
/// up, or sends the whole input.
const DECISIVE: &[&str] = &[
    "context_length_exceeded",
    "cyber_policy",
    "insufficient_quota",
    "usage_limit_reached",
    "usage_not_included",
    "server_is_overloaded",
    "slow_down",
    "previous_response_not_found",
    "invalid_encrypted_content",
];

const SERVER_ERROR: &str = "server_error";
const RATE_LIMIT: &str = "rate_limit_exceeded";

/// Another code than a client knows stands where the type of the original error may, so that it can still be told.
pub(crate) fn error_object(out: &mut Vec<u8>, error: &ErrorBody) {
    let own = error.code.as_deref();
    let known = own.filter(|code| TYPED.contains(code) || DECISIVE.contains(code));
    out.extend_from_slice(b"{\"code\":");
    write::string(out, known.unwrap_or_else(|| class(error)));
    out.extend_from_slice(b",\"message\":");
    write::string(out, &error.message);
    if let Some(other) = own.filter(|_| known.is_none()) {
        out.extend_from_slice(b",\"type\":");
        write::string(out, other);
    }
    out.push(b'}');
}

/// The general code that clients know: Codex waits as long as the message of a rate limit says.
fn class(error: &ErrorBody) -> &'static str {
    if error.kind == "rate_limit_error" { RATE_LIMIT } else { SERVER_ERROR }
}
