//! A chat client's custom tool is a function to a Messages server: its call comes back in the form that the host asks for.
//! (By itself: `fixtures/messages_upstream`, where every option is one of all clients.)

use sluicegate::{Dialect, Options, Transcoder};

const EVENTS: [&str; 6] = [
    r#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}"#,
    r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"s_h_1","input":{}}}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"input\":\"a\"}"}}"#,
    r#"{"type":"content_block_stop","index":0}"#,
    r#"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":7}}"#,
    r#"{"type":"message_stop"}"#,
];

/// What a chat client is sent where `custom_tools` is this.
fn stream(custom_tools: &str) -> String {
    let options = format!(
        r#"{{"custom_tools":"{custom_tools}","context":{{"dialect":"chat","custom_tools":["s.h"],"tools":{{"s_h_1":{{"kind":"custom","name":"s.h","namespace":null}}}}}}}}"#
    );
    let options = Options::from_json(options.as_bytes()).unwrap();
    let (mut transcoder, mut out) = (Transcoder::new(Dialect::Chat, Dialect::Messages, options), Vec::new());
    for event in EVENTS {
        transcoder.feed_event(event, &mut out).unwrap();
    }
    transcoder.finish(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_input_is_arguments_as_the_server_has_them_or_as_they_are_meant() {
    for (form, start, piece) in [
        ("custom", r#""type":"custom","custom":{"name":"s.h","input":""}"#, r#""custom":{"input":"a"}"#),
        (
            "function",
            r#""type":"function","function":{"name":"s.h","arguments":""}"#,
            r#"{"arguments":"{\"input\":\"a\"}"}"#,
        ),
        ("raw", r#""type":"function","function":{"name":"s.h","arguments":""}"#, r#"{"arguments":"a"}"#),
    ] {
        let out = stream(form);
        assert!(out.contains(start) && out.contains(piece), "{form}: {out}");
    }
}
