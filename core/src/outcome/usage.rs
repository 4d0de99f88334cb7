//! Token counts of an answer.
//!
//! Input: counts as readers find them. Output: the same under one set of names; the sum of several responses. State: none.

use crate::json::{Value, write};

/// Tokens billed; details are absent where the upstream left them out.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Upstream `input_tokens`.
    pub prompt_tokens: u64,
    /// Upstream `output_tokens`.
    pub completion_tokens: u64,
    /// Upstream `total_tokens`, else the sum.
    pub total_tokens: u64,
    /// `input_tokens_details.cached_tokens`.
    pub cached_tokens: Option<u64>,
    /// `input_tokens_details.cache_write_tokens`.
    pub cache_write_tokens: Option<u64>,
    /// `output_tokens_details.reasoning_tokens`.
    pub reasoning_tokens: Option<u64>,
    /// `text_tokens` and `image_tokens` of the input and of the output.
    pub media: MediaTokens,
    /// `input_tokens_details.cache_write_tokens_details`: what was written for 30 minutes, and for 12 hours; then what Messages
    /// counts in `cache_creation`: for 5 minutes, and for an hour.
    pub cache_write_ttl: [Option<u64>; 4],
}

impl Usage {
    /// What two responses took that are one answer.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        let add = |own: Option<u64>, other: Option<u64>| {
            own.map_or(other, |own| Some(own.saturating_add(other.unwrap_or(0))))
        };
        Self {
            prompt_tokens: self.prompt_tokens.saturating_add(other.prompt_tokens),
            completion_tokens: self.completion_tokens.saturating_add(other.completion_tokens),
            total_tokens: self.total_tokens.saturating_add(other.total_tokens),
            cached_tokens: add(self.cached_tokens, other.cached_tokens),
            cache_write_tokens: add(self.cache_write_tokens, other.cache_write_tokens),
            reasoning_tokens: add(self.reasoning_tokens, other.reasoning_tokens),
            media: MediaTokens {
                prompt: each(self.media.prompt, other.media.prompt, add),
                completion: each(self.media.completion, other.media.completion, add),
            },
            cache_write_ttl: each(self.cache_write_ttl, other.cache_write_ttl, add),
        }
    }
}

impl Usage {
    /// With what an earlier count of the same answer has and this one leaves out: a 0 takes nothing back.
    pub(crate) fn after(&self, earlier: &Self) -> Self {
        let count = |own: u64, earlier: u64| if own > 0 { own } else { earlier };
        let detail = |own: Option<u64>, earlier: Option<u64>| own.filter(|own| *own > 0).or(earlier).or(own);
        let prompt_tokens = count(self.prompt_tokens, earlier.prompt_tokens);
        let completion_tokens = count(self.completion_tokens, earlier.completion_tokens);
        let is_whole = (prompt_tokens, completion_tokens) == (self.prompt_tokens, self.completion_tokens);
        let sum = if is_whole { 0 } else { prompt_tokens.saturating_add(completion_tokens) };
        Self {
            prompt_tokens,
            completion_tokens,
            total_tokens: self.total_tokens.max(sum),
            cached_tokens: detail(self.cached_tokens, earlier.cached_tokens),
            cache_write_tokens: detail(self.cache_write_tokens, earlier.cache_write_tokens),
            reasoning_tokens: detail(self.reasoning_tokens, earlier.reasoning_tokens),
            media: MediaTokens {
                prompt: each(self.media.prompt, earlier.media.prompt, detail),
                completion: each(self.media.completion, earlier.media.completion, detail),
            },
            cache_write_ttl: each(self.cache_write_ttl, earlier.cache_write_ttl, detail),
        }
    }
}

/// Counts of both, one by one.
fn each<T: Copy, const N: usize>(own: [T; N], other: [T; N], joined: impl Fn(T, T) -> T) -> [T; N] {
    std::array::from_fn(|at| joined(own[at], other[at]))
}

/// Tokens by what they are of, where the upstream counts them so.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct MediaTokens {
    /// Of the input: text, images.
    pub prompt: [Option<u64>; 2],
    /// Of the output: text, images.
    pub completion: [Option<u64>; 2],
}

