//! `INCOME_STATEMENT`, `BALANCE_SHEET` and `CASH_FLOW`: quarters, and which of them end a year.

use super::reply::{Body, about};
use super::row::{Row, Rows};
use crate::asked::Asked;
use crate::notes::Notes;
use chrono::{Datelike, NaiveDate};
use decile_core::Currency;
use decile_core::source::SourceError;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The quarters of one statement by their ends.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) quarters: BTreeMap<NaiveDate, Quarter>,
    year_ends: Vec<NaiveDate>,
}

/// One quarter: the fields of its row and their currency.
#[derive(Debug)]
pub(super) struct Quarter {
    pub(super) currency: Currency,
    row: Row,
}

#[derive(Deserialize)]
struct Json {
    symbol: Option<String>,
    #[serde(rename = "annualReports")]
    annual: Rows,
    #[serde(rename = "quarterlyReports")]
    quarterly: Rows,
}

impl Statement {
    pub(super) fn read(
        body: Body<'_>,
        asked: &Asked,
        notes: &mut Notes,
    ) -> Result<Self, SourceError> {
        let json: Json = body.json(asked)?;
        about(json.symbol.as_deref(), asked)?;
        let year_ends = json.annual.0.iter().filter_map(|row| row.date("fiscaldateending"));
        let mut statement = Self { quarters: BTreeMap::new(), year_ends: year_ends.collect() };
        for row in json.quarterly.0 {
            let Some(end) = row.date("fiscaldateending") else {
                notes.drop("a quarter without fiscalDateEnding");
                continue;
            };
            let code = row.text("reportedcurrency");
            let Some(currency) = code.and_then(|code| code.parse().ok()) else {
                notes.drop(format!("{end}: its amounts have no currency"));
                continue;
            };
            if statement.quarters.contains_key(&end) {
                notes.drop(format!("{end}: the quarter stands there twice"));
                continue;
            }
            statement.quarters.insert(end, Quarter { currency, row });
        }
        Ok(statement)
    }

    /// Tells whether a fiscal year ends then: in the month of the newest year's end.
    ///
    /// The years may reach back less far than the quarters, so the month decides, and not the list.
    pub(super) fn ends_a_year(&self, end: NaiveDate) -> bool {
        self.year_ends.contains(&end)
            || self.year_ends.iter().max().is_some_and(|year| year.month() == end.month())
    }
}

impl Quarter {
    pub(super) fn number(&self, name: &str, notes: &mut Notes) -> Option<f64> {
        self.row.number(name, notes)
    }

    pub(super) fn positive(&self, name: &str, notes: &mut Notes) -> Option<f64> {
        self.row.positive(name, notes)
    }
}
