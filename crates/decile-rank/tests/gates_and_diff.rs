//! When a ranking may be traded on, and what moved it: ten stocks whose every input is set by hand.

use chrono::NaiveDate;
use decile_core::{
    Bar, Calendar, EstimateSnapshot, Filing, Market, ReportTime, Security, Symbol, Tables,
};
use decile_factor::{
    Consensus, Factor, FactorRegistry, Field, Item, KnownFiling, Panel, Source, factor_fn,
};
use decile_rank::{
    Cause, FactorChange, GateName, Gates, Group, InputChange, Model, Ranking, StockChange, Verdict,
};
use proptest::prelude::*;
use std::sync::Arc;

const COUNT: usize = 10;

fn day(m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, m, d).expect("a date")
}

fn symbol(index: usize) -> Symbol {
    format!("S{index:02}").parse().expect("a symbol")
}

/// Sessions from 2 to 20 January, and one in March. Every stock closes at 50, has filed an income of
/// 1 to 10 in November, and estimates of 1 to 10 on 1 January.
fn tables() -> Tables {
    let mut tables = Tables::default();
    for index in 0..COUNT {
        let symbol = symbol(index);
        tables.securities.push(Security::us(symbol.clone(), "An issuer", "A sector"));
        tables.prices.extend(sessions().map(|date| (symbol.clone(), Bar::close_only(date, 50.0))));
        let november = NaiveDate::from_ymd_opt(2023, 11, 10).expect("a date");
        tables.filings.push(filing(index, september(), november, index as f64 + 1.0));
        tables.estimates.push(estimate(index, day(1, 1), index as f64 + 1.0));
    }
    tables
}

fn sessions() -> impl Iterator<Item = NaiveDate> {
    (2..=20).map(|d| day(1, d)).chain([day(3, 1)])
}

fn september() -> NaiveDate {
    NaiveDate::from_ymd_opt(2023, 9, 30).expect("a date")
}

fn filing(index: usize, period_end: NaiveDate, filed: NaiveDate, income: f64) -> Filing {
    let mut filing = Filing::new(symbol(index), period_end, "10-Q".parse().expect("a form"));
    filing.filed = Some(filed);
    filing.report_time = ReportTime::Post;
    filing.net_income = Some(income);
    filing
}

fn estimate(index: usize, as_of: NaiveDate, fy1: f64) -> EstimateSnapshot {
    let mut snapshot = EstimateSnapshot::new(symbol(index), as_of, day(12, 31));
    snapshot.fy1 = Some(fy1);
    snapshot
}

fn close(tables: &mut Tables, index: usize, date: NaiveDate, close: f64) {
    let symbol = symbol(index);
    let row = tables.prices.iter_mut().find(|(of, bar)| *of == symbol && bar.date == date);
    row.expect("a bar").1.close = close;
}

/// Two fields of one stock to a number.
fn of_two(name: &str, fields: [Field; 2], formula: fn(f64, f64) -> f64) -> Arc<dyn Factor> {
    factor_fn(name, &fields.clone(), 1, move |window, out| {
        let [a, b] = fields.clone().map(|field| window.today(field));
        for ((value, a), b) in out.iter_mut().zip(a).zip(b) {
            *value = formula(*a, *b);
        }
    })
}

/// `income` of statements, `hope` of estimates, `yield` of statements and prices, `trend` of prices.
fn model(gates: Gates) -> Model {
    let names = ["income", "hope", "yield", "trend"];
    let groups = names.iter().map(|name| Group::new(name, 1.0, &[(name, 1.0)])).collect();
    Model::new("hand", groups).and_then(|model| model.with_gates(gates)).expect("a valid model")
}

fn ranking_by(model: &Model, tables: &Tables, as_of: NaiveDate) -> Ranking {
    let income = Field::Quarter(Item::NetIncome, 0);
    let mut registry = FactorRegistry::new();
    let hope = Field::Estimate(Consensus::Fy1);
    let trend = factor_fn("trend", &[Field::TotalReturn], 1, |window, out| {
        let [now, then] = [0, 1].map(|ago| window.ago(Field::TotalReturn, ago));
        for ((value, now), then) in out.iter_mut().zip(now).zip(then) {
            *value = now / then - 1.0;
        }
    });
    for factor in [
        of_two("income", [income.clone(), income.clone()], |income, _| income),
        of_two("hope", [hope.clone(), hope], |hope, _| hope),
        of_two("yield", [income, Field::Close], |income, close| income / close),
        trend,
    ] {
        registry.register(factor).expect("four names");
    }
    let market = Market::new(
        Calendar::from_sessions(sessions().collect()).expect("sessions"),
        tables.clone(),
    );
    let market = market.expect("a market");
    let model = model.resolve(&registry).expect("registered");
    let panel = Panel::new(&market, &model.fields());
    model.score(&panel, as_of).expect("a session").rank()
}