/// The names of [`MediaTokens`], and of [`Usage::cache_write_ttl`].
pub(crate) const MEDIA: [&str; 2] = ["text_tokens", "image_tokens"];
pub(crate) const CACHE_WRITE_TTL: &str = "cache_write_tokens_details";
pub(crate) const TTLS: [&str; 4] = ["ttl_30m", "ttl_12h", "ttl_5m", "ttl_1h"];
/// What the details of either side are in.
const PROMPT: &str = "prompt_tokens_details";
const COMPLETION: &str = "completion_tokens_details";

impl Usage {
    /// What was written to a cache for as long as OpenAI has it; and for as long as Messages has it.
    pub(crate) fn cache_writes(&self) -> [[Option<u64>; 2]; 2] {
        let [half_hour, half_day, minutes, hour] = self.cache_write_ttl;
        [[half_hour, half_day], [minutes, hour]]
    }

    /// As in an outcome: one compact JSON object.
    pub fn to_json(&self) -> String {
        let mut out = Vec::new();
        self.write_all(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// As in a chat completion.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        self.counts(out, &[None; 4]);
    }

    /// The reverse of [`Usage::write_all`].
    pub(crate) fn read(usage: Value<'_>) -> Option<Self> {
        let (prompt, completion) = (usage.get(PROMPT), usage.get(COMPLETION));
        let count = |details: Option<Value<'_>>, name| details?.get(name)?.as_u64();
        let ttl = prompt.and_then(|details| details.get(CACHE_WRITE_TTL));
        Some(Self {
            prompt_tokens: usage.get("prompt_tokens")?.as_u64()?,
            completion_tokens: usage.get("completion_tokens")?.as_u64()?,
            total_tokens: usage.get("total_tokens")?.as_u64()?,
            cached_tokens: count(prompt, "cached_tokens"),
            cache_write_tokens: count(prompt, "cache_write_tokens"),
            reasoning_tokens: count(completion, "reasoning_tokens"),
            media: MediaTokens {
                prompt: MEDIA.map(|name| count(prompt, name)),
                completion: MEDIA.map(|name| count(completion, name)),
            },
            cache_write_ttl: TTLS.map(|name| count(ttl, name)),
        })
    }

    /// The same with what chat has no place for.
    pub(crate) fn write_all(&self, out: &mut Vec<u8>) {
        self.counts(out, &self.cache_write_ttl);
    }

    fn counts(&self, out: &mut Vec<u8>, ttl: &[Option<u64>; 4]) {
        out.extend_from_slice(b"{\"prompt_tokens\":");
        write::number(out, self.prompt_tokens);
        out.extend_from_slice(b",\"completion_tokens\":");
        write::number(out, self.completion_tokens);
        out.extend_from_slice(b",\"total_tokens\":");
        write::number(out, self.total_tokens);
        let [text, image] = self.media.prompt;
        let cache = [("cached_tokens", self.cached_tokens), ("cache_write_tokens", self.cache_write_tokens)];
        let prompt = [cache[0], cache[1], (MEDIA[0], text), (MEDIA[1], image)];
        let ttl: [_; 4] = std::array::from_fn(|at| (TTLS[at], ttl[at]));
        details(out, PROMPT, &prompt, &ttl);
        let [text, image] = self.media.completion;
        let reasoning = ("reasoning_tokens", self.reasoning_tokens);
        details(out, COMPLETION, &[reasoning, (MEDIA[0], text), (MEDIA[1], image)], &[]);
        out.push(b'}');
    }
}

/// Absent details stay absent, an explicit 0 is kept.
fn details(out: &mut Vec<u8>, name: &str, counts: &[(&str, Option<u64>)], ttl: &[(&str, Option<u64>)]) {
    let mut opened = false;
    for (count_name, count) in counts {
        let Some(count) = count else { continue };
        let before = if opened { ",\"".to_owned() } else { format!(",\"{name}\":{{\"") };
        opened = true;
        out.extend_from_slice(before.as_bytes());
        out.extend_from_slice(count_name.as_bytes());
        out.extend_from_slice(b"\":");
        write::number(out, *count);
    }
    if ttl.iter().any(|(_, count)| count.is_some()) {
        let before = if opened { String::new() } else { format!(",\"{name}\":{{\"") };
        out.extend_from_slice(before.as_bytes());
        let mut inner = Vec::new();
        details(&mut inner, CACHE_WRITE_TTL, ttl, &[]);
        out.extend_from_slice(if opened { &inner } else { &inner[2..] });
        opened = true;
    }
    if opened {
        out.push(b'}');
    }
}
