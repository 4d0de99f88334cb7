//! A response that the client steered, and its successor on the same socket: to a chat client one answer.

use serde_json::{Value, json};
use sluicegate::{ChatTranscoder, NoteCode, Options, Outcome, Status};

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

#[test]
fn without_a_successor_it_stops() {
    let (chunks, outcome) = chat(&steered());
    assert_eq!(chunks.last().unwrap()["choices"][0]["finish_reason"], "stop");
    assert_eq!(outcome.status, Status::Incomplete);
    assert!(outcome.notes.iter().any(|note| note.code == NoteCode::Steered));
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
}
