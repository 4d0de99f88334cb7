//! Streams whose few ids, indexes and call ids are said of each other, in both directions: whatever they say, any cut gives
//! the same bytes, there is one end, and all that is made of one stream agrees.

mod cases;
mod said;

use cases::Random;
use proptest::prelude::*;
use said::Said;
use serde_json::{Value, json};
use sluicegate::{
    ChatTranscoder, Dialect, ImageExtractor, ImageOptions, LintProfile, MemorySink, NoteCode, Options,
    Outcome, ResponseCollector, ResponsesRelay, ResponsesTranscoder, Severity, Transcoder, lint,
};

/// One of a few.
fn one_of<T: Clone>(random: &mut Random, all: &[T]) -> T {
    all[random.below(all.len())].clone()
}

fn put(event: &mut Value, name: &str, value: Value) {
    if !value.is_null() {
        event[name] = value;
    }
}

fn id(random: &mut Random) -> Value {
    one_of(random, &[Value::Null, json!("a"), json!("b"), json!("fc_a"), json!("x")])
}

fn call_id(random: &mut Random) -> Value {
    one_of(random, &[Value::Null, json!("x"), json!("y"), json!("a")])
}

fn index(random: &mut Random) -> Value {
    one_of(random, &[Value::Null, json!(0), json!(1), json!(1), json!(2)])
}

fn text(random: &mut Random) -> Value {
    json!(one_of(random, &["", "A", "AB", "ABC", "B", "é"]))
}

fn arguments(random: &mut Random) -> Value {
    json!(one_of(random, &["", " ", "{", "{}", "{\"p\":1}", "{\"p\":", "1}"]))
}

fn logprobs(random: &mut Random) -> Value {
    let token = |text| json!([{"token": text, "logprob": -0.5, "bytes": null, "top_logprobs": []}]);
    one_of(random, &[Value::Null, Value::Null, json!([]), json!(""), token("A"), token("B")])
}

fn annotations(random: &mut Random) -> Value {
    let flat = json!({"type": "url_citation", "url": "u", "title": "t", "start_index": 0, "end_index": 1});
    let nested = json!({"type": "url_citation", "url_citation": {"url": "v"}});
    one_of(random, &[json!([]), json!([]), json!([flat]), json!([nested]), json!([flat, nested]), json!("")])
}

fn part(random: &mut Random) -> Value {
    match random.below(5) {
        0 => json!({"type": "refusal", "refusal": text(random)}),
        1 => json!({"type": "summary_text", "text": text(random)}),
        2 => json!({"type": "reasoning_text", "text": text(random)}),
        _ => {
            let mut part =
                json!({"type": "output_text", "text": text(random), "annotations": annotations(random)});
            put(&mut part, "logprobs", logprobs(random));
            part
        }
    }
}

fn item(random: &mut Random) -> Value {
    let mut item = match random.below(6) {
        0 | 1 => {
            let parts: Vec<_> = (0..random.below(3)).map(|_| part(random)).collect();
            json!({"type": "message", "role": "assistant", "content": parts})
        }
        2 => json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": text(random)}]}),
        3 => {
            let status = one_of(random, &["completed", "failed"]);
            let result = one_of(random, &[Value::Null, json!("iVBORw0KGgo="), json!("R0lGODdh")]);
            json!({"type": "image_generation_call", "status": status, "result": result})
        }
        _ => {
            let name = one_of(random, &[Value::Null, json!("f"), json!("g")]);
            let mut call = json!({"type": "function_call", "arguments": arguments(random)});
            put(&mut call, "name", name);
            put(&mut call, "call_id", call_id(random));
            call
        }
    };
    let id = id(random);
    put(&mut item, "id", id);
    item
}

/// An event on one of few items.
fn event(random: &mut Random) -> Value {
    let kinds = [
        "output_item.added",
        "output_item.done",
        "output_item.done",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "reasoning_summary_text.delta",
        "refusal.delta",
        "refusal.done",
        "content_part.added",
        "content_part.done",
        "function_call_arguments.delta",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_text.annotation.added",
    ];
    let kind = one_of(random, &kinds);
    let mut event = json!({"type": format!("response.{kind}")});
    match kind.rsplit_once('.') {
        Some(("output_item", "added")) => {
            event["item"] = item(random);
            event["item"].as_object_mut().unwrap().remove("result"); // an image that has begun has none
        }
        Some(("output_item", _)) => event["item"] = item(random),
        Some(("content_part", _)) => event["part"] = part(random),
        Some(("output_text.annotation", _)) => {
            event["annotation"] =
                json!({"type": "url_citation", "url": "w", "start_index": 0, "end_index": 0});
        }
        Some(("function_call_arguments", "delta")) => event["delta"] = arguments(random),
        Some(("function_call_arguments", _)) => event["arguments"] = arguments(random),
        Some(("refusal", "done")) => event["refusal"] = text(random),
        Some((_, "done")) => event["text"] = text(random),
        _ => event["delta"] = text(random),
    }
    if kind.starts_with("output_text.d") {
        put(&mut event, "logprobs", logprobs(random));
    }
    if !kind.starts_with("output_item") {
        put(&mut event, "item_id", id(random));
        put(&mut event, "content_index", index(random));
    }
    put(&mut event, "output_index", index(random));
    event
}

