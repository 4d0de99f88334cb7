//! What a model demands of a request, read of its members once, when they become known.
//!
//! Input: a model's members. Output: the same, typed. State: none.
//!
//! | member | what a request must keep to |
//! |---|---|
//! | `supported_reasoning_levels` | the efforts that there are, as Codex's catalog has them, or as texts |
//! | `always_reasons` | there is no effort `none` |
//! | `refused_while_reasoning` | members, and entries of `include`, that only go with the effort `none` |
//! | `tools_need_responses` | tools only on `/responses`: `true`, or `"unless_effort_none"` |
//! | `supports_parallel_tool_calls`, `support_verbosity`, `supports_image_detail_original` | `false`: not that |
//! | `service_tiers` | the tiers above the usual ones: `id`, and the `name` that clients may write instead |
//! | `max_context_window`, else `context_window` | the most that can be asked for as output |
//! | `use_responses_lite` | with tools in `input`, no parallel calls |
//! | `prompt_cache_ttl` | how long the cache lives, where a request has `prompt_cache_retention` |

use super::ordered::Ordered;
use super::value;
use crate::json::{Str, Value};

/// Efforts, from the least. Any model's name may end in one; a model's own levels are known beside them.
pub(crate) const EFFORTS: [&str; 8] = ["none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra"];
pub(crate) const NO_EFFORT: &str = EFFORTS[0];

/// The members that are read here.
pub(super) const MEMBERS: [&str; 12] = [
    "supported_reasoning_levels",
    "always_reasons",
    "refused_while_reasoning",
    "tools_need_responses",
    "supports_parallel_tool_calls",
    "support_verbosity",
    "supports_image_detail_original",
    "service_tiers",
    "max_context_window",
    "context_window",
    "use_responses_lite",
    "prompt_cache_ttl",
];

/// All of them, typed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact about the model")]
pub(crate) struct ModelRules {
    /// Empty: not known.
    pub(crate) efforts: Vec<String>,
    pub(crate) always_reasons: bool,
    pub(crate) refused_while_reasoning: Vec<String>,
    pub(crate) tools_need_responses: ToolsNeedResponses,
    pub(crate) has_single_calls: bool,
    pub(crate) lacks_verbosity: bool,
    pub(crate) lacks_original_detail: bool,
    /// Id and name; `None`: not known.
    pub(crate) service_tiers: Option<Vec<[String; 2]>>,
    pub(crate) most_output: Option<u64>,
    pub(crate) is_lite: bool,
    pub(crate) cache_ttl: Option<String>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ToolsNeedResponses {
    #[default]
    No,
    UnlessEffortNone,
    Always,
}

impl ModelRules {
    pub(super) fn read(members: &Ordered<Vec<u8>>) -> Self {
        let flag = |key| value(members, key).and_then(Value::as_bool);
        let number = |key| value(members, key).and_then(Value::as_u64);
        let text = |key| value(members, key).and_then(Value::as_str);
        let list = |key| value(members, key).into_iter().flat_map(Value::elements);
        let is_tiered = value(members, "service_tiers").is_some_and(|tiers| tiers.raw().starts_with(b"["));
        Self {
            efforts: list("supported_reasoning_levels").filter_map(|level| named(level, "effort")).collect(),
            always_reasons: flag("always_reasons") == Some(true),
            refused_while_reasoning: list("refused_while_reasoning")
                .filter_map(|name| Some(name.as_str()?.decode()))
                .collect(),
            tools_need_responses: match flag("tools_need_responses") {
                Some(true) => ToolsNeedResponses::Always,
                None if text("tools_need_responses").is_some_and(|own| own.is("unless_effort_none")) => {
                    ToolsNeedResponses::UnlessEffortNone
                }
                _ => ToolsNeedResponses::No,
            },
            has_single_calls: flag("supports_parallel_tool_calls") == Some(false),
            lacks_verbosity: flag("support_verbosity") == Some(false),
            lacks_original_detail: flag("supports_image_detail_original") == Some(false),
            service_tiers: is_tiered.then(|| list("service_tiers").filter_map(tier).collect()),
            most_output: number("max_context_window").or_else(|| number("context_window")),
            is_lite: flag("use_responses_lite") == Some(true),
            cache_ttl: text("prompt_cache_ttl").map(Str::decode),
        }
    }

    /// The effort that the model has for another one: the next lower, else its lowest. `None`: it has that one, or it is
    /// none that we know.
    pub(crate) fn clamped(&self, effort: &str) -> Option<&str> {
        let rank = |name: &str| EFFORTS.iter().position(|own| *own == name);
        let asked = rank(effort)?;
        if self.efforts.iter().any(|own| own == effort) || (effort == NO_EFFORT && !self.always_reasons) {
            return None;
        }
        let known = || self.efforts.iter().filter_map(|own| Some((rank(own)?, &**own)));
        let lower = known().filter(|(own, _)| *own < asked).max();
        lower.or_else(|| known().min()).map(|(_, effort)| effort)
    }
}

impl ToolsNeedResponses {
    pub(crate) fn holds(self, effort: Option<&str>) -> bool {
        match self {
            Self::No => false,
            Self::UnlessEffortNone => effort != Some(NO_EFFORT),
            Self::Always => true,
        }
    }
}

/// A text, or the member of an object that is one.
fn named(value: Value<'_>, key: &str) -> Option<String> {
    value.get(key).unwrap_or(value).as_str().map(Str::decode)
}

fn tier(tier: Value<'_>) -> Option<[String; 2]> {
    let id = named(tier, "id")?;
    Some([id.clone(), named(tier, "name").unwrap_or(id)])
}
