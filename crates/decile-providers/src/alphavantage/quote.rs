//! `GLOBAL_QUOTE`: the last price, with a date and no time.

use super::reply::about;
use super::row::Row;
use crate::asked::Asked;
use crate::notes::Notes;
use crate::rows::QuoteRow;
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::Calendar;
use decile_core::Currency;
use decile_core::source::SourceError;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct GlobalQuote {
    // Premium keys may get `Global Quote - DATA DELAYED BY 15 MINUTES`.
    #[serde(rename = "Global Quote", alias = "Global Quote - DATA DELAYED BY 15 MINUTES")]
    quote: Row,
}

impl GlobalQuote {
    /// Reads the quote. `currency` is that of the market: the reply does not say it.
    pub(super) fn read(
        &self,
        currency: Option<Currency>,
        retrieved_at: DateTime<Utc>,
        asked: &Asked,
        notes: &mut Notes,
    ) -> Result<QuoteRow, SourceError> {
        let row = &self.quote;
        // A stock that it does not know has an empty quote.
        if row.is_empty() {
            return Err(asked.not_found());
        }
        about(row.text("symbol"), asked)?;
        Ok(QuoteRow {
            price: row.positive("price", notes),
            previous_close: row.positive("previous_close", notes),
            market_cap: None,
            currency,
            time: row.date("latest_trading_day").and_then(|day| true_at(day, retrieved_at)),
        })
    }
}

/// Returns the latest instant at which the price is sure to have been true.
///
/// The reply names a day. Once its session is over that is the close. Before that the price may be
/// from any time since the open, and is taken to be from then: a price of unknown age must not pass
/// for a fresh one.
fn true_at(day: NaiveDate, retrieved_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let calendar = Calendar::nyse();
    let close = calendar.close(day)?;
    if close <= retrieved_at { Some(close) } else { calendar.open(day) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_of_unknown_age_is_as_old_as_the_session() {
        let day = "2024-05-02".parse().unwrap();
        let at =
            |retrieved: &str| true_at(day, retrieved.parse().unwrap()).map(|time| time.to_string());
        // 09:30 and 16:00 of New York summer time.
        assert_eq!(at("2024-05-02T15:00:00Z").as_deref(), Some("2024-05-02 13:30:00 UTC"));
        assert_eq!(at("2024-05-03T01:00:00Z").as_deref(), Some("2024-05-02 20:00:00 UTC"));
    }
}
