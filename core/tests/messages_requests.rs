//! What must hold for any request from or to the Messages dialect: valid JSON, a second pass changes nothing, what a server
//! refuses is not sent. Fixtures with flipped bytes, and what real clients sent where `SLUICEGATE_RECORDINGS` is set: there
//! also that the next turn begins with the bytes of this one.

mod cases;

use cases::{Random, read_cases};
use proptest::prelude::*;
use serde_json::Value;
use sluicegate::{Dialect, Profile, RequestOptions, convert_request};
use std::collections::HashSet;
use std::path::PathBuf;

const UPSTREAMS: [(Dialect, &str); 4] = [
    (Dialect::Responses, "codex"),
    (Dialect::Responses, "openai"),
    (Dialect::Chat, "chat"),
    (Dialect::Messages, "anthropic"),
];

/// Checks the request that becomes of a body; gives it where there is one.
fn check(name: &str, body: &[u8], client: Dialect, upstream: Dialect, profile: &str) -> Option<Vec<u8>> {
    let (rules, options) = (Profile::named(profile).unwrap(), RequestOptions::default());
    let request = convert_request(body, Some(client), upstream, &rules, &options).ok()?;
    let again = convert_request(&request.body, Some(upstream), upstream, &rules, &options).unwrap();
    let is_settled = again.body == request.body && again.changes.is_empty();
    assert!(is_settled, "{name} on {profile}: a second pass: {:?}", again.changes);
    // Half a surrogate pair is nothing that serde_json reads.
    let read = serde_json::from_slice::<Value>(&request.body);
    if let Ok(read) =
        read.as_ref().map_err(|_| assert!(serde_json::from_slice::<Value>(body).is_err(), "{name}"))
        && upstream == Dialect::Messages
        && request.context.dialect != Dialect::Messages
    {
        check_messages(name, read);
    }
    Some(request.body)
}

/// What the API refuses: the wrong role first or twice, results that are not first or not there, ids and texts.
fn check_messages(name: &str, request: &Value) {
    let (mut ids, mut open, mut last) = (HashSet::new(), Vec::new(), "assistant");
    for message in request["messages"].as_array().expect(name) {
        let role = message["role"].as_str().expect(name);
        assert!(role != last && ["user", "assistant"].contains(&role), "{name}: {role} after {last}");
        last = role;
        let blocks = message["content"].as_array().expect(name);
        assert!(!blocks.is_empty(), "{name}");
        let results = blocks.iter().take_while(|block| block["type"] == "tool_result");
        let answered: Vec<_> = results.map(|block| block["tool_use_id"].as_str().expect(name)).collect();
        assert_eq!(std::mem::take(&mut open), answered, "{name}");
        for block in blocks.iter().skip(answered.len()) {
            assert_ne!(block["type"], "tool_result", "{name}");
            assert!(block["text"].as_str().is_none_or(|text| !text.trim().is_empty()), "{name}");
            if block["type"] == "tool_use" {
                let id = block["id"].as_str().expect(name);
                let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                assert!(!id.is_empty() && id.len() <= 64 && id.chars().all(is_word), "{name}: {id}");
                assert!(block["input"].is_object() && ids.insert(id), "{name}: {id}");
                open.push(id);
            }
        }
    }
    assert!(open.is_empty() && request["max_tokens"].is_u64(), "{name}");
    for tool in request["tools"].as_array().into_iter().flatten().filter(|tool| tool.get("type").is_none()) {
        assert!(tool["input_schema"]["type"].is_string(), "{name}");
    }
}

/// Bodies of Messages requests by file name.
fn recorded(folder: &str) -> Vec<(String, Vec<u8>)> {
    let Some(root) = std::env::var_os("SLUICEGATE_RECORDINGS") else { return Vec::new() };
    let files = std::fs::read_dir(PathBuf::from(root).join(folder)).unwrap();
    let mut bodies: Vec<_> = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .filter_map(|path| {
            let read: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let body = read.get("body").filter(|_| read.get("method").is_some()).unwrap_or(&read);
            let text = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
            let is_request = text.contains("\"messages\"") || text.contains("\"input\"");
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            is_request.then_some((name, text.into_bytes()))
        })
        .collect();
    bodies.sort();
    bodies
}

#[test]
fn recorded_requests_of_messages_clients_are_converted() {
    for (name, body) in recorded("messages/claude-code").into_iter().chain(recorded("messages/requests")) {
        for (upstream, profile) in UPSTREAMS {
            assert!(
                check(&name, &body, Dialect::Messages, upstream, profile).is_some(),
                "{name} on {profile}"
            );
        }
    }
}

#[test]
fn recorded_requests_become_messages_requests() {
    for (name, body) in recorded("requests") {
        let is_tail = serde_json::from_slice::<Value>(&body).unwrap().get("previous_response_id").is_some();
        let sent = check(&name, &body, Dialect::Responses, Dialect::Messages, "anthropic");
        assert_eq!(sent.is_some(), !is_tail, "{name}");
    }
}

/// A turn, and those that go on with it.
const TURNS: [(&str, &[&str]); 3] = [
    (
        "05-",
        &["02-", "03-", "04-", "19-", "21-", "22-", "23-", "24-", "25-", "26-", "32-", "34-", "36-", "38-"],
    ),
    ("16-", &["17-"]),
    ("29-", &["30-"]),
];

/// The list that a member is, without its end.
fn list_of<'b>(body: &'b str, key: &str) -> &'b str {
    let read: std::collections::HashMap<&str, &serde_json::value::RawValue> =
        serde_json::from_str(body).unwrap();
    read[key].get().strip_suffix(']').unwrap()
}

#[test]
fn the_next_turn_begins_with_the_bytes_of_this_one() {
    let bodies = recorded("messages/claude-code");
    for ((first, next), (upstream, profile)) in
        TURNS.iter().flat_map(|turns| UPSTREAMS[..3].iter().map(move |upstream| (turns, *upstream)))
    {
        let sent = |name: &str| {
            let (_, body) = bodies.iter().find(|(own, _)| own.starts_with(name))?;
            let sent = check(name, body, Dialect::Messages, upstream, profile).unwrap();
            // The client moves its marks.
            Some(
                String::from_utf8(sent)
                    .unwrap()
                    .replace(r#","prompt_cache_breakpoint":{"mode":"explicit"}"#, ""),
            )
        };
        let Some(before) = sent(first) else { return };
        let talk = if upstream == Dialect::Chat { "messages" } else { "input" };
        for name in *next {
            let after = sent(name).unwrap();
            for key in [talk, "tools"].into_iter().filter(|key| *key != "tools" || *name != "25-") {
                assert!(
                    list_of(&after, key).starts_with(list_of(&before, key)),
                    "{name} on {profile}: {key}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, ..ProptestConfig::default() })]

    #[test]
    fn any_body_is_converted_or_refused(seed: u64, flips in 0..4_usize, from in 0..4_usize, to in 0..4_usize) {
        let mut random = Random(seed | 1);
        let (folder, client) = [
            ("from_messages", Dialect::Messages),
            ("to_messages", Dialect::Responses),
            ("request", Dialect::Chat),
            ("to_chat", Dialect::Responses),
        ][from];
        let cases = read_cases(folder);
        let case = &cases[random.below(cases.len())];
        let mut body = case.read("request.json");
        for _ in 0..flips.min(body.len()) {
            let at = random.below(body.len());
            body[at] = b"\"{}[]:,0a\\e"[random.below(11)];
        }
        let (upstream, profile) = UPSTREAMS[to];
        check(&format!("{}: {}", case.name, body.escape_ascii()), &body, client, upstream, profile);
    }
}
