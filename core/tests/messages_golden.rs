//! The golden cases of Messages, whole, byte by byte, at every cut: for its clients, and of its servers.
//! `BLESS=1 cargo test` writes what came out whole, for a person to read in the diff.

mod cases;

use cases::{Case, cuts, read_cases};
use serde_json::Value;
use sluicegate::{Collector, Dialect, LintProfile, Options, Severity, Transcoder, lint};

/// Dialect of the upstream, options.
fn options(case: &Case) -> (Dialect, Options) {
    let json: Value = case.options().map_or(Value::Null, |json| serde_json::from_slice(&json).unwrap());
    let upstream = json["upstream"].as_str().map_or(Dialect::Responses, |name| Dialect::named(name).unwrap());
    let options = json.get("options").map_or("{}".to_owned(), Value::to_string);
    (upstream, Options::from_json(options.as_bytes()).unwrap())
}

/// The stream for a client, and the outcome.
fn streamed(client: Dialect, upstream: Dialect, options: &Options, chunks: &[&[u8]]) -> (Vec<u8>, String) {
    let (mut transcoder, mut out) = (Transcoder::new(client, upstream, options.clone()), Vec::new());
    for chunk in chunks {
        transcoder.feed(chunk, &mut out).unwrap();
    }
    transcoder.finish(&mut out).unwrap();
    (out, transcoder.outcome().unwrap().to_json() + "\n")
}

fn collected(upstream: Dialect, options: &Options, chunks: &[&[u8]]) -> Collector {
    let mut collector = Collector::new(upstream, options.clone());
    for chunk in chunks {
        collector.feed(chunk).unwrap();
    }
    collector.finish().unwrap();
    collector
}

fn line(body: &[u8]) -> Vec<u8> {
    [body, b"\n"].concat()
}

fn message(collector: &Collector) -> Vec<u8> {
    line(&collector.final_message().unwrap())
}

/// No rule is broken by what this crate writes, but for what the data itself breaks.
fn assert_clean(name: &str, stream: &[u8]) {
    for profile in [LintProfile::Messages, LintProfile::ClaudeCode] {
        let findings = lint(stream, profile);
        let broken: Vec<_> = findings.iter().filter(|found| found.severity == Severity::Error).collect();
        assert!(broken.is_empty(), "{name}: {broken:?}");
    }
}

#[test]
fn for_clients_of_messages() {
    for case in read_cases("messages") {
        let ((upstream, options), input) = (options(&case), case.read("input.sse"));
        let whole = streamed(Dialect::Messages, upstream, &options, &[&input]);
        case.check("output.sse", &whole.0);
        case.check("outcome.json", whole.1.as_bytes());
        case.check("message.json", &message(&collected(upstream, &options, &[&input])));
        assert_clean(&case.name, &whole.0);
        for cut in cuts(&input) {
            assert!(streamed(Dialect::Messages, upstream, &options, &cut) == whole, "{}", case.name);
        }
    }
}

#[test]
fn of_servers_of_messages() {
    const FILES: [(&str, Dialect); 3] = [
        ("chat.sse", Dialect::Chat),
        ("responses.sse", Dialect::Responses),
        ("relayed.sse", Dialect::Messages),
    ];
    for case in read_cases("messages_upstream") {
        let ((_, options), input) = (options(&case), case.read("input.sse"));
        let whole = FILES.map(|(_, client)| streamed(client, Dialect::Messages, &options, &[&input]));
        for ((file, client), (stream, _)) in FILES.iter().zip(&whole) {
            match client {
                Dialect::Messages => case.check_unless_same(file, stream, &input),
                _ => case.check(file, stream),
            }
        }
        case.check("outcome.json", whole[0].1.as_bytes());
        let collector = collected(Dialect::Messages, &options, &[&input]);
        case.check("message.json", &message(&collector));
        case.check("response.json", &line(collector.final_response().unwrap()));
        case.check("completion.json", &line(collector.final_completion().unwrap()));
        for cut in cuts(&input) {
            let seen = FILES.map(|(_, client)| streamed(client, Dialect::Messages, &options, &cut));
            assert!(seen == whole, "{}", case.name);
        }
    }
}

#[test]
fn calls_that_ran_on_a_server_of_messages_are_lines_where_a_chat_client_wants_them() {
    let case =
        read_cases("messages_upstream").into_iter().find(|case| case.name == "hosted_blocks_are_noted");
    let input = case.expect("the case").read("input.sse");
    let options = Options::from_json(br#"{"hosted_calls":"text"}"#).unwrap();
    let (stream, outcome) = streamed(Dialect::Chat, Dialect::Messages, &options, &[&input]);
    let stream = String::from_utf8(stream).unwrap();
    assert!(stream.contains(r#""content":"[bash_code_execution]""#), "{stream}");
    assert!(stream.contains(r#""content":"\n\nDone.""#), "{stream}");
    assert!(!outcome.contains(r#""detail":"bash_code_execution""#), "{outcome}");
}
