//! The parser gives what a slow, obvious reading of WHATWG §9.2.6 gives.
#![no_main]
use sluicegate::{SseOptions, SseParser};

#[path = "../../core/tests/oracle/mod.rs"]
mod oracle;

libfuzzer_sys::fuzz_target!(|input: (bool, u8, &[u8])| {
    let (dispatch_tail, chunk, bytes) = input;
    let mut parser = SseParser::new(SseOptions { dispatch_tail, ..SseOptions::default() });
    let mut lines = String::new();
    for chunk in bytes.chunks(usize::from(chunk).max(1)) {
        let mut events = parser.feed(chunk);
        while let Some(event) = events.next_event().unwrap() {
            lines += &(event.to_json() + "\n");
        }
    }
    lines += &parser.finish().unwrap().map_or(String::new(), |event| event.to_json() + "\n");
    assert_eq!(lines, oracle::parse(bytes, dispatch_tail).0);
});
