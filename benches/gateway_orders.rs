//! Orders through the simulated gateway, over TCP from a client that does next to nothing:
//! `cargo bench -p decile-benches --bench gateway_orders`.

#[path = "../crates/decile-gateway/tests/support/mod.rs"]
mod support;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use decile_gateway::Gateway;
use std::time::{Duration, Instant};
use support::{Client, clock, config, encoded, id, market, placed, stock};

/// Orders that are sent before the first reply is read.
const PIPELINED: i32 = 1000;

/// Sends orders in one piece, purchases and sales in turn, and reads until the last is done. They
/// are made before the time counts.
fn trade(client: &mut Client, next: &mut i32, count: i32) -> Duration {
    let orders = (*next..*next + count).flat_map(|order_id| {
        let side = if order_id % 2 == 1 { "BUY" } else { "SELL" };
        encoded(
            id::PLACE_ORDER,
            &placed(order_id, stock("KO"), market(side, "1").text(28, "bench")),
        )
    });
    let orders: Vec<u8> = orders.collect();
    let start = Instant::now();
    client.write(&orders);
    // Every fill ends with its commission.
    client.skip(59, count);
    *next += count;
    start.elapsed()
}

fn orders(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("state.jsonl");
    let cash = "1000000000".parse().expect("an amount");
    let config = || config(&clock()).cash(cash);
    for (name, config) in [("memory", config()), ("state", config().state(path))] {
        let gateway = Gateway::start(config).expect("started");
        let mut client = Client::connect(gateway.address(), 1);
        let mut next = 1;
        let mut group = criterion.benchmark_group(format!("gateway_orders/{name}"));
        group.throughput(Throughput::Elements(PIPELINED as u64));
        group.bench_function("1000_at_once", |bencher| {
            bencher.iter_custom(|rounds| {
                (0..rounds).map(|_| trade(&mut client, &mut next, PIPELINED)).sum()
            });
        });
        group.throughput(Throughput::Elements(1));
        group.bench_function("one_by_one", |bencher| {
            bencher
                .iter_custom(|rounds| (0..rounds).map(|_| trade(&mut client, &mut next, 1)).sum());
        });
        group.finish();
    }
}

criterion_group!(benches, orders);
criterion_main!(benches);
