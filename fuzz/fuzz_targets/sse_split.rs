//! Whole and cut at every boundary the first byte suggests: the same events and errors.
#![no_main]
use sluicegate::{SseOptions, SseParser};

fn events(input: &[u8], chunk: usize) -> String {
    let mut parser = SseParser::new(SseOptions { max_event_bytes: 200, ..SseOptions::default() });
    let mut lines = String::new();
    for chunk in input.chunks(chunk) {
        let mut events = parser.feed(chunk);
        while let Some(line) = events.next_event().map_or_else(|e| Some(e.to_json()), |e| Some(e?.to_json())) {
            lines += &line;
        }
    }
    assert!(parser.bytes_touched() <= 2 * input.len() as u64);
    lines
}

libfuzzer_sys::fuzz_target!(|input: (u8, &[u8])| {
    assert_eq!(events(input.1, input.1.len().max(1)), events(input.1, usize::from(input.0).max(1)));
});
