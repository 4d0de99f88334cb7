//! Every case in `fixtures/`, whole, byte by byte, at every cut (random cuts for large inputs): the same bytes out.
//! `BLESS=1 cargo test` writes what came out whole, for a person to read in the diff.

mod cases;

use cases::{Case, cuts, read_cases, sse_events};
use sluicegate::{
    ChatOptions, ChatTranscoder, Collector, Dialect, NoteCode, Options, ResponseCollector, ResponsesOptions,
    ResponsesRelay, SseOptions, Tee, TeeOutput, Transcoder,
};

#[test]
fn sse() {
    for case in read_cases("sse") {
        let options =
            case.options().map_or_else(SseOptions::default, |json| SseOptions::from_json(&json).unwrap());
        let input = case.read("input.sse");
        let whole = sse_events(&options, &[&input]);
        case.check("events.jsonl", whole.0.as_bytes());
        if let Some(state) = case.read_optional("state.json") {
            assert_eq!(whole.1, String::from_utf8_lossy(&state).trim_end(), "{}", case.name);
        }
        for cut in cuts(&input) {
            assert!(sse_events(&options, &cut) == whole, "{}: {:?}", case.name, lengths(&cut));
        }
    }
}

#[test]
fn chat() {
    for case in read_cases("chat") {
        let options =
            case.options().map_or_else(ChatOptions::default, |json| ChatOptions::from_json(&json).unwrap());
        if let Some(frames) = case.read_optional("frames.jsonl") {
            let frames = String::from_utf8(frames).unwrap();
            check_chat(&case, &Outputs::of_frames(&options, &frames.lines().collect::<Vec<_>>()), None);
            continue;
        }
        let input = case.read("input.sse");
        let whole = Outputs::of_chunks(&options, &[&input]);
        check_chat(&case, &whole, Some(&input));
        check_tee(&case.name, &options, &input, &whole);
        for cut in cuts(&input) {
            assert!(Outputs::of_chunks(&options, &cut) == whole, "{}: {:?}", case.name, lengths(&cut));
        }
    }
}

#[test]
fn respond() {
    replay("respond", Dialect::Chat);
}

#[test]
fn relay() {
    replay("relay", Dialect::Responses);
}

/// For clients of the legacy Completions API, of upstreams of any dialect.
#[test]
fn text_completion() {
    for case in read_cases("text_completion") {
        let given: serde_json::Value = serde_json::from_slice(&case.options().unwrap()).unwrap();
        let options = Options::from_json(given["options"].to_string().as_bytes()).unwrap();
        let upstream =
            given["upstream"].as_str().map_or(Dialect::Responses, |name| Dialect::named(name).unwrap());
        let input = case.read("input.sse");
        let whole = text_completed(upstream, &options, &[&input]);
        for (file, actual) in ["output.sse", "outcome.json", "completion.json"].into_iter().zip(&whole) {
            case.check(file, actual);
        }
        assert_well_formed(&case.name, &String::from_utf8_lossy(&whole[0]));
        for cut in cuts(&input) {
            assert!(text_completed(upstream, &options, &cut) == whole, "{}: {:?}", case.name, lengths(&cut));
        }
    }
}

/// The chunks, the outcome, the whole completion.
fn text_completed(upstream: Dialect, options: &Options, chunks: &[&[u8]]) -> [Vec<u8>; 3] {
    let mut transcoder = Transcoder::new(Dialect::Chat, upstream, options.clone());
    let (mut collector, mut out) = (Collector::new(upstream, options.clone()), Vec::new());
    for chunk in chunks {
        transcoder.feed(chunk, &mut out).unwrap();
        collector.feed(chunk).unwrap();
    }
    transcoder.finish(&mut out).unwrap();
    collector.finish().unwrap();
    assert_eq!(transcoder.has_output(), !out.starts_with(b"data: {\"error\":"));
    let completion = [collector.final_completion().unwrap(), b"\n"].concat();
    [out, (transcoder.outcome().unwrap().to_json() + "\n").into_bytes(), completion]
}

/// Streams for Responses clients.
fn replay(kind: &str, upstream: Dialect) {
    for case in read_cases(kind) {
        let options = case
            .options()
            .map_or_else(ResponsesOptions::default, |json| ResponsesOptions::from_json(&json).unwrap());
        let input = case.read("input.sse");
        let whole = responded(upstream, &options, &[&input]);
        for (file, actual) in ["output.sse", "outcome.json", "response.json"].into_iter().zip(&whole) {
            case.check(file, actual);
        }
        for cut in cuts(&input) {
            assert!(responded(upstream, &options, &cut) == whole, "{}: {:?}", case.name, lengths(&cut));
        }
    }
}

/// The events, the outcome, the final Response.
fn responded(upstream: Dialect, options: &ResponsesOptions, chunks: &[&[u8]]) -> [Vec<u8>; 3] {
    let mut transcoder = Transcoder::new(Dialect::Responses, upstream, options.clone());
    let mut out = Vec::new();
    for chunk in chunks {
        transcoder.feed(chunk, &mut out).unwrap();
    }
    transcoder.finish(&mut out).unwrap();
    let outcome = transcoder.outcome().unwrap();
    let has_failed = outcome.error.is_some();
    let has_items = String::from_utf8_lossy(&out).contains("response.output_item.added");
    let is_relay = upstream == Dialect::Responses; // of which the beginning was passed on
    assert_eq!(transcoder.committed(), is_relay || has_items || !has_failed);
    let response = [transcoder.response().unwrap(), b"\n".to_vec()].concat();
    [out, (outcome.to_json() + "\n").into_bytes(), response]
}

