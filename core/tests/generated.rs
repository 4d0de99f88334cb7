//! Valid streams from a generator that knows their fold: G1 to G4, and G7. `SLUICEGATE_GENERATED=<file>` writes some of
//! them for the Python and Node suites to replay (G8).

mod cases;
mod streams;

use cases::{Random, sse_events};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sluicegate::{ChatTranscoder, Outcome, ResponseCollector, ResponsesRelay, SseOptions, Status};
use streams::Stream;

struct Outputs {
    chat: Vec<u8>,
    relayed: Vec<u8>,
    response: Vec<u8>,
    completion: Vec<u8>,
    outcome: Outcome,
}

fn outputs(chunks: &[&[u8]]) -> Outputs {
    let (mut chat, mut relay) = (ChatTranscoder::default(), ResponsesRelay::default());
    let (mut collector, mut frames, mut relayed) = (ResponseCollector::default(), Vec::new(), Vec::new());
    for chunk in chunks {
        chat.feed(chunk, &mut frames).unwrap();
        relay.feed(chunk, &mut relayed).unwrap();
        collector.feed(chunk).unwrap();
    }
    chat.finish(&mut frames).unwrap();
    relay.finish(&mut relayed).unwrap();
    let response = collector.finish().unwrap();
    let completion = collector.chat_completion().unwrap().to_vec();
    Outputs { chat: frames, relayed, response, completion, outcome: chat.outcome().unwrap() }
}

impl Outputs {
    fn bytes(&self) -> [&[u8]; 4] {
        [&self.chat, &self.relayed, &self.response, &self.completion]
    }

    /// What a client makes of the chunks, and how often they end.
    fn folded(&self) -> (Value, Vec<String>) {
        let mut message =
            json!({"content": null, "refusal": null, "reasoning_content": null, "tool_calls": null});
        let (mut ends, mut calls) = (Vec::new(), Vec::new());
        let text = std::str::from_utf8(&self.chat).unwrap();
        let chunks = text.strip_suffix("data: [DONE]\n\n").unwrap();
        for chunk in chunks.split_terminator("\n\n") {
            let chunk: Value = serde_json::from_str(chunk.strip_prefix("data: ").unwrap()).unwrap();
            let choice = &chunk["choices"][0];
            ends.extend(choice["finish_reason"].as_str().map(str::to_owned));
            for (member, value) in choice["delta"].as_object().unwrap() {
                match value {
                    Value::String(text) if member != "role" => {
                        message[member] =
                            json!(message[member].as_str().unwrap_or_default().to_owned() + text);
                    }
                    Value::Array(deltas) => deltas.iter().for_each(|delta| fold_call(&mut calls, delta)),
                    _ => {}
                }
            }
        }
        message["tool_calls"] = if calls.is_empty() { Value::Null } else { json!(calls) };
        (message, ends)
    }
}

fn fold_call(calls: &mut Vec<Value>, delta: &Value) {
    let nth = delta["index"].as_u64().unwrap() as usize;
    if nth == calls.len() {
        let mut call = delta.clone();
        call.as_object_mut().unwrap().remove("index");
        return calls.push(call);
    }
    let arguments = &mut calls[nth]["function"]["arguments"];
    *arguments =
        json!(arguments.as_str().unwrap().to_owned() + delta["function"]["arguments"].as_str().unwrap());
}

/// `""` where a stream begins with text that stays empty, `null` where it does not: no difference to a client. Neither are
/// arguments that are white space.
fn same(ours: &Value, expected: &Value) -> bool {
    ["content", "refusal", "reasoning_content", "tool_calls"].iter().all(|member| {
        let said = |message: &Value| {
            let mut said = message.get(member).filter(|said| **said != "" && !said.is_null()).cloned();
            for call in said.iter_mut().filter_map(Value::as_array_mut).flatten() {
                let arguments = &mut call["function"]["arguments"];
                if arguments.as_str().is_some_and(|arguments| arguments.trim().is_empty()) {
                    *arguments = json!("");
                }
            }
            said
        };
        said(ours) == said(expected)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_of_a_valid_stream_is_known(stream in streams::stream(), seed: u64) {
        let whole = outputs(&[&stream.input]);
        // G3, G4: one end, and every consumer gives what was written.
        let (folded, ends) = whole.folded();
        prop_assert!(same(&folded, &stream.message), "{folded}\n{}", stream.message);
        prop_assert_eq!(&ends, &[stream.finish_reason]);
        let completion: Value = serde_json::from_slice(&whole.completion).unwrap();
        prop_assert!(same(&completion["choices"][0]["message"], &stream.message), "{completion}\n{}", stream.message);
        prop_assert_eq!(&completion["choices"][0]["finish_reason"], stream.finish_reason);
        let response: Value = serde_json::from_slice(&whole.response).unwrap();
        prop_assert_eq!(&response["output"], &json!(stream.output)); // G12: reasoning blobs among it
        let expected = if stream.finish_reason == "length" { Status::Incomplete } else { Status::Completed };
        prop_assert_eq!(whole.outcome.status, expected);
        // G7: what no one knows is noted, or in the output.
        for name in &stream.unknown {
            prop_assert!(whole.outcome.notes.iter().any(|note| note.code.as_str() == "unknown_event" && *name == note.detail), "{name}");
        }
        // G1, G2.
        let cut = Random(seed | 1).cut(&stream.input);
        let bytes: Vec<&[u8]> = stream.input.chunks(1).collect();
        for chunks in [&cut, &bytes] {
            let again = outputs(chunks);
            prop_assert_eq!(again.bytes(), whole.bytes());
            prop_assert_eq!(&again.outcome, &whole.outcome);
            sse_events(&SseOptions::default(), chunks);
        }
        // The relayed stream has the same content.
        let relayed = outputs(&[&whole.relayed]);
        prop_assert!(same(&relayed.folded().0, &stream.message));
    }
}

fn exported(stream: &Stream) -> String {
    let outputs = outputs(&[&stream.input]);
    let [chat, relayed, response, completion] =
        outputs.bytes().map(|bytes| format!("{:x}", Sha256::digest(bytes)));
    let line = json!({
        "input": String::from_utf8_lossy(&stream.input),
        "message": stream.message,
        "finish_reason": stream.finish_reason,
        "output": stream.output,
        "sha256": {"chat": chat, "relayed": relayed, "response": response, "completion": completion},
    });
    format!("{line}\n")
}

/// Seeded: the same streams each time.
#[test]
fn streams_are_exported() {
    let mut runner = TestRunner::deterministic();
    let lines: Vec<_> =
        (0..200).map(|_| exported(&streams::stream().new_tree(&mut runner).unwrap().current())).collect();
    assert!(lines.iter().collect::<std::collections::HashSet<_>>().len() > 150, "they differ");
    if let Some(path) = std::env::var_os("SLUICEGATE_GENERATED") {
        std::fs::write(path, lines.concat()).unwrap();
    }
}
