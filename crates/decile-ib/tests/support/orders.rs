//! Orders that were approved, as every broker takes them.

use decile_core::{Currency, Decimal, Quote, Shares, Symbol, Target, TargetSize, Targets};
use decile_ib::{IbBroker, IbConfig};
use decile_trade::{
    Account, AccountId, ApprovedOrder, ApprovedPlan, Attempts, Circumstances, MemoryJournal,
    OrderStyle, Plan, PlanInputs, PlanRules, Position, Released, RiskInputs, RiskLimits,
};
use std::collections::BTreeMap;
use std::time::Duration;

/// 10:00 in New York on the session.
pub(crate) fn now() -> chrono::DateTime<chrono::Utc> {
    "2025-12-01T15:00:00Z".parse().unwrap()
}

pub(crate) fn account_id(text: &str) -> AccountId {
    text.parse().unwrap()
}

/// A quote of 50.
fn quote(symbol: &Symbol) -> Quote {
    let price = "50".parse().unwrap();
    Quote::centred(symbol.clone(), price, Decimal::ZERO, Currency::USD, now())
}

/// A plan that buys what is above 0 and sells what is below, of each stock so many shares.
pub(crate) fn plan(account: &str, changes: &[(&str, i64)]) -> ApprovedPlan {
    plan_of(OrderStyle::Market, account, changes)
}

/// Such a plan, with another kind of orders.
pub(crate) fn plan_of(order: OrderStyle, account: &str, changes: &[(&str, i64)]) -> ApprovedPlan {
    let symbols = || changes.iter().map(|(text, _)| text.parse::<Symbol>().unwrap());
    let quotes: BTreeMap<_, _> = symbols().map(|symbol| (symbol.clone(), quote(&symbol))).collect();
    let sold = changes.iter().filter(|(_, change)| *change < 0);
    let positions: Vec<_> = sold
        .map(|(text, change)| Position {
            symbol: text.parse().unwrap(),
            quantity: Shares::new(-change),
            average_cost: "10".parse().unwrap(),
        })
        .collect();
    let targets = changes.iter().map(|(text, change)| Target {
        symbol: text.parse().unwrap(),
        size: TargetSize::Shares(Shares::new(*change.max(&0))),
    });
    let session = now().date_naive();
    let targets = Targets::new(session.pred_opt().unwrap(), targets.collect()).unwrap();
    let account = Account {
        id: account_id(account),
        currency: Currency::USD,
        cash: "100000000".parse().unwrap(),
        equity: "100000000".parse().unwrap(),
        settled_cash: None,
    };
    let inputs = PlanInputs {
        strategy: &"q-core".parse().unwrap(),
        session,
        targets: &targets,
        account: &account,
        positions: &positions,
        quotes: &quotes,
        average_daily_volume: None,
    };
    let plan = Plan::toward(&inputs, &PlanRules { order, ..PlanRules::default() }).unwrap();
    let inputs = RiskInputs {
        account: &account,
        positions: &positions,
        quotes: &quotes,
        now: now(),
        known: &Circumstances::default(),
    };
    let limits = RiskLimits {
        order_count_max: changes.len(),
        // Of all plans that a test makes.
        day_order_count_max: 1_000 + changes.len(),
        ..RiskLimits::default()
    };
    limits.approve(plan, &inputs).unwrap()
}

/// The orders of such a plan, sells first.
pub(crate) fn orders(account: &str, changes: &[(&str, i64)]) -> Vec<ApprovedOrder> {
    let attempts = Attempts::replay(&MemoryJournal::default()).unwrap();
    let released = plan(account, changes).into_orders(&attempts).unwrap();
    let ready = released.into_iter().map(|released| match released {
        Released::Ready(order) => order,
        Released::Withheld(withheld) => panic!("{}", withheld.reason),
    });
    ready.collect()
}

pub(crate) fn order(account: &str, symbol: &str, change: i64) -> ApprovedOrder {
    orders(account, &[(symbol, change)]).remove(0)
}

/// A connection with short waits.
pub(crate) fn config(account: &str, port: u16) -> IbConfig {
    let short = Duration::from_secs(2);
    IbConfig::paper(account_id(account))
        .unwrap()
        .port(port)
        .client_id(1)
        .clock(std::sync::Arc::new(decile_core::ManualClock::new(now())))
        .connect_timeout(Duration::from_secs(10))
        .request_timeout(short)
        .acknowledge_timeout(Duration::from_secs(1))
        .quote_timeout(short)
        .ping_timeout(Duration::from_millis(500))
        .messages_per_second(None)
}

pub(crate) async fn connect(account: &str, port: u16) -> IbBroker {
    IbBroker::connect(config(account, port)).await.unwrap()
}
