//! Every case in `fixtures/request`, `to_chat`, `from_messages` and `to_messages`, and what must hold for any request: a result or a typed error, the same result
//! again without a change, calls and outputs that still belong together.

mod cases;

use cases::{Case, read_cases};
use proptest::prelude::*;
use serde_json::{Value, json};
use sluicegate::{
    Dialect, Error, Normalized, Profile, RequestContext, RequestOptions, chat_fields, chat_to_responses,
    convert_request, messages_fields, normalize_request,
};
use std::collections::BTreeMap;

#[test]
fn request() {
    replay("request", Dialect::Responses, Dialect::Responses);
}

#[test]
fn to_chat() {
    replay("to_chat", Dialect::Responses, Dialect::Chat);
}

#[test]
fn from_messages() {
    replay("from_messages", Dialect::Messages, Dialect::Responses);
}

#[test]
fn to_messages() {
    replay("to_messages", Dialect::Responses, Dialect::Messages);
}

/// `client`, `upstream`: where a case's options do not say.
fn replay(folder: &str, client: Dialect, upstream: Dialect) {
    for case in read_cases(folder) {
        let setup = Setup::of(&case, client, upstream);
        match setup.convert(&case.read("request.json"), setup.client) {
            Ok(request) => check_accepted(&case, &setup, &request),
            Err(error) => check_rejected(&case, &error),
        }
    }
}

/// The contents of `options.json`.
struct Setup {
    client: Dialect,
    upstream: Dialect,
    profile: Profile,
    options: RequestOptions,
}

impl Setup {
    fn of(case: &Case, client: Dialect, upstream: Dialect) -> Self {
        let json = case.options().unwrap_or_else(|| b"{}".to_vec());
        let json: Value = serde_json::from_slice(&json).unwrap();
        let dialect = |key: &str| json[key].as_str().map(|name| Dialect::named(name).unwrap());
        let upstream = dialect("upstream").unwrap_or(upstream);
        let profile = match &json["profile"] {
            Value::Null => Profile::of_upstream(upstream),
            Value::String(name) => Profile::named(name).unwrap(),
            own => Profile::from_json(own.to_string().as_bytes()).unwrap(),
        };
        let options = json.get("options").map_or_else(|| "{}".to_owned(), Value::to_string);
        Self {
            client: dialect("client").or_else(|| dialect("from")).unwrap_or(client),
            upstream,
            profile,
            options: RequestOptions::from_json(options.as_bytes()).unwrap(),
        }
    }

    fn convert(&self, body: &[u8], client: Dialect) -> Result<Normalized, Error> {
        convert_request(body, Some(client), self.upstream, &self.profile, &self.options)
    }
}

fn check_accepted(case: &Case, setup: &Setup, request: &Normalized) {
    case.check("body.json", &request.body);
    case.check("changes.jsonl", changes_of(request).as_bytes());
    let context = request.context.to_json();
    case.check("context.json", format!("{context}\n").as_bytes());
    assert_eq!(RequestContext::from_json(context.as_bytes()).unwrap(), request.context, "{}", case.name);
    assert!(case.read_optional("rejected.json").is_none(), "{} is accepted", case.name);
    let again = setup.convert(&request.body, setup.upstream).unwrap();
    assert_settled(&case.name, request, &again);
}

fn check_rejected(case: &Case, error: &Error) {
    let [code, path, offset, message] =
        [json!(error.code()), json!(error.path()), json!(error.offset()), json!(error.to_string())];
    let rejected = format!(
        "{{\"error\":{{\"code\":{code},\"path\":{path},\"offset\":{offset},\"message\":{message}}}}}\n"
    );
    case.check("rejected.json", rejected.as_bytes());
    case.check("envelope.json", (error.envelope() + "\n").as_bytes());
    assert!(case.read_optional("body.json").is_none(), "{}: {error}", case.name);
}

fn changes_of(request: &Normalized) -> String {
    request.changes.iter().map(|change| change.to_json() + "\n").collect()
}

