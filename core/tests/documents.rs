//! The golden cases of whole bodies, of what is known before the end, and of chat streams that stay chat.
//! `BLESS=1 cargo test` writes what came out, for a person to read in the diff.

mod cases;

use cases::{Case, cuts, read_cases};
use serde_json::Value;
use sluicegate::{Collector, Dialect, Error, Options, Transcoder};

struct Setup {
    client: Dialect,
    upstream: Dialect,
    status: Option<u16>,
    options: Options,
}

fn setup(case: &Case) -> Setup {
    let json: Value = case.options().map_or(Value::Null, |json| serde_json::from_slice(&json).unwrap());
    let dialect = |name: &str| json[name].as_str().map(|name| Dialect::named(name).unwrap());
    let options = json.get("options").map_or("{}".to_owned(), Value::to_string);
    Setup {
        client: dialect("client").unwrap_or(Dialect::Chat),
        upstream: dialect("upstream").unwrap_or_default(),
        status: json["status"].as_u64().map(|status| status as u16),
        options: Options::from_json(options.as_bytes()).unwrap(),
    }
}

fn line(body: Option<&[u8]>) -> Vec<u8> {
    [body.unwrap(), b"\n"].concat()
}

#[test]
fn a_finished_body_is_taken_as_it_is() {
    const FILES: [(&str, Dialect); 3] = [
        ("chat.sse", Dialect::Chat),
        ("responses.sse", Dialect::Responses),
        ("messages.sse", Dialect::Messages),
    ];
    for case in read_cases("document") {
        let Setup { upstream, status, options, .. } = setup(&case);
        let body = case.read("body");
        for (file, client) in FILES {
            let (mut transcoder, mut out) = (Transcoder::new(client, upstream, options.clone()), Vec::new());
            transcoder.feed_document(&body, status, &mut out).unwrap();
            transcoder.finish(&mut out).unwrap();
            case.check(file, &out);
            assert!(transcoder.outcome().is_some());
        }
        let mut collector = Collector::new(upstream, options);
        collector.feed_document(&body, status).unwrap();
        collector.finish().unwrap();
        case.check(
            "outcome.json",
            &line(collector.outcome().map(|outcome| outcome.to_json()).as_deref().map(str::as_bytes)),
        );
        case.check("response.json", &line(collector.final_response()));
        case.check("completion.json", &line(collector.final_completion()));
        case.check("message.json", &line(collector.final_message().as_deref()));
    }
}

#[test]
fn a_document_is_the_only_input() {
    for client in Dialect::ALL {
        for upstream in Dialect::ALL {
            let new = || Transcoder::new(client, upstream, Options::default());
            let (mut fed, mut out) = (new(), Vec::new());
            fed.feed(b": ping\n\n", &mut out).unwrap();
            assert_eq!(fed.feed_document(b"{}", None, &mut out), Err(Error::DocumentNotAlone));
            fed.feed(b": ping\n\n", &mut out).unwrap();
            fed.finish(&mut out).unwrap();
            assert_eq!(fed.feed_document(b"{}", None, &mut out), Err(Error::AfterFinish));
            for status in [None, Some(200), Some(500)] {
                let mut given = new();
                given.feed_document(b"{\"error\":\"no\"}", status, &mut out).unwrap();
                assert_eq!(given.feed_document(b"{}", status, &mut out), Err(Error::DocumentNotAlone));
                assert_eq!(given.feed(b"x", &mut out), Err(Error::DocumentNotAlone));
                assert_eq!(given.feed_event("{}", &mut out), Err(Error::DocumentNotAlone));
                given.finish(&mut out).unwrap();
                assert_eq!(given.finish(&mut out), Err(Error::AfterFinish));
            }
        }
    }
}

/// What is known, as one line of JSON.
fn known(transcoder: &Transcoder) -> String {
    let id = serde_json::to_string(&transcoder.response_id()).unwrap();
    let usage = transcoder.usage().map_or("null".to_owned(), |usage| usage.to_json());
    let failure = transcoder.failure().map_or("null".to_owned(), |failure| failure.to_json());
    format!("{{\"response_id\":{id},\"usage\":{usage},\"failure\":{failure}}}\n")
}

#[test]
fn what_is_known_is_told_before_the_end() {
    for case in read_cases("known") {
        let Setup { client, upstream, options, .. } = setup(&case);
        let (mut transcoder, mut out) = (Transcoder::new(client, upstream, options), Vec::new());
        let mut lines = known(&transcoder);
        for frame in String::from_utf8(case.read("frames.jsonl")).unwrap().lines() {
            transcoder.feed_event(frame, &mut out).unwrap();
            lines += &known(&transcoder);
        }
        transcoder.finish(&mut out).unwrap();
        lines += &known(&transcoder);
        case.check("known.jsonl", lines.as_bytes());
        let outcome: Value = serde_json::from_str(&transcoder.outcome().unwrap().to_json()).unwrap();
        let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
        for name in ["response_id", "usage", "failure"] {
            assert_eq!(last[name], outcome[name], "{}: {name}", case.name);
        }
    }
}

#[test]
fn chat_stays_chat() {
    for case in read_cases("chat_relay") {
        let (Setup { options, .. }, input) = (setup(&case), case.read("input.sse"));
        let relayed = |chunks: &[&[u8]]| {
            let (mut transcoder, mut out) =
                (Transcoder::new(Dialect::Chat, Dialect::Chat, options.clone()), Vec::new());
            for chunk in chunks {
                transcoder.feed(chunk, &mut out).unwrap();
            }
            transcoder.finish(&mut out).unwrap();
            (out, transcoder.outcome().unwrap().to_json() + "\n")
        };
        let whole = relayed(&[&input]);
        case.check_unless_same("output.sse", &whole.0, &input);
        case.check("outcome.json", whole.1.as_bytes());
        for cut in cuts(&input) {
            assert!(relayed(&cut) == whole, "{}", case.name);
        }
    }
}
