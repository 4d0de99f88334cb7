//! Profiles: the built-in ones keep to the schema, what the schema allows is read, a wrong one is told what is allowed,
//! and docs/reference/profiles.md has every option and value.

use serde_json::{Value, json};
use sluicegate::{Error, Profile, RequestOptions, chat_to_responses, normalize_request, responses_to_chat};
use std::path::Path;

const DOCS: &str = include_str!("../../docs/reference/profiles.md");
const NAMES: [&str; 5] = ["codex", "codex_v1", "openai", "chat", "anthropic"];

fn schema() -> Value {
    serde_json::from_str(Profile::schema()).unwrap()
}

fn read(profile: &Value) -> Result<Profile, Error> {
    match profile {
        Value::String(name) => Profile::find(name),
        own => Profile::from_json(own.to_string().as_bytes()),
    }
}

#[test]
fn built_in_profiles_keep_to_the_schema() {
    for name in NAMES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("profiles/{name}.json"));
        let json = std::fs::read(path).unwrap();
        let read = Profile::from_json(&json).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(read, Profile::find(name).unwrap(), "{name}");
        assert_eq!(
            Profile::from_json(read.to_json().as_bytes()).unwrap().to_json(),
            read.to_json(),
            "{name}"
        );
    }
    let bases: Vec<_> = schema()["properties"]["extends"]["enum"].as_array().unwrap().clone();
    assert_eq!(bases, NAMES.map(Value::from));
}

/// One value of each kind that a schema allows.
fn examples(schema: &Value, root: &Value) -> Vec<Value> {
    if let Some(target) = schema["$ref"].as_str() {
        return examples(&root["$defs"][target.strip_prefix("#/$defs/").unwrap()], root);
    }
    let list = |key: &str| schema[key].as_array().cloned().unwrap_or_default();
    if schema.get("oneOf").is_some() {
        return list("oneOf").iter().flat_map(|schema| examples(schema, root)).collect();
    }
    if schema.get("enum").is_some() {
        return list("enum");
    }
    if let Some(only) = schema.get("const") {
        return vec![only.clone()];
    }
    let types = match &schema["type"] {
        Value::String(name) => vec![name.clone()],
        own => own.as_array().into_iter().flatten().map(|name| name.as_str().unwrap().to_owned()).collect(),
    };
    types
        .iter()
        .flat_map(|name| of_type(name, schema, root))
        .chain(types.is_empty().then(|| json!([1])))
        .collect()
}

fn of_type(name: &str, schema: &Value, root: &Value) -> Vec<Value> {
    match name {
        "string" => vec![json!("text")],
        "null" => vec![Value::Null],
        "integer" => vec![schema.get("minimum").cloned().unwrap_or(json!(3))],
        "number" => vec![json!(-1.5)],
        "array" => vec![json!([]), Value::Array(examples(&schema["items"], root))],
        "object" => objects(schema, root),
        other => panic!("{other}"),
    }
}

/// Each member with each of its values, beside what must be there.
fn objects(schema: &Value, root: &Value) -> Vec<Value> {
    let members = schema["properties"].as_object().cloned().unwrap_or_default();
    let required: Vec<_> =
        schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap()).collect();
    let least: serde_json::Map<_, _> = required
        .iter()
        .map(|name| ((*name).to_owned(), examples(&members[*name], root)[0].clone()))
        .collect();
    let mut objects = vec![Value::Object(least.clone())];
    let rest = schema.get("additionalProperties").filter(|rest| rest.is_object());
    for (name, schema) in members.iter().chain(rest.map(|rest| (&REST, rest))) {
        for example in examples(schema, root) {
            let mut object = least.clone();
            object.insert(name.clone(), example);
            objects.push(Value::Object(object));
        }
    }
    objects
}

static REST: String = String::new();

/// The schema and the reader say the same: what the one allows the other reads.
#[test]
fn what_the_schema_allows_is_read() {
    let schema = schema();
    let all = objects(&schema, &schema);
    assert!(all.len() > 80, "{}", all.len());
    for profile in all {
        let read = read(&profile).unwrap_or_else(|error| panic!("{profile}: {error}"));
        for normalize in [normalize_request, chat_to_responses] {
            let _ = normalize(br#"{"model":"m","input":"Hi"}"#, &read, &RequestOptions::default());
        }
    }
}

#[test]
fn a_wrong_profile_is_told_what_is_allowed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/profile/cases.jsonl");
    let (cases, mut blessed) = (std::fs::read_to_string(&path).unwrap(), String::new());
    for line in cases.lines() {
        let mut case: Value = serde_json::from_str(line).unwrap();
        let error = read(&case["profile"]).expect_err(line);
        assert_eq!((error.code(), error.path()), ("invalid_option", case["path"].as_str()), "{line}");
        case["message"] = error.to_string().into();
        let [name, profile, path, message] = ["name", "profile", "path", "message"].map(|key| &case[key]);
        blessed +=
            &format!("{{\"name\":{name},\"profile\":{profile},\"path\":{path},\"message\":{message}}}\n");
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, blessed).unwrap();
    } else {
        assert_eq!(blessed, cases);
    }
}

