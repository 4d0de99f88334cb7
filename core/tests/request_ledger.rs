//! Nothing that a client sends is lost without a line in the list of changes: every text of a random body, inside
//! messages too, is in what is sent, or a line covers its place. `LEDGER_CASES=20000` tries more of them.
//!
//! Each text is unique, so that it is found wherever it went. A pass may move items, so that the lines after it count
//! them otherwise: of those, what stands behind the item's index must fit.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use sluicegate::{Action, Change, Normalized, Profile, RequestOptions, chat_to_responses, normalize_request};

/// Stands for a text that is nobody else's.
const TEXT: &str = "~";

fn cases() -> u32 {
    std::env::var("LEDGER_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1500)
}

/// One of several, and sometimes nothing.
fn maybe(values: Vec<Value>) -> impl Strategy<Value = Option<Value>> {
    prop::option::weighted(0.15, select(values))
}

/// Adds members that are there by chance.
fn with(
    base: impl Strategy<Value = Value>,
    extras: Vec<(&'static str, Vec<Value>)>,
) -> impl Strategy<Value = Value> {
    let names: Vec<_> = extras.iter().map(|(name, _)| *name).collect();
    let values: Vec<_> = extras.into_iter().map(|(_, values)| maybe(values)).collect();
    (base, values).prop_map(move |(mut base, values)| {
        if let Some(object) = base.as_object_mut() {
            let given = names.iter().zip(values).filter_map(|(name, value)| Some((*name, value?)));
            given.for_each(|(name, value)| drop(object.insert(name.to_owned(), value)));
        }
        base
    })
}

fn part(is_assistant: bool) -> impl Strategy<Value = Value> {
    let text = if is_assistant { "output_text" } else { "input_text" };
    let parts = vec![
        json!({"type": "text", "text": TEXT}),
        json!({"type": text, "text": TEXT}),
        json!({"text": TEXT}),
        json!(TEXT),
        json!({"type": "image_url", "image_url": {"url": TEXT, "detail": "low"}}),
        json!({"type": "image_url", "image_url": {"url": TEXT, "hue": TEXT}}),
        json!({"type": "image_url", "image_url": TEXT}),
        json!({"type": "input_image", "image_url": TEXT}),
        json!({"type": "input_image", "image_url": {"url": TEXT, "detail": TEXT}}),
        json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": TEXT}}),
        json!({"type": "image", "source": {"type": "url", "url": TEXT}}),
        json!({"type": "image", "data": TEXT, "mimeType": TEXT}),
        json!({"type": "file", "file": {"file_data": TEXT, "filename": TEXT}}),
        json!({"type": "input_file", "file_url": TEXT, "filename": TEXT}),
        json!({"type": "input_image", "source": {"type": "url", "url": TEXT}}),
        json!({"type": "input_file", "file": {"file_data": TEXT, "filename": TEXT}}),
        json!({"type": "document", "title": TEXT, "source": {"type": "base64", "media_type": TEXT, "data": TEXT}}),
        json!({"type": "document", "source": {"type": "text", "data": TEXT}}),
        json!({"type": "tool_use", "id": "c1", "name": TEXT, "input": {"a": TEXT}}),
        json!({"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": TEXT}], "is_error": true}),
        json!({"type": "tool_result", "tool_use_id": "c2", "content": TEXT}),
        json!({"type": "thinking", "thinking": TEXT, "signature": TEXT}),
        json!({"type": "redacted_thinking", "data": TEXT}),
    ];
    let more = if is_assistant {
        json!({"type": "refusal", "refusal": TEXT})
    } else {
        json!({"type": "text", "text": TEXT})
    };
    let extras = vec![
        ("cache_control", vec![json!({"type": TEXT})]),
        ("prompt_cache_breakpoint", vec![json!({"mode": TEXT})]),
        ("hue", vec![json!(TEXT)]),
        ("parsed", vec![json!({"a": TEXT})]),
        ("annotations", vec![json!([{"type": "url_citation", "url": TEXT, "title": TEXT}]), json!(TEXT)]),
    ];
    with(select(parts.into_iter().chain([more]).collect::<Vec<_>>()), extras)
}

fn content(is_assistant: bool) -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => Just(json!(TEXT)),
        4 => prop::collection::vec(part(is_assistant), 0..4).prop_map(Value::Array),
        1 => part(is_assistant),
    ]
}

