//! Whether a JSON value is a failure: some upstreams report one under HTTP 200, or in the middle of a stream, and not all
//! in a member `error`.
//!
//! Input: a chunk, an event or a body.
//! Output: yes or no. A doubt is a no: what is no answer either is the caller's to note.
//! State: none.

use super::codes;
use super::members::{CODES, MESSAGES, member, status};
use crate::event_names::EventKind;
use crate::json::{Str, Value};

/// Members of which an answer has at least one, and a bare failure none.
const ANSWER: [&str; 9] =
    ["choices", "output", "response", "item", "part", "delta", "content", "candidates", "output_text"];

/// Types of errors that say no more than that they are some.
const PLAIN_TYPES: [&str; 2] = ["api_error", "server_error"];

/// Whether an SSE name is that of a failure: `error`, or the name of one of Amazon's exceptions.
pub(super) fn is_name(sse_name: &[u8]) -> bool {
    EventKind::named(sse_name) == EventKind::Error || is_exception(sse_name)
}

pub(super) fn is_exception(name: &[u8]) -> bool {
    name.strip_suffix(b"Exception").is_some_and(|own| !own.is_empty())
}

/// `{"error":…}`, `{"type":"error"}`, a `base_resp` with another code than 0, `{"detail":…}`, `{"code","message"}`,
/// `{"type":"overloaded_error","message"}`, or an array of one of these.
pub(super) fn is_failure(json: Value<'_>) -> bool {
    let mut elements = json.elements();
    if let (Some(only), None) = (elements.next(), elements.next()) {
        return only.is_object() && is_failure(only);
    }
    json.is_object() && (is_labelled(json) || is_bare(json))
}

/// It is called a failure, whatever else there is.
fn is_labelled(json: Value<'_>) -> bool {
    let is = |key, names: &[&str]| {
        json.get(key).and_then(Value::as_str).is_some_and(|text| names.iter().any(|name| text.is(name)))
    };
    member(json, "error").is_some_and(is_said)
        || is("type", &["error", "response.error"])
        || is("object", &["error"])
        || member(json, "base_resp").is_some_and(is_refusal)
}

pub(super) fn is_refusal(base: Value<'_>) -> bool {
    member(base, "status_code").is_some_and(|code| !is_code_of_success(code))
}

/// It is no answer, and speaks of a failure.
fn is_bare(json: Value<'_>) -> bool {
    let has = |keys: &[&str]| keys.iter().any(|key| member(json, key).is_some_and(is_said));
    let is_known_event = !matches!(EventKind::of(json), EventKind::Other | EventKind::Error);
    if is_known_event || has(&ANSWER) {
        return false;
    }
    let is_refused = status(json).is_some() || is_called_failed(json);
    let is_untyped = member(json, "type").is_none();
    has_text(json) && (is_refused || has_code(json))
        || is_typed(json)
        || has(&["detail", "errors"]) && (is_refused || is_untyped)
}

/// `"success":false`, `"status":"error"`
fn is_called_failed(json: Value<'_>) -> bool {
    let status = member(json, "status").and_then(Value::as_str);
    json.get("success").and_then(Value::as_bool) == Some(false)
        || status
            .is_some_and(|status| ["error", "fail", "failed", "failure"].iter().any(|word| status.is(word)))
}

fn has_text(json: Value<'_>) -> bool {
    let text = |key: &&str| member(json, key).and_then(Value::as_str);
    MESSAGES.iter().filter_map(text).any(|text| !text.is_blank())
}

fn has_code(json: Value<'_>) -> bool {
    let is_code = |code: &Value<'_>| code.as_str().is_some() || code.as_u64().is_some();
    let code = |key: &&str| member(json, key).filter(is_code);
    CODES.iter().filter_map(code).any(|code| !is_code_of_success(code))
}

/// A message, and a type of errors that is known, not merely a word that may be one.
pub(super) fn is_typed(json: Value<'_>) -> bool {
    let Some(kind) = member(json, "type").and_then(Value::as_str).map(Str::decode) else { return false };
    let is_error = ["_error", "Error", "Exception"].iter().any(|end| kind.ends_with(end));
    is_error && has_text(json) && (codes::is_code(&kind) || PLAIN_TYPES.contains(&&*kind))
}

/// Not empty, and not only of empty members: `"error":{"code":0,"message":""}` is none.
pub(super) fn is_said(value: Value<'_>) -> bool {
    match value.raw().first() {
        Some(b'{') => {
            let mut is_any = false;
            value.each_member(|_, value| is_any |= !is_blank(value));
            is_any
        }
        _ => !is_blank(value),
    }
}

fn is_blank(value: Value<'_>) -> bool {
    match value.as_str() {
        Some(text) => text.is_blank(),
        None => value.is_null() || matches!(value.raw(), b"false" | b"0" | b"{}") || is_empty_list(value),
    }
}

fn is_empty_list(value: Value<'_>) -> bool {
    value.raw().first() == Some(&b'[') && value.elements().next().is_none()
}

