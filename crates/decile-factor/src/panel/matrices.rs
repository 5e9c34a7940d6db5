//! Panels of data that are in memory already.

use super::{Panel, Screened};
use crate::group::Groups;
use crate::{Error, Field};
use chrono::NaiveDate;
use decile_core::Symbol;
use smol_str::SmolStr;
use std::collections::BTreeMap;

impl Panel {
    /// Makes a panel of matrices: one value per session and symbol, row by row, NaN = missing.
    ///
    /// The universe is every stock with a [`Field::Close`], or all stocks if that is not among the
    /// fields; [`Panel::with_universe`] says otherwise. All stocks are of one unnamed sector until
    /// [`Panel::with_sectors`], and each is an issuer of its own. The matrices are moved, not copied.
    /// The caller answers for it that row *t* holds only what was known at session *t*.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use decile_factor::{Field, Panel};
    ///
    /// let sessions = (2..=3).filter_map(|d| NaiveDate::from_ymd_opt(2024, 1, d)).collect();
    /// let symbols = vec!["KO".parse()?, "PEP".parse()?];
    /// let closes = vec![59.82, 169.66, 59.97, f64::NAN];
    /// let panel = Panel::from_matrices(sessions, symbols, [(Field::Close, closes)])?;
    /// assert_eq!(panel.universe(1), [true, false]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Unordered`] unless sessions and symbols rise, each given once; [`Error::Shape`] for
    /// another number of values, [`Error::InfiniteInput`] for an infinite one.
    pub fn from_matrices(
        sessions: Vec<NaiveDate>,
        symbols: Vec<Symbol>,
        fields: impl IntoIterator<Item = (Field, Vec<f64>)>,
    ) -> Result<Self, Error> {
        check_rising("session", &sessions)?;
        check_rising("symbol", &symbols)?;
        let mut panel = Self {
            sectors: Groups::new(vec![SmolStr::default(); symbols.len()]),
            issuers: Groups::new(symbols.iter().map(SmolStr::new).collect()),
            universe: Vec::new(),
            fields: BTreeMap::new(),
            benchmark: vec![f64::NAN; sessions.len()],
            sources: Vec::new(),
            screened: Screened::default(),
            first_estimate: None,
            sessions,
            symbols,
        };
        for (field, values) in fields {
            panel.check(&field, &values)?;
            panel.fields.insert(field, values);
        }
        panel.universe = match panel.matrix(&Field::Close) {
            Some(closes) => closes.iter().map(|close| !close.is_nan()).collect(),
            None => vec![true; panel.sessions.len() * panel.symbols.len()],
        };
        panel.first_estimate = panel.first_estimate_held();
        Ok(panel)
    }

    /// Says who belongs to the universe: one flag per session and symbol, row by row.
    ///
    /// # Errors
    /// [`Error::UniverseShape`] for another number of flags.
    pub fn with_universe(mut self, universe: Vec<bool>) -> Result<Self, Error> {
        let (given, sessions, symbols) = (universe.len(), self.sessions.len(), self.symbols.len());
        if given != sessions * symbols {
            return Err(Error::UniverseShape { given, sessions, symbols });
        }
        self.universe = universe;
        Ok(self)
    }

    /// Names the sector of every symbol.
    ///
    /// # Errors
    /// [`Error::SectorShape`] for another number of names than symbols.
    pub fn with_sectors(mut self, sectors: Vec<SmolStr>) -> Result<Self, Error> {
        let (given, symbols) = (sectors.len(), self.symbols.len());
        if given != symbols {
            return Err(Error::SectorShape { given, symbols });
        }
        self.sectors = Groups::new(sectors);
        Ok(self)
    }

    /// The first session at which an estimate of any stock is held.
    pub(crate) fn first_estimate_held(&self) -> Option<usize> {
        let estimates = self.fields.iter().filter(|(field, _)| matches!(field, Field::Estimate(_)));
        estimates
            .filter_map(|(_, values)| values.iter().position(|value| !value.is_nan()))
            .map(|position| position / self.symbols.len())
            .min()
    }
}

fn check_rising<T: Ord + ToString>(what: &'static str, keys: &[T]) -> Result<(), Error> {
    match keys.windows(2).find(|pair| pair[0] >= pair[1]) {
        Some(pair) => {
            let (before, after) = (pair[0].to_string(), pair[1].to_string());
            Err(Error::Unordered { what, before, after })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Consensus;

    fn panel(days: &[u32], symbols: &[&str], field: Field, values: &[f64]) -> Result<Panel, Error> {
        let day = |d: &u32| NaiveDate::from_ymd_opt(2024, 1, *d).unwrap();
        let symbols = symbols.iter().map(|symbol| symbol.parse().unwrap()).collect();
        Panel::from_matrices(days.iter().map(day).collect(), symbols, [(field, values.to_vec())])
    }

    #[test]
    fn keys_rise_and_every_cell_has_a_value() {
        let twice = panel(&[2, 2], &["KO"], Field::Close, &[1.0, 2.0]).unwrap_err();
        assert_eq!(
            twice.to_string(),
            "session 2024-01-02 stands before 2024-01-02; sort them and keep each once"
        );
        let mixed = panel(&[2], &["PEP", "KO"], Field::Close, &[1.0, 2.0]).unwrap_err();
        assert!(matches!(mixed, Error::Unordered { what: "symbol", .. }), "{mixed}");
        let short = panel(&[2, 3], &["KO"], Field::Close, &[1.0]).unwrap_err();
        assert!(matches!(short, Error::Shape { given: 1, .. }), "{short}");
        let infinite = panel(&[2], &["KO"], Field::Close, &[f64::INFINITY]).unwrap_err();
        assert!(matches!(infinite, Error::InfiniteInput { .. }), "{infinite}");
        let flags = panel(&[2], &["KO"], Field::Close, &[1.0]).unwrap().with_universe(vec![]);
        assert!(matches!(flags, Err(Error::UniverseShape { given: 0, .. })));
        let sectors = panel(&[2], &["KO"], Field::Close, &[1.0]).unwrap().with_sectors(vec![]);
        assert!(matches!(sectors, Err(Error::SectorShape { given: 0, symbols: 1 })));
    }

    #[test]
    fn estimates_count_from_the_session_that_holds_the_first() {
        let values = [f64::NAN, f64::NAN, f64::NAN, 1.0];
        let field = Field::Estimate(Consensus::Fy1);
        let panel = panel(&[2, 3], &["KO", "PEP"], field, &values).unwrap();
        assert_eq!((panel.has_estimates(0), panel.has_estimates(1)), (false, true));
        assert_eq!(panel.universe(0), [true, true]);
    }
}