fn ranking(tables: &Tables, as_of: NaiveDate) -> Ranking {
    ranking_by(&model(Gates::default()), tables, as_of)
}

fn closed(ranking: &Ranking, previous: Option<&Ranking>) -> Vec<GateName> {
    ranking.check(previous).closed().map(|check| check.name).collect()
}

#[test]
fn a_ranking_of_sound_data_passes() {
    let tables = tables();
    let (before, now) = (ranking(&tables, day(1, 10)), ranking(&tables, day(1, 11)));
    let report = now.check(Some(&before));
    assert_eq!(report.verdict(), Verdict::Trade);
    let reasons: Vec<_> = report.checks().iter().map(|check| check.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "10 of 10 stocks are eligible (100.0 %), 80.0 % are needed",
            "least is known of income of 100.0 % of 10 stocks, 50.0 % are needed",
            "since 2024-01-10 no sign changed, for at most 20.0 % it may",
        ]
    );
}

#[test]
fn three_of_ten_that_turn_to_losses_close_the_gate_and_two_do_not() {
    for (turned, verdict) in [(2, Verdict::Trade), (3, Verdict::ReportOnly)] {
        let mut tables = tables();
        for index in 0..turned {
            tables.filings.push(filing(index, day(1, 5), day(1, 10), -1.0));
        }
        let (before, now) = (ranking(&tables, day(1, 10)), ranking(&tables, day(1, 11)));
        let report = now.check(Some(&before));
        assert_eq!(report.verdict(), verdict, "{turned}");
        if verdict == Verdict::ReportOnly {
            let check = report.closed().next().expect("a closed gate");
            assert_eq!(check.name, GateName::SignChangeMax);
            // Both factors that read the income: the reason names each.
            assert_eq!(
                check.reason,
                "since 2024-01-10 the sign changed of income for 3 of 10 stocks, yield for 3 of 10 \
                 stocks, for at most 20.0 % it may"
            );
            // A day later nothing has changed again.
            assert_eq!(closed(&ranking(&tables, day(1, 12)), Some(&now)), []);
        }
    }
}

#[test]
fn prices_may_turn_as_they_like() {
    let mut tables = tables();
    for index in 0..COUNT {
        close(&mut tables, index, day(1, 10), 51.0);
        close(&mut tables, index, day(1, 11), 49.0);
    }
    let (before, now) = (ranking(&tables, day(1, 10)), ranking(&tables, day(1, 11)));
    let trend = |ranking: &Ranking| ranking.iter().map(|stock| stock.factors[3].value).next();
    assert!(trend(&before) > Some(Some(0.0)) && trend(&now) < Some(Some(0.0)));
    assert_eq!(closed(&now, Some(&before)), []);
}

#[test]
fn without_anything_to_compare_signs_are_not_looked_at_and_the_report_says_so() {
    let tables = tables();
    let now = ranking(&tables, day(1, 11));
    let told = |previous| now.check(previous).checks()[2].reason.clone();
    assert_eq!(told(None), "not looked at: there is no session before");
    let other = model(Gates::default()).with_version(2);
    let other = ranking_by(&other, &tables, day(1, 10));
    assert_eq!(told(Some(&other)), "not looked at: hand made the ranking before, hand this one");
}

#[test]
fn too_few_eligible_and_too_little_known_close_gates() {
    let mut tables = tables();
    // Six of ten have no estimate: 40 % of the universe, and 75 % of the weight of each.
    tables.estimates.retain(|snapshot| snapshot.symbol >= symbol(6));
    let now = ranking(&tables, day(1, 11));
    assert_eq!(closed(&now, None), [GateName::FactorCoverageMin]);
    assert_eq!(
        now.check(None).checks()[1].reason,
        "too little is known of hope of 40.0 % of 10 stocks, 50.0 % are needed"
    );
    // Three of them have no statement either: 25 % of their weight is known, and they fall out.
    tables.filings.retain(|filing| filing.symbol >= symbol(3));
    let gates = Gates { factor_coverage_min: 0.4, ..Gates::default() };
    let now = ranking_by(&model(gates), &tables, day(1, 11));
    assert_eq!(closed(&now, None), [GateName::EligibleMin]);
    assert_eq!(
        now.check(None).checks()[0].reason,
        "7 of 10 stocks are eligible (70.0 %), 80.0 % are needed"
    );
}

