//! What other translators test, as far as no golden case has it: docs/reference/messages-behaviours.md.

use crate::fold::events;
use crate::pairs::{options, same_in_pieces};
use serde_json::{Value, json};
use sluicegate::Dialect;

/// Each block as `type` and what streamed in it, then the reason.
fn shown(upstream: Dialect, sent: &[Value]) -> Vec<String> {
    let input: String = sent.iter().map(|event| format!("data: {event}\n\n")).collect();
    let (stream, _) = same_in_pieces(Dialect::Messages, upstream, input.as_bytes(), &options());
    let mut shown: Vec<String> = Vec::new();
    for event in events(&stream) {
        let (block, delta) = (&event["content_block"], &event["delta"]);
        match event["type"].as_str().unwrap() {
            "content_block_start" => {
                let name = block["name"].as_str().map_or(String::new(), |name| format!(" {name}"));
                shown.push(format!("{}{name}:", block["type"].as_str().unwrap()));
            }
            "content_block_delta" => {
                let pieces = ["text", "thinking", "partial_json"].map(|key| delta[key].as_str());
                let piece = pieces.into_iter().flatten().next().unwrap_or("/signed");
                shown.last_mut().unwrap().push_str(piece);
            }
            "message_delta" => shown.push(delta["stop_reason"].as_str().unwrap().to_owned()),
            "error" => shown.push(event["error"]["type"].as_str().unwrap().to_owned()),
            _ => {}
        }
    }
    shown
}

fn of_responses(sent: &[Value]) -> Vec<String> {
    let end = json!({"type": "response.completed", "response": {"id": "resp_1", "status": "completed", "output": []}});
    shown(Dialect::Responses, &[sent, &[end]].concat())
}

fn of_chat(deltas: &[Value]) -> Vec<String> {
    let chunk = |delta: &Value, reason: Option<&str>| json!({"id": "chatcmpl-9", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]});
    let mut sent: Vec<_> = deltas.iter().map(|delta| chunk(delta, None)).collect();
    sent.push(chunk(&json!({}), Some("tool_calls")));
    shown(Dialect::Chat, &sent)
}

fn item(event: &str, index: usize, item: &Value) -> Value {
    json!({"type": format!("response.output_item.{event}"), "output_index": index, "item": item})
}

#[test]
fn only_the_final_state_of_reasoning_is_sent() {
    let reasoning =
        |state: Value| json!({"type": "reasoning", "id": "r", "summary": [], "encrypted_content": state});
    let part = |nth: usize, text: &str| {
        json!({"type": "response.reasoning_summary_text.delta", "item_id": "r", "output_index": 0,
            "summary_index": nth, "delta": text})
    };
    let opened = json!({"type": "response.reasoning_summary_part.added", "item_id": "r", "output_index": 0,
        "summary_index": 1, "part": {"type": "summary_text", "text": ""}});
    let provisional = item("added", 0, &reasoning(json!("PROVISIONAL")));
    let done = item("done", 0, &reasoning(json!("FINAL")));
    let shown = of_responses(&[provisional.clone(), part(0, "a"), opened, part(1, "b"), done.clone()]);
    assert_eq!(shown, ["thinking:a\n\nb/signed", "end_turn"]);
    assert_eq!(of_responses(&[provisional, done]), ["thinking:/signed", "end_turn"]);
}

#[test]
fn calls_come_one_after_the_other_and_text_waits() {
    let call = |nth: usize, arguments: &str| {
        let (id, name) = (format!("fc_{nth}"), ["brew", "pour"][nth]);
        json!({"type": "function_call", "id": id, "call_id": format!("call_a{nth}b"), "name": name, "arguments": arguments})
    };
    let piece = |nth: usize, piece: &str| json!({"type": "response.function_call_arguments.delta", "item_id": format!("fc_{nth}"), "output_index": nth, "delta": piece});
    let text = json!({"type": "response.output_text.delta", "item_id": "m", "output_index": 2, "content_index": 0, "delta": "Hi"});
    let shown = of_responses(&[
        item("added", 0, &call(0, "")),
        item("added", 1, &call(1, "")),
        piece(1, "{\"b\":2}"),
        text,
        piece(0, "{\"a\":"),
        item("done", 1, &call(1, "{\"b\":2}")),
        piece(0, "1}"),
        item("done", 0, &call(0, "{\"a\":1}")),
    ]);
    assert_eq!(shown, ["tool_use brew:{\"a\":1}", "tool_use pour:{\"b\":2}", "text:Hi", "tool_use"]);
}

#[test]
fn a_call_of_a_chat_server_is_one_block_whatever_its_pieces_repeat() {
    let call = |call: Value| json!({"tool_calls": [call]});
    let brew = ["tool_use brew:{\"a\":1}", "tool_use"];
    let begun =
        call(json!({"index": 0, "id": "call_a1b", "function": {"name": "brew", "arguments": "{\"a\""}}));
    for name in [Value::Null, json!("brew"), json!("")] {
        let rest = call(json!({"index": 0, "function": {"name": name, "arguments": ":1}"}}));
        assert_eq!(of_chat(&[begun.clone(), rest]), brew);
    }
    let id_alone = [
        call(json!({"index": 0, "function": {"name": "brew"}})),
        call(json!({"index": 0, "id": "call_a1b"})),
        call(json!({"index": 0, "function": {"arguments": "{\"a\":1}"}})),
    ];
    assert_eq!(of_chat(&id_alone), brew);
}

#[test]
fn a_call_without_a_name_is_none() {
    let call = |name: &str, arguments: &str| json!({"tool_calls": [{"index": 0, "id": "call_a1b", "function": {"name": name, "arguments": arguments}}]});
    assert_eq!(
        of_chat(&[json!({"tool_calls": [{"index": 0, "function": {"name": "", "arguments": ""}}]})]),
        ["end_turn"]
    );
    assert_eq!(of_chat(&[call("", "{}")]), ["overloaded_error"]);
    assert_eq!(of_chat(&[json!({"content": "Hi"}), call("", "{}")]), ["text:Hi", "api_error"]);
}
