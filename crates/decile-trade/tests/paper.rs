//! The paper broker: what it fills, refuses, remembers and applies.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;

use chrono::{NaiveDate, TimeDelta};
use decile_core::{ActionKind, CorporateAction, ManualClock, Money, Price, Quote, Shares, Symbol};
use decile_trade::{
    AccountKind, ApprovedOrder, Attempts, Broker, BrokerEvent, Circumstances, Error, Journal,
    JournalRecord, MemoryJournal, OrderState, OrderStyle, PaperBroker, PaperConfig, PlanRules,
    Released, Remainder, RiskInputs, SubmitError, Trouble,
};
use futures::{FutureExt, StreamExt};
use market::{approved_orders, clock, money, quote, quotes, session, symbol, targets};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

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

/// An approved order of a kind, for KO at 50.
fn buy_by(order: OrderStyle) -> ApprovedOrder {
    let (account, quotes) = (market::account("10000"), quotes(&[("KO", "50")]));
    let rules = PlanRules { order, ..PlanRules::default() };
    let plan = market::plan_toward(&targets(&["KO"]), (&account, &[]), &quotes, &rules);
    let inputs = RiskInputs {
        account: &account,
        positions: &[],
        quotes: &quotes,
        now: market::now(),
        known: &Circumstances::default(),
    };
    let approved = market::wide_limits().approve(plan, &inputs).unwrap();
    let attempts = Attempts::replay(&MemoryJournal::default()).unwrap();
    match approved.into_orders(&attempts).unwrap().remove(0) {
        Released::Ready(order) => order,
        Released::Withheld(withheld) => panic!("{}", withheld.reason),
    }
}

#[tokio::test]
async fn a_limit_that_the_market_is_beyond_rests() {
    for (ask, expected) in [("50", OrderState::Filled), ("50.01", OrderState::Working)] {
        let broker = broker("10000");
        let order = buy_by(OrderStyle::MarketableLimit);
        assert_eq!(order.order().kind.limit(), Some("50".parse().unwrap()));
        broker.set_quotes([Quote { ask: ask.parse().ok(), ..quote("KO", "50") }]);
        broker.submit(&order).await.unwrap();
        let found = broker.find(order.id()).await.unwrap().unwrap();
        assert_eq!(found.state, expected);
        assert_eq!(found.filled.is_zero(), expected == OrderState::Working);
        let open = broker.open_orders().await.unwrap();
        assert_eq!(open.len(), usize::from(expected == OrderState::Working));
    }
}

#[tokio::test]
async fn there_is_no_auction_on_paper() {
    for style in [OrderStyle::MarketOnClose, OrderStyle::LimitOnClose] {
        let refused = broker("10000").submit(&buy_by(style)).await.unwrap_err();
        assert_eq!(refusal(refused), "a paper account has no closing auction");
    }
    let adaptive = buy_by(OrderStyle::Adaptive);
    let broker = broker("10000");
    broker.submit(&adaptive).await.unwrap();
    let found = broker.find(adaptive.id()).await.unwrap().unwrap();
    assert_eq!(found.state, OrderState::Filled);
}

