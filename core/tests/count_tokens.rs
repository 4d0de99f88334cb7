//! Every case in `fixtures/count_tokens` and `fixtures/probe`, and what must hold of any count: it adds up, and is near what a tokenizer
//! finds.

mod cases;

use cases::{Case, read_cases};
use proptest::prelude::*;
use serde_json::{Value, json};
use sluicegate::{Error, count_tokens, is_probe};

const MEASURED: &str = include_str!("../../fixtures/count_tokens/measured.jsonl");
const PROBES: &str = include_str!("../../fixtures/probe/cases.jsonl");

#[test]
fn counts() {
    for case in read_cases("count_tokens") {
        match count_tokens(&case.read("request.json")) {
            Ok(tokens) => case.check("expected.json", format!("{{\"input_tokens\":{tokens}}}\n").as_bytes()),
            Err(error) => check_rejected(&case, &error),
        }
    }
}

fn check_rejected(case: &Case, error: &Error) {
    case.check("envelope.json", (error.envelope() + "\n").as_bytes());
    assert!(case.read_optional("expected.json").is_none(), "{}: {error}", case.name);
}

#[test]
fn probes() {
    for line in PROBES.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let body = case["body"].as_str().unwrap();
        assert_eq!(json!(is_probe(body.as_bytes())), case["is_probe"], "{line}");
    }
}

fn count(request: &Value) -> u64 {
    count_tokens(request.to_string().as_bytes()).unwrap()
}

fn asked(text: &str) -> u64 {
    count(&json!({"messages": [{"role": "user", "content": text}]}))
}

#[test]
fn a_count_is_near_what_a_tokenizer_finds() {
    let (mut estimated, mut measured) = (0, 0);
    for line in MEASURED.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let (text, tokens) = (case["text"].as_str().unwrap(), case["o200k_base"].as_u64().unwrap());
        let estimate = asked(text) - asked("");
        assert!(estimate.abs_diff(tokens) * 100 <= 30 * tokens, "{estimate}, not {tokens}: {text}");
        (estimated, measured) = (estimated + estimate, measured + tokens);
    }
    assert!(estimated.abs_diff(measured) * 100 <= 8 * measured, "{estimated}, not {measured}");
}

#[test]
fn a_whole_counts_what_its_parts_count() {
    let text = "The pelican's 12 fish:\n- herring (3.5 kg)\n- größere Fische\n";
    let [ten, thousand] = [10, 1000].map(|times| asked(&text.repeat(times)) - asked(""));
    assert!((99 * ten..=101 * ten).contains(&thousand), "{thousand} for 100 times {ten}");

    let tool = |name: &str| json!({"name": name, "description": text, "input_schema": {"type": "object"}});
    let with =
        |tools: Value| count(&json!({"tools": tools, "messages": [{"role": "user", "content": "foo"}]}));
    let [none, first, second] = [json!([]), json!([tool("read")]), json!([tool("write")])].map(with);
    let both = with(json!([tool("read"), tool("write")]));
    assert!((both - none).abs_diff((first - none) + (second - none)) <= 1, "{both}: {none} {first} {second}");
}

/// Any JSON, under the names that are looked for.
fn any_json() -> impl Strategy<Value = Value> {
    let names =
        "type|source|data|content|text|image|document|input|tools|function|defer_loading|format|schema";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u32>().prop_map(Value::from),
        names.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(names, inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn anything_is_counted(root in prop::collection::btree_map("messages|input|system|tools|text", any_json(), 0..5)) {
        let body = Value::Object(root.into_iter().collect());
        prop_assert!(count(&body) >= 3);
        prop_assert!(!is_probe(body.to_string().as_bytes()));
    }

    #[test]
    fn any_text_has_fewer_tokens_than_bytes(text in any::<String>()) {
        prop_assert!(asked(&text) <= asked("") + 2 * text.len() as u64);
    }
}
