//! The limits that look beyond the plan: at the session, the journal, others and the stocks.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;

use decile_core::{ActionKind, CorporateAction, Money, Shares};
use decile_trade::{
    Account, CheckName, Circumstances, ClientOrderId, Executor, ExecutorConfig, History, Journal,
    JournalRecord, MemoryJournal, OrderSnapshot, OrderState, OrderStatus, PaperBroker, PaperConfig,
    PlanRules, PlannedOrder, Position, RiskInputs, RiskLimits, Side, StockFacts, StopSignal,
};
use market::{account, clock, money, now, plan, position, quote, quotes, session, symbol, targets};
use std::sync::Arc;

/// A plan to hold KO and PEP, and what it is checked against.
struct Case {
    account: Account,
    positions: Vec<Position>,
    known: Circumstances,
    limits: RiskLimits,
    prices: [(&'static str, &'static str); 2],
}

impl Case {
    fn new() -> Self {
        Self {
            account: account("10000"),
            positions: Vec::new(),
            known: Circumstances::default(),
            limits: RiskLimits::default(),
            prices: [("KO", "50"), ("PEP", "150")],
        }
    }

    fn live() -> Self {
        let mut case = Self::new();
        case.account.id = "U1234567".parse().unwrap();
        let facts = StockFacts {
            average_daily_volume: Some(Shares::new(1_000_000)),
            market_cap: Some(money("1000000000")),
            ..StockFacts::default()
        };
        case.known.stocks =
            case.prices.map(|(name, _)| (symbol(name), facts.clone())).into_iter().collect();
        case
    }

    fn facts(&mut self, name: &str) -> &mut StockFacts {
        self.known.stocks.entry(symbol(name)).or_default()
    }

    fn records(mut self, records: Vec<JournalRecord>) -> Self {
        self.known.history = History::of(records).unwrap();
        self
    }

    /// What denies the plan.
    fn broken(&self, wanted: &[&str]) -> Vec<(CheckName, String)> {
        let quotes = quotes(&self.prices);
        let held = (&self.account, &self.positions[..]);
        let plan = market::plan_toward(&targets(wanted), held, &quotes, &PlanRules::default());
        let inputs = RiskInputs {
            account: &self.account,
            positions: &self.positions,
            quotes: &quotes,
            now: now(),
            known: &self.known,
        };
        match self.limits.approve(plan, &inputs) {
            Ok(_) => Vec::new(),
            Err(denied) => {
                denied.broken().map(|check| (check.name, check.reason.clone())).collect()
            }
        }
    }
}

const BOTH: [&str; 2] = ["KO", "PEP"];

fn one(name: CheckName, reason: &str) -> Vec<(CheckName, String)> {
    vec![(name, reason.to_owned())]
}

fn id(name: &str) -> ClientOrderId {
    format!("q-core:DU1234567:20251201:{name}:B:1").parse().unwrap()
}

fn order(name: &str, count: i64) -> PlannedOrder {
    let first = plan("10000", &[("KO", "50")]).orders()[0].clone();
    let notional = Money::new((count * 50).into());
    PlannedOrder { symbol: symbol(name), quantity: Shares::new(count), notional, ..first }
}

/// An order of an earlier run of the session, of which nothing more is known.
fn sent(name: &str, count: i64) -> JournalRecord {
    JournalRecord::Intent { id: id(name), order: order(name, count), arrival: None, at: now() }
}

fn filled(name: &str, count: i64) -> [JournalRecord; 2] {
    let snapshot = OrderSnapshot {
        filled: Shares::new(count),
        average_price: Some("50".parse().unwrap()),
        ..OrderSnapshot::unfilled(&id(name), &order(name, count), OrderState::Filled)
    };
    [sent(name, count), JournalRecord::Seen { snapshot, at: now() }]
}

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

