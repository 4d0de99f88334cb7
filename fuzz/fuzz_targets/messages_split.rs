//! A Messages stream for clients of every dialect, whole and cut: the same bytes and outcome; always one end.
#![no_main]
use sluicegate::{Collector, Dialect, Options, Transcoder};

fn transcode(client: Dialect, input: &[u8], chunk: usize) -> (Vec<u8>, String) {
    let (mut transcoder, mut out) = (Transcoder::new(client, Dialect::Messages, Options::default()), Vec::new());
    for chunk in input.chunks(chunk) {
        transcoder.feed(chunk, &mut out).unwrap();
    }
    transcoder.finish(&mut out).unwrap();
    (out, transcoder.outcome().unwrap().to_json())
}

fn collect(input: &[u8], chunk: usize) -> [Option<Vec<u8>>; 3] {
    let mut collector = Collector::new(Dialect::Messages, Options::default());
    input.chunks(chunk).for_each(|chunk| collector.feed(chunk).unwrap());
    collector.finish().unwrap();
    let own = |body: Option<&[u8]>| body.map(<[u8]>::to_vec);
    [own(collector.final_response()), own(collector.final_completion()), collector.final_message()]
}

libfuzzer_sys::fuzz_target!(|input: (u8, &[u8])| {
    let (size, whole) = (usize::from(input.0).max(1), input.1.len().max(1));
    for client in Dialect::ALL {
        assert_eq!(transcode(client, input.1, whole), transcode(client, input.1, size));
    }
    assert_eq!(collect(input.1, whole), collect(input.1, size));
});
