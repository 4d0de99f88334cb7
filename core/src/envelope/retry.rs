//! When to come back.
//!
//! Input: all that an upstream says of it.
//! Output: the wait in milliseconds.
//! State: none.
//!
//! What names the wait of this request wins over what describes an account. A value that makes no sense is as if it
//! had not been sent.

use super::duration;
use crate::json::{Str, Value};
use crate::limits::MAX_RETRY_AFTER_MS;
use crate::outcome::ErrorClass;

/// When the body says that a limit is lifted.
#[derive(Debug, Default)]
pub(super) struct Resets {
    /// Since 1970.
    pub(super) at_ms: Option<u64>,
    pub(super) in_ms: Option<u64>,
}

/// Those of the HTTP response, else those inside a WebSocket frame.
#[derive(Debug)]
pub(super) struct Headers<'a> {
    response: &'a [(&'a str, &'a str)],
    frame: Option<Value<'a>>,
}

/// A rate limit: how much is left, and when it is full again.
const RATES: [[&str; 2]; 2] = [
    ["x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"],
    ["x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"],
];

/// A usage limit: how much is used, and when it starts anew.
const USAGES: [[&str; 3]; 2] = [
    ["x-codex-primary-used-percent", "x-codex-primary-reset-after-seconds", "x-codex-primary-reset-at"],
    ["x-codex-secondary-used-percent", "x-codex-secondary-reset-after-seconds", "x-codex-secondary-reset-at"],
];

/// `message`: in lower case.
pub(super) fn after(
    resets: &Resets,
    message: &str,
    class: ErrorClass,
    headers: &Headers<'_>,
    now_ms: Option<u64>,
) -> Option<u64> {
    let until = |at: u64| now_ms.map(|now| at.saturating_sub(now));
    let reset = resets.at_ms.and_then(until);
    let waits = [
        headers.get("retry-after-ms").and_then(|ms| duration::decimal(&ms, 1)),
        headers
            .get("retry-after")
            .and_then(|wait| duration::seconds(&wait).or_else(|| duration::date(&wait).and_then(until))),
        reset.filter(|wait| *wait > 0),
        resets.in_ms,
        reset,
        asked(message),
        dated(message).and_then(until).filter(|wait| *wait > 0),
        if class == ErrorClass::Quota { headers.usage(until) } else { None },
        if class == ErrorClass::RateLimited { headers.rate() } else { None },
    ];
    waits.into_iter().flatten().find(|wait| *wait <= MAX_RETRY_AFTER_MS)
}

/// What a wait is about; one of these stands before it, in the same sentence.
const WAITS: [&str; 10] =
    ["again", "retry", "reset", "wait", "available", "refresh", "renew", "resume", "regain", "cool"];

/// What may stand between that and the wait.
const BETWEEN: [&str; 10] =
    ["in", "after", "for", "within", "about", "approximately", "another", "least", "to", "~"];

/// `Please try again in 1.3s.`, `Resets in 6hr 29min`, `"retryDelay": "53s"`: a duration right after such words.
/// `5 requests in 10 seconds` is a rate, no wait.
fn asked(message: &str) -> Option<u64> {
    let starts = message.match_indices(|char: char| char.is_ascii_digit()).map(|(at, _)| at);
    let is_start =
        |at: &usize| !message[..*at].ends_with(|char: char| char.is_ascii_alphanumeric() || char == '.');
    starts
        .filter(is_start)
        .find_map(|at| is_wait(&message[..at]).then(|| duration::spoken(&message[at..]))?)
}

/// `Your limit resets at 2026-01-12T18:03:13Z.`
fn dated(message: &str) -> Option<u64> {
    let is_time = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | ':' | '.');
    let times =
        message.split(|char| !is_time(char)).map(|word| word.trim_end_matches('.').to_ascii_uppercase());
    let is_about_waiting = WAITS.iter().any(|wait| message.contains(wait));
    times.filter(|_| is_about_waiting).find_map(|time| duration::timestamp(&time))
}

/// Whether what follows `before` is how long to wait: the words right before it say so.
fn is_wait(before: &str) -> bool {
    let sentence = before.rsplit(['\n', ';']).next().unwrap_or_default();
    let sentence = sentence.rsplit(". ").next().unwrap_or_default();
    let mut words = sentence.rsplit(|char: char| !(char.is_ascii_alphabetic() || char == '~'));
    let words: Vec<_> = words.by_ref().filter(|word| !word.is_empty()).take(4).collect();
    let is_about_waiting = |word: &&str| WAITS.iter().any(|wait| word.contains(wait));
    let last = words.iter().find(|word| !BETWEEN.contains(word));
    let is_joined =
        words.first().is_some_and(|word| BETWEEN.contains(word)) || last.is_some_and(is_about_waiting);
    is_joined && words.iter().any(is_about_waiting)
}

impl<'a> Headers<'a> {
    /// `frame`: the JSON object of a WebSocket frame.
    pub(super) fn new(response: &'a [(&'a str, &'a str)], frame: Option<&'a [u8]>) -> Self {
        Self { response, frame: frame.and_then(Value::document) }
    }

    /// The last one of that name; `name` in lower case.
    fn get(&self, name: &str) -> Option<String> {
        let mut found = None;
        if let Some(frame) = self.frame {
            frame.each_member(|key, value| {
                if key.unescaped().eq_ignore_ascii_case(name.as_bytes()) {
                    found = Some(
                        value
                            .as_str()
                            .map_or_else(|| String::from_utf8_lossy(value.raw()).into_owned(), Str::decode),
                    );
                }
            });
        }
        let response = self.response.iter().rfind(|(key, _)| key.eq_ignore_ascii_case(name));
        let value = response.map(|(_, value)| (*value).to_owned()).or(found)?;
        Some(value.trim().to_owned())
    }

    /// The longest wait of the windows that are used up.
    fn usage(&self, until: impl Fn(u64) -> Option<u64>) -> Option<u64> {
        let is_used_up = |used: &str| self.number(used).is_none_or(|percent| percent >= 100.0);
        let waits = USAGES.iter().filter(|[used, ..]| is_used_up(used)).filter_map(|[_, after, at]| {
            let after = self.get(after).and_then(|after| duration::seconds(&after));
            after.or_else(|| self.get(at).and_then(|at| duration::seconds(&at)).and_then(&until))
        });
        waits.max()
    }

    /// The longest wait of the rates that have nothing left.
    fn rate(&self) -> Option<u64> {
        let is_used_up = |left: &str| self.number(left).is_none_or(|left| left <= 0.0);
        let waits = RATES.iter().filter(|[left, _]| is_used_up(left));
        waits.filter_map(|[_, reset]| duration::spoken(&self.get(reset)?)).max()
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.get(name)?.parse().ok()
    }
}
