//! Limits of buffers, seen by an allocator that counts, and of images.

use super::allocator::{HELD, PEAK};
use super::streams::{KIB, event};
use sluicegate::{
    ChatOptions, ChatTranscoder, ImageErrorCode, ImageExtractor, ImageOptions, ImageOutcome, MemorySink,
    SseOptions, SseParser,
};

fn held() -> usize {
    PEAK.set(HELD.get());
    HELD.get().cast_unsigned()
}

pub(super) fn retained_bytes(limit: usize) {
    let mut parser = SseParser::new(SseOptions::default());
    let before = held();
    let mut read = |chunk: &[u8]| {
        let mut events = parser.feed(chunk);
        while let Ok(Some(_)) = events.next_event() {}
    };
    read(b"data: ");
    (0..4 * limit / KIB).for_each(|_| read(&[b'x'; KIB]));
    read(b"\n\ndata: small\n\nda");
    let kept = held() - before;
    assert!(kept <= limit + 4 * KIB, "{kept} bytes");
}

/// What a transcoder holds after two deltas that differ in their text alone, in blocks of that size.
fn held_for_blocks(size: usize) -> usize {
    let (mut transcoder, mut out) = (ChatTranscoder::new(ChatOptions::default()), Vec::with_capacity(KIB));
    let padding = "x".repeat(size);
    let at = "\"item_id\":\"m\",\"output_index\":0,\"content_index\":0";
    let delta = |text: &str| {
        event(&format!(
            "\"type\":\"response.output_text.delta\",{at},\"x\":\"{padding}\",\"delta\":\"{text}\""
        ))
    };
    let [first, second] = ["a", "b"].map(delta);
    let before = held();
    for chunk in [&first, &second] {
        transcoder.feed(chunk, &mut out).unwrap();
        out.clear();
    }
    held() - before
}

pub(super) fn shortcut_bytes(limit: usize) {
    assert!(held_for_blocks(limit - KIB) >= limit / 2);
    assert!(held_for_blocks(limit + KIB) < limit / 2);
}

fn extracted(events: impl Iterator<Item = Vec<u8>>, options: &ImageOptions) -> ImageOutcome {
    let (mut extractor, mut sink) = (ImageExtractor::new(options), MemorySink::default());
    events.for_each(|event| extractor.feed(&event, &mut sink).unwrap());
    extractor.finish(&mut sink).unwrap();
    extractor.outcome().unwrap()
}

fn image(nth: usize, base64: &str, more: &str) -> Vec<u8> {
    let item = format!("\"type\":\"image_generation_call\",\"id\":\"ig{nth}\",\"status\":\"completed\"");
    let item = format!("{{{item},\"result\":\"{base64}\"{more}}}");
    event(&format!("\"type\":\"response.output_item.done\",\"output_index\":{nth},\"item\":{item}"))
}

fn codes(outcome: &ImageOutcome) -> Vec<ImageErrorCode> {
    outcome.errors.iter().map(|error| error.code).collect()
}

pub(super) fn image_bytes(limit: usize) {
    assert_eq!(ImageOptions::default().max_image_bytes, limit as u64);
    let options = ImageOptions { max_image_bytes: 3000, ..ImageOptions::default() };
    for (bytes, expected) in [(3000, vec![]), (3003, vec![ImageErrorCode::ImageTooLarge])] {
        let outcome = extracted([image(0, &"AAAA".repeat(bytes / 3), "")].into_iter(), &options);
        assert_eq!(codes(&outcome), expected);
    }
}

pub(super) fn images(limit: usize) {
    for (count, is_over) in [(limit, false), (limit + 1, true)] {
        let images = (0..count).map(|nth| image(nth, "AAAA", ""));
        let outcome = extracted(images, &ImageOptions::default());
        assert_eq!(codes(&outcome).contains(&ImageErrorCode::LimitExceeded), is_over);
        assert_eq!(outcome.images.len(), limit);
    }
}

pub(super) fn partial_images(limit: usize) {
    let options = ImageOptions { partials: true, ..ImageOptions::default() };
    let partial = |nth: usize| {
        let at = format!("\"item_id\":\"ig{}\",\"output_index\":{0}", nth % 256);
        let name = "\"type\":\"response.image_generation_call.partial_image\"";
        let index = nth / 256;
        event(&format!("{name},{at},\"partial_image_index\":{index},\"partial_image_b64\":\"AAAA\""))
    };
    for (count, is_over) in [(limit, false), (limit + 1, true)] {
        let outcome = extracted((0..count).map(partial), &options);
        assert_eq!(codes(&outcome).contains(&ImageErrorCode::LimitExceeded), is_over, "{count}");
    }
}

pub(super) fn prompt_bytes(limit: usize) {
    for size in [limit, 2 * limit] {
        let more = format!(",\"revised_prompt\":\"{}\"", "x".repeat(size));
        let outcome = extracted([image(0, "AAAA", &more)].into_iter(), &ImageOptions::default());
        assert_eq!(outcome.images[0].revised_prompt.as_ref().map(String::len), Some(limit));
    }
}
