//! Token counts as Messages has them: the input is what was read from no cache and written to none.
//!
//! Input: `usage` objects, of which a later one replaces what it names; or the counts of an answer. Output: the other form.
//! State: the counts so far. A 0 takes nothing back: servers send it for what they did not count.

use super::WEB_SEARCH;
use crate::json::{Str, Value, write};
use crate::outcome::Usage;

const CACHE_TTLS: [&str; 2] = ["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"];
const SERVER_TOOLS: &str = "server_tool_use";
/// Behind the name of a tool: how often it ran.
const REQUESTS: &str = "_requests";
/// The same in Responses, beside what else a tool used.
const NUM_REQUESTS: &str = "num_requests";

#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Counts {
    input: Option<u64>,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
    output: Option<u64>,
    thinking: Option<u64>,
    /// Of what was written to the cache: for 5 minutes, and for an hour.
    cache_ttl: [Option<u64>; 2],
}

impl Counts {
    pub(super) fn read(&mut self, usage: Value<'_>) {
        let thinking = usage.get("output_tokens_details").and_then(|details| details.get("thinking_tokens"));
        let count = |value: Option<Value<'_>>| value.and_then(Value::as_u64);
        // Some servers have chat's names.
        let either = |name, of_chat| count(usage.get(name).or_else(|| usage.get(of_chat)));
        let members = [
            (&mut self.input, either("input_tokens", "prompt_tokens")),
            (&mut self.cache_read, count(usage.get("cache_read_input_tokens"))),
            (&mut self.cache_write, count(usage.get("cache_creation_input_tokens"))),
            (&mut self.output, either("output_tokens", "completion_tokens")),
            (&mut self.thinking, count(thinking)),
        ];
        for (own, count) in members {
            *own = count.filter(|count| *count > 0 || own.is_none()).or(*own);
        }
        for (own, name) in self.cache_ttl.iter_mut().zip(CACHE_TTLS) {
            let count = usage.get("cache_creation").and_then(|details| details.get(name)?.as_u64());
            *own = count.filter(|count| *count > 0).or(*own); // every answer has the zeros
        }
    }

    /// `None` where nobody counted.
    pub(super) fn usage(&self) -> Option<Usage> {
        self.input.or(self.output)?;
        let count = |own: Option<u64>| own.unwrap_or(0);
        let cache_write_tokens =
            self.cache_write.or_else(|| self.cache_ttl.into_iter().flatten().reduce(u64::saturating_add));
        let (read, written) = (count(self.cache_read), count(cache_write_tokens));
        let prompt_tokens = count(self.input).saturating_add(read).saturating_add(written);
        let completion_tokens = count(self.output);
        let [minutes, hour] = self.cache_ttl;
        Some(Usage {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens.saturating_add(completion_tokens),
            cached_tokens: self.cache_read,
            cache_write_tokens,
            reasoning_tokens: self.thinking,
            cache_write_ttl: [None, None, minutes, hour],
            ..Usage::default()
        })
    }
}

/// The counts of a `usage` object; `None` where nobody counted.
pub(crate) fn read_usage(usage: Value<'_>) -> Option<Usage> {
    let mut counts = Counts::default();
    counts.read(usage);
    counts.usage()
}

/// What ran on the server, in the form that Responses has for it: `{"web_search":{"num_requests":1}}`.
pub(super) fn tool_usage(usage: Value<'_>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    usage.get(SERVER_TOOLS)?.each_member(|key, value| {
        let Some(count) = value.as_u64().filter(|count| *count > 0) else { return };
        let Some(name) = key.raw().strip_suffix(REQUESTS.as_bytes()) else { return };
        let before: &[u8] = if out.is_empty() { b"{\"" } else { b",\"" };
        write::pieces(&mut out, [before, name, b"\":{\"", NUM_REQUESTS.as_bytes(), b"\":"]);
        write::number(&mut out, count);
        out.push(b'}');
    });
    out.push(b'}');
    (out.len() > 1).then_some(out)
}

/// How often the web was searched by the `tool_usage` of a Response, and whether that is all it says.
pub(super) fn searches(tool_usage: &str) -> Option<(u64, bool)> {
    let tools = Value::document(tool_usage.as_bytes())?;
    let count = tools.get(WEB_SEARCH)?.get(NUM_REQUESTS)?.as_u64().filter(|count| *count > 0)?;
    let mut is_all = true;
    tools.each_member(|name, _| is_all &= name.is(WEB_SEARCH));
    Some((count, is_all))
}

