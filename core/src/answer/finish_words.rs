//! Why an answer ended, in every spelling that servers have; the dialects' words are mixed in practice.
//!
//! Input: a finish reason. Output: what it says. State: none.

use crate::outcome::FinishReason;

/// Finish reasons as servers spell them, compared without case and without what stands between words.
const REASONS: &[(&str, FinishReason)] = &[
    ("stop", FinishReason::Stop),
    ("eos", FinishReason::Stop),
    ("eostoken", FinishReason::Stop),
    ("endturn", FinishReason::Stop),
    ("stopsequence", FinishReason::Stop),
    ("complete", FinishReason::Stop),
    ("completed", FinishReason::Stop),
    ("toolcalls", FinishReason::ToolCalls),
    ("toolcall", FinishReason::ToolCalls),
    ("functioncall", FinishReason::ToolCalls),
    ("tooluse", FinishReason::ToolCalls),
    ("refusal", FinishReason::ContentFilter),
    ("spii", FinishReason::ContentFilter),
    ("language", FinishReason::ContentFilter),
    ("errortoxic", FinishReason::ContentFilter),
    ("errorlimit", FinishReason::Length),
    ("incomplete", FinishReason::Length),
];

/// What some servers write in chunks that are not the last, and what some put before every reason.
const NO_REASONS: [&str; 2] = ["null", "none"];
const PREFIX: &str = "finishreason";

/// What other words tell by a part of them, the first that is there: `network_error`, `MODEL_CONTEXT_WINDOW_EXCEEDED`,
/// `image_safety`.
const STEMS: &[(&str, Meaning)] = &[
    ("error", Meaning::Failure),
    ("ratelimit", Meaning::Failure),
    ("fail", Meaning::Failure),
    ("malformed", Meaning::Failure),
    ("timeout", Meaning::Failure),
    ("abort", Meaning::Failure),
    ("cancel", Meaning::Failure),
    ("interrupt", Meaning::Failure),
    ("overload", Meaning::Failure),
    ("insufficient", Meaning::Failure),
    ("unavailable", Meaning::Failure),
    ("unexpected", Meaning::Failure),
    ("toomany", Meaning::Failure),
    ("filter", Meaning::Reason(FinishReason::ContentFilter)),
    ("safe", Meaning::Reason(FinishReason::ContentFilter)),
    ("sensitiv", Meaning::Reason(FinishReason::ContentFilter)),
    ("moderat", Meaning::Reason(FinishReason::ContentFilter)),
    ("prohibit", Meaning::Reason(FinishReason::ContentFilter)),
    ("policy", Meaning::Reason(FinishReason::ContentFilter)),
    ("violat", Meaning::Reason(FinishReason::ContentFilter)),
    ("guardrail", Meaning::Reason(FinishReason::ContentFilter)),
    ("block", Meaning::Reason(FinishReason::ContentFilter)),
    ("recitation", Meaning::Reason(FinishReason::ContentFilter)),
    ("risk", Meaning::Reason(FinishReason::ContentFilter)),
    ("length", Meaning::Reason(FinishReason::Length)),
    ("max", Meaning::Reason(FinishReason::Length)),
    ("limit", Meaning::Reason(FinishReason::Length)),
    ("contextwindow", Meaning::Reason(FinishReason::Length)),
    ("stop", Meaning::Reason(FinishReason::Stop)),
    ("eos", Meaning::Reason(FinishReason::Stop)),
];

#[derive(Debug, Clone, Copy)]
pub(crate) enum Meaning {
    Reason(FinishReason),
    Failure,
    /// The answer goes on.
    Nothing,
}

/// What a finish reason says; `None` for a word that nobody knows.
pub(crate) fn meaning(word: &str) -> Option<Meaning> {
    let word: String = word.chars().filter(|own| own.is_alphanumeric()).collect::<String>().to_lowercase();
    let word = word.strip_prefix(PREFIX).unwrap_or(&word);
    if NO_REASONS.contains(&word) {
        return Some(Meaning::Nothing);
    }
    let known = REASONS.iter().find(|(name, _)| *name == word).map(|(_, reason)| Meaning::Reason(*reason));
    known.or_else(|| STEMS.iter().find(|(stem, _)| word.contains(stem)).map(|(_, meaning)| *meaning))
}
