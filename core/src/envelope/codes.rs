//! The table of the names that failures have: codes, types, status words and reasons, each with a class and a status.
//!
//! Input: the names of one failure, or its status alone.
//! Output: class and status.
//! State: none.

use crate::outcome::{ErrorClass, MadeFailure, NoteCode};
use Weight::{Decides, StatusOnly, YieldsToWords};

/// The code of a stream that was cut.
const TRUNCATED: &str = MadeFailure::Truncated.as_str();
/// The code of a request that is too long.
pub(super) const CONTEXT_LENGTH: &str = "context_length_exceeded";
/// The code of a request with a field too many.
pub(super) const UNSUPPORTED_PARAMETER: &str = "unsupported_parameter";
/// The code of a request that a moderator stopped.
pub(super) const MODERATION_BLOCKED: &str = "moderation_blocked";
/// The code of a request that a validator refused.
pub(super) const INVALID_REQUEST: &str = "invalid_request";

pub(super) type ClassAndStatus = (ErrorClass, u16);

/// How much a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// More than any message and any HTTP status.
    Decides,
    /// More than the HTTP status, but a known message says it more exactly.
    YieldsToWords,
    /// Nothing but a status, for failures that came without one.
    StatusOnly,
}

/// Names that mean the same. They are compared without regard to case, `_`, `-` and spaces.
#[derive(Debug)]
pub(super) struct Row {
    weight: Weight,
    class: ErrorClass,
    status: u16,
    names: &'static [&'static str],
}

