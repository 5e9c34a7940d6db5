//! The tables that `score_folder` writes.

use crate::general::general;
use chrono::NaiveDate;
use decile::core::Filing;
use decile::data::read_filings;
use decile::factor::adjusted_closes;
use decile::prelude::*;
use decile::rank::Missing;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

mod columns;

use columns::monthly;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The factors of the monthly tables, in their order.
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
/// Sessions before the first one that is scored: a year.
const FIRST: usize = 252;

/// A market with everything that its tables are made of.
#[derive(Debug)]
pub struct ScoreTables {
    market: Market,
    /// In the order of their file.
    filings: Vec<Filing>,
    panel: Panel,
    factors: Vec<Arc<dyn Factor>>,
    models: Models,
}

/// The models of the tables: the one asked for, and those beside it.
#[derive(Debug)]
struct Models {
    own: ResolvedModel,
    renormalised: ResolvedModel,
    sector: ResolvedModel,
    blend: ResolvedModel,
    snapshot: ResolvedModel,
}

impl Models {
    fn new(own: &Model, registry: &FactorRegistry) -> Result<Self> {
        let preset = |name| -> Result<_> { Ok(Model::preset(name)?.resolve(registry)?) };
        Ok(Self {
            own: own.resolve(registry)?,
            renormalised: own.clone().with_missing(Missing::Renormalised).resolve(registry)?,
            sector: preset("q_core_sector")?,
            blend: preset("q_core_blend")?,
            snapshot: preset("q_snapshot")?,
        })
    }

    fn fields(&self) -> impl Iterator<Item = Field> {
        let models = [&self.own, &self.sector, &self.blend, &self.snapshot];
        models.into_iter().flat_map(ResolvedModel::fields)
    }
}

/// A table to be written.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(header: &[&str]) -> Self {
        Self { header: header.iter().map(ToString::to_string).collect(), rows: Vec::new() }
    }

    fn write(&self, path: &Path) -> Result<()> {
        let mut writer = csv::Writer::from_path(path)?;
        writer.write_record(&self.header)?;
        for row in &self.rows {
            writer.write_record(row)?;
        }
        Ok(writer.flush()?)
    }
}

impl ScoreTables {
    /// Reads a market folder and resolves what the model and the tables need of it.
    ///
    /// # Errors
    /// What is wrong with the folder or the model.
    pub fn read(folder: &Path, model: &Model) -> Result<Self> {
        let registry = FactorRegistry::library();
        let models = Models::new(model, &registry)?;
        let mut factors = Vec::new();
        for name in FACTORS {
            factors.push(registry.get(name)?);
        }
        let market = read_folder(folder)?;
        let read = factors.iter().flat_map(|factor| factor.inputs().to_vec());
        let fields: Vec<Field> = models.fields().chain(read).collect();
        let panel = Panel::new(&market, &fields);
        Ok(Self { filings: read_filings(folder)?, market, panel, factors, models })
    }

    /// Writes the tables into a folder that is there, and returns their names and numbers of rows.
    ///
    /// # Errors
    /// A factor that fails, and what the system refuses.
    pub fn write(&self, out: &Path) -> Result<Vec<(&'static str, usize)>> {
        let tables = [
            ("adj_close.csv", self.adjusted()),
            ("known_dates.csv", self.known_dates()),
            ("factors_monthly.csv", self.factors_monthly()?),
            ("scores_monthly.csv", self.scores_monthly()?),
            ("composite_daily.csv", self.composite_daily()?),
        ];
        let mut written = Vec::new();
        for (name, table) in tables {
            table.write(&out.join(name))?;
            written.push((name, table.rows.len()));
        }
        Ok(written)
    }

