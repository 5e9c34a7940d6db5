//! What the company earns and owns for its price.

use super::each_of_4;
use crate::{Factor, Field, Item, Window};

/// Net income of four quarters over market value, `TTM x fx / (close x shares)`: the inverse of
/// P/E.
///
/// Basu, *Investment Performance of Common Stocks in Relation to Their Price-Earnings Ratios*
/// (1977). Losses give a negative yield, which ranks below every profit, as P/E would not. Missing
/// without four consecutive quarters, a share count, a price or an exchange rate.
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
        let inputs = [income, Field::Fx, Field::Close, Field::ListedShares];
        let rows = inputs.map(|field| window.today(field));
        each_of_4(out, rows, |[income, fx, close, shares]| income * fx / (close * shares));
    }
}

/// Common book equity over market value, `book x fx / (close x shares)`, at today's price.
///
/// Rosenberg, Reid and Lanstein, *Persuasive Evidence of Market Inefficiency* (1985); Fama and
/// French, *The Cross-Section of Expected Stock Returns* (1992); with the current price, as Asness
/// and Frazzini, *The Devil in HML's Details* (2013). Book equity of 0 or less is missing: eaten up
/// by buy-backs, it says nothing about cheapness.
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
        each_of_4(
            out,
            rows,
            |[book, fx, close, shares]| {
                if book > 0.0 { book * fx / (close * shares) } else { f64::NAN }
            },
        );
    }
}