/// What each consumer makes of a stream.
#[derive(PartialEq)]
struct Outputs {
    chat: Vec<u8>,
    outcome: String,
    relayed: Vec<u8>,
    response: Vec<u8>,
    completion: Vec<u8>,
}

impl Outputs {
    fn of_chunks(options: &ChatOptions, chunks: &[&[u8]]) -> Self {
        let (mut consumers, mut chat, mut relayed) = (Consumers::new(options), Vec::new(), Vec::new());
        for chunk in chunks {
            consumers.chat.feed(chunk, &mut chat).unwrap();
            consumers.relay.feed(chunk, &mut relayed).unwrap();
            consumers.collector.feed(chunk).unwrap();
        }
        consumers.finish(chat, relayed)
    }

    fn of_frames(options: &ChatOptions, frames: &[&str]) -> Self {
        let (mut consumers, mut chat, mut relayed) = (Consumers::new(options), Vec::new(), Vec::new());
        for frame in frames {
            consumers.chat.feed_event(frame, &mut chat).unwrap();
            consumers.relay.feed_event(frame, &mut relayed).unwrap();
            consumers.collector.feed_event(frame).unwrap();
        }
        consumers.finish(chat, relayed)
    }
}

struct Consumers {
    chat: ChatTranscoder,
    relay: ResponsesRelay,
    collector: ResponseCollector,
}

impl Consumers {
    fn new(options: &ChatOptions) -> Self {
        Self {
            chat: ChatTranscoder::new(options.clone()),
            relay: ResponsesRelay::new(options.clone()),
            collector: ResponseCollector::new(options.clone()),
        }
    }

    fn finish(mut self, mut chat: Vec<u8>, mut relayed: Vec<u8>) -> Outputs {
        self.chat.finish(&mut chat).unwrap();
        self.relay.finish(&mut relayed).unwrap();
        let response = self.collector.finish().unwrap();
        let outcome = self.chat.outcome().unwrap();
        assert_eq!(self.collector.outcome().unwrap().status, outcome.status);
        // A failed image alone is no answer to a chat client; a client of Responses has the item.
        let has_failed_image = outcome.notes.iter().any(|note| note.code == NoteCode::ImageFailed);
        assert!(has_failed_image || self.relay.outcome().unwrap().status == outcome.status);
        let is_error_only = chat.starts_with(b"data: {\"error\":");
        assert_eq!(self.chat.committed(), !is_error_only);
        let completion = self.collector.chat_completion().unwrap().to_vec();
        Outputs { chat, outcome: outcome.to_json() + "\n", relayed, response, completion }
    }
}

fn check_chat(case: &Case, outputs: &Outputs, input: Option<&[u8]>) {
    case.check("output.sse", &outputs.chat);
    case.check("outcome.json", outputs.outcome.as_bytes());
    case.check("response.json", &[&outputs.response[..], b"\n"].concat());
    case.check("completion.json", &[&outputs.completion[..], b"\n"].concat());
    case.check_unless_same("relayed.sse", &outputs.relayed, input.unwrap_or_default());
    assert_well_formed(&case.name, &String::from_utf8_lossy(&outputs.chat));
    let relayed = String::from_utf8_lossy(&outputs.relayed).into_owned();
    let ends =
        ["completed", "incomplete", "failed", "done"].map(|end| format!("\"type\":\"response.{end}\""));
    let count: usize = ends.iter().map(|end| relayed.matches(end.as_str()).count()).sum();
    // A response that was steered and its successor each have an end.
    let steered = relayed.matches("{\"reason\":\"steered\"}").count();
    let is_sound = (1..=1 + steered).contains(&count) || case.name.starts_with("type_");
    assert!(is_sound, "{}: {count} terminal events relayed", case.name);
}

/// All consumers on one parse give what each gives alone.
fn check_tee(name: &str, options: &ChatOptions, input: &[u8], alone: &Outputs) {
    let (mut tee, mut out) = (Tee::new(options.clone()).chat().relay().collect(), TeeOutput::default());
    for chunk in input.chunks(100) {
        tee.feed(chunk, &mut out).unwrap();
    }
    tee.finish(&mut out).unwrap();
    assert!(out == TeeOutput { chat: alone.chat.clone(), responses: alone.relayed.clone() }, "{name}");
    assert_eq!(tee.response(), Some(&alone.response[..]), "{name}");
    assert_eq!(tee.chat_completion(), Some(&alone.completion[..]), "{name}");
}

/// G3: whole frames, one terminal, `[DONE]` last and once, only valid JSON.
fn assert_well_formed(name: &str, output: &str) {
    let frames: Vec<_> = output.split_inclusive("\n\n").collect();
    let (last, chunks) = frames.split_last().unwrap();
    assert_eq!(*last, "data: [DONE]\n\n", "{name}");
    let mut ends = 0;
    for frame in chunks {
        let json = frame.strip_prefix("data: ").and_then(|data| data.strip_suffix("\n\n")).unwrap();
        serde_json::from_str::<&serde_json::value::RawValue>(json).unwrap();
        ends += usize::from(json.contains(",\"finish_reason\":\"") || json.starts_with("{\"error\":"));
    }
    assert_eq!(ends, 1, "{name}: finish or error, once");
}

fn lengths(cut: &[&[u8]]) -> Vec<usize> {
    cut.iter().take(8).map(|chunk| chunk.len()).collect()
}
