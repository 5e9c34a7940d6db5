//! What the runs before this one did in its session.

use crate::market::{self, account, clock, money, now, position, quote, quotes, session, targets};
use crate::{BOTH, Case, filled, id, one, sent};
use decile_trade::{
    Account, CheckName, Executor, ExecutorConfig, Journal, JournalRecord, MemoryJournal,
    OrderStatus, PaperBroker, PaperConfig, PlanRules, Side, StopSignal,
};
use std::sync::Arc;

#[test]
fn orders_of_the_whole_session_count() {
    let mut case = Case::new().records(vec![sent("MSFT", 1), sent("IBM", 1)]);
    case.limits.day_order_count_max = 4;
    assert!(case.broken(&BOTH).is_empty());
    case.limits.day_order_count_max = 3;
    let reason = "2 orders before and 2 now, of at most 3";
    assert_eq!(case.broken(&BOTH), one(CheckName::DayOrderCountMax, reason));
    // What is proven not to have left is no order.
    let (id, reason, at) = (id("IBM"), "stopped".to_owned(), now());
    let records = vec![sent("MSFT", 1), sent("IBM", 1), JournalRecord::NotSent { id, reason, at }];
    let mut case = Case::new().records(records);
    case.limits.day_order_count_max = 3;
    assert!(case.broken(&BOTH).is_empty());
}

#[test]
fn buys_of_the_whole_session_count() {
    // 94 % now and 6 % before are all of it; with one share more it is too much.
    let case = Case::new().records(vec![sent("MSFT", 12)]);
    assert!(case.broken(&BOTH).is_empty());
    let case = Case::new().records(vec![sent("MSFT", 13)]);
    let reason = "100.50 % of at most 100.00 %";
    assert_eq!(case.broken(&BOTH), one(CheckName::DayBuysMax, reason));
    // An order of which nobody knows is not bought again, so it counts once; nor is one that filled.
    let case = Case::new().records(vec![sent("KO", 95)]);
    assert!(case.broken(&BOTH).is_empty());
    let case = Case::new().records(filled("KO", 95).into());
    assert!(case.broken(&BOTH).is_empty());
}

#[test]
fn a_run_may_not_turn_over_the_whole_account() {
    let mut case = Case::new();
    case.positions = vec![position("KO", 190)];
    case.account.cash = money("500");
    // From all in KO, 9,500, to all in PEP: 63 x 150 are bought.
    let reason = "94.50 % of at most 70.00 %";
    assert_eq!(case.broken(&["PEP"]), one(CheckName::TurnoverMax, reason));
    // From all in KO to half of it.
    assert!(case.broken(&BOTH).is_empty());
    // To invest cash turns nothing over, in a first run, in the rest of one that was cut off, or later.
    assert!(Case::new().broken(&BOTH).is_empty());
    let mut cut = Case::new().records(filled("KO", 10).into());
    cut.positions = vec![position("KO", 10)];
    assert!(cut.broken(&BOTH).is_empty());
    // To sell all of it is not kept back.
    assert!(case.broken(&[]).is_empty());
}

#[test]
fn after_a_loss_is_latched_only_sells_are_allowed() {
    let at = now();
    let latched = || {
        let reason = "9000 is 10.00 % below 10000".to_owned();
        vec![JournalRecord::LossLatched { reason, at }]
    };
    let mut case = Case::new().records(latched());
    let reason = "9000 is 10.00 % below 10000";
    assert_eq!(case.broken(&BOTH), one(CheckName::LossLatch, reason));
    case.positions = vec![position("KO", 190)];
    assert!(case.broken(&[]).is_empty());
    let reset = JournalRecord::LossReset { reason: "looked at".to_owned(), at };
    let case = Case::new().records([latched(), vec![reset]].concat());
    assert!(case.broken(&BOTH).is_empty());
}

#[test]
fn without_its_buys_a_plan_only_sells() {
    let positions = [position("KO", 190)];
    let account = Account { cash: money("500"), ..account("10000") };
    let quotes = quotes(&[("KO", "50"), ("PEP", "150")]);
    let whole = market::plan_toward(
        &targets(&["PEP"]),
        (&account, &positions),
        &quotes,
        &PlanRules::default(),
    );
    assert_eq!(whole.orders().len(), 2);
    let plan = whole.without_buys();
    let sides: Vec<_> = plan.orders().iter().map(|order| order.side).collect();
    assert_eq!(sides, [Side::Sell]);
    assert!(plan.positions_after().is_empty());
    // 500 and 190 x 50, less a fee of 1 basis point.
    assert_eq!(plan.cash_after(), money("9999.05"));
    assert_eq!(plan.notes().last().unwrap().to_string(), "PEP: no_buys");
}

#[tokio::test]
async fn the_executor_keeps_the_caps_of_the_day_whatever_the_approval_knew() {
    let broker = || {
        let config = PaperConfig::new("DU1234567".parse().unwrap(), money("10000"), session());
        let broker = Arc::new(PaperBroker::new(config, clock()));
        broker.set_quotes([quote("KO", "50")]);
        broker
    };
    // An approval that was told of an empty journal, and a journal that has bought already.
    let journal = Arc::new(MemoryJournal::default());
    journal.append(&filled("MSFT", 13)).unwrap();
    let executor = Executor::new(broker(), journal, clock(), ExecutorConfig::default());
    let approved = market::approved("10000", &[("KO", "50")]);
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!(report.orders[0].status, OrderStatus::NotSent);
    let reason = "10100 would be bought in the session, of at most 10000";
    assert_eq!(report.orders[0].reason.as_deref(), Some(reason));
}
