//! What is not plausible is found, told and kept away from scores.

use chrono::NaiveDate;
use decile_core::Market;
use decile_data::SyntheticMarket;
use decile_factor::{
    Bounded, Engine, Error, FactorRegistry, Field, Finding, Implausible, Item, Panel, Screen,
    VendorFigures, factor_fn,
};

const NAN: f64 = f64::NAN;

fn day(d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, d).expect("a date")
}

/// Two stocks over six sessions.
fn panel(fields: Vec<(Field, Vec<f64>)>) -> Panel {
    let symbols = ["KO", "PEP"].map(|symbol| symbol.parse().expect("a symbol")).to_vec();
    Panel::from_matrices((1..=6).map(day).collect(), symbols, fields).expect("well-formed")
}

fn universe(panel: &Panel, column: usize) -> Vec<bool> {
    (0..panel.sessions().len()).map(|session| panel.universe(session)[column]).collect()
}

#[test]
fn a_jump_keeps_a_stock_out_for_some_sessions() {
    // KO rises by half; PEP by exactly the limit, and falls by half of that over a gap.
    let ko = [1.0, 1.0, 1.5, 1.5, 1.5, 1.5];
    let pep = [1.0, 1.4, 1.4, NAN, 0.7, 0.7];
    let levels = ko.iter().zip(pep).flat_map(|(ko, pep)| [*ko, pep]).collect();
    let screen = Screen { jump_sessions: 2, ..Screen::default() };
    let panel = panel(vec![(Field::TotalReturn, levels)]).screened(&screen).expect("held");
    assert_eq!(universe(&panel, 0), [true, true, false, false, true, true]);
    assert_eq!(universe(&panel, 1), [true, true, true, true, false, false]);
    let told = |session| panel.findings(session).map(ToString::to_string).collect::<Vec<_>>();
    let jump =
        "KO moved by 50.0 % on 2024-01-03 without a split or payout: kept out of the universe";
    assert_eq!((told(1), told(2), told(3)), (vec![], vec![jump.to_owned()], vec![jump.to_owned()]));
    let found = panel.quarantine(1, 5).expect("PEP fell");
    assert!(matches!(found.what, Implausible::Jump { change } if (change + 0.5).abs() < 1e-12));
    assert_eq!((panel.quarantine(0, 5), panel.quarantine(1, 3)), (None, None));
}

#[test]
fn without_the_index_nothing_can_be_screened() {
    let bare = panel(vec![(Field::Close, vec![1.0; 12])]).screened(&Screen::default());
    let missing = |field| Error::MissingField { factor: "screen".to_owned(), field };
    assert_eq!(bare.expect_err("no index"), missing(Field::TotalReturn));
}

/// The synthetic market with a split of one stock that nobody recorded.
fn unrecorded_split(at: usize) -> (Market, NaiveDate) {
    let market = SyntheticMarket::default().years(2).generate().expect("valid settings");
    let date = market.calendar().sessions()[at];
    let mut tables = market.tables();
    let symbol = tables.securities[3].symbol.clone();
    for (_, bar) in tables.prices.iter_mut().filter(|(s, bar)| *s == symbol && bar.date >= date) {
        bar.close /= 2.0;
        (bar.open, bar.high, bar.low) = (None, None, None);
    }
    (Market::new(market.calendar().clone(), tables).expect("a market"), date)
}

#[test]
fn a_split_that_nobody_recorded_is_found_and_appended_sessions_are_screened_too() {
    let (market, date) = unrecorded_split(150);
    let fields = [Field::Close, Field::TotalReturn];
    let screen = Screen::default();
    let whole = Panel::new(&market, &fields).screened(&screen).expect("held");
    let found: Vec<&Finding> = whole.findings(160).collect();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].session, &found[0].symbol), (date, &whole.symbols()[3]));
    let unscreened = Panel::new(&market, &fields);
    for session in 0..whole.sessions().len() {
        let is_out = (150..150 + screen.jump_sessions).contains(&session);
        let expected = unscreened.universe(session)[3] && !is_out;
        assert_eq!(whole.universe(session)[3], expected, "{session}");
    }
    assert!(unscreened.universe(155)[3], "it has a price there");
    // The same, the jump before the panel's end, at it, and in what is appended.
    for end in [140, 149, 150, 155, 165, 175] {
        let earlier = market.known_at(market.calendar().sessions()[end]).expect("a market");
        let mut panel = Panel::new(&earlier, &fields).screened(&screen).expect("held");
        panel.append(&market).expect("the same market, later");
        assert_eq!(panel.universe_matrix(), whole.universe_matrix(), "{end}");
        assert!(panel.findings(160).eq(whole.findings(160)), "{end}");
    }
}

