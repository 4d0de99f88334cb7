//! The steady path allocates nothing, and a stream that waits holds little. Counted by the allocator, per thread.

#![allow(unsafe_code, reason = "a counting allocator")]

use sluicegate::{ChatTranscoder, Dialect, Options, ResponsesTranscoder, SseParser, Transcoder};
use sluicegate_benches::CHUNK;
use sluicegate_benches::shapes::{SHAPES, shape};
use sluicegate_benches::stream::Shape;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::HashMap;

/// Counts what the current thread asks for and holds.
struct Counting;

thread_local! {
    static REQUESTS: Cell<usize> = const { Cell::new(0) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
    static HELD: Cell<isize> = const { Cell::new(0) };
}

// SAFETY: passes everything on to the system's allocator; the counters neither allocate nor have destructors.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        REQUESTS.set(REQUESTS.get() + 1);
        BYTES.set(BYTES.get() + layout.size());
        HELD.set(HELD.get() + layout.size().cast_signed());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        HELD.set(HELD.get() - layout.size().cast_signed());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations and reallocations (which the default `realloc` makes of `alloc`) while `run` runs.
fn requests(run: impl FnOnce()) -> usize {
    let before = REQUESTS.get();
    run();
    REQUESTS.get() - before
}

/// Chunk sizes at which every event, some events or no event lies within one chunk.
const CHUNKS: [usize; 3] = [CHUNK, 1460, 100];

/// The chunks of the first half, which make buffers as large as any event needs, and those up to the last ones, where
/// the stream ends.
fn halves(shape: &Shape, size: usize) -> (Vec<&[u8]>, Vec<&[u8]>) {
    let mut chunks: Vec<&[u8]> = shape.stream.chunks(size).collect();
    let mut steady = chunks.split_off(chunks.len() / 2);
    steady.truncate(steady.len() - CHUNK.div_ceil(size));
    (chunks, steady)
}

fn one_item_shapes() -> impl Iterator<Item = Shape> {
    let one_item = |(name, _): &(&str, _)| !["mixed", "many items"].contains(name);
    SHAPES.into_iter().filter(one_item).map(|(_, maker)| maker(13, 1 << 20))
}

#[test]
fn the_parser_allocates_nothing() {
    for (name, maker) in SHAPES {
        let shape = maker(13, 1 << 20);
        for size in CHUNKS {
            let mut parser = SseParser::default();
            let mut read = |chunks: &[&[u8]]| {
                for chunk in chunks {
                    let mut events = parser.feed(chunk);
                    while events.next_event().unwrap().is_some() {}
                }
            };
            let (warm, steady) = halves(&shape, size);
            read(&warm);
            assert_eq!(requests(|| read(&steady)), 0, "{name} in chunks of {size}");
        }
    }
}

#[test]
fn transcoding_one_text_allocates_nothing() {
    let of_responses = [Dialect::Chat, Dialect::Messages]
        .into_iter()
        .flat_map(|client| one_item_shapes().map(move |shape| (client, Dialect::Responses, shape)));
    let of_chat = (Dialect::Messages, Dialect::Chat, shape("text deltas of a chat server", 13, 1 << 20));
    let of_messages = [Dialect::Chat, Dialect::Messages]
        .map(|client| (client, Dialect::Messages, shape("text deltas of a Messages server", 13, 1 << 20)));
    for (client, upstream, shape) in of_responses.chain([of_chat]).chain(of_messages) {
        for size in CHUNKS {
            let mut transcoder = Transcoder::new(client, upstream, Options::default());
            let mut out = Vec::with_capacity(4 * CHUNK);
            let mut read = |chunks: &[&[u8]]| {
                for chunk in chunks {
                    out.clear();
                    transcoder.feed(chunk, &mut out).unwrap();
                }
            };
            let (warm, steady) = halves(&shape, size);
            read(&warm);
            assert_eq!(requests(|| read(&steady)), 0, "{client:?} of {} in chunks of {size}", shape.name);
        }
    }
}

#[test]
fn only_new_items_allocate() {
    assert_only_new_items_allocate(&shape("many items", 13, 1 << 20));
}

#[test]
fn parallel_calls_allocate_no_more_than_others() {
    assert_only_new_items_allocate(&shape("mixed", 13, 1 << 20));
}

fn assert_only_new_items_allocate(shape: &Shape) {
    let mut transcoder = ChatTranscoder::default();
    let mut out = Vec::with_capacity(1 << 20);
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for block in str::from_utf8(&shape.stream).unwrap().split_inclusive("\n\n") {
        out.clear();
        let count = requests(|| transcoder.feed(block.as_bytes(), &mut out).unwrap());
        let id = block.split_once("\"item_id\":\"").and_then(|(_, rest)| rest.split('"').next());
        let Some(id) = id.filter(|_| block.contains(".delta\"")) else { continue };
        let nth = seen.entry(id).or_default();
        *nth += 1;
        assert!(*nth <= 2 || count == 0, "{count} allocations for delta {nth} of an item: {block}");
    }
    assert!(seen.len() > 10);
}

#[test]
fn the_end_of_a_response_copies_none_of_the_text_that_it_repeats() {
    let shape = shape("text deltas of a chat server", 13, 4 << 20);
    let (middle, end) = shape.stream.split_at(shape.stream.len() - 100);
    let (mut transcoder, mut out) = (ResponsesTranscoder::default(), Vec::with_capacity(8 << 20));
    transcoder.feed(middle, &mut out).unwrap();
    out.clear();
    let before = BYTES.get();
    transcoder.feed(end, &mut out).unwrap();
    let (asked, text) = (BYTES.get() - before, shape.content.text.len());
    assert!(out.len() > 4 * text && asked < text / 10, "{asked} bytes for {text}");
}

/// A transcoder in the middle of `shape`, with half an event in hand.
fn waiting(shape: &Shape) -> ChatTranscoder {
    let mut transcoder = ChatTranscoder::default();
    let mut out = Vec::new();
    for chunk in shape.stream[..shape.stream.len() / 2].chunks(CHUNK) {
        out.clear();
        transcoder.feed(chunk, &mut out).unwrap();
    }
    transcoder
}

fn held(make: impl FnOnce() -> ChatTranscoder) -> usize {
    let before = HELD.get();
    let transcoder = make();
    let held = (HELD.get() - before).unsigned_abs() + size_of_val(&transcoder);
    drop(transcoder);
    assert_eq!(HELD.get(), before);
    held
}

#[test]
fn a_transcoder_that_nothing_came_to_holds_under_4_kib() {
    let held = held(ChatTranscoder::default);
    assert!(held <= 4 << 10, "{held} bytes");
}

#[test]
fn a_transcoder_that_waits_holds_under_4_kib() {
    let held = one_item_shapes().map(|shape| (shape.name, held(|| waiting(&shape))));
    let too_much: Vec<_> = held.filter(|(_, held)| *held > 4 << 10).collect();
    assert!(too_much.is_empty(), "bytes: {too_much:?}");
}

#[test]
fn ten_thousand_of_them_hold_under_64_mib() {
    let shape = shape("text deltas", 13, 1 << 16);
    let before = HELD.get();
    let all: Vec<ChatTranscoder> = (0..10_000).map(|_| waiting(&shape)).collect();
    let held = (HELD.get() - before).unsigned_abs();
    println!("{held} bytes");
    assert!(held < 64 << 20, "{held} bytes");
    drop(all);
}
