//! Faults that were found in the dialect, one small stream each.

use crate::fold::{Fold, events};
use crate::pairs::{DIALECTS, body, options, same_in_pieces};
use sluicegate::{Dialect, NoteCode, Outcome};

const START: &str = r#"{"type":"message_start","message":{"id":"msg_1","model":"m","content":[],"usage":{"input_tokens":3,"output_tokens":1}}}"#;
const TEXT: &str = r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
const HI: &str = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#;
const STOP: &str = r#"{"type":"content_block_stop","index":0}"#;
const END: &str =
    r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}"#;
const OVER: &str = r#"{"type":"message_stop"}"#;

fn sse(events: &[&str]) -> Vec<u8> {
    events.iter().map(|event| format!("data: {event}\n\n")).collect::<String>().into_bytes()
}

fn read(client: Dialect, events: &[&str]) -> (Fold, Outcome) {
    let (stream, outcome) = same_in_pieces(client, Dialect::Messages, &sse(events), &options());
    (Fold::of_stream(client, &stream), outcome)
}

fn has_note(outcome: &Outcome, code: NoteCode, detail: &str) -> bool {
    outcome.notes.iter().any(|note| note.code == code && note.detail == detail)
}

#[test]
fn what_comes_after_the_end_is_noted() {
    for client in DIALECTS {
        let (fold, outcome) = read(client, &[START, TEXT, HI, STOP, END, OVER, TEXT]);
        assert_eq!(fold.text, "Hi");
        assert!(has_note(&outcome, NoteCode::UnknownEvent, "content_block_start"), "{client:?}");
    }
}

#[test]
fn a_missing_message_start_is_noted() {
    for client in DIALECTS {
        let (fold, outcome) = read(client, &[TEXT, HI, STOP, END, OVER]);
        assert_eq!(fold.text, "Hi");
        assert!(has_note(&outcome, NoteCode::Repaired, "message_start"), "{client:?}");
    }
}

#[test]
fn an_id_that_comes_again_becomes_another_than_all() {
    let call = |index: usize, id: &str| {
        let block = format!(r#"{{"type":"tool_use","id":"{id}","name":"f","input":{{}}}}"#);
        [
            format!(r#"{{"type":"content_block_start","index":{index},"content_block":{block}}}"#),
            format!(r#"{{"type":"content_block_stop","index":{index}}}"#),
        ]
    };
    let calls = [call(0, "a"), call(1, "a_2"), call(2, "a")].concat();
    let mut events = vec![START];
    events.extend(calls.iter().map(String::as_str));
    events.extend([END, OVER]);
    for client in [Dialect::Chat, Dialect::Responses] {
        let (fold, outcome) = read(client, &events);
        let ids: Vec<_> = fold.calls.iter().map(|(id, ..)| &**id).collect();
        assert_eq!(ids, ["a", "a_2", "a_2_2"], "{client:?}");
        assert!(has_note(&outcome, NoteCode::Repaired, "id"), "{client:?}");
    }
}

#[test]
fn blocks_that_are_open_side_by_side_come_in_the_order_of_their_starts() {
    let second = TEXT.replace("\"index\":0", "\"index\":1");
    let early = HI.replace("\"index\":0", "\"index\":1").replace("Hi", " there");
    let stop = STOP.replace("\"index\":0", "\"index\":1");
    for client in DIALECTS {
        let (fold, _) = read(client, &[START, TEXT, &second, &early, HI, &stop, STOP, END, OVER]);
        assert_eq!(fold.text, "Hi there", "{client:?}");
    }
}

#[test]
fn an_id_of_three_dialects_has_one_prefix() {
    let chunk =
        r#"{"id":"chatcmpl-msg_1","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}"#;
    let (stream, _) = same_in_pieces(Dialect::Messages, Dialect::Chat, &sse(&[chunk]), &options());
    assert!(String::from_utf8_lossy(&stream).contains(r#""id":"msg_1""#));
}

#[test]
fn arguments_of_white_space_are_none() {
    let call = |arguments: &str| {
        let call = format!(
            r#"[{{"index":0,"id":"call_abc123","function":{{"name":"f","arguments":"{arguments}"}}}}]"#
        );
        format!(r#"{{"id":"chatcmpl-9","choices":[{{"index":0,"delta":{{"tool_calls":{call}}}}}]}}"#)
    };
    let end = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#;
    for (pieces, written) in [([" ", "\\n"], ""), ([" ", "{}"], ""), (["\\t ", "[ 1]"], "[ 1]")] {
        let input = sse(&[&call(pieces[0]), &call(pieces[1]), end]);
        let (stream, _) = same_in_pieces(Dialect::Messages, Dialect::Chat, &input, &options());
        let pieces: String =
            events(&stream).iter().filter_map(|event| event["delta"]["partial_json"].as_str()).collect();
        assert_eq!(pieces, written);
    }
}

#[test]
fn a_call_has_the_same_id_in_a_body() {
    let call = r#"[{"index":0,"id":"call_0","function":{"name":"f","arguments":"{}"}}]"#;
    let input = sse(&[
        &format!(r#"{{"id":"chatcmpl-9","choices":[{{"index":0,"delta":{{"tool_calls":{call}}}}}]}}"#),
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
    ]);
    let (stream, _) = same_in_pieces(Dialect::Messages, Dialect::Chat, &input, &options());
    let folds = [
        Fold::of_stream(Dialect::Messages, &stream),
        Fold::of_body(Dialect::Messages, &body(Dialect::Messages, Dialect::Chat, &input, options())),
    ];
    assert_eq!(folds[0].calls[0].0, "call_0_9");
    assert_eq!(folds[0].calls, folds[1].calls);
}
