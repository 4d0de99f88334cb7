//! Enters: the code and the type of an error, or its status. Leaves: status and class.
//!
//! A specific name decides both; a general one (`invalid_request_error`) only gives a status where none was stated,
//! because the text often says more.

use crate::outcome::{ErrorClass, NoteCode};

/// The code of a stream that was cut.
pub(super) const TRUNCATED: &str = "upstream_truncated";
/// The code of a response that was cancelled.
pub(super) const CANCELLED: &str = "response_cancelled";
/// The code of a request with a field too many.
pub(super) const UNSUPPORTED_PARAMETER: &str = "unsupported_parameter";

/// Names that say what to do, as codes or as types.
const SPECIFIC: &[(ErrorClass, u16, &[&str])] = &[
    (ErrorClass::ContextLength, 400, &["context_length_exceeded", "context_too_large"]),
    (ErrorClass::ContextLength, 413, &["request_too_large"]),
    (ErrorClass::RetryWithoutReasoning, 400, &["invalid_encrypted_content", "thinking_signature_invalid"]),
    (ErrorClass::RetryFullInput, 400, &["previous_response_not_found"]),
    (ErrorClass::UseWebsocket, 400, &["routing_unsupported"]),
    (ErrorClass::ContentPolicy, 400, &["content_policy_violation", "image_content_policy_violation"]),
    (ErrorClass::ContentPolicy, 400, &["content_filter", "moderation_blocked", "cyber_policy", "bio_policy"]),
    (ErrorClass::Quota, 429, &["usage_limit_reached", "insufficient_quota", "usage_not_included"]),
    (ErrorClass::RateLimited, 429, &["rate_limit_exceeded"]),
    (ErrorClass::Overloaded, 503, &["server_is_overloaded", "slow_down"]),
    (ErrorClass::Overloaded, 503, &["service_unavailable_error", "overloaded_error"]),
    (ErrorClass::Retryable, 503, &["websocket_connection_limit_reached"]),
    (ErrorClass::Truncated, 502, &[TRUNCATED, "upstream_stream_truncated", "stream_incomplete"]),
    (ErrorClass::Truncated, 502, &[NoteCode::EventTooLarge.as_str()]),
];

/// Names that are as good as a status.
const GENERAL: &[(u16, &[&str])] = &[
    (400, &["invalid_request_error", "invalid_request", "bad_request", "invalid_prompt", "invalid_value"]),
    (400, &[UNSUPPORTED_PARAMETER, "unknown_parameter", "missing_required_parameter", "unsupported_value"]),
    (400, &["invalid_image", "invalid_image_format", "invalid_base64_image", "invalid_image_url"]),
    (400, &["image_too_large", "image_too_small", "image_parse_error", "invalid_image_mode"]),
    (400, &["image_file_too_large", "unsupported_image_media_type", "empty_image_file"]),
    (400, &["failed_to_download_image", "image_file_not_found"]),
    (401, &["authentication_error", "invalid_api_key", "unauthorized", "token_invalidated", "token_expired"]),
    (403, &["permission_error", "permission_denied", "forbidden", "unsupported_country_region_territory"]),
    (404, &["not_found", "not_found_error", "model_not_found"]),
    (429, &["rate_limit_error", "too_many_requests"]),
];

/// A status, if it is one of a failure.
pub(super) fn failure(status: u16) -> Option<u16> {
    (400..600).contains(&status).then_some(status)
}

/// Of the code, else of the type.
pub(super) fn specific(names: [Option<&str>; 2]) -> Option<(ErrorClass, u16)> {
    let row = |name| SPECIFIC.iter().find(|(.., known)| known.contains(&name));
    names.into_iter().flatten().find_map(row).map(|(class, status, _)| (*class, *status))
}

/// Of the code, else of the type. Gateways also put the status itself into the code.
pub(super) fn general(names: [Option<&str>; 2]) -> Option<u16> {
    let row = |name| GENERAL.iter().find(|(_, known)| known.contains(&name)).map(|(status, _)| *status);
    let number = |name: &str| name.parse().ok().and_then(failure);
    names.into_iter().flatten().find_map(|name| row(name).or_else(|| number(name)))
}

/// What to do where nothing but the status is known.
pub(super) fn class_of(status: u16) -> ErrorClass {
    match status {
        401 => ErrorClass::Auth,
        402 => ErrorClass::Quota,
        403 | 451 => ErrorClass::Permission,
        404 | 410 => ErrorClass::NotFound,
        413 => ErrorClass::ContextLength,
        429 => ErrorClass::RateLimited,
        529 => ErrorClass::Overloaded,
        408 | 409 | 425 | 500.. => ErrorClass::Retryable,
        _ => ErrorClass::InvalidRequest,
    }
}

/// The `type` that goes with a status.
pub(super) fn kind_of(status: u16) -> &'static str {
    match status {
        400 => "invalid_request_error",
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        _ => "server_error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_in_the_docs() {
        let errors = include_str!("../../../docs/errors.md");
        let specific = SPECIFIC.iter().map(|(class, status, names)| (*class, *status, *names));
        let general = GENERAL.iter().map(|(status, names)| (class_of(*status), *status, *names));
        for (class, status, names) in specific.chain(general) {
            let row = format!("| {status} | `{}` |", class.as_str());
            for name in names {
                let is_told = |line: &str| line.contains(&format!("`{name}`")) && line.contains(&row);
                assert!(errors.lines().any(is_told), "{name} {row} is not in docs/errors.md");
            }
        }
    }
}