#[test]
fn stocks_outside_the_universe_do_not_count() {
    let mut tables = tables();
    // Without a price for a week.
    tables.prices.retain(|(of, bar)| *of != symbol(0) || bar.date < day(1, 4));
    let now = ranking(&tables, day(1, 15));
    assert_eq!(
        now.check(None).checks()[0].reason,
        "9 of 9 stocks are eligible (100.0 %), 80.0 % are needed"
    );
}

fn change(tables: &Tables, index: usize, from: NaiveDate, to: NaiveDate) -> StockChange {
    let diff = ranking(tables, to).diff(&ranking(tables, from));
    assert_eq!((diff.from, diff.to), (from, to));
    diff.iter().find(|stock| stock.symbol == symbol(index)).expect("listed").clone()
}

fn causes(change: &StockChange) -> Vec<&[Cause]> {
    change.factors.iter().map(|factor| &factor.causes[..]).collect()
}

#[test]
fn a_filing_is_named_with_its_period_and_day() {
    let mut tables = tables();
    tables.filings.push(filing(3, day(1, 5), day(1, 10), 40.0));
    let moved = change(&tables, 3, day(1, 10), day(1, 11));
    let (filed, known_on) = (Some(day(1, 10)), day(1, 11));
    let new = KnownFiling { period_end: day(1, 5), filed, known_on };
    assert_eq!(moved.inputs, [InputChange::Filing(new)]);
    assert_eq!(causes(&moved), [&[Cause::Filing][..], &[], &[Cause::Filing], &[]]);
    // Of 1, 2, 3, 5 … 10 and 40 the last is clipped to 26.5, still far ahead in two groups of four.
    assert_eq!((moved.rank_before, moved.rank), (Some(7), Some(1)));
    assert_eq!((moved.factors[0].value_before, moved.factors[0].value), (Some(4.0), Some(40.0)));
    // Another stock knows nothing new: it moved because its peers did.
    let other = change(&tables, 9, day(1, 10), day(1, 11));
    assert_eq!(other.inputs, []);
    assert_eq!(causes(&other), [&[Cause::Peers][..], &[], &[Cause::Peers], &[]]);
    // Next day nothing is new.
    let still = change(&tables, 3, day(1, 11), day(1, 12));
    assert!(still.inputs.is_empty() && still.factors.iter().all(|factor| !factor.is_changed()));
}

#[test]
fn a_restatement_of_an_old_period_is_named_too() {
    let mut tables = tables();
    tables.filings.push(filing(3, day(1, 5), day(1, 8), 40.0));
    tables.filings.push(filing(3, september(), day(1, 10), -40.0));
    let moved = change(&tables, 3, day(1, 10), day(1, 11));
    let (filed, known_on) = (Some(day(1, 10)), day(1, 11));
    let old = KnownFiling { period_end: september(), filed, known_on };
    assert_eq!(moved.inputs, [InputChange::Filing(old)]);
    // The newest period rules, so nothing else comes of it.
    assert!(moved.factors.iter().all(|factor| !factor.is_changed()));
}

#[test]
fn a_price_moves_what_reads_it() {
    let mut tables = tables();
    close(&mut tables, 3, day(1, 11), 25.0);
    let moved = change(&tables, 3, day(1, 10), day(1, 11));
    assert_eq!(moved.inputs, [InputChange::Price { before: Some(50.0), after: Some(25.0) }]);
    assert_eq!(causes(&moved), [&[][..], &[], &[Cause::Price], &[Cause::Price]]);
}

