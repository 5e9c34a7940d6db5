//! Panels and factor values from and to polars data frames (feature `polars`).
//!
//! Frames are long: one row per session and symbol, with the columns `date` (Date), `symbol`
//! (String) and one Float64 column per field, null = missing.

use crate::group::Groups;
use crate::panel::Screened;
use crate::{Error, FactorPanel, Field, Grouping, Panel, Series};
use chrono::NaiveDate;
use decile_core::Symbol;
use polars::prelude::*;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Returns the columns `date` and `symbol` of a long frame, all symbols of a session together.
#[must_use]
pub fn keys(sessions: &[NaiveDate], symbols: &[Symbol]) -> Vec<Column> {
    let dates = sessions.iter().flat_map(|date| symbols.iter().map(|_| *date));
    let names = sessions.iter().flat_map(|_| symbols.iter().map(Symbol::as_str));
    vec![
        DateChunked::from_naive_date("date".into(), dates).into_column(),
        StringChunked::from_iter_values("symbol".into(), names).into_column(),
    ]
}

/// Returns a Float64 column in which NaN has become null.
pub fn numbers(name: &str, values: impl IntoIterator<Item = f64>) -> Column {
    let known = values.into_iter().map(|value| Some(value).filter(|value| !value.is_nan()));
    Float64Chunked::from_iter_options(name.into(), known).into_column()
}

impl Panel {
    /// Returns the panel as a long frame, with the columns `universe` (Boolean), `sector`, `issuer`
    /// (String) and `benchmark` (Float64, the same for all symbols of a session) before the fields,
    /// which are named as they print.
    ///
    /// # Errors
    /// [`Error::Frame`] if polars refuses it.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let mut columns = keys(self.sessions(), self.symbols());
        let all = 0..self.sessions().len();
        let universe = all.clone().flat_map(|session| self.universe(session).iter().copied());
        columns.push(BooleanChunked::from_iter_values("universe".into(), universe).into_column());
        for (name, groups) in [("sector", &self.sectors), ("issuer", &self.issuers)] {
            let names = all.clone().flat_map(|_| groups.names.iter().map(SmolStr::as_str));
            columns.push(StringChunked::from_iter_values(name.into(), names).into_column());
        }
        let levels = self.series(Series::Benchmark).iter();
        let repeated = levels.flat_map(|level| self.symbols().iter().map(|_| *level));
        columns.push(numbers("benchmark", repeated));
        for field in self.fields() {
            let values = self.matrix(field).unwrap_or_default().iter().copied();
            columns.push(numbers(&field.to_string(), values));
        }
        frame(columns)
    }

    /// Makes a panel of a long frame.
    ///
    /// Its rows may come in any order; a session and symbol without a row is missing. Sessions and
    /// symbols are those that occur. A column named as a [`Field`] prints is that field, any other
    /// numeric one is [`Field::Custom`] under its name. A Boolean column `universe` is the universe;
    /// without one it is every stock with a `close`, or every stock that has a row. The String columns
    /// `sector` and `issuer` are optional (all of one unnamed sector, each its own issuer), and so is
    /// `benchmark`, of which the last number of a session counts. The caller answers for it that each row was known at its date.
    ///
    /// # Errors
    /// [`Error::Frame`] for a missing or ill-typed column, a null key, a symbol that is not
    /// canonical, or two rows of one session and symbol; [`Error::InfiniteInput`] for an infinite
    /// number.
    pub fn from_frame(frame: &DataFrame) -> Result<Self, Error> {
        let layout = Layout::new(frame)?;
        let mut panel = Self {
            sectors: layout.groups(frame, Grouping::Sector, |_| SmolStr::default())?,
            issuers: layout.groups(frame, Grouping::Issuer, |symbol| SmolStr::new(symbol))?,
            universe: layout.flags(frame, "universe")?.unwrap_or_default(),
            fields: BTreeMap::new(),
            benchmark: vec![f64::NAN; layout.sessions.len()],
            first_estimate: None,
            sources: Vec::new(),
            screened: Screened::default(),
            sessions: layout.sessions.clone(),
            symbols: layout.symbols.clone(),
        };
        for column in frame.columns() {
            let name = column.name().as_str();
            if !column.dtype().is_primitive_numeric() {
                continue;
            }
            let values = layout.numbers(column)?;
            if name == Series::Benchmark.to_string() {
                panel = panel.with_series(Series::Benchmark, layout.series(&values))?;
                continue;
            }
            let field = Field::named(name);
            panel.check(&field, &values)?;
            panel.fields.insert(field, values);
        }
        if panel.universe.is_empty() {
            panel.universe = match panel.matrix(&Field::Close) {
                Some(closes) => closes.iter().map(|close| !close.is_nan()).collect(),
                None => layout.present(),
            };
        }
        panel.first_estimate = panel.first_estimate_held();
        Ok(panel)
    }
}

