//! Our own factors keep every rule, and the suite finds those that don't.

#[path = "support/market.rs"]
mod market;

use decile_core::Market;
use decile_data::SyntheticMarket;
use decile_factor::conformance::{Rule, Suite};
use decile_factor::{
    Bounded, Error, Factor, FactorRegistry, Field, Grouping, Item, Scan, Window, factor_fn, library,
};
use market::market;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

#[test]
fn every_factor_of_the_library_keeps_every_rule() {
    let market = market();
    let suite = Suite::new(&market).expect("a fit market");
    for factor in library::all() {
        suite.check(&factor).unwrap_or_else(|error| panic!("{error}"));
    }
}

fn small() -> Market {
    SyntheticMarket::default().years(2).generate().expect("the defaults are valid")
}

#[test]
fn a_factor_with_bounds_keeps_the_rules_that_it_keeps_without() {
    let market = small();
    let suite = Suite::new(&market).expect("fit");
    for (name, bounds) in [("bm", 0.1..0.6), ("vol_63", -0.3..-0.1)] {
        let factor = FactorRegistry::library().get(name).expect("library");
        suite.check(&(Arc::new(Bounded::new(factor, bounds)) as Arc<dyn Factor>)).expect("kept");
    }
}

/// The rule that the factor is found to break.
fn broken(suite: &Suite<'_>, factor: &Arc<dyn Factor>) -> Rule {
    match suite.check(factor) {
        Err(Error::RuleBroken { rule, factor: name, .. }) => {
            assert_eq!(name, factor.name());
            rule
        }
        other => panic!("{}: {other:?}", factor.name()),
    }
}

fn close_factor(name: &str, compute: fn(&Window<'_>, &mut [f64])) -> Arc<dyn Factor> {
    factor_fn(name, &[Field::Close], 5, compute)
}

#[test]
fn data_that_know_the_future_are_found() {
    let market = small();
    let last_close = |market: &Market| {
        let closes: Vec<f64> = market
            .stocks()
            .iter()
            .map(|stock| stock.bars().last().map_or(f64::NAN, |bar| bar.close))
            .collect();
        closes.repeat(market.calendar().sessions().len())
    };
    let suite = Suite::new(&market).expect("fit").with_custom("last_close", last_close);
    let target = factor_fn("target", &[Field::custom("last_close")], 0, |window, out| {
        out.copy_from_slice(window.today(Field::custom("last_close")));
    });
    assert_eq!(broken(&suite, &target), Rule::Past);
    let error = suite.check(&target).unwrap_err().to_string();
    assert!(error.contains("factor target breaks the rule that the future"), "{error}");
    assert!(error.contains("custom(last_close) of QZ"), "{error}");
}

#[test]
fn reading_other_stocks_must_be_said() {
    let market = small();
    let suite = Suite::new(&market).expect("fit");
    let sector = close_factor("from_sector", |window, out| {
        out.copy_from_slice(window.today(Field::Close));
        let groups = window.group(Grouping::Sector);
        decile_factor::cross_section::demean_by_group(out, groups, 1).expect("a group each");
    });
    assert_eq!(broken(&suite, &sector), Rule::Stocks);
    suite.clone().reads_other_stocks().check(&sector).expect("said so");

    let place = close_factor("place", |window, out| {
        for (place, value) in out.iter_mut().enumerate() {
            *value = place as f64 + 0.0 * window.today(Field::Close)[place];
        }
    });
    assert_eq!(broken(&suite.reads_other_stocks(), &place), Rule::Order);
}

#[test]
fn a_lookback_too_short_is_found() {
    let market = small();
    let suite = Suite::new(&market).expect("fit");
    let greedy = close_factor("greedy", |window, out| {
        let (now, then) = (window.today(Field::Close), window.ago(Field::Close, 10));
        for ((value, now), then) in out.iter_mut().zip(now).zip(then) {
            *value = if then.is_nan() { *now } else { now / then };
        }
    });
    assert_eq!(broken(&suite, &greedy), Rule::Lookback);
}

/// The mean of the last three closes, with a scan that forgets nothing.
#[derive(Debug)]
struct Hoarder;

struct Sum(Vec<f64>);

impl Scan for Sum {
    fn step(&mut self, window: &Window<'_>, out: &mut [f64]) {
        for (column, close) in window.today(Field::Close).iter().enumerate() {
            self.0[column] += if close.is_nan() { 0.0 } else { *close };
            out[column] = self.0[column] / 3.0;
        }
    }
}

impl Factor for Hoarder {
    fn name(&self) -> &str {
        "hoarder"
    }
    fn inputs(&self) -> &[Field] {
        &[Field::Close]
    }
    fn lookback(&self) -> usize {
        2
    }
    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        for (column, value) in out.iter_mut().enumerate() {
            let sum: f64 = (0..3).map(|ago| window.ago(Field::Close, ago)[column]).sum();
            *value = sum / 3.0;
        }
    }
    fn scan(&self, width: usize) -> Option<Box<dyn Scan>> {
        Some(Box::new(Sum(vec![0.0; width])))
    }
}