#[test]
fn a_revision_is_named_and_growing_too_old_is_none() {
    let mut tables = tables();
    tables.estimates.insert(4, estimate(3, day(1, 10), 40.0));
    let moved = change(&tables, 3, day(1, 10), day(1, 11));
    let (before, after) = (Some(day(1, 1)), Some(day(1, 10)));
    assert_eq!(moved.inputs, [InputChange::Estimate { before, after }]);
    assert_eq!(causes(&moved), [&[][..], &[Cause::Revision], &[], &[]]);
    // By 1 March the snapshot is 51 days old.
    let aged = change(&tables, 3, day(1, 20), day(3, 1));
    assert_eq!(aged.inputs, [InputChange::Estimate { before: after, after: None }]);
    assert_eq!((aged.factors[1].value, causes(&aged)[1]), (None, &[Cause::Time][..]));
}

#[test]
fn another_model_and_a_new_stock_are_named() {
    let tables = tables();
    let now = ranking(&tables, day(1, 11));
    let smaller = Model::new("smaller", vec![Group::new("income", 1.0, &[("income", 1.0)])]);
    let before = ranking_by(&smaller.expect("a valid model"), &tables, day(1, 10));
    let diff = now.diff(&before);
    let first = diff.iter().next().expect("a stock");
    assert_eq!(causes(first)[..2], [&[Cause::Model][..], &[Cause::Model]]);

    let mut without = tables.clone();
    without.securities.retain(|security| security.symbol != symbol(9));
    without.prices.retain(|(of, _)| *of != symbol(9));
    without.filings.retain(|filing| filing.symbol != symbol(9));
    without.estimates.retain(|snapshot| snapshot.symbol != symbol(9));
    let diff = now.diff(&ranking(&without, day(1, 10)));
    let new = diff.iter().find(|stock| stock.symbol == symbol(9)).expect("listed");
    assert_eq!((new.rank_before, new.rank), (None, Some(1)));
    assert_eq!(new.inputs, [InputChange::Listed]);
    assert_eq!(causes(new)[0], [Cause::Listing]);
    let back = ranking(&without, day(1, 11)).diff(&now);
    let gone = back.iter().last().expect("a stock");
    assert_eq!((gone.symbol.as_str(), gone.rank_before, gone.rank), ("S09", Some(1), None));
    assert_eq!(gone.inputs, [InputChange::Unlisted]);
}

#[test]
fn a_change_prints_as_a_line() {
    let mut tables = tables();
    tables.filings.push(filing(3, day(1, 5), day(1, 10), 40.0));
    close(&mut tables, 3, day(1, 11), 25.0);
    let line = change(&tables, 3, day(1, 10), day(1, 11)).to_string();
    assert!(line.starts_with("S03: rank 7 -> "), "{line}");
    assert!(
        line.contains("; price 50 -> 25, new filing: period to 2024-01-05, filed 2024-01-10; "),
        "{line}"
    );
    assert!(line.contains("(price, filing)"), "{line}");
}

#[test]
fn sources_are_told_of_each_factor() {
    let ranking = ranking(&tables(), day(1, 11));
    let sources: Vec<_> = ranking.factors().iter().map(|factor| &factor.sources[..]).collect();
    let both = [Source::Price, Source::Statement];
    assert_eq!(sources, [&[Source::Statement][..], &[Source::Estimate], &both, &[Source::Price]]);
}

proptest! {
    /// Whatever happens, what the factors changed adds up to what the composite did, and every
    /// change has a cause.
    #[test]
    fn changes_add_up_and_have_causes(
        incomes in prop::collection::vec(prop::option::of(-9.0..9.0_f64), COUNT),
        closes in prop::collection::vec(10.0..90.0_f64, COUNT),
        hopes in prop::collection::vec(prop::option::of(-9.0..9.0_f64), COUNT),
    ) {
        let mut tables = tables();
        let mut estimates = Vec::new();
        for index in 0..COUNT {
            close(&mut tables, index, day(1, 11), closes[index]);
            if let Some(income) = incomes[index] {
                tables.filings.push(filing(index, day(1, 5), day(1, 10), income));
            }
            estimates.push(tables.estimates[index].clone());
            estimates.extend(hopes[index].map(|hope| estimate(index, day(1, 10), hope)));
        }
        tables.estimates = estimates;
        let diff = ranking(&tables, day(1, 11)).diff(&ranking(&tables, day(1, 10)));
        for stock in diff.iter() {
            let sum: f64 = stock.factors.iter().map(FactorChange::change).sum();
            prop_assert_eq!(Some(sum), stock.composite_change());
            for factor in &stock.factors {
                prop_assert_eq!(factor.is_changed(), !factor.causes.is_empty());
            }
        }
    }
}
