//! A chat client that declared `functions`, which came before tools: its call comes back as `function_call`.

use sluicegate::{ChatOptions, ChatTranscoder, ResponseCollector};

const CALL: &str = r#"{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","id":"fc_0","call_id":"call_0","name":"add","arguments":"{\"a\":1}"}}"#;
const SECOND: &str = r#"{"type":"response.output_item.done","output_index":1,"item":{"type":"function_call","id":"fc_1","call_id":"call_1","name":"sub","arguments":"{}"}}"#;
const END: &str =
    r#"{"type":"response.completed","response":{"id":"resp_1","status":"completed","model":"m"}}"#;

fn options() -> ChatOptions {
    ChatOptions::from_json(br#"{"context":{"dialect":"chat","legacy_functions":true}}"#).unwrap()
}

#[test]
fn a_call_is_streamed_as_one() {
    let (mut transcoder, mut out) = (ChatTranscoder::new(options()), Vec::new());
    for event in [CALL, END] {
        transcoder.feed_event(event, &mut out).unwrap();
    }
    transcoder.finish(&mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains(r#""delta":{"function_call":{"name":"add","arguments":""}}"#), "{out}");
    assert!(out.contains(r#""delta":{"function_call":{"arguments":"{\"a\":1}"}}"#), "{out}");
    assert!(out.contains(r#""finish_reason":"function_call""#) && !out.contains("tool_calls"), "{out}");
}

#[test]
fn a_second_call_has_no_place_and_is_noted() {
    let mut collector = ResponseCollector::new(options());
    for event in [CALL, SECOND, END] {
        collector.feed_event(event).unwrap();
    }
    collector.finish().unwrap();
    let completion = String::from_utf8_lossy(collector.chat_completion().unwrap()).into_owned();
    let message = r#""message":{"role":"assistant","content":null,"refusal":null,"function_call":{"name":"add","arguments":"{\"a\":1}"}}"#;
    assert!(completion.contains(message) && !completion.contains("tool_calls"), "{completion}");
    let notes = collector.outcome().unwrap().notes;
    assert!(notes.iter().any(|note| note.code.as_str() == "client_call_dropped"), "{notes:?}");
}
