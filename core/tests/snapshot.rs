//! A snapshot is what the stream would be if it ended there, and leaves the stream as it is.

mod cases;

use cases::{Case, read_cases};
use sluicegate::{Collector, Dialect, Options, ResponseCollector};

#[test]
fn is_the_end_of_every_beginning() {
    for (kind, upstream) in [
        ("chat", Dialect::Responses),
        ("relay", Dialect::Responses),
        ("respond", Dialect::Chat),
        ("messages_upstream", Dialect::Messages),
    ] {
        for case in read_cases(kind) {
            let options = options_of(&case);
            if let Some(input) = case.read_optional("input.sse") {
                check(&case.name, upstream, &options, &input);
            }
        }
    }
}

fn options_of(case: &Case) -> Options {
    let Some(json) = case.options() else { return Options::default() };
    let members: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let own = members.get("options").unwrap_or(&members);
    Options::from_json(own.to_string().as_bytes()).unwrap_or_default()
}

/// Pieces of any size; a snapshot after each.
fn check(name: &str, upstream: Dialect, options: &Options, input: &[u8]) {
    let piece = (input.len() / 16).max(1);
    let mut collector = Collector::new(upstream, options.clone());
    for (nth, chunk) in input.chunks(piece).enumerate() {
        collector.feed(chunk).unwrap();
        let mut begun = Collector::new(upstream, options.clone());
        begun.feed(&input[..input.len().min((nth + 1) * piece)]).unwrap();
        begun.finish().unwrap();
        assert_eq!(told(&collector.snapshot()), told(&begun), "{name}: {nth}");
        assert!(collector.final_response().is_none(), "{name}");
    }
    let before = told(&collector.snapshot());
    collector.finish().unwrap();
    assert_eq!(told(&collector), before, "{name}");
    assert_eq!(told(&collector.snapshot()), before, "{name}");
}

/// The three bodies and the outcome.
fn told(collector: &Collector) -> [String; 4] {
    let text = |json: Option<&[u8]>| String::from_utf8_lossy(json.unwrap_or_default()).into_owned();
    let message = collector.final_message();
    let outcome = collector.outcome().map(|outcome| outcome.to_json());
    let bodies = [collector.final_response(), collector.final_completion(), message.as_deref()];
    let [response, completion, message] = bodies.map(text);
    [response, completion, message, outcome.unwrap_or_default()]
}

#[test]
fn a_text_grows() {
    let mut collector = ResponseCollector::default();
    for text in ["Hel", "lo"] {
        let delta = format!("{{\"type\":\"response.output_text.delta\",\"delta\":\"{text}\"}}");
        collector.feed_event(&delta).unwrap();
    }
    let response = String::from_utf8(collector.snapshot().final_response().unwrap().to_vec()).unwrap();
    assert!(response.contains(r#""status":"incomplete""#) && response.contains(r#""text":"Hello""#));
    assert!(collector.outcome().is_none());
}
