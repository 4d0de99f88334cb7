//! Reads token counts under every name that servers give them; the dialects' names are mixed in practice, and some gateways
//! hand on those of Bedrock or of an SDK.
//!
//! Input: a `usage` object. Output: [`Usage`]. Absent details stay absent; a missing total is the sum, and of two counts that
//! make a total the missing one is the rest.

use crate::json::Value;
use crate::outcome::{CACHE_WRITE_TTL, MEDIA, MediaTokens, TTLS, Usage};

/// `None` for an object that counts nothing.
pub(crate) fn read(usage: Value<'_>) -> Option<Usage> {
    let count = |keys: &[&str]| first_above_zero(keys.iter().filter_map(|key| number(usage.get(key)?)));
    let detail = |groups: [&str; 2], keys: &[&str]| {
        let groups = groups.iter().filter_map(|group| usage.get(group));
        let counts = groups.flat_map(|group| keys.iter().filter_map(move |key| number(group.get(key)?)));
        first_above_zero(counts)
    };
    let prompt = count(&["input_tokens", "prompt_tokens", "inputTokens", "promptTokens"]);
    let completion = count(&["output_tokens", "completion_tokens", "outputTokens", "completionTokens"]);
    let total = count(&["total_tokens", "totalTokens"]);
    prompt.or(completion).or(total)?;
    let input = ["input_tokens_details", "prompt_tokens_details"];
    let output = ["output_tokens_details", "completion_tokens_details"];
    let reasoning = ["reasoning_tokens"];
    let reasoning_tokens = either(detail(output, &reasoning), count(&reasoning));
    let rest_of = |part: Option<u64>| total?.checked_sub(part?);
    let completion = completion.or_else(|| rest_of(prompt));
    let completion_tokens =
        with_reasoning(prompt.unwrap_or(0), completion.unwrap_or(0), reasoning_tokens.unwrap_or(0), total);
    let prompt_tokens = prompt.or_else(|| rest_of(completion.map(|_| completion_tokens))).unwrap_or(0);
    Some(Usage {
        prompt_tokens,
        completion_tokens,
        total_tokens: total
            .filter(|total| *total > 0)
            .unwrap_or(prompt_tokens.saturating_add(completion_tokens)),
        cached_tokens: either(detail(input, &CACHED), count(&CACHED)),
        cache_write_tokens: either(
            detail(input, &["cache_write_tokens"]),
            count(&["cache_creation_input_tokens"]),
        ),
        reasoning_tokens,
        media: MediaTokens {
            prompt: MEDIA.map(|name| detail(input, &[name])),
            completion: MEDIA.map(|name| detail(output, &[name])),
        },
        cache_write_ttl: TTLS.map(|name| {
            let groups = input.iter().filter_map(|group| usage.get(group)?.get(CACHE_WRITE_TTL));
            first_above_zero(groups.filter_map(|group| number(group.get(name)?)))
        }),
    })
}

/// Names of the count of cached tokens (OpenAI, vLLM, Moonshot; Mistral, Together; DeepSeek; Anthropic; Bedrock).
const CACHED: [&str; 5] = [
    "cached_tokens",
    "num_cached_tokens",
    "prompt_cache_hit_tokens",
    "cache_read_input_tokens",
    "cacheReadInputTokens",
];

/// A count, sent as a number or as its digits.
fn number(value: Value<'_>) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.decode().parse().ok())
}

/// The first count that is more than 0, else the first.
fn first_above_zero(mut counts: impl Iterator<Item = u64>) -> Option<u64> {
    let first = counts.next()?;
    if first > 0 { Some(first) } else { counts.find(|count| *count > 0).or(Some(first)) }
}

fn either(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    first_above_zero(one.into_iter().chain(other))
}

/// xAI counts reasoning beside the completion: its total is that of all three. So does whoever counts more of it.
fn with_reasoning(prompt: u64, completion: u64, reasoning: u64, total: Option<u64>) -> u64 {
    let all = completion.saturating_add(reasoning);
    let is_beside = reasoning > completion || total == Some(prompt.saturating_add(all));
    if reasoning > 0 && is_beside { all } else { completion }
}
