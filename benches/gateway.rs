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

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use decile_core::{Currency, ManualClock, Quote, Shares, Symbol, Targets};
use decile_gateway::{Gateway, GatewayConfig, Venue};
use decile_ib::{IbBroker, IbConfig};
use decile_trade::{
    Account, ApprovedOrder, Attempts, Broker, BrokerEvent, Circumstances, MemoryJournal,
    OrderState, Plan, PlanInputs, PlanRules, Released, RiskInputs, RiskLimits,
};
use futures::StreamExt;
use ibapi::Client;
use ibapi::contracts::Contract;
use ibapi::orders::{Order, OrderStatusKind, OrderUpdate};
use ibapi::subscriptions::{Subscription, SubscriptionItem};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const ORDERS: usize = 1000;
const ROUNDS: usize = 41;
const ACCOUNT: &str = "DU1234567";

fn symbols() -> Vec<Symbol> {
    (0..ORDERS).map(|number| format!("S{number}").parse().expect("a symbol")).collect()
}

fn now() -> chrono::DateTime<chrono::Utc> {
    "2025-12-01T15:00:00Z".parse().expect("a time")
}

fn gateway() -> Gateway {
    let price = "10".parse().expect("a price");
    let venue = Venue::prices(symbols().into_iter().map(|symbol| (symbol, price)));
    let config = GatewayConfig::new(venue)
        .account(ACCOUNT)
        .cash("1000000000000".parse().expect("an amount"))
        .clock(Arc::new(ManualClock::new(now())));
    Gateway::start(config).expect("a gateway")
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Orders for one share of each stock, under names that no other run has used.
fn approved(run: u64) -> Vec<ApprovedOrder> {
    let price = Some("10".parse().expect("a price"));
    let quote = |symbol: &Symbol| Quote {
        symbol: symbol.clone(),
        bid: price,
        ask: price,
        last: price,
        previous_close: price,
        currency: Currency::USD,
        time: now(),
    };
    let quotes: BTreeMap<_, _> =
        symbols().into_iter().map(|symbol| (symbol.clone(), quote(&symbol))).collect();
    let cash = "1000000".parse().expect("an amount");
    let account = Account {
        id: ACCOUNT.parse().expect("an account"),
        currency: Currency::USD,
        cash,
        equity: cash,
    };
    let session = now().date_naive();
    let as_of = session.pred_opt().expect("a day before");
    let targets = Targets::equal_shares(as_of, &symbols(), Shares::new(1)).expect("each once");
    let inputs = PlanInputs {
        strategy: &format!("b{run}").parse().expect("a strategy"),
        session,
        targets: &targets,
        account: &account,
        positions: &[],
        quotes: &quotes,
        average_daily_volume: None,
    };
    let plan = Plan::toward(&inputs, &PlanRules::default()).expect("a plan");
    let limits = RiskLimits {
        order_count_max: ORDERS,
        day_order_count_max: ORDERS,
        ..RiskLimits::default()
    };
    let inputs = RiskInputs {
        account: &account,
        positions: &[],
        quotes: &quotes,
        now: now(),
        known: &Circumstances::default(),
    };
    let approved = limits.approve(plan, &inputs).expect("within the limits");
    let attempts = Attempts::replay(&MemoryJournal::default()).expect("nothing to replay");
    let ready = approved.into_orders(&attempts).into_iter().map(|released| match released {
        Released::Ready(order) => order,
        Released::Withheld(withheld) => panic!("{}", withheld.reason),
    });
    ready.collect()
}

/// The client library with what it was told beforehand.
struct Bare {
    client: Client,
    updates: Subscription<OrderUpdate>,
    contracts: Vec<Contract>,
}

impl Bare {
    async fn connect(gateway: &Gateway) -> Self {
        let address = gateway.address().to_string();
        let client = Client::connect(&address, 2).await.expect("a connection");
        let mut contracts = Vec::new();
        for symbol in symbols() {
            let wanted = Contract::stock(symbol.as_str()).build();
            let details = client.contract_details(&wanted).await.expect("details");
            contracts.push(Contract { contract_id: details[0].contract.contract_id, ..wanted });
        }
        let updates = client.order_update_stream().await.expect("a stream");
        Self { client, updates, contracts }
    }

    async fn trade(&mut self, run: u64) -> Duration {
        let Self { client, updates, contracts } = self;
        let orders: Vec<_> = contracts
            .iter()
            .map(|contract| Order {
                total_quantity: 1.0,
                order_type: "MKT".to_owned(),
                account: ACCOUNT.to_owned(),
                order_ref: format!("b{run}:{}", contract.symbol),
                ..Order::default()
            })
            .collect();
        let began = Instant::now();
        let send = async {
            for (contract, order) in contracts.iter().zip(&orders) {
                let order_id = client.next_order_id();
                client.submit_order(order_id, contract, order).await.expect("sent");
            }
        };
        let listen = async {
            let mut filled = HashSet::new();
            while filled.len() < ORDERS {
                let item = updates.next().await.expect("a live stream").expect("a message");
                if let SubscriptionItem::Data(OrderUpdate::OrderStatus(status)) = item
                    && status.status == OrderStatusKind::Filled
                {
                    filled.insert(status.order_id);
                }
            }
        };
        futures::join!(send, listen);
        began.elapsed()
    }
}

async fn connect(gateway: &Gateway) -> IbBroker {
    let config = IbConfig::paper(ACCOUNT.parse().expect("an account"))
        .expect("a paper account")
        .port(gateway.port())
        .client_id(1)
        .acknowledge_timeout(Duration::from_secs(30))
        .event_capacity(100_000)
        .messages_per_second(None);
    let ib = IbBroker::connect(config).await.expect("a connection");
    ib.resolve(&symbols()).await.expect("contracts");
    ib
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
            let orders = approved(next());
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
            (0..times).map(|_| runtime.block_on(trade(&ib, &approved(next())))).sum()
        });
    });
    group.finish();
}

criterion_group!(benches, thousand_orders);
criterion_main!(benches);
