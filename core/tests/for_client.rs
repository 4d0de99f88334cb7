//! A collector that knows its client has that one body, the same as a collector for all, and notes what it does not have, as
//! the stream for that client does.

mod cases;

use cases::read_cases;
use serde_json::Value;
use sluicegate::{Collector, Dialect, NoteCode, Options, Outcome, Transcoder};

/// Kinds of golden streams, and their upstream where the options do not name it.
const STREAMS: [(&str, Dialect); 7] = [
    ("chat", Dialect::Responses),
    ("relay", Dialect::Responses),
    ("text_completion", Dialect::Responses),
    ("messages", Dialect::Responses),
    ("respond", Dialect::Chat),
    ("chat_relay", Dialect::Chat),
    ("messages_upstream", Dialect::Messages),
];

/// A stream may also have to drop a citation that a body has a place for.
const LOST: [NoteCode; 6] = [
    NoteCode::ArgumentsMalformed,
    NoteCode::HostedCall,
    NoteCode::ImageDropped,
    NoteCode::ReasoningDropped,
    NoteCode::UnknownItem,
    NoteCode::UsageMissing,
];

type Bodies = [Option<Vec<u8>>; 3];

/// In the order of [`Dialect::ALL`].
fn collected(mut collector: Collector, input: &[u8]) -> (Bodies, Outcome) {
    collector.feed(input).unwrap();
    collector.finish().unwrap();
    let bodies = Dialect::ALL.map(|client| match client {
        Dialect::Chat => collector.final_completion().map(<[u8]>::to_vec),
        Dialect::Responses => collector.final_response().map(<[u8]>::to_vec),
        Dialect::Messages => collector.final_message(),
    });
    (bodies, collector.outcome().unwrap())
}

fn streamed(mut transcoder: Transcoder, input: &[u8]) -> Outcome {
    transcoder.feed(input, &mut Vec::new()).unwrap();
    transcoder.finish(&mut Vec::new()).unwrap();
    transcoder.outcome().unwrap()
}

fn codes(outcome: &Outcome) -> Vec<NoteCode> {
    outcome.notes.iter().map(|note| note.code).collect()
}

/// A summary of a conversation is for Responses alone.
fn compacts(options: &Options) -> bool {
    options.context.as_ref().is_some_and(|context| context.compacts)
}

fn check(name: &str, upstream: Dialect, options: &Options, input: &[u8]) {
    let (all, _) = collected(Collector::new(upstream, options.clone()), input);
    for (nth, client) in Dialect::ALL.into_iter().enumerate() {
        let (own, outcome) = collected(Collector::for_client(client, upstream, options.clone()), input);
        let body = |bodies: &Bodies| bodies[nth].as_deref().map(String::from_utf8_lossy).map(String::from);
        assert!(
            compacts(options) || body(&own) == body(&all),
            "{name}: {client:?}: {:?}\n{:?}",
            body(&own),
            body(&all)
        );
        assert_eq!(own.iter().flatten().count(), 1, "{name}: {client:?}");
        if client == upstream || compacts(options) {
            continue;
        }
        let streamed = codes(&streamed(Transcoder::new(client, upstream, options.clone()), input));
        let noted = codes(&outcome);
        for code in streamed.iter().filter(|code| LOST.contains(code)) {
            assert!(noted.contains(code), "{name}: {client:?}: {}", code.as_str());
        }
    }
}

#[test]
fn one_body_and_its_notes() {
    for (kind, upstream) in STREAMS {
        for case in read_cases(kind) {
            let json: Value =
                case.options().map_or(Value::Null, |json| serde_json::from_slice(&json).unwrap());
            let upstream = json["upstream"].as_str().map_or(upstream, |name| Dialect::named(name).unwrap());
            let is_wrapped =
                json.is_null() || ["upstream", "options"].iter().any(|key| json.get(key).is_some());
            let options = if is_wrapped { json.get("options") } else { Some(&json) };
            let options = options.map_or("{}".to_owned(), Value::to_string);
            let options = Options::from_json(options.as_bytes()).unwrap();
            let Some(input) = case.read_optional("input.sse") else { continue }; // frames of a WebSocket
            check(&format!("{kind}/{}", case.name), upstream, &options, &input);
        }
    }
}
