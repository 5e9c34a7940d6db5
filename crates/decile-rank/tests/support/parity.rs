//! Compares decile with a folder of expected numbers, to 1e-9.

#[path = "table.rs"]
pub(crate) mod table;
#[path = "tally.rs"]
pub(crate) mod tally;

use chrono::NaiveDate;
use decile_core::{Market, Symbol};
use decile_data::read_folder;
use decile_factor::{Engine, FactorRegistry, Panel};
use decile_rank::{Missing, Model, Ranking, ResolvedModel, Scores};
use std::collections::BTreeMap;
use std::path::PathBuf;
use table::{Row, Table};
use tally::Tally;

const FACTORS: [&str; 8] =
    ["mom_12_1", "rev_1m", "ey_ttm", "bm", "roe", "eg_sym", "eaccel", "em_3m"];

/// A folder with `inputs`, a market, and `expected`, what must come of it.
///
/// Each method compares one table, fails on the first difference of more than rule 12 of its README
/// allows, and returns how many cells it compared.
pub(crate) struct Golden {
    root: PathBuf,
    market: Market,
    panel: Panel,
}

impl Golden {
    pub(crate) fn read(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let market = read_folder(root.join("inputs")).expect("the inputs are a market folder");
        let models = ["q_core", "q_core_eaccel", "q_snapshot"];
        let fields: Vec<_> = models.iter().flat_map(|name| resolved(name).fields()).collect();
        let panel = Panel::new(&market, &fields);
        Self { root, market, panel }
    }

    fn expected(&self, name: &str) -> Table {
        Table::read(self.root.join("expected").join(name).with_extension("csv"))
    }

    /// The session from which each filing counts.
    pub(crate) fn known_dates(&self) -> usize {
        let expected = self.expected("known_dates");
        // Both list the filings of a symbol in file order.
        let mut filings: BTreeMap<Symbol, _> =
            self.market.stocks().iter().map(|s| (s.symbol().clone(), s.filings().iter())).collect();
        let mut tally = Tally::default();
        for row in expected.rows() {
            let symbol: Symbol = row.text("symbol").parse().expect("a symbol");
            let filing = filings.get_mut(&symbol).expect("listed").next().expect("as many filings");
            assert_eq!(filing.period_end, row.date("period_end"), "{symbol}");
            let known = filing.known_on(self.market.calendar()).map(|date| date.to_string());
            let cell = || format!("{symbol} {}", filing.period_end);
            tally.equal(&known.unwrap_or_default(), row.text("known"), cell);
        }
        assert!(filings.values().all(|rest| rest.len() == 0), "every filing is expected");
        tally.finish("known_dates")
    }

    /// Price, market value and factors at month ends.
    pub(crate) fn factors(&self) -> usize {
        let panel = &self.panel;
        let mut factors = Vec::new();
        for name in FACTORS {
            factors.push(FactorRegistry::library().get(name).expect("library factor"));
        }
        let engine = Engine::new(panel, &factors).expect("all fields held");
        let values = engine.run(0..panel.sessions().len()).expect("finite factors");
        let expected = self.expected("factors_monthly");
        let mut tally = Tally::default();
        let mut scores: BTreeMap<NaiveDate, Ranking> = BTreeMap::new();
        for row in expected.rows() {
            let date = row.date("date");
            let session = panel.session_index(date).expect("a session");
            let symbol: Symbol = row.text("symbol").parse().expect("a symbol");
            let column = panel.symbols().binary_search(&symbol).expect("listed");
            for name in FACTORS {
                let value = values.row(name, session).expect("computed")[column];
                tally.number(value, row.number(name), || format!("{} {name}", key(&row)));
            }
            let ranking = scores.entry(date).or_insert_with(|| {
                resolved("q_core").score(panel, date).expect("a session").rank()
            });
            let stock = ranking.get(&symbol).expect("listed");
            let missing = f64::NAN;
            tally.number(stock.price.unwrap_or(missing), row.number("price"), || key(&row));
            tally.number(stock.market_cap.unwrap_or(missing), row.number("mcap"), || key(&row));
        }
        tally.finish("factors_monthly (price, mcap, the seven of q_core, eaccel)")
    }