impl FactorPanel {
    /// Returns the values as a long frame with one column per factor.
    ///
    /// # Errors
    /// [`Error::Frame`] if polars refuses it.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let mut columns = keys(self.sessions(), self.symbols());
        for name in self.names() {
            let values = self.matrix(name).unwrap_or_default().iter().copied();
            columns.push(numbers(name, values));
        }
        frame(columns)
    }
}

fn frame(columns: Vec<Column>) -> Result<DataFrame, Error> {
    let height = columns.first().map_or(0, Column::len);
    DataFrame::new(height, columns).map_err(refused)
}

fn refused(error: PolarsError) -> Error {
    Error::Frame { reason: error.to_string() }
}

fn fault(reason: impl Into<String>) -> Error {
    Error::Frame { reason: reason.into() }
}

/// Where each row of a long frame belongs in the matrices.
struct Layout {
    sessions: Vec<NaiveDate>,
    symbols: Vec<Symbol>,
    /// For each row its place in a matrix.
    places: Vec<usize>,
}

impl Layout {
    fn new(frame: &DataFrame) -> Result<Self, Error> {
        let dates = frame.column("date").and_then(Column::date).map_err(refused)?;
        let names = frame.column("symbol").and_then(Column::str).map_err(refused)?;
        let mut rows = Vec::with_capacity(frame.height());
        for (row, (date, name)) in dates.as_date_iter().zip(names.iter()).enumerate() {
            let date = date.ok_or_else(|| fault(format!("row {row} has no date")))?;
            let name = name.ok_or_else(|| fault(format!("row {row} has no symbol")))?;
            let symbol = Symbol::new(name).map_err(|error| fault(format!("row {row}: {error}")))?;
            rows.push((date, symbol));
        }
        let sessions = sorted(rows.iter().map(|(date, _)| *date));
        let symbols = sorted(rows.iter().map(|(_, symbol)| symbol.clone()));
        let mut places = Vec::with_capacity(rows.len());
        let mut taken = vec![false; sessions.len() * symbols.len()];
        for (date, symbol) in &rows {
            let row = sessions.partition_point(|session| session < date);
            let column = symbols.partition_point(|known| known < symbol);
            let place = row * symbols.len() + column;
            if std::mem::replace(&mut taken[place], true) {
                return Err(fault(format!("{symbol} on {date} has two rows; keep one")));
            }
            places.push(place);
        }
        Ok(Self { sessions, symbols, places })
    }

    fn size(&self) -> usize {
        self.sessions.len() * self.symbols.len()
    }

    fn present(&self) -> Vec<bool> {
        let mut present = vec![false; self.size()];
        for place in &self.places {
            present[*place] = true;
        }
        present
    }

    fn numbers(&self, column: &Column) -> Result<Vec<f64>, Error> {
        let column = column.cast(&DataType::Float64).map_err(refused)?;
        let mut values = vec![f64::NAN; self.size()];
        for (place, value) in self.places.iter().zip(column.f64().map_err(refused)?.iter()) {
            values[*place] = value.unwrap_or(f64::NAN);
        }
        Ok(values)
    }

    fn flags(&self, frame: &DataFrame, name: &str) -> Result<Option<Vec<bool>>, Error> {
        let Ok(column) = frame.column(name) else { return Ok(None) };
        let mut values = vec![false; self.size()];
        for (place, value) in self.places.iter().zip(column.bool().map_err(refused)?.iter()) {
            values[*place] = value.unwrap_or(false);
        }
        Ok(Some(values))
    }

