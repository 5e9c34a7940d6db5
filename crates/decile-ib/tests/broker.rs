//! The adapter, at the embedded gateway, keeps the promises that every broker makes.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/orders.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod orders;

use decile_core::ManualClock;
use decile_core::source::QuoteSource;
use decile_gateway::{Gateway, GatewayConfig, Venue};
use decile_trade::conformance::Suite;
use orders::{connect, now};
use std::sync::Arc;

const ACCOUNT: &str = "DU1234567";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_does_what_every_broker_promises() {
    let clock = Arc::new(ManualClock::new(now()));
    let venue = Venue::prices([("KO".parse().unwrap(), "60.11".parse().unwrap())]);
    let config = GatewayConfig::new(venue).account(ACCOUNT).clock(clock.clone());
    let gateway = Gateway::start(config).unwrap();
    let ib = connect(ACCOUNT, gateway.port()).await;
    let quote = ib.quotes(&["KO".parse().unwrap()]).await.unwrap().remove(0);
    let broker = Arc::new(ib);
    Suite::new(broker.clone(), clock.clone()).check(&quote).await.unwrap();
    // What a first suite left behind does not disturb a second one.
    let again = Suite::new(broker, clock).strategy("again".parse().unwrap());
    again.check(&quote).await.unwrap();
}
