//! The way from a market in memory to scores: `cargo bench -p decile-benches --bench panel`.
//!
//! Parameters are SYMBOLSxSESSIONS. `panel` resolves the market point in time; `q_core` computes
//! composite, Q score, ordinal, decile and coverage of every session from a panel.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use decile::prelude::*;
use std::hint::black_box;

const SIZES: [(usize, usize); 2] = [(30, 1260), (500, 1260)];

fn q_core() -> ResolvedModel {
    let model = Model::preset("q_core").expect("a preset");
    model.resolve(&FactorRegistry::library()).expect("library factors")
}

fn panel(criterion: &mut Criterion) {
    let model = q_core();
    for (symbols, sessions) in SIZES {
        let market = decile_benches::random_market(symbols, sessions);
        let id = format!("{symbols}x{sessions}");
        let cells = (symbols * sessions) as u64;
        let mut group = criterion.benchmark_group("panel");
        group.sample_size(10).throughput(Throughput::Elements(cells));
        group.bench_function(BenchmarkId::from_parameter(&id), |bencher| {
            bencher.iter(|| Panel::new(black_box(&market), &model.fields()));
        });
        group.finish();

        let panel = Panel::new(&market, &model.fields());
        let mut group = criterion.benchmark_group("q_core");
        group.sample_size(10).throughput(Throughput::Elements(cells));
        group.bench_function(BenchmarkId::from_parameter(&id), |bencher| {
            bencher.iter(|| model.score_all(black_box(&panel), 0..sessions).expect("scores"));
        });
        group.finish();
    }
}

criterion_group!(benches, panel);
criterion_main!(benches);
