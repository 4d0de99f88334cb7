//! What must hold for any Responses request on its way to a chat server: valid JSON, a second pass changes nothing, and
//! every call is answered right after the message that makes it. Fixtures with flipped bytes, and what real clients
//! sent where `SLUICEGATE_RECORDINGS` is set.

mod cases;

use cases::{Random, read_cases};
use proptest::prelude::*;
use serde_json::Value;
use sluicegate::{Profile, RequestOptions, Transport, responses_to_chat};

/// Checks the request that becomes of a body; whether it became one.
fn check(name: &str, body: &[u8]) -> bool {
    let (profile, options) = (Profile::named("chat").unwrap(), RequestOptions::default());
    let Ok(request) = responses_to_chat(body, &profile, &options) else { return false };
    let again = responses_to_chat(&request.body, &profile, &options).unwrap();
    assert!(again.body == request.body && again.changes.is_empty(), "{name}: a second pass");
    if serde_json::from_slice::<Value>(body).is_err() {
        return true; // half a surrogate pair is nothing that serde_json reads
    }
    let read: Value = serde_json::from_slice(&request.body).expect(name);
    if !request.changes.is_empty() {
        assert!(read.get("input").is_none() && read.get("instructions").is_none(), "{name}");
        check_turns(name, read["messages"].as_array().expect(name));
    }
    true
}

fn check_turns(name: &str, messages: &[Value]) {
    let mut open: Vec<&Value> = Vec::new();
    for message in messages {
        if message["role"] == "tool" {
            assert!(!open.is_empty(), "{name}: an output without a call");
            assert_eq!(message["tool_call_id"], *open.remove(0), "{name}");
            continue;
        }
        assert!(open.is_empty(), "{name}: a call without an output");
        open.extend(message["tool_calls"].as_array().into_iter().flatten().map(|call| &call["id"]));
    }
    assert!(open.is_empty(), "{name}: a call without an output");
}

/// A client's own `accept` stays: an answer that was not asked for as a stream is none.
#[test]
fn a_chat_server_is_not_told_that_a_stream_is_wanted() {
    let [chat, codex] = ["chat", "codex"].map(|name| Profile::named(name).unwrap().headers(Transport::Http));
    assert_eq!(chat, []);
    assert!(codex.contains(&("accept".to_owned(), "text/event-stream".to_owned())));
}

#[test]
fn recorded_requests_become_chat_requests() {
    let Some(folder) = std::env::var_os("SLUICEGATE_RECORDINGS") else { return };
    let folder = std::path::Path::new(&folder).join("requests");
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let body = std::fs::read(&path).unwrap();
        let is_tail = serde_json::from_slice::<Value>(&body).unwrap().get("previous_response_id").is_some();
        assert_eq!(check(&path.display().to_string(), &body), !is_tail, "{}", path.display());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn any_body_becomes_a_chat_request_or_is_refused(seed: u64, flips in 0..4_usize) {
        let mut random = Random(seed | 1);
        let cases = read_cases("to_chat");
        let case = &cases[random.below(cases.len())];
        let mut body = case.read("request.json");
        for _ in 0..flips {
            let at = random.below(body.len());
            body[at] = b"\"{}[]:,0a\\e"[random.below(11)];
        }
        check(&format!("{}: {}", case.name, body.escape_ascii()), &body);
    }
}
