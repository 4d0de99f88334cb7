//! `fixtures/hostile/cases.jsonl`: inputs made up to hurt, too large to be files. Whole and in chunks, to every consumer:
//! the same bytes out, in time (G1, G10). `BLESS=1` writes what came out.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sluicegate::{
    ChatOptions, ChatTranscoder, Failure, ImageExtractor, ImageOptions, MemorySink, Outcome, Profile,
    RequestOptions, ResponseCollector, ResponsesRelay, SseOptions, SseParser, error_envelope,
    normalize_request,
};
use std::path::Path;

/// Each character of a text is one byte; `{n}` is the number of the repetition.
fn input(case: &Value) -> Vec<u8> {
    let mut input = Vec::new();
    for piece in case["input"].as_array().unwrap() {
        let text = piece["text"].as_str().unwrap();
        for nth in 0..piece["times"].as_u64().unwrap_or(1) {
            input.extend(text.replace("{n}", &nth.to_string()).chars().map(|byte| byte as u8));
        }
    }
    input
}

/// What comes out under one name, of one input after another.
#[derive(Default)]
struct Digests(Vec<(&'static str, Sha256)>);

impl Digests {
    fn add(&mut self, name: &'static str, bytes: &[u8]) {
        let at = self.0.iter().position(|(known, _)| *known == name).unwrap_or(self.0.len());
        self.0.resize_with(self.0.len().max(at + 1), || (name, Sha256::new()));
        self.0[at].1.update(bytes);
    }

    fn into_json(self) -> Value {
        self.0
            .into_iter()
            .map(|(name, hash)| (name.to_owned(), json!(format!("{:x}", hash.finalize()))))
            .collect()
    }
}

/// What the consumers make of a stream; status and notes go to `result`.
fn stream(case: &Value, chunks: &[&[u8]], digests: &mut Digests, result: &mut Value) {
    let json = case["options"].to_string();
    let json = if case["options"].is_null() { b"{}" } else { json.as_bytes() };
    let (events, errors) = events(SseOptions::from_json(json).unwrap(), chunks);
    digests.add("events", events.as_bytes());
    let options = ChatOptions::from_json(json).unwrap();
    let mut chat = ChatTranscoder::new(options.clone());
    let mut relay = ResponsesRelay::new(options.clone());
    let mut collector = ResponseCollector::new(options);
    let (mut frames, mut relayed) = (Vec::new(), Vec::new());
    let (mut images, mut sink) =
        (ImageExtractor::new(&ImageOptions::from_json(json).unwrap()), MemorySink::default());
    for chunk in chunks {
        chat.feed(chunk, &mut frames).unwrap();
        relay.feed(chunk, &mut relayed).unwrap();
        collector.feed(chunk).unwrap();
        images.feed(chunk, &mut sink).unwrap();
    }
    chat.finish(&mut frames).unwrap();
    relay.finish(&mut relayed).unwrap();
    images.finish(&mut sink).unwrap();
    assert!(frames.ends_with(b"data: [DONE]\n\n"));
    digests.add("chat", &frames);
    digests.add("relayed", &relayed);
    digests.add("response", &collector.finish().unwrap());
    digests.add("completion", collector.chat_completion().unwrap());
    let outcomes = [chat.outcome(), relay.outcome(), collector.outcome()].map(Option::unwrap);
    for outcome in &outcomes {
        digests.add("outcomes", outcome.to_json().as_bytes());
    }
    digests.add("images", images.outcome().unwrap().to_json().as_bytes());
    *result = json!({"errors": errors, "chat": ending(&outcomes[0]), "relay": ending(&outcomes[1])});
}

fn ending(outcome: &Outcome) -> Value {
    let mut notes: Vec<_> = outcome.notes.iter().map(|note| note.code.as_str()).collect();
    notes.dedup();
    notes.truncate(8);
    json!({"status": outcome.status.as_str(), "notes": notes})
}

fn events(options: SseOptions, chunks: &[&[u8]]) -> (String, Vec<Value>) {
    let mut parser = SseParser::new(options);
    let (mut lines, mut errors) = (String::new(), Vec::new());
    for chunk in chunks {
        let mut events = parser.feed(chunk);
        loop {
            match events.next_event() {
                Ok(Some(event)) => lines += &format!("{}\n{}\n{}\n", event.event, event.data, event.id),
                Ok(None) => break,
                Err(error) => errors.push(json!({"code": error.code(), "offset": error.offset()})),
            }
        }
    }
    errors.extend(parser.finish().err().map(|error| json!({"code": error.code(), "offset": error.offset()})));
    let fed: usize = chunks.iter().map(|chunk| chunk.len()).sum();
    assert!(parser.bytes_touched() <= 2 * fed as u64);
    (lines, errors)
}

fn document(case: &Value, body: &[u8], digests: &mut Digests, result: &mut Value) {
    if case["kind"] == "failure" {
        let envelope = error_envelope(&Failure { body, ..Failure::default() });
        digests.add("envelope", envelope.to_json().as_bytes());
        *result = json!({"status": envelope.status, "class": envelope.class.as_str()});
        return;
    }
    let profile = Profile::named("codex").unwrap();
    match normalize_request(body, &profile, &RequestOptions::default()) {
        Ok(request) => {
            digests.add("body", &request.body);
            *result = json!({"changes": request.changes.len()});
        }
        Err(error) => {
            digests.add("body", error.code().as_bytes());
            *result = json!({"code": error.code(), "offset": error.offset()});
        }
    }
}

/// What comes out of a case whose inputs are cut into chunks of `size` bytes.
fn outputs(case: &Value, input: &[u8], size: usize) -> Value {
    let (mut digests, mut result) = (Digests::default(), Value::Null);
    let first = if case["prefixes"] == true { 0 } else { input.len() };
    for end in first..=input.len() {
        if case["kind"].is_null() {
            let chunks: Vec<_> = input[..end].chunks(size).collect();
            stream(case, &chunks, &mut digests, &mut result);
        } else {
            document(case, &input[..end], &mut digests, &mut result);
        }
    }
    result["sha256"] = digests.into_json();
    result
}

#[test]
fn hostile() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/hostile/cases.jsonl");
    let lines = std::fs::read_to_string(&path).unwrap();
    let mut blessed = String::new();
    for line in lines.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let input = input(&case);
        let whole = outputs(&case, &input, input.len().max(1));
        let sizes = if case["kind"].is_null() { &[8191, 1][..] } else { &[] };
        for size in sizes.iter().filter(|size| **size > 1 || input.len() < 1 << 16) {
            assert_eq!(outputs(&case, &input, *size), whole, "{} in chunks of {size}", case["name"]);
        }
        let head = line.split(",\"expect\":").next().unwrap();
        let head = if head == line { &line[..line.len() - 1] } else { head };
        blessed += &format!("{head},\"expect\":{whole}}}\n");
        if std::env::var_os("BLESS").is_none() {
            assert_eq!(case["expect"], whole, "{}", case["name"]);
        }
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, blessed).unwrap();
    }
}
