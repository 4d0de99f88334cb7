//! Requests that nobody would write by hand: what is not in the list of changes is as it was sent, twice is once, no input
//! panics, calls keep their outputs.

use proptest::prelude::*;
use serde_json::value::RawValue;
use sluicegate::{
    Change, Error, Normalized, Profile, RequestOptions, Transport, chat_to_responses, normalize_request,
};
use std::collections::BTreeMap;

type Members = Vec<(String, String)>;

/// Members that rules look at, and some they do not know; every value as JSON text.
const FIELDS: [&str; 22] = [
    "model",
    "instructions",
    "temperature",
    "store",
    "stream",
    "include",
    "service_tier",
    "reasoning",
    "stream_options",
    "tool_choice",
    "tools",
    "parallel_tool_calls",
    "metadata",
    "text",
    "unknown",
    "previous_response_id",
    "conversation",
    "type",
    "generate",
    "max_output_tokens",
    "prompt_cache_key",
    "client_metadata",
];

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("1e999".to_owned()),
        Just("-0.0".to_owned()),
        Just(r#""\u0000\ud800""#.to_owned()),
        Just(r#""auto""#.to_owned()),
        Just(r#""fast""#.to_owned()),
        Just(r#""reasoning.encrypted_content""#.to_owned()),
        "[a-zé\"\\\\\n ]{0,12}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        "[a-z_.é]{60,90}".prop_map(|text| serde_json::to_string(&text).unwrap()),
    ]
}

fn key() -> impl Strategy<Value = String> {
    const NAMES: [&str; 21] = [
        "type",
        "role",
        "content",
        "name",
        "call_id",
        "id",
        "tools",
        "summary",
        "status",
        "effort",
        "include_usage",
        "encrypted_content",
        "output",
        "function",
        "allowed_tools",
        "mode",
        "prompt_cache_breakpoint",
        "tool_calls",
        "text",
        "x",
        r"\u0074ype",
    ];
    proptest::sample::select(&NAMES[..]).prop_map(str::to_owned)
}

fn any_json() -> impl Strategy<Value = String> {
    scalar().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|list| format!("[ {}]", list.join(" ,"))),
            proptest::collection::vec((key(), inner), 0..5).prop_map(|members| object(&members)),
        ]
    })
}

fn object(members: &[(String, String)]) -> String {
    let members: Vec<_> = members.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
    format!("{{{}}}", members.join(", "))
}

fn item() -> impl Strategy<Value = String> {
    const KINDS: [&str; 9] = [
        "message",
        "reasoning",
        "function_call",
        "function_call_output",
        "custom_tool_call",
        "tool_search_call",
        "item_reference",
        "additional_tools",
        "unheard_of",
    ];
    const ROLES: [&str; 5] = ["system", "developer", "user", "assistant", "tool"];
    let typed = (proptest::sample::select(&KINDS[..]), proptest::sample::select(&ROLES[..]), members());
    prop_oneof![
        4 => typed.prop_map(|(kind, role, mut members)| {
            members.insert(0, ("role".to_owned(), format!("\"{role}\"")));
            members.insert(0, ("type".to_owned(), format!("\"{kind}\"")));
            object(&members)
        }),
        1 => any_json(),
    ]
}

fn members() -> impl Strategy<Value = Members> {
    proptest::collection::vec((key(), any_json()), 0..5)
}

fn request() -> impl Strategy<Value = String> {
    let field = (proptest::sample::select(&FIELDS[..]).prop_map(str::to_owned), any_json());
    (proptest::collection::vec(field, 0..8), proptest::collection::vec(item(), 0..6)).prop_map(
        |(mut fields, items)| {
            fields.insert(fields.len() / 2, ("input".to_owned(), format!("[{}]", items.join(",\n"))));
            object(&fields)
        },
    )
}

fn profiles() -> impl Strategy<Value = Profile> {
    proptest::sample::select(&["codex", "codex_v1", "openai"][..])
        .prop_map(|name| Profile::named(name).unwrap())
}

fn options() -> impl Strategy<Value = RequestOptions> {
    (any::<bool>(), any::<bool>()).prop_map(|(is_websocket, strict)| {
        let transport = if is_websocket { Transport::Websocket } else { Transport::Http };
        RequestOptions { transport, strict, ..RequestOptions::default() }
    })
}

