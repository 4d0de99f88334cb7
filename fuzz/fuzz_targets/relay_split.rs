//! Whole and cut: the same relayed bytes and outcome, with comments that make blocks too large to keep.
#![no_main]
use sluicegate::{ChatOptions, ResponsesRelay};

fn relay(input: &[u8], chunk: usize) -> (Vec<u8>, String, Option<Vec<u8>>) {
    let options = ChatOptions { max_event_bytes: 300, ..ChatOptions::default() };
    let (mut relay, mut out) = (ResponsesRelay::new(options), Vec::new());
    for chunk in input.chunks(chunk) {
        relay.feed(chunk, &mut out).unwrap();
    }
    relay.finish(&mut out).unwrap();
    (out, relay.outcome().unwrap().to_json(), relay.response())
}

libfuzzer_sys::fuzz_target!(|input: (u8, &[u8])| {
    assert_eq!(relay(input.1, input.1.len().max(1)), relay(input.1, usize::from(input.0).max(1)));
});
