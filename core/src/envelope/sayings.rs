//! Enters: the message of an error. Leaves: what it means, for upstreams that leave the code out.

use super::names::UNSUPPORTED_PARAMETER;
use crate::limits::MAX_DETAIL_BYTES;
use crate::outcome::ErrorClass;
use crate::dialect::responses::PREVIOUS_RESPONSE_ID;

/// A message that is known by some of its words.
#[derive(Debug)]
pub(super) struct Saying {
    /// All of them, in lower case.
    words: &'static [&'static str],
    pub(super) status: u16,
    pub(super) class: ErrorClass,
    param: Param,
    pub(super) hint: Option<&'static str>,
}

#[derive(Debug)]
enum Param {
    None,
    Is(&'static str),
    /// Whatever follows the words.
    Named,
}

const SAYINGS: &[Saying] = &[
    Saying { param: Param::Named, ..request(&["unsupported parameter"]) },
    Saying { param: Param::Is("tool_choice"), ..request(&["tool choice", "not found in 'tools'"]) },
    Saying { param: Param::Is("instructions"), ..request(&["instructions are required"]) },
    Saying { param: Param::Is("instructions"), ..request(&["instructions are not valid"]) },
    Saying { param: Param::Is("store"), ..request(&["store must be set to false"]) },
    Saying { param: Param::Is("stream"), ..request(&["stream must be set to true"]) },
    Saying {
        param: Param::Is("input"),
        hint: Some("hoist_all moves system and developer messages into instructions"),
        ..request(&["system messages are not allowed"])
    },
    Saying {
        param: Param::Is(PREVIOUS_RESPONSE_ID),
        ..saying(400, ErrorClass::RetryFullInput, &["previous response with id", "not found"])
    },
    saying(400, ErrorClass::RetryWithoutReasoning, &["encrypted content", "could not be verified"]),
    saying(400, ErrorClass::RetryWithoutReasoning, &["encrypted content", "could not be decrypted"]),
    saying(400, ErrorClass::RetryWithoutReasoning, &["encrypted content", "did not match"]),
    saying(400, ErrorClass::RetryWithoutReasoning, &["encrypted_content", "was not issued"]),
    saying(400, ErrorClass::RetryWithoutReasoning, &["invalid", "signature", "thinking", "block"]),
    saying(400, ErrorClass::UseWebsocket, &["routing_unsupported"]),
    saying(400, ErrorClass::ContextLength, &["context window"]),
    saying(400, ErrorClass::ContextLength, &["context length"]),
    saying(400, ErrorClass::ContextLength, &["too many tokens"]),
    saying(400, ErrorClass::ContextLength, &["maximum context"]),
    saying(400, ErrorClass::ContentPolicy, &["safety system"]),
    saying(400, ErrorClass::ContentPolicy, &["violating our usage polic"]),
    saying(400, ErrorClass::ContentPolicy, &["flagged for possible cybersecurity risk"]),
    saying(429, ErrorClass::Quota, &["usage limit has been reached"]),
    saying(429, ErrorClass::Quota, &["exceeded your current quota"]),
    saying(503, ErrorClass::Overloaded, &["selected model is at capacity"]),
    saying(502, ErrorClass::Truncated, &["stream closed before response.completed"]),
    saying(502, ErrorClass::Truncated, &["stream disconnected before completion"]),
    saying(502, ErrorClass::Truncated, &["stream truncated"]),
];

const fn saying(status: u16, class: ErrorClass, words: &'static [&'static str]) -> Saying {
    Saying { words, status, class, param: Param::None, hint: None }
}

const fn request(words: &'static [&'static str]) -> Saying {
    saying(400, ErrorClass::InvalidRequest, words)
}

/// The first saying that `message`, in lower case, is.
pub(super) fn find(message: &str, status: Option<u16>) -> Option<&'static Saying> {
    let is_said = |saying: &&Saying| saying.words.iter().all(|word| message.contains(word));
    // "Too many tokens, please wait": a rate, not a size.
    let is_rate = |saying: &&Saying| status == Some(429) && saying.class == ErrorClass::ContextLength;
    SAYINGS.iter().filter(|saying| !is_rate(saying)).find(is_said)
}

impl Saying {
    /// What the message names.
    pub(super) fn param_and_code(&self, message: &str) -> (Option<String>, Option<String>) {
        match self.param {
            Param::None => (None, None),
            Param::Is(param) => (Some(param.to_owned()), None),
            Param::Named => {
                let after = self.words.iter().find_map(|word| after(message, word)).unwrap_or_default();
                (name(after).map(str::to_owned), Some(UNSUPPORTED_PARAMETER.to_owned()))
            }
        }
    }
}

/// What follows `word`, a word in lower case.
fn after<'m>(message: &'m str, word: &str) -> Option<&'m str> {
    let at = message.to_ascii_lowercase().find(word)?; // ASCII case folding moves nothing
    message.get(at + word.len()..)
}

/// `: temperature.`, `: 'temperature' is not supported`: the path, without its quotes.
fn name(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let text = text
        .starts_with([':', '\'', '"', '`'])
        .then(|| text.trim_start_matches([':', ' ', '\'', '"', '`']))?;
    let is_path = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.' | '[' | ']');
    let name = text.split(|char| !is_path(char)).next()?.trim_end_matches('.');
    (1..=MAX_DETAIL_BYTES).contains(&name.len()).then_some(name)
}
