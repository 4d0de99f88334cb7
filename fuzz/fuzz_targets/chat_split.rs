//! Whole and cut: the same chat bytes and outcome; always one end.
#![no_main]
use sluicegate::ChatTranscoder;

fn transcode(input: &[u8], chunk: usize) -> (Vec<u8>, String) {
    let (mut transcoder, mut out) = (ChatTranscoder::default(), Vec::new());
    for chunk in input.chunks(chunk) {
        transcoder.feed(chunk, &mut out).unwrap();
    }
    transcoder.finish(&mut out).unwrap();
    assert!(out.ends_with(b"data: [DONE]\n\n"));
    (out, transcoder.outcome().unwrap().to_json())
}

libfuzzer_sys::fuzz_target!(|input: (u8, &[u8])| {
    assert_eq!(transcode(input.1, input.1.len().max(1)), transcode(input.1, usize::from(input.0).max(1)));
});