    /// Every step from factor to top ten at month ends.
    pub(crate) fn scores(&self) -> usize {
        let panel = &self.panel;
        let (core, fallback) = (resolved("q_core"), resolved("q_core_eaccel"));
        let expected = self.expected("scores_monthly");
        let mut by_date: BTreeMap<NaiveDate, (Scores, Scores)> = BTreeMap::new();
        let mut tally = Tally::default();
        for row in expected.rows() {
            let date = row.date("date");
            let (scores, accelerated) = by_date.entry(date).or_insert_with(|| {
                let score = |model: &ResolvedModel| model.score(panel, date).expect("a session");
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
        tally.finish("scores_monthly (z of q_core and eaccel, groups, ranks)")
    }

    /// Composites and scores of the other models at month ends.
    pub(crate) fn models(&self) -> usize {
        let renormalised = Model::preset("q_core").expect("a preset");
        let renormalised = renormalised.with_missing(Missing::Renormalised);
        let models = [
            ("composite_sector", Some("q_score_sector"), resolved("q_core_sector")),
            ("composite_blend", Some("q_score_blend"), resolved("q_core_blend")),
            ("composite_renorm", None, resolve(&renormalised)),
            ("snap_composite", Some("snap_q_score"), resolved("q_snapshot")),
        ];
        let expected = self.expected("scores_monthly");
        let mut by_date: BTreeMap<NaiveDate, Vec<Scores>> = BTreeMap::new();
        let mut tally = Tally::default();
        for row in expected.rows() {
            let date = row.date("date");
            let scores = by_date.entry(date).or_insert_with(|| {
                let score = |model: &ResolvedModel| model.score(&self.panel, date);
                models.iter().map(|(.., model)| score(model).expect("a session")).collect()
            });
            let symbols = scores[0].symbols();
            let column = symbols.iter().position(|s| *s == row.text("symbol")).expect("listed");
            for ((composite, q_score, _), scores) in models.iter().zip(scores.iter()) {
                let cell = |name: &str| format!("{} {name}", key(&row));
                let ours = scores.composite()[column];
                tally.number(ours, row.number(composite), || cell(composite));
                if let Some(q_score) = q_score {
                    let ours = scores.q_scores()[column];
                    tally.number(ours, row.number(q_score), || cell(q_score));
                }
            }
            check_snapshot(&mut tally, &row, &scores[3], column);
        }
        tally.finish("scores_monthly (sector, blend, renormalised, q_snapshot)")
    }

    /// Composite, Q score and decile on every session.
    pub(crate) fn composites(&self) -> usize {
        let panel = &self.panel;
        let all = panel.sessions().len();
        let scored = |name| resolved(name).score_all(panel, 0..all).expect("finite factors");
        let (scores, snapshot) = (scored("q_core"), scored("q_snapshot"));
        let expected = self.expected("composite_daily");
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
            let ours = snapshot.composite(session)[column];
            tally.number(ours, row.number("snap_composite"), || key(&row));
            let ours = snapshot.q_scores(session)[column];
            tally.number(ours, row.number("snap_q_score"), || key(&row));
            let decile =
                scores.deciles(session)[column].map_or_else(String::new, |d| d.to_string());
            tally.equal(&decile, row.text("decile"), || format!("{} decile", key(&row)));
        }
        // The file lists just the names in the universe, so nothing may be in ours beyond it.
        let ours =
            (252..all).flat_map(|session| scores.universe(session)).filter(|inside| **inside);
        assert_eq!(ours.count(), listed);
        tally.finish("composite_daily")
    }

    /// Factor contributions add up to the composite; returns the number of composites.
    pub(crate) fn contributions(&self) -> usize {
        let panel = &self.panel;
        let model = resolved("q_core");
        let mut checked = 0;
        for date in panel.sessions().iter().skip(252).step_by(20) {
            let ranking = model.score(panel, *date).expect("a session").rank();
            for stock in ranking.iter() {
                let Some(composite) = stock.composite else { continue };
                let sum: f64 = stock.factors.iter().map(|factor| factor.contribution).sum();
                assert_eq!(sum, composite, "{} on {date}", stock.symbol);
                checked += 1;
            }
        }
        checked
    }
}

fn resolved(name: &str) -> ResolvedModel {
    resolve(&Model::preset(name).expect("a preset"))
}

fn resolve(model: &Model) -> ResolvedModel {
    model.resolve(&FactorRegistry::library()).expect("library factors")
}

/// What a row is about.
fn key(row: &Row<'_>) -> String {
    format!("{} {}", row.text("symbol"), row.text("date"))
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

fn check_snapshot(tally: &mut Tally, row: &Row<'_>, scores: &Scores, column: usize) {
    let key = |name: &str| format!("{} {name}", key(row));
    for group in ["value", "price", "quality", "earnings"] {
        let (score, expected) = (scores.group_scores(group), format!("snap_g_{group}"));
        let ours = score.expect("in the model")[column];
        tally.number(ours, row.number(&expected), || key(&expected));
    }
    let z = scores.factor_z("ey_fwd@sector").expect("in the model")[column];
    tally.number(z, row.number("z_ey_fwd@sector"), || key("z_ey_fwd@sector"));
    tally.number(scores.coverage()[column], row.number("snap_coverage"), || key("snap_coverage"));
    let decile = scores.deciles()[column].map_or_else(String::new, |decile| decile.to_string());
    tally.equal(&decile, row.text("snap_decile"), || key("snap_decile"));
}
