//! What a market refuses, each fault with its table, row and symbol; and what it answers.

use chrono::NaiveDate;
use decile_core::{
    ActionKind, Bar, BenchmarkClose, Calendar, CorporateAction, Currency, Error, EstimateSnapshot,
    Filing, FxRate, Market, Membership, Security, Symbol, Table, Tables,
};

fn day(d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, d).expect("a date")
}

fn coke() -> Symbol {
    "KO".parse().expect("a symbol")
}

fn pound() -> Currency {
    "GBP".parse().expect("a currency")
}

/// One stock, two bars; sessions from the 2nd to the 5th and from the 8th to the 10th.
fn tables() -> Tables {
    Tables {
        securities: vec![Security::us(coke(), "Coca-Cola", "Consumer Staples")],
        prices: [2, 4].map(|d| (coke(), Bar::close_only(day(d), 60.0))).to_vec(),
        ..Tables::default()
    }
}

fn calendar() -> Calendar {
    Calendar::from_sessions((2..=5).chain(8..=10).map(day).collect()).expect("sessions")
}

fn market(tables: Tables) -> Result<Market, Error> {
    Market::new(calendar(), tables)
}

/// Changes the tables and returns what is wrong with them then.
fn fault(change: impl FnOnce(&mut Tables)) -> Error {
    let mut tables = tables();
    change(&mut tables);
    market(tables).expect_err("a fault")
}

fn action(d: u32, kind: ActionKind, value: f64) -> CorporateAction {
    CorporateAction { symbol: coke(), ex_date: day(d), kind, value }
}

fn rate(d: u32, usd_per_unit: f64) -> FxRate {
    FxRate { date: day(d), currency: pound(), usd_per_unit }
}

#[test]
fn a_row_twice_is_named() {
    let (table, date) = (Table::Prices, day(4));
    let twice = fault(|tables| tables.prices.push((coke(), Bar::close_only(date, 61.0))));
    assert_eq!(twice, Error::DuplicateRow { table, row: 3, key: "KO".into(), date });
    assert_eq!(
        twice.to_string(),
        "prices row 3: KO on 2024-01-04 stands there twice; keep one of the two rows"
    );
    let twice = fault(|tables| tables.securities.push(Security::us(coke(), "Again", "Again")));
    assert_eq!(twice, Error::DuplicateSecurity { row: 2, symbol: coke() });
    let twice = fault(|tables| tables.actions = vec![action(4, ActionKind::Dividend, 0.5); 2]);
    assert_eq!(twice, Error::DuplicateAction { row: 2, symbol: coke(), date });
    let twice = fault(|tables| tables.fx = vec![rate(4, 1.2); 2]);
    assert_eq!(twice, Error::DuplicateRow { table: Table::Fx, row: 2, key: "GBP".into(), date });
    let snapshot = EstimateSnapshot::new(coke(), date, day(31));
    let twice = fault(|tables| tables.estimates = vec![snapshot; 2]);
    assert!(matches!(twice, Error::DuplicateRow { table: Table::Estimates, row: 2, .. }));
    let level = BenchmarkClose { date, close: 4700.0 };
    let twice = fault(|tables| tables.benchmark = vec![level; 2]);
    assert!(matches!(twice, Error::DuplicateRow { table: Table::Benchmark, row: 2, .. }));
}

#[test]
fn rows_out_of_order_are_named() {
    let late = fault(|tables| tables.prices.swap(0, 1));
    let (date, previous) = (day(2), day(4));
    let expected =
        Error::UnorderedRow { table: Table::Prices, row: 2, key: "KO".into(), date, previous };
    assert_eq!(late, expected);
    let late = fault(|tables| {
        tables.actions = [5, 3].map(|d| action(d, ActionKind::Dividend, 0.5)).to_vec();
    });
    assert!(matches!(late, Error::UnorderedRow { table: Table::Actions, row: 2, .. }));
    let late = fault(|tables| tables.fx = vec![rate(5, 1.2), rate(4, 1.2)]);
    assert!(matches!(late, Error::UnorderedRow { table: Table::Fx, row: 2, .. }));
}

