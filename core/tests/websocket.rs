//! Every case in `fixtures/websocket`: the frame of a body, the body of a frame, what to do about a failure; streams
//! fed as frames; and what must hold for any input. `BLESS=1 cargo test` writes what came out.

mod cases;

use cases::{Case, read_cases};
use proptest::prelude::*;
use serde_json::{Value, json};
use sluicegate::{
    Baseline, ChatTranscoder, ClientFrame, Envelope, Error, ErrorClass, Failure, RejectCode, Transport,
    after_failure, client_frame, error_envelope, error_frame, http_body, ws_request,
};

fn parsed(json: &[u8]) -> Value {
    serde_json::from_slice(json).unwrap()
}

fn baseline(request: &[u8], frames: &str) -> Baseline {
    let mut baseline = Baseline::new(request).unwrap();
    frames.lines().for_each(|frame| baseline.frame(frame));
    baseline
}

fn sent(case: &Case, request: &[u8]) -> Vec<u8> {
    let previous = case.read_optional("previous.json");
    let frames = || String::from_utf8(case.read("frames.jsonl")).unwrap();
    let baseline = previous.map(|previous| baseline(&previous, &frames()));
    ws_request(request, baseline.as_ref()).unwrap()
}

#[test]
fn fixtures() {
    for case in read_cases("websocket") {
        if let Some(request) = case.read_optional("request.json") {
            let frame = sent(&case, &request);
            case.check("frame.json", &frame);
            assert_eq!(
                case.name.starts_with("tail"),
                frame.starts_with(b"{\"type\":\"response.create\",\"previous")
            );
        }
        let http = http_body(&case.read("frame.json"));
        case.check("http.json", &http.unwrap_or_else(|error| error.envelope().into_bytes()));
    }
}

#[test]
fn the_table_of_failures() {
    for line in include_str!("../../fixtures/websocket/failures.jsonl").lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let status = row["status"].as_u64().map(|status| u16::try_from(status).unwrap());
        let body = row["body"].as_str().unwrap().as_bytes();
        let failure = error_envelope(&Failure { status, body, ..Failure::default() });
        let transport = if row["transport"] == "http" { Transport::Http } else { Transport::Websocket };
        let then = after_failure(transport, &failure, row["committed"].as_bool().unwrap());
        assert_eq!(row["then"], then.as_str(), "{line}");
    }
}

