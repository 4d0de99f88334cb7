//! Messages streams, changed event by event: however they are cut, what is made of one breaks no rule of the client's
//! dialect, and made a Message again it says the same.
#![no_main]
#[path = "../../core/tests/messages/fold.rs"]
mod fold;
mod structure;

use fold::Fold;
use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target};
use sluicegate::{Dialect, LintProfile, Options, Outcome, Severity, Status, Transcoder, lint};

fn transcode(client: Dialect, upstream: Dialect, input: &[u8], chunk: usize) -> (Vec<u8>, Outcome) {
    let options = Options { include_usage: true, message_separator: String::new(), ..Options::default() };
    let (mut transcoder, mut out) = (Transcoder::new(client, upstream, options), Vec::new());
    for chunk in input.chunks(chunk) {
        transcoder.feed(chunk, &mut out).unwrap();
    }
    transcoder.finish(&mut out).unwrap();
    (out, transcoder.outcome().unwrap())
}

fn errors(stream: &[u8], profile: LintProfile) -> Vec<String> {
    let found = lint(stream, profile).into_iter().filter(|found| found.severity == Severity::Error);
    found.map(|found| found.to_json()).collect()
}

fn check(input: &[u8]) {
    let size = structure::piece(input);
    for client in Dialect::ALL {
        let whole = transcode(client, Dialect::Messages, input, input.len().max(1));
        assert_eq!(transcode(client, Dialect::Messages, input, size), whole, "in pieces of {size}");
        let profile = match client {
            Dialect::Chat => LintProfile::Chat,
            Dialect::Responses => LintProfile::OpenAi,
            Dialect::Messages => continue, // as it was sent
        };
        let found = errors(&whole.0, profile);
        assert!(found.is_empty(), "{found:?}");
        let (again, _) = transcode(Dialect::Messages, client, &whole.0, whole.0.len());
        let found = errors(&again, LintProfile::ClaudeCode);
        assert!(found.is_empty(), "{found:?}");
        let is_whole = matches!(whole.1.status, Status::Completed | Status::Incomplete);
        assert_eq!(String::from_utf8_lossy(&again).contains("\nevent: message_stop\n"), is_whole);
        let has_half_characters = String::from_utf8_lossy(&whole.0).contains("\\ud"); // which serde_json does not read
        if is_whole && !has_half_characters {
            let [first, second] = [(client, &whole.0), (Dialect::Messages, &again)]
                .map(|(dialect, stream)| Fold::of_stream(dialect, stream));
            assert_eq!((first.text, first.thinking), (second.text, second.thinking));
        }
    }
}

fuzz_target!(|input: &[u8]| check(input));
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    structure::mutate(data, size, max_size, seed)
});
fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
    structure::cross_over(one, other, out, seed)
});
