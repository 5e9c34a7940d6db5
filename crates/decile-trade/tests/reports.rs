//! What is reported of day trading and of losses that are bought back, and never denied.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;

use chrono::{NaiveDate, NaiveTime};
use decile_core::{ActionKind, CorporateAction, Money, Shares};
use decile_trade::{
    Account, CheckName, Circumstances, ClientOrderId, Execution, History, JournalRecord,
    OrderSnapshot, OrderState, PlanRules, PlannedOrder, Position, RiskInputs, Side, StockFacts,
};
use market::{account, money, now, plan, position, quotes, session, symbol, targets};

/// The trades of earlier sessions and of this one, and the plan that comes after them.
struct Case {
    records: Vec<JournalRecord>,
    actions: Vec<CorporateAction>,
    account: Account,
    positions: Vec<Position>,
    wanted: Vec<&'static str>,
}

impl Case {
    fn new(wanted: &[&'static str], positions: Vec<Position>) -> Self {
        let (records, actions) = (Vec::new(), Vec::new());
        // Enough cash that a holding is reduced or sold, never bought up.
        Self { records, actions, account: account("10000"), positions, wanted: wanted.to_vec() }
    }

    /// Adds an order that has filled in a session at a price, at so many minutes past ten.
    fn filled(mut self, (day, minute): (&str, u32), what: (Side, i64, &str), price: &str) -> Self {
        let id = self.intend(day, what);
        let (side, count, name) = what;
        let time = NaiveTime::from_hms_opt(15, minute, 0).unwrap();
        let execution = Execution {
            execution_id: format!("{id}"),
            id: id.into(),
            symbol: symbol(name),
            side,
            quantity: Shares::new(count),
            price: price.parse().unwrap(),
            commission: Some(money("1")),
            time: date(day).and_time(time).and_utc(),
        };
        self.records.push(JournalRecord::Executed { execution });
        self
    }

    /// Adds an order that has filled, of which only the end is known.
    fn seen(mut self, day: &str, what: (Side, i64, &str), price: Option<&str>) -> Self {
        let id = self.intend(day, what);
        let snapshot = OrderSnapshot {
            filled: Shares::new(what.1),
            average_price: price.map(|price| price.parse().unwrap()),
            ..OrderSnapshot::unfilled(&id, &order(what), OrderState::Filled)
        };
        let at = date(day).and_time(NaiveTime::from_hms_opt(15, 0, 0).unwrap()).and_utc();
        self.records.push(JournalRecord::Seen { snapshot, at });
        self
    }

    fn intend(&mut self, day: &str, what: (Side, i64, &str)) -> ClientOrderId {
        let letter = if what.0 == Side::Buy { "B" } else { "S" };
        let attempt = 1 + self.records.len();
        let day = day.replace('-', "");
        let id: ClientOrderId =
            format!("q-core:DU1234567:{day}:{}:{letter}:{attempt}", what.2).parse().unwrap();
        let order = order(what);
        self.records.push(JournalRecord::Intent {
            id: id.clone(),
            order,
            arrival: None,
            at: now(),
        });
        id
    }

    /// What a check says of the plan, which it must allow.
    fn told(&self, name: CheckName) -> String {
        let quotes = quotes(&[("KO", "50"), ("PEP", "150")]);
        let held = (&self.account, &self.positions[..]);
        let wanted = targets(&self.wanted);
        let plan = market::plan_toward(&wanted, held, &quotes, &PlanRules::default());
        let facts = StockFacts { actions: self.actions.clone(), ..StockFacts::default() };
        let known = Circumstances {
            history: History::of(self.records.clone()).unwrap(),
            stocks: [(symbol("KO"), facts)].into(),
            ..Circumstances::default()
        };
        let inputs = RiskInputs {
            account: &self.account,
            positions: &self.positions,
            quotes: &quotes,
            now: now(),
            known: &known,
        };
        let approved = market::wide_limits().approve(plan, &inputs).unwrap();
        let check = approved.checks().iter().find(|check| check.name == name).unwrap();
        assert!(check.allowed);
        check.reason.clone()
    }
}

fn date(day: &str) -> NaiveDate {
    day.parse().unwrap()
}

fn order((side, count, name): (Side, i64, &str)) -> PlannedOrder {
    let first = plan("10000", &[("KO", "50")]).orders()[0].clone();
    let notional = Money::new((count * 50).into());
    PlannedOrder { symbol: symbol(name), side, quantity: Shares::new(count), notional, ..first }
}

use Side::{Buy, Sell};

const TODAY: &str = "2025-12-01";

#[test]
fn what_is_bought_and_sold_in_one_session_is_counted_over_five() {
    assert_eq!(session(), date(TODAY));
    let none = Case::new(&[], vec![position("KO", 10)]);
    assert_eq!(none.told(CheckName::DayTrades), "none in five sessions");
    // What was held before may be sold and bought back.
    let back = none.filled((TODAY, 0), (Sell, 10, "KO"), "50");
    let back = back.filled((TODAY, 1), (Buy, 10, "KO"), "50");
    let reason = "warning: 1 in five sessions, the plan sells what was bought today: KO";
    assert_eq!(back.told(CheckName::DayTrades), reason);

    // Thursday the 27th is a holiday, so five sessions begin on Monday the 24th.
    let twice = |case: Case, day: &'static str| {
        let case = case.filled((day, 0), (Buy, 5, "PEP"), "150");
        case.filled((day, 1), (Sell, 5, "PEP"), "150")
    };
    let mut case = Case::new(&[], vec![position("KO", 10)]);
    for day in ["2025-11-21", "2025-11-24", "2025-11-25", "2025-11-26"] {
        case = twice(case, day);
    }
    assert_eq!(case.told(CheckName::DayTrades), "3 in five sessions");
    let case = twice(case, TODAY);
    let reason = "warning: 4 in five sessions, bought and sold today: PEP, 4 make a pattern day \
                  trader, who needs an equity of 25000 in a margin account: it is 10000, and it is less";
    assert_eq!(case.told(CheckName::DayTrades), reason);
    let rich = Case { account: account("25000"), ..case };
    assert!(rich.told(CheckName::DayTrades).ends_with("in a margin account: it is 25000"));
}

