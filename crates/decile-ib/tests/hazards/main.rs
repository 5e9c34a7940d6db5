//! What a gateway can do to those who trade through it, played by one that does as it is told.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "../support/message.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod message;
#[path = "../support/orders.rs"]
mod orders;
#[path = "../support/scripted.rs"]
mod scripted;

mod asking;
mod connecting;
mod link;
mod margin;
mod submitting;

use decile_trade::BrokerEvent;
use futures::StreamExt;
use futures::stream::BoxStream;
use scripted::{Greeting, PLACE_ORDER, Reply, Scripted, Told};
use std::time::Duration;
use tokio::time::timeout;

const ACCOUNT: &str = "DU1234567";

fn greeting() -> Greeting {
    Greeting::new(ACCOUNT, 1)
}

/// A gateway that does with every order what it is told, and is polite otherwise.
fn on_order(mut reply: impl FnMut(Told) -> Reply + Send + 'static) -> Scripted {
    Scripted::start(greeting(), move |request| match request.id {
        PLACE_ORDER => reply(Told::of(request, 1)),
        _ => Reply::Polite,
    })
}

/// A gateway at which every order fills at once.
fn filling() -> Scripted {
    on_order(|told| Reply::Frames(told.fills()))
}

/// Waits for the event that is looked for, and returns those before it, too.
async fn until(
    events: &mut BoxStream<'static, BrokerEvent>,
    is_it: impl Fn(&BrokerEvent) -> bool,
) -> Vec<BrokerEvent> {
    let mut seen = Vec::new();
    let wait = async {
        while let Some(event) = events.next().await {
            let is_last = is_it(&event);
            seen.push(event);
            if is_last {
                return;
            }
        }
        panic!("the events have ended");
    };
    let waited = timeout(Duration::from_secs(10), wait).await;
    assert!(waited.is_ok(), "not among {seen:?}");
    seen
}

/// Waits until something holds that takes its time.
async fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("not in ten seconds: {what}");
}

/// An error and its causes, on one line.
fn in_full(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