#[test]
fn orders_of_others_in_the_same_names_deny() {
    let mut case = Case::new();
    let open = |name: &str| OrderSnapshot {
        id: "typed by hand".to_owned().into(),
        ..OrderSnapshot::unfilled(&id(name), &order(name, 5), OrderState::Working)
    };
    case.known.open_orders = vec![open("IBM")];
    assert!(case.broken(&BOTH).is_empty());
    case.known.open_orders.push(open("KO"));
    let broken = case.broken(&BOTH);
    assert_eq!(broken.len(), 1);
    assert_eq!(broken[0].0, CheckName::OpenOrders);
    assert_eq!(broken[0].1, "buy 5 KO is open, and not of this journal: typed by hand");
    // One of our own is the executor's to look up.
    let ours = vec![OrderSnapshot::unfilled(&id("KO"), &order("KO", 5), OrderState::Working)];
    let mut known = Case::new().records(vec![sent("KO", 5)]);
    known.known.open_orders.clone_from(&ours);
    assert!(known.broken(&BOTH).is_empty());
    // The same name of a run with another journal is not.
    case.known.open_orders = ours;
    let reason = format!("buy 5 KO is open, and not of this journal: {}", id("KO"));
    assert_eq!(case.broken(&BOTH), one(CheckName::OpenOrders, &reason));
}

#[test]
fn a_live_account_holds_what_the_journal_explains() {
    let mut case = Case::live();
    assert!(case.broken(&BOTH).is_empty());
    case.positions = vec![position("KO", 90)];
    let reason = "90 KO are held, and the journal explains 0";
    assert_eq!(case.broken(&BOTH), one(CheckName::OwnPositions, reason));
    // Of a paper account it is only told.
    case.account.id = "DU1234567".parse().unwrap();
    assert!(case.broken(&BOTH).is_empty());
    case.account.id = "U1234567".parse().unwrap();
    // Filled by us, or adopted by a person, they are ours.
    let mut filled = Case::live().records(filled("KO", 90).into());
    filled.positions = vec![position("KO", 90)];
    assert!(filled.broken(&BOTH).is_empty());
    filled.positions = vec![position("KO", 80)];
    let reason = "80 KO are held, and the journal explains 90";
    assert_eq!(filled.broken(&BOTH), one(CheckName::OwnPositions, reason));
    let positions = [(symbol("KO"), Shares::new(90))].into();
    let reason = "bought by hand".to_owned();
    let adopted = JournalRecord::Adopted { positions, reason, at: now() };
    let mut adopted = Case::live().records(vec![adopted]);
    adopted.positions = vec![position("KO", 90)];
    assert!(adopted.broken(&BOTH).is_empty());
}

/// What a run of a day has bought or sold, all of it filled.
fn traded(day: &str, side: Side, count: i64) -> [JournalRecord; 2] {
    let code = if side == Side::Buy { "B" } else { "S" };
    let id: ClientOrderId = format!("q-core:U1234567:{day}:KO:{code}:1").parse().unwrap();
    let order = PlannedOrder { side, ..order("KO", count) };
    let filled = OrderSnapshot {
        filled: Shares::new(count),
        average_price: Some("50".parse().unwrap()),
        ..OrderSnapshot::unfilled(&id, &order, OrderState::Filled)
    };
    let intent = JournalRecord::Intent { id, order, arrival: None, at: now() };
    [intent, JournalRecord::Seen { snapshot: filled, at: now() }]
}

#[test]
fn a_split_between_two_runs_is_in_what_the_journal_explains() {
    let split = |day: &str, value| CorporateAction {
        symbol: symbol("KO"),
        ex_date: day.parse().unwrap(),
        kind: ActionKind::Split,
        value,
    };
    let buy = traded("20251120", Side::Buy, 10);
    // 10 bought before a 4-for-1 split are 40, of which 5 are sold on its day, in new shares.
    let sell = traded("20251125", Side::Sell, 5);
    let mut case = Case::live().records([buy.clone(), sell].concat());
    case.facts("KO").actions = vec![split("2025-11-25", 4.0)];
    case.positions = vec![position("KO", 35)];
    assert!(case.broken(&BOTH).is_empty());
    // Without the split it is not explained.
    case.facts("KO").actions.clear();
    let reason = "35 KO are held, and the journal explains 5";
    assert_eq!(case.broken(&BOTH), one(CheckName::OwnPositions, reason));
    // One of another stock, one before the fill and one after the session change nothing.
    let other = CorporateAction { symbol: symbol("PEP"), ..split("2025-11-25", 4.0) };
    let actions = [split("2025-11-20", 7.0), other, split("2025-12-02", 7.0)];
    let history = History::of(buy.to_vec()).unwrap();
    let owned = |actions: &[CorporateAction]| {
        let owned = history.owned_with(actions, session()).unwrap();
        owned.get(&symbol("KO")).map(|quantity| quantity.get())
    };
    assert_eq!(owned(&actions), Some(10));
    // 3-for-2 and 1-for-4: 15, and then 3, as three quarters of a share are paid out.
    assert_eq!(owned(&[split("2025-11-25", 1.5), split("2025-11-28", 0.25)]), Some(3));
    assert_eq!(owned(&[split("2025-11-28", 0.05)]), None);
    assert!(history.owned_with(&[split("2025-11-28", -1.0)], session()).is_err());

    // What was adopted behind the split is in new shares already.
    let adopted = JournalRecord::Adopted {
        positions: [(symbol("KO"), Shares::new(40))].into(),
        reason: "counted".to_owned(),
        at: "2025-11-25T15:00:00Z".parse().unwrap(),
    };
    let history = History::of([buy.to_vec(), vec![adopted]].concat()).unwrap();
    let owned = history.owned_with(&[split("2025-11-25", 4.0)], session()).unwrap();
    assert_eq!(owned[&symbol("KO")], Shares::new(40));
}