/// `usage` of a body, without what only an answer knows.
pub(crate) fn write_usage(out: &mut Vec<u8>, usage: Option<&Usage>) {
    write_whole(out, usage, 0, None);
}

/// Tokens that were neither read from a cache nor written to one.
fn uncached(usage: &Usage) -> u64 {
    let cached = usage.cached_tokens.unwrap_or(0).saturating_add(usage.cache_write_tokens.unwrap_or(0));
    usage.prompt_tokens.saturating_sub(cached)
}

/// `usage` of a stream: only what is known, since clients take a 0 for a count. `searches`: how many of the web.
pub(super) fn write_known(out: &mut Vec<u8>, usage: Option<&Usage>, searches: u64) {
    out.push(b'{');
    if let Some(usage) = usage {
        member(out, "input_tokens", Some(uncached(usage)));
        member(out, "cache_creation_input_tokens", usage.cache_write_tokens);
        member(out, "cache_read_input_tokens", usage.cached_tokens);
    }
    member(out, "output_tokens", Some(usage.map_or(0, |usage| usage.completion_tokens)));
    if let Some(thinking) = usage.and_then(|usage| usage.reasoning_tokens) {
        out.extend_from_slice(b",\"output_tokens_details\":");
        thinking_tokens(out, thinking);
    }
    if searches > 0 {
        write::pieces(out, [b",\"", SERVER_TOOLS.as_bytes(), b"\":"]);
        server_tools(out, searches);
    }
    out.push(b'}');
}

/// `usage` of a body, with every member that its schema requires.
pub(super) fn write_whole(out: &mut Vec<u8>, usage: Option<&Usage>, searches: u64, tier: Option<&[u8]>) {
    let known = usage.copied().unwrap_or_default();
    out.push(b'{');
    member(out, "input_tokens", Some(uncached(&known)));
    member(out, "cache_creation_input_tokens", Some(known.cache_write_tokens.unwrap_or(0)));
    member(out, "cache_read_input_tokens", Some(known.cached_tokens.unwrap_or(0)));
    out.extend_from_slice(b",\"cache_creation\":null");
    member(out, "output_tokens", Some(known.completion_tokens));
    out.extend_from_slice(b",\"output_tokens_details\":");
    match known.reasoning_tokens {
        Some(thinking) => thinking_tokens(out, thinking),
        None => out.extend_from_slice(b"null"),
    }
    write::pieces(out, [b",\"", SERVER_TOOLS.as_bytes(), b"\":"]);
    if searches > 0 {
        server_tools(out, searches);
    } else {
        out.extend_from_slice(b"null");
    }
    out.extend_from_slice(b",\"service_tier\":");
    out.extend_from_slice(tier.map_or(&b"null"[..], service_tier));
    out.extend_from_slice(b",\"inference_geo\":null}");
}

/// A tier in the name that the other dialects have for it.
pub(super) fn common_tier(tier: Str<'_>) -> Str<'_> {
    if tier.is("standard") { Str::from_raw(b"default") } else { tier }
}

/// The tiers that both have.
fn service_tier(tier: &[u8]) -> &'static [u8] {
    match tier {
        b"default" | b"standard" => b"\"standard\"",
        b"priority" => b"\"priority\"",
        b"batch" => b"\"batch\"",
        _ => b"null",
    }
}

fn member(out: &mut Vec<u8>, name: &str, count: Option<u64>) {
    let Some(count) = count else { return };
    out.extend_from_slice(if out.ends_with(b"{") { b"\"" } else { b",\"" });
    write::pieces(out, [name.as_bytes(), b"\":"]);
    write::number(out, count);
}

fn thinking_tokens(out: &mut Vec<u8>, count: u64) {
    out.push(b'{');
    member(out, "thinking_tokens", Some(count));
    out.push(b'}');
}

fn server_tools(out: &mut Vec<u8>, searches: u64) {
    out.push(b'{');
    member(out, "web_search_requests", Some(searches));
    member(out, "web_fetch_requests", Some(0));
    out.push(b'}');
}