/// `base_resp.…` are numbers of `MiniMax`, four digits alone those of Zhipu, `10000` is Cloudflare's. Google writes in capitals;
/// names with some are those of Alibaba, Amazon and Volcengine.
const ROWS: &[Row] = &[
    decides(ErrorClass::ContextLength, 400, &[CONTEXT_LENGTH, "context_too_large"]),
    decides(ErrorClass::ContextLength, 400, &["context_window_exceeded", "model_context_window_exceeded"]),
    decides(ErrorClass::ContextLength, 400, &["exceed_context_size_error", "ContextWindowExceededError"]),
    decides(ErrorClass::ContextLength, 400, &["model_max_prompt_tokens_exceeded", "tokens_limit_reached"]),
    decides(ErrorClass::ContextLength, 400, &["prompt_too_long", "input_too_long", "1261"]),
    decides(
        ErrorClass::ContextLength,
        413,
        &["request_too_large", "payload_too_large", "BadRequest.TooLarge"],
    ),
    decides(
        ErrorClass::RetryWithoutReasoning,
        400,
        &["invalid_encrypted_content", "thinking_signature_invalid"],
    ),
    decides(ErrorClass::RetryFullInput, 400, &["previous_response_not_found"]),
    decides(ErrorClass::UseWebsocket, 400, &["routing_unsupported"]),
    decides(ErrorClass::ContentPolicy, 400, &["content_policy_violation", "image_content_policy_violation"]),
    decides(
        ErrorClass::ContentPolicy,
        400,
        &["content_filter", MODERATION_BLOCKED, "cyber_policy", "bio_policy"],
    ),
    decides(
        ErrorClass::ContentPolicy,
        400,
        &["misalignment_policy_violation", "ResponsibleAIPolicyViolation", "ContentPolicyViolationError"],
    ),
    decides(ErrorClass::ContentPolicy, 400, &["DataInspectionFailed", "SensitiveContentDetected", "1301"]),
    decides(ErrorClass::ContentPolicy, 400, &["base_resp.1026", "base_resp.1027"]),
    decides(ErrorClass::Quota, 429, &["usage_limit_reached", "insufficient_quota", "usage_not_included"]),
    decides(ErrorClass::Quota, 429, &["quota_exceeded", "QUOTA_EXHAUSTED", "exceeded_current_quota_error"]),
    decides(
        ErrorClass::Quota,
        429,
        &["billing_hard_limit_reached", "billing_not_active", "BILLING_DISABLED"],
    ),
    decides(ErrorClass::Quota, 429, &["usage_limit_exceeded", "weekly_limit_reached", "plan_limit_reached"]),
    decides(
        ErrorClass::Quota,
        429,
        &["organization_usage_limit_exceeded", "organization_spend_limit_exceeded"],
    ),
    decides(
        ErrorClass::Quota,
        429,
        &["project_spend_limit_exceeded", "spend_limit_reached", "budget_exceeded"],
    ),
    decides(ErrorClass::Quota, 429, &["AllocationQuota", "insufficient_user_quota", "SetLimitExceeded"]),
    decides(
        ErrorClass::Quota,
        429,
        &["token_quota_exceeded", "token_quota_reached", "ServiceQuotaExceededException"],
    ),
    decides(ErrorClass::Quota, 429, &["session_budget_exceeded"]),
    decides(ErrorClass::Quota, 429, &["1304", "1308", "1309", "1310", "base_resp.2056"]),
    decides(ErrorClass::Quota, 402, &["billing_error", "insufficient_balance", "insufficient_balance_error"]),
    decides(
        ErrorClass::Quota,
        402,
        &["credit_balance_exhausted", "insufficient_credits", "payment_required"],
    ),
    decides(
        ErrorClass::Quota,
        402,
        &["Arrearage", "AccountOverdueError", "PrepaidBillOverdue", "PostpaidBillOverdue"],
    ),
    decides(ErrorClass::Quota, 402, &["1113", "base_resp.1008"]),
    decides(
        ErrorClass::RateLimited,
        429,
        &["rate_limit_exceeded", "rate_limit_reached_error", "RateLimitReached"],
    ),
    decides(ErrorClass::RateLimited, 429, &["Throttling", "ThrottlingException", "ThrottledException"]),
    decides(
        ErrorClass::RateLimited,
        429,
        &["LimitRequests", "AccountRateLimitExceeded", "TooManyRequestsException"],
    ),
    decides(ErrorClass::RateLimited, 429, &["1302", "1303", "1305"]),
    decides(
        ErrorClass::RateLimited,
        429,
        &["base_resp.1002", "base_resp.1039", "base_resp.1041", "base_resp.2045"],
    ),
    decides(ErrorClass::Overloaded, 503, &["server_is_overloaded", "slow_down", "server_overloaded"]),
    decides(
        ErrorClass::Overloaded,
        503,
        &["service_unavailable_error", "overloaded_error", "engine_overloaded_error"],
    ),
    decides(
        ErrorClass::Overloaded,
        503,
        &["model_overloaded", "MODEL_CAPACITY_EXHAUSTED", "ModelNotReadyException"],
    ),
    decides(ErrorClass::Overloaded, 503, &["overloaded", "ServiceUnavailableException", "1312"]),
    decides(ErrorClass::Overloaded, 503, &["capacity_exceeded", "policy_capacity_unavailable"]),
    decides(
        ErrorClass::Permission,
        403,
        &["deactivated_workspace", "workspace_deactivated", "account_deactivated"],
    ),
    decides(ErrorClass::Permission, 403, &["CONSUMER_SUSPENDED", "SERVICE_DISABLED", "CONSUMER_INVALID"]),
    decides(ErrorClass::Permission, 403, &["unsupported_country_region_territory", "Model.AccessDenied"]),
    decides(ErrorClass::Permission, 403, &["1112", "1220", "1311"]),
    decides(
        ErrorClass::Auth,
        401,
        &["invalid_api_key", "token_invalidated", "token_expired", "token_revoked"],
    ),
    decides(ErrorClass::Auth, 401, &["API_KEY_INVALID", "ACCESS_TOKEN_EXPIRED", "incorrect_api_key_error"]),
    decides(ErrorClass::Auth, 401, &["UnrecognizedClientException", "ExpiredTokenException"]),
    decides(ErrorClass::Auth, 401, &["1000", "1001", "1002", "1003", "1004"]),
    decides(ErrorClass::Auth, 401, &["base_resp.1004", "base_resp.2049"]),
    decides(ErrorClass::NotFound, 404, &["model_not_found", "DeploymentNotFound", "1211"]),
    decides(ErrorClass::NotFound, 404, &["model_decommissioned", "invalid_model"]),
    decides(ErrorClass::Retryable, 503, &["websocket_connection_limit_reached"]),
    decides(ErrorClass::Retryable, 413, &["message_too_big", "websocket_message_too_large"]), // HTTP takes more
    decides(ErrorClass::Retryable, 409, &["conversation_locked"]),
    decides(ErrorClass::Truncated, 502, &[TRUNCATED, "upstream_stream_truncated", "stream_incomplete"]),
    decides(ErrorClass::Truncated, 502, &[NoteCode::EventTooLarge.as_str()]),
    yields(400, &["invalid_prompt", "invalid_value", UNSUPPORTED_PARAMETER, "unknown_parameter"]),
    yields(400, &["missing_required_parameter", "unsupported_value", "base_resp.2013", "base_resp.1042"]),
    yields(400, &["invalid_image", "invalid_image_format", "invalid_base64_image", "invalid_image_url"]),
    yields(400, &["image_too_large", "image_too_small", "image_parse_error", "invalid_image_mode"]),
    yields(400, &["image_file_too_large", "unsupported_image_media_type", "empty_image_file"]),
    yields(400, &["failed_to_download_image", "image_file_not_found"]),
    yields(401, &["authentication_error", "unauthorized", "UNAUTHENTICATED", "invalid_authentication_error"]),
    yields(401, &["10000"]),
    yields(403, &["permission_error", "permission_denied", "permission_denied_error", "forbidden"]),
    yields(403, &["AccessDenied", "AccessDeniedException"]),
    yields(404, &["not_found", "not_found_error", "resource_not_found_error", "ResourceNotFoundException"]),
    yields(429, &["rate_limit_error", "too_many_requests", "rate_limited", "RESOURCE_EXHAUSTED"]),
    status(400, &["invalid_request_error", INVALID_REQUEST, "bad_request", "BadRequestError"]),
    status(400, &["invalid_parameter", "INVALID_ARGUMENT", "FAILED_PRECONDITION", "ValidationException"]),
    status(503, &["UNAVAILABLE", "service_unavailable"]),
    status(504, &["DEADLINE_EXCEEDED", "timeout_error"]),
];

