//! Making, writing and reading a market: `cargo bench -p decile-benches --bench market`.

use criterion::{Criterion, criterion_group, criterion_main};
use decile::prelude::*;
use std::hint::black_box;

fn market(criterion: &mut Criterion) {
    let synthetic = SyntheticMarket::default();
    let market = synthetic.generate().expect("valid settings");
    criterion.bench_function("synthetic/30x6y", |bencher| {
        bencher.iter(|| black_box(&synthetic).generate().expect("valid settings"));
    });
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let folder = scratch.path().join("market");
    write_folder(&market, &folder).expect("written");
    criterion.bench_function("read_folder/30x6y", |bencher| {
        bencher.iter(|| read_folder(black_box(&folder)).expect("read"));
    });
}

criterion_group!(benches, market);
criterion_main!(benches);