#[test]
fn parts_of_an_order_are_one_way() {
    // Bought in two orders, sold in two: in and out once.
    let case = Case::new(&[], Vec::new())
        .filled((TODAY, 0), (Buy, 5, "KO"), "50")
        .filled((TODAY, 1), (Buy, 5, "KO"), "50")
        .filled((TODAY, 2), (Sell, 5, "KO"), "50")
        .filled((TODAY, 3), (Sell, 5, "KO"), "50");
    let reason = "warning: 1 in five sessions, bought and sold today: KO";
    assert_eq!(case.told(CheckName::DayTrades), reason);
}

#[test]
fn a_loss_that_is_bought_back_within_thirty_days_is_told() {
    let sold = |day: &'static str, price: &str| {
        let case = Case::new(&["KO"], Vec::new()).filled(("2025-06-02", 0), (Buy, 10, "KO"), "60");
        case.filled((day, 0), (Sell, 10, "KO"), price).told(CheckName::WashSales)
    };
    assert_eq!(sold("2025-11-03", "55"), "warning: KO was sold at a loss on 2025-11-03");
    assert_eq!(sold("2025-11-01", "55"), "warning: KO was sold at a loss on 2025-11-01");
    assert_eq!(sold("2025-10-31", "55"), "none");
    // The commissions of both sides count: 60.10 it cost, and 60.10 it has to bring.
    assert_eq!(sold("2025-11-03", "60.20"), "none");
    assert_eq!(sold("2025-11-03", "60.19"), "warning: KO was sold at a loss on 2025-11-03");
}

#[test]
fn what_was_bought_first_is_sold_first() {
    let case = || {
        Case::new(&["KO"], Vec::new()).filled(("2025-06-02", 0), (Buy, 10, "KO"), "40").filled(
            ("2025-06-03", 0),
            (Buy, 10, "KO"),
            "60",
        )
    };
    let first = case().filled(("2025-11-03", 0), (Sell, 10, "KO"), "50");
    assert_eq!(first.told(CheckName::WashSales), "none");
    let both = first.filled(("2025-11-04", 0), (Sell, 1, "KO"), "50");
    assert_eq!(both.told(CheckName::WashSales), "warning: KO was sold at a loss on 2025-11-04");
    // One of the shares of the second purchase is enough.
    let more = case().filled(("2025-11-03", 0), (Sell, 11, "KO"), "50");
    assert_eq!(more.told(CheckName::WashSales), "warning: KO was sold at a loss on 2025-11-03");
}

#[test]
fn a_sale_at_a_loss_soon_after_a_purchase_is_told() {
    let held = |case: Case| Case { positions: vec![position("KO", 10)], ..case };
    let bought = |day, price: &str| {
        held(Case::new(&[], Vec::new()).filled((day, 0), (Buy, 10, "KO"), price))
    };
    let told = |case: Case| case.told(CheckName::WashSales);
    let reason = "warning: KO is sold at a loss, and was bought on 2025-11-03";
    assert_eq!(told(bought("2025-11-03", "60")), reason);
    assert_eq!(told(bought("2025-11-03", "40")), "none");
    assert_eq!(told(bought("2025-10-31", "60")), "none");
    // A share of then is two of now, of half the cost.
    let split = CorporateAction {
        symbol: symbol("KO"),
        ex_date: date("2025-11-10"),
        kind: ActionKind::Split,
        value: 2.0,
    };
    let halved = held(Case::new(&[], Vec::new()).filled(("2025-11-03", 0), (Buy, 5, "KO"), "60"));
    let halved = Case { actions: vec![split], ..halved };
    assert_eq!(told(halved), "none");
}

#[test]
fn a_cost_that_nobody_knows_is_not_guessed() {
    let told = |case: Case| case.told(CheckName::WashSales);
    let held = || vec![position("KO", 10)];
    let unknown = "none, the cost of 1 names is not known";
    // Held, and not of this journal; more of it than the journal has; filled at no known price.
    assert_eq!(told(Case::new(&[], held())), unknown);
    let less = Case::new(&[], held()).filled(("2025-11-03", 0), (Buy, 5, "KO"), "40");
    assert_eq!(told(less), unknown);
    assert_eq!(told(Case::new(&[], held()).seen("2025-11-03", (Buy, 10, "KO"), None)), unknown);
    // The average price of the fills will do, and a loss is one whatever else is not known.
    let seen = Case::new(&[], held()).seen("2025-11-03", (Buy, 10, "KO"), Some("40"));
    assert_eq!(told(seen), "none");
    let lost = Case::new(&[], held()).filled(("2025-11-03", 0), (Buy, 5, "KO"), "60");
    assert_eq!(told(lost), "warning: KO is sold at a loss, and was bought on 2025-11-03");
    // Sold without a word of how it was bought.
    let sold = Case::new(&["KO"], Vec::new()).filled(("2025-11-03", 0), (Sell, 5, "KO"), "60");
    assert_eq!(told(sold), unknown);
}
