//! Trading through the embedded gateway, from quotes to the account afterwards.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/orders.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod orders;

use decile_core::source::{BarSource, Basis, QuoteSource, SourceError};
use decile_core::{DateRange, ManualClock, Money, Price, Quote, Shares, Symbol, Targets};
use decile_gateway::{Gateway, GatewayConfig, MarketRules, Venue};
use decile_ib::{IbBroker, MarketData};
use decile_trade::{
    Account, ApprovedOrder, Broker, BrokerEvent, Circumstances, Error, Execution, ExecutionReport,
    Executor, ExecutorConfig, MemoryJournal, OrderSnapshot, OrderState, OrderStatus, PaperBroker,
    PaperConfig, Plan, PlanInputs, PlanRules, RiskInputs, RiskLimits, StopSignal, SubmitError,
};
use futures::StreamExt;
use orders::{account_id, config, now, order};
use std::collections::BTreeMap;
use std::sync::Arc;

const ACCOUNT: &str = "DU1234567";

const PRICES: [(&str, &str); 10] = [
    ("AAPL", "185.13"),
    ("MSFT", "420.07"),
    ("NVDA", "120.9"),
    ("AMZN", "180.55"),
    ("GOOGL", "165.31"),
    ("META", "500.01"),
    ("JPM", "200.2"),
    ("V", "270.77"),
    ("BRK.B", "440.4"),
    ("KO", "60.11"),
];

fn gateway(cash: &str) -> Gateway {
    let clock = Arc::new(ManualClock::new(now()));
    gateway_of(cash, clock, MarketRules::default())
}

fn gateway_of(cash: &str, clock: Arc<ManualClock>, rules: MarketRules) -> Gateway {
    let prices = PRICES.map(|(text, price)| (text.parse().unwrap(), price.parse().unwrap()));
    let config = GatewayConfig::new(Venue::prices(prices))
        .account(ACCOUNT)
        .cash(cash.parse().unwrap())
        .clock(clock)
        .rules(rules);
    Gateway::start(config).unwrap()
}

async fn broker(gateway: &Gateway) -> IbBroker {
    IbBroker::connect(config(ACCOUNT, gateway.port())).await.unwrap()
}

fn symbols() -> Vec<Symbol> {
    PRICES.iter().map(|(text, _)| text.parse().unwrap()).collect()
}

async fn quotes(ib: &IbBroker) -> BTreeMap<Symbol, Quote> {
    let quotes = ib.quotes(&symbols()).await.unwrap();
    quotes.into_iter().map(|quote| (quote.symbol.clone(), quote)).collect()
}

/// Trades toward equal weights, by the account and the quotes that the broker itself shows.
async fn trade(
    broker: Arc<dyn Broker>,
    quotes: &BTreeMap<Symbol, Quote>,
    symbols: &[Symbol],
) -> ExecutionReport {
    let clock = Arc::new(ManualClock::new(now()));
    let (account, positions) = (broker.account().await.unwrap(), broker.positions().await.unwrap());
    let session = now().date_naive();
    let targets = Targets::equal_weight(session.pred_opt().unwrap(), symbols).unwrap();
    let inputs = PlanInputs {
        strategy: &"q-core".parse().unwrap(),
        session,
        targets: &targets,
        account: &account,
        positions: &positions,
        quotes,
        average_daily_volume: None,
    };
    let plan = Plan::toward(&inputs, &PlanRules::default()).unwrap();
    let inputs = RiskInputs {
        account: &account,
        positions: &positions,
        quotes,
        now: now(),
        known: &Circumstances::default(),
    };
    let approved = RiskLimits::default().approve(plan, &inputs).unwrap();
    let journal = Arc::new(MemoryJournal::default());
    let executor = Executor::new(broker, journal, clock, ExecutorConfig::default());
    assert!(executor.resolve().await.unwrap().is_clear());
    executor.execute(approved, &StopSignal::new()).await.unwrap()
}

#[tokio::test]
async fn ten_orders_fill_and_the_account_is_right_to_the_cent() {
    let gateway = gateway("100000");
    let ib = broker(&gateway).await;
    let quotes = quotes(&ib).await;
    assert_eq!(quotes.len(), 10);
    let before = ib.account().await.unwrap();
    assert_eq!((before.cash, before.equity), ("100000".parse().unwrap(), before.cash));

    let report = trade(Arc::new(ib.clone()), &quotes, &symbols()).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.count(OrderStatus::Filled), 10);

    let (mut paid, mut fees, mut held) = (Money::ZERO, Money::ZERO, Money::ZERO);
    for order in &report.orders {
        // Buys at the ask.
        assert_eq!(order.average_price, quotes[&order.symbol].ask, "{order:?}");
        paid += order.average_price.unwrap().notional(order.filled).unwrap();
        fees += order.commission.unwrap();
        let reference = quotes[&order.symbol].reference().unwrap();
        held += reference.notional(order.filled).unwrap();
    }
    assert!(fees >= "10".parse().unwrap(), "{fees}");
    let after = ib.account().await.unwrap();
    assert_eq!(after.cash, before.cash - paid - fees);
    assert_eq!(after.equity.to_cents(), (after.cash + held).to_cents());

    let positions = ib.positions().await.unwrap();
    let of = |symbol: &Symbol| positions.iter().find(|held| held.symbol == *symbol).unwrap();
    for order in &report.orders {
        assert_eq!(of(&order.symbol).quantity, order.filled);
    }
    // The executions tell the same once more.
    let executions = ib.executions(now() - chrono::TimeDelta::days(1)).await.unwrap();
    let told = executions.iter().map(|done| done.commission.unwrap()).sum::<Money>();
    assert_eq!((executions.len(), told), (10, fees));
    let completed = ib.completed_orders().await.unwrap();
    assert_eq!(completed.iter().filter(|order| order.state == OrderState::Filled).count(), 10);
}