#[test]
fn each_kind_of_client_frame_is_known() {
    let cases = [
        ("{}", ClientFrame::Create),
        (r#"{"type":"response.create","generate":true}"#, ClientFrame::Create),
        (r#"{"type":"response.create","generate":false}"#, ClientFrame::WarmUp),
        (r#"{"type":"response.append","input":[]}"#, ClientFrame::Append),
        (r#"{"type":"response.processed"}"#, ClientFrame::Processed),
        (r#"{"type":"response.steer","previous_response_id":"r","input":[]}"#, ClientFrame::Steer),
        (r#"{"type":"response.interrupt"}"#, ClientFrame::Interrupt),
    ];
    for (frame, kind) in cases {
        assert_eq!(client_frame(frame.as_bytes()), Ok(kind));
    }
    let error = client_frame(br#"{"type":7}"#).unwrap_err();
    assert!(matches!(error, Error::Rejected { code: RejectCode::UnsupportedValue, offset: Some(8), .. }));
}

const MEMBERS: [&str; 12] = [
    "model",
    "instructions",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "reasoning",
    "store",
    "stream",
    "include",
    "service_tier",
    "prompt_cache_key",
    "text",
];

#[test]
fn any_of_the_members_that_differs_means_the_whole_request() {
    let mut request: Value = MEMBERS.iter().map(|name| (*name, json!({"a": [1, "x"]}))).collect();
    request["input"] = json!([]);
    let completed = r#"{"type":"response.completed","response":{"id":"resp_1"}}"#;
    let baseline = baseline(request.to_string().as_bytes(), completed);
    let is_tail = |request: &Value| {
        let frame = parsed(&ws_request(request.to_string().as_bytes(), Some(&baseline)).unwrap());
        frame["previous_response_id"] == "resp_1"
    };
    assert!(is_tail(&request));
    for name in MEMBERS {
        for other in [json!({"a": [1, "y"]}), json!({"a": ["x", 1]}), json!({"a": [1.0, "x"]}), Value::Null] {
            let mut request = request.clone();
            request[name] = other;
            assert!(!is_tail(&request), "{request}");
            request.as_object_mut().unwrap().remove(name);
            assert!(!is_tail(&request), "{request}");
        }
    }
    for name in ["client_metadata", "stream_options", "generate", "metadata"] {
        let mut request = request.clone();
        request[name] = json!({"b": 1});
        assert!(is_tail(&request), "{name}");
    }
}

#[test]
fn a_member_that_is_null_is_no_absent_one() {
    let completed = r#"{"type":"response.completed","response":{"id":"resp_1"}}"#;
    let baseline = baseline(br#"{"input":[],"tools":null}"#, completed);
    let frame = |request: &[u8]| ws_request(request, Some(&baseline)).unwrap();
    assert!(parsed(&frame(br#"{"tools":null,"input":[]}"#))["previous_response_id"].is_string());
    assert!(parsed(&frame(br#"{"input":[]}"#))["previous_response_id"].is_null());
}

#[test]
fn a_baseline_says_what_it_is_good_for() {
    let request = br#"{"input":[]}"#;
    let mut baseline = Baseline::new(request).unwrap();
    assert_eq!(baseline.response_id(), None);
    baseline.frame(r#"{"type":"response.completed","response":{"id":"resp_1"}}"#);
    assert_eq!(baseline.response_id(), Some("resp_1"));
    baseline.close();
    assert_eq!(baseline.response_id(), None);
    assert_eq!(ws_request(request, Some(&baseline)), ws_request(request, None));
    assert!(Baseline::new(b"[]").is_err());
}

/// The frames that the Codex client sent, where there are recordings.
#[test]
fn recorded_frames_become_bodies_and_frames_again() {
    let Some(folder) = std::env::var_os("SLUICEGATE_RECORDINGS") else { return };
    let read = |name: &str| std::fs::read(std::path::Path::new(&folder).join("requests").join(name)).unwrap();
    let warm_up = read("codex-ws-1.json");
    assert_eq!(client_frame(&warm_up), Ok(ClientFrame::WarmUp));
    let body = parsed(&http_body(&warm_up).unwrap());
    assert!(body.get("type").is_none() && body.get("generate").is_none());
    let metadata = body["client_metadata"].as_object().unwrap();
    assert!(
        metadata.contains_key("thread_id") && !metadata.contains_key("x-codex-ws-stream-request-start-ms")
    );
    for name in ["codex-ws-2.json", "codex-ws-3.json"] {
        let error = http_body(&read(name)).unwrap_err();
        assert_eq!((error.code(), error.path()), ("needs_full_request", Some("previous_response_id")));
    }
    // The whole request of which the client sent the end.
    let (mut whole, end) = (body, parsed(&read("codex-ws-2.json")));
    whole["input"].as_array_mut().unwrap().extend(end["input"].as_array().unwrap().clone());
    let baseline = baseline(&warm_up, r#"{"type":"response.completed","response":{"id":"resp_warm"}}"#);
    let frame = parsed(&ws_request(whole.to_string().as_bytes(), Some(&baseline)).unwrap());
    for member in ["type", "previous_response_id", "input"] {
        assert_eq!(frame[member], end[member], "{member}");
    }
}

fn fail(frame: &str) -> Envelope {
    let (mut transcoder, mut out) = (ChatTranscoder::default(), Vec::new());
    transcoder.feed_event(frame, &mut out).unwrap();
    assert!(!transcoder.committed());
    transcoder.outcome().unwrap().envelope().unwrap()
}

#[test]
fn an_error_frame_with_status_and_headers_is_that_failure() {
    let limited = fail(
        r#"{"type":"error","status":429,"error":{"type":"usage_limit_reached","message":"The usage limit has been reached"},"headers":{"X-Codex-Primary-Used-Percent":100,"x-codex-primary-reset-after-seconds":"90"}}"#,
    );
    assert_eq!(
        (limited.status, limited.class, limited.retry_after_ms),
        (429, ErrorClass::Quota, Some(90_000))
    );
    let busy = fail(
        r#"{"type":"error","status_code":503,"error":{"code":"server_is_overloaded","message":"Busy"},"headers":{"Retry-After":1.5}}"#,
    );
    assert_eq!((busy.status, busy.class, busy.retry_after_ms), (503, ErrorClass::Overloaded, Some(1500)));
    let lost =
        fail(r#"{"type":"error","status":400,"error":{"code":"previous_response_not_found","message":"x"}}"#);
    assert_eq!((lost.status, lost.class), (400, ErrorClass::RetryFullInput));
}

/// `response.failed`, an HTTP body, a page: as a frame it is the same failure.
#[test]
fn an_error_frame_equals_the_envelope() {
    for case in read_cases("envelope") {
        let whole = case.read("envelope.json");
        let envelope = Envelope::from_json(&whole).unwrap();
        assert_eq!(
            envelope.to_json().split(",\"hint\"").next(),
            std::str::from_utf8(&whole).unwrap().split(",\"hint\"").next()
        );
        let frame = error_frame(&envelope);
        let again = error_envelope(&Failure { body: &frame, ..Failure::default() });
        assert_eq!((again.status, &again.error), (envelope.status, &envelope.error), "{}", case.name);
        assert_eq!(again.retry_after_ms, envelope.retry_after_ms, "{}", case.name);
        assert_eq!(again.class, envelope.class, "{}", case.name);
        assert_eq!(fail(std::str::from_utf8(&frame).unwrap()).error, envelope.error);
    }
    for bad in ["", "{}", r#"{"status":429,"class":"quota","body":{}}"#, r#"{"status":429,"class":"x"}"#] {
        assert!(Envelope::from_json(bad.as_bytes()).is_err(), "{bad}");
    }
}

fn item() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[a-z\"\\\\é\n]{0,6}", any::<String>()];
    let kind = prop::sample::select(vec!["message", "reasoning", "function_call", "x"]);
    (kind, text, prop::option::of(0..3_i32), any::<bool>()).prop_map(|(kind, text, number, has_null)| {
        let mut item = json!({"type": kind, "content": [{"text": text, "n": number}, text]});
        if has_null {
            item["phase"] = Value::Null;
        }
        item
    })
}

fn items() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(item(), 0..5)
}

fn body() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        prop::sample::select(MEMBERS.to_vec()).prop_map(str::to_owned),
        prop::sample::select(vec!["input", "client_metadata", "x"]).prop_map(str::to_owned),
        "[a-z]{0,5}",
    ];
    let space = || prop::sample::select(vec!["", " ", "\n\t"]);
    let member = (name, item(), space(), space(), space());
    (prop::collection::vec(member, 0..6), space(), space()).prop_map(|(members, before, after)| {
        let reserved = ["type", "generate", "previous_response_id"];
        let members = members.iter().filter(|(name, ..)| !reserved.contains(&&**name));
        let members: Vec<_> =
            members.map(|(name, value, a, b, c)| format!("{a}{}{b}:{value}{c}", json!(name))).collect();
        format!("{before}{{{}{after}}}{before}", members.join(","))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_frame_of_a_body_is_that_body_again(body in body()) {
        let frame = ws_request(body.as_bytes(), None).unwrap();
        prop_assert_eq!(&parsed(&frame)["type"], "response.create");
        prop_assert_eq!(String::from_utf8(http_body(&frame).unwrap()).unwrap(), body);
    }

    #[test]
    fn a_tail_and_what_the_upstream_has_are_the_whole_input(
        before in items(), answered in items(), new in items(), changed in prop::option::of((any::<prop::sample::Index>(), item())),
    ) {
        let request = |input: &[Value]| json!({"model": "m", "input": input, "store": false}).to_string();
        let mut frames: Vec<_> = answered.iter()
            .map(|item| json!({"type": "response.output_item.done", "item": item}).to_string()).collect();
        frames.push(r#"{"type":"response.completed","response":{"id":"resp_1"}}"#.to_owned());
        let baseline = baseline(request(&before).as_bytes(), &frames.join("\n"));
        let had = [before, answered].concat();
        let mut whole = [had.clone(), new.clone()].concat();
        let mut is_same = true;
        if let Some((at, item)) = changed.filter(|_| !whole.is_empty()) {
            let at = at.index(whole.len());
            let bare = |item: &Value| { let mut item = item.clone(); item.as_object_mut().unwrap().remove("phase"); item };
            is_same = at >= had.len() || bare(&whole[at]) == bare(&item);
            whole[at] = item;
        }
        let frame = parsed(&ws_request(request(&whole).as_bytes(), Some(&baseline)).unwrap());
        if is_same {
            prop_assert_eq!(&frame["previous_response_id"], "resp_1");
            prop_assert_eq!(frame["input"].as_array().unwrap(), &whole[had.len()..]);
        } else {
            prop_assert!(frame.get("previous_response_id").is_none());
            prop_assert_eq!(frame["input"].as_array().unwrap(), &whole);
        }
        prop_assert_eq!(&frame["model"], "m");
    }

    #[test]
    fn any_bytes(bytes: Vec<u8>, body in body(), at: prop::sample::Index, with: u8) {
        let mut broken = body.clone().into_bytes();
        let at = at.index(broken.len());
        broken[at] = with;
        for bytes in [&bytes, &broken] {
            let baseline = Baseline::new(bytes);
            let _ = (ws_request(bytes, baseline.as_ref().ok()), http_body(bytes), client_frame(bytes));
            let mut baseline = Baseline::new(body.as_bytes()).unwrap();
            baseline.frame(&String::from_utf8_lossy(bytes));
            prop_assert_eq!(baseline.response_id(), None);
            prop_assert_eq!(ws_request(bytes, Some(&baseline)), ws_request(bytes, None));
            let _ = Envelope::from_json(bytes);
        }
    }
}

#[test]
fn a_frame_stands_for_the_lite_header_and_no_other() {
    let frame = |metadata: &str| {
        sluicegate::frame_headers(
            format!(r#"{{"type":"response.create","client_metadata":{metadata}}}"#).as_bytes(),
        )
    };
    let lite = "ws_request_header_x_openai_internal_codex_responses_lite";
    let expected = vec![("x-openai-internal-codex-responses-lite".to_owned(), "true".to_owned())];
    assert_eq!(frame(&format!(r#"{{"{lite}":"true"}}"#)), expected);
    for metadata in [format!(r#"{{"{lite}":"false"}}"#), r#"{"ws_request_header_cookie":"true"}"#.to_owned()]
    {
        assert_eq!(frame(&metadata), []);
    }
    assert_eq!(sluicegate::frame_headers(b"{"), []);
}

#[test]
fn a_warm_up_is_answered_with_a_response_to_go_on_from() {
    let response = String::from_utf8(sluicegate::warm_up_response("resp_\"1")).unwrap();
    assert_eq!(response, r#"{"id":"resp_\"1","object":"response","status":"completed","output":[]}"#);
    let [created, completed] = sluicegate::warm_up_frames("resp_\"1");
    assert_eq!(completed, format!(r#"{{"type":"response.completed","response":{response}}}"#));
    assert!(
        created.starts_with(r#"{"type":"response.created""#) && created.contains(r#""status":"in_progress""#)
    );
}

#[test]
fn tables_of_headers_and_warm_ups() {
    for line in include_str!("../../fixtures/websocket/headers.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let headers = sluicegate::frame_headers(case["frame"].as_str().unwrap().as_bytes());
        let headers: serde_json::Map<_, _> =
            headers.into_iter().map(|(name, value)| (name, value.into())).collect();
        assert_eq!(Value::Object(headers), case["headers"], "{line}");
    }
    for line in include_str!("../../fixtures/websocket/warm_up.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let id = case["response_id"].as_str().unwrap();
        assert_eq!(serde_json::json!(sluicegate::warm_up_frames(id)), case["frames"], "{line}");
        let response = String::from_utf8(sluicegate::warm_up_response(id)).unwrap();
        assert_eq!(Value::String(response), case["response"], "{line}");
    }
}

#[test]
fn an_error_frame_has_the_headers_that_it_is_given() {
    let failure = error_envelope(&Failure {
        status: Some(429),
        headers: &[("retry-after", "2")],
        ..Failure::default()
    });
    let given = [("x-codex-plan-type", "plus"), ("retry-after", "9")];
    let frame = sluicegate::error_frame_with_headers(&failure, &given);
    let expected = [("retry-after", "2"), ("retry-after-ms", "2000"), ("x-codex-plan-type", "plus")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(sluicegate::frame_headers(&frame), expected);
}