#[tokio::test]
async fn buys_fill_at_the_ask_and_sells_at_the_bid() {
    let broker = broker("10000");
    let spread = |bid: &str, ask: &str| Quote {
        bid: bid.parse().ok(),
        ask: ask.parse().ok(),
        ..quote("KO", "50")
    };
    broker.set_quotes([spread("49.90", "50.10")]);
    broker.submit(&buy()).await.unwrap();
    // 189 x 50.10 = 9,468.90 and 1.00; an average cost of 9,469.90 / 189.
    let account = broker.account().await.unwrap();
    assert_eq!(account.cash, money("530.10"));
    assert_eq!(account.equity, money("9980.10")); // 189 at the last trade of 50
    let position = broker.positions().await.unwrap().remove(0);
    assert_eq!(position.average_cost, money("50.105291"));
    broker.submit(&sell(&broker).await).await.unwrap();
    // 189 x 49.90 = 9,431.10 less 1.00.
    assert_eq!(broker.account().await.unwrap().cash, money("9960.20"));
    assert!(broker.positions().await.unwrap().is_empty());
    assert_eq!(broker.executions(market::now()).await.unwrap().len(), 2);
    assert_eq!(broker.completed_orders().await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_a_broker_refuses_is_refused_and_changes_nothing() {
    let poor = broker("9450.99");
    let reason = "9451.00 needed with commission and 9450.99 in cash";
    assert_eq!(refusal(poor.submit(&buy()).await.unwrap_err()), reason);
    assert_eq!(poor.account().await.unwrap().cash, money("9450.99"));
    assert!(poor.find(buy().id()).await.unwrap().is_none());

    let rich = broker("20000");
    rich.set_quotes([]);
    assert_eq!(refusal(rich.submit(&buy()).await.unwrap_err()), "KO has no quote");
    rich.set_quotes([Quote { ask: None, ..quote("KO", "50") }]);
    assert_eq!(refusal(rich.submit(&buy()).await.unwrap_err()), "KO has no ask");
    rich.set_quotes([quote("KO", "50")]);
    rich.submit(&buy()).await.unwrap();
    let reason = "the id q-core:DU1234567:20251201:KO:B:1 was used before";
    assert_eq!(refusal(rich.submit(&buy()).await.unwrap_err()), reason);
    assert_eq!(rich.account().await.unwrap().cash, money("10549")); // bought once

    // A sale of what another account holds.
    let empty = broker("1");
    let sale = sell(&rich).await;
    assert_eq!(refusal(empty.submit(&sale).await.unwrap_err()), "189 KO to sell and 0 held");
}

#[tokio::test]
async fn shares_that_an_open_order_may_sell_are_not_sold_again() {
    let broker = broker("10000");
    broker.submit(&buy()).await.unwrap();
    let first = sell(&broker).await;
    let trouble = Trouble::PartialFill { quantity: Shares::new(9), then: Remainder::Works };
    broker.trouble_at(0, trouble);
    broker.submit(&first).await.unwrap();
    // A journal that wrongly says that the first sale never left.
    let (id, order, at) = (first.id().clone(), first.order().clone(), market::now());
    let intent = JournalRecord::Intent { id: id.clone(), order, arrival: None, at };
    let journal = MemoryJournal::default();
    let reason = "lost".to_owned();
    journal.append(&[intent, JournalRecord::NotSent { id, reason, at }]).unwrap();
    let second = sell_after(&broker, &journal).await;
    assert_eq!((second.id().attempt(), second.order().quantity), (2, Shares::new(180)));
    assert_eq!(refusal(broker.submit(&second).await.unwrap_err()), "180 KO to sell and 0 held");
}

#[tokio::test]
async fn open_orders_can_be_cancelled_and_expire() {
    let broker = broker("10000");
    let trouble = Trouble::PartialFill { quantity: Shares::new(9), then: Remainder::Works };
    broker.trouble_at(0, trouble);
    let order = buy();
    assert!(matches!(broker.cancel(order.id()).await, Err(Error::UnknownOrder { .. })));
    broker.submit(&order).await.unwrap();
    assert_eq!(broker.open_orders().await.unwrap()[0].filled, Shares::new(9));
    let tomorrow = session().succ_opt().unwrap();
    broker.roll_to(tomorrow, &[], &BTreeMap::new()).unwrap();
    let ended = broker.find(order.id()).await.unwrap().unwrap();
    assert_eq!(ended.state, OrderState::Cancelled);
    assert_eq!(ended.reason.as_deref(), Some("expired at the end of its session"));
    broker.cancel(order.id()).await.unwrap(); // final already
}

#[tokio::test]
async fn a_reader_that_is_behind_is_told_of_the_gap() {
    let config = PaperConfig { event_capacity: 2, ..config("10000") };
    let broker = PaperBroker::new(config, clock());
    broker.set_quotes([quote("KO", "50")]);
    let mut events = broker.events();
    broker.submit(&buy()).await.unwrap(); // submitted, execution, filled: one too many
    let heard: Vec<_> = std::iter::from_fn(|| events.next().now_or_never().flatten()).collect();
    assert_eq!(heard[0], BrokerEvent::Gap);
    assert!(
        matches!(&heard[1], BrokerEvent::Execution(execution) if execution.quantity.get() == 189)
    );
    assert!(matches!(&heard[2], BrokerEvent::Order(order) if order.state == OrderState::Filled));
    assert_eq!(heard.len(), 3);
}

#[tokio::test]
async fn the_book_survives_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    let order = buy();
    let before = {
        let broker = PaperBroker::open(&path, config("10000"), clock()).unwrap();
        broker.set_quotes([quote("KO", "50")]);
        broker.trouble_at(0, Trouble::DropAfterSend);
        assert!(matches!(broker.submit(&order).await, Err(SubmitError::InDoubt { .. })));
        broker.account().await.unwrap()
    };
    // Other cash in the settings changes nothing.
    let broker = PaperBroker::open(&path, config("77"), clock()).unwrap();
    broker.set_quotes([quote("KO", "50")]);
    assert_eq!(broker.account().await.unwrap(), before);
    assert_eq!(broker.find(order.id()).await.unwrap().unwrap().state, OrderState::Filled);
    assert!(fs::read_to_string(&path).unwrap().contains(r#""cash": "549.00""#));
    assert_eq!(names(folder.path()), ["account.json", "account.json.lock"]); // nothing half-written
}

/// The files of a folder, by name.
fn names(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn one_broker_at_a_time_has_a_book_and_a_preview_only_looks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    PaperBroker::preview(&path, config("10000"), clock()).unwrap();
    assert!(names(folder.path()).is_empty());
    let first = PaperBroker::open(&path, config("10000"), clock()).unwrap();
    let error = PaperBroker::open(&path, config("10000"), clock()).unwrap_err();
    assert!(matches!(&error, Error::StateInUse { path: named } if *named == path));
    assert!(error.is_retryable());
    PaperBroker::preview(&path, config("10000"), clock()).unwrap();
    drop(first);
    // The lock that is left behind is nobody's.
    drop(PaperBroker::open(&path, config("10000"), clock()).unwrap());
    fs::remove_file(folder.path().join("account.json.lock")).unwrap();
    PaperBroker::open(&path, config("10000"), clock()).unwrap();
}

#[test]
fn a_book_that_did_not_change_is_not_written_and_one_that_cannot_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    // What another program calls its own is not touched.
    let foreign = folder.path().join("account.json.new");
    fs::write(&foreign, "mine").unwrap();
    let broker = PaperBroker::open(&path, config("10000"), clock()).unwrap();
    fs::remove_file(&path).unwrap();
    broker.roll_to(session(), &[], &BTreeMap::new()).unwrap();
    assert!(!path.exists());
    // A folder in its place cannot be replaced.
    fs::create_dir(&path).unwrap();
    let error = broker.roll_to(day("2025-12-02"), &[], &BTreeMap::new()).unwrap_err();
    assert!(matches!(error, Error::File { operation: "write the paper account", .. }));
    assert_eq!(broker.session(), session());
    let left = ["account.json", "account.json.lock", "account.json.new"];
    assert_eq!(names(folder.path()), left);
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "mine");
}

#[tokio::test]
async fn a_book_that_is_not_ours_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    drop(PaperBroker::open(&path, config("10000"), clock()).unwrap());
    let other = PaperConfig { account: "DU7654321".parse().unwrap(), ..config("10000") };
    let error = PaperBroker::open(&path, other, clock()).unwrap_err();
    assert!(matches!(&error, Error::StateAccount { path: named, .. } if *named == path));
    let text = fs::read_to_string(&path).unwrap();
    for broken in [text[..text.len() / 2].to_owned(), text.replace("10000", "ten"), String::new()] {
        fs::write(&path, &broken).unwrap();
        let error = PaperBroker::open(&path, config("10000"), clock()).unwrap_err();
        assert!(matches!(&error, Error::StateCorrupt { path: named, .. } if *named == path));
        assert_eq!(fs::read_to_string(&path).unwrap(), broken);
    }
    fs::write(&path, text.replace(r#""version": 1"#, r#""version": 9"#)).unwrap();
    let error = PaperBroker::open(&path, config("10000"), clock()).unwrap_err();
    assert!(matches!(error, Error::FormatVersion { version: 9, .. }));
}

#[tokio::test]
async fn an_order_whose_book_cannot_be_written_is_in_doubt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    let broker = PaperBroker::open(&path, config("10000"), clock()).unwrap();
    broker.set_quotes([quote("KO", "50")]);
    folder.close().unwrap();
    assert!(matches!(broker.submit(&buy()).await, Err(SubmitError::InDoubt { .. })));
    assert_eq!(broker.account().await.unwrap().cash, money("10000"));
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn action(ex_date: &str, kind: ActionKind, value: f64) -> CorporateAction {
    CorporateAction { symbol: symbol("KO"), ex_date: day(ex_date), kind, value }
}

/// Carries 189 KO, bought for 9,450 and 1.00, over these actions.
async fn rolled(
    actions: &[CorporateAction],
    close: Option<&str>,
) -> Result<(i64, Money, Money), Error> {
    let broker = broker("10000");
    broker.submit(&buy()).await.unwrap();
    let close = close.map(|text| -> (Symbol, Price) { (symbol("KO"), text.parse().unwrap()) });
    let closes: BTreeMap<_, _> = close.into_iter().collect();
    broker.roll_to(day("2025-12-10"), actions, &closes)?;
    assert_eq!(broker.session(), day("2025-12-10"));
    assert_eq!(broker.roll_to(day("2025-12-10"), actions, &closes)?, []); // not twice
    let held = broker.positions().await?.remove(0);
    let account = broker.account().await?;
    Ok((held.quantity.get(), held.average_cost, account.cash))
}

#[tokio::test]
async fn splits_come_before_dividends_of_their_day() {
    use ActionKind::{Dividend, Spinoff, Split};
    let actions = [
        action("2025-12-01", Dividend, 100.0), // not after the session of the account
        action("2025-12-03", Dividend, 0.25),  // on 378 shares
        action("2025-12-03", Split, 2.0),
        action("2025-12-05", Spinoff, 1.5), // on 378 shares
        action("2025-12-11", Split, 7.0),   // not yet
    ];
    // 549 + 94.50 + 567; 9,451 / 378 per share.
    let expected = (378, money("25.002646"), money("1210.50"));
    assert_eq!(rolled(&actions, None).await.unwrap(), expected);
}

#[tokio::test]
async fn fractions_of_a_share_are_paid_in_cash() {
    use ActionKind::Split;
    // 189 x 1.5 = 283.5, and half a share at 33.40.
    let three_for_two = [action("2025-12-03", Split, 1.5)];
    let (shares, _, cash) = rolled(&three_for_two, Some("33.40")).await.unwrap();
    assert_eq!((shares, cash), (283, money("565.70")));
    // Without a price at the average cost, 9,451 / 189 / 1.5 = 33.336861: 16.67.
    let (shares, cost, cash) = rolled(&three_for_two, None).await.unwrap();
    assert_eq!((shares, cost, cash), (283, money("33.336861"), money("565.67")));
    // One for three, as it is written in binary: 63, not 62 and a fraction.
    let (shares, cost, cash) =
        rolled(&[action("2025-12-03", Split, 1.0 / 3.0)], None).await.unwrap();
    assert_eq!((shares, cost, cash), (63, money("150.015873"), money("549")));
}

#[tokio::test]
async fn what_cannot_be_applied_changes_nothing() {
    let broker = broker("10000");
    broker.submit(&buy()).await.unwrap();
    let actions = [
        action("2025-12-03", ActionKind::Dividend, 1.0),
        action("2025-12-04", ActionKind::Split, 0.0),
    ];
    let error = broker.roll_to(day("2025-12-10"), &actions, &BTreeMap::new()).unwrap_err();
    assert_eq!(error.to_string(), "the split of KO on 2025-12-04 has the value 0: correct it");
    assert_eq!(broker.session(), session());
    assert_eq!(broker.account().await.unwrap().cash, money("549"));
    let error = broker.roll_to(day("2025-11-28"), &[], &BTreeMap::new()).unwrap_err();
    assert!(matches!(error, Error::SessionPassed { .. }));
}

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