    /// The number given last for each session.
    fn series(&self, values: &[f64]) -> Vec<f64> {
        let known = |row: &[f64]| row.iter().rfind(|value| !value.is_nan()).copied();
        let rows = values.chunks_exact(self.symbols.len().max(1));
        rows.map(|row| known(row).unwrap_or(f64::NAN)).collect()
    }

    /// The last group given for each symbol; `default` of one without any.
    fn groups(
        &self,
        frame: &DataFrame,
        grouping: Grouping,
        default: impl Fn(&Symbol) -> SmolStr,
    ) -> Result<Groups, Error> {
        let mut names: Vec<SmolStr> = self.symbols.iter().map(default).collect();
        let Ok(column) = frame.column(&grouping.to_string()) else { return Ok(Groups::new(names)) };
        for (place, name) in self.places.iter().zip(column.str().map_err(refused)?.iter()) {
            if let Some(name) = name {
                names[place % self.symbols.len()] = SmolStr::new(name);
            }
        }
        Ok(Groups::new(names))
    }
}

fn sorted<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort();
    values.dedup();
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Consensus, Item};

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 1, d).unwrap()
    }

    fn sample() -> DataFrame {
        let dates = [day(3), day(2), day(2)];
        df!(
            "symbol" => ["KO", "PEP", "KO"],
            "close" => [Some(61.0), Some(170.0), None],
            "ttm(net_income)" => [Some(1), None, Some(2)],
            "estimate(fy1)" => [Some(2.5), None, None],
            "my_signal" => [0.5, 0.25, f64::NAN],
            "benchmark" => [Some(101.0), None, Some(100.0)],
            "sector" => ["Staples", "Drinks", "Staples"],
        )
        .unwrap()
        .with_column(DateChunked::from_naive_date("date".into(), dates).into_column())
        .unwrap()
        .clone()
    }

    #[test]
    fn rows_find_their_places_in_any_order() {
        let panel = Panel::from_frame(&sample()).unwrap();
        assert_eq!(panel.sessions(), [day(2), day(3)]);
        assert_eq!(panel.symbols(), ["KO", "PEP"]);
        assert_eq!(panel.sectors(), ["Staples", "Drinks"]);
        assert_eq!(panel.group(Grouping::Sector), [1, 0]);
        assert_eq!(panel.group(Grouping::Issuer), [0, 1]);
        assert_eq!(panel.series(Series::Benchmark), [100.0, 101.0]);
        assert_eq!(panel.row(&Field::Close, 1).unwrap()[0], 61.0);
        assert_eq!(panel.row(&Field::Ttm(Item::NetIncome), 0).unwrap()[0], 2.0);
        assert_eq!(panel.row(&Field::custom("my_signal"), 0).unwrap()[1], 0.25);
        assert!(panel.row(&Field::custom("my_signal"), 1).unwrap()[1].is_nan());
        assert_eq!(
            (panel.universe(0), panel.universe(1)),
            (&[false, true][..], &[true, false][..])
        );
        assert!(!panel.has_estimates(0) && panel.has_estimates(1));
        assert!(panel.matrix(&Field::Estimate(Consensus::Fy2)).is_none());
    }

    #[test]
    fn a_panel_comes_back_as_it_went() {
        let panel = Panel::from_frame(&sample()).unwrap();
        let again = Panel::from_frame(&panel.to_frame().unwrap()).unwrap();
        assert!(panel.to_frame().unwrap().equals_missing(&again.to_frame().unwrap()));
    }

    #[test]
    fn a_frame_without_its_keys_is_refused() {
        let reason = |frame: &DataFrame| Panel::from_frame(frame).unwrap_err().to_string();
        assert!(reason(&sample().drop("date").unwrap()).contains("date"));
        let doubled = sample().vstack(&sample()).unwrap();
        assert!(reason(&doubled).contains("KO on 2024-01-03 has two rows"));
        let mut lower = sample();
        lower.with_column(Column::new("symbol".into(), ["ko", "PEP", "KO"])).unwrap();
        assert!(reason(&lower).contains("row 0"));
        let mut infinite = sample();
        infinite.with_column(Column::new("close".into(), [f64::INFINITY, 1.0, 1.0])).unwrap();
        assert!(reason(&infinite).contains("close is infinite for KO on 2024-01-03"));
    }
}