const fn decides(class: ErrorClass, status: u16, names: &'static [&'static str]) -> Row {
    Row { weight: Decides, class, status, names }
}

const fn yields(status: u16, names: &'static [&'static str]) -> Row {
    Row { weight: YieldsToWords, class: class_of(status), status, names }
}

const fn status(status: u16, names: &'static [&'static str]) -> Row {
    Row { weight: StatusOnly, class: class_of(status), status, names }
}

/// What the names of one failure say, by their weight.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub(super) decided: Option<ClassAndStatus>,
    pub(super) general: Option<ClassAndStatus>,
    /// A status that stands in the place of a name.
    pub(super) number: Option<u16>,
    pub(super) status: Option<u16>,
}

/// The first name of each weight counts. Gateways also put the status itself into the code.
pub(super) fn read(names: [Option<&str>; 4]) -> Named {
    let of = |weight| names.into_iter().flatten().filter_map(row).find(|row| row.weight == weight);
    let verdict = |weight| of(weight).map(|row| (row.class, row.status));
    let number = names.into_iter().flatten().find_map(|name| name.parse().ok().and_then(failure));
    let status = number.or_else(|| of(StatusOnly).map(|row| row.status));
    Named { decided: verdict(Decides), general: verdict(YieldsToWords), number, status }
}

