//! The table of what upstreams write instead of a code, or beside one that says little.
//!
//! Input: the message of a failure.
//! Output: class, status, the parameter it names, a hint.
//! State: none.

use super::codes::{ClassAndStatus, UNSUPPORTED_PARAMETER};
use crate::event_names::PREVIOUS_RESPONSE_ID;
use crate::limits::MAX_DETAIL_BYTES;
use crate::outcome::ErrorClass::{
    self, Auth, ContentPolicy, ContextLength, InvalidRequest, NotFound, Overloaded, Permission, Quota,
    RateLimited, RetryFullInput, RetryWithoutReasoning, Truncated, UseWebsocket,
};

/// A message that is known by some of its words.
#[derive(Debug)]
pub(super) struct Wording {
    /// Any of them, in lower case; `…` stands for anything between.
    words: &'static [&'static str],
    status: u16,
    class: ErrorClass,
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

/// The first row with words that a message has counts, so what is special stands before what is general. Rates per
/// minute stand before quotas, quotas before other rates: all of them speak of limits.
const WORDINGS: &[Wording] = &[
    Wording {
        hint: Some("the upstream's URL must be the one that it redirects to"),
        ..wording(404, NotFound, &["upstream redirects to "])
    },
    Wording { param: Param::Named, ..request(&["unsupported parameter"]) },
    Wording { param: Param::Is("tool_choice"), ..request(&["tool choice … not found in 'tools'"]) },
    Wording {
        param: Param::Is("instructions"),
        ..request(&["instructions are required", "instructions are not valid"])
    },
    Wording { param: Param::Is("store"), ..request(&["store must be set to false"]) },
    Wording { param: Param::Is("stream"), ..request(&["stream must be set to true"]) },
    Wording {
        param: Param::Is("input"),
        hint: Some("hoist_all moves system and developer messages into instructions"),
        ..request(&["system messages are not allowed"])
    },
    Wording {
        param: Param::Is(PREVIOUS_RESPONSE_ID),
        ..wording(
            400,
            RetryFullInput,
            &["previous response with id … not found", "invalid `previous_response_id`"],
        )
    },
    wording(400, RetryWithoutReasoning, &["encrypted content … could not be verified"]),
    wording(400, RetryWithoutReasoning, &["encrypted content … could not be decrypted"]),
    wording(400, RetryWithoutReasoning, &["encrypted content … did not match"]),
    wording(400, RetryWithoutReasoning, &["encrypted_content … was not issued"]),
    wording(400, RetryWithoutReasoning, &["could not decrypt the provided encrypted_content"]),
    wording(400, RetryWithoutReasoning, &["invalid … signature … thinking … block"]),
    wording(400, RetryWithoutReasoning, &["corrupted thought signature", "thought signature is not valid"]),
    wording(
        400,
        RetryWithoutReasoning,
        &["thinking` blocks … cannot be modified", "thinking blocks … cannot be modified"],
    ),
    wording(400, RetryWithoutReasoning, &["'reasoning' … without its required following item"]),
    wording(400, UseWebsocket, &["routing_unsupported"]),
    wording(401, Auth, &["incorrect api key", "api key not valid"]),
    wording(401, Auth, &["security token … is expired", "security token … is invalid"]),
    wording(401, Auth, &["signature we calculated does not match", "expired or revoked"]),
    wording(403, Permission, &["not supported when using codex with a chatgpt account"]),
    wording(
        403,
        Permission,
        &["workspace … deactivated", "deactivated … workspace", "account has been deactivated"],
    ),
    wording(403, Permission, &["organization has been disabled", "organization must be verified"]),
    wording(
        403,
        Permission,
        &["not available on your plan", "not available in your plan", "not included in your plan"],
    ),
    wording(403, Permission, &["country, region, or territory not supported", "location is not supported"]),
    wording(403, Permission, &["supported for your account", "available for your account"]),
    wording(404, NotFound, &["model … does not exist", "no endpoints found"]),
    wording(404, NotFound, &["model … has been decommissioned", "invalid model name"]),
    wording(429, RateLimited, &["perminute", "per_minute"]), // in Google's names of quotas
    wording(429, RateLimited, &["per minute", "tokens per min", "requests per min"]),
    wording(
        429,
        Quota,
        &["usage limit", "plan limit", "session limit", "hour limit", "用量上限", "使用上限"],
    ),
    wording(429, Quota, &["weekly … limit", "weekly … quota", "weekly … allowance", "limit … this week"]),
    wording(
        429,
        Quota,
        &["monthly … limit", "monthly … quota", "daily … limit", "daily … quota", "plan quota"],
    ),
    wording(429, Quota, &["limit … of your plan", "hit your … limit", "out of extra usage"]),
    wording(
        429,
        Quota,
        &["spending limit", "spend limit", "hard limit … reached", "budget has been exceeded"],
    ),
    wording(
        429,
        Quota,
        &["-per-day", "requests per day", "exceeded … premium request", "premium request … exceeded"],
    ),
    wording(429, Quota, &["tokens per day", "daily … allocation", "call volume quota"]),
    wording(429, Quota, &["quota … exhausted", "exhausted your", "quota exceeded", "exceeded your … quota"]),
    wording(429, Quota, &["insufficient quota", "insufficient_quota", "quota is not enough", "额度不足"]),
    wording(429, Quota, &["key limit exceeded (", "key limit exceeded. manage it"]), // OpenRouter's
    wording(429, Quota, &["account is not active", "billing … not active"]),
    wording(402, Quota, &["billing details", "check your billing", "payment required", "in good standing"]),
    wording(
        402,
        Quota,
        &["insufficient balance", "insufficient funds", "insufficient credit", "credit balance"],
    ),
    wording(402, Quota, &["not enough credits", "out of credits", "more credits", "available credits"]),
    wording(402, Quota, &["have any credits", "余额不足", "欠费"]),
    wording(429, RateLimited, &["rate limit", "rate-limit", "ratelimit", "too many requests", "throttl"]),
    wording(429, RateLimited, &["too many tokens … wait"]),
    request(&["`max_tokens` must be less than or equal", "max_tokens … maximum value"]), // Groq's
    wording(400, ContextLength, &["context window", "context length", "context size", "context limit"]),
    wording(400, ContextLength, &["context_window", "context_length", "contextwindow", "context overflow"]),
    wording(400, ContextLength, &["maximum context", "context shift", "slot context", "n_ctx"]),
    wording(400, ContextLength, &["when context the overflows"]), // LM Studio's grammar
    wording(400, ContextLength, &["maximum model length", "max_model_len", "maximum prompt length"]),
    wording(
        400,
        ContextLength,
        &["maximum input length", "maximum allowed input length", "range of input length"],
    ),
    wording(400, ContextLength, &["too many tokens", "too many input tokens", "tokens in request more than"]),
    wording(
        400,
        ContextLength,
        &["prompt is too long", "prompt too long", "input is too long", "input too long"],
    ),
    wording(
        400,
        ContextLength,
        &["input prompt … is too long", "token length too long", "prompt exceeds", "prompt is too large"],
    ),
    wording(400, ContextLength, &["prompt token count", "input token count", "token count … exceeds"]),
    wording(
        400,
        ContextLength,
        &["input length … exceed", "input tokens … exceed", "prompt tokens … exceed"],
    ),
    wording(
        400,
        ContextLength,
        &["exceeds the maximum number of tokens", "total tokens … max message tokens"],
    ),
    wording(400, ContextLength, &["model token limit", "token limit exceeded", "exceeds the token limit"]),
    wording(400, ContextLength, &["exceeded the token limit", "`inputs` … tokens"]),
    wording(
        400,
        ContextLength,
        &[
            "message is over the token limit",
            "prompt is over the token limit",
            "input is over the token limit",
        ],
    ),
    wording(
        400,
        ContextLength,
        &["total number of tokens … exceeds the model limit", "token length exceed … model limit"],
    ),
    wording(
        400,
        ContextLength,
        &["longer than the specified maximum sequence", "prompt has … tokens … model only supports"],
    ),
    wording(
        400,
        ContextLength,
        &["reduce the length of", "reduce your prompt", "shorten your prompt", "messages resulted in"],
    ),
    wording(
        400,
        ContextLength,
        &["input is too large for", "too large for model", "total message size", "max input"],
    ),
    wording(
        400,
        ContextLength,
        &["tokens in the prompt … exceed", "tokens in the input", "input_tokens … exceed"],
    ),
    wording(400, ContextLength, &["prompt 超长", "prompt超长", "上下文长度", "输入长度", "输入 … 最大长度"]),
    wording(413, ContextLength, &["request entity too large", "request body too large", "payload too large"]),
    wording(400, ContentPolicy, &["safety system", "violating our usage polic", "content management policy"]),
    wording(400, ContentPolicy, &["flagged for possible cybersecurity risk"]),
    wording(400, ContentPolicy, &["inappropriate content", "content exists risk", "contentpolicyviolation"]),
    wording(400, ContentPolicy, &["content violates usage guidelines"]),
    wording(503, Overloaded, &["at capacity", "overloaded", "experiencing high demand", "server is busy"]),
    wording(503, Overloaded, &["server busy", "capacity temporarily exceeded"]),
    wording(502, Truncated, &["stream closed before response.completed", "stream truncated"]),
    wording(502, Truncated, &["stream disconnected before completion"]),
];