#[test]
fn our_numbers_are_held_against_a_vendors() {
    let cells = |value: f64| vec![value; 12];
    let income = Field::Ttm(Item::NetIncome);
    let fields = || {
        vec![
            (Field::Close, cells(10.0)),
            (Field::ListedShares, cells(100.0)),
            (income.clone(), cells(50.0)),
        ]
    };
    let figures = |symbol: &str, market_cap, net_income| {
        [VendorFigures { symbol: symbol.parse().expect("a symbol"), market_cap, net_income }]
    };
    let compared = |figures: &[VendorFigures]| {
        panel(fields()).compared(day(4), figures, &Screen::default()).expect("a session")
    };
    let row = |panel: &Panel, field: &Field, row| panel.row(field, row).expect("held").to_vec();
    let told = |panel: &Panel| panel.findings(3).map(|f| f.what).collect::<Vec<_>>();

    // 1,000 of ours: near enough, noted, dropped.
    assert_eq!(told(&compared(&figures("KO", Some(1050.0), Some(50.0)))), []);
    let noted = compared(&figures("KO", Some(1100.0), None));
    let what = Implausible::MarketCap { ours: 1000.0, vendor: 1100.0, dropped: false };
    assert_eq!(told(&noted), [what]);
    assert_eq!(row(&noted, &Field::ListedShares, 3), [100.0, 100.0]);
    let dropped = compared(&figures("PEP", Some(500.0), Some(40.0)));
    let caps = Implausible::MarketCap { ours: 1000.0, vendor: 500.0, dropped: true };
    let incomes = Implausible::NetIncome { ours: 50.0, vendor: 40.0 };
    assert_eq!(told(&dropped), [caps, incomes]);
    for field in [&Field::ListedShares, &income] {
        let now = row(&dropped, field, 3);
        assert!(!now[0].is_nan() && now[1].is_nan(), "{field}");
        // Their numbers of today say nothing of another day.
        assert!(row(&dropped, field, 2).iter().all(|value| !value.is_nan()), "{field}");
    }
    assert_eq!(dropped.findings(2).count(), 0);
    // What nobody knows, or nobody asked for.
    assert_eq!(told(&compared(&figures("KO", None, Some(f64::NAN)))), []);
    assert_eq!(told(&compared(&figures("ZZ", Some(1.0), None))), []);
    let elsewhere = panel(fields()).compared(day(9), &[], &Screen::default());
    assert!(matches!(elsewhere, Err(Error::NotASession { .. })));
}

#[test]
fn values_beyond_their_bounds_are_missing() {
    let (close, book) = (Field::Close, Field::Quarter(Item::BookEquity, 0));
    let cells = |ko: f64, pep: f64| [ko, pep].repeat(6);
    let fields = vec![
        (close.clone(), cells(10.0, 10.0)),
        (Field::ListedShares, cells(1.0, 1.0)),
        (Field::Fx, cells(1.0, 1.0)),
        (book, cells(99.0, 100.0)),
    ];
    let panel = panel(fields);
    let value = |registry: FactorRegistry| {
        let engine = Engine::new(&panel, &[registry.get("bm").expect("library")]).expect("held");
        engine.session(5).expect("computed").factor(0).to_vec()
    };
    assert_eq!(value(FactorRegistry::library()), [9.9, 10.0]);
    let ours = value(FactorRegistry::plausible());
    assert!(ours[0] == 9.9 && ours[1].is_nan());
    // An infinite value is still an error.
    let infinite = factor_fn("infinite", &[close], 0, |_, out| out.fill(f64::INFINITY));
    let bounded = std::sync::Arc::new(Bounded::new(infinite, -1.0..1.0));
    let engine = Engine::new(&panel, &[bounded]).expect("held");
    assert!(matches!(engine.session(5), Err(Error::Infinite { .. })));
}
