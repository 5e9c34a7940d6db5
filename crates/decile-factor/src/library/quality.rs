//! How well the company uses what it owns.

use super::{each_of, over_positive};
use crate::{Factor, Field, Item, Window};

/// Net income of four quarters over the mean of book equity now and a year ago.
///
/// - **Source**: Haugen and Baker, *Commonality in the Determinants of Expected Stock Returns* (1996);
///   Hou, Xue and Zhang, *Digesting Anomalies* (2015).
/// - **Inputs**: [`Field::Ttm`] of net income, [`Field::Quarter`] and [`Field::QuarterYearAgo`] of book
///   equity. **Lookback**: none.
/// - **Bad cases**: without a quarter a year ago, book equity now alone.
/// - **Missing**: if either book equity is 0 or less.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::quality::ReturnOnEquity;
///
/// assert_eq!(ReturnOnEquity.name(), "roe");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ReturnOnEquity;

impl Factor for ReturnOnEquity {
    fn name(&self) -> &str {
        "roe"
    }

    fn inputs(&self) -> &[Field] {
        &[
            Field::Ttm(Item::NetIncome),
            Field::Quarter(Item::BookEquity, 0),
            Field::QuarterYearAgo(Item::BookEquity, 0),
        ]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let income = window.today(Field::Ttm(Item::NetIncome));
        let now = window.today(Field::Quarter(Item::BookEquity, 0));
        let then = window.today(Field::QuarterYearAgo(Item::BookEquity, 0));
        each_of(out, [income, now, then], |[income, now, then]| income / mean_positive(now, then));
    }
}

/// The mean of both; missing unless each that is known is above 0, and the first is.
fn mean_positive(now: f64, then: f64) -> f64 {
    match (now > 0.0, then.is_nan()) {
        (true, true) => now,
        (true, false) if then > 0.0 => f64::midpoint(now, then),
        _ => f64::NAN,
    }
}

/// Consensus earnings of the next twelve months of the whole company over book equity now:
/// `forward EPS x shares / (book x fx)`.
///
/// - **Source**: the ROE forecast of J.P. Morgan's factor pages.
/// - **Inputs**: [`Field::ForwardEps`], [`Field::ListedShares`], [`Field::Quarter`] of book equity,
///   [`Field::Fx`]. **Lookback**: none.
/// - **Missing**: for book equity of 0 or less, and without estimates, shares or a rate.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::quality::ForwardReturnOnEquity;
///
/// assert_eq!(ForwardReturnOnEquity.name(), "roe_fwd");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ForwardReturnOnEquity;

impl Factor for ForwardReturnOnEquity {
    fn name(&self) -> &str {
        "roe_fwd"
    }

    fn inputs(&self) -> &[Field] {
        &[Field::ForwardEps, Field::ListedShares, Field::Quarter(Item::BookEquity, 0), Field::Fx]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let book = Field::Quarter(Item::BookEquity, 0);
        let inputs = [Field::ForwardEps, Field::ListedShares, book, Field::Fx];
        each_of(out, inputs.map(|field| window.today(field)), |[earnings, shares, book, fx]| {
            over_positive(earnings * shares, book * fx)
        });
    }
}

/// Gross profit of four quarters over total assets now.
///
/// - **Source**: Novy-Marx, *The Other Side of Value: The Gross Profitability Premium* (2013).
/// - **Inputs**: [`Field::Ttm`] of gross profit, [`Field::Quarter`] of total assets. **Lookback**:
///   none.
/// - **Bad cases**: banks and insurers report no gross profit, so they are missing.
/// - **Missing**: without four quarters, or for assets of 0 or less.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::quality::GrossProfitability;
///
/// assert_eq!(GrossProfitability.name(), "gpa");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct GrossProfitability;

impl Factor for GrossProfitability {
    fn name(&self) -> &str {
        "gpa"
    }

    fn inputs(&self) -> &[Field] {
        &[Field::Ttm(Item::GrossProfit), Field::Quarter(Item::TotalAssets, 0)]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let profit = window.today(Field::Ttm(Item::GrossProfit));
        let assets = window.today(Field::Quarter(Item::TotalAssets, 0));
        each_of(out, [profit, assets], |[profit, assets]| over_positive(profit, assets));
    }
}

/// Minus what was earned without cash coming in, over the mean of total assets now and a year ago:
/// `-(net income - cash flow from operations) / assets`, both of four quarters.
///
/// - **Source**: Sloan, *Do Stock Prices Fully Reflect Information in Accruals and Cash Flows about
///   Future Earnings?* (1996), with the cash-flow statement in the place of balance-sheet changes, as
///   Hribar and Collins, *Errors in Estimating Accruals* (2002).
/// - **Inputs**: [`Field::Ttm`] of net income and of operating cash flow, [`Field::Quarter`] and
///   [`Field::QuarterYearAgo`] of total assets. **Lookback**: none.
/// - **Direction**: earnings backed by cash are better.
/// - **Bad cases**: without a quarter a year ago, assets now alone.
/// - **Missing**: without four quarters of both, or for assets of 0 or less.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::quality::Accruals;
///
/// assert_eq!(Accruals.name(), "accruals");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Accruals;

