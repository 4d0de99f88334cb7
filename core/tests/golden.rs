//! Every case in `fixtures/`, whole, byte by byte, at every cut (random cuts for large inputs): the same bytes out.
//! `BLESS=1 cargo test` writes what came out whole, for a person to read in the diff.

mod cases;

use cases::{Case, cuts, read_cases};
use sluicegate::{ChatOptions, ChatTranscoder, SseOptions, SseParser};

#[test]
fn sse() {
    for case in read_cases("sse") {
        let options =
            case.options().map_or_else(SseOptions::default, |json| SseOptions::from_json(&json).unwrap());
        let input = case.read("input.sse");
        let whole = sse_events(&options, [&input[..]].into_iter());
        case.check("events.jsonl", &whole.0);
        if let Some(state) = case.read_optional("state.json") {
            assert_eq!(whole.1, String::from_utf8_lossy(&state).trim_end(), "{}", case.name);
        }
        for cut in cuts(&input) {
            assert!(sse_events(&options, cut.iter().copied()) == whole, "{}: {:?}", case.name, lengths(&cut));
        }
    }
}

/// The events and errors as JSON lines, and the state after the end.
fn sse_events<'a>(options: &SseOptions, chunks: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, String) {
    let mut parser = SseParser::new(options.clone());
    let mut lines = String::new();
    let mut fed = 0;
    for chunk in chunks {
        fed += chunk.len() as u64;
        let mut events = parser.feed(chunk);
        loop {
            match events.next_event() {
                Ok(Some(event)) => lines += &(event.to_json() + "\n"),
                Ok(None) => break,
                Err(error) => lines += &(error.to_json() + "\n"),
            }
        }
        assert!(events.remaining().is_empty());
    }
    match parser.finish() {
        Ok(event) => lines += &event.map_or(String::new(), |event| event.to_json() + "\n"),
        Err(error) => lines += &(error.to_json() + "\n"),
    }
    assert!(parser.bytes_touched() <= 2 * fed, "G2: {} of {fed}", parser.bytes_touched());
    let retry = parser.retry().map_or("null".to_owned(), |retry| retry.to_string());
    let id = serde_json::to_string(&parser.last_event_id()).unwrap();
    (lines.into_bytes(), format!("{{\"retry\":{retry},\"last_event_id\":{id}}}"))
}

#[test]
fn chat() {
    for case in read_cases("chat") {
        let options =
            case.options().map_or_else(ChatOptions::default, |json| ChatOptions::from_json(&json).unwrap());
        if let Some(frames) = case.read_optional("frames.jsonl") {
            let frames = String::from_utf8(frames).unwrap();
            let (output, outcome) = transcode(&options, |transcoder, out| {
                frames.lines().for_each(|frame| transcoder.feed_event(frame, out).unwrap());
            });
            check_chat(&case, &output, &outcome);
            continue;
        }
        let input = case.read("input.sse");
        let feed = |chunks: &[&[u8]]| {
            transcode(&options, |transcoder, out| {
                for chunk in chunks {
                    transcoder.feed(chunk, out).unwrap();
                }
            })
        };
        let whole = feed(&[&input]);
        check_chat(&case, &whole.0, &whole.1);
        for cut in cuts(&input) {
            assert!(feed(&cut) == whole, "{}: {:?}", case.name, lengths(&cut));
        }
    }
}

fn transcode(
    options: &ChatOptions,
    feed: impl FnOnce(&mut ChatTranscoder, &mut Vec<u8>),
) -> (Vec<u8>, String) {
    let mut transcoder = ChatTranscoder::new(options.clone());
    let mut out = Vec::new();
    feed(&mut transcoder, &mut out);
    transcoder.finish(&mut out).unwrap();
    let outcome = transcoder.outcome().unwrap();
    let is_error_only = outcome.error.is_some() && out.starts_with(b"data: {\"error\":");
    assert_eq!(transcoder.committed(), !is_error_only);
    (out, outcome.to_json() + "\n")
}

fn check_chat(case: &Case, output: &[u8], outcome: &str) {
    case.check("output.sse", output);
    case.check("outcome.json", outcome.as_bytes());
    assert_well_formed(&case.name, &String::from_utf8_lossy(output));
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