/// Members that messages come with, and their items do not have.
fn beside() -> Vec<(&'static str, Vec<Value>)> {
    vec![
        ("name", vec![json!(TEXT)]),
        ("id", vec![json!("msg_1"), json!(TEXT)]),
        ("cache_control", vec![json!({"type": TEXT})]),
        ("reasoning_content", vec![json!(TEXT)]),
        ("reasoning", vec![json!(TEXT)]),
        (
            "reasoning_details",
            vec![
                json!([{"type": "reasoning.encrypted", "data": TEXT, "id": "rs_1"}, {"type": "reasoning.text", "text": TEXT}]),
                json!([{"type": "reasoning.encrypted", "data": TEXT, "format": "anthropic-claude-v1"}]),
            ],
        ),
        ("thinking_blocks", vec![json!([{"type": "thinking", "thinking": TEXT}])]),
        ("refusal", vec![json!(TEXT)]),
        (
            "annotations",
            vec![
                json!([{"type": "url_citation", "url_citation": {"url": TEXT, "title": TEXT}}, {"type": TEXT}]),
            ],
        ),
        ("images", vec![json!([{"type": "image_url", "image_url": {"url": TEXT}}, {"type": TEXT}])]),
        ("audio", vec![json!({"id": TEXT})]),
        ("hue", vec![json!(TEXT)]),
        ("phase", vec![json!("final_answer")]),
        ("tool_call_id", vec![json!(TEXT)]),
    ]
}

fn call() -> impl Strategy<Value = Value> {
    let calls = vec![
        json!({"id": "c1", "type": "function", "function": {"name": "f", "arguments": TEXT}}),
        json!({"id": "c1", "type": "custom", "custom": {"name": "g", "input": TEXT}}),
        json!({"id": "", "type": "function", "function": {"name": TEXT, "arguments": {"a": TEXT}, "hue": TEXT}}),
        json!({"type": "function", "index": 0, "function": {"name": "f", "arguments": ""}, "extra_content": {"s": TEXT}}),
    ];
    select(calls)
}

fn message() -> impl Strategy<Value = Value> {
    let given = (select(vec!["system", "developer", "user"]), content(false))
        .prop_map(|(role, content)| json!({"role": role, "content": content}));
    let answer = (content(true), prop::collection::vec(call(), 0..3)).prop_map(|(content, calls)| {
        let mut message = json!({"role": "assistant", "content": content});
        if !calls.is_empty() {
            message["tool_calls"] = Value::Array(calls);
        }
        message
    });
    let output = (content(false), select(vec![json!("c1"), json!("c2"), json!(""), Value::Null]))
        .prop_map(|(content, id)| json!({"role": "tool", "tool_call_id": id, "content": content}));
    prop_oneof![3 => with(given, beside()), 4 => with(answer, beside()), 3 => with(output, beside())]
}

fn item() -> impl Strategy<Value = Value> {
    let items = vec![
        json!({"type": "function_call", "call_id": "c1", "name": TEXT, "arguments": {"a": TEXT}}),
        json!({"type": "function_call", "id": TEXT, "name": "f", "arguments": TEXT}),
        json!({"type": "custom_tool_call", "call_id": "c2", "name": TEXT, "input": [TEXT]}),
        json!({"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": TEXT}], "encrypted_content": TEXT}),
        json!({"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": TEXT}]}),
        json!({"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": TEXT, "size": TEXT, "revised_prompt": TEXT}),
        json!({"type": "web_search_call", "id": TEXT, "status": "completed", "action": {"type": "search", "query": TEXT}, "results": [TEXT]}),
        json!({"type": "compaction", "encrypted_content": TEXT}),
        json!({"type": "hologram_call", "a": TEXT}),
        json!({"type": "item_reference", "id": TEXT}),
        json!(TEXT),
    ];
    let outputs = vec![
        json!({"a": TEXT}),
        json!(TEXT),
        json!({"type": "text", "text": TEXT}),
        json!({"content": [{"type": "text", "text": TEXT}, {"type": "image", "data": TEXT, "mimeType": "image/png"}]}),
        json!([{"type": "hologram", "a": TEXT}, TEXT]),
        json!(json!([{"type": "input_image", "image_url": {"url": "u", "detail": "low"}, "hue": 1}]).to_string()),
        json!(json!({"content": [{"type": "image", "file_id": "f"}, {"type": "file", "file": {"file_url": "u", "filename": "n"}}, {"type": "image", "image": "u"}]}).to_string()),
        json!({"type": "file", "file": {"file_url": TEXT, "filename": TEXT}}),
        json!({"type": "input_file", "file_id": TEXT}),
    ];
    let output = (
        select(vec!["function_call_output", "custom_tool_call_output"]),
        select(vec![json!("c1"), json!("c2"), Value::Null]),
        prop_oneof![select(outputs), content(false)],
    );
    let output = output.prop_map(|(kind, id, output)| json!({"type": kind, "call_id": id, "output": output}));
    let extras =
        || vec![("hue", vec![json!(TEXT)]), ("status", vec![json!(TEXT)]), ("created_by", vec![json!(TEXT)])];
    prop_oneof![3 => message(), 2 => with(select(items), extras()), 2 => with(output, extras())]
}

