//! `company_tickers.json`: which number a company has.

use crate::asked::Asked;
use crate::scalar::Scalar;
use decile_core::source::SourceError;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Company numbers (CIK) by ticker.
#[derive(Debug)]
pub(super) struct Directory(BTreeMap<String, u64>);

#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    cik_str: Scalar,
    #[serde(default)]
    ticker: Scalar,
}

impl Directory {
    pub(super) fn read(body: &[u8], asked: &Asked) -> Result<Self, SourceError> {
        let rows: BTreeMap<String, Row> = serde_json::from_slice(body).map_err(|error| {
            let what = "the list of tickers is not the JSON that was asked for";
            asked.decode_because(what, Some(Box::new(error)))
        })?;
        let numbers = rows.values().filter_map(|row| {
            let number = row.cik_str.number().filter(|n| n.fract() == 0.0 && *n > 0.0)?;
            // Whole, and CIKs have ten digits at most.
            Some((row.ticker.text()?.to_owned(), (number < 1e10).then_some(number as u64)?))
        });
        let numbers: BTreeMap<String, u64> = numbers.collect();
        if numbers.is_empty() {
            return Err(asked.decode("the list of tickers is empty"));
        }
        Ok(Self(numbers))
    }

    pub(super) fn number(&self, ticker: &str) -> Option<u64> {
        self.0.get(ticker).copied()
    }
}