fn terminal(random: &mut Random) -> Value {
    let items: Vec<_> = (0..random.below(4)).map(|_| item(random)).collect();
    let status = one_of(random, &["completed", "completed", "completed", "incomplete", "failed"]);
    let error =
        if status == "failed" { json!({"code": "server_error", "message": "No."}) } else { Value::Null };
    json!({"type": format!("response.{status}"), "response": {"id": "resp_1", "status": status, "error": error,
        "incomplete_details": {"reason": "max_output_tokens"}, "output": items}})
}

fn stream(events: impl IntoIterator<Item = Value>) -> Vec<u8> {
    events.into_iter().map(|event| format!("data: {event}\n\n")).collect::<String>().into_bytes()
}

fn responses_stream(random: &mut Random) -> Vec<u8> {
    let mut events: Vec<_> = (0..=random.below(10)).map(|_| event(random)).collect();
    events.push(terminal(random));
    stream(events)
}

/// Pieces of calls, texts, images and citations of a chat server.
fn chunk(random: &mut Random) -> Value {
    let mut call = json!({"function": {"arguments": arguments(random)}});
    put(&mut call, "index", index(random));
    if random.below(2) == 0 {
        put(&mut call, "id", call_id(random));
        let name = one_of(random, &[Value::Null, json!("f"), json!("g")]);
        put(&mut call["function"], "name", name);
    }
    let delta = match random.below(8) {
        0 => json!({"content": text(random), "annotations": annotations(random)}),
        1 => json!({"reasoning_content": text(random)}),
        2 => json!({"refusal": text(random)}),
        3 => {
            json!({"images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]})
        }
        4 => json!({"content": [{"type": "text", "text": text(random)}]}),
        _ => json!({"tool_calls": [call]}),
    };
    let mut choice = json!({"index": 0, "delta": delta});
    match random.below(12) {
        0 => choice["logprobs"] = json!({"content": logprobs(random)}),
        1 => choice["finish_reason"] = json!("stop"),
        2 => choice["message"] = choice["delta"].take(),
        _ => {}
    }
    let mut chunk = json!({"id": "chatcmpl-1", "model": "m", "choices": [choice]});
    if random.below(8) == 0 {
        chunk["citations"] = json!(["u", "v"]);
    }
    chunk
}

fn chat_stream(random: &mut Random) -> Vec<u8> {
    let mut chunks: Vec<_> = (0..=random.below(10)).map(|_| chunk(random)).collect();
    let reason = one_of(random, &["stop", "tool_calls", "length", "banana", "network_error"]);
    chunks.push(json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}));
    stream(chunks)
}

/// All that is made of a Responses stream.
#[derive(Debug, PartialEq)]
struct Made {
    chat: Vec<u8>,
    relayed: Vec<u8>,
    response: Vec<u8>,
    completion: Vec<u8>,
    images: String,
    outcome: Outcome,
}

fn make(chunks: &[&[u8]]) -> Made {
    let (mut chat, mut relay) = (ChatTranscoder::default(), ResponsesRelay::default());
    let (mut collector, mut frames, mut relayed) = (ResponseCollector::default(), Vec::new(), Vec::new());
    let (mut images, mut sink) = (ImageExtractor::new(&ImageOptions::default()), MemorySink::default());
    for chunk in chunks {
        chat.feed(chunk, &mut frames).unwrap();
        relay.feed(chunk, &mut relayed).unwrap();
        collector.feed(chunk).unwrap();
        images.feed(chunk, &mut sink).unwrap();
    }
    chat.finish(&mut frames).unwrap();
    relay.finish(&mut relayed).unwrap();
    images.finish(&mut sink).unwrap();
    let response = collector.finish().unwrap();
    let completion = collector.chat_completion().unwrap().to_vec();
    let outcome = chat.outcome().unwrap();
    Made { chat: frames, relayed, response, completion, images: images.outcome().unwrap().to_json(), outcome }
}

fn respond(chunks: &[&[u8]]) -> (Vec<u8>, Outcome) {
    let (mut transcoder, mut out) = (ResponsesTranscoder::default(), Vec::new());
    for chunk in chunks {
        transcoder.feed(chunk, &mut out).unwrap();
    }
    transcoder.finish(&mut out).unwrap();
    (out, transcoder.outcome().unwrap())
}