/// G6: what was normalized is normal.
fn assert_settled(name: &str, request: &Normalized, again: &Normalized) {
    let (body, first) = (String::from_utf8_lossy(&again.body), String::from_utf8_lossy(&request.body));
    assert_eq!(body, first, "{name}: a second pass");
    assert_eq!(changes_of(again), "", "{name}: a second pass");
}

#[test]
fn chat_fields_are_classified() {
    are_classified(chat_fields());
}

#[test]
fn messages_fields_are_classified() {
    are_classified(messages_fields());
}

/// The table has every field once, and every field that goes somewhere has its place.
fn are_classified(table: &str) {
    let fields: BTreeMap<String, Value> = serde_json::from_str(table).unwrap();
    for (name, field) in &fields {
        let (is_mapped, is_lost) = match field["class"].as_str().unwrap() {
            "passed" => (false, false),
            "mapped" => (true, false),
            "removed" | "rejected" => (false, true),
            other => panic!("{name}: {other}"),
        };
        assert_eq!(field["to"].is_string(), is_mapped, "{name}");
        assert_eq!(field["reason"].is_string(), is_lost, "{name}");
    }
    assert_eq!(table.matches("\"class\"").count(), fields.len(), "a name stands there twice");
}

/// Words that a chat request is made of, where they belong and where they do not.
fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "",
        " ",
        "system",
        "developer",
        "user",
        "assistant",
        "tool",
        "function",
        "message",
        "text",
        "input_text",
        "output_text",
        "image_url",
        "input_image",
        "file",
        "input_audio",
        "refusal",
        "custom",
        "grammar",
        "json_schema",
        "json_object",
        "approximate",
        "auto",
        "c1",
        "c2",
        "{}",
        "a\"b\\",
        "é\u{1f600}",
    ])
    .prop_map(str::to_owned)
}

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "type",
        "role",
        "content",
        "text",
        "refusal",
        "name",
        "id",
        "call_id",
        "tool_call_id",
        "tool_calls",
        "function_call",
        "function",
        "custom",
        "arguments",
        "input",
        "output",
        "image_url",
        "url",
        "detail",
        "file",
        "file_id",
        "file_data",
        "filename",
        "description",
        "parameters",
        "strict",
        "format",
        "grammar",
        "schema",
        "json_schema",
        "user_location",
        "approximate",
        "reasoning_content",
        "audio",
        "phase",
        "include_usage",
    ])
    .prop_map(str::to_owned)
}

