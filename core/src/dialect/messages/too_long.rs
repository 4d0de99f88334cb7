//! A context that is too long, in the words on which Anthropic's clients act.
//!
//! Input: an upstream's words. Output: those of Anthropic, or the upstream's own where no number is sure. State: none.
//!
//! After `prompt is too long` Claude Code compacts its history, after `input length and max_tokens exceed context limit` it
//! asks for a shorter answer.

use Role::{Input, Most, Output, Total};

const TOO_LONG: &str = "prompt is too long";
const TOO_LONG_WITH_ANSWER: &str = "input length and `max_tokens` exceed context limit";

/// Where less is left for the answer, a shorter one does not help.
const ROOM: u64 = 4000;
/// A smaller number counts no tokens of a context.
const LEAST: u64 = 100;
/// Words behind a number that may say what it counts: `132000 tokens for the completion`.
const BEHIND: usize = 4;

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// What fits.
    Most,
    Total,
    Input,
    Output,
}

const WORDS: &[(Role, &[&str])] = &[
    (Most, &["maximum", "max", "limit", "context", "window", "supports", "less", "<", "<=", ">", "n_ctx"]),
    (Total, &["total", "requested", "request", "has", "contains", "given", "got", "resulted", "used"]),
    (Input, &["input", "inputs", "prompt", "messages", "n_prompt_tokens"]),
    (Output, &["output", "completion", "max_tokens", "max_completion_tokens", "max_new_tokens"]),
];

/// What stands right before a number that counts nothing.
const NAMES: [&str; 4] = ["id", "trace", "code", "status"];

/// `more`: the further members of the error, which may have the numbers.
pub(super) fn message(own: &str, more: &str) -> String {
    if own.contains(TOO_LONG) || own.contains("exceed context limit") {
        return own.to_owned();
    }
    let said = [own, more].iter().find_map(|text| Counts::read(text).words(own));
    said.unwrap_or_else(|| format!("{TOO_LONG}: {own}"))
}

/// Numbers of tokens, each with what it counts.
struct Counts(Vec<(Role, u64)>);

impl Counts {
    fn read(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let numbers = numbers(&text);
        let mut counts: Vec<(Role, u64)> = Vec::new();
        for (at, (start, end, number)) in numbers.iter().enumerate() {
            let from = at.checked_sub(1).map_or(0, |before| numbers[before].1);
            let to = numbers.get(at + 1).map_or(text.len(), |next| next.0);
            let is_known = counts.iter().any(|(_, known)| known == number); // `(20000 > 8192 - 500)` says it again
            let role = role(&text[from..*start], &text[*end..to]).filter(|_| !is_known);
            counts.extend(role.map(|role| (role, *number)));
        }
        Self(counts)
    }

    /// The only number of that role.
    fn of(&self, role: Role) -> Option<u64> {
        let mut of_role = self.0.iter().filter(|(own, _)| *own == role).map(|(_, number)| *number);
        of_role.next().filter(|_| of_role.next().is_none())
    }

    fn words(&self, own: &str) -> Option<String> {
        let [most, total, input, output] = [Most, Total, Input, Output].map(|role| self.of(role));
        let most = most?;
        let sum = input.map(|input| input.saturating_add(output.unwrap_or(0)));
        match (input, output) {
            (Some(input), Some(output)) if sum > Some(most) && input.saturating_add(ROOM) <= most => {
                Some(format!(
                    "{TOO_LONG_WITH_ANSWER}: {input} + {output} > {most}, decrease input length or `max_tokens` and try again"
                ))
            }
            (None, Some(output)) if total.is_none() && output > most => Some(own.to_owned()),
            _ => {
                let tokens = total.or(sum).filter(|tokens| *tokens > most)?;
                Some(format!("{TOO_LONG}: {tokens} tokens > {most} maximum"))
            }
        }
    }
}

