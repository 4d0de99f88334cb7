//! Chat streams, changed event by event: however they are cut, the Responses stream made of one breaks no rule, and says the
//! same when it is read again; so does the relay.
#![no_main]
#[path = "../../core/tests/said/mod.rs"]
mod said;
mod structure;

use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target};
use said::Said;
use sluicegate::{
    Collector, Dialect, LintProfile, NoteCode, Options, Outcome, ResponseCollector, Severity, Transcoder, lint,
};

fn transcode(client: Dialect, input: &[u8], chunk: usize) -> (Vec<u8>, Outcome, Option<Vec<u8>>) {
    let mut transcoder = Transcoder::new(client, Dialect::Chat, Options::default());
    let mut out = Vec::new();
    for chunk in input.chunks(chunk) {
        transcoder.feed(chunk, &mut out).unwrap();
    }
    transcoder.finish(&mut out).unwrap();
    let response = transcoder.response();
    (out, transcoder.outcome().unwrap(), response)
}

fn collect(input: &[u8], chunk: usize) -> (Vec<u8>, Vec<u8>) {
    let mut collector = Collector::new(Dialect::Chat, Options::default());
    input.chunks(chunk).for_each(|chunk| collector.feed(chunk).unwrap());
    collector.finish().unwrap();
    let [response, completion] = [collector.final_response(), collector.final_completion()];
    (response.unwrap().to_vec(), completion.unwrap().to_vec())
}

/// What came out is a Responses stream like any other, and says the same when it is read.
fn check_again(events: &[u8], outcome: &Outcome) {
    let mut collector = ResponseCollector::default();
    collector.feed(events).unwrap();
    let response = collector.finish().unwrap();
    let again = collector.outcome().unwrap();
    assert_eq!(again.finish_reason, outcome.finish_reason);
    assert!(again.notes.iter().all(|note| note.code != NoteCode::InconsistentText), "{:?}", again.notes);
    let has_half_characters = String::from_utf8_lossy(events).contains("\\ud"); // which serde_json does not read
    if outcome.error.is_none() && !has_half_characters {
        let completion = serde_json::from_slice(collector.chat_completion().unwrap()).unwrap();
        let said = Said::completion(&completion).in_any_order();
        assert_eq!(said, Said::response(&serde_json::from_slice(&response).unwrap()).in_any_order());
    }
}

fn check(input: &[u8]) {
    let size = structure::piece(input);
    for client in Dialect::ALL {
        let whole = transcode(client, input, input.len().max(1));
        assert_eq!(transcode(client, input, size), whole, "in pieces of {size}");
        if client == Dialect::Responses {
            let findings = lint(&whole.0, LintProfile::OpenAi);
            let errors: Vec<_> = findings.iter().filter(|found| found.severity == Severity::Error).collect();
            assert!(errors.is_empty(), "{errors:?}");
            check_again(&whole.0, &whole.1);
        }
    }
    assert_eq!(collect(input, size), collect(input, input.len().max(1)));
}

fuzz_target!(|input: &[u8]| check(input));
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    structure::mutate(data, size, max_size, seed)
});
fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
    structure::cross_over(one, other, out, seed)
});
