//! Fills what a Response lacks of the members that the Open Responses schema requires.
//!
//! Input: a Response, and of its request what the context has. Output: the same Response; what it has stays as it is. State:
//! none.

use super::write_usage;
use crate::answer::usage as counts;
use crate::json::{Value, edit, write};
use crate::options::Options;

/// The required members of a Response with values that claim nothing, by the schema of 2026-04-24.
const REQUIRED: &str = concat!(
    r#"{"id":"resp_unknown","object":"response","created_at":0,"completed_at":null,"status":"in_progress","#,
    r#""incomplete_details":null,"model":"unknown","previous_response_id":null,"instructions":null,"output":[],"#,
    r#""error":null,"tools":[],"tool_choice":"auto","truncation":"disabled","parallel_tool_calls":true,"#,
    r#""text":{"format":{"type":"text"}},"top_p":1,"presence_penalty":0,"frequency_penalty":0,"top_logprobs":0,"#,
    r#""temperature":1,"reasoning":{"effort":null,"summary":null},"usage":null,"max_output_tokens":null,"#,
    r#""max_tool_calls":null,"store":true,"background":false,"service_tier":"default","metadata":{},"#,
    r#""safety_identifier":null,"prompt_cache_key":null}"#,
);
/// The type of a tool that the client runs by its name.
const FUNCTION: &str = "function";
/// Those of usage, where there is any.
const USAGE: &str = concat!(
    r#"{"input_tokens":0,"output_tokens":0,"total_tokens":0,"input_tokens_details":{"cached_tokens":0},"#,
    r#""output_tokens_details":{"reasoning_tokens":0}}"#
);
/// Those of a function that is repeated.
const TOOL: &str = r#"{"description":null,"parameters":null,"strict":null}"#;

/// A member that clients need and nobody sent: the request's own value, else a neutral one, by the schema where one was
/// asked for.
pub(super) fn missing<'a>(name: &str, default: &'a str, options: &'a Options) -> &'a [u8] {
    let asked = options.request().and_then(|request| request.get(name));
    let neutral = || options.conform.and_then(|_| of(REQUIRED).get(name));
    asked.or_else(neutral).map_or(default.as_bytes(), Value::raw)
}

/// The Response, complete where the caller asked for that.
pub(super) fn filled_if(options: &Options, response: Vec<u8>) -> Vec<u8> {
    if options.conform.is_some() { filled(response, options) } else { response }
}

/// The Response with every required member: the request's own value, else a neutral one.
fn filled(response: Vec<u8>, options: &Options) -> Vec<u8> {
    let Some(own) = Value::document(&response) else { return response };
    let request = options.request();
    let mut edits: Vec<(String, Vec<u8>)> = Vec::new();
    of(REQUIRED).each_member(|name, neutral| {
        let name = name.decode();
        let sent = own.get(&name);
        let value = sent.or_else(|| request?.get(&name)).unwrap_or(neutral);
        let better = inside(&name, value).or_else(|| sent.is_none().then(|| value.raw().to_vec()));
        edits.extend(better.map(|value| (name, value)));
    });
    let edits: Vec<_> = edits.iter().map(|(name, value)| (&**name, &value[..])).collect();
    edit::with_members(own, &edits)
}

/// Usage with every count that is required; what nobody counted is 0. Counts may have the names of chat.
pub(super) fn usage(sent: Option<Value<'_>>) -> Vec<u8> {
    let sent = sent.filter(|usage| usage.is_object()).unwrap_or(Value::EMPTY);
    let counted = counts::read(sent).filter(|_| sent.get("input_tokens").is_none());
    let renamed = counted.map(|counted| {
        let mut out = Vec::new();
        write_usage(&mut out, Some(&counted));
        out
    });
    let usage = renamed.as_deref().map_or(sent, Value::of_valid);
    with_lacking(usage, of(USAGE)).unwrap_or_else(|| usage.raw().to_vec())
}

/// A member with what it lacks itself; `None` where that is nothing.
fn inside(name: &str, value: Value<'_>) -> Option<Vec<u8>> {
    match name {
        "usage" => value.is_object().then(|| usage(Some(value))),
        "text" | "reasoning" => with_lacking(value, of(REQUIRED).get(name)?),
        "tools" => tools(value),
        _ => None,
    }
}

fn tools(list: Value<'_>) -> Option<Vec<u8>> {
    let is_function =
        |tool: Value<'_>| tool.get("type").and_then(Value::as_str).is_some_and(|own| own.is(FUNCTION));
    let filled =
        list.elements().map(|tool| (tool, with_lacking(tool, of(TOOL)).filter(|_| is_function(tool))));
    let filled: Vec<_> = filled.collect();
    filled.iter().any(|(_, filled)| filled.is_some()).then(|| {
        let mut out = vec![b'['];
        write::separated(&mut out, &filled, |out, (tool, filled)| {
            out.extend_from_slice(filled.as_deref().unwrap_or(tool.raw()));
        });
        out.push(b']');
        out
    })
}

/// An object with the members of another that it lacks, and so the objects in it; `None` where it lacks nothing.
fn with_lacking(object: Value<'_>, other: Value<'_>) -> Option<Vec<u8>> {
    let mut edits: Vec<(String, Vec<u8>)> = Vec::new();
    other.each_member(|name, value| {
        let name = name.decode();
        let better = match object.get(&name) {
            Some(own) if value.is_object() => with_lacking(own, value),
            Some(_) => None,
            None => Some(value.raw().to_vec()),
        };
        edits.extend(better.map(|value| (name, value)));
    });
    let edits: Vec<_> = edits.iter().map(|(name, value)| (&**name, &value[..])).collect();
    (object.is_object() && !edits.is_empty()).then(|| edit::with_members(object, &edits))
}

/// One of the constants above.
fn of(text: &'static str) -> Value<'static> {
    Value::document(text.as_bytes()).unwrap_or(Value::EMPTY)
}
