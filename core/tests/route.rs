//! The table in `fixtures/route`, what a catalog makes of live documents, and what must hold for any of them.

use proptest::prelude::*;
use serde_json::{Value, json};
use sluicegate::{Catalog, CatalogShape, Error, RouteOptions, RouteReason};
use std::collections::HashSet;

const CASES: &str = include_str!("../../fixtures/route/cases.jsonl");

fn merged(live: Option<&Value>) -> Catalog {
    let mut catalog = Catalog::bundled();
    if let Some(live) = live {
        catalog.merge_live(live.to_string().as_bytes()).unwrap();
    }
    catalog
}

#[test]
fn table() {
    let mut reasons = HashSet::new();
    for line in CASES.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let options = RouteOptions::from_json(case["options"].to_string().as_bytes()).unwrap();
        let route = merged(case.get("live")).route(case["model"].as_str().unwrap(), &options);
        assert!(line.ends_with(&format!(",\"route\":{}}}", route.to_json())), "{line}\n{}", route.to_json());
        reasons.insert(route.reason.as_str());
    }
    assert!(RouteReason::ALL.iter().all(|reason| reasons.contains(reason.as_str())), "{reasons:?}");
}

fn model(catalog: &Catalog, name: &str) -> Value {
    catalog.model(name).map_or(Value::Null, |json| serde_json::from_str(&json).unwrap())
}

#[test]
fn what_is_live_wins_field_by_field() {
    let live = json!({"models": [{
        "id": "gpt-5.4", "context_window": 1, "max_context_window": null, "visibility": "list", "unheard_of": [1.0],
    }]});
    let catalog = merged(Some(&live));
    let expected = json!({
        "slug": "gpt-5.4", "endpoint": "responses", "prefer_websockets": true, "context_window": 1,
        "max_context_window": 1_000_000, "visibility": "list", "unheard_of": [1.0],
    });
    assert_eq!(model(&catalog, "openai/gpt-5.4-high"), expected);
    assert_eq!(model(&catalog, "gpt-5.4-mini")["context_window"], 272_000);
    assert_eq!(model(&catalog, "unknown"), Value::Null);
}

#[test]
fn both_lists_can_be_read_back() {
    let live = json!({"data": [{"id": "x", "created": 7, "note": " a \\\" b "}]});
    let catalog = merged(Some(&live));
    for shape in [CatalogShape::Codex, CatalogShape::OpenAi] {
        let json = catalog.to_json(shape);
        let again = Catalog::from_json(json.as_bytes()).unwrap();
        assert_eq!(again.to_json(shape), json);
        assert_eq!(model(&again, "x")["note"], " a \\\" b ");
    }
    let list: Value = serde_json::from_str(&catalog.to_json(CatalogShape::OpenAi)).unwrap();
    assert_eq!(list["object"], "list");
    for entry in list["data"].as_array().unwrap() {
        assert!(entry["id"].is_string() && entry["object"] == "model" && entry["created"].is_number());
        assert!(entry["owned_by"].is_string() && entry.get("slug").is_none());
    }
    let codex: Value = serde_json::from_str(&catalog.to_json(CatalogShape::Codex)).unwrap();
    assert_eq!(codex["models"][0]["slug"], "gpt-6.2-sol");
    assert_eq!(codex["models"].as_array().unwrap().len(), list["data"].as_array().unwrap().len());
}

#[test]
fn the_bundled_catalog_states_its_source_and_only_facts() {
    let text = include_str!("../catalog/models.json");
    let bundled: Value = serde_json::from_str(text).unwrap();
    assert!(bundled["comment"].as_str().unwrap().contains("Source:"));
    let catalog = Catalog::bundled();
    for entry in bundled["models"].as_array().unwrap() {
        assert_eq!(&model(&catalog, entry["slug"].as_str().unwrap()), entry);
    }
}

#[test]
fn what_is_no_list_of_models_is_an_error_and_changes_nothing() {
    let mut catalog = Catalog::bundled();
    for document in [&b"{}"[..], b"[]", b"7", b"{\"error\":{}}", b"{\"data\":null}"] {
        assert_eq!(catalog.merge_live(document).unwrap_err().path(), Some("models"));
    }
    assert_eq!(catalog.merge_live(b"{\"data\":[}"), Err(Error::InvalidJson { offset: 9 }));
    assert_eq!(catalog, Catalog::bundled());
}

#[test]
fn a_catalog_that_is_merged_every_hour_does_not_fill_up() {
    let big = json!({"data": [{"id": "x", "prompt": "y".repeat(9 << 20)}]}).to_string();
    let mut catalog = Catalog::bundled();
    for _ in 0..6 {
        catalog.merge_live(big.as_bytes()).unwrap();
    }
    catalog.merge_live(br#"{"data":[{"id":"z","prefer_websockets":true}]}"#).unwrap();
    assert!(catalog.model("z").is_some());
    for nth in 0..6 {
        catalog.merge_live(big.replace("\"x\"", &format!("\"x{nth}\"")).as_bytes()).unwrap();
    }
    assert!(catalog.to_json(CatalogShape::Codex).len() < 33 << 20);
}

fn any_model() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9./-]{0,20}", "(openai/)?gpt-5.[45](-mini)?(-2026-01-01)?(-high|-x)?", any::<String>()]
}

