//! Charts and a universe from Yahoo, over HTTP from a server on this machine:
//! `cargo bench -p decile-benches --bench providers`.
//!
//! `benches/scripts/yfinance_charts.py` measures yfinance on the same replies.

use criterion::{Criterion, criterion_group, criterion_main};
use decile::core::DateRange;
use decile::providers::Transport;
use decile::providers::yahoo::Yahoo;
use decile_benches::universe::fetch;
use decile_benches::yahoo::{pages, serve, symbols};
use std::hint::black_box;

fn providers(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let day = |text: &str| text.parse().expect("a date");
    let ever = DateRange::new(day("1950-01-01"), day("2030-01-01")).expect("a span");
    let yahoo = |bars| {
        let transport = Transport::builder().base_url(serve(pages(30, bars))).build();
        Yahoo::new(transport.expect("a transport"))
    };
    for bars in [2_500, 10_000] {
        let (yahoo, stock) = (yahoo(bars), &symbols(1)[0]);
        criterion.bench_function(&format!("yahoo/chart/{bars}"), |bencher| {
            bencher.iter(|| {
                let fetched = runtime.block_on(yahoo.daily_bars(black_box(stock), ever));
                assert_eq!(fetched.expect("bars").rows.len(), bars);
            });
        });
    }
    let (yahoo, stocks) = (yahoo(2_500), symbols(30));
    criterion.bench_function("yahoo/universe/30x2500", |bencher| {
        bencher.iter(|| {
            let numbers = runtime.block_on(fetch(&yahoo, black_box(&stocks), ever));
            assert_eq!(numbers, 30 * (2_500 + 5 + 1 + 1 + 1));
        });
    });
}

criterion_group!(benches, providers);
criterion_main!(benches);
