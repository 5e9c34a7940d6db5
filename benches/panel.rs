//! From a panel in memory to scores: `cargo bench -p decile-benches --bench panel`.
//!
//! Parameters are SYMBOLSxSESSIONS. `q_core` and `ranks` compute composite, Q score, ordinal, decile
//! and coverage of every session by the preset of that name; `one_session` those of the last one;
//! `factors` each factor of the library alone; `panel` resolves a market point in time, `append` its last
//! session alone. With the feature `peers`, `polars_…` is the same as polars expressions, which the test `peers` compares with ours.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use decile::factor::CrossSection;
use decile::prelude::*;
use decile_benches::{random_market, random_panel};
use std::hint::black_box;

type Size = (usize, usize);

const MEDIUM: Size = (2000, 1260);
const SIZES: [Size; 3] = [(500, 1260), MEDIUM, (5000, 5040)];

fn preset(name: &str) -> ResolvedModel {
    let model = Model::preset(name).expect("a preset");
    model.resolve(&FactorRegistry::library()).expect("library factors")
}

fn id((symbols, sessions): Size) -> String {
    format!("{symbols}x{sessions}")
}

fn cells((symbols, sessions): Size) -> Throughput {
    Throughput::Elements((symbols * sessions) as u64)
}

fn scores(criterion: &mut Criterion) {
    for name in ["q_core", "ranks"] {
        let model = preset(name);
        for size in SIZES {
            let panel = random_panel(size.0, size.1, &model.fields());
            let mut group = criterion.benchmark_group(name);
            group.sample_size(10).throughput(cells(size));
            group.bench_function(id(size), |bencher| {
                bencher.iter(|| model.score_all(black_box(&panel), 0..size.1).expect("scores"));
            });
            group.finish();
        }
    }
}

/// The last session of a panel that is long enough for a momentum of a year.
const LAST: usize = 299;

fn one_session(criterion: &mut Criterion) {
    let model = preset("q_core");
    let panel = random_panel(5000, LAST + 1, &model.fields());
    let mut group = criterion.benchmark_group("one_session");
    group.bench_function("5000", |bencher| {
        bencher.iter(|| model.score_all(black_box(&panel), LAST..LAST + 1).expect("scores"));
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
        group.sample_size(10).throughput(cells(MEDIUM));
        group.bench_function(BenchmarkId::new(name, id(MEDIUM)), |bencher| {
            bencher.iter(|| black_box(run()));
        });
        group.finish();
    }
}

/// A panel from a market, and one session more of it.
fn resolving(criterion: &mut Criterion) {
    let model = preset("q_core");
    let (symbols, sessions) = MEDIUM;
    let market = random_market(symbols, sessions);
    let fields = model.fields();
    let mut group = criterion.benchmark_group("panel");
    group.sample_size(10).throughput(cells(MEDIUM));
    group.bench_function(id(MEDIUM), |bencher| {
        bencher.iter(|| Panel::new(black_box(&market), &fields));
    });
    group.finish();
    let day_before = market.calendar().sessions()[sessions - 2];
    let earlier = market.known_at(day_before).expect("a market");
    let mut group = criterion.benchmark_group("append");
    group.sample_size(10);
    group.bench_function(id(MEDIUM), |bencher| {
        let panel = || Panel::new(&earlier, &fields);
        let append = |panel: &mut Panel| panel.append(black_box(&market)).expect("a session more");
        bencher.iter_batched_ref(panel, append, BatchSize::PerIteration);
    });
    group.finish();
}

#[cfg(feature = "peers")]
mod peers {
    use super::{LAST, MEDIUM, SIZES, cells, id, preset};
    use criterion::Criterion;
    use decile_benches::peers::{Peer, Scaling};
    use decile_benches::random_panel;

    /// The largest size takes more memory than most machines have.
    pub(super) fn polars(criterion: &mut Criterion) {
        for (name, scaling) in [("q_core", Scaling::Scores), ("ranks", Scaling::Ranks)] {
            for size in SIZES.into_iter().filter(|size| *size <= MEDIUM) {
                let panel = random_panel(size.0, size.1, &preset(name).fields());
                let peer = Peer::new(&panel).expect("a frame");
                let mut group = criterion.benchmark_group(format!("polars_{name}"));
                group.sample_size(10).throughput(cells(size));
                group.bench_function(id(size), |bencher| {
                    bencher.iter(|| peer.scores(scaling).expect("scores"));
                });
                group.finish();
            }
        }
    }

    pub(super) fn polars_one_session(criterion: &mut Criterion) {
        let panel = random_panel(5000, LAST + 1, &preset("q_core").fields());
        let peer = Peer::last(&panel).expect("a frame");
        let mut group = criterion.benchmark_group("polars_one_session");
        group.bench_function("5000", |bencher| {
            bencher.iter(|| peer.scores(Scaling::Scores).expect("scores"));
        });
        group.finish();
    }
}

criterion_group!(benches, scores, one_session, factors, resolving);
#[cfg(feature = "peers")]
criterion_group!(with_peers, peers::polars, peers::polars_one_session);
#[cfg(feature = "peers")]
criterion_main!(benches, with_peers);
#[cfg(not(feature = "peers"))]
criterion_main!(benches);
