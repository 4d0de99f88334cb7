//! Whole and cut: the same final Response, completion and outcome.
#![no_main]
use sluicegate::ResponseCollector;

fn collect(input: &[u8], chunk: usize) -> (Vec<u8>, Vec<u8>, String) {
    let mut collector = ResponseCollector::default();
    for chunk in input.chunks(chunk) {
        collector.feed(chunk).unwrap();
    }
    let response = collector.finish().unwrap();
    (response, collector.chat_completion().unwrap().to_vec(), collector.outcome().unwrap().to_json())
}

libfuzzer_sys::fuzz_target!(|input: (u8, &[u8])| {
    assert_eq!(collect(input.1, input.1.len().max(1)), collect(input.1, usize::from(input.0).max(1)));
});
