//! Gateways in a process of their own, which is killed, and stopped, in the middle of things.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/orders.rs"]
mod orders;

use decile_core::{ManualClock, Symbol};
use decile_gateway::{Gateway, GatewayConfig, Venue};
use decile_ib::IbBroker;
use decile_trade::{Broker, BrokerEvent, OrderState, SubmitError};
use futures::StreamExt;
use orders::{config, connect, now, order};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;

const ACCOUNT: &str = "DU1234567";
const STATE: &str = "DECILE_IB_TEST_STATE";
const PORT: &str = "DECILE_IB_TEST_PORT";

/// Stocks for many orders.
const MANY: usize = 40;

fn many(number: usize) -> Symbol {
    format!("S{number}").parse().unwrap()
}

/// Not a test: the process that the tests below start and kill.
#[test]
#[ignore = "the tests of this file run it as a process of its own"]
fn child_gateway() {
    let state = std::env::var_os(STATE).expect("the file that the gateway keeps its state in");
    let port = std::env::var(PORT).unwrap().parse().unwrap();
    let symbols =
        ["KO", "PEP"].map(|text| text.parse().unwrap()).into_iter().chain((0..MANY).map(many));
    let prices = symbols.map(|symbol| (symbol, "50".parse().unwrap()));
    let config = GatewayConfig::new(Venue::prices(prices))
        .account(ACCOUNT)
        .address(SocketAddr::from(([127, 0, 0, 1], port)))
        .state(state)
        .clock(Arc::new(ManualClock::new(now())));
    let gateway = Gateway::start(config).unwrap();
    println!("\nlistening on {}", gateway.port());
    // Until it is killed, or its parent is gone.
    std::thread::sleep(Duration::from_secs(60));
}

struct Process {
    child: Child,
    port: u16,
}

