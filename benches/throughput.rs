//! SSE parsing and full transcoding in 16 KiB chunks, beside a plain scan of the same bytes.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sluicegate::{ChatTranscoder, ResponsesTranscoder, SseParser};
use sluicegate_benches::{Shape, chat_shape, shapes};
use std::hint::black_box;

const CHUNK: usize = 16 << 10;

fn parse(shape: &Shape) -> usize {
    let mut parser = SseParser::default();
    let mut count = 0;
    for chunk in shape.stream.chunks(CHUNK) {
        let mut events = parser.feed(chunk);
        while let Ok(Some(event)) = events.next_event() {
            count += usize::from(!black_box(event.data).is_empty());
        }
    }
    assert_eq!(count, shape.events);
    count
}

fn transcode(shape: &Shape, out: &mut Vec<u8>) -> usize {
    let mut transcoder = ChatTranscoder::default();
    let mut written = 0;
    for chunk in shape.stream.chunks(CHUNK) {
        out.clear();
        assert_eq!(transcoder.feed(chunk, out), Ok(()));
        written += out.len();
    }
    assert!(transcoder.outcome().is_some());
    written
}

fn respond(shape: &Shape, out: &mut Vec<u8>) -> usize {
    let mut transcoder = ResponsesTranscoder::default();
    let mut written = 0;
    for chunk in shape.stream.chunks(CHUNK) {
        out.clear();
        assert_eq!(transcoder.feed(chunk, out), Ok(()));
        written += out.len();
    }
    assert!(transcoder.outcome().is_some());
    written
}

fn throughput(criterion: &mut Criterion) {
    let mut out = Vec::new();
    let shapes = shapes(11, 4 << 20);
    let mut group = criterion.benchmark_group("scan");
    group.throughput(Throughput::Elements(shapes[0].events as u64));
    group.bench_function("memchr, absent byte", |bencher| {
        bencher.iter(|| {
            shapes[0].stream.chunks(CHUNK).filter_map(|chunk| memchr::memchr(0, black_box(chunk))).count()
        });
    });
    group.finish();
    for shape in &shapes {
        let mut group = criterion.benchmark_group(shape.name);
        group.throughput(Throughput::Elements(shape.events as u64));
        group.bench_function(BenchmarkId::from_parameter("parse"), |bencher| bencher.iter(|| parse(shape)));
        group.bench_function(BenchmarkId::from_parameter("transcode"), |bencher| {
            bencher.iter(|| transcode(shape, &mut out));
        });
        group.finish();
    }
    // The other direction: at most 1.3 times what "text deltas" cost.
    let shape = chat_shape(11, 4 << 20);
    let mut group = criterion.benchmark_group(shape.name);
    group.throughput(Throughput::Elements(shape.events as u64));
    group.bench_function(BenchmarkId::from_parameter("respond"), |bencher| {
        bencher.iter(|| respond(&shape, &mut out));
    });
    group.finish();
}

criterion_group!(benches, throughput);
criterion_main!(benches);