const fn wording(status: u16, class: ErrorClass, words: &'static [&'static str]) -> Wording {
    Wording { words, status, class, param: Param::None, hint: None }
}

const fn request(words: &'static [&'static str]) -> Wording {
    wording(400, InvalidRequest, words)
}

/// The first wording that `message`, in lower case, has.
pub(super) fn find(message: &str, status: Option<u16>) -> Option<&'static Wording> {
    let has_words = |wording: &&Wording| wording.words.iter().any(|words| contains(message, words));
    // "Too many tokens, please wait" is a rate, "fewer max_tokens, or add credits" a balance.
    let is_limit = matches!(status, Some(402 | 429));
    let can_be = |wording: &&Wording| !(is_limit && wording.class == ContextLength);
    WORDINGS.iter().filter(can_be).find(has_words)
}

fn contains(message: &str, words: &str) -> bool {
    let mut rest = Some(message);
    for part in words.split(" … ") {
        rest = rest.and_then(|rest| Some(rest.split_once(part)?.1));
    }
    rest.is_some()
}

impl Wording {
    pub(super) fn class_and_status(&self) -> ClassAndStatus {
        (self.class, self.status)
    }

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

#[cfg(test)]
mod tests {
    use super::{ErrorClass, WORDINGS, contains, find};

