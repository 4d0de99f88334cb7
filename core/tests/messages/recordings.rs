//! Recorded streams through every pair: `*.sse` of Responses in `SLUICEGATE_RECORDINGS`, of Messages in its folder
//! `messages`, where that is set.

use crate::fold::{End, Fold};
use crate::pairs::{DIALECTS, body, findings, options, same_in_pieces};
use serde_json::Value;
use sluicegate::{Dialect, Severity};
use std::path::Path;

/// Rules that the data itself breaks, by the recording.
const BROKEN: [(&str, &str); 3] = [
    ("ai-spliced-message-start.sse", "arguments_are_json"), // a proxy spliced two answers in the middle of a call
    ("llm-tools-1.sse", "call_twice"),                      // the model calls the same twice
    ("shell-tool-1.sse", "visible_output"),                 // nothing but a call that runs on the server
];

/// Bodies whose calls are others than the stream's: arguments that are no JSON are none in a Message.
const CUT_ARGUMENTS: [&str; 2] = ["ai-spliced-message-start.sse", "py-incomplete-partial-json-response.sse"];

fn recordings() -> Vec<(String, Dialect, Vec<u8>)> {
    let Some(folder) = std::env::var_os("SLUICEGATE_RECORDINGS") else { return Vec::new() };
    let (folder, mut all) = (Path::new(&folder).to_owned(), Vec::new());
    for (dialect, folder) in
        [(Dialect::Responses, folder.clone()), (Dialect::Messages, folder.join("messages"))]
    {
        let paths = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
        all.extend(paths.filter(|path| path.extension().is_some_and(|end| end == "sse")).map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, dialect, std::fs::read(&path).unwrap())
        }));
    }
    assert!(!all.is_empty(), "no recordings");
    all
}

#[test]
fn a_recorded_answer_says_the_same_in_every_dialect() {
    for (name, upstream, input) in recordings() {
        let source = Fold::of_stream(upstream, &input);
        assert_ne!(source.end, End::Cut, "{name}");
        for client in DIALECTS {
            let what = format!("{name} for {client:?}");
            let (stream, _) = same_in_pieces(client, upstream, &input, &options());
            compare(&what, &shown(&source, &name, client), &Fold::of_stream(client, &stream));
            if client != upstream {
                lint_clean(&what, &name, client, &stream);
            }
            let body = body(client, upstream, &input, options());
            let mut folded = Fold::of_body(client, &body);
            if client == Dialect::Messages && CUT_ARGUMENTS.contains(&&*name) {
                folded.calls.clone_from(&source.calls);
            }
            compare(&format!("{what}, whole"), &shown(&source, &name, client), &folded);
        }
    }
}

/// What a client of that dialect can be shown.
fn shown(source: &Fold, name: &str, client: Dialect) -> Fold {
    let mut shown = source.clone();
    if name == "image-generation.sse" && client == Dialect::Messages {
        shown.text += "[generated image]";
    }
    shown
}

fn compare(what: &str, source: &Fold, got: &Fold) {
    if source.end == End::Failed {
        return assert_eq!(got.end, End::Failed, "{what}");
    }
    assert_eq!(got, source, "{what}");
}

fn lint_clean(what: &str, name: &str, client: Dialect, stream: &[u8]) {
    let known = BROKEN.iter().find(|(broken, _)| *broken == name).map_or("", |(_, rule)| rule);
    for finding in findings(client, stream) {
        let is_known = finding.rule.as_str() == known && finding.severity < Severity::Error;
        assert!(is_known, "{what}: {}", finding.to_json());
    }
}

/// Every Message that a body of a recording becomes has the ten members that its schema requires.
#[test]
fn a_recorded_answer_is_a_whole_message() {
    const MEMBERS: [&str; 10] = [
        "id",
        "type",
        "role",
        "content",
        "model",
        "stop_reason",
        "stop_sequence",
        "stop_details",
        "usage",
        "container",
    ];
    for (name, upstream, input) in
        recordings().into_iter().filter(|(_, upstream, _)| *upstream != Dialect::Messages)
    {
        let message: Value =
            serde_json::from_slice(&body(Dialect::Messages, upstream, &input, options())).unwrap();
        if message["type"] == "error" {
            continue;
        }
        for member in MEMBERS {
            assert!(message.get(member).is_some(), "{name}: {member}");
        }
    }
}
