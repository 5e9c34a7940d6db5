//! Compares the factors of a golden folder, and what operators make of them, with ours, to 1e-9.

#[path = "../../../decile-rank/tests/support/table.rs"]
mod table;
#[path = "../../../decile-rank/tests/support/tally.rs"]
mod tally;

use decile_core::Symbol;
use decile_data::read_folder;
use decile_factor::cross_section::{
    Chains, clip, neutral_z, percentile_upper, population_z, winsorize, winsorize_zipline,
};
use decile_factor::{Engine, FactorPanel, FactorRegistry, Field, Grouping, Panel};
use std::collections::BTreeMap;
use std::path::PathBuf;
use table::{Row, Table};
use tally::Tally;

/// The factors of `factors_monthly.csv`.
const FACTORS: [&str; 16] = [
    "mom_12_1",
    "mom_12_0",
    "rev_1m",
    "ey_ttm",
    "ey_fwd",
    "bm",
    "roe",
    "roe_fwd",
    "eg_sym",
    "eg_abs",
    "eaccel",
    "em_3m",
    "epsg_fwd",
    "net_rev_fy2",
    "rec_chg_1m",
    "erisk",
];

/// A golden folder with what our factors make of its market.
pub(crate) struct Golden {
    root: PathBuf,
    panel: Panel,
    values: FactorPanel,
}

impl Golden {
    pub(crate) fn read(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let market = read_folder(root.join("inputs")).expect("the inputs are a market folder");
        let library = FactorRegistry::library();
        let factors = FACTORS.map(|name| library.get(name).expect("library factor"));
        let mut fields = vec![Field::Close, Field::ListedShares];
        fields.extend(factors.iter().flat_map(|factor| factor.inputs().to_vec()));
        let panel = Panel::new(&market, &fields);
        let engine = Engine::new(&panel, &factors).expect("all fields held");
        let values = engine.run(0..panel.sessions().len()).expect("finite factors");
        Self { root, panel, values }
    }

    /// Session and column of a row.
    fn place(&self, row: &Row<'_>) -> (usize, usize) {
        let session = self.panel.session_index(row.date("date")).expect("a session");
        let symbol: Symbol = row.text("symbol").parse().expect("a symbol");
        (session, self.panel.symbols().binary_search(&symbol).expect("listed"))
    }

    /// Compares universe, price, market value and every factor of `factors_monthly.csv`; returns the
    /// number of cells.
    pub(crate) fn factors(&self) -> usize {
        let mut tally = Tally::default();
        for row in Table::read(self.root.join("expected/factors_monthly.csv")).rows() {
            let (session, column) = self.place(&row);
            let cell = |name: &str| format!("{} {} {name}", row.text("symbol"), row.text("date"));
            for name in FACTORS {
                let value = self.values.row(name, session).expect("computed")[column];
                tally.number(value, row.number(name), || cell(name));
            }
            let of = |field: &Field| self.panel.row(field, session).expect("held")[column];
            let priced = self.panel.universe(session)[column].to_string();
            let expected = row.number("price").is_some().to_string();
            tally.equal(&priced, &expected, || cell("universe"));
            let price = of(&Field::Close);
            tally.number(price, row.number("price"), || cell("price"));
            let value = price * of(&Field::ListedShares);
            tally.number(value, row.number("mcap"), || cell("mcap"));
        }
        tally.finish("factors_monthly (universe, price, mcap, sixteen factors)")
    }

    /// Compares what the operators make of every factor with the columns of `scores_monthly.csv` that
    /// have it; returns the number of cells.
    pub(crate) fn operators(&self) -> usize {
        let mut tally = Tally::default();
        let mut by_session: BTreeMap<usize, BTreeMap<String, Vec<f64>>> = BTreeMap::new();
        for row in Table::read(self.root.join("expected/scores_monthly.csv")).rows() {
            let (session, column) = self.place(&row);
            for (name, values) in by_session.entry(session).or_insert_with(|| self.scaled(session))
            {
                let cell = || format!("{} {} {name}", row.text("symbol"), row.text("date"));
                tally.number(values[column], row.number(name), cell);
            }
        }
        tally.finish("scores_monthly (z, sector z, zipline's z and ranks of single factors)")
    }

    /// Every scaled factor of one session, by its column in the file.
    fn scaled(&self, session: usize) -> BTreeMap<String, Vec<f64>> {
        let raw = |name: &str| self.values.row(name, session).expect("computed").to_vec();
        let changed = |name: &str, operator: &dyn Fn(&mut [f64])| {
            let mut values = raw(name);
            operator(&mut values);
            values
        };
        let by_market = |values: &mut [f64]| {
            winsorize(values, 0.05, 0.95);
            population_z(values);
            clip(values, -3.0, 3.0);
        };
        let by_sector = |values: &mut [f64]| {
            winsorize(values, 0.05, 0.95);
            neutral_z(values, self.panel.group(Grouping::Sector), 3).expect("a group each");
            clip(values, -3.0, 3.0);
        };
        let by_zipline = |values: &mut [f64]| {
            winsorize_zipline(values, 0.05, 0.95);
            population_z(values);
        };
        let mut scaled = BTreeMap::new();
        for name in FACTORS {
            scaled.insert(format!("z_{name}"), changed(name, &by_market));
            scaled.insert(format!("zs_{name}"), changed(name, &by_sector));
        }
        scaled.insert("z_ey_fwd@sector".to_owned(), changed("ey_fwd", &by_sector));
        for name in ["bm", "mom_12_1", "roe"] {
            scaled.insert(format!("zipline_wz_{name}"), changed(name, &by_zipline));
        }
        let chains = Chains::new(&raw("bm"), 0.0);
        let ranks = chains.average_ranks();
        let shares = ranks.iter().map(|rank| percentile_upper(*rank, chains.known())).collect();
        scaled.insert("bm_pandas_pct_rank".to_owned(), shares);
        scaled.insert("bm_avg_rank".to_owned(), ranks);
        scaled
    }
}
