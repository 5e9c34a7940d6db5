//! From a panel in memory to scores: `cargo bench -p decile-benches --bench panel`.
//!
//! Parameters are SYMBOLSxSESSIONS. `q_core` computes composite, Q score, ordinal, decile and
//! coverage of every session; `one_session` those of the last one; `factors` each factor
//! of the library alone; `panel` resolves a market point in time.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use decile::factor::CrossSection;
use decile::prelude::*;
use decile_benches::{random_market, random_panel};
use std::hint::black_box;

const SIZES: [(usize, usize); 3] = [(500, 1260), (2000, 1260), (5000, 5040)];
const MEDIUM: (usize, usize) = SIZES[1];

fn preset(name: &str) -> ResolvedModel {
    let model = Model::preset(name).expect("a preset");
    model.resolve(&FactorRegistry::library()).expect("library factors")
}

fn id((symbols, sessions): (usize, usize)) -> String {
    format!("{symbols}x{sessions}")
}

fn scores(criterion: &mut Criterion) {
    let model = preset("q_core");
    for size in SIZES {
        let (symbols, sessions) = size;
        let panel = random_panel(symbols, sessions, &model.fields());
        let mut group = criterion.benchmark_group("q_core");
        group.sample_size(10).throughput(Throughput::Elements((symbols * sessions) as u64));
        group.bench_function(id(size), |bencher| {
            bencher.iter(|| model.score_all(black_box(&panel), 0..sessions).expect("scores"));
        });
        group.finish();
    }
}

fn one_session(criterion: &mut Criterion) {
    let model = preset("q_core");
    let panel = random_panel(5000, 300, &model.fields());
    let mut group = criterion.benchmark_group("one_session");
    group.bench_function("5000", |bencher| {
        bencher.iter(|| model.score_all(black_box(&panel), 299..300).expect("scores"));
    });
    group.finish();
}

/// Every factor by itself: none should cost more than a quarter of the whole `q_core`.
fn factors(criterion: &mut Criterion) {
    let (symbols, sessions) = MEDIUM;
    let market = random_market(symbols, sessions);
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
        group.bench_function(BenchmarkId::new(name, id(MEDIUM)), |bencher| {
            bencher.iter(|| black_box(run()));
        });
        group.finish();
    }
}

fn resolving(criterion: &mut Criterion) {
    let model = preset("q_core");
    let market = random_market(500, 1260);
    let mut group = criterion.benchmark_group("panel");
    group.sample_size(10);
    group.bench_function(BenchmarkId::from_parameter("500x1260"), |bencher| {
        bencher.iter(|| Panel::new(black_box(&market), &model.fields()));
    });
    group.finish();
}

criterion_group!(benches, scores, one_session, factors, resolving);
criterion_main!(benches);
