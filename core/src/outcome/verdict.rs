//! What a gateway should do about a failure, and with which HTTP status.
//!
//! Input: none.
//! Output: the classes of failures, the same strings in three languages.
//! State: none.

use crate::json::{Str, Value, write};

codes! {
    /// What to do about a failure; the same string in three languages.
    ErrorClass;
    /// The same request may succeed later.
    Retryable = "retryable",
    /// Too many requests or tokens: the same request succeeds after a pause.
    RateLimited = "rate_limited",
    /// The account has used up what it has paid for: another account, or a long pause.
    Quota = "quota",
    /// The credentials are bad: refresh them, or use others.
    Auth = "auth",
    /// The credentials are good and not enough; a challenge page is this too.
    Permission = "permission",
    /// No such model, deployment or path.
    NotFound = "not_found",
    /// The input is too large: shorten it.
    ContextLength = "context_length",
    /// The request itself is wrong; it fails the same way again.
    InvalidRequest = "invalid_request",
    /// Refused for its content.
    ContentPolicy = "content_policy",
    /// The upstream or the model has no capacity: later, or another model.
    Overloaded = "overloaded",
    /// The stream ended before its end.
    Truncated = "truncated",
    /// The upstream cannot read its own encrypted reasoning: send the request again without it.
    RetryWithoutReasoning = "retry_without_reasoning",
    /// The upstream does not know `previous_response_id`: send the whole input instead.
    RetryFullInput = "retry_full_input",
    /// The model is routed over WebSocket only.
    UseWebsocket = "use_websocket",
}

/// How to answer a failure while the HTTP status can still be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// 400 to 599.
    pub status: u16,
    /// What to do about it.
    pub class: ErrorClass,
    /// When to come back, where the upstream gave a time.
    pub retry_after_ms: Option<u64>,
}

impl ErrorClass {
    pub(crate) fn named(name: Str<'_>) -> Option<Self> {
        Self::ALL.iter().find(|class| name.is(class.as_str())).copied()
    }
}

impl Verdict {
    /// As in an outcome: one compact JSON object.
    pub fn to_json(&self) -> String {
        let mut out = Vec::new();
        self.write(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// The reverse of [`Verdict::write`].
    pub(crate) fn read(verdict: Value<'_>) -> Option<Self> {
        Some(Self {
            status: verdict.get("status")?.as_u64()?.try_into().ok()?,
            class: ErrorClass::named(verdict.get("class")?.as_str()?)?,
            retry_after_ms: verdict.get("retry_after_ms").and_then(Value::as_u64),
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"status\":");
        write::number(out, self.status.into());
        self.write_advice(out);
        out.push(b'}');
    }

    /// The members that follow a status.
    pub(crate) fn write_advice(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"class\":");
        write::string(out, self.class.as_str());
        out.extend_from_slice(b",\"retry_after_ms\":");
        match self.retry_after_ms {
            Some(ms) => write::number(out, ms),
            None => out.extend_from_slice(b"null"),
        }
    }
}
