//! A body as a frame and back: the same bytes, but for the members that only frames have.
#![no_main]
use sluicegate::{http_body, ws_request};

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    let _ = http_body(body);
    let Ok(frame) = ws_request(body, None) else { return };
    let Ok(back) = http_body(&frame) else { return };
    assert_eq!(ws_request(&back, None).and_then(|frame| http_body(&frame)), Ok(back));
});
