//! Whole and cut: the same images, byte for byte, and outcome.
#![no_main]
use sluicegate::{ImageExtractor, ImageOptions, MemorySink};

fn extract(input: &[u8], chunk: usize, options: &ImageOptions) -> (String, String) {
    let (mut images, mut sink) = (ImageExtractor::new(options), MemorySink::default());
    for chunk in input.chunks(chunk) {
        images.feed(chunk, &mut sink).unwrap();
    }
    images.finish(&mut sink).unwrap();
    (format!("{:?}", sink.images), images.outcome().unwrap().to_json())
}

libfuzzer_sys::fuzz_target!(|input: (u8, &[u8])| {
    let partials = input.0 & 128 != 0;
    let options = ImageOptions { partials, max_image_bytes: 100, max_event_bytes: 500 };
    let chunk = usize::from(input.0 & 127).max(1);
    assert_eq!(extract(input.1, input.1.len().max(1), &options), extract(input.1, chunk, &options));
});
