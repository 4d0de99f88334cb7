//! Every case in `fixtures/parts`: a part of a request is converted as it is in a whole one. `BLESS=1 cargo test` writes what
//! came out, for a person to read in the diff.

use serde_json::{Map, Value, json};
use sluicegate::{
    Dialect, Error, PartWay, Profile, RequestOptions, RequestPart, convert_part, convert_request,
    convert_usage,
};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/parts/cases.jsonl");

fn dialect(case: &Value, key: &str) -> Dialect {
    Dialect::named(case[key].as_str().unwrap()).unwrap()
}

fn profile(case: &Value) -> Profile {
    let own = case["profile"].as_str().map(|name| Profile::find(name).unwrap());
    own.unwrap_or_else(|| Profile::of_upstream(dialect(case, "upstream")))
}

fn parsed(json: &[u8]) -> Value {
    serde_json::from_slice(json).unwrap()
}

/// What comes out, in the words of the file.
fn seen(case: &Value) -> Map<String, Value> {
    let (client, upstream) = (dialect(case, "client"), dialect(case, "upstream"));
    let json = case["value"].to_string();
    let Some(part) = RequestPart::named(case["part"].as_str().unwrap()) else {
        let usage = parsed(&convert_usage(json.as_bytes(), client, upstream).unwrap());
        return Map::from_iter([("becomes".to_owned(), usage)]);
    };
    let (profile, options) = (profile(case), RequestOptions::default());
    let way = PartWay { client, upstream, model: None, profile: &profile, options: &options };
    let tools = case.get("tools").map(Value::to_string);
    match convert_part(part, json.as_bytes(), tools.as_ref().map(String::as_bytes), &way) {
        Ok(part) => Map::from_iter([
            ("becomes".to_owned(), parsed(&part.json)),
            (
                "changes".to_owned(),
                part.changes.iter().map(|change| parsed(change.to_json().as_bytes())).collect(),
            ),
            ("context".to_owned(), parsed(part.context.to_json().as_bytes())),
        ]),
        Err(error) => {
            assert!(matches!(error, Error::Rejected { .. }), "{error}");
            Map::from_iter([("rejected".to_owned(), parsed(error.to_json().as_bytes()))])
        }
    }
}

#[test]
fn cases() {
    let (mut lines, bless) = (String::new(), std::env::var_os("BLESS").is_some());
    for line in std::fs::read_to_string(PATH).unwrap().lines() {
        let mut case: Value = serde_json::from_str(line).unwrap();
        let (seen, name) = (seen(&case), case["name"].clone());
        let own = case.as_object_mut().unwrap();
        if bless {
            own.retain(|key, _| !["becomes", "changes", "context", "rejected"].contains(&key.as_str()));
            own.extend(seen);
        } else {
            for (key, value) in seen {
                assert_eq!(own[&key], value, "{name}: {key}");
            }
        }
        lines += &(case.to_string() + "\n");
    }
    if bless {
        std::fs::write(PATH, lines).unwrap();
    }
}

/// The same as in a whole request.
#[test]
fn a_part_is_what_a_request_has() {
    for line in std::fs::read_to_string(PATH).unwrap().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        if case["part"] != "tools" || case.get("profile").is_some() {
            continue;
        }
        let (client, upstream) = (dialect(&case, "client"), dialect(&case, "upstream"));
        let key = if client == Dialect::Responses { "input" } else { "messages" };
        let body =
            json!({ key: [{"role": "user", "content": "Hi"}], "tools": case["value"], "max_tokens": 9 });
        let body = body.to_string();
        let profile = profile(&case);
        let whole =
            convert_request(body.as_bytes(), Some(client), upstream, &profile, &RequestOptions::default());
        let whole = parsed(&whole.unwrap().body);
        assert_eq!(
            whole.get("tools").cloned().unwrap_or_else(|| json!([])),
            seen(&case)["becomes"],
            "{line}"
        );
    }
}

#[test]
fn an_error_is_where_it_is_in_the_part() {
    let (profile, options) = (Profile::of_upstream(Dialect::Responses), RequestOptions::default());
    let (client, upstream) = (Dialect::Messages, Dialect::Responses);
    let way = PartWay { client, upstream, model: None, profile: &profile, options: &options };
    let messages = br#"[{"role":"user","content":"Hi"},{"role":"wizard","content":"Hi"}]"#;
    let Err(Error::Rejected { path, offset, .. }) = convert_part(RequestPart::Messages, messages, None, &way)
    else {
        panic!("it was taken");
    };
    assert_eq!(path.as_deref(), Some("messages[1].role"));
    let offset = usize::try_from(offset.unwrap()).unwrap();
    assert!(messages[offset..].starts_with(b"\"wizard\""), "{offset}");
}