#[test]
fn numbers_that_cannot_be_are_named() {
    let column = |error: Error| match error {
        Error::InvalidValue { column, row, .. } => (column, row),
        other => panic!("{other}"),
    };
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(column(fault(|tables| tables.prices[1].1.close = bad)), ("close", 2));
        assert_eq!(column(fault(|tables| tables.prices[1].1.low = Some(bad))), ("low", 2));
        let split = action(4, ActionKind::Split, bad);
        assert_eq!(column(fault(|tables| tables.actions = vec![split])), ("value", 1));
        assert_eq!(column(fault(|tables| tables.fx = vec![rate(4, bad)])), ("usd_per_unit", 1));
        assert_eq!(column(fault(|tables| tables.securities[0].adr_ratio = bad)), ("adr_ratio", 1));
    }
    let dividend = action(4, ActionKind::Dividend, -0.1);
    assert_eq!(column(fault(|tables| tables.actions = vec![dividend])), ("value", 1));
    assert_eq!(column(fault(|tables| tables.prices[0].1.volume = Some(-1.0))), ("volume", 1));
    assert_eq!(column(fault(|tables| tables.securities[0].issuer = "".into())), ("issuer", 1));
    assert_eq!(column(fault(|tables| tables.securities[0].sector = "".into())), ("sector", 1));
    let mut snapshot = EstimateSnapshot::new(coke(), day(4), day(31));
    snapshot.fy2_std = Some(f64::NAN);
    assert_eq!(column(fault(|tables| tables.estimates = vec![snapshot])), ("fy2_std", 1));
    let text = fault(|tables| tables.prices[1].1.close = -3.0).to_string();
    assert_eq!(text, "prices row 2: KO has close -3; it must be a finite number above 0");
}

#[test]
fn filings_that_cannot_be_are_named() {
    let filing = |form: &str| Filing::new(coke(), day(2), form.parse().expect("a form"));
    let mut early = filing("10-Q");
    early.filed = Some(day(1));
    let error = fault(|tables| tables.filings = vec![early]);
    assert!(error.to_string().contains("filed 2024-01-01; it must be empty, or a day not before"));
    let error = fault(|tables| tables.filings = vec![filing("20-F")]);
    assert!(error.to_string().contains("only 10-Q and 10-K have a rule"), "{error}");
    let mut infinite = filing("10-K");
    infinite.net_income = Some(f64::NEG_INFINITY);
    let error = fault(|tables| tables.filings = vec![infinite]);
    assert!(matches!(error, Error::InvalidValue { column: "net_income", .. }), "{error}");
}

#[test]
fn strangers_and_holidays_are_named() {
    let pepsi: Symbol = "PEP".parse().expect("a symbol");
    let stranger = fault(|tables| tables.prices[1].0 = pepsi.clone());
    assert_eq!(stranger, Error::UnknownSymbol { table: Table::Prices, row: 2, symbol: pepsi });
    let holiday = fault(|tables| tables.prices[1].1.date = day(6));
    let (table, key, date) = (Table::Prices, "KO".to_owned(), day(6));
    assert_eq!(holiday, Error::NotASession { table, row: 2, key, date });
    let holiday = fault(|tables| tables.actions = vec![action(7, ActionKind::Split, 2.0)]);
    assert!(matches!(holiday, Error::NotASession { table: Table::Actions, row: 1, .. }));
    // Outside of the span nobody can say what is a session.
    let mut outside = tables();
    outside.actions = [1, 20].map(|d| action(d, ActionKind::Split, 2.0)).to_vec();
    assert_eq!(market(outside).expect("valid").stocks()[0].actions().len(), 2);
}

#[test]
fn a_market_of_nothing_is_refused() {
    let empty = |table| Error::EmptyTable { table };
    assert_eq!(fault(|tables| tables.prices.clear()), empty(Table::Prices));
    assert_eq!(market(Tables::default()), Err(empty(Table::Securities)));
}

#[test]
fn membership_ends_before_it_begins() {
    let span = Membership { symbol: coke(), from: day(4), to: Some(day(3)) };
    let error = fault(|tables| tables.membership = Some(vec![span]));
    assert!(matches!(error, Error::InvalidValue { column: "to", .. }), "{error}");
}

