//! Every failure in `fixtures/envelope`, and what must hold for any bytes. `BLESS=1 cargo test` writes what came out.

mod cases;

use cases::{Case, read_cases};
use proptest::prelude::*;
use serde_json::Value;
use sluicegate::{Dialect, ErrorClass, Failure, content_type, error_envelope, failure_headers};
use std::collections::HashSet;

/// `failure.json` is what is known beside the body: `{"status":…,"headers":{…},"now_ms":…}`.
fn envelope(case: &Case) -> String {
    let known: Value =
        serde_json::from_slice(&case.read_optional("failure.json").unwrap_or(b"{}".to_vec())).unwrap();
    let headers = known["headers"].as_object().into_iter().flatten();
    let headers: Vec<_> = headers.map(|(name, value)| (&name[..], value.as_str().unwrap())).collect();
    let body = case.read_optional("body").unwrap_or_default();
    let status = known["status"].as_u64().map(|status| u16::try_from(status).unwrap());
    let failure = Failure { status, headers: &headers, body: &body, now_ms: known["now_ms"].as_u64() };
    error_envelope(&failure).to_json()
}

#[test]
fn fixtures() {
    let mut classes = HashSet::new();
    for case in read_cases("envelope") {
        let json = envelope(&case);
        case.check("envelope.json", format!("{json}\n").as_bytes());
        let parsed: Value = serde_json::from_str(&json).unwrap();
        classes.insert(parsed["class"].as_str().unwrap().to_owned());
    }
    for class in ErrorClass::ALL {
        assert!(classes.contains(class.as_str()), "no case is {}", class.as_str());
    }
}

#[test]
fn the_headers_of_a_failure_tell_what_it_is_and_when_to_come_back() {
    let json = ("content-type", "application/json".to_owned());
    assert_eq!(failure_headers(None), std::slice::from_ref(&json));
    let wait = [("retry-after-ms", "1500".to_owned()), ("retry-after", "2".to_owned())];
    assert_eq!(failure_headers(Some(1500)), [vec![json], wait.to_vec()].concat());
    assert_eq!(content_type(true), "text/event-stream");
}

/// Claude Code compacts after a 400, and speaks of images after a 413.
#[test]
fn a_context_that_is_too_long_is_400_for_clients_of_messages() {
    let statuses = |body: &[u8]| {
        let failure = error_envelope(&Failure { status: Some(413), body, ..Failure::default() });
        [Dialect::Messages, Dialect::Chat].map(|client| failure.status_for(client))
    };
    assert_eq!(statuses(br#"{"error":{"code":"context_length_exceeded","message":"Too long"}}"#), [400, 413]);
    assert_eq!(
        statuses(br#"{"type":"error","error":{"type":"request_too_large","message":"Too large"}}"#),
        [413, 413]
    );
}

/// The members that an envelope reads, with values that are likely to be misread.
fn json_body() -> impl Strategy<Value = Vec<u8>> {
    let value = prop::sample::select(vec![
        "null",
        "true",
        "-1",
        "0",
        "429",
        "1e400",
        "1.1",
        "\"\"",
        "\"error\"",
        "\"x\\ud800\"",
        "[]",
        "[{}]",
        "{}",
        "\"try again in 1.\"",
        "\"resets in 2 days and \"",
        "\"99999999999999999999s\"",
        "1008",
        "\"Unsupported parameter: '\"",
        "[{\"loc\":[\"body\",1],\"msg\":\"é\"}]",
    ]);
    let key = prop::sample::select(vec![
        "error",
        "detail",
        "message",
        "type",
        "code",
        "param",
        "status",
        "status_code",
        "headers",
        "body",
        "response",
        "resets_at",
        "resets_in_seconds",
        "Retry-After",
        "details",
        "retryDelay",
        "seconds",
        "violations",
        "quotaId",
        "metadata",
        "raw",
        "base_resp",
        "innererror",
        "a\\ud800",
    ]);
    let leaf = value.prop_map(str::to_owned);
    let object = leaf.prop_recursive(4, 32, 6, move |inner| {
        prop::collection::vec((key.clone(), inner), 0..6).prop_map(|members| {
            let members: Vec<_> = members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
            format!("{{{}}}", members.join(","))
        })
    });
    object.prop_map(String::into_bytes)
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop::collection::vec(any::<u8>(), 0..60);
    let page = "[<>/titleTITLE &;]{0,40}".prop_map(|page| format!("<title>{page}").into_bytes());
    let event = json_body().prop_map(|json| [&b"event: error\ndata: "[..], &json, b"\n\n"].concat());
    prop_oneof![bytes, page, event, json_body()]
}

fn header() -> impl Strategy<Value = (String, String)> {
    let names =
        ["Retry-After", "retry-after-ms", "x-ratelimit-reset-requests", "x-codex-primary-reset-at", "x"];
    let date = "(Sun|), [0-9]{2} (Feb|Dec|x) [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT";
    let value = prop_oneof![date, "[0-9a-z .-]{0,30}", any::<String>()];
    (prop::sample::select(names.to_vec()).prop_map(str::to_owned), value)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_failure_has_an_envelope(
        status: Option<u16>,
        headers in prop::collection::vec(header(), 0..4),
        body in body(),
        now_ms: Option<u64>,
    ) {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (&name[..], &value[..])).collect();
        let failure = Failure { status, headers: &headers, body: &body, now_ms };
        let envelope = error_envelope(&failure);
        prop_assert_eq!(&envelope, &error_envelope(&failure));
        prop_assert!((400..600).contains(&envelope.status));
        prop_assert!(status.filter(|status| (400..600).contains(status)).is_none_or(|status| envelope.status == status));
        prop_assert!(!envelope.error.message.is_empty() && !envelope.error.kind.is_empty());
        let json: Value = serde_json::from_str(&envelope.to_json()).unwrap();
        prop_assert_eq!(&json["body"]["error"]["message"], &envelope.error.message);
    }
}

#[test]
fn nothing_in_an_envelope_is_longer_than_its_limit() {
    let long = "é\\u00e9".repeat(9000);
    let body = format!("{{\"error\":{{\"message\":\"{long}\",\"type\":\"{long}\",\"code\":\"{long}\"}}}}");
    for body in [body, long.clone(), format!("<title>{long}</title>"), format!("\"{long}\"")] {
        let error = error_envelope(&Failure { body: body.as_bytes(), ..Failure::default() }).error;
        for text in [Some(error.message), Some(error.kind), error.param, error.code].into_iter().flatten() {
            assert!(text.len() <= 4096, "{}", text.len());
        }
    }
}
