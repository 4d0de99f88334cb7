//! Every contest of the table with criterion's statistics: `cargo bench -p sluicegate-benches -- 'parse'`.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sluicegate_benches::contests::contests;
use sluicegate_benches::race::Contender;

fn all(criterion: &mut Criterion) {
    for build in contests() {
        let mut contest = build(4 << 20);
        let mut group = criterion.benchmark_group(contest.thing.clone());
        group.sample_size(10);
        for contender in contest.contenders() {
            group.throughput(Throughput::Elements(contender.units as u64));
            let Contender { name, prepare, run, .. } = contender;
            group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
                bencher.iter_batched(&mut *prepare, |()| run(), BatchSize::PerIteration);
            });
        }
        group.finish();
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