#[tokio::test]
async fn a_new_connection_knows_the_orders_of_the_last_one() {
    let gateway = gateway("100000");
    let ib = broker(&gateway).await;
    let order = order(ACCOUNT, "KO", 100);
    ib.submit(&order).await.unwrap();
    drop(ib);
    let config = config(ACCOUNT, gateway.port()).client_id(2);
    let other = IbBroker::connect(config).await.unwrap();
    let found = other.find(order.id()).await.unwrap().unwrap();
    assert_eq!((found.state, found.filled.get()), (OrderState::Filled, 100));
    assert!(found.average_price.is_some() && found.commission.is_some(), "{found:?}");
}

/// What a broker says after keeping its promises.
#[derive(Debug, PartialEq)]
struct Kept {
    orders: Vec<OrderSnapshot>,
    executions: Vec<Execution>,
    account: Account,
    held: Vec<(Symbol, Shares)>,
}

/// Holds a broker to the promises that both kinds can keep.
async fn promises(broker: &dyn Broker, buys: &[ApprovedOrder], sale: &ApprovedOrder) -> Kept {
    let mut events = broker.events();
    let mut orders = Vec::new();
    for order in buys {
        assert_eq!(broker.submit(order).await.unwrap().id, *order.id());
        // What is told of an order is told until it is final and paid for.
        while let Some(event) = events.next().await {
            if let BrokerEvent::Order(told) = event
                && told.id == *order.id()
                && told.state.is_final()
                && told.commission.is_some()
            {
                break;
            }
        }
        orders.push(broker.find(order.id()).await.unwrap().unwrap());
        // A cancel that comes too late is no error.
        broker.cancel(order.id()).await.unwrap();
    }
    let refused = broker.submit(sale).await;
    assert!(matches!(refused, Err(SubmitError::Rejected { .. })), "{refused:?}");
    assert_eq!(broker.open_orders().await.unwrap(), []);

    let unknown = order(ACCOUNT, "PEP", 1).id().clone();
    assert_eq!(broker.find(&unknown).await.unwrap(), None);
    let cancel = broker.cancel(&unknown).await;
    assert!(matches!(cancel, Err(Error::UnknownOrder { id }) if id == unknown));
    broker.ping().await.unwrap();

    let mut executions = broker.executions(now() - chrono::TimeDelta::hours(1)).await.unwrap();
    for execution in &mut executions {
        assert!(!std::mem::take(&mut execution.execution_id).is_empty());
    }
    let mut account = broker.account().await.unwrap();
    account.equity = account.equity.to_cents();
    let positions = broker.positions().await.unwrap();
    let held = positions.into_iter().map(|held| (held.symbol, held.quantity)).collect();
    Kept { orders, executions, account, held }
}

#[tokio::test]
async fn the_gateway_and_the_paper_account_keep_the_same_promises() {
    let gateway = gateway("100000");
    let ib = broker(&gateway).await;
    let paper =
        PaperConfig::new(account_id(ACCOUNT), "100000".parse().unwrap(), now().date_naive());
    let paper = PaperBroker::new(paper, Arc::new(ManualClock::new(now())));
    paper.set_quotes(quotes(&ib).await.into_values());
    let buys = orders::orders(ACCOUNT, &[("AAPL", 100), ("BRK.B", 7)]);
    let sale = order(ACCOUNT, "KO", -10);
    assert_eq!(promises(&ib, &buys, &sale).await, promises(&paper, &buys, &sale).await);
}

#[tokio::test]
async fn what_the_cash_does_not_pay_for_is_refused() {
    let gateway = gateway("1000");
    let ib = broker(&gateway).await;
    let error = ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap_err();
    assert!(matches!(error, SubmitError::Rejected { .. }), "{error:?}");
    let found = ib.find(error.id()).await.unwrap().unwrap();
    assert_eq!((found.state, found.commission), (OrderState::Rejected, Some(Money::ZERO)));
    assert_eq!(ib.account().await.unwrap().cash, "1000".parse().unwrap());
    assert_eq!(ib.positions().await.unwrap(), []);
}

