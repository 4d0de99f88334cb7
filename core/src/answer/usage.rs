//! Reads token counts under every name that servers give them; the dialects' names are mixed in practice.
//!
//! Input: a `usage` object. Output: [`Usage`]. Absent details stay absent; a missing total is the sum.

use crate::json::Value;
use crate::outcome::Usage;

/// `None` for an object that counts nothing.
pub(crate) fn read(usage: Value<'_>) -> Option<Usage> {
    let count = |keys: &[&str]| keys.iter().find_map(|key| usage.get(key)?.as_u64());
    let detail =
        |groups: [&str; 2], key: &str| groups.iter().find_map(|group| usage.get(group)?.get(key)?.as_u64());
    let prompt = count(&["input_tokens", "prompt_tokens"]);
    let completion = count(&["output_tokens", "completion_tokens"]);
    let total = count(&["total_tokens"]);
    prompt.or(completion).or(total)?;
    let input = ["input_tokens_details", "prompt_tokens_details"];
    let output = ["output_tokens_details", "completion_tokens_details"];
    let reasoning_tokens = detail(output, "reasoning_tokens").or_else(|| count(&["reasoning_tokens"]));
    let prompt_tokens = prompt.unwrap_or(0);
    let completion_tokens =
        with_reasoning(prompt_tokens, completion.unwrap_or(0), reasoning_tokens.unwrap_or(0), total);
    Some(Usage {
        prompt_tokens,
        completion_tokens,
        total_tokens: total.unwrap_or(prompt_tokens.saturating_add(completion_tokens)),
        cached_tokens: detail(input, "cached_tokens").or_else(|| {
            // vLLM and Moonshot, Together, DeepSeek, Anthropic
            count(&[
                "cached_tokens",
                "num_cached_tokens",
                "prompt_cache_hit_tokens",
                "cache_read_input_tokens",
            ])
        }),
        cache_write_tokens: detail(input, "cache_write_tokens")
            .or_else(|| count(&["cache_creation_input_tokens"])),
        reasoning_tokens,
    })
}

/// xAI counts reasoning beside the completion: its total is that of all three.
fn with_reasoning(prompt: u64, completion: u64, reasoning: u64, total: Option<u64>) -> u64 {
    let all = completion.saturating_add(reasoning);
    if reasoning > 0 && total == Some(prompt.saturating_add(all)) { all } else { completion }
}
