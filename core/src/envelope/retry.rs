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

impl Resets {
    pub(super) fn or(self, other: Self) -> Self {
        if self.at_ms.or(self.in_ms).is_some() { self } else { other }
    }
}

/// Those of the HTTP response, else those inside a WebSocket frame.
#[derive(Debug)]
pub(super) struct Headers<'a> {
    response: &'a [(&'a str, &'a str)],
    frame: Option<Value<'a>>,
}

/// Rate limits, of requests, tokens and so on: how much is left, and when it is full again.
const RATE_LEFT: &str = "x-ratelimit-remaining";
const RATE_RESET: &str = "x-ratelimit-reset";

/// Usage limits, each with two windows, `x-codex-primary-…` or `x-codex-<limit>-primary-…`: how much is used, and when it
/// starts anew.
const USAGE: &str = "x-codex-";
const WINDOWS: [&str; 2] = ["primary", "secondary"];
const USAGE_RESETS: [&str; 2] = ["-reset-after-seconds", "-reset-at"];

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
        headers.get("retry-after").and_then(|value| wait(&value, until)),
        reset.filter(|wait| *wait > 0),
        resets.in_ms,
        reset,
        asked(message),
        dated(message).and_then(until).filter(|wait| *wait > 0),
        if class == ErrorClass::Quota { headers.usage(until) } else { None },
        if class == ErrorClass::RateLimited { headers.rate(until) } else { None },
    ];
    waits.into_iter().flatten().find(|wait| *wait <= MAX_RETRY_AFTER_MS)
}

/// What a wait is about; one of these stands before it, in the same sentence.
const WAITS: [&str; 11] = [
    "again",
    "retry",
    "reset",
    "wait",
    "available",
    "refresh",
    "renew",
    "resume",
    "regain",
    "cool",
    "replenish",
];

/// What may stand between that and the wait.
const BETWEEN: [&str; 10] =
    ["in", "after", "for", "within", "about", "approximately", "another", "least", "to", "~"];

/// The oldest instant that is one, and no long wait: in 2001.
const OLDEST_MS: u64 = 1_000_000_000_000;

/// A header: seconds, a duration, a date, or an instant since 1970; of several, the first.
fn wait(value: &str, until: impl Fn(u64) -> Option<u64>) -> Option<u64> {
    let value = value.trim_matches(['"', ' ']);
    let first = || duration::seconds(value.split_once(',')?.0);
    let spoken = || duration::spoken(&value.to_ascii_lowercase());
    let wait = duration::seconds(value).or_else(spoken).or_else(first);
    let date = || duration::date(value).or_else(|| duration::timestamp(value));
    let epoch = || duration::epoch(value).filter(|at| *at >= OLDEST_MS);
    wait.filter(|wait| *wait <= MAX_RETRY_AFTER_MS).or_else(|| until(date().or_else(epoch)?))
}

/// `Please try again in 1.3s.`, `Resets in 6hr 29min`, `"retryDelay": "53s"`: a duration right after such words.
/// `5 requests in 10 seconds` is a rate, no wait.
fn asked(message: &str) -> Option<u64> {
    let starts = message.match_indices(|char: char| char.is_ascii_digit()).map(|(at, _)| at);
    let is_inside = |before: &str| {
        let number = before.strip_suffix(',').unwrap_or_default();
        before.ends_with(|char: char| char.is_ascii_alphanumeric() || char == '.')
            || number.ends_with(|char: char| char.is_ascii_digit())
    };
    let parts = starts.map(|at| message.split_at(at)).filter(|(before, _)| !is_inside(before));
    parts.filter(|(before, _)| is_wait(before)).find_map(|(before, rest)| {
        let clock = || before.ends_with("in ").then(|| duration::clock(rest))?; // after "at" it is a time of day
        duration::spoken(rest).or_else(clock)
    })
}

/// `Your limit resets at 2026-01-12T18:03:13Z.`
fn dated(message: &str) -> Option<u64> {
    let is_time = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '+' | ':' | '.');
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
                    let value = value.elements().next().unwrap_or(value);
                    let plain = || String::from_utf8_lossy(value.raw()).into_owned();
                    found = Some(value.as_str().map_or_else(plain, Str::decode));
                }
            });
        }
        let response = self.response.iter().rfind(|(key, _)| key.eq_ignore_ascii_case(name));
        let value = response.map(|(_, value)| (*value).to_owned()).or(found)?;
        Some(value.trim().to_owned())
    }

    /// All names, in lower case.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.response.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        if let Some(frame) = self.frame {
            frame.each_member(|name, _| names.push(name.decode().to_ascii_lowercase()));
        }
        names
    }

    /// The longest wait of the windows that are used up.
    fn usage(&self, until: impl Fn(u64) -> Option<u64> + Copy) -> Option<u64> {
        let wait = |name: &String| {
            let window = USAGE_RESETS.iter().find_map(|reset| name.strip_suffix(reset))?;
            let is_window = window.starts_with(USAGE) && WINDOWS.iter().any(|end| window.ends_with(end));
            let used = self.number(&format!("{window}-used-percent"));
            let is_used_up = used.is_none_or(|percent| percent >= 100.0);
            let resets = USAGE_RESETS.iter().filter(|_| is_window && is_used_up);
            resets.into_iter().find_map(|reset| wait(&self.get(&format!("{window}{reset}"))?, until))
        };
        self.names().iter().filter_map(wait).max()
    }

    /// The longest wait of the rates that have nothing left.
    fn rate(&self, until: impl Fn(u64) -> Option<u64> + Copy) -> Option<u64> {
        let wait = |name: &String| {
            let of = name.strip_prefix(RATE_RESET)?;
            let left = self.number(&format!("{RATE_LEFT}{}", of.strip_suffix("-after").unwrap_or(of)));
            let is_used_up = left.is_none_or(|left| left <= 0.0);
            is_used_up.then(|| wait(&self.get(name)?, until))?
        };
        self.names().iter().filter_map(wait).max()
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.get(name)?.parse().ok()
    }
}