/// A scan that is right but for one thing: it starts from 1.
#[derive(Debug)]
struct Offset;

struct Today;

impl Scan for Today {
    fn step(&mut self, window: &Window<'_>, out: &mut [f64]) {
        for (value, close) in out.iter_mut().zip(window.today(Field::Close)) {
            *value = close + 1.0;
        }
    }
}

impl Factor for Offset {
    fn name(&self) -> &str {
        "offset"
    }
    fn inputs(&self) -> &[Field] {
        &[Field::Close]
    }
    fn lookback(&self) -> usize {
        0
    }
    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        out.copy_from_slice(window.today(Field::Close));
    }
    fn scan(&self, _: usize) -> Option<Box<dyn Scan>> {
        Some(Box::new(Today))
    }
}

#[test]
fn scans_that_remember_or_differ_are_found() {
    let market = small();
    let suite = Suite::new(&market).expect("fit");
    assert_eq!(broken(&suite, &(Arc::new(Hoarder) as Arc<dyn Factor>)), Rule::Lookback);
    assert_eq!(broken(&suite, &(Arc::new(Offset) as Arc<dyn Factor>)), Rule::Scan);
}

#[test]
fn state_between_sessions_is_found() {
    let market = small();
    let suite = Suite::new(&market).expect("fit");
    let calls = AtomicU32::new(0);
    let counter = factor_fn("counter", &[Field::Close], 0, move |_, out| {
        out.fill(f64::from(calls.fetch_add(1, Ordering::Relaxed)));
    });
    assert_eq!(broken(&suite, &counter), Rule::Past);
}

#[test]
fn a_division_by_zero_is_found_before_the_data_have_one() {
    let market = small();
    let suite = Suite::new(&market).expect("fit");
    let pe = factor_fn("pe", &[Field::Ttm(Item::NetIncome)], 0, |window, out| {
        for (value, income) in out.iter_mut().zip(window.today(Field::Ttm(Item::NetIncome))) {
            *value = -1.0 / income;
        }
    });
    assert_eq!(broken(&suite, &pe), Rule::Missing);
    assert!(suite.check(&pe).unwrap_err().to_string().contains("with ttm(net_income) 0"));
}

#[test]
fn a_factor_of_a_factor_is_checked_with_its_source() {
    let market = small();
    let yields = FactorRegistry::library().get("ey_ttm").expect("library");
    let change = factor_fn("ey_change", &[Field::derived("ey_ttm")], 21, |window, out| {
        let field = || Field::derived("ey_ttm");
        let rows = window.today(field()).iter().zip(window.ago(field(), 21));
        for (value, (now, then)) in out.iter_mut().zip(rows) {
            *value = now - then;
        }
    });
    let suite = Suite::new(&market).expect("fit");
    assert!(matches!(suite.check(&change), Err(Error::UnknownFactor { .. })));
    suite.with_sources(&[yields]).check(&change).expect("keeps the rules");
}

#[test]
fn a_market_that_shows_nothing_is_refused() {
    let market = small();
    let suite = Suite::new(&market).expect("fit");
    let never = close_factor("never", |_, _| {});
    assert!(matches!(suite.check(&never), Err(Error::UnfitMarket { .. })));
    let early = market.known_at(market.calendar().sessions()[8]).expect("a market");
    let error = Suite::new(&early).expect_err("nine sessions").to_string();
    assert!(error.contains("30 issuers and 9 sessions"), "{error}");
}