fn is_code_of_success(code: Value<'_>) -> bool {
    match code.as_str() {
        Some(text) => is_success(&String::from_utf8_lossy(&text.unescaped())),
        None => code.as_u64().is_some_and(is_success_number),
    }
}

/// Whether a text that stands where a code does says that all is well.
pub(super) fn is_success(code: &str) -> bool {
    let code = code.to_ascii_lowercase();
    matches!(&*code, "" | "ok" | "success") || code.parse().is_ok_and(is_success_number)
}

fn is_success_number(number: u64) -> bool {
    number == 0 || (200..300).contains(&number)
}

#[cfg(test)]
mod tests {
    use super::is_failure;
    use crate::json::Value;

    fn verdict(json: &str) -> bool {
        let labelled = format!("{{\"value\":{json}}}");
        is_failure(Value::document(labelled.as_bytes()).unwrap().get("value").unwrap())
    }

    #[test]
    fn failures_are_failures() {
        for json in [
            r#"{"error":{"message":"No."}}"#,
            r#"{"error":"No."}"#,
            r#"{"error":true,"message":"No."}"#,
            r#"{"error":{"code":502},"choices":[{"delta":{"content":""},"finish_reason":"error"}]}"#,
            r#"[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}]"#,
            r#"{"type":"error","message":"No."}"#,
            r#"{"type":"response.error"}"#,
            r#"{"object":"error","message":"No.","type":"BadRequestError","code":400}"#,
            r#"{"detail":"No."}"#,
            r#"{"detail":[{"loc":["body"],"msg":"No."}]}"#,
            r#"{"detail":{"code":"deactivated_workspace"}}"#,
            r#"{"type":"about:blank","status":409,"detail":"No."}"#,
            r#"{"code":"Throttling.RateQuota","message":"No.","request_id":"r"}"#,
            r#"{"code":429,"message":"No.","status":"RESOURCE_EXHAUSTED","details":[]}"#,
            r#"{"id":"","choices":[],"code":1302,"message":"No."}"#,
            r#"{"code":500,"msg":"404 NOT_FOUND","success":false}"#,
            r#"{"status":503,"message":"No."}"#,
            r#"{"status":"error","message":"No."}"#,
            r#"{"error_code":18,"error_msg":"No."}"#,
            r#"{"errorCode":"Throttling","errorMessage":"No."}"#,
            r#"{"errors":[{"message":"No."}]}"#,
            r#"{"success":false,"errors":[{"code":5006,"message":"No."}],"result":null}"#,
            r#"{"__type":"ThrottlingException","message":"No."}"#,
            r#"{"type":"overloaded_error","message":"No."}"#,
            r#"{"message":"No.","type":"ThrottlingException"}"#,
            r#"{"type":"api_error","message":"No."}"#,
            r#"{"choices":null,"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}"#,
            r#"{"base_resp":{"status_code":"1002"}}"#,
        ] {
            assert!(verdict(json), "{json}");
        }
    }

    #[test]
    fn answers_are_none() {
        for json in [
            "{}",
            "[]",
            "null",
            r#""error""#,
            r#"{"object":"response","status":"completed","error":null,"output":[]}"#,
            r#"{"id":"c","object":"chat.completion.chunk","choices":[{"delta":{"content":"a"}}]}"#,
            r#"{"choices":[{"delta":{}}],"error":null,"code":7,"message":"m"}"#,
            r#"{"choices":[{"delta":{}}],"error":{}}"#,
            r#"{"choices":[{"delta":{}}],"error":""}"#,
            r#"{"choices":[{"delta":{}}],"error":{"code":0,"message":""}}"#,
            r#"{"choices":[{"delta":{}}],"base_resp":{"status_code":0,"status_msg":""}}"#,
            r#"{"choices":[{"delta":{}}],"detail":"low"}"#,
            r#"{"choices":[],"usage":{"total_tokens":3}}"#,
            r#"{"code":0,"message":"success"}"#,
            r#"{"success":true,"errors":[],"result":{"id":1}}"#,
            r#"{"error_code":0,"error_msg":""}"#,
            r#"{"status":"in_progress","message":"warming up"}"#,
            r#"{"code":200,"message":"ok"}"#,
            r#"{"code":"ok","message":"done"}"#,
            r#"{"code":"200","message":"done"}"#,
            r#"{"message":"keep-alive"}"#,
            r#"{"type":"notice","message":"warming up"}"#,
            r#"{"type":"tool_error","message":"The tool failed, and the model knows."}"#,
            r#"{"type":"content_filter","message":"checked"}"#,
            r#"{"type":"overloaded_error"}"#,
            r#"{"type":"overloaded_error","message":"m","delta":{"text":"a"}}"#,
            r#"{"model":"m","message":{"role":"assistant","content":"a"},"done":false,"code":1}"#,
            r#"{"type":"ping","detail":"low"}"#,
            r#"{"type":"response.output_text.delta","delta":"a","code":1,"message":"m"}"#,
            r#"{"type":"response.in_progress","message":"m","code":"c"}"#,
            r#"[{"error":"a"},{"error":"b"}]"#,
            r#"[[{"error":"a"}]]"#,
        ] {
            assert!(!verdict(json), "{json}");
        }
    }
}
