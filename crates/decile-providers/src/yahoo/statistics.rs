//! Yahoo's own ratios.

use super::Yahoo;
use super::spelling::{currency, exact};
use super::summary::Summary;
use decile_core::source::{Fetched, SourceError, Stats};
use decile_core::{Currency, Symbol};

const MODULES: [&str; 4] = ["price", "summaryDetail", "defaultKeyStatistics", "financialData"];

impl Yahoo {
    /// Fetches Yahoo's own ratios of a stock, one row; what looks wrong is in `warnings`.
    ///
    /// A company that reports in another currency than its shares trade in has no book value per
    /// share and no price to book: Yahoo divides the one currency by the other. Book values in pounds
    /// are put into pence where the price is in pence. Where one of the two currencies is not known, a
    /// warning says so.
    ///
    /// # Errors
    /// As [`StatsSource`](decile_core::source::StatsSource).
    pub async fn statistics(&self, symbol: &Symbol) -> Result<Fetched<Stats>, SourceError> {
        let pick = |summary: Summary| {
            let is_some = summary.price.is_some()
                || summary.summary_detail.is_some()
                || summary.default_key_statistics.is_some()
                || summary.financial_data.is_some();
            is_some.then_some(summary)
        };
        let (summary, retrieved_at) = self.summary(symbol, &MODULES, pick).await?;
        let mut fetched = read(summary);
        fetched.retrieved_at = Some(retrieved_at);
        Ok(fetched)
    }
}

fn read(summary: Summary) -> Fetched<Stats> {
    let price = summary.price.unwrap_or_default();
    let detail = summary.summary_detail.unwrap_or_default();
    let key = summary.default_key_statistics.unwrap_or_default();
    let financial = summary.financial_data.unwrap_or_default();
    let traded = currency(price.currency.as_str()).or(currency(detail.currency.as_str()));
    let reported = currency(financial.financial_currency.as_str());
    let mixed = traded.zip(reported).filter(|(traded, reported)| traded != reported);

    let mut stats = Stats::default();
    stats.currency = traded;
    stats.trailing_pe = detail.trailing_pe.amount();
    stats.trailing_eps = key.trailing_eps.amount();
    stats.shares_outstanding = key.shares_outstanding.positive();
    stats.return_on_equity = financial.return_on_equity.amount();
    let worth = price.market_cap.positive().or(detail.market_cap.positive());
    stats.market_cap = worth.map(|worth| in_price_units(worth, traded));
    // The forward P/E of the key statistics is made of the two currencies, the other one is not.
    stats.forward_pe = detail.forward_pe.amount();
    stats.book_value = key.book_value.amount();
    match mixed {
        None => {
            stats.forward_pe = stats.forward_pe.or(key.forward_pe.amount());
            stats.price_to_book = key.price_to_book.amount();
        }
        Some((traded, reported)) => {
            stats.book_value = stats.book_value.and_then(|book| exact(book, reported, traded));
            stats.trailing_eps = per_share(stats.trailing_eps, traded, reported);
        }
    }
    let has_book = stats.book_value.is_some() || stats.price_to_book.is_some();
    let mut fetched = Fetched::new(vec![stats]);
    fetched.currency = traded;
    if has_book && traded.zip(reported).is_none() {
        let warning = "the currencies of the price and of the statements are not both known: book \
                       value and price to book may mix two";
        fetched.warnings.push(warning.to_owned());
    }
    if let Some((traded, reported)) = mixed {
        fetched.warnings.push(format!(
            "the company reports in {reported} and trades in {traded}: Yahoo's price to book mixes \
             the two and is left out"
        ));
    }
    fetched
}

/// Market values come in pounds where prices come in pence.
pub(super) fn in_price_units(worth: f64, traded: Option<Currency>) -> f64 {
    let major = traded.and_then(|traded| Some((super::spelling::hundredfold(traded)?, traded)));
    major.and_then(|(major, traded)| exact(worth, major, traded)).unwrap_or(worth)
}

/// Earnings per share are in the currency of the price, save that pence are left out: then they come
/// in pounds.
fn per_share(earnings: Option<f64>, traded: Currency, reported: Currency) -> Option<f64> {
    let earnings = earnings?;
    Some(exact(earnings, reported, traded).unwrap_or(earnings))
}
