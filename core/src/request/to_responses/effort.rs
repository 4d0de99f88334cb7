//! What other vendors' switches for thinking ask of `reasoning.effort`.
//!
//! Input: a switch. Output: an effort, or nothing. State: none.

use crate::json::tree::Node;
use crate::json::write;

/// Budgets of thinking tokens, up to which each effort goes.
const BUDGETS: [(u64, &str); 3] = [(2048, "low"), (16384, "medium"), (u64::MAX, "high")];
const OFF: [&str; 4] = ["disabled", "off", "none", "false"];
/// Thinking without a measure is what the backend does anyway.
const ON: [&str; 6] = ["enabled", "adaptive", "on", "auto", "true", "between_tools"];

/// Whether a switch is the member `thinking` of Messages.
pub(super) fn is_of_messages(value: Node<'_>) -> bool {
    let kind = value.get("type");
    kind.is_some_and(|kind| ["enabled", "adaptive", "disabled"].iter().any(|own| kind.is(own)))
}

/// The effort as JSON; `None` where nothing is asked for that would not be done anyway. `value`: a switch, a word, a
/// budget, or an object with one of them (`{type, budget_tokens, effort}`, `{enable_thinking}`).
pub(in crate::request) fn effort(value: Node<'_>) -> Option<Vec<u8>> {
    if let Some(is_on) = value.value().as_bool() {
        return (!is_on).then(|| write::quoted("none"));
    }
    if let Some(word) = value.as_str() {
        let is = |words: &[&str]| words.iter().any(|own| word.is(own));
        return match () {
            () if is(&OFF) => Some(write::quoted("none")),
            () if is(&ON) || word.is_blank() => None,
            () => Some(value.raw().to_vec()),
        };
    }
    if let Some(budget) = value.value().as_u64().filter(|_| !value.is_object()) {
        let name = BUDGETS.iter().find(|(most, _)| budget <= *most).map_or("high", |(_, name)| name);
        return Some(write::quoted(if budget == 0 { "none" } else { name }));
    }
    let inner = |key| value.get(key).filter(|own: &Node<'_>| !own.is_null());
    let is_off = inner("type").is_some_and(|kind| OFF.iter().any(|own| kind.is(own)));
    let keys = ["effort", "budget_tokens", "enable_thinking", "thinking", "enabled"];
    let keys = keys.into_iter().filter_map(inner).find_map(effort);
    if is_off { Some(write::quoted("none")) } else { keys }
}