/// The same for a client of Messages: no rule is broken, whatever collides.
fn message(upstream: Dialect, input: &[u8], random: &mut Random) -> Result<(), TestCaseError> {
    let made = |chunks: &[&[u8]]| {
        let (mut transcoder, mut out) =
            (Transcoder::new(Dialect::Messages, upstream, Options::default()), Vec::new());
        for chunk in chunks {
            transcoder.feed(chunk, &mut out).unwrap();
        }
        transcoder.finish(&mut out).unwrap();
        (out, transcoder.outcome().unwrap())
    };
    let shown = || String::from_utf8_lossy(input).into_owned();
    let (out, outcome) = made(&[input]);
    prop_assert!(made(&random.cut(input)) == (out.clone(), outcome.clone()), "cut: {}", shown());
    let bytes: Vec<_> = input.chunks(1).collect();
    prop_assert!(made(&bytes) == (out.clone(), outcome.clone()), "byte by byte: {}", shown());
    for profile in [LintProfile::Messages, LintProfile::ClaudeCode] {
        let found = errors(&out, profile);
        prop_assert!(found.is_empty(), "{found:?}\n{}\n{}", shown(), String::from_utf8_lossy(&out));
    }
    let stops = String::from_utf8_lossy(&out).matches("\nevent: message_stop\n").count();
    prop_assert_eq!(stops, usize::from(outcome.error.is_none()), "{}", shown());
    Ok(())
}

fn errors(stream: &[u8], profile: LintProfile) -> Vec<String> {
    let findings = lint(stream, profile);
    findings
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .map(sluicegate::Finding::to_json)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_made_of_a_responses_stream_agrees(seed: u64) {
        let mut random = Random(seed | 1);
        let input = responses_stream(&mut random);
        message(Dialect::Responses, &input, &mut random)?;
        let shown = String::from_utf8_lossy(&input).into_owned();
        let made = make(&[&input]);
        prop_assert!(make(&random.cut(&input)) == made, "cut: {shown}");
        prop_assert!(make(&input.chunks(1).collect::<Vec<_>>()) == made, "byte by byte: {shown}");
        let chat = String::from_utf8_lossy(&made.chat);
        let ends = chat.matches("\"finish_reason\":\"").count() + chat.matches("data: {\"error\":").count();
        prop_assert_eq!(ends, 1, "{}", shown);
        prop_assert!(errors(&made.chat, LintProfile::Chat).is_empty(), "{:?}\n{shown}", errors(&made.chat, LintProfile::Chat));
        let relayed = String::from_utf8_lossy(&made.relayed);
        let ends: usize = ["completed", "incomplete", "failed"].iter()
            .map(|end| relayed.matches(&format!("\"type\":\"response.{end}\"")).count()).sum();
        prop_assert_eq!(ends, 1, "{}", shown);
        if made.outcome.error.is_some() {
            return Ok(());
        }
        let completion: Value = serde_json::from_slice(&made.completion).unwrap();
        let response: Value = serde_json::from_slice(&made.response).unwrap();
        if made.outcome.notes.iter().all(|note| note.code != NoteCode::InconsistentText) {
            prop_assert_eq!(Said::chunks(&made.chat), Said::completion(&completion), "{}", shown);
        }
        let said = Said::completion(&completion).in_any_order();
        prop_assert_eq!(said, Said::response(&response).in_any_order(), "{}\n{}", shown, response);
        let again: Value = relayed.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok())
            .find(|event: &Value| !event["response"].is_null()).unwrap();
        prop_assert_eq!(&again["response"], &response, "{}", shown);
    }

    #[test]
    fn what_is_made_of_a_chat_stream_is_sound(seed: u64) {
        let mut random = Random(seed | 1);
        let input = chat_stream(&mut random);
        message(Dialect::Chat, &input, &mut random)?;
        let shown = String::from_utf8_lossy(&input).into_owned();
        let (out, outcome) = respond(&[&input]);
        prop_assert!(respond(&random.cut(&input)) == (out.clone(), outcome.clone()), "cut: {shown}");
        prop_assert!(respond(&input.chunks(1).collect::<Vec<_>>()) == (out.clone(), outcome.clone()), "byte by byte: {shown}");
        prop_assert!(errors(&out, LintProfile::OpenAi).is_empty(), "{:?}\n{shown}", errors(&out, LintProfile::OpenAi));
        // What came out is a Responses stream like any other, and says the same when it is read.
        let made = make(&[&out]);
        prop_assert_eq!(made.outcome.finish_reason, outcome.finish_reason, "{}", shown);
        prop_assert!(made.outcome.notes.iter().all(|note| note.code != NoteCode::InconsistentText), "{shown}");
        if outcome.error.is_none() {
            let completion: Value = serde_json::from_slice(&made.completion).unwrap();
            let response: Value = serde_json::from_slice(&made.response).unwrap();
            prop_assert_eq!(
                Said::completion(&completion).in_any_order(),
                Said::response(&response).in_any_order(),
                "{}", shown
            );
        }
    }
}
