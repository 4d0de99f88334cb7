//! Request normalization, beside copying the body and beside parsing it into a `serde_json::Value` and writing it.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sluicegate::{Profile, RequestOptions, normalize_request};
use sluicegate_benches::requests::requests;
use std::hint::black_box;

fn normalize(criterion: &mut Criterion) {
    let (profile, options) = (Profile::codex(), RequestOptions::default());
    for request in requests(7, 1 << 20) {
        let mut group = criterion.benchmark_group(request.name);
        group.throughput(Throughput::Bytes(request.body.len() as u64));
        group.bench_function(BenchmarkId::from_parameter("copy"), |bencher| {
            bencher.iter(|| black_box(&request.body).clone());
        });
        group.bench_function(BenchmarkId::from_parameter("normalize"), |bencher| {
            bencher.iter(|| {
                normalize_request(black_box(&request.body), &profile, &options).map(|it| it.body.len())
            });
        });
        group.bench_function(BenchmarkId::from_parameter("serde_json round trip"), |bencher| {
            bencher.iter(|| {
                let value: serde_json::Value =
                    serde_json::from_slice(black_box(&request.body)).unwrap_or_default();
                serde_json::to_vec(&value).map(|body| body.len())
            });
        });
        group.finish();
    }
}

criterion_group!(benches, normalize);
criterion_main!(benches);
