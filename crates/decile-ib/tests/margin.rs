//! What an order would do, asked of the embedded gateway before any is sent.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/orders.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod orders;

use decile_core::{ManualClock, Money};
use decile_gateway::{Gateway, GatewayConfig, Venue};
use decile_ib::IbBroker;
use decile_trade::{
    ApprovedPlan, Broker, Error, ExecutionReport, Executor, ExecutorConfig, Journal, JournalRecord,
    MemoryJournal, OrderStatus, StopSignal,
};
use orders::{config, now, order, plan};
use std::sync::Arc;

const ACCOUNT: &str = "DU1234567";

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn gateway(cash: &str, is_margin: bool) -> Gateway {
    let price = "50".parse().unwrap();
    let prices = ["KO", "PEP"].map(|symbol| (symbol.parse().unwrap(), price));
    let config = GatewayConfig::new(Venue::prices(prices))
        .account(ACCOUNT)
        .cash(money(cash))
        .margin(is_margin)
        .clock(Arc::new(ManualClock::new(now())));
    Gateway::start(config).unwrap()
}

async fn broker(gateway: &Gateway) -> IbBroker {
    IbBroker::connect(config(ACCOUNT, gateway.port())).await.unwrap()
}

/// The account is as it was: nothing executed, nothing held, nothing open, nothing remembered.
async fn assert_untouched(ib: &IbBroker, cash: &str) {
    let account = ib.account().await.unwrap();
    assert_eq!((account.cash, account.equity), (money(cash), money(cash)));
    assert_eq!(ib.positions().await.unwrap(), []);
    assert_eq!(ib.open_orders().await.unwrap(), []);
    assert_eq!(ib.completed_orders().await.unwrap(), []);
    let executions = ib.executions(now() - chrono::TimeDelta::days(1)).await.unwrap();
    assert_eq!(executions, []);
}

#[tokio::test]
async fn a_question_changes_nothing_and_its_order_goes_out_afterwards() {
    for (is_margin, initial) in [(false, "5000"), (true, "2500")] {
        let gateway = gateway("100000", is_margin);
        let ib = broker(&gateway).await;
        let first = ib.number_from(0).unwrap();
        let order = order(ACCOUNT, "KO", 100);
        for _ in 0..2 {
            let margins = ib.what_if(&order).await.unwrap().unwrap();
            let change = margins.initial.change.unwrap();
            // At the ask, which is a little above.
            let (least, most) = (money(initial), money(initial) + money("10"));
            assert!((least..most).contains(&change), "{change}");
            assert_eq!(margins.initial.after, Some(change));
            assert_eq!(margins.commission, Some(money("1")));
            assert_eq!(margins.equity.after, Some(money("99999")));
            assert_eq!((margins.refusal, margins.warning), (None, None));
        }
        assert_untouched(&ib, "100000").await;
        assert_eq!(ib.find(order.id()).await.unwrap(), None);
        assert_eq!(ib.number_from(0), Some(first + 2), "a number each, which no order gets");
        ib.submit(&order).await.unwrap();
        let found = ib.find(order.id()).await.unwrap().unwrap();
        assert_eq!(found.filled.get(), 100);
    }
}

/// Trades a plan that was approved for an account with far more.
async fn trade(
    ib: &IbBroker,
    plan: ApprovedPlan,
) -> (Result<ExecutionReport, Error>, MemoryJournal) {
    let journal = Arc::new(MemoryJournal::default());
    let config = ExecutorConfig { margin_check: true, ..ExecutorConfig::default() };
    let clock = Arc::new(ManualClock::new(now()));
    let executor = Executor::new(Arc::new(ib.clone()), journal.clone(), clock, config);
    let result = executor.execute(plan, &StopSignal::new()).await;
    drop(executor);
    (result, Arc::into_inner(journal).unwrap())
}

#[tokio::test]
async fn a_plan_that_the_margin_does_not_bear_is_refused_before_anything_is_sent() {
    // Each alone is borne by 10,000, in a margin account both are, too.
    let two = || plan(ACCOUNT, &[("KO", 150), ("PEP", 150)]);
    for (cash, is_margin, is_borne) in
        [("10000", false, false), ("10000", true, true), ("7000", true, false)]
    {
        let gateway = gateway(cash, is_margin);
        let ib = broker(&gateway).await;
        let (result, journal) = trade(&ib, two()).await;
        if is_borne {
            let report = result.unwrap();
            assert!(report.margin.as_ref().unwrap().allowed);
            // The cash pays for one of them, and the executor borrows nothing.
            assert_eq!(report.count(OrderStatus::NotSent), 1, "{report:?}");
            continue;
        }
        let error = result.unwrap_err();
        assert!(matches!(error, Error::MarginDenied { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("margin: buy PEP leads to an initial margin of"), "{text}");
        assert_untouched(&ib, cash).await;
        let records = journal.replay().unwrap();
        assert!(matches!(&records[..], [JournalRecord::Refused { .. }]), "{records:?}");
    }
}
