//! The table of input shapes against the input types of the official client (`fixtures/sdk`, which the Python suite
//! compares with the client itself): every item, part and member has a row, on both routes.

use serde_json::{Map, Value, json};
use sluicegate::{Normalized, Profile, RequestOptions, chat_to_responses, normalize_request};
use std::collections::BTreeMap;

type Types = BTreeMap<String, Vec<String>>;

fn types(group: &str) -> Types {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/sdk/input_types.json");
    let all: BTreeMap<String, Types> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    all[group].clone()
}

/// A value that no rule has anything to say of.
fn sample(member: &str, kind: &str) -> Value {
    match member {
        "type" => json!(kind),
        "id" => Value::Null,
        "role" => json!("user"),
        "arguments" => json!("{}"),
        "image_url" => json!("https://e.test/a.png"),
        "tools" | "summary" | "annotations" | "logprobs" => json!([]),
        "content" if kind == "reasoning" => json!([]),
        _ => json!("x"),
    }
}

fn of(kind: &str, members: &[String]) -> Value {
    Value::Object(members.iter().map(|name| (name.clone(), sample(name, kind))).collect::<Map<_, _>>())
}

fn both_routes(items: &Value) -> [Normalized; 2] {
    let openai = Profile::named("openai").unwrap();
    let options = RequestOptions::default();
    let responses = json!({"model": "m", "input": items}).to_string();
    let chat = json!({"model": "m", "messages": items}).to_string();
    [
        normalize_request(responses.as_bytes(), &openai, &options).unwrap(),
        chat_to_responses(chat.as_bytes(), &openai, &options).unwrap(),
    ]
}

/// Kept, or listed: nothing is unknown.
fn assert_classified(item: &Value, at: &str) {
    for request in both_routes(&json!([item])) {
        assert_eq!(request.context.unknown_fields, Vec::<String>::new(), "{item}");
        let sent: Value = serde_json::from_slice(&request.body).unwrap();
        let (before, after) = (item.pointer(at).unwrap(), sent["input"][0].pointer(at));
        let Some(after) = after else { continue }; // moved as a whole, and listed
        for key in before.as_object().unwrap().keys().filter(|key| after.get(*key).is_none()) {
            let end = format!(".{key}");
            let is_listed = request.changes.iter().any(|change| change.path.ends_with(&end));
            assert!(is_listed || before[key].is_null(), "{key} of {item}: {:?}", request.changes);
        }
    }
}

#[test]
fn every_item_of_the_client_has_a_row() {
    for (kind, members) in types("items") {
        assert_classified(&of(&kind, &members), "");
    }
}

#[test]
fn every_part_of_the_client_has_a_row() {
    for (kind, members) in types("parts") {
        let role = if ["output_text", "refusal"].contains(&&*kind) { "assistant" } else { "user" };
        let item = json!({"type": "message", "role": role, "content": [of(&kind, &members)]});
        assert_classified(&item, "/content/0");
        if role == "user" {
            let call = json!({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"});
            let output =
                json!({"type": "function_call_output", "call_id": "c", "output": [of(&kind, &members)]});
            for request in both_routes(&json!([call, output])) {
                assert_eq!(request.context.unknown_fields, Vec::<String>::new(), "{output}");
            }
        }
    }
}

#[test]
fn what_has_no_row_is_told() {
    for request in
        both_routes(&json!([{"type": "hologram_call", "hue": 1}, {"type": "compaction", "hue": 1}]))
    {
        assert_eq!(request.context.unknown_fields, ["input[0].type", "input[1].hue"]);
    }
}
