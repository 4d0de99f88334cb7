//! The table in `fixtures/otel`, and outcomes as data: every one of the fixtures is read and written again.

use serde_json::Value;
use sluicegate::{Error, OtelOptions, Outcome};
use std::path::Path;

const CASES: &str = include_str!("../../fixtures/otel/cases.jsonl");

#[test]
fn table() {
    for line in CASES.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let options = OtelOptions::from_json(case["options"].to_string().as_bytes()).unwrap();
        let outcome = Outcome::from_json(case["outcome"].to_string().as_bytes()).unwrap();
        let attributes = outcome.otel_attributes(&options).to_json();
        assert!(line.ends_with(&format!(",\"attributes\":{attributes}}}")), "{line}\n{attributes}");
    }
}

#[test]
fn what_is_no_outcome() {
    let path = |json: &str| match Outcome::from_json(json.as_bytes()) {
        Err(Error::InvalidOption { path, .. }) => path,
        other => panic!("{json}: {other:?}"),
    };
    assert_eq!(path("{}"), "status");
    for (member, wrong) in [
        ("status", "\"over\""),
        ("finish_reason", "7"),
        ("usage", "{\"prompt_tokens\":1}"),
        ("error", "{\"message\":7}"),
        ("failure", "{\"status\":70000,\"class\":\"quota\"}"),
        ("response_id", "{}"),
        ("model", "[]"),
        ("rate_limits", "[]"),
        ("reconstructed", "\"x\""),
        ("notes", "{}"),
        ("notes", "[{\"code\":\"x\",\"path\":\"\",\"detail\":\"\"}]"),
    ] {
        let status = if member == "status" { "" } else { "\"status\":\"failed\"," };
        assert_eq!(path(&format!("{{{status}\"{member}\":{wrong}}}")), member);
    }
    assert_eq!(Outcome::from_json(b"["), Err(Error::InvalidJson { offset: 0 }));
}

#[test]
fn an_outcome_is_read_as_it_was_written() {
    let fixtures = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures"));
    let folders = ["chat", "respond"].map(|kind| std::fs::read_dir(fixtures.join(kind)).unwrap());
    let paths = folders.into_iter().flatten().map(|case| case.unwrap().path().join("outcome.json"));
    let mut count = 0;
    for json in paths.filter_map(|path| std::fs::read_to_string(path).ok()) {
        assert_eq!(Outcome::from_json(json.as_bytes()).unwrap().to_json(), json.trim_end());
        count += 1;
    }
    assert!(count > 100, "{count}");
}
