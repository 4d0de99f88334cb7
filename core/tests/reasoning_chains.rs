//! Encrypted reasoning through chains of dialects: byte for byte in the request that its server gets next, or listed.
//!
//! R → C → R: a chat client of a Responses server keeps `reasoning_details`. R → C → R → C → R: a Responses client of a
//! gateway that speaks chat with another gateway. M → C → M: a chat client of a Messages server.

use proptest::prelude::*;
use serde_json::{Value, json};
use sluicegate::{
    Action, Change, ChatTranscoder, Dialect, Options, Profile, RequestOptions, ResponsesTranscoder,
    Transcoder, chat_to_responses, convert_request, responses_to_chat,
};

/// An item of an answer: reasoning with its blob, a message, a call.
#[derive(Debug, Clone)]
enum Item {
    Reasoning { blob: String, summary: Vec<String> },
    Message(String),
    Call,
}

fn items() -> impl Strategy<Value = Vec<Item>> {
    let blob = prop_oneof!["gAAAA[A-Za-z0-9+/_=-]{1,40}", "[ -~é☃]{1,20}x"];
    let summary = prop::collection::vec("[a-z\"\\\\é]{1,8}", 0..3);
    let item = prop_oneof![
        2 => (blob, summary).prop_map(|(blob, summary)| Item::Reasoning { blob, summary }),
        1 => "[a-z]{1,8}".prop_map(Item::Message),
        2 => Just(Item::Call),
    ];
    prop::collection::vec(item, 1..7)
}

impl Item {
    fn json(&self, nth: usize) -> Value {
        match self {
            Self::Reasoning { blob, summary } => {
                let parts: Vec<_> =
                    summary.iter().map(|text| json!({"type": "summary_text", "text": text})).collect();
                json!({"id": format!("rs_{nth}"), "type": "reasoning", "summary": parts, "encrypted_content": blob})
            }
            Self::Message(text) => json!({"id": format!("msg_{nth}"), "type": "message", "role": "assistant",
                "content": [{"type": "output_text", "text": text, "annotations": []}]}),
            Self::Call => json!({"id": format!("fc_{nth}"), "type": "function_call", "name": "f",
                "call_id": format!("call_{nth}"), "arguments": "{}"}),
        }
    }
}

/// The stream of an answer.
fn stream(items: &[Value]) -> Vec<u8> {
    let (mut out, mut event) = (Vec::new(), Value::Null);
    let mut push = |kind: &str, members: Value| {
        event = members;
        event["type"] = json!(kind);
        out.extend_from_slice(format!("data: {event}\n\n").as_bytes());
    };
    for (nth, item) in items.iter().enumerate() {
        push("response.output_item.added", json!({"output_index": nth, "item": item}));
        push("response.output_item.done", json!({"output_index": nth, "item": item}));
    }
    push("response.completed", json!({"response": {"id": "resp_1", "status": "completed", "output": items}}));
    out
}

/// The message that a client keeps of a chat stream.
fn folded(stream: &[u8]) -> Value {
    let mut message = json!({"role": "assistant", "content": null});
    for block in std::str::from_utf8(stream).unwrap().split("\n\n") {
        let Some(data) = block.strip_prefix("data: ").filter(|data| *data != "[DONE]") else { continue };
        let chunk: Value = serde_json::from_str(data).unwrap();
        let delta = &chunk["choices"][0]["delta"];
        if let Some(text) = delta["content"].as_str() {
            message["content"] = json!(format!("{}{text}", message["content"].as_str().unwrap_or_default()));
        }
        if let Some(details) = delta.get("reasoning_details") {
            message["reasoning_details"] = details.clone();
        }
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            let index = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
            match message["tool_calls"].as_array_mut() {
                Some(calls) if index < calls.len() => {
                    let own = &mut calls[index]["function"]["arguments"];
                    let piece = call["function"]["arguments"].as_str().unwrap();
                    *own = json!(format!("{}{piece}", own.as_str().unwrap()));
                }
                Some(calls) => calls.push(call.clone()),
                None => message["tool_calls"] = json!([call]),
            }
        }
    }
    message
}

fn to_chat(stream: &[u8]) -> Vec<u8> {
    let options = Options { reasoning_details: true, ..Options::default() };
    let (mut transcoder, mut out) = (ChatTranscoder::new(options), Vec::new());
    transcoder.feed(stream, &mut out).unwrap();
    transcoder.finish(&mut out).unwrap();
    out
}

/// The next request of a chat client.
fn next_turn(message: &Value) -> Vec<u8> {
    let mut messages = vec![json!({"role": "user", "content": "Hi"}), message.clone()];
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        messages.push(json!({"role": "tool", "tool_call_id": call["id"], "content": "ok"}));
    }
    messages.push(json!({"role": "user", "content": "Go on."}));
    json!({"model": "m", "messages": messages}).to_string().into_bytes()
}

fn to_responses(body: &[u8], profile: &str) -> (Value, Vec<Change>) {
    let profile = Profile::named(profile).unwrap();
    let request = chat_to_responses(body, &profile, &RequestOptions::default()).unwrap();
    (serde_json::from_slice(&request.body).unwrap(), request.changes)
}

/// What is left of reasoning items, without members that only output has.
fn reasoning(items: &[Value]) -> Vec<Value> {
    items.iter().filter(|item| item["type"] == "reasoning").cloned().collect()
}

/// Which kinds of items follow each other, messages as one.
fn order(items: &[Value]) -> Vec<&str> {
    items.iter().filter_map(|item| item["type"].as_str()).collect()
}

