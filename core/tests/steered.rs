//! A response that the client steered, and its successor on the same socket: one answer, but to a Responses client.

use serde_json::{Value, json};
use sluicegate::{ChatTranscoder, Collector, Dialect, NoteCode, Options, Outcome, Status, Transcoder};

fn frames(id: &str, text: &str, reason: Option<&str>) -> Vec<Value> {
    let message = |text: &str| {
        let part = json!({"type": "output_text", "text": text, "annotations": []});
        json!({"id": format!("msg_{id}"), "type": "message", "role": "assistant", "content": [part]})
    };
    let call = json!({"id": format!("fc_{id}"), "type": "function_call", "call_id": format!("call_{id}"),
        "name": "look", "arguments": "{}"});
    let status = if reason.is_some() { "incomplete" } else { "completed" };
    let response = json!({"id": id, "status": status, "incomplete_details": {"reason": reason},
        "output": [message(text), call], "usage": {"input_tokens": 1, "output_tokens": 1}});
    vec![
        json!({"type": "response.created", "response": {"id": id, "output": []}}),
        json!({"type": "response.output_item.added", "output_index": 0, "item": message("")}),
        json!({"type": "response.output_text.delta", "item_id": format!("msg_{id}"), "output_index": 0,
            "content_index": 0, "delta": text}),
        json!({"type": "response.output_item.done", "output_index": 0, "item": message(text)}),
        json!({"type": "response.output_item.done", "output_index": 1, "item": call}),
        json!({"type": format!("response.{status}"), "response": response}),
    ]
}

fn chat(frames: &[Value]) -> (Vec<Value>, Outcome) {
    let (mut transcoder, mut out) = (ChatTranscoder::new(Options::default()), Vec::new());
    for frame in frames {
        transcoder.feed_event(&frame.to_string(), &mut out).unwrap();
    }
    transcoder.finish(&mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.matches("[DONE]").count(), 1);
    let chunks = text.split("\n\n").filter_map(|block| block.strip_prefix("data: {"));
    let chunks = chunks.map(|json| serde_json::from_str(&format!("{{{json}")).unwrap()).collect();
    (chunks, transcoder.outcome().unwrap())
}

fn steered() -> Vec<Value> {
    let mut all = frames("a", "One", Some("steered"));
    all.push(json!({"type": "response.steer.accepted", "stream_id": "s", "previous_response_id": "a"}));
    all
}

#[test]
fn both_responses_are_one_answer() {
    let mut all = steered();
    all.extend(frames("b", "Two", None));
    let (chunks, outcome) = chat(&all);
    let delta = |chunk: &Value, name: &str| chunk["choices"][0]["delta"][name].clone();
    let texts: Vec<_> =
        chunks.iter().filter_map(|chunk| delta(chunk, "content").as_str().map(str::to_owned)).collect();
    assert_eq!(texts.concat(), "One\n\nTwo");
    let calls =
        chunks.iter().flat_map(|chunk| delta(chunk, "tool_calls").as_array().cloned().unwrap_or_default());
    let ids: Vec<_> = calls
        .filter(|call| call.get("id").is_some())
        .map(|call| (call["index"].clone(), call["id"].clone()))
        .collect();
    assert_eq!(ids, [(json!(0), json!("call_a")), (json!(1), json!("call_b"))]);
    let finish = chunks.iter().filter_map(|chunk| chunk["choices"][0]["finish_reason"].as_str());
    assert_eq!(finish.collect::<Vec<_>>(), ["tool_calls"]);
    assert_eq!((outcome.status, outcome.response_id.as_deref()), (Status::Completed, Some("a")));
    assert!(outcome.notes.iter().all(|note| note.code == NoteCode::Repaired), "{:?}", outcome.notes);
}

fn collected(frames: &[Value]) -> Collector {
    let mut collector = Collector::new(Dialect::Responses, Options::default());
    for frame in frames {
        collector.feed_event(&frame.to_string()).unwrap();
    }
    collector.finish().unwrap();
    collector
}

