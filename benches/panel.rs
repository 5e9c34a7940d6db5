//! The way from a market in memory to scores: `cargo bench -p decile-benches --bench panel`.
//!
//! Parameters are SYMBOLSxSESSIONS. `panel` resolves the market point in time; `q_core` computes
//! composite, Q score, ordinal, decile and coverage of every session from a panel; `factors/NAME`
//! computes one factor of the library on every session.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use decile::factor::CrossSection;
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

/// Every factor by itself: none should cost more than a quarter of the whole `q_core`.
fn factors(criterion: &mut Criterion) {
    let (symbols, sessions) = (2000, 1260);
    let market = decile_benches::random_market(symbols, sessions);
    let registry = FactorRegistry::library();
    for name in registry.names() {
        let factor = registry.get(name).expect("library factor");
        let panel = Panel::new(&market, factor.inputs());
        let known = |section: &CrossSection<'_>| {
            section.factor(0).iter().filter(|value| !value.is_nan()).count()
        };
        let run = || {
            let engine = Engine::new(&panel, std::slice::from_ref(&factor)).expect("held");
            engine.map(0..sessions, known).expect("finite")
        };
        assert!(run().iter().sum::<usize>() > symbols * sessions / 2, "{name} is mostly missing");
        let mut group = criterion.benchmark_group("factors");
        group.sample_size(10).throughput(Throughput::Elements((symbols * sessions) as u64));
        group.bench_function(BenchmarkId::new(name, format!("{symbols}x{sessions}")), |bencher| {
            bencher.iter(|| black_box(run()));
        });
        group.finish();
    }
}

criterion_group!(benches, panel, factors);
criterion_main!(benches);