/// What a number between two texts counts: what is said of it before, else right behind it.
fn role(before: &str, behind: &str) -> Option<Role> {
    let before = before.rsplit(". ").next().unwrap_or_default();
    if words(before).last().is_some_and(|word| NAMES.contains(&word)) {
        return None;
    }
    let before: Vec<_> = words(before).filter_map(named).collect();
    let kind = before.iter().rfind(|role| matches!(role, Most | Total)).copied();
    let behind = behind.split(['.', ',', ';', ':', '(', ')', '\n']).next().unwrap_or_default();
    let mut behind = words(behind).take(BEHIND).map(named);
    let next = behind.next().flatten();
    let part = next.into_iter().chain(behind.flatten()).find(|role| matches!(role, Input | Output));
    kind.filter(|role| *role == Most)
        .or(part)
        .or(next.filter(|role| *role == Most))
        .or(kind)
        .or(before.last().copied())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |char: char| char.is_alphanumeric() || matches!(char, '_' | '<' | '=' | '>');
    text.split(move |char| !is_part(char)).filter(|word| !word.is_empty())
}

fn named(word: &str) -> Option<Role> {
    WORDS.iter().find(|(_, words)| words.contains(&word)).map(|(role, _)| *role)
}

/// Where the numbers of a text stand, and what they are: `131,072`, but no part of a name, a date or a fraction.
fn numbers(text: &str) -> Vec<(usize, usize, u64)> {
    let is_digit = |char: char| char.is_ascii_digit() || char == ',';
    let is_name = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_' | '.');
    let mut numbers = Vec::new();
    let mut end = 0;
    while let Some(found) = text[end..].find(|char: char| char.is_ascii_digit()) {
        let start = end + found;
        end = text[start..].find(|char| !is_digit(char)).map_or(text.len(), |length| start + length);
        let digits = text[start..end].trim_end_matches(',');
        let rest = text[end..].trim_start_matches('.');
        let is_alone = !text[..start].ends_with(is_name) && !rest.starts_with(is_name);
        let number = digits.replace(',', "").parse().ok().filter(|number| *number >= LEAST && is_alone);
        numbers.extend(number.map(|number| (start, start + digits.len(), number)));
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn maximum_and_count_are_told_apart() {
        let cases = [
            (
                "maximum context length is 8192 tokens. However, you requested 9000 tokens (8000 in the messages, 1000 in the completion)",
                9000,
                8192,
            ),
            (
                "maximum context length is 32768 tokens, but the request has 40000 input tokens (request id: 20250114173516786)",
                40000,
                32768,
            ),
            (
                "prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
                40000,
                32768,
            ),
            ("`inputs` must have less than 4096 tokens. Given: 5000", 5000, 4096),
            (
                "`inputs` tokens + `max_new_tokens` must be <= 4097. Given: 4000 `inputs` tokens and 1000 `max_new_tokens`",
                5000,
                4097,
            ),
            ("model token limit: 262,144 (requested: 270,001), trace 998877665", 270_001, 262_144),
            (
                "request exceeds the context size: request (9000 tokens) exceeds context size (8192 tokens)",
                9000,
                8192,
            ),
            (
                "the input token count (1196265) exceeds the maximum number of tokens (1048576) of m-4.5-2026",
                1_196_265,
                1_048_576,
            ),
        ];
        for (own, tokens, most) in cases {
            assert_eq!(message(own, ""), format!("prompt is too long: {tokens} tokens > {most} maximum"));
        }
    }

    #[test]
    fn an_answer_that_is_too_long_can_be_shorter() {
        for own in [
            "max_tokens is too large: 32000. The maximum context length is 131072 tokens and your request has 120000 input tokens (32000 > 131072 - 120000)",
            "the maximum context length is 131072 tokens. You requested a total of 152000 tokens: 120000 tokens from the input messages and 32000 tokens for the completion",
        ] {
            assert!(message(own, "").starts_with(
                "input length and `max_tokens` exceed context limit: 120000 + 32000 > 131072, "
            ));
        }
        let alone = "max_tokens is too large: 20000, the limit is 8192";
        assert_eq!(message(alone, ""), alone);
    }

    #[test]
    fn doubtful_numbers_are_not_said() {
        for own in [
            "range of input length should be [1, 30720]",
            "exceeds the context limit of 8192, or 4096 with a maximum of 2000",
            "the context has 2026-01-12 and 128k of 5000.5 in it",
        ] {
            assert_eq!(message(own, ""), format!("prompt is too long: {own}"));
        }
    }
}