impl Process {
    fn start(state: &Path, port: u16) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_gateway", "--ignored", "--nocapture"])
            .env(STATE, state)
            .env(PORT, port.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = |line: String| line.strip_prefix("listening on ").map(str::to_owned);
        let port = lines.map_while(Result::ok).find_map(said).expect("a line with the port");
        Self { child, port: port.parse().unwrap() }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        // On a busy machine it goes on for a while: a thread has to run to learn that it is stopped.
        while signal == "-STOP" && !self.is_stopped() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn is_stopped(&self) -> bool {
        let pid = self.child.id().to_string();
        let told = Command::new("ps").args(["-o", "stat=", "-p", &pid]).output().unwrap();
        told.stdout.starts_with(b"T")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn state() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.jsonl");
    (folder, path)
}

/// Waits for the end of a connection that is made again.
async fn reconnected(ib: &IbBroker) {
    let mut events = ib.events();
    let wait = async { while events.next().await != Some(BrokerEvent::Reconnected) {} };
    timeout(Duration::from_secs(20), wait).await.expect("the connection is made again");
}

#[tokio::test]
async fn a_stopped_gateway_leaves_an_order_in_doubt_and_may_fill_it_later() {
    let (_folder, path) = state();
    let gateway = Process::start(&path, 0);
    let ib = connect(ACCOUNT, gateway.port).await;
    ib.resolve(&["KO".parse().unwrap()]).await.unwrap();
    gateway.signal("-STOP");
    let order = order(ACCOUNT, "KO", 100);
    let began = Instant::now();
    let error = ib.submit(&order).await.unwrap_err();
    assert!(matches!(error, SubmitError::InDoubt { .. }), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    // Unknown, not absent.
    assert!(matches!(ib.find(order.id()).await, Err(decile_trade::Error::Timeout { .. })));
    let mut events = ib.events();
    gateway.signal("-CONT");
    let fills = async {
        while let Some(event) = events.next().await {
            if matches!(event, BrokerEvent::Order(told) if told.state == OrderState::Filled) {
                return;
            }
        }
    };
    timeout(Duration::from_secs(5), fills).await.expect("the order fills after all");
    let found = ib.find(order.id()).await.unwrap().unwrap();
    assert_eq!((found.state, found.filled.get()), (OrderState::Filled, 100));
}

#[tokio::test]
async fn a_killed_gateway_that_kept_its_state_still_knows_the_order() {
    let (_folder, path) = state();
    let mut gateway = Process::start(&path, 0);
    let ib = connect(ACCOUNT, gateway.port).await;
    let order = order(ACCOUNT, "KO", 100);
    ib.submit(&order).await.unwrap();
    let mut events = ib.events();
    gateway.kill();
    let lost = async { while events.next().await != Some(BrokerEvent::Disconnected) {} };
    timeout(Duration::from_secs(5), lost).await.expect("the loss is told");
    let next = crate::orders::order(ACCOUNT, "PEP", 100);
    let error = ib.submit(&next).await.unwrap_err();
    assert!(matches!(error, SubmitError::NotSent { .. }), "{error:?}");

    let wait = reconnected(&ib);
    let restart = async { Process::start(&path, gateway.port) };
    let ((), _gateway) = futures::join!(wait, restart);
    let found = ib.find(order.id()).await.unwrap().unwrap();
    assert_eq!((found.state, found.filled.get()), (OrderState::Filled, 100));
    ib.submit(&next).await.unwrap();
    assert_eq!(ib.positions().await.unwrap().len(), 2);
}

#[tokio::test]
async fn killed_in_the_middle_of_many_orders_each_is_acknowledged_not_sent_or_in_doubt() {
    let (_folder, path) = state();
    let mut gateway = Process::start(&path, 0);
    // Slow enough to die in the middle of them.
    let config = config(ACCOUNT, gateway.port)
        .messages_per_second(Some(20))
        .acknowledge_timeout(Duration::from_secs(10));
    let ib = IbBroker::connect(config).await.unwrap();
    let symbols: Vec<_> = (0..MANY).map(many).collect();
    ib.resolve(&symbols).await.unwrap();
    let orders: Vec<_> = symbols.iter().map(|text| order(ACCOUNT, text.as_str(), 10)).collect();
    let mut events = ib.events();
    let submits = orders.iter().map(|order| ib.submit(order));
    let kill = async {
        let mut filled = 0;
        while filled < 5 {
            match events.next().await {
                Some(BrokerEvent::Order(order)) if order.commission.is_some() => filled += 1,
                Some(_) => {}
                None => panic!("the events have ended"),
            }
        }
        gateway.kill();
        Instant::now()
    };
    let (outcomes, killed) = futures::join!(futures::future::join_all(submits), kill);
    assert!(killed.elapsed() < Duration::from_secs(4), "{:?}", killed.elapsed());
    let restarted = Process::start(&path, 0);
    let ib = connect(ACCOUNT, restarted.port).await;
    let (mut acknowledged, mut not_sent) = (0, 0);
    for (order, outcome) in orders.iter().zip(outcomes) {
        let found = ib.find(order.id()).await.unwrap();
        match outcome {
            Ok(_) => {
                acknowledged += 1;
                assert_eq!(found.unwrap().state, OrderState::Filled);
            }
            Err(SubmitError::NotSent { .. }) => {
                not_sent += 1;
                assert_eq!(found, None);
            }
            // Only looking tells.
            Err(SubmitError::InDoubt { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    // No more than a few can be on their way at such a rate.
    assert!(acknowledged >= 5 && not_sent >= 10, "{acknowledged} and {not_sent} of {MANY}");
}

#[tokio::test]
async fn killed_with_an_order_in_its_socket_that_one_alone_is_in_doubt() {
    let (_folder, path) = state();
    let mut gateway = Process::start(&path, 0);
    let ib = connect(ACCOUNT, gateway.port).await;
    let [before, between, after] =
        [0, 1, 2].map(|number| order(ACCOUNT, many(number).as_str(), 10));
    ib.resolve(&[many(0), many(1), many(2)]).await.unwrap();
    ib.submit(&before).await.unwrap();
    let mut events = ib.events();
    gateway.signal("-STOP");
    let kill = async {
        // Sent, and not read.
        tokio::time::sleep(Duration::from_millis(300)).await;
        gateway.kill();
    };
    let (doubtful, ()) = futures::join!(ib.submit(&between), kill);
    assert!(matches!(doubtful, Err(SubmitError::InDoubt { .. })), "{doubtful:?}");
    let lost = async { while events.next().await != Some(BrokerEvent::Disconnected) {} };
    timeout(Duration::from_secs(5), lost).await.expect("the loss is told");
    let unsent = ib.submit(&after).await;
    assert!(matches!(unsent, Err(SubmitError::NotSent { .. })), "{unsent:?}");
    let restarted = Process::start(&path, 0);
    let ib = connect(ACCOUNT, restarted.port).await;
    let mut found = Vec::new();
    for order in [&before, &between, &after] {
        found.push(ib.find(order.id()).await.unwrap().map(|found| found.state));
    }
    assert_eq!(found, [Some(OrderState::Filled), None, None]);
}