    /// Backward-adjusted closes of all sessions with a trade.
    fn adjusted(&self) -> Table {
        let mut closes = Vec::new();
        for stock in self.market.stocks() {
            let bars = stock.bars().iter().zip(adjusted_closes(stock));
            closes.extend(bars.map(|(bar, close)| (bar.date, stock.symbol(), close)));
        }
        closes.sort_by_key(|(date, symbol, _)| (*date, *symbol));
        let mut table = Table::new(&["date", "symbol", "adj_close"]);
        for (date, symbol, close) in closes {
            table.rows.push(vec![date.to_string(), symbol.to_string(), general(close)]);
        }
        table
    }

    /// The session from which each filing counts.
    fn known_dates(&self) -> Table {
        let mut table = Table::new(&["symbol", "period_end", "form", "filed", "known"]);
        let or_empty = |date: Option<NaiveDate>| date.map_or_else(String::new, |d| d.to_string());
        for filing in &self.filings {
            table.rows.push(vec![
                filing.symbol.to_string(),
                filing.period_end.to_string(),
                filing.form.to_string(),
                or_empty(filing.filed),
                or_empty(filing.known_on(self.market.calendar())),
            ]);
        }
        table
    }

    /// The last session of every month from the first scored one on, by its index.
    fn months(&self) -> Vec<usize> {
        let ends = self.market.calendar().month_ends();
        let indices = ends.filter_map(|date| self.panel.session_index(date).ok());
        indices.filter(|session| *session >= FIRST).collect()
    }

    /// The first columns of every row of a session.
    fn keys(&self, session: usize) -> impl Iterator<Item = Vec<String>> {
        let date = self.panel.sessions()[session].to_string();
        self.panel.symbols().iter().map(move |symbol| vec![date.clone(), symbol.to_string()])
    }

    fn factors_monthly(&self) -> Result<Table> {
        let mut table = Table::new(&["date", "symbol", "price", "mcap"]);
        table.header.extend(FACTORS.map(str::to_owned));
        let engine = Engine::new(&self.panel, &self.factors)?;
        for session in self.months() {
            let values = engine.session(session)?;
            let held = |field: Field| self.panel.row(&field, session).unwrap_or_default();
            let (prices, shares) = (held(Field::Close), held(Field::ListedShares));
            for (column, mut row) in self.keys(session).enumerate() {
                row.push(general(prices[column]));
                row.push(general(prices[column] * shares[column]));
                row.extend((0..FACTORS.len()).map(|at| general(values.factor(at)[column])));
                table.rows.push(row);
            }
        }
        Ok(table)
    }

    fn scores_monthly(&self) -> Result<Table> {
        let engine = Engine::new(&self.panel, &self.factors)?;
        let mut table = Table::new(&["date", "symbol"]);
        for session in self.months() {
            let columns = monthly(&self.panel, &self.models, &engine.session(session)?)?;
            table.header.truncate(2);
            table.header.extend(columns.iter().map(|column| column.name.clone()));
            for (at, mut row) in self.keys(session).enumerate() {
                row.extend(columns.iter().map(|column| column.cells[at].clone()));
                table.rows.push(row);
            }
        }
        Ok(table)
    }

    /// Composites of every session, of the names in the universe.
    fn composite_daily(&self) -> Result<Table> {
        let header =
            ["date", "symbol", "composite", "q_score", "decile", "snap_composite", "snap_q_score"];
        let mut table = Table::new(&header);
        let sessions = FIRST.min(self.panel.sessions().len())..self.panel.sessions().len();
        let own = self.models.own.score_all(&self.panel, sessions.clone())?;
        let snapshot = self.models.snapshot.score_all(&self.panel, sessions.clone())?;
        for (at, session) in sessions.enumerate() {
            for (column, mut row) in self.keys(session).enumerate() {
                if own.universe(at)[column] {
                    let decile = own.deciles(at)[column];
                    row.push(general(own.composite(at)[column]));
                    row.push(general(own.q_scores(at)[column]));
                    row.push(decile.map_or_else(String::new, |decile| decile.to_string()));
                    row.push(general(snapshot.composite(at)[column]));
                    row.push(general(snapshot.q_scores(at)[column]));
                    table.rows.push(row);
                }
            }
        }
        Ok(table)
    }
}
