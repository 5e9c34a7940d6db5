//! A gateway with a fault in it.

mod support;

use decile_core::Clock;
use decile_gateway::{Error, Gateway};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use support::{Client, clock, config, id, market, placed, stock};

/// A clock that panics, once, when it is told to.
#[derive(Debug, Default)]
struct Faulty(AtomicBool);

impl Clock for Faulty {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        assert!(!self.0.swap(false, Ordering::SeqCst), "a fault of the clock");
        clock().now()
    }
}

#[test]
fn a_panic_ends_the_gateway_and_is_told() {
    let faulty = Arc::new(Faulty::default());
    let gateway = Gateway::start(config(&clock()).clock(faulty.clone())).unwrap();
    let mut client = Client::connect(gateway.address(), 1);
    faulty.0.store(true, Ordering::SeqCst);
    client.send(id::PLACE_ORDER, placed(1, stock("KO"), market("BUY", "1")));
    let began = Instant::now();
    while gateway.is_running() {
        assert!(began.elapsed() < Duration::from_secs(10), "it goes on, half changed as it may be");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(!faulty.0.load(Ordering::SeqCst), "the clock was asked");
    assert!(matches!(gateway.stop(), Err(Error::Panicked)));
}
