//! When the cash of a sale may be spent.

use crate::market::{approved_orders, clock, money, quote};
use crate::{buy, config, refusal, sell};
use chrono::TimeDelta;
use decile_core::{ManualClock, Money};
use decile_trade::{AccountKind, Broker, PaperBroker, PaperConfig};
use std::fs;
use std::sync::Arc;

/// The cash of an account, and how much of it is settled.
async fn funds(broker: &PaperBroker) -> (Money, Option<Money>) {
    let account = broker.account().await.unwrap();
    (account.cash, account.settled_cash)
}

#[tokio::test]
async fn what_is_sold_settles_on_the_next_session_of_the_exchange() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    // A Monday.
    let clock = clock();
    let told = |cash: &str, settled: &str| (money(cash), Some(money(settled)));
    let broker = PaperBroker::open(&path, config("10000"), clock.clone()).unwrap();
    broker.set_quotes([quote("KO", "50")]);
    broker.submit(&buy()).await.unwrap();
    // What is bought is paid at once: 189 at 50, and 1.00.
    assert_eq!(funds(&broker).await, told("549", "549"));
    let order = sell(&broker).await;
    broker.submit(&order).await.unwrap();
    assert_eq!(funds(&broker).await, told("9998", "549"));
    drop(broker);
    // The file has nothing of it but the executions, as those of older versions have.
    assert!(!fs::read_to_string(&path).unwrap().contains("settle"));
    let broker = PaperBroker::open(&path, config("10000"), clock.clone()).unwrap();
    assert_eq!(funds(&broker).await, told("9998", "549"));
    clock.advance(TimeDelta::hours(13)); // 23:00 in New York
    assert_eq!(funds(&broker).await, told("9998", "549"));
    clock.advance(TimeDelta::hours(1));
    assert_eq!(funds(&broker).await, told("9998", "9998"));
}

#[tokio::test]
async fn what_is_sold_before_a_weekend_settles_behind_it() {
    let clock = clock();
    let broker = PaperBroker::new(config("10000"), clock.clone());
    broker.set_quotes([quote("KO", "50")]);
    broker.submit(&buy()).await.unwrap();
    clock.advance(TimeDelta::days(4));
    broker.submit(&sell(&broker).await).await.unwrap();
    let settled = |broker: PaperBroker, clock: Arc<ManualClock>| async move {
        let mut settled = Vec::new();
        for _ in 0..4 {
            settled.push(funds(&broker).await.1.unwrap());
            clock.advance(TimeDelta::days(1));
        }
        settled
    };
    // From Friday to Monday.
    assert_eq!(settled(broker, clock).await, ["549", "549", "549", "9998"].map(money));
}

#[tokio::test]
async fn a_cash_account_refuses_to_buy_with_what_is_not_settled() {
    for (kind, expected) in [(AccountKind::Margin, None), (AccountKind::Cash, Some(()))] {
        let broker = PaperBroker::new(PaperConfig { kind, ..config("10000") }, clock());
        broker.set_quotes([quote("KO", "50"), quote("PEP", "50")]);
        broker.submit(&buy()).await.unwrap();
        broker.submit(&sell(&broker).await).await.unwrap();
        let other = approved_orders("9000", &[("PEP", "50")]).remove(0);
        let refused = broker.submit(&other).await.err().map(refusal);
        let reason = "8501.00 needed with commission and 549.00 settled".to_owned();
        assert_eq!(refused, expected.map(|()| reason));
    }
}