#[test]
fn both_are_one_body() {
    let mut all = steered();
    all.extend(frames("b", "Two", None));
    let collector = collected(&all);
    let read = |json: &[u8]| serde_json::from_slice::<Value>(json).unwrap();
    let response = read(collector.final_response().unwrap());
    let ids = response["output"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap());
    assert_eq!(ids.collect::<Vec<_>>(), ["msg_a", "fc_a", "msg_b", "fc_b"]);
    assert_eq!((&response["id"], &response["usage"]["total_tokens"]), (&json!("b"), &json!(4)));
    let completion = read(collector.final_completion().unwrap());
    assert_eq!(completion["choices"][0]["message"]["content"], "One\n\nTwo");
    assert_eq!(completion["usage"]["total_tokens"], 4);
    let message = read(&collector.final_message().unwrap());
    let kinds = message["content"].as_array().unwrap().iter().map(|block| block["type"].as_str().unwrap());
    assert_eq!(kinds.collect::<Vec<_>>(), ["text", "tool_use", "text", "tool_use"]);
    assert_eq!(collector.outcome().unwrap().status, Status::Completed);
}

/// What only the first terminal event had is kept; the second has items without ids.
#[test]
fn items_of_terminal_events_stay_apart() {
    let mut all = steered();
    all.retain(|frame| !frame["type"].as_str().unwrap().contains("output_"));
    let mut further = frames("b", "One", None);
    further.retain(|frame| !frame["type"].as_str().unwrap().contains("item"));
    for item in further.last_mut().unwrap()["response"]["output"].as_array_mut().unwrap() {
        item.as_object_mut().unwrap().remove("id");
    }
    all.extend(further);
    let response: Value = serde_json::from_slice(collected(&all).final_response().unwrap()).unwrap();
    let texts =
        response["output"].as_array().unwrap().iter().filter_map(|item| item["content"][0]["text"].as_str());
    assert_eq!(texts.collect::<Vec<_>>(), ["One", "One"]);
    assert_eq!(response["output"].as_array().unwrap().len(), 4);
}

#[test]
fn a_responses_client_gets_both_as_they_were_sent() {
    let mut all = steered();
    all.extend(frames("b", "Two", None));
    let mut relay = Transcoder::new(Dialect::Responses, Dialect::Responses, Options::default());
    let (mut sent, mut out) = (Vec::new(), Vec::new());
    for frame in &all {
        sent.extend(format!("event: {}\ndata: {frame}\n\n", frame["type"].as_str().unwrap()).into_bytes());
    }
    for chunk in sent.chunks(7) {
        relay.feed(chunk, &mut out).unwrap();
    }
    relay.finish(&mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), String::from_utf8(sent).unwrap());
    let outcome = relay.outcome().unwrap();
    assert_eq!((outcome.status, outcome.response_id.as_deref()), (Status::Completed, Some("b")));
    let response: Value = serde_json::from_slice(&relay.response().unwrap()).unwrap();
    assert_eq!(response["output"].as_array().unwrap().len(), 2);
}

#[test]
fn without_a_successor_it_stops() {
    let (chunks, outcome) = chat(&steered());
    assert_eq!(chunks.last().unwrap()["choices"][0]["finish_reason"], "stop");
    assert_eq!(outcome.status, Status::Incomplete);
    assert!(outcome.notes.iter().any(|note| note.code == NoteCode::Steered));
    let collector = collected(&steered());
    let response: Value = serde_json::from_slice(collector.final_response().unwrap()).unwrap();
    assert_eq!((&response["id"], &response["status"]), (&json!("a"), &json!("incomplete")));
    assert_eq!(collector.outcome().unwrap().notes, outcome.notes);
}

#[test]
fn a_failure_after_it_is_one() {
    let mut all = steered();
    all.push(
        json!({"type": "error", "status": 500, "error": {"code": "server_error", "message": "Broken."}}),
    );
    let (chunks, outcome) = chat(&all);
    assert_eq!(chunks.last().unwrap()["error"]["message"], "Broken.");
    assert_eq!(outcome.status, Status::Failed);
    let response: Value = serde_json::from_slice(collected(&all).final_response().unwrap()).unwrap();
    assert_eq!((&response["status"], &response["error"]["message"]), (&json!("failed"), &json!("Broken.")));
    assert_eq!(response["output"].as_array().unwrap().len(), 2);
}
