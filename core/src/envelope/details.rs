//! What stands beside the members of an error: Google's list of details, Azure's inner error, OpenRouter's raw answer.
//!
//! Input: an error object.
//! Output: the reason, text that is searched for known words, and when to come back.
//! State: none.

use super::codes::MODERATION_BLOCKED;
use super::duration;
use super::members::{member, number, string};
use super::retry::Resets;
use crate::json::Value;

/// What the details of an error add to it.
#[derive(Debug, Default)]
pub(super) struct Details {
    /// A name as specific as a code.
    pub(super) reason: Option<String>,
    /// For machines, so it is not shown.
    pub(super) text: Option<String>,
    pub(super) resets: Resets,
}

impl Details {
    pub(super) fn read(error: Value<'_>) -> Self {
        let mut details = Self { resets: resets(error), ..Self::default() };
        let inner = ["innererror", "inner_error"].iter().find_map(|key| member(error, key));
        details.reason = inner.and_then(|inner| string(member(inner, "code")?));
        let metadata = member(error, "metadata");
        details.text = metadata.and_then(|metadata| string(member(metadata, "raw")?));
        let is_flagged = metadata.is_some_and(|metadata| member(metadata, "flagged_input").is_some());
        details.reason = details.reason.or_else(|| is_flagged.then(|| MODERATION_BLOCKED.to_owned()));
        for detail in member(error, "details").into_iter().flat_map(Value::elements) {
            details.google(detail);
        }
        details
    }

    /// `google.rpc.ErrorInfo`, `.RetryInfo` and `.QuotaFailure`, told apart by their members.
    fn google(&mut self, detail: Value<'_>) {
        let text = |key| member(detail, key).and_then(string);
        self.reason = self.reason.take().or_else(|| text("reason"));
        let metadata = member(detail, "metadata");
        let delay = member(detail, "retryDelay")
            .or_else(|| member(detail, "retry_delay"))
            .or_else(|| metadata.and_then(|metadata| member(metadata, "quotaResetDelay")));
        self.resets.in_ms = self.resets.in_ms.or_else(|| wait(delay?));
        let quota =
            member(detail, "violations").into_iter().flat_map(Value::elements).find_map(|violation| {
                ["quotaId", "quotaMetric", "description"]
                    .iter()
                    .find_map(|key| string(member(violation, key)?))
            });
        self.text = self.text.take().or(quota);
    }
}

/// `"53s"`, `{"seconds":53,"nanos":500000000}`
fn wait(delay: Value<'_>) -> Option<u64> {
    if let Some(text) = delay.as_str() {
        return duration::spoken(&text.decode().to_ascii_lowercase());
    }
    let part = |key, unit_ns: u64| member(delay, key).and_then(Value::as_u64)?.checked_mul(unit_ns);
    let (seconds, nanos) = (part("seconds", 1_000_000_000), part("nanos", 1));
    seconds.or(nanos)?;
    Some(seconds.unwrap_or(0).checked_add(nanos.unwrap_or(0))?.div_ceil(1_000_000))
}

/// Members that are waits, and the milliseconds of their units.
const WAITS: [(&str, u64); 5] = [
    ("resets_in_seconds", 1000),
    ("retry_after_ms", 1),
    ("retry_after_seconds", 1000),
    ("retry_after", 1000),
    ("retryAfter", 1000),
];

fn resets(error: Value<'_>) -> Resets {
    let holders = || [Some(error), member(error, "details"), member(error, "metadata")].into_iter().flatten();
    let number = |key| holders().find_map(|holder| number(member(holder, key)?));
    let date = || duration::timestamp(&string(member(error, "resets_at")?)?);
    Resets {
        at_ms: number("resets_at").and_then(|number| duration::epoch(&number)).or_else(date),
        in_ms: WAITS.iter().find_map(|(key, unit_ms)| duration::decimal(&number(key)?, *unit_ms)),
    }
}