#[test]
fn cheap_thin_and_small_stocks_are_not_bought() {
    let mut case = Case::live();
    case.prices[0].1 = "4.99";
    assert_eq!(case.broken(&["KO"]), one(CheckName::PriceMin, "KO is 4.99 of at least 5"));
    let mut case = Case::live();
    case.facts("KO").average_daily_volume = Some(Shares::new(25_000));
    assert!(case.broken(&["PEP"]).is_empty());
    // 95 of 25,000 are within 1 %; 250 x 50 dollars a day are too few.
    case.facts("KO").average_daily_volume = Some(Shares::new(9_500));
    let broken = case.broken(&BOTH);
    assert_eq!(broken, one(CheckName::DayValueMin, "KO has 475000 of at least 1000000"));
    case.limits.day_value_min = Money::ZERO;
    assert!(case.broken(&BOTH).is_empty());
    case.facts("KO").average_daily_volume = Some(Shares::new(9_499));
    let reason = "95 KO of 9499 a day, at most 1.00 %";
    assert_eq!(case.broken(&BOTH), one(CheckName::AdvFractionMax, reason));
    let mut case = Case::live();
    case.facts("KO").market_cap = Some(money("299999999"));
    let reason = "KO has 299999999 of at least 300000000";
    assert_eq!(case.broken(&BOTH), one(CheckName::MarketCapMin, reason));
}

#[test]
fn what_is_not_known_of_a_stock_denies_live_and_is_told_on_paper() {
    let mut case = Case::live();
    case.known.stocks.clear();
    let names: Vec<_> = case.broken(&["KO"]).into_iter().map(|(name, _)| name).collect();
    let expected = [CheckName::AdvFractionMax, CheckName::DayValueMin, CheckName::MarketCapMin];
    assert_eq!(names, expected);
    case.account.id = "DU1234567".parse().unwrap();
    assert!(case.broken(&["KO"]).is_empty());
}

#[test]
fn splits_halts_and_reports_are_seen() {
    let mut case = Case::live();
    let action = |kind, day: &str| CorporateAction {
        symbol: symbol("KO"),
        ex_date: day.parse().unwrap(),
        kind,
        value: 4.0,
    };
    // The data end on 30 November: what was before is in them, and a dividend changes no share.
    case.facts("KO").actions = vec![
        action(ActionKind::Split, "2025-11-30"),
        action(ActionKind::Dividend, "2025-12-01"),
        action(ActionKind::Split, "2025-12-02"),
    ];
    assert!(case.broken(&BOTH).is_empty());
    case.facts("KO").actions.push(action(ActionKind::Split, "2025-12-01"));
    let reason = "KO has a split on 2025-12-01";
    assert_eq!(case.broken(&BOTH), one(CheckName::CorporateAction, reason));
    let mut case = Case::live();
    case.facts("KO").is_tradable = Some(false);
    assert_eq!(case.broken(&BOTH), one(CheckName::Tradable, "KO is halted"));
    // A report is a warning.
    let mut case = Case::live();
    case.facts("KO").earnings = Some("2025-12-02".parse().unwrap());
    assert!(case.broken(&BOTH).is_empty());
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
