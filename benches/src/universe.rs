//! Everything about a universe, at once.

use decile::core::source::{
    BarSource, EstimateSource, FilingSource, QuoteSource, SourceError, StatsSource,
};
use decile::core::{DateRange, Symbol};
use decile::providers::yahoo::Yahoo;
use futures::future::join_all;

/// Fetches bars, statements, estimates, ratios and quotes of all stocks, and returns how many rows
/// came.
///
/// # Panics
/// If something does not come.
pub async fn fetch(yahoo: &Yahoo, stocks: &[Symbol], range: DateRange) -> usize {
    let of_stocks = join_all(stocks.iter().map(|stock| of_stock(yahoo, stock, range))).await;
    let rows: Result<Vec<usize>, SourceError> = of_stocks.into_iter().collect();
    let quotes = yahoo.quotes(stocks).await.expect("quotes");
    rows.expect("rows").into_iter().sum::<usize>() + quotes.len()
}

async fn of_stock(yahoo: &Yahoo, stock: &Symbol, range: DateRange) -> Result<usize, SourceError> {
    let bars = yahoo.bars(stock, range).await?.rows.len();
    let filings = yahoo.filings(stock).await?.rows.len();
    let estimates = yahoo.estimates(stock).await?.rows.len();
    yahoo.stats(stock).await?;
    Ok(bars + filings + estimates + 1)
}
