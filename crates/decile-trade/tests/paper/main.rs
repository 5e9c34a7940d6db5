//! The paper broker: what it fills, refuses, remembers and applies.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

mod actions;
mod book;
mod fills;
#[path = "../support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;
mod settlement;

use chrono::NaiveDate;
use decile_trade::{
    ApprovedOrder, Attempts, Broker, Circumstances, MemoryJournal, PaperBroker, PaperConfig,
    PlanRules, Released, RiskInputs, SubmitError,
};
use market::{approved_orders, clock, money, quote, quotes, session, targets};

fn config(cash: &str) -> PaperConfig {
    PaperConfig::new("DU1234567".parse().unwrap(), money(cash), session())
}

fn broker(cash: &str) -> PaperBroker {
    let broker = PaperBroker::new(config(cash), clock());
    broker.set_quotes([quote("KO", "50")]);
    broker
}

/// An approved order for 189 KO at 50: 9,500 less the planned fee.
fn buy() -> ApprovedOrder {
    approved_orders("10000", &[("KO", "50")]).remove(0)
}

/// An approved order to sell all that is held.
async fn sell(broker: &PaperBroker) -> ApprovedOrder {
    sell_after(broker, &MemoryJournal::default()).await
}

async fn sell_after(broker: &PaperBroker, journal: &MemoryJournal) -> ApprovedOrder {
    let (account, positions) = (broker.account().await.unwrap(), broker.positions().await.unwrap());
    let quotes = quotes(&[("KO", "50")]);
    let plan =
        market::plan_toward(&targets(&[]), (&account, &positions), &quotes, &PlanRules::default());
    let inputs = RiskInputs {
        account: &account,
        positions: &positions,
        quotes: &quotes,
        now: market::now(),
        known: &Circumstances::default(),
    };
    let approved = market::wide_limits().approve(plan, &inputs).unwrap();
    let attempts = Attempts::replay(journal).unwrap();
    match approved.into_orders(&attempts).unwrap().remove(0) {
        Released::Ready(order) => order,
        Released::Withheld(withheld) => panic!("{}", withheld.reason),
    }
}

fn refusal(error: SubmitError) -> String {
    match error {
        SubmitError::Rejected { source, .. } => source.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}