#[tokio::test]
async fn a_cash_account_tells_what_has_settled() {
    let clock = Arc::new(ManualClock::new(now()));
    let rules = MarketRules { next_day_settlement: true, ..MarketRules::default() };
    let gateway = gateway_of("100000", clock.clone(), rules);
    let ib = broker(&gateway).await;
    ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap();
    let before = ib.account().await.unwrap();
    assert_eq!(before.settled_cash, Some(before.cash));
    ib.submit(&order(ACCOUNT, "KO", -100)).await.unwrap();
    let after = ib.account().await.unwrap();
    assert!(after.cash > before.cash);
    assert_eq!(after.settled_cash, before.settled_cash);
    clock.advance(chrono::TimeDelta::days(1));
    gateway.pass_time();
    let next = ib.account().await.unwrap();
    assert_eq!((next.cash, next.settled_cash), (after.cash, Some(after.cash)));
}

#[tokio::test]
async fn a_holding_is_sold_and_gone() {
    let gateway = gateway("100000");
    let ib = broker(&gateway).await;
    ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap();
    ib.submit(&order(ACCOUNT, "KO", -100)).await.unwrap();
    assert_eq!(ib.positions().await.unwrap(), []);
}

#[tokio::test]
async fn quotes_with_and_without_a_subscription() {
    let gateway = gateway("100000");
    let ib = broker(&gateway).await;
    let wanted: [Symbol; 3] = ["KO", "ZZZZNOSUCH", "BRK.B"].map(|text| text.parse().unwrap());
    let quotes = ib.quotes(&wanted).await.unwrap();
    let names: Vec<_> = quotes.iter().map(|quote| quote.symbol.as_str()).collect();
    assert_eq!(names, ["KO", "BRK.B"]);
    assert_eq!(quotes[0].last, Some("60.11".parse::<Price>().unwrap()));
    assert_eq!(quotes[0].time, now());

    let venue = Venue::prices([(wanted[0].clone(), "60.11".parse().unwrap())]);
    let config = GatewayConfig::new(venue).account(ACCOUNT).live_data(false);
    let unsubscribed = Gateway::start(config).unwrap();
    let ib = broker(&unsubscribed).await;
    let refused = ib.quotes(&wanted[..1]).await.unwrap_err();
    assert!(matches!(refused, SourceError::Denied { .. }), "{refused:?}");
    let config = orders::config(ACCOUNT, unsubscribed.port()).client_id(2);
    let ib = IbBroker::connect(config.market_data(MarketData::Delayed)).await.unwrap();
    assert_eq!(ib.quotes(&wanted[..1]).await.unwrap()[0].last, quotes[0].last);
}

#[tokio::test]
async fn daily_bars_of_a_span() {
    let clock = Arc::new(ManualClock::new(now()));
    let config = GatewayConfig::new(Venue::large_us(1)).account(ACCOUNT).clock(clock);
    let gateway = Gateway::start(config).unwrap();
    let ib = broker(&gateway).await;
    let range =
        |from: &str, to: &str| DateRange::new(from.parse().unwrap(), to.parse().unwrap()).unwrap();
    let symbol = "AAPL".parse().unwrap();
    let fetched = ib.bars(&symbol, range("2025-11-17", "2025-11-21")).await.unwrap();
    let dates: Vec<_> = fetched.rows.iter().map(|bar| bar.date.to_string()).collect();
    let week = ["2025-11-17", "2025-11-18", "2025-11-19", "2025-11-20", "2025-11-21"];
    assert_eq!(dates, week);
    assert_eq!(fetched.basis, Basis::SplitAdjusted);
    assert_eq!(fetched.currency, Some(decile_core::Currency::USD));
    let weekend = ib.bars(&symbol, range("2025-11-22", "2025-11-23")).await;
    assert!(matches!(weekend, Err(SourceError::NoDataInRange { .. })), "{weekend:?}");
    let unknown = ib.bars(&"ZZZZNOSUCH".parse().unwrap(), range("2025-11-17", "2025-11-21")).await;
    assert!(matches!(unknown, Err(SourceError::NotFound { .. })), "{unknown:?}");
}

#[tokio::test]
async fn an_order_that_the_account_has_seen_is_not_sent_again_by_another_program() {
    let gateway = gateway("100000");
    let first = broker(&gateway).await;
    first.submit(&orders::order(ACCOUNT, "KO", 10)).await.unwrap();
    let config = config(ACCOUNT, gateway.port()).client_id(2);
    let second = IbBroker::connect(config).await.unwrap();
    let error = second.submit(&orders::order(ACCOUNT, "KO", 10)).await.unwrap_err();
    assert!(matches!(error, SubmitError::InDoubt { .. }), "{error:?}");
    let held = second.positions().await.unwrap();
    assert_eq!(held[0].quantity, Shares::new(10));
}
