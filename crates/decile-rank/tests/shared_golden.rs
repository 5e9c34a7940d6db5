//! Parity with the golden folder: two independent implementations, to 1e-9.

#[path = "support/table.rs"]
mod table;
#[path = "support/tally.rs"]
mod tally;

use chrono::NaiveDate;
use decile_core::{Market, Symbol};
use decile_data::read_folder;
use decile_factor::{Engine, FactorRegistry, Field, Panel};
use decile_rank::{Model, ResolvedModel, ScorePanel, Scores};
use std::collections::BTreeMap;
use table::{Row, Table, shared};
use tally::{Tally, close_enough};

const FACTORS: [&str; 8] =
    ["mom_12_1", "rev_1m", "ey_ttm", "bm", "roe", "eg_sym", "eaccel", "em_3m"];

fn market() -> Market {
    read_folder(shared("golden/inputs")).expect("the golden inputs are a market folder")
}

fn resolved(name: &str) -> ResolvedModel {
    let model = Model::preset(name).expect("a preset");
    model.resolve(&FactorRegistry::library()).expect("library factors")
}

/// What a row is about.
fn key(row: &Row<'_>) -> String {
    format!("{} {}", row.text("symbol"), row.text("date"))
}

/// The panel of everything that the two q_core models read.
fn panel(market: &Market) -> Panel {
    let mut fields = resolved("q_core").fields();
    fields.extend(resolved("q_core_eaccel").fields());
    Panel::new(market, &fields)
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn filings_are_known_on_the_expected_sessions() {
    let market = market();
    let expected = Table::read("golden/expected/known_dates.csv");
    // Both list the filings of a symbol in file order.
    let mut filings: BTreeMap<Symbol, _> =
        market.stocks().iter().map(|s| (s.symbol().clone(), s.filings().iter())).collect();
    let mut tally = Tally::default();
    for row in expected.rows() {
        let symbol: Symbol = row.text("symbol").parse().expect("a symbol");
        let filing = filings.get_mut(&symbol).expect("listed").next().expect("as many filings");
        assert_eq!(filing.period_end, row.date("period_end"), "{symbol}");
        let known = filing.known_on(market.calendar()).map(|date| date.to_string());
        let cell = || format!("{symbol} {}", filing.period_end);
        tally.equal(&known.unwrap_or_default(), row.text("known"), cell);
    }
    assert!(filings.values().all(|rest| rest.len() == 0), "every filing is expected");
    tally.finish("known_dates", 828);
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn adjusted_closes_are_exact_and_the_forward_index_has_their_returns() {
    let market = market();
    let panel = Panel::new(&market, &[Field::TotalReturn]);
    let expected = Table::read("golden/expected/adj_close.csv");
    let (mut backward, mut forward) = (Tally::default(), Tally::default());
    let mut scales: BTreeMap<Symbol, f64> = BTreeMap::new();
    for row in expected.rows() {
        let (date, symbol) = (row.date("date"), row.text("symbol").parse().expect("a symbol"));
        let stock = market.stock(&symbol).expect("listed");
        let bar = stock.bars().binary_search_by_key(&date, |bar| bar.date).expect("observed");
        let adjusted = decile_factor::adjusted_closes(stock)[bar];
        backward.number(adjusted, row.number("adj_close"), || key(&row));
        // The two series differ by one constant per stock.
        let session = panel.session_index(date).expect("a session");
        let column = panel.symbols().binary_search(&symbol).expect("listed");
        let index = panel.row(&Field::TotalReturn, session).expect("held")[column];
        let scale = *scales.entry(symbol).or_insert(adjusted / index);
        forward.number(index * scale, row.number("adj_close"), || key(&row));
    }
    backward.finish("adj_close", 29_476);
    forward.finish("total_return against adj_close", 29_476);
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn factors_are_exact() {
    let market = market();
    let panel = panel(&market);
    let mut factors = Vec::new();
    for name in FACTORS {
        factors.push(FactorRegistry::library().get(name).expect("library factor"));
    }
    let engine = Engine::new(&panel, &factors).expect("all fields held");
    let values = engine.run(0..panel.sessions().len()).expect("finite factors");
    let expected = Table::read("golden/expected/factors_monthly.csv");
    let mut tally = Tally::default();
    let mut scores: BTreeMap<NaiveDate, decile_rank::Ranking> = BTreeMap::new();
    for row in expected.rows() {
        let date = row.date("date");
        let session = panel.session_index(date).expect("a session");
        let symbol: Symbol = row.text("symbol").parse().expect("a symbol");
        let column = panel.symbols().binary_search(&symbol).expect("listed");
        for name in FACTORS {
            let value = values.row(name, session).expect("computed")[column];
            tally.number(value, row.number(name), || format!("{} {name}", key(&row)));
        }
        let ranking = scores
            .entry(date)
            .or_insert_with(|| resolved("q_core").score(&panel, date).expect("a session").rank());
        let stock = ranking.get(&symbol).expect("listed");
        let missing = f64::NAN;
        tally.number(stock.price.unwrap_or(missing), row.number("price"), || key(&row));
        tally.number(stock.market_cap.unwrap_or(missing), row.number("mcap"), || key(&row));
    }
    tally.finish("factors_monthly (price, mcap, the seven of q_core, eaccel)", 10_000);
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn scores_are_exact() {
    let market = market();
    let panel = panel(&market);
    let (core, fallback) = (resolved("q_core"), resolved("q_core_eaccel"));
    let expected = Table::read("golden/expected/scores_monthly.csv");
    let mut by_date: BTreeMap<NaiveDate, (Scores, Scores)> = BTreeMap::new();
    let mut tally = Tally::default();
    for row in expected.rows() {
        let date = row.date("date");
        let (scores, accelerated) = by_date.entry(date).or_insert_with(|| {
            let score = |model: &ResolvedModel| model.score(&panel, date).expect("a session");
            (score(&core), score(&fallback))
        });
        let column =
            scores.symbols().iter().position(|s| *s == row.text("symbol")).expect("listed");
        check_row(&mut tally, &row, scores, column);
        let z = accelerated.factor_z("eaccel").expect("in the model")[column];
        tally.number(z, row.number("z_eaccel"), || format!("{} z_eaccel", key(&row)));
        let session = panel.session_index(date).expect("a session");
        let inside = if panel.universe(session)[column] { "True" } else { "False" };
        tally.equal(inside, row.text("in_universe"), || format!("{} in_universe", key(&row)));
    }
    tally.finish("scores_monthly (z of q_core and eaccel, groups, ranks)", 1000 * 19);
}

fn check_row(tally: &mut Tally, row: &Row<'_>, scores: &Scores, column: usize) {
    let key = |name: &str| format!("{} {name}", key(row));
    for name in FACTORS.into_iter().filter(|name| *name != "eaccel") {
        let (z, expected) = (scores.factor_z(name), format!("z_{name}"));
        tally.number(z.expect("in the model")[column], row.number(&expected), || key(&expected));
    }
    for group in ["value", "price", "quality", "earnings"] {
        let (score, expected) = (scores.group_scores(group), format!("g_{group}"));
        tally
            .number(score.expect("in the model")[column], row.number(&expected), || key(&expected));
    }
    tally.number(scores.coverage()[column], row.number("coverage"), || key("coverage"));
    tally.number(scores.composite()[column], row.number("composite"), || key("composite"));
    tally.number(scores.q_scores()[column], row.number("q_score"), || key("q_score"));
    let count = scores.ordinals().iter().flatten().count();
    let ordinal = scores.ordinals()[column];
    let text = |number: Option<usize>| number.map_or_else(String::new, |n| n.to_string());
    tally.equal(&text(ordinal), row.text("ordinal"), || key("ordinal"));
    let decile = scores.deciles()[column].map(usize::from);
    tally.equal(&text(decile), row.text("decile"), || key("decile"));
    let top = if ordinal.is_some_and(|ordinal| ordinal + 10 > count) { "1" } else { "0" };
    tally.equal(top, row.text("top10"), || key("top10"));
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn composites_are_exact_on_every_session() {
    let market = market();
    let panel = panel(&market);
    let all = panel.sessions().len();
    let scores: ScorePanel = resolved("q_core").score_all(&panel, 0..all).expect("finite factors");
    let expected = Table::read("golden/expected/composite_daily.csv");
    let mut tally = Tally::default();
    let mut listed = 0;
    for row in expected.rows() {
        let session = panel.session_index(row.date("date")).expect("a session");
        let symbol: Symbol = row.text("symbol").parse().expect("a symbol");
        let column = panel.symbols().binary_search(&symbol).expect("listed");
        assert!(scores.universe(session)[column], "{}", key(&row));
        listed += 1;
        tally.number(scores.composite(session)[column], row.number("composite"), || key(&row));
        tally.number(scores.q_scores(session)[column], row.number("q_score"), || key(&row));
        let decile = scores.deciles(session)[column].map_or_else(String::new, |d| d.to_string());
        tally.equal(&decile, row.text("decile"), || format!("{} decile", key(&row)));
    }
    // The file lists just the names in the universe, so nothing may be in ours beyond it.
    let ours = (252..all).flat_map(|session| scores.universe(session)).filter(|inside| **inside);
    assert_eq!(ours.count(), listed);
    tally.finish("composite_daily", 19_980 * 3);
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn contributions_add_up_to_the_composite() {
    let market = market();
    let panel = panel(&market);
    let model = resolved("q_core");
    let mut checked = 0;
    for date in panel.sessions().iter().skip(252).step_by(20) {
        let ranking = model.score(&panel, *date).expect("a session").rank();
        for stock in ranking.iter() {
            let Some(composite) = stock.composite else { continue };
            let sum: f64 = stock.factors.iter().map(|factor| factor.contribution).sum();
            assert!(close_enough(sum, composite), "{} on {date}: {sum} {composite}", stock.symbol);
            checked += 1;
        }
    }
    assert!(checked > 800, "only {checked} composites were checked");
}