proptest! {
    #[test]
    fn any_bytes_and_any_name(json: Vec<u8>, name in any_model(), model in any_model(), latched: bool) {
        let mut catalog = Catalog::bundled();
        let _ = catalog.merge_live(&json);
        let _ = RouteOptions::from_json(&json);
        catalog.merge_live(json!({"data": [{"id": name, "prefer_websockets": true}]}).to_string().as_bytes()).unwrap();
        let options = RouteOptions { http_latched: latched, ..RouteOptions::default() };
        let route = catalog.route(&model, &options);
        serde_json::from_str::<Value>(&route.to_json()).unwrap();
        prop_assert!(model.contains(&route.model));
        let effort = route.effort.as_ref().map_or(0, |effort| effort.len() + 1);
        prop_assert!(model.len() >= route.model.len() + effort);
        if model == name && !name.is_empty() {
            prop_assert_eq!(&route.model, &name);
        }
        // What is returned is routed the same way.
        let again = catalog.route(&route.model, &options);
        if route.effort.is_none() {
            prop_assert_eq!(&again, &route);
        }
        prop_assert_eq!((again.reason, again.endpoint), (route.reason, route.endpoint));
    }
}

/// What becomes of a body, and its model as the client named it.
fn routed(body: &str) -> (String, String) {
    let catalog = Catalog::bundled();
    let routed = catalog.route_request(body.as_bytes(), &RouteOptions::default());
    (String::from_utf8(routed.body.into_owned()).unwrap(), routed.model)
}

#[test]
fn a_request_gets_the_model_and_the_effort_of_its_route() {
    let cases = [
        (
            r#"{"model": "gpt-5.5-high","input":"Hi"}"#,
            r#"{"model": "gpt-5.5","input":"Hi","reasoning":{"effort":"high"}}"#,
        ),
        (
            r#"{"model":"gpt-5.5-high","messages":[]}"#,
            r#"{"model":"gpt-5.5","messages":[],"reasoning_effort":"high"}"#,
        ),
        (
            r#"{"reasoning":{"summary":"auto"},"model":"gpt-5.5-high"}"#,
            r#"{"reasoning":{"summary":"auto","effort":"high"},"model":"gpt-5.5"}"#,
        ),
        (
            r#"{"reasoning":null,"model":"gpt-5.5-low"}"#,
            r#"{"reasoning":{"effort":"low"},"model":"gpt-5.5"}"#,
        ),
        // The client's own counts.
        (
            r#"{"model":"gpt-5.5-high","reasoning":{"effort":"low"}}"#,
            r#"{"model":"gpt-5.5","reasoning":{"effort":"low"}}"#,
        ),
        (r#"{"model":"openai/gpt-5.5"}"#, r#"{"model":"gpt-5.5"}"#),
        (r#"{"model":"mine-high","x":1.0}"#, r#"{"model":"mine-high","x":1.0}"#),
    ];
    for (sent, expected) in cases {
        assert_eq!(routed(sent).0, expected);
    }
    assert_eq!(routed(r#"{"model":"gpt-5.5-high"}"#).1, "gpt-5.5-high");
}

#[test]
fn a_body_that_is_no_request_goes_the_default_way() {
    for body in ["", "{", "[]", "5", r#"{"model":5,"tools":{}}"#, r#"{"tools":[1,{"type":2}]}"#] {
        assert_eq!(routed(body), (body.to_owned(), String::new()));
    }
}

#[test]
fn tools_and_length_are_the_bodys() {
    let body = br#"{"model":"gpt-5.5","tools":[{"type":"image_generation"}]}"#;
    let routed = Catalog::bundled().route_request(body, &RouteOptions::default());
    assert_eq!(routed.route.reason, sluicegate::RouteReason::ImageTool);
}

#[test]
fn table_of_requests() {
    for line in include_str!("../../fixtures/route/requests.jsonl").lines() {
        let mut case: Value = serde_json::from_str(line).unwrap();
        let options = RouteOptions::from_json(case["options"].to_string().as_bytes()).unwrap();
        let body = case["body"].as_str().unwrap().to_owned();
        let routed = Catalog::bundled().route_request(body.as_bytes(), &options);
        case["model"] = json!(routed.model);
        case["sent"] = json!(String::from_utf8_lossy(&routed.body));
        case["route"] = serde_json::from_str(&routed.route.to_json()).unwrap();
        assert_eq!(case, serde_json::from_str::<Value>(line).unwrap(), "{case}");
    }
}

#[test]
fn a_live_document_differs_from_the_bundled_catalog_where_it_does() {
    let catalog = Catalog::bundled();
    let same = catalog.diff(catalog.to_json(CatalogShape::Codex).as_bytes()).unwrap();
    assert!(same.is_empty() && same.to_json() == r#"{"added":[],"dropped":[],"changed":[]}"#);
    let live = json!({"models": [
        {"slug": "gpt-5.5", "context_window": 1, "display_name": "not looked at", "prefer_websockets": null},
        {"slug": "gpt-5.4", "service_tiers": []},
        {"slug": "gpt-9"},
    ]});
    let diff = catalog.diff(live.to_string().as_bytes()).unwrap();
    let diff: Value = serde_json::from_str(&diff.to_json()).unwrap();
    assert_eq!(diff["added"], json!(["gpt-9"]));
    assert!(diff["dropped"].as_array().unwrap().contains(&json!("gpt-6-astra")));
    let changed = json!([
        {"model": "gpt-5.5", "member": "context_window", "was": 272_000, "is": 1},
        {"model": "gpt-5.4", "member": "service_tiers", "was": null, "is": []},
    ]);
    assert_eq!(diff["changed"], changed);
    assert!(catalog.diff(b"{}").is_err());
    let known =
        Catalog::from_json(br#"{"models":[{"slug":"a","context_window":2000,"tiers":[{"id":"x","n":1}]}]}"#);
    let otherwise = br#"{"models":[{"slug":"a","tiers":[{"n":1.0,"id":"\u0078"}],"context_window":2e3}]}"#;
    assert!(known.unwrap().diff(otherwise).unwrap().is_empty());
}
