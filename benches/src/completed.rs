//! A large terminal event, as of a long agent turn, and ways to find in it what a transcoder must know: the text and the
//! arguments (here only their length), and the usage.

use crate::content::Content;
use crate::{Random, escaped};
use serde::Deserialize;
use serde_json::Value;
use simd_json::prelude::ValueAsScalar;
use std::borrow::Cow;

/// The event, and what a client that saw nothing before must read.
#[derive(Debug)]
pub struct Completed {
    /// `response.completed`.
    pub json: String,
    /// The events that brought the same before, in small pieces.
    pub deltas: Vec<String>,
    /// Its content.
    pub content: Content,
    /// Of its usage.
    pub total_tokens: u64,
}

/// Turns of encrypted reasoning, a message, a call, until about `bytes`.
pub fn completed(seed: u64, bytes: usize) -> Completed {
    let mut random = Random::new(seed);
    let (mut output, mut content, mut deltas) = (Vec::new(), Content::default(), Vec::new());
    let mut length = 0;
    while length < bytes {
        let nth = output.len();
        let blob: String = (0..2_000).map(|_| char::from(b'A' + random.below(26) as u8)).collect();
        let text = prose(&mut random, 3_000);
        let arguments =
            format!(r#"{{"path":"src/{nth}.rs","patch":"{}"}}"#, escaped(&prose(&mut random, 3_000)));
        let turn = format!(
            r#"{{"type":"reasoning","id":"rs_{nth}","summary":[],"encrypted_content":"{blob}"}},{{"type":"message","id":"msg_{nth}","status":"completed","role":"assistant","content":[{{"type":"output_text","text":"{}","annotations":[]}}]}},{{"type":"function_call","id":"fc_{nth}","status":"completed","call_id":"call_{nth}","name":"edit","arguments":"{}"}}"#,
            escaped(&text),
            escaped(&arguments),
        );
        let message = format!(r#"{{"type":"message","id":"msg_{nth}","role":"assistant","content":[]}}"#);
        add(&mut deltas, 3 * nth + 1, &message, "output_text", &text);
        let call = format!(
            r#"{{"type":"function_call","id":"fc_{nth}","call_id":"call_{nth}","name":"edit","arguments":""}}"#
        );
        add(&mut deltas, 3 * nth + 2, &call, "function_call_arguments", &arguments);
        if nth > 0 {
            content.text += "\n\n";
        }
        content.text += &text;
        content.arguments.push(arguments);
        length += turn.len();
        output.push(turn);
    }
    let json = format!(
        r#"{{"type":"response.completed","sequence_number":9,"response":{{"id":"resp_1","object":"response","created_at":1741290958,"status":"completed","model":"gpt-5.5","output":[{}],"parallel_tool_calls":true,"tools":[],"usage":{{"input_tokens":4000,"output_tokens":5000,"total_tokens":9000}}}}}}"#,
        output.join(",")
    );
    Completed { json, deltas, content, total_tokens: 9_000 }
}

/// An item, and its text in pieces of about five words.
fn add(deltas: &mut Vec<String>, output_index: usize, item: &str, lane: &str, text: &str) {
    deltas.push(format!(
        r#"{{"type":"response.output_item.added","output_index":{output_index},"item":{item}}}"#
    ));
    let characters: Vec<char> = text.chars().collect();
    deltas.extend(characters.chunks(24).map(|piece| {
        let piece = escaped(&piece.iter().collect::<String>());
        format!(
            r#"{{"type":"response.{lane}.delta","output_index":{output_index},"content_index":0,"delta":"{piece}"}}"#
        )
    }));
}

fn prose(random: &mut Random, bytes: usize) -> String {
    let mut text = String::new();
    while text.len() < bytes {
        text +=
            random.one_of(&["let ", "value ", "= ", "\n    ", "self.tree", "(\"key\")", " // é ", "return "]);
    }
    text
}

/// Bytes of text and arguments, and the total tokens.
pub type Found = (usize, u64);

/// `serde_json::Value`.
pub fn value(json: &str) -> Found {
    let event: Value = serde_json::from_str(json).expect("it is JSON");
    let response = &event["response"];
    let mut length = 0;
    for item in response["output"].as_array().into_iter().flatten() {
        length += item["arguments"].as_str().map_or(0, str::len);
        for part in item["content"].as_array().into_iter().flatten() {
            length += part["text"].as_str().map_or(0, str::len);
        }
    }
    (length, response["usage"]["total_tokens"].as_u64().unwrap_or_default())
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    response: Response<'a>,
}

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    output: Vec<Item<'a>>,
    usage: Usage,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Item<'a> {
    #[serde(borrow, default)]
    arguments: Cow<'a, str>,
    #[serde(borrow, default)]
    content: Vec<Part<'a>>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, default)]
    text: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Usage {
    total_tokens: u64,
}

impl Event<'_> {
    fn found(&self) -> Found {
        let Response { output, usage } = &self.response;
        let parts = |item: &Item<'_>| item.content.iter().map(|part| part.text.len()).sum::<usize>();
        (output.iter().map(|item| item.arguments.len() + parts(item)).sum(), usage.total_tokens)
    }
}

/// `serde_json` into structs that have only what is wanted.
pub fn structs(json: &str) -> Found {
    let event: Event<'_> = serde_json::from_str(json).expect("it is JSON");
    event.found()
}

/// `simd_json` into the same structs. It needs the bytes for itself: `copy` is passed for its capacity.
pub fn simd_structs(json: &str, copy: &mut Vec<u8>, buffers: &mut simd_json::Buffers) -> Found {
    copy.clear();
    copy.extend_from_slice(json.as_bytes());
    let event: Event<'_> = simd_json::serde::from_slice_with_buffers(copy, buffers).expect("it is JSON");
    event.found()
}

/// `simd_json`'s tape, the fastest it has.
pub fn simd_tape(json: &str, copy: &mut Vec<u8>, buffers: &mut simd_json::Buffers) -> Found {
    copy.clear();
    copy.extend_from_slice(json.as_bytes());
    let tape = simd_json::to_tape_with_buffers(copy, buffers).expect("it is JSON");
    let event = tape.as_value();
    let response = event.get("response").expect("it is there");
    let mut length = 0;
    for item in response
        .get("output")
        .and_then(|output| output.as_array().map(|it| it.iter().collect::<Vec<_>>()))
        .unwrap_or_default()
    {
        length += item.get("arguments").and_then(|text| text.as_str().map(str::len)).unwrap_or_default();
        for part in item
            .get("content")
            .and_then(|it| it.as_array().map(|it| it.iter().collect::<Vec<_>>()))
            .unwrap_or_default()
        {
            length += part.get("text").and_then(|text| text.as_str().map(str::len)).unwrap_or_default();
        }
    }
    let total = response.get("usage").and_then(|usage| usage.get("total_tokens").and_then(|it| it.as_u64()));
    (length, total.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::completed;
    use crate::{content::Content, ours};
    use simd_json::Buffers;

    #[test]
    fn a_client_that_saw_nothing_reads_all_of_it() {
        let completed = completed(3, 1 << 16);
        let mut out = Vec::new();
        ours::terminal(&completed.json, &mut out);
        assert_eq!(Content::of_chat(&out), completed.content);
    }

    #[test]
    fn a_client_that_saw_all_of_it_reads_nothing_more() {
        let completed = completed(3, 1 << 16);
        let (mut transcoder, mut out) = ours::fed(&completed.deltas);
        let before = out.len();
        ours::end(&mut transcoder, &completed.json, &mut out);
        assert_eq!(Content::of_chat(&out), completed.content);
        assert!(out.len() - before < 1_000, "{}", String::from_utf8_lossy(&out[before..]));
    }

    #[test]
    fn every_reader_finds_the_same() {
        let completed = completed(3, 1 << 16);
        let gaps = "\n\n".len() * (completed.content.arguments.len() - 1);
        let expected = (completed.content.len() - gaps, completed.total_tokens);
        let (mut copy, mut buffers) = (Vec::new(), Buffers::default());
        assert_eq!(super::value(&completed.json), expected);
        assert_eq!(super::structs(&completed.json), expected);
        assert_eq!(super::simd_structs(&completed.json, &mut copy, &mut buffers), expected);
        assert_eq!(super::simd_tape(&completed.json, &mut copy, &mut buffers), expected);
    }
}