/// A name that decides, quoted in a message: gateways put the whole error of their upstream there. `text`: in lower
/// case.
pub(super) fn quoted(text: &str) -> Option<ClassAndStatus> {
    let is_quoted = |name: &&str| name.contains('_') && text.contains(&name.to_ascii_lowercase());
    let row = ROWS.iter().filter(|row| row.weight == Decides).find(|row| row.names.iter().any(is_quoted))?;
    Some((row.class, row.status))
}

/// Whether a text that stands where a message may is a code: no word that people read, such as `Forbidden`.
pub(super) fn is_code(text: &str) -> bool {
    let is_name = text.contains('_') || text.chars().skip(1).any(|char| char.is_ascii_uppercase());
    is_name && !text.contains(char::is_whitespace) && row(text).is_some()
}

/// The row of a name, else that of its first part: `Throttling.RateQuota` is a kind of `Throttling`. Amazon's names may
/// have a namespace before them and an address behind.
fn row(name: &str) -> Option<&'static Row> {
    let name = name.rsplit('#').next()?.split(':').next()?;
    let find = |name| ROWS.iter().find(|row| row.names.iter().any(|known| is_same(known, name)));
    find(name).or_else(|| find(name.split_once('.')?.0))
}

fn is_same(one: &str, other: &str) -> bool {
    let [one, other] = [one, other].map(|name| {
        name.chars().filter(|char| !matches!(char, '_' | '-' | ' ')).map(|char| char.to_ascii_lowercase())
    });
    one.eq(other)
}

/// A status, if it is one of a failure.
pub(super) fn failure(status: u16) -> Option<u16> {
    (400..600).contains(&status).then_some(status)
}

/// What to do where nothing but the status is known.
pub(super) const fn class_of(status: u16) -> ErrorClass {
    match status {
        401 => ErrorClass::Auth,
        402 => ErrorClass::Quota,
        403 | 451 => ErrorClass::Permission,
        404 | 410 => ErrorClass::NotFound,
        413 => ErrorClass::ContextLength,
        429 => ErrorClass::RateLimited,
        498 | 529 => ErrorClass::Overloaded, // Groq's and Anthropic's
        408 | 409 | 424 | 425 | 500.. => ErrorClass::Retryable,
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

    fn names() -> impl Iterator<Item = (&'static Row, &'static str)> {
        ROWS.iter().flat_map(|row| row.names.iter().map(move |name| (row, *name)))
    }

    #[test]
    fn every_name_is_in_the_docs() {
        let errors = include_str!("../../../docs/reference/errors.md");
        for (Row { class, status, .. }, name) in names() {
            let row = format!("| {status} | `{}` |", class.as_str());
            let is_told = |line: &str| line.contains(&format!("`{name}`")) && line.contains(&row);
            assert!(errors.lines().any(is_told), "{name} {row} is not in docs/reference/errors.md");
        }
    }

    #[test]
    fn no_name_is_in_two_rows() {
        for (at, (_, name)) in names().enumerate() {
            let twin = names().skip(at + 1).find(|(_, other)| is_same(name, other));
            assert!(twin.is_none(), "{name} is in two rows");
        }
    }

    #[test]
    fn names_are_found_however_they_are_written() {
        let cases = [
            ("RateLimitExceeded", ErrorClass::RateLimited),
            ("com.amazon.coral#ThrottlingException:http://internal/", ErrorClass::RateLimited),
            ("Throttling.RateQuota", ErrorClass::RateLimited),
            ("AllocationQuota.FreeTierOnly", ErrorClass::Quota),
            ("Context-Length-Exceeded", ErrorClass::ContextLength),
        ];
        for (name, class) in cases {
            let decided = read([Some(name), None, None, None]).decided;
            assert_eq!(decided.map(|(class, _)| class), Some(class), "{name}");
        }
        assert_eq!(
            quoted("400: {\"code\": \"context_length_exceeded\"}"),
            Some((ErrorClass::ContextLength, 400))
        );
    }
}
