//! With the feature `serde`, data is what `to_json` gives, text for text, and comes back as the same value: all fixtures,
//! and anything at all as a member.
#![cfg(feature = "serde")]

use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use sluicegate::{
    Action, Catalog, CatalogShape, Change, Dialect, ErrorBody, ErrorClass, Finding, LintProfile, LintRule,
    Note, NoteCode, Options, Outcome, Profile, RequestContext, RequestOptions, Severity, Status, Transcoder,
    Usage, Verdict, convert_request, convert_request_value,
};
use std::fmt::Debug;
use std::path::{Path, PathBuf};

/// The value is its JSON, whichever way it comes.
fn assert_form<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, form: &str) {
    assert_eq!(serde_json::to_string(value).unwrap(), form);
    assert_eq!(serde_json::from_str::<T>(form).unwrap(), *value);
    assert_data(value, form);
}

/// The same where an upstream's own JSON is inside, whose numbers and escapes are written in one way only.
fn assert_data<T: Serialize + DeserializeOwned>(value: &T, form: &str) {
    let tree: Value = serde_json::from_str(form).unwrap();
    assert_eq!(serde_json::to_value(value).unwrap(), tree);
    let read: T = serde_json::from_value(tree.clone()).unwrap(); // a tree may have its members in another order
    assert_eq!(serde_json::to_value(read).unwrap(), tree);
}

/// Files of that name in all folders of `fixtures`.
fn fixtures(name: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures"));
    let kinds =
        std::fs::read_dir(root).unwrap().map(|kind| kind.unwrap().path()).filter(|kind| kind.is_dir());
    let cases =
        kinds.flat_map(|kind| std::fs::read_dir(kind).unwrap()).map(|case| case.unwrap().path().join(name));
    let found: Vec<_> =
        cases.filter_map(|path| Some((path.clone(), std::fs::read_to_string(path).ok()?))).collect();
    assert!(found.len() > 50, "{} of {name}", found.len());
    found
}

#[test]
fn outcomes() {
    for (_, json) in fixtures("outcome.json") {
        let outcome = Outcome::from_json(json.as_bytes()).unwrap();
        let upstreams = [&outcome.rate_limits, &outcome.tool_usage, &outcome.input_transformations];
        if upstreams.iter().all(|json| json.is_none()) {
            assert_form(&outcome, json.trim_end());
        }
        assert_data(&outcome, json.trim_end());
        let tree: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_value(&outcome.notes).unwrap(), tree["notes"]);
        assert_eq!(serde_json::to_value(outcome.usage).unwrap(), tree["usage"]);
        assert_eq!(serde_json::to_value(&outcome.error).unwrap(), tree["error"]);
        assert_eq!(serde_json::to_value(outcome.failure).unwrap(), tree["failure"]);
        assert_eq!(serde_json::to_value(outcome.status).unwrap(), tree["status"]);
        assert_eq!(serde_json::from_value::<Option<Usage>>(tree["usage"].clone()).unwrap(), outcome.usage);
        assert_eq!(
            serde_json::from_value::<Option<ErrorBody>>(tree["error"].clone()).unwrap(),
            outcome.error
        );
        assert_eq!(serde_json::from_value::<Vec<Note>>(tree["notes"].clone()).unwrap(), outcome.notes);
    }
}

#[test]
fn changes() {
    for (_, lines) in fixtures("changes.jsonl") {
        for line in lines.lines() {
            let change: Change = serde_json::from_str(line).unwrap();
            assert_eq!(change.to_json(), line);
            assert_form(&change, line);
        }
    }
}

#[test]
fn contexts() {
    for (_, json) in fixtures("context.json") {
        let json = json.trim_end();
        assert_form(&RequestContext::from_json(json.as_bytes()).unwrap(), json);
    }
}

#[test]
fn findings() {
    for (_, lines) in fixtures("findings.jsonl") {
        for line in lines.lines() {
            let finding: Finding = serde_json::from_str(line).unwrap();
            assert_eq!(finding.to_json(), line);
            assert_form(&finding, line);
        }
    }
}