fn tool() -> impl Strategy<Value = Value> {
    let schema = json!({"type": "object", "properties": {"a": {"description": TEXT}}});
    let union = json!({"anyOf": [{"properties": {"a": {"const": TEXT}}}, {"properties": {"a": {"const": TEXT}}, "title": TEXT}]});
    let tools = vec![
        json!({"type": "function", "name": TEXT, "description": TEXT, "parameters": schema}),
        json!({"type": "function", "function": {"name": TEXT, "description": TEXT, "parameters": schema}}),
        json!({"type": "function", "name": TEXT, "parameters": union}),
        json!({"type": "custom", "custom": {"name": TEXT, "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": TEXT}}}}),
        json!({"name": TEXT, "input_schema": schema, "description": TEXT}),
        json!({"type": "web_search", "filters": {"allowed_domains": [TEXT]}}),
        json!({"type": "namespace", "name": TEXT, "tools": [{"type": "function", "name": TEXT, "parameters": null}]}),
    ];
    with(select(tools), vec![("cache_control", vec![json!({"type": TEXT})]), ("hue", vec![json!(TEXT)])])
}

/// Members of a request, with values that some server would take.
fn members() -> Vec<(&'static str, Vec<Value>)> {
    let format = json!({"type": "json_schema", "json_schema": {"name": TEXT, "schema": {"title": TEXT}}});
    vec![
        ("instructions", vec![json!(TEXT), json!("")]),
        ("system", vec![json!([{"type": "text", "text": TEXT}]), json!(TEXT)]),
        ("response_format", vec![format.clone(), json!({"type": "json_object"})]),
        ("text", vec![json!({"format": format, "verbosity": TEXT}), json!({"verbosity": TEXT})]),
        ("verbosity", vec![json!(TEXT)]),
        ("textVerbosity", vec![json!(TEXT)]),
        ("reasoning", vec![json!({"effort": TEXT, "summary": "none"}), json!({"summary": TEXT})]),
        ("reasoning_effort", vec![json!(TEXT)]),
        ("reasoningEffort", vec![json!(TEXT)]),
        ("thinking", vec![json!({"type": "enabled", "effort": TEXT}), json!(TEXT)]),
        ("functions", vec![json!([{"name": TEXT, "description": TEXT}])]),
        (
            "web_search_options",
            vec![json!({"user_location": {"type": "approximate", "approximate": {"city": TEXT}}})],
        ),
        ("metadata", vec![json!({"a": TEXT})]),
        ("prompt_cache_key", vec![json!(TEXT)]),
        ("promptCacheKey", vec![json!(TEXT)]),
        ("user", vec![json!(TEXT)]),
        ("service_tier", vec![json!(TEXT)]),
        ("stop", vec![json!([TEXT])]),
        ("prediction", vec![json!({"type": "content", "content": TEXT})]),
        ("include", vec![json!([TEXT])]),
        ("stream_options", vec![json!({"include_usage": true, "a": TEXT})]),
        ("client_metadata", vec![json!({"a": TEXT})]),
        ("cache_control", vec![json!({"type": TEXT})]),
        ("hue", vec![json!(TEXT)]),
    ]
}

fn body(is_chat: bool) -> impl Strategy<Value = Value> {
    let talk = if is_chat {
        prop::collection::vec(message(), 1..6).prop_map(Value::Array).boxed()
    } else {
        prop::collection::vec(item(), 1..6).prop_map(Value::Array).boxed()
    };
    let base = (talk, prop::collection::vec(tool(), 0..3)).prop_map(move |(talk, tools)| {
        let mut body = json!({"model": "m", if is_chat { "messages" } else { "input" }: talk});
        if !tools.is_empty() {
            body["tools"] = Value::Array(tools);
        }
        body
    });
    with(base, members())
}

