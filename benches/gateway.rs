//! A thousand market orders over TCP, from the first that is sent to the last that has filled:
//! `cargo bench -p decile-benches --bench gateway`.
//!
//! `bare` is the client library alone, `decile-ib` the broker on top of it, both against one gateway
//! that is embedded here. No journal, no limit to the rate. Contracts are known beforehand to both.
//!
//! The comparison comes first and has a gateway and connections of its own: a broker that keeps what it
//! knows of the orders of a session is compared in one of 41,000 orders, and not after the hundreds of
//! thousands that criterion sends then. On a machine that does something else as well it says little, for
//! `bare` keeps one core busy and half of another and `decile-ib` both.

#[path = "desk/mod.rs"]
mod desk;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use decile_ib::IbBroker;
use decile_trade::{
    ApprovedOrder, Attempts, Broker, BrokerEvent, MemoryJournal, OrderState, Released,
};
use desk::{Bare, ORDERS, approved, connect, gateway, runtime};
use futures::StreamExt;
use std::collections::HashSet;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const ROUNDS: usize = 41;

/// The orders of a plan under names that no other run has used.
fn orders(run: u64) -> Vec<ApprovedOrder> {
    let attempts = Attempts::replay(&MemoryJournal::default()).expect("nothing to replay");
    let released = approved(run).into_orders(&attempts).expect("paper needs no consent");
    let ready = released.into_iter().map(|released| match released {
        Released::Ready(order) => order,
        Released::Withheld(withheld) => panic!("{}", withheld.reason),
    });
    ready.collect()
}

async fn trade(ib: &IbBroker, orders: &[ApprovedOrder]) -> Duration {
    let mut events = ib.events();
    let began = Instant::now();
    let send = async {
        let outcomes = futures::future::join_all(orders.iter().map(|order| ib.submit(order))).await;
        assert!(outcomes.iter().all(Result::is_ok));
    };
    let listen = async {
        let mut filled = HashSet::new();
        while filled.len() < ORDERS {
            match events.next().await.expect("a live stream") {
                BrokerEvent::Order(order) if order.state == OrderState::Filled => {
                    filled.insert(order.id);
                }
                _ => {}
            }
        }
    };
    futures::join!(send, listen);
    began.elapsed()
}

/// Prints how many of the orders a second that the client library reaches decile-ib reaches. In turns,
/// so that whatever else the machine does disturbs both alike.
#[expect(clippy::print_stdout, reason = "the ratio is what this benchmark is for")]
fn compare(runtime: &Runtime, mut next: impl FnMut() -> u64) {
    let gateway = gateway();
    let mut bare = runtime.block_on(Bare::connect(&gateway));
    let ib = runtime.block_on(connect(&gateway));
    let mut rounds: Vec<[f64; 2]> = (0..ROUNDS)
        .map(|_| {
            let alone = runtime.block_on(bare.trade(next()));
            let orders = orders(next());
            let broker = runtime.block_on(trade(&ib, &orders));
            [alone, broker].map(|took| ORDERS as f64 / took.as_secs_f64())
        })
        .collect();
    let mut median = |of: fn(&[f64; 2]) -> f64| {
        rounds.sort_by(|a, b| of(a).total_cmp(&of(b)));
        of(&rounds[ROUNDS / 2])
    };
    let (alone, broker) = (median(|round| round[0]), median(|round| round[1]));
    let ratio = 100.0 * median(|round| round[1] / round[0]);
    println!("medians of {ROUNDS} rounds in turns: bare {alone:.0}/s, decile-ib {broker:.0}/s");
    println!("decile-ib reaches {ratio:.0} % of bare in the median round");
}

fn thousand_orders(criterion: &mut Criterion) {
    let runtime = runtime();
    let mut run = 0;
    let mut next = || {
        run += 1;
        run
    };
    compare(&runtime, &mut next);
    let gateway = gateway();
    let mut bare = runtime.block_on(Bare::connect(&gateway));
    let ib = runtime.block_on(connect(&gateway));
    let mut group = criterion.benchmark_group("thousand_orders");
    group.sample_size(20).throughput(Throughput::Elements(ORDERS as u64));
    group.bench_function("bare", |bencher| {
        bencher.iter_custom(|times| (0..times).map(|_| runtime.block_on(bare.trade(next()))).sum());
    });
    group.bench_function("decile-ib", |bencher| {
        bencher.iter_custom(|times| {
            (0..times).map(|_| runtime.block_on(trade(&ib, &orders(next())))).sum()
        });
    });
    group.finish();
}

criterion_group!(benches, thousand_orders);
criterion_main!(benches);
