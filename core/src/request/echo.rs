//! What a Response repeats of its request, for servers that repeat nothing.
//!
//! Input: a Responses request in the shapes of the API, before any rule of an upstream. Output: one object; and that again out of a context. State: none.

use crate::json::tree::Node;
use crate::json::{Str, Value, write};

/// The members that a Response shares with its request.
const ECHOED: &[&str] = &[
    "background",
    "frequency_penalty",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "parallel_tool_calls",
    "presence_penalty",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
];

/// Those of them that the request has, in its order; `None` where there are none. A null asks for nothing.
pub(super) fn of(root: Node<'_>) -> Option<String> {
    let is_echoed = |member: &Node<'_>| {
        !member.is_null() && std::str::from_utf8(&member.key_bytes()).is_ok_and(|key| ECHOED.contains(&key))
    };
    let mut members: Vec<Node<'_>> = Vec::new();
    for member in root.members().filter(is_echoed) {
        members.retain(|earlier| earlier.key_bytes() != member.key_bytes()); // the last one counts
        members.push(member);
    }
    let mut out = vec![b'{'];
    write::separated(&mut out, &members, |out, member| {
        write::pieces(out, [b"\"", &member.key_bytes(), b"\":"]);
        write::compact(out, member.raw());
    });
    out.push(b'}');
    (!members.is_empty()).then(|| String::from_utf8_lossy(&out).into_owned())
}

/// What a context holds: the text of an object, or that object.
pub(super) fn read(value: Value<'_>) -> Option<String> {
    let text = value.as_str().map(Str::decode);
    let object = text.as_ref().map_or(Some(value), |text| Value::document(text.as_bytes()))?;
    let mut out = Vec::new();
    write::compact(&mut out, object.raw());
    String::from_utf8(out).ok().filter(|_| object.is_object())
}
