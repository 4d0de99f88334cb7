//! Whole and cut: the same Responses events and outcome; a stream that breaks no rule.
#![no_main]
use sluicegate::{LintProfile, ResponsesTranscoder, Severity, lint};

fn transcode(input: &[u8], chunk: usize) -> (Vec<u8>, String) {
    let (mut transcoder, mut out) = (ResponsesTranscoder::default(), Vec::new());
    for chunk in input.chunks(chunk) {
        transcoder.feed(chunk, &mut out).unwrap();
    }
    transcoder.finish(&mut out).unwrap();
    (out, transcoder.outcome().unwrap().to_json())
}

libfuzzer_sys::fuzz_target!(|input: (u8, &[u8])| {
    let whole = transcode(input.1, input.1.len().max(1));
    assert_eq!(whole, transcode(input.1, usize::from(input.0).max(1)));
    let findings = lint(&whole.0, LintProfile::OpenAi); // equal calls are the upstream's own, and a warning
    assert!(findings.iter().all(|found| found.severity < Severity::Error), "{findings:?}");
});