/// Makes every text one of its own; gives each with its path.
fn make_unique(value: &mut Value, path: &str, texts: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) if text == TEXT => {
            *text = format!("text{}x", texts.len());
            texts.push((text.clone(), path.to_owned()));
        }
        Value::Array(list) => {
            for (index, element) in list.iter_mut().enumerate() {
                make_unique(element, &format!("{path}[{index}]"), texts);
            }
        }
        Value::Object(members) => make_members_unique(members, path, texts),
        _ => {}
    }
}

fn make_members_unique(members: &mut Map<String, Value>, path: &str, texts: &mut Vec<(String, String)>) {
    for (key, member) in members {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        make_unique(member, &path, texts);
    }
}

/// The keys of a path behind the item that it begins with; what a tool answered has another name in chat.
fn tail(path: &str) -> Option<Vec<&str>> {
    let rest = ["messages[", "input["].iter().find_map(|head| path.strip_prefix(head))?;
    let keys = rest.split_once(']')?.1.split('.').map(|key| key.split('[').next().unwrap_or_default());
    let keys = keys.filter(|key| !key.is_empty());
    Some(keys.map(|key| if key == "output" { "content" } else { key }).collect())
}

fn covers(change: &Change, path: &str) -> bool {
    // What was moved is there still: of all that is in an item such a line says that of its id alone.
    if change.action == Action::Moved && tail(&change.path).is_some_and(|keys| keys.is_empty()) {
        return path.ends_with("].id");
    }
    let rest = path.strip_prefix(&change.path);
    let is_whole_talk = ["messages", "input"].contains(&&*change.path);
    if !is_whole_talk && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '['])) {
        return true;
    }
    match (tail(&change.path), tail(path)) {
        (Some(own), Some(keys)) => change.path.starts_with("input[") && keys.starts_with(&own),
        _ => false,
    }
}

fn lost(request: &Normalized, texts: Vec<(String, String)>) -> Vec<(String, String)> {
    let sent = String::from_utf8_lossy(&request.body).into_owned() + &request.context.to_json();
    let is_lost = |(text, path): &(String, String)| {
        !sent.contains(&**text) && !request.changes.iter().any(|change| covers(change, path))
    };
    texts.into_iter().filter(is_lost).collect()
}

fn check(is_chat: bool) {
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let (mut accepted, mut tried) = (0_u32, 0_u32);
    let counts = (std::cell::Cell::new(0_u32), std::cell::Cell::new(0_u32));
    let outcome = runner.run(&(body(is_chat), 0..3_usize), |(mut body, profile)| {
        let mut texts = Vec::new();
        make_unique(&mut body, "", &mut texts);
        let profile = Profile::named(["codex", "openai", "codex_v1"][profile]).unwrap();
        let verb = if is_chat { chat_to_responses } else { normalize_request };
        let sent = body.to_string();
        counts.0.set(counts.0.get() + 1);
        let Ok(request) = verb(sent.as_bytes(), &profile, &RequestOptions::default()) else { return Ok(()) };
        counts.1.set(counts.1.get() + 1);
        let lost = lost(&request, texts);
        let made = String::from_utf8_lossy(&request.body);
        prop_assert!(lost.is_empty(), "{lost:?}\nsent {sent}\nmade {made}\n{:#?}", request.changes);
        let again = normalize_request(&request.body, &profile, &RequestOptions::default());
        let again =
            again.map_err(|error| TestCaseError::fail(format!("{error}\nsent {sent}\nmade {made}")))?;
        prop_assert_eq!(String::from_utf8_lossy(&again.body), made, "sent {}", sent);
        prop_assert_eq!(again.changes, vec![], "sent {}", sent);
        Ok(())
    });
    (tried, accepted) = (tried + counts.0.get(), accepted + counts.1.get());
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(accepted * 3 > tried, "only {accepted} of {tried} bodies were accepted");
}

#[test]
fn nothing_of_a_chat_request_is_lost_in_silence() {
    check(true);
}

#[test]
fn nothing_of_a_responses_request_is_lost_in_silence() {
    check(false);
}
