//! Blocks that repeat, with bytes changed: the shortcut and the full path, which single bytes always take, agree.
#![no_main]
use sluicegate::ChatTranscoder;

fn transcode(input: &[u8], chunk: usize) -> (Vec<u8>, String) {
    let (mut transcoder, mut out) = (ChatTranscoder::default(), Vec::new());
    input.chunks(chunk).for_each(|chunk| transcoder.feed(chunk, &mut out).unwrap());
    transcoder.finish(&mut out).unwrap();
    (out, transcoder.outcome().unwrap().to_json())
}

libfuzzer_sys::fuzz_target!(|input: (Vec<(u8, String)>, Vec<(usize, u8)>)| {
    let block = |(of, text): &(u8, String)| format!("event: x\ndata: {{\"type\":\"response.output_text.delta\",\"sequence_number\":{of},\"item_id\":\"m{}\",\"output_index\":{},\"delta\":\"{text}\",\"obfuscation\":\"\"}}\n\n", of % 3, of % 3);
    let mut stream: Vec<u8> = input.0.iter().map(block).collect::<String>().into_bytes();
    let length = stream.len();
    input.1.iter().filter(|_| length > 0).for_each(|(at, byte)| stream[at % length] = *byte);
    let slow = transcode(&stream, 1);
    assert_eq!(transcode(&stream, length.max(1)), slow);
    assert_eq!(transcode(&stream, length / 3 + 1), slow, "in three chunks");
});