#[test]
fn the_catalog() {
    let catalog = Catalog::bundled();
    let json = catalog.to_json(CatalogShape::Codex);
    assert_eq!(serde_json::to_string(&catalog).unwrap(), json);
    assert_eq!(serde_json::from_str::<Catalog>(&json).unwrap(), catalog);
    let live: Catalog =
        serde_json::from_value(json!({"data": [{"id": "m", "context_window": 1.5}]})).unwrap();
    assert_eq!(live.to_json(CatalogShape::Codex), r#"{"models":[{"slug":"m","context_window":1.5}]}"#);
}

#[test]
fn names() {
    assert_form(&Status::Truncated, "\"truncated\"");
    assert_form(&NoteCode::ALL.to_vec(), &list(NoteCode::ALL.iter().map(|code| code.as_str())));
    assert_form(&ErrorClass::ALL.to_vec(), &list(ErrorClass::ALL.iter().map(|class| class.as_str())));
    assert_form(&LintRule::ALL.to_vec(), &list(LintRule::ALL.iter().map(|rule| rule.as_str())));
    assert_form(&LintProfile::ALL.to_vec(), &list(LintProfile::ALL.iter().map(|profile| profile.as_str())));
    assert_form(&Action::ALL.to_vec(), &list(Action::ALL.iter().map(|action| action.as_str())));
    assert_form(&Severity::ALL.to_vec(), &list(Severity::ALL.iter().map(|severity| severity.as_str())));
    assert_form(&Dialect::ALL.to_vec(), &list(Dialect::ALL.iter().map(|dialect| dialect.as_str())));
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    json!(names.collect::<Vec<_>>()).to_string()
}

#[test]
fn what_is_none() {
    let why = |error: serde_json::Error| error.to_string();
    assert_eq!(why(serde_json::from_str::<Status>("\"over\"").unwrap_err()), "no Status: over");
    let missing = serde_json::from_value::<Note>(json!({"code": "repaired"})).unwrap_err();
    assert_eq!(why(missing), "Note: a member is missing or wrong");
    let wrong = serde_json::from_value::<Outcome>(json!({"status": "failed", "model": 1})).unwrap_err();
    assert!(why(wrong).starts_with("Outcome: wrong value of an option: model"));
    assert!(serde_json::from_str::<Verdict>("[]").is_err());
    assert!(serde_json::from_str::<Catalog>("{}").is_err());
}

#[test]
fn requests_as_values() {
    let (upstream, options) = (Dialect::Responses, RequestOptions::default());
    let profile = Profile::of_upstream(upstream);
    for (path, text) in fixtures("request.json") {
        let Ok(body) = serde_json::from_str::<Value>(&text) else { continue };
        let by_value = convert_request_value(&body, None, upstream, &profile, &options);
        let by_bytes = convert_request(body.to_string().as_bytes(), None, upstream, &profile, &options);
        assert_eq!(by_value, by_bytes, "{}", path.display());
        if let Ok(request) = by_value {
            assert_eq!(
                request.json::<Value>().unwrap(),
                serde_json::from_slice::<Value>(&request.body).unwrap()
            );
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)), // serde_json reads others inexactly
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4).prop_map(Value::from_iter),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_an_upstream_sends(value in any_json(), text in any::<String>()) {
        let event = json!({"type": "codex.rate_limits", "plan_type": value, "seen": text});
        let end = json!({"type": "response.failed", "response": {"status": "failed", "error": {"message": text, "code": text}, "tool_usage": {"a": value}}});
        let mut upstream = Transcoder::new(Dialect::Chat, Dialect::Responses, Options::default());
        for event in [event, end] {
            upstream.feed_event(&event.to_string(), &mut Vec::new()).unwrap();
        }
        upstream.finish(&mut Vec::new()).unwrap();
        let outcome = upstream.outcome().unwrap();
        assert_data(&outcome, &outcome.to_json());
        let change = Change { action: Action::Moved, path: text.clone(), reason: text };
        assert_form(&change, &change.to_json());
    }
}