#[test]
fn restatements_may_stand_anywhere() {
    let filing = |d: u32| Filing::new(coke(), day(d), "10-Q".parse().expect("a form"));
    let mut tables = tables();
    tables.filings = vec![filing(9), filing(3), filing(3)];
    let market = market(tables).expect("valid");
    let ends: Vec<_> = market.stocks()[0].filings().iter().map(|f| f.period_end).collect();
    assert_eq!(ends, [day(9), day(3), day(3)]);
}

#[test]
fn currencies_are_exchanged_at_the_newest_rates() {
    let yen: Currency = "JPY".parse().expect("a currency");
    let mut tables = tables();
    tables.fx = vec![rate(3, 1.2), rate(8, 1.25)];
    tables.fx.push(FxRate { date: day(4), currency: yen, usd_per_unit: 0.008 });
    let market = market(tables).expect("valid");
    let at = |d| market.exchange(pound(), Currency::USD, day(d));
    assert_eq!((at(2), at(3), at(7), at(10)), (None, Some(1.2), Some(1.2), Some(1.25)));
    assert_eq!(market.exchange(pound(), yen, day(8)), Some(1.25 / 0.008));
    assert_eq!(market.exchange(yen, yen, day(2)), Some(1.0), "it needs no rate");
    assert_eq!(market.exchange(pound(), yen, day(3)), None);
}

#[test]
fn a_price_is_at_most_five_sessions_old() {
    let market = market(tables()).expect("valid");
    let stock = &market.stocks()[0];
    // The 2nd, 4th; then the 5th, 8th, 9th and 10th are 1 to 4 sessions later.
    assert_eq!(stock.price_at(market.calendar(), day(10)), Some(60.0));
    let calendar = Calendar::nyse();
    assert_eq!(stock.price_at(calendar, day(11)), Some(60.0));
    assert_eq!(stock.price_at(calendar, day(12)), None);
    assert_eq!(stock.close_at(day(12)), Some((day(4), 60.0)));
}

#[test]
fn an_earlier_market_knows_what_was_known() {
    let mut all = tables();
    all.actions = vec![action(4, ActionKind::Split, 2.0), action(8, ActionKind::Split, 3.0)];
    // Filed after the close of the 3rd and of the 4th: known on the 4th and on the 5th.
    let filed = |d| {
        let mut filing = Filing::new(coke(), day(2), "10-Q".parse().expect("a form"));
        filing.filed = Some(day(d));
        filing
    };
    all.filings = [3, 4].map(filed).to_vec();
    all.estimates = [3, 4].map(|d| EstimateSnapshot::new(coke(), day(d), day(31))).to_vec();
    all.fx = vec![rate(4, 1.2), rate(5, 1.3)];
    all.benchmark = [4, 5].map(|d| BenchmarkClose { date: day(d), close: 100.0 }).to_vec();
    let span = |from, to| Membership { symbol: coke(), from: day(from), to: Some(day(to)) };
    all.membership = Some(vec![span(2, 3), span(4, 9), span(10, 10)]);
    let whole = market(all).expect("valid");
    assert_eq!(market(whole.tables()).as_ref(), Ok(&whole));

    let earlier = whole.known_at(day(4)).expect("a market");
    assert_eq!(earlier.calendar().sessions(), [2, 3, 4].map(day));
    let stock = &earlier.stocks()[0];
    assert_eq!(stock.bars().len(), 2);
    assert_eq!(stock.actions(), [action(4, ActionKind::Split, 2.0)]);
    assert_eq!(stock.filings().iter().map(|f| f.filed).collect::<Vec<_>>(), [Some(day(3))]);
    assert_eq!(stock.estimates().iter().map(|e| e.as_of).collect::<Vec<_>>(), [day(3)]);
    assert_eq!((earlier.fx_rates().count(), earlier.benchmark().len()), (1, 1));
    // Nobody knew on the 4th that the span of that day would end.
    let open = Membership { to: None, ..span(4, 9) };
    assert_eq!(stock.membership(), Some([span(2, 3), open].as_slice()));
    assert_eq!(whole.known_at(day(1)), Err(Error::CalendarEmpty));
}
