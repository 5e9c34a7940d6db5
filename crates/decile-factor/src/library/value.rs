//! What the company earns, owns and pays for its price.

use super::{each_of, over_positive};
use crate::{Factor, Field, Item, Window};

/// Net income of four quarters over market value, `TTM x fx / (close x shares)`: the inverse of
/// P/E.
///
/// - **Source**: Basu, *Investment Performance of Common Stocks in Relation to Their Price-Earnings
///   Ratios* (1977).
/// - **Inputs**: [`Field::Ttm`] of net income, [`Field::Fx`], [`Field::Close`],
///   [`Field::ListedShares`]. **Lookback**: none.
/// - **Bad cases**: losses give a negative yield, which ranks below every profit, as P/E would not.
/// - **Missing**: without four consecutive quarters, a share count, a price or an exchange rate.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::value::EarningsYield;
///
/// assert_eq!(EarningsYield.name(), "ey_ttm");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct EarningsYield;

impl Factor for EarningsYield {
    fn name(&self) -> &str {
        "ey_ttm"
    }

    fn inputs(&self) -> &[Field] {
        &[Field::Ttm(Item::NetIncome), Field::Fx, Field::Close, Field::ListedShares]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let income = Field::Ttm(Item::NetIncome);
        let rows = [income, Field::Fx, Field::Close, Field::ListedShares].map(|f| window.today(f));
        each_of(out, rows, |[income, fx, close, shares]| income * fx / (close * shares));
    }
}

/// Consensus earnings of the next twelve months over price, `(w FY1 + (1 - w) FY2) / close`: the
/// inverse of the forward P/E.
///
/// - **Source**: J.P. Morgan's P/E on 12-month forward earnings; `ForwardEarningsToPrice` of skfolio.
/// - **Inputs**: [`Field::ForwardEps`], [`Field::Close`]. **Lookback**: none.
/// - **Bad cases**: expected losses give a negative yield. Both are per listed share on one split
///   basis, so splits and depositary ratios cancel.
/// - **Missing**: without a price, a snapshot of the last 45 days, or either year.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::value::ForwardEarningsYield;
///
/// assert_eq!(ForwardEarningsYield.name(), "ey_fwd");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ForwardEarningsYield;

impl Factor for ForwardEarningsYield {
    fn name(&self) -> &str {
        "ey_fwd"
    }

    fn inputs(&self) -> &[Field] {
        &[Field::ForwardEps, Field::Close]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let rows = [Field::ForwardEps, Field::Close].map(|field| window.today(field));
        each_of(out, rows, |[earnings, close]| earnings / close);
    }
}

/// Common book equity over market value, `book x fx / (close x shares)`, at today's price.
///
/// - **Source**: Rosenberg, Reid and Lanstein, *Persuasive Evidence of Market Inefficiency* (1985);
///   Fama and French, *The Cross-Section of Expected Stock Returns* (1992); with the current price, as
///   Asness and Frazzini, *The Devil in HML's Details* (2013).
/// - **Inputs**: [`Field::Quarter`] of book equity, [`Field::Fx`], [`Field::Close`],
///   [`Field::ListedShares`]. **Lookback**: none.
/// - **Missing**: as `ey_ttm`, and for book equity of 0 or less: eaten up by buy-backs, it says nothing
///   about cheapness.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::value::BookToMarket;
///
/// assert_eq!(BookToMarket.name(), "bm");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct BookToMarket;

impl Factor for BookToMarket {
    fn name(&self) -> &str {
        "bm"
    }

    fn inputs(&self) -> &[Field] {
        &[Field::Quarter(Item::BookEquity, 0), Field::Fx, Field::Close, Field::ListedShares]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let book = Field::Quarter(Item::BookEquity, 0);
        let rows = [book, Field::Fx, Field::Close, Field::ListedShares].map(|f| window.today(f));
        each_of(
            out,
            rows,
            |[book, fx, close, shares]| {
                if book > 0.0 { book * fx / (close * shares) } else { f64::NAN }
            },
        );
    }
}

/// Dividends per share of the last 365 days over price, both on one split basis.
///
/// - **Source**: Litzenberger and Ramaswamy, *The Effect of Personal Taxes and Dividends on Capital
///   Asset Prices* (1979); Fama and French, *Dividend Yields and Expected Stock Returns* (1988).
/// - **Inputs**: [`Field::DividendsYear`], [`Field::Close`]. **Lookback**: none; the year is the
///   field's.
/// - **Bad cases**: a stock that pays nothing has 0. Spin-offs and special dividends: the former do not
///   count, the latter do.
/// - **Missing**: without a price, and in the first 365 days of a stock.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::value::DividendYield;
///
/// assert_eq!(DividendYield.name(), "dy");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct DividendYield;

impl Factor for DividendYield {
    fn name(&self) -> &str {
        "dy"
    }

    fn inputs(&self) -> &[Field] {
        &[Field::DividendsYear, Field::Close]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let rows = [Field::DividendsYear, Field::Close].map(|field| window.today(field));
        each_of(out, rows, |[paid, close]| over_positive(paid, close));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{of_inputs, same};
    use super::*;

    const MISSING: f64 = f64::NAN;

    #[test]
    fn the_earnings_yield_by_hand() {
        // 400 m francs at 1.1 dollars for 50 x 100 m dollars: 0.088; a loss; no rate.
        let rows = [[4e8, -4e8, 4e8], [1.1, 1.1, MISSING], [50.0, 50.0, 50.0], [1e8, 1e8, 1e8]];
        let values = of_inputs(EarningsYield, &rows);
        assert!(same(values[0], 0.088) && same(values[1], -0.088) && values[2].is_nan());
    }

    #[test]
    fn the_forward_yield_by_hand() {
        let values = of_inputs(ForwardEarningsYield, &[[5.0, -1.0, MISSING], [80.0, 80.0, 80.0]]);
        assert_eq!(values[..2], [0.0625, -0.0125]);
        assert!(values[2].is_nan());
    }

    #[test]
    fn book_to_market_by_hand() {
        let rows = [[2e9, 0.0, -1e9], [1.0; 3], [40.0; 3], [1e8; 3]];
        let values = of_inputs(BookToMarket, &rows);
        assert_eq!(values[0], 0.5);
        assert!(values[1].is_nan() && values[2].is_nan());
    }

    #[test]
    fn the_dividend_yield_by_hand() {
        let values = of_inputs(DividendYield, &[[1.5, 0.0, MISSING], [60.0, 60.0, 60.0]]);
        assert_eq!(values[..2], [0.025, 0.0]);
        assert!(values[2].is_nan());
    }
}