fn raw_members(body: &[u8]) -> BTreeMap<String, Box<RawValue>> {
    serde_json::from_slice(body).unwrap()
}

/// Whether a change is about a member or what is in it.
fn is_listed(changes: &[Change], path: &str) -> bool {
    changes.iter().any(|change| {
        let rest = change.path.strip_prefix(path);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    })
}

fn assert_only_listed_changes(body: &str, request: &Normalized) {
    let (before, after) = (raw_members(body.as_bytes()), raw_members(&request.body));
    for (key, value) in &before {
        if !is_listed(&request.changes, key) {
            assert_eq!(after.get(key).map(|value| value.get()), Some(value.get()), "{key} of {body}");
        }
    }
    for key in after.keys().filter(|key| !before.contains_key(*key)) {
        assert!(is_listed(&request.changes, key), "{key} of {body}");
    }
    let is_structural = |change: &Change| {
        change.path == "input" || (change.path.ends_with(']') && change.path.starts_with("input["))
    };
    let items = |members: &BTreeMap<String, Box<RawValue>>| -> Vec<Box<RawValue>> {
        members
            .get("input")
            .map(|input| serde_json::from_str(input.get()).unwrap_or_default())
            .unwrap_or_default()
    };
    if !request.changes.iter().any(is_structural) {
        for (index, (before, after)) in items(&before).iter().zip(items(&after)).enumerate() {
            let is_same =
                is_listed(&request.changes, &format!("input[{index}]")) || before.get() == after.get();
            assert!(is_same, "input[{index}] of {body}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// G5, G6.
    #[test]
    fn what_the_ledger_does_not_list_is_as_it_was_sent(body in request(), profile in profiles(), options in options()) {
        match normalize_request(body.as_bytes(), &profile, &options) {
            Ok(request) => {
                assert_only_listed_changes(&body, &request);
                let again = normalize_request(&request.body, &profile, &options).unwrap();
                prop_assert_eq!(String::from_utf8_lossy(&again.body), String::from_utf8_lossy(&request.body));
                prop_assert_eq!(again.changes, vec![]);
            }
            Err(error) => {
                prop_assert!(matches!(error, Error::Rejected { offset: Some(_), .. }), "{:?}", error);
                serde_json::from_str::<serde_json::Value>(&error.envelope()).unwrap();
            }
        }
    }

    #[test]
    fn broken_bodies_are_typed_errors(body in request(), at in any::<prop::sample::Index>(), with in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = body.into_bytes();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = with }
        for normalize in [normalize_request, chat_to_responses] {
            match normalize(&bytes, &Profile::codex(), &RequestOptions::default()) {
                Ok(request) => { raw_members(&request.body); }
                Err(error) => prop_assert!(error.offset().is_some_and(|offset| offset <= bytes.len() as u64)),
            }
        }
    }

    /// G11.
    #[test]
    fn calls_keep_their_outputs(ids in proptest::collection::vec("\\PC{1,90}|[a-z]{64,70}", 1..6)) {
        let mut items: Vec<_> = ids.iter().map(|id| serde_json::json!({"type": "function_call", "call_id": id, "name": "f", "arguments": "{}"})).collect();
        items.extend(ids.iter().rev().map(|id| serde_json::json!({"type": "function_call_output", "call_id": id, "output": "x"})));
        let body = serde_json::json!({"model": "m", "input": items}).to_string();
        let request = normalize_request(body.as_bytes(), &Profile::codex(), &RequestOptions::default()).unwrap();
        let sent: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        let sent: Vec<_> = sent["input"].as_array().unwrap().iter().filter_map(|item| item["call_id"].as_str()).collect();
        if ids.iter().all(|id| !id.trim().is_empty()) {
            prop_assert_eq!(sent.len(), 2 * ids.len());
            for (nth, id) in ids.iter().enumerate() {
                prop_assert!(sent[nth].len() <= 64);
                prop_assert_eq!(sent[nth], sent[2 * ids.len() - 1 - nth]);
                prop_assert_eq!(request.context.call_ids.get(sent[nth]).map_or(sent[nth], String::as_str), id);
            }
        }
    }
}