    #[test]
    fn words_stand_in_their_order() {
        assert!(contains(
            "the encrypted content gaaa could not be verified",
            "encrypted content … could not be"
        ));
        assert!(!contains("could not verify the encrypted content", "encrypted content … could not"));
    }

    #[test]
    fn every_wording_is_in_lower_case_and_reached() {
        for row in WORDINGS {
            for words in row.words {
                assert_eq!(words.to_ascii_lowercase(), *words);
                let found = find(words, None).map(|found| found.class);
                assert_eq!(found, Some(row.class), "{words} is hidden by an earlier row");
            }
        }
    }

    #[test]
    fn ordinary_sentences_are_no_known_words() {
        for message in [
            "metadata key limit exceeded: at most 16 keys",
            "system messages that think aloud cannot be modified",
            "the field `signature` is not valid",
            "could not decrypt the file",
            "the prompt has an image, but this model only supports text",
        ] {
            assert!(find(message, Some(400)).is_none(), "{message}");
        }
    }

    #[test]
    fn limits_of_the_output_are_no_overflow_of_the_input() {
        for message in [
            "max_tokens: 64001 > 64000, which is the maximum allowed number of output tokens",
            "max_tokens exceeds the limit of 8192",
            "invalid 'input[0].id': string too long. expected a string with maximum length 64",
            "context deadline exceeded",
            "max_tokens is over the token limit of 4096",
            "you asked for 9000 output tokens, but the model only supports 4096 tokens",
        ] {
            let class = find(message, Some(400)).map(|found| found.class);
            assert_ne!(class, Some(ErrorClass::ContextLength), "{message}");
        }
    }
}
