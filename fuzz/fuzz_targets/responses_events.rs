//! Responses streams, changed event by event: however they are cut, all that is made of one agrees and has one end.
#![no_main]
#[path = "../../core/tests/said/mod.rs"]
mod said;
mod structure;

use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target};
use said::Said;
use serde::de::IgnoredAny;
use sluicegate::{
    ChatTranscoder, ImageExtractor, ImageOptions, LintProfile, MemorySink, NoteCode, Outcome, ResponseCollector,
    ResponsesRelay, Severity, lint,
};

#[derive(Debug, PartialEq)]
struct Made {
    chat: Vec<u8>,
    relayed: Vec<u8>,
    response: Vec<u8>,
    completion: Vec<u8>,
    images: String,
    outcome: Outcome,
}

fn make(input: &[u8], chunk: usize) -> Made {
    let (mut transcoder, mut chat) = (ChatTranscoder::default(), Vec::new());
    let (mut relay, mut relayed) = (ResponsesRelay::default(), Vec::new());
    let (mut extractor, mut sink) = (ImageExtractor::new(&ImageOptions::default()), MemorySink::default());
    let mut collector = ResponseCollector::default();
    for chunk in input.chunks(chunk) {
        transcoder.feed(chunk, &mut chat).unwrap();
        relay.feed(chunk, &mut relayed).unwrap();
        collector.feed(chunk).unwrap();
        extractor.feed(chunk, &mut sink).unwrap();
    }
    transcoder.finish(&mut chat).unwrap();
    relay.finish(&mut relayed).unwrap();
    extractor.finish(&mut sink).unwrap();
    let response = collector.finish().unwrap();
    let completion = collector.chat_completion().unwrap().to_vec();
    let (images, outcome) = (extractor.outcome().unwrap().to_json(), transcoder.outcome().unwrap());
    Made { chat, relayed, response, completion, images, outcome }
}

fn check(input: &[u8]) {
    let made = make(input, input.len().max(1));
    assert_eq!(made, make(input, structure::piece(input)), "in pieces");
    let chat = String::from_utf8_lossy(&made.chat);
    assert!(chat.ends_with("data: [DONE]\n\n"));
    let findings = lint(&made.chat, LintProfile::Chat);
    let worst: Vec<_> = findings.iter().filter(|found| found.severity == Severity::Error).collect();
    assert!(worst.is_empty(), "{worst:?}");
    // The fold of the chunks is the completion, but where a done event took back what had streamed.
    let is_taken_back = made.outcome.notes.iter().any(|note| note.code == NoteCode::InconsistentText);
    let has_half_characters = chat.contains("\\ud"); // which serde_json does not read
    if made.outcome.error.is_none() && !is_taken_back && !has_half_characters {
        let completion = serde_json::from_slice(&made.completion).unwrap();
        assert_eq!(Said::chunks(&made.chat), Said::completion(&completion));
    }
    assert!(serde_json::from_slice::<IgnoredAny>(&made.response).is_ok());
}

fuzz_target!(|input: &[u8]| check(input));
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    structure::mutate(data, size, max_size, seed)
});
fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
    structure::cross_over(one, other, out, seed)
});
