//! Token counts as Responses have them.
//!
//! Input: counts. Output: the `usage` object. State: none.

use crate::outcome::{CACHE_WRITE_TTL, TTLS, Usage};

/// Every count that the official clients' models require; what nobody counted is 0.
pub(crate) fn write_usage(out: &mut Vec<u8>, usage: Option<&Usage>) {
    let Some(usage) = usage else { return out.extend_from_slice(b"null") };
    let [cached, written, reasoning] =
        [usage.cached_tokens, usage.cache_write_tokens, usage.reasoning_tokens]
            .map(Option::unwrap_or_default);
    let Usage { prompt_tokens, completion_tokens, total_tokens, .. } = usage;
    let ttl = match usage.cache_writes()[0] {
        [None, None] => String::new(),
        ttl => {
            let [short, long] = ttl.map(Option::unwrap_or_default);
            format!(",\"{CACHE_WRITE_TTL}\":{{\"{}\":{short},\"{}\":{long}}}", TTLS[0], TTLS[1])
        }
    };
    let text = format!(
        "{{\"input_tokens\":{prompt_tokens},\"input_tokens_details\":{{\"cached_tokens\":{cached},\
         \"cache_write_tokens\":{written}{ttl}}},\"output_tokens\":{completion_tokens},\
         \"output_tokens_details\":{{\"reasoning_tokens\":{reasoning}}},\"total_tokens\":{total_tokens}}}"
    );
    out.extend_from_slice(text.as_bytes());
}
