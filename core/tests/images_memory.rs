//! An image of 100 MiB costs no more memory than one of 1 KiB. Of the process: `cli/tests/images_memory.rs`.

mod allocator;
mod large_image;

use allocator::{HELD, PEAK};
use large_image::{CHUNKS, LARGE, MIB, Stream};
use sha2::{Digest, Sha256};
use sluicegate::{CallbackSink, ImageEvent, ImageExtractor};

#[test]
fn the_extractor_holds_less_than_a_mebibyte() {
    let stream = Stream::new(LARGE);
    let expected = stream.sha256();
    for size in CHUNKS {
        let (mut hash, mut finished) = (Sha256::new(), 0);
        let mut sink = CallbackSink(|event: ImageEvent<'_>| {
            match event {
                ImageEvent::Begin(_) => {}
                ImageEvent::Write(_, bytes) => hash.update(bytes),
                ImageEvent::Finish(_, meta) => finished = meta.bytes,
                ImageEvent::Abort(_) => unreachable!(),
            }
            Ok(())
        });
        let (mut base, mut held) = (HELD.get(), 0);
        let mut extractor = ImageExtractor::default();
        base = HELD.get() - base;
        stream.chunks(size, |chunk| {
            let before = HELD.get();
            PEAK.set(before);
            extractor.feed(chunk, &mut sink).unwrap();
            held = held.max(base + PEAK.get() - before);
            base += HELD.get() - before;
        });
        extractor.finish(&mut sink).unwrap();
        assert!(extractor.outcome().unwrap().is_ok());
        assert_eq!(finished, LARGE as u64);
        assert_eq!(format!("{:x}", hash.finalize()), expected);
        println!("{size}-byte chunks: {held} bytes held at most");
        assert!(held < MIB.cast_signed(), "{held} bytes");
    }
}