impl Factor for Accruals {
    fn name(&self) -> &str {
        "accruals"
    }

    fn inputs(&self) -> &[Field] {
        &[
            Field::Ttm(Item::NetIncome),
            Field::Ttm(Item::OperatingCashFlow),
            Field::Quarter(Item::TotalAssets, 0),
            Field::QuarterYearAgo(Item::TotalAssets, 0),
        ]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let rows = [
            window.today(Field::Ttm(Item::NetIncome)),
            window.today(Field::Ttm(Item::OperatingCashFlow)),
            window.today(Field::Quarter(Item::TotalAssets, 0)),
            window.today(Field::QuarterYearAgo(Item::TotalAssets, 0)),
        ];
        each_of(out, rows, |[income, cash, now, then]| (cash - income) / mean_positive(now, then));
    }
}

/// Minus the growth of total assets over a year: `-(assets / assets a year ago - 1)`.
///
/// - **Source**: Cooper, Gulen and Schill, *Asset Growth and the Cross-Section of Stock Returns*
///   (2008).
/// - **Inputs**: [`Field::Quarter`] and [`Field::QuarterYearAgo`] of total assets. **Lookback**: none.
/// - **Direction**: companies that grow their balance sheets less are better.
/// - **Missing**: without a quarter a year ago, or for assets of 0 or less then or now.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::quality::AssetGrowth;
///
/// assert_eq!(AssetGrowth.name(), "asset_growth");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct AssetGrowth;

impl Factor for AssetGrowth {
    fn name(&self) -> &str {
        "asset_growth"
    }

    fn inputs(&self) -> &[Field] {
        &[Field::Quarter(Item::TotalAssets, 0), Field::QuarterYearAgo(Item::TotalAssets, 0)]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let now = window.today(Field::Quarter(Item::TotalAssets, 0));
        let then = window.today(Field::QuarterYearAgo(Item::TotalAssets, 0));
        each_of(out, [now, then], |[now, then]| {
            if now > 0.0 && then > 0.0 { 1.0 - now / then } else { f64::NAN }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{of_inputs, same};
    use super::*;

    const MISSING: f64 = f64::NAN;

    #[test]
    fn every_known_book_must_be_positive() {
        assert_eq!(mean_positive(10.0, 20.0), 15.0);
        assert_eq!(mean_positive(10.0, f64::NAN), 10.0);
        for (now, then) in [(0.0, 5.0), (5.0, 0.0), (5.0, -1.0), (-1.0, f64::NAN), (f64::NAN, 5.0)]
        {
            assert!(mean_positive(now, then).is_nan(), "{now} {then}");
        }
    }

    #[test]
    fn return_on_equity_by_hand() {
        let rows = [[3.0, -3.0, 3.0], [10.0, 10.0, -1.0], [20.0, MISSING, 20.0]];
        let values = of_inputs(ReturnOnEquity, &rows);
        assert!(same(values[0], 0.2) && same(values[1], -0.3) && values[2].is_nan());
    }

    #[test]
    fn forward_return_on_equity_by_hand() {
        // 2.5 a share on 100 m shares are 250 m; book 1000 m pounds at 1.25 is 1250 m.
        let rows = [[2.5, 2.5, -2.5], [1e8; 3], [1e9, 0.0, 1e9], [1.25; 3]];
        let values = of_inputs(ForwardReturnOnEquity, &rows);
        assert!(same(values[0], 0.2) && values[1].is_nan() && same(values[2], -0.2));
    }

    #[test]
    fn gross_profits_and_accruals_by_hand() {
        let profits = of_inputs(GrossProfitability, &[[3.0, -1.0, MISSING], [12.0, 10.0, 10.0]]);
        assert!(same(profits[0], 0.25) && same(profits[1], -0.1) && profits[2].is_nan());
        // Earned 5 with 8 in cash on assets of 30 on average; earned 8 with 5; no year-ago quarter.
        let rows = [[5.0, 8.0, 5.0], [8.0, 5.0, 8.0], [40.0, 40.0, 30.0], [20.0, 20.0, MISSING]];
        let values = of_inputs(Accruals, &rows);
        assert!(same(values[0], 0.1) && same(values[1], -0.1) && same(values[2], 0.1));
    }

    #[test]
    fn asset_growth_by_hand() {
        let rows = [[120.0, 80.0, 100.0, 100.0], [100.0, 100.0, 0.0, MISSING]];
        let values = of_inputs(AssetGrowth, &rows);
        assert!((values[0] + 0.2).abs() < 1e-15 && (values[1] - 0.2).abs() < 1e-15, "{values:?}");
        assert!(values[2].is_nan() && values[3].is_nan());
    }
}