/// Thoughts of a Messages server: with a text or none, or hidden.
fn thoughts() -> impl Strategy<Value = Vec<Value>> {
    let signed = ("[a-z\"\\\\é ]{0,8}", "[A-Za-z0-9+/=]{1,20}")
        .prop_map(|(text, signature)| json!({"type": "thinking", "thinking": text, "signature": signature}));
    let hidden = "[A-Za-z0-9+/=]{1,20}".prop_map(|data| json!({"type": "redacted_thinking", "data": data}));
    prop::collection::vec(prop_oneof![3 => signed, 1 => hidden], 1..5)
}

/// Its stream, in which a thought comes letter by letter.
fn message_stream(blocks: &[Value]) -> Vec<u8> {
    let mut events = vec![json!({"type": "message_start", "message": {"id": "msg_1", "content": []}})];
    for (index, block) in blocks.iter().enumerate() {
        let start = match block["thinking"].as_str() {
            Some(_) => json!({"type": "thinking", "thinking": "", "signature": ""}),
            None => block.clone(),
        };
        events.push(json!({"type": "content_block_start", "index": index, "content_block": start}));
        let mut delta = |delta| {
            events.push(json!({"type": "content_block_delta", "index": index, "delta": delta}));
        };
        for letter in block["thinking"].as_str().into_iter().flat_map(str::chars) {
            delta(json!({"type": "thinking_delta", "thinking": letter}));
        }
        if let Some(signature) = block["signature"].as_str() {
            delta(json!({"type": "signature_delta", "signature": signature}));
        }
        events.push(json!({"type": "content_block_stop", "index": index}));
    }
    events.push(json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {}}));
    events.push(json!({"type": "message_stop"}));
    events.iter().map(|event| format!("data: {event}\n\n")).collect::<String>().into_bytes()
}

proptest! {
    #[test]
    fn a_chat_client_sends_back_the_same_thoughts(thoughts in thoughts()) {
        let call = json!({"type": "tool_use", "id": "call_1", "name": "f", "input": {}});
        let blocks = [&thoughts[..], &[call]].concat();
        let options = Options { reasoning_details: true, ..Options::default() };
        let (mut transcoder, mut out) =
            (Transcoder::new(Dialect::Chat, Dialect::Messages, options), Vec::new());
        transcoder.feed(&message_stream(&blocks), &mut out).unwrap();
        transcoder.finish(&mut out).unwrap();
        let body = next_turn(&folded(&out));
        let profile = Profile::named("anthropic").unwrap();
        let options = RequestOptions::default();
        let request = convert_request(&body, Some(Dialect::Chat), Dialect::Messages, &profile, &options);
        let body: Value = serde_json::from_slice(&request.unwrap().body).unwrap();
        prop_assert_eq!(&body["messages"][1]["content"], &json!(blocks));
    }

    #[test]
    fn a_chat_client_sends_back_the_same_items(items in items()) {
        let output: Vec<_> = items.iter().enumerate().map(|(nth, item)| item.json(nth)).collect();
        let message = folded(&to_chat(&stream(&output)));
        for profile in ["openai", "codex"] {
            let (body, changes) = to_responses(&next_turn(&message), profile);
            let input = body["input"].as_array().unwrap();
            prop_assert_eq!(reasoning(input), reasoning(&output), "{:?}", changes);
        }
        // Chat has one content, before the calls: an answer made so keeps its order.
        let others = order(&output).into_iter().filter(|kind| *kind != "reasoning").collect::<Vec<_>>();
        let is_chats = others.iter().skip(1).all(|kind| *kind == "function_call");
        if is_chats && output.last().is_some_and(|last| last["type"] != "reasoning") {
            let (body, _) = to_responses(&next_turn(&message), "openai");
            let input = body["input"].as_array().unwrap();
            prop_assert_eq!(&order(input)[1..=output.len()], &order(&output)[..]);
        }
    }

    #[test]
    fn two_gateways_lose_nothing_unlisted(items in items()) {
        let output: Vec<_> = items.iter().enumerate().map(|(nth, item)| item.json(nth)).collect();
        let options = Options { id: Some("resp_2".to_owned()), ..Options::default() };
        let (mut transcoder, mut out) = (ResponsesTranscoder::new(options), Vec::new());
        transcoder.feed(&to_chat(&stream(&output)), &mut out).unwrap();
        transcoder.finish(&mut out).unwrap();
        let response: Value = serde_json::from_slice(&transcoder.response().unwrap()).unwrap();
        let mut input = vec![json!({"role": "user", "content": "Hi"})];
        input.extend(response["output"].as_array().unwrap().iter().cloned());
        for call in response["output"].as_array().unwrap().iter().filter(|item| item["type"] == "function_call") {
            input.push(json!({"type": "function_call_output", "call_id": call["call_id"], "output": "ok"}));
        }
        input.push(json!({"role": "user", "content": "Go on."}));
        let body = json!({"model": "m", "input": input}).to_string();
        let chat = responses_to_chat(body.as_bytes(), &Profile::named("chat").unwrap(), &RequestOptions::default());
        let chat = chat.unwrap();
        let (body, changes) = to_responses(&chat.body, "openai");
        let kept = reasoning(body["input"].as_array().unwrap());
        if kept != reasoning(&output) {
            let is_listed = |change: &&Change| change.action == Action::Removed && change.path.starts_with("input[");
            let lost = reasoning(&output).len() - kept.len();
            let lines = chat.changes.iter().chain(&changes).filter(is_listed).count();
            prop_assert!(lines >= lost.min(1), "{} of {:?}", lines, chat.changes);
            let sent = reasoning(&output);
            prop_assert!(kept.iter().all(|item| sent.contains(item)), "{:?} of {}", kept, chat.body.escape_ascii());
        }
    }
}
