//! What an order costs the gateway and what it costs a client, in one run over TCP:
//! `cargo bench -p decile-benches --bench gateway_cpu`.
//!
//! The client is the library `ibapi` on the main thread, the gateway is embedded on its own; the
//! processor time of both threads is the operating system's, so this runs on Linux alone. A thousand
//! orders are on their way at a time: the client's streams lose what they cannot hold.

use decile_core::ManualClock;
use decile_gateway::{Gateway, GatewayConfig, Venue};
use futures::{FutureExt, StreamExt};
use ibapi::Client;
use ibapi::contracts::Contract;
use ibapi::orders::{Order, OrderStatusKind, OrderUpdate};
use ibapi::subscriptions::{Subscription, SubscriptionItem};
use std::collections::HashSet;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

const AT_A_TIME: usize = 1000;

/// A run: how many orders, how long each tenth of them took, and the processor time of both sides.
struct Run {
    orders: usize,
    tenths: Vec<Duration>,
    /// The processor time of the gateway in each tenth.
    gateway_tenths: Vec<Duration>,
    gateway: Duration,
    client: Duration,
}

/// Returns the processor time of the thread that has a name; that of the main thread for none.
fn processor_time(name: Option<&str>) -> Duration {
    let main = std::process::id().to_string();
    let is_meant = |folder: &fs::DirEntry| match name {
        None => folder.file_name().to_string_lossy() == main,
        Some(name) => {
            fs::read_to_string(folder.path().join("comm")).is_ok_and(|other| other.trim() == name)
        }
    };
    let mut threads = fs::read_dir("/proc/self/task").expect("Linux").filter_map(Result::ok);
    let thread = threads.find(is_meant).expect("the thread");
    let told = fs::read_to_string(thread.path().join("schedstat")).expect("its times");
    let nanoseconds = told.split(' ').next().expect("the first is what it ran");
    Duration::from_nanos(nanoseconds.parse().expect("a number"))
}

/// Returns the memory of the process in MiB.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
}

async fn trade(
    client: &Client,
    updates: &mut Subscription<OrderUpdate>,
    contract: &Contract,
    orders: usize,
) -> Run {
    let room = Semaphore::new(AT_A_TIME);
    // The status of the last order before comes twice, and once after it was counted.
    let before_first = client.next_order_id();
    let before = [processor_time(Some("decile-gateway")), processor_time(None)];
    let mut since = Instant::now();
    let send = async {
        for number in 0..orders {
            room.acquire().await.expect("it is never closed").forget();
            let order = order(number);
            client.submit_order(client.next_order_id(), contract, &order).await.expect("sent");
        }
    };
    let listen = async {
        let (mut filled, mut tenths, mut gateway_tenths) = (HashSet::new(), Vec::new(), Vec::new());
        let mut told = before[0];
        while filled.len() < orders {
            let item = updates.next().await.expect("a live stream").expect("a message");
            if let SubscriptionItem::Data(OrderUpdate::OrderStatus(status)) = item
                && status.status == OrderStatusKind::Filled
                && status.order_id > before_first
                && filled.insert(status.order_id)
            {
                room.add_permits(1);
                if filled.len() % (orders / 10) == 0 {
                    tenths.push(since.elapsed());
                    let now = processor_time(Some("decile-gateway"));
                    gateway_tenths.push(now - std::mem::replace(&mut told, now));
                    since = Instant::now();
                }
            }
        }
        (tenths, gateway_tenths)
    };
    let ((), (tenths, gateway_tenths)) = futures::join!(send, listen);
    let after = [processor_time(Some("decile-gateway")), processor_time(None)];
    Run {
        orders,
        tenths,
        gateway_tenths,
        gateway: after[0] - before[0],
        client: after[1] - before[1],
    }
}

#[expect(clippy::print_stdout, reason = "the figures are what this benchmark is for")]
fn tell(run: &Run, memory_before: u64) {
    let each = |time: Duration| time.as_secs_f64() * 1e6 / run.orders as f64;
    let whole: Duration = run.tenths.iter().sum();
    let ratio = |tenths: &[Duration]| tenths[9].as_secs_f64() / tenths[0].as_secs_f64();
    println!(
        "{} orders: {:.0}/s, processor time an order: gateway {:.1} us, client {:.1} us; the last \
         tenth took {:.2} of the first, and {:.2} of its processor time in the gateway; memory {} MiB, {memory_before} MiB before",
        run.orders,
        run.orders as f64 / whole.as_secs_f64(),
        each(run.gateway),
        each(run.client),
        ratio(&run.tenths),
        ratio(&run.gateway_tenths),
        memory(),
    );
}

/// Trades one order after the other and tells how long half of them, and all but one in a hundred,
/// took from sending to the status that it has filled. It waits as the script of `ib_async` does that it
/// is compared with: it looks again and again, without going to sleep.
#[expect(clippy::print_stdout, reason = "the figures are what this benchmark is for")]
async fn one_by_one(
    client: &Client,
    updates: &mut Subscription<OrderUpdate>,
    contract: &Contract,
    orders: usize,
) {
    let mut each = Vec::with_capacity(orders);
    for number in 0..orders {
        let (order_id, order) = (client.next_order_id(), order(number));
        let began = Instant::now();
        client.submit_order(order_id, contract, &order).await.expect("sent");
        loop {
            let Some(item) = updates.next().now_or_never() else {
                tokio::task::yield_now().await;
                continue;
            };
            let item = item.expect("a live stream").expect("a message");
            if let SubscriptionItem::Data(OrderUpdate::OrderStatus(status)) = item
                && status.status == OrderStatusKind::Filled
                && status.order_id == order_id
            {
                break;
            }
        }
        each.push(began.elapsed());
    }
    each.sort_unstable();
    let part = |part: usize| each[each.len() * part / 100].as_secs_f64() * 1e3;
    println!("one by one: p50 {:.3} ms, p99 {:.3} ms", part(50), part(99));
}

/// A market order of one share, to buy and to sell by turns.
fn order(number: usize) -> Order {
    let action = match number % 2 {
        0 => ibapi::orders::Action::Buy,
        _ => ibapi::orders::Action::Sell,
    };
    Order {
        action,
        total_quantity: 1.0,
        order_type: "MKT".to_owned(),
        order_ref: "bench".to_owned(),
        ..Order::default()
    }
}

fn main() {
    let venue = Venue::prices([("KO".parse().expect("a symbol"), "60".parse().expect("a price"))]);
    let clock = ManualClock::new("2025-12-01T15:00:00Z".parse().expect("a time"));
    let cash = "1000000000000".parse().expect("an amount");
    let config = GatewayConfig::new(venue).cash(cash).clock(Arc::new(clock));
    let gateway = Gateway::start(config).expect("a gateway");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let client = Client::connect(&gateway.address().to_string(), 1).await.expect("connected");
        let mut updates = client.order_update_stream().await.expect("a stream");
        let contract = Contract::stock("KO").build();
        for orders in [1000, 1000, 1000, 100_000] {
            let before = memory();
            let run = trade(&client, &mut updates, &contract, orders).await;
            tell(&run, before);
        }
        one_by_one(&client, &mut updates, &contract, 1000).await;
    });
}