/// Any value, of chat's words.
fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => word().prop_map(Value::String),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => (0..3_i32).prop_map(|number| json!(number)),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            3 => prop::collection::vec((key(), inner), 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// An entry of `tool_calls`.
fn call(id: &Value, is_custom: bool, name: &str, text: &str) -> Value {
    if is_custom {
        json!({"id": id, "type": "custom", "custom": {"name": name, "input": text}})
    } else {
        json!({"id": id, "type": "function", "function": {"name": name, "arguments": text}})
    }
}

/// A message that is nearly one.
fn message() -> impl Strategy<Value = Value> {
    let text = word().prop_map(|text| json!({"type": "text", "text": text}));
    let content = prop_oneof![
        word().prop_map(Value::String),
        prop::collection::vec(prop_oneof![3 => text, 1 => tree()], 0..3).prop_map(Value::Array),
        Just(Value::Null),
    ];
    let id = prop_oneof![word().prop_map(Value::String), Just(Value::Null)];
    let call = (id.clone(), word(), any::<bool>())
        .prop_map(|(id, text, is_custom)| call(&id, is_custom, "f", &text));
    let calls = prop::collection::vec(call, 1..3);
    prop_oneof![
        (word(), content.clone()).prop_map(|(role, content)| json!({"role": role, "content": content})),
        (content.clone(), calls).prop_map(
            |(content, calls)| json!({"role": "assistant", "content": content, "tool_calls": calls})
        ),
        (content, id)
            .prop_map(|(content, id)| json!({"role": "tool", "tool_call_id": id, "content": content})),
        tree(),
    ]
}

/// A body that is nearly a chat request: its members by name, any values.
fn body() -> impl Strategy<Value = Value> {
    let fields: BTreeMap<String, Value> = serde_json::from_str(chat_fields()).unwrap();
    let names: Vec<_> =
        fields.into_keys().chain(["input", "text", "reasoning", "include"].map(str::to_owned)).collect();
    let members = prop::collection::vec((prop::sample::select(names), tree()), 0..4);
    (prop::collection::vec(message(), 0..5), members).prop_map(|(messages, members)| {
        let mut body: serde_json::Map<_, _> = members.into_iter().collect();
        body.insert("messages".to_owned(), Value::Array(messages));
        Value::Object(body)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn any_chat_body_gives_a_request_or_says_why_not(body in body(), name in 0..3_usize, strict: bool) {
        let profile = Profile::named(["codex", "codex_v1", "openai"][name]).unwrap();
        let options = RequestOptions { strict, ..RequestOptions::default() };
        let sent_bytes = body.to_string().len() as u64;
        match chat_to_responses(body.to_string().as_bytes(), &profile, &options) {
            Ok(request) => {
                let sent: Value = serde_json::from_slice(&request.body).unwrap();
                prop_assert!(sent.get("messages").is_none());
                let again = normalize_request(&request.body, &profile, &options).unwrap();
                assert_settled(&body.to_string(), &request, &again);
            }
            Err(Error::Rejected { offset: Some(offset), .. }) => prop_assert!(offset <= sent_bytes),
            Err(error) => prop_assert!(false, "{error:?}"),
        }
    }

    #[test]
    fn any_responses_body_gives_a_request_or_says_why_not(items in prop::collection::vec(message(), 0..5), tools in tree()) {
        let body = json!({"input": items, "tools": [tools]}).to_string();
        match normalize_request(body.as_bytes(), &Profile::codex(), &RequestOptions::default()) {
            Ok(request) => {
                let again = normalize_request(&request.body, &Profile::codex(), &RequestOptions::default());
                assert_settled(&body, &request, &again.unwrap());
            }
            Err(error) => prop_assert!(matches!(error, Error::Rejected { .. }), "{error}"),
        }
    }

    /// Whatever its id, and whether it has one: call number n is answered by the output with n in it.
    #[test]
    fn calls_and_outputs_stay_paired(ids in prop::collection::btree_set(".{0,3}|.{70,80}|call_[a-z]{4}", 1..6), is_custom: bool, name in 0..3_usize) {
        let profile = Profile::named(["codex", "codex_v1", "openai"][name]).unwrap();
        let calls: Vec<_> = ids.iter().enumerate().map(|(nth, id)| call(&json!(id), is_custom, &format!("t{nth}"), "")).collect();
        let answer = |(nth, id): (usize, &String)| json!({"role": "tool", "tool_call_id": id, "content": format!("t{nth}")});
        let mut messages = vec![json!({"role": "user", "content": "x"}), json!({"role": "assistant", "tool_calls": calls})];
        messages.extend(ids.iter().enumerate().map(answer));
        let body = json!({"messages": messages}).to_string();
        let request = chat_to_responses(body.as_bytes(), &profile, &RequestOptions::default()).unwrap();
        let sent: Value = serde_json::from_slice(&request.body).unwrap();
        let by_id = |key: &str| -> BTreeMap<String, String> {
            let items = sent["input"].as_array().unwrap().iter().filter(|item| item[key].is_string());
            items.map(|item| (item["call_id"].as_str().unwrap().to_owned(), item[key].as_str().unwrap().to_owned())).collect()
        };
        prop_assert_eq!(by_id("name").len(), ids.len());
        prop_assert_eq!(by_id("name"), by_id("output"));
    }
}
