//! Limits of requests, catalogs and conversations.

use super::streams::KIB;
use sluicegate::{
    Baseline, Catalog, Continuation, Dialect, MemoryStore, Profile, RequestOptions, RouteOptions, Store,
    Transport, Unrecorded, convert_request, ws_request,
};

pub(super) fn request_bytes(limit: usize) {
    let upstream = Dialect::Responses;
    assert_eq!(Profile::of_upstream(upstream).body_bytes(), limit);
    let profile =
        Profile::from_json(br#"{"name":"small","extends":"codex","limits":{"body_bytes":1000}}"#).unwrap();
    for (size, is_over) in [(1000, false), (1001, true)] {
        let start = "{\"model\":\"m\",\"input\":\"";
        let body = format!("{start}{}\"}}", "x".repeat(size - start.len() - 2));
        let options = RequestOptions::default();
        let converted = convert_request(body.as_bytes(), None, upstream, &profile, &options);
        let code = converted.err().map(|error| error.code());
        assert_eq!(code == Some("request_too_large"), is_over, "{code:?}");
    }
}

pub(super) fn websocket_body_bytes(limit: usize) {
    for (body_bytes, is_over) in [(limit as u64, false), (limit as u64 + 1, true)] {
        let options =
            RouteOptions { body_bytes, downstream: Transport::Websocket, ..RouteOptions::default() };
        let route = Catalog::bundled().route("gpt-5.5", &options).to_json();
        assert_eq!(route.contains("body_too_large"), is_over, "{route}");
    }
}

pub(super) fn baseline_items(limit: usize) {
    let request = |items: usize| {
        let items = vec!["{\"role\":\"user\",\"content\":\"x\"}"; items].join(",");
        format!("{{\"model\":\"m\",\"input\":[{items}]}}").into_bytes()
    };
    for (items, is_over) in [(limit, false), (limit + 1, true)] {
        let mut baseline = Baseline::new(&request(items)).unwrap();
        let response = "{\"id\":\"resp_1\",\"status\":\"completed\",\"output\":[]}";
        baseline.frame(&format!("{{\"type\":\"response.completed\",\"response\":{response}}}"));
        let frame = ws_request(&request(items + 1), Some(&baseline)).unwrap();
        let is_whole = !String::from_utf8(frame).unwrap().contains("previous_response_id");
        assert_eq!(is_whole, is_over, "{items}");
    }
}

pub(super) fn catalog_bytes(limit: usize) {
    let size = 1024 * KIB;
    let model = |nth| format!("{{\"slug\":\"m{nth}\",\"base_instructions\":\"{}\"}}", "x".repeat(size));
    let models: Vec<_> = (0..2 * limit / size).map(model).collect();
    let catalog = Catalog::from_json(format!("{{\"models\":[{}]}}", models.join(",")).as_bytes()).unwrap();
    let is_known = |nth: &usize| catalog.model(&format!("m{nth}")).is_some_and(|model| model.contains("xxx"));
    let known = (0..models.len()).filter(is_known).count();
    assert!(known > 0 && known * size <= limit && known * size > limit / 2, "{known} of {}", models.len());
}

fn tenant() -> Continuation {
    Continuation::new("tenant").unwrap()
}

/// The size of the record of an answer with that id and text, or why there is none.
fn recorded(id: &str, text: &str) -> Result<usize, Unrecorded> {
    let turn = tenant().expand(br#"{"model":"m","input":"Hi"}"#, None).unwrap();
    let output = format!("[{{\"type\":\"message\",\"x\":\"{text}\"}}]");
    let response = format!("{{\"id\":\"{id}\",\"status\":\"completed\",\"output\":{output}}}");
    tenant().record(&turn, response.as_bytes(), None).unwrap().map(|record| record.value.len())
}

pub(super) fn response_id_bytes(limit: usize) {
    assert!(recorded(&"r".repeat(limit), "").is_ok());
    assert_eq!(recorded(&"r".repeat(limit + 1), ""), Err(Unrecorded::IdTooLong));
}

pub(super) fn record_bytes(limit: usize) {
    let room = limit - recorded("r", "").unwrap();
    assert_eq!(recorded("r", &"x".repeat(room)), Ok(limit));
    assert_eq!(recorded("r", &"x".repeat(room + 1)), Err(Unrecorded::TooLarge));
}

pub(super) fn store_ttl_s(limit: usize) {
    let ttl = limit as u64;
    assert_eq!(tenant().ttl_s, ttl);
    let mut store = MemoryStore::default();
    store.put("k", b"v", ttl, 0).unwrap();
    assert!(store.get("k", ttl * 1000 - 1).unwrap().is_some());
    assert!(store.get("k", ttl * 1000).unwrap().is_none());
}

pub(super) fn store_entries(limit: usize) {
    let mut store = MemoryStore::default();
    (0..=limit).for_each(|nth| store.put(&nth.to_string(), b"v", 60, 0).unwrap());
    assert!(store.get("0", 0).unwrap().is_none());
    assert!(store.get("1", 0).unwrap().is_some());
}

pub(super) fn store_bytes(limit: usize) {
    let mut store = MemoryStore::default();
    store.put("a", &vec![0; limit / 2 - 1], 60, 0).unwrap();
    store.put("b", &vec![0; limit / 2 - 1], 60, 0).unwrap();
    assert!(store.get("a", 0).unwrap().is_some());
    store.put("c", b"", 60, 0).unwrap();
    assert!(store.get("b", 0).unwrap().is_none());
    assert!(store.get("a", 0).unwrap().is_some());
}
