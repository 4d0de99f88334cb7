//! `response.error` of a Response that is made or mended, not passed on.
//!
//! Input: an envelope; what was sent.
//! Output: `{"code","message"}`, the code one by which clients can decide, and the further members that the upstream sent.
//! State: none.

use crate::envelope::{self, Envelope};
use crate::json::{Value, edit, write};
use crate::outcome::ErrorClass;

/// The codes that the official clients' models know.
const TYPED: &[&str] = &[
    SERVER_ERROR,
    RATE_LIMIT,
    INVALID_PROMPT,
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
    CONTEXT_LENGTH,
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
const CONTEXT_LENGTH: &str = "context_length_exceeded";
const INVALID_PROMPT: &str = "invalid_prompt";

/// The code of each class. The Codex CLI sends a failed request again unless its code means that this is no use: it
/// shortens its history after `context_length_exceeded`, shows the message after `invalid_prompt`, and waits as long as
/// the message of a `rate_limit_exceeded` gives. It also gives up after `server_is_overloaded`, which therefore only an
/// upstream can send; and other credentials may serve what these may not.
fn code_of(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::ContextLength => CONTEXT_LENGTH,
        ErrorClass::RateLimited => RATE_LIMIT,
        ErrorClass::Quota => "insufficient_quota",
        ErrorClass::InvalidRequest | ErrorClass::NotFound | ErrorClass::ContentPolicy => INVALID_PROMPT,
        ErrorClass::RetryFullInput => "previous_response_not_found",
        ErrorClass::RetryWithoutReasoning => "invalid_encrypted_content",
        _ => SERVER_ERROR,
    }
}

/// What was sent as `response.error`, as clients read it: an object with a message, and with the code that was sent beside
/// it. `None` where it is one.
pub(crate) fn mended(sent: Option<Value<'_>>, envelope: &Envelope) -> Option<Vec<u8>> {
    let is_text =
        |error: Value<'_>, key| error.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_blank());
    let sent = sent.filter(|sent| sent.is_object() && envelope::is_error(*sent));
    let has_code = |sent: Value<'_>| {
        envelope.error.code.is_none() || sent.get("code").is_some_and(|code| !code.is_null())
    };
    if sent.is_some_and(|sent| is_text(sent, "message") && has_code(sent)) {
        return None;
    }
    let mut made = Vec::new();
    error_object(&mut made, envelope);
    let (Some(sent), Some(own)) = (sent, Value::document(&made)) else { return Some(made) };
    let missing = ["code", "message"].into_iter().filter(|key| !is_text(sent, key));
    let edits: Vec<edit::Edit<'_>> = missing.filter_map(|key| Some((key, own.get(key)?.raw()))).collect();
    Some(edit::with_members(sent, &edits))
}

/// The upstream's own code where clients know it and it is specific; else that of the class. Any other code stands
/// where the type of the original error may, so that it is not lost. A limit of the Codex backend is named by its type
/// alone, and tells its plan and its end beside it. A code that the host chose stands as it is.
pub(crate) fn error_object(out: &mut Vec<u8>, envelope: &Envelope) {
    let Envelope { error, class, .. } = envelope;
    let own = error.code.as_deref().or(Some(&*error.kind).filter(|kind| DECISIVE.contains(kind)));
    let is_known = |code: &&str| TYPED.contains(code) || DECISIVE.contains(code);
    let says_more = |code: &&str| *code != SERVER_ERROR && *class != ErrorClass::ContextLength;
    let known = own.filter(is_known).filter(says_more);
    let code = envelope.code_of_host().or(known).unwrap_or_else(|| code_of(*class));
    out.extend_from_slice(b"{\"code\":");
    write::string(out, code);
    out.extend_from_slice(b",\"message\":");
    write::string(out, &error.message);
    if let Some(other) = own.filter(|own| *own != code) {
        out.extend_from_slice(b",\"type\":");
        write::string(out, other);
    }
    if !error.more.is_empty() {
        write::pieces(out, [b",", error.more.as_bytes()]);
    }
    out.push(b'}');
}