/// Every name, value and description of the schema.
fn told(schema: &Value, out: &mut Vec<String>) {
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        out.push(format!("`{name}`"));
        told(inner, out);
    }
    let values = schema["enum"].as_array().into_iter().flatten().chain(schema.get("const"));
    out.extend(values.map(|value| format!("`{}`", value.as_str().unwrap())));
    out.extend(schema["description"].as_str().map(str::to_owned));
    let inner = schema["$defs"].as_object().into_iter().flat_map(|all| all.values());
    for inner in inner.chain(schema["oneOf"].as_array().into_iter().flatten()) {
        told(inner, out);
    }
}

#[test]
fn the_docs_have_every_option_and_value() {
    let mut all = Vec::new();
    told(&schema(), &mut all);
    for text in all {
        assert!(DOCS.contains(&text), "docs/reference/profiles.md has no {text}");
    }
}

/// The examples of the page, each a profile that is read, and each for the server that it is for.
#[test]
fn the_profiles_in_the_docs_are_profiles() {
    let blocks: Vec<_> =
        DOCS.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(blocks.len() > 3);
    for block in blocks {
        let profile = Profile::from_json(block.as_bytes()).unwrap_or_else(|error| panic!("{block}: {error}"));
        if profile.to_json().contains("\"chat\"") {
            let body = br#"{"model":"m","input":"Hi","reasoning":{"effort":"low"}}"#;
            responses_to_chat(body, &profile, &RequestOptions::default()).unwrap();
        }
    }
}

/// A name may be deeper than any JSON; nothing comes of it, and nothing breaks.
#[test]
fn a_name_that_is_too_deep_adds_nothing() {
    let name = vec!["a"; 100_000].join(".");
    let profile =
        json!({"fields": {&name: {"rule": "default", "value": 1}}, "chat": {"reasoning_effort": &name}});
    let profile = Profile::from_json(profile.to_string().as_bytes()).unwrap();
    let body = br#"{"model":"m","input":"Hi","reasoning":{"effort":"low"}}"#;
    for normalize in [normalize_request, responses_to_chat] {
        let sent = normalize(body, &profile, &RequestOptions::default()).unwrap().body;
        assert!(sent.len() < 200);
    }
}

#[test]
fn of_two_rules_for_one_name_the_last_counts() {
    let rule = |value| format!("\"user\":{{\"rule\":\"default\",\"value\":{value},\"reason\":\"r\"}}");
    let profile = format!("{{\"fields\":{{{},{}}}}}", rule(1), rule(2));
    let profile = Profile::from_json(profile.as_bytes()).unwrap();
    let sent = normalize_request(br#"{"input":"Hi"}"#, &profile, &RequestOptions::default()).unwrap();
    assert_eq!(String::from_utf8(sent.body).unwrap(), r#"{"input":"Hi","user":2}"#);
}

#[test]
fn a_route_has_its_profile() {
    for (path, profile) in [
        ("/backend-api/codex/responses", Some("codex")),
        ("/responses/?stream=1", Some("codex")),
        ("/v1/chat/completions", Some("codex_v1")),
        ("/v2/responses", None),
        ("", None),
    ] {
        assert_eq!(Profile::for_path(path), profile, "{path}");
    }
}

#[test]
fn the_longest_body_is_that_of_the_profile() {
    for bytes in [100, 1000] {
        let profile =
            json!({"name": "own", "extends": "openai", "limits": {"body_bytes": bytes}}).to_string();
        let profile = Profile::from_json(profile.as_bytes()).unwrap();
        assert_eq!(profile.body_bytes(), bytes);
        for (more, is_taken) in [(0, true), (1, false)] {
            let body = format!(r#"{{"model":"m","input":"{}"}}"#, "x".repeat(bytes - 24 + more));
            let sent = normalize_request(body.as_bytes(), &profile, &RequestOptions::default());
            assert_eq!(sent.is_ok(), is_taken, "{} bytes of {bytes}", body.len());
        }
    }
}
