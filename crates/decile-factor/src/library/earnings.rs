//! Where reported earnings are going.

use super::{each_of, over_positive, symmetric_growth};
use crate::{Factor, Field, Item, Window};

/// Growth of four-quarter net income over a year: symmetric, `(E1 - E0) / ((|E1| + |E0|) / 2)`, is
/// `eg_sym`; over the size of where it started, `(E1 - E0) / |E0|`, is `eg_abs`.
///
/// - **Source**: the measure of Davis, Haltiwanger and Schuh, *Job Creation and Destruction* (1996).
///   Long past growth predicts little (Lakonishok, Shleifer and Vishny, *Contrarian Investment,
///   Extrapolation, and Risk*, 1994), so give it little weight.
/// - **Inputs**: [`Field::Ttm`] and [`Field::TtmYearAgo`] of net income. **Lookback**: none.
/// - **Bad cases**: both have the right sign through losses, which `E1 / E0 - 1` has not. `eg_sym` stays
///   in [-2, 2]; `eg_abs` explodes near E0 = 0.
/// - **Missing**: without both sums; when both are 0 (`eg_sym`), or the earlier one (`eg_abs`).
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::earnings::EarningsGrowth;
///
/// assert_eq!(EarningsGrowth::symmetric().name(), "eg_sym");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct EarningsGrowth {
    over_size: bool,
}

impl EarningsGrowth {
    /// Makes the factor `eg_sym`.
    #[must_use]
    pub fn symmetric() -> Self {
        Self { over_size: false }
    }

    /// Makes the factor `eg_abs`.
    #[must_use]
    pub fn over_size() -> Self {
        Self { over_size: true }
    }
}

impl Factor for EarningsGrowth {
    fn name(&self) -> &str {
        if self.over_size { "eg_abs" } else { "eg_sym" }
    }

    fn inputs(&self) -> &[Field] {
        &[Field::Ttm(Item::NetIncome), Field::TtmYearAgo(Item::NetIncome)]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let now = window.today(Field::Ttm(Item::NetIncome));
        let then = window.today(Field::TtmYearAgo(Item::NetIncome));
        if self.over_size {
            each_of(out, [now, then], |[now, then]| over_positive(now - then, then.abs()));
        } else {
            each_of(out, [now, then], |[now, then]| symmetric_growth(now, then));
        }
    }
}

/// Change of four-quarter net income over a year, over market value: `(E1 - E0) x fx / (close x
/// shares)`.
///
/// - **Source**: `EarningsChangeToPrice` of skfolio.
/// - **Inputs**: [`Field::Ttm`] and [`Field::TtmYearAgo`] of net income, [`Field::Fx`],
///   [`Field::Close`], [`Field::ListedShares`]. **Lookback**: none.
/// - **Missing**: without both sums, a share count, a price or an exchange rate.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::earnings::EarningsChangeToPrice;
///
/// assert_eq!(EarningsChangeToPrice.name(), "eg_price");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct EarningsChangeToPrice;

impl Factor for EarningsChangeToPrice {
    fn name(&self) -> &str {
        "eg_price"
    }

    fn inputs(&self) -> &[Field] {
        &[
            Field::Ttm(Item::NetIncome),
            Field::TtmYearAgo(Item::NetIncome),
            Field::Fx,
            Field::Close,
            Field::ListedShares,
        ]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let (now, then) = (Field::Ttm(Item::NetIncome), Field::TtmYearAgo(Item::NetIncome));
        let inputs = [now, then, Field::Fx, Field::Close, Field::ListedShares];
        each_of(out, inputs.map(|field| window.today(field)), |[now, then, fx, close, shares]| {
            (now - then) * fx / (close * shares)
        });
    }
}

/// Growth over a year of the newest quarter's net income minus that of the quarter before, both
/// symmetric: earnings speeding up.
///
/// - **Source**: decile's own. It stands in for earnings momentum on a market without estimates.
/// - **Inputs**: [`Field::Quarter`] and [`Field::QuarterYearAgo`] of net income, 0 and 1 quarters back.
///   **Lookback**: none.
/// - **Missing**: without both quarters, neighbours of each other, and those of a year before.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::earnings::EarningsAcceleration;
///
/// assert_eq!(EarningsAcceleration.name(), "eaccel");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct EarningsAcceleration;

impl Factor for EarningsAcceleration {
    fn name(&self) -> &str {
        "eaccel"
    }

    fn inputs(&self) -> &[Field] {
        &[
            Field::Quarter(Item::NetIncome, 0),
            Field::QuarterYearAgo(Item::NetIncome, 0),
            Field::Quarter(Item::NetIncome, 1),
            Field::QuarterYearAgo(Item::NetIncome, 1),
        ]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let income = Item::NetIncome;
        let rows = [
            window.today(Field::Quarter(income, 0)),
            window.today(Field::QuarterYearAgo(income, 0)),
            window.today(Field::Quarter(income, 1)),
            window.today(Field::QuarterYearAgo(income, 1)),
        ];
        each_of(out, rows, |[newest, newest_ago, before, before_ago]| {
            symmetric_growth(newest, newest_ago) - symmetric_growth(before, before_ago)
        });
    }
}

/// Standardised unexpected earnings: the change of the newest quarter's net income over a year, over
/// the standard deviation of such changes in the eight quarters before it.
///
/// - **Source**: Foster, Olsen and Shevlin, *Earnings Releases, Anomalies, and the Behavior of Security
///   Returns* (1984); Bernard and Thomas, *Post-Earnings-Announcement Drift* (1989); six of the eight
///   quarters at least, as Hou, Xue and Zhang, *Digesting Anomalies* (2015). They take earnings per
///   share; net income needs no adjustment for splits, and sees buy-backs as no growth.
/// - **Inputs**: [`Field::Quarter`] and [`Field::QuarterYearAgo`] of net income,
///   [`Field::ChangeDeviation`]. **Lookback**: none; the quarters are the fields'.
/// - **Missing**: with fewer quarters, or if all changes were equal.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::earnings::EarningsSurprise;
///
/// assert_eq!(EarningsSurprise.name(), "sue");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct EarningsSurprise;

impl Factor for EarningsSurprise {
    fn name(&self) -> &str {
        "sue"
    }

    fn inputs(&self) -> &[Field] {
        &[
            Field::Quarter(Item::NetIncome, 0),
            Field::QuarterYearAgo(Item::NetIncome, 0),
            Field::ChangeDeviation(Item::NetIncome),
        ]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let now = window.today(Field::Quarter(Item::NetIncome, 0));
        let then = window.today(Field::QuarterYearAgo(Item::NetIncome, 0));
        let deviation = window.today(Field::ChangeDeviation(Item::NetIncome));
        each_of(out, [now, then, deviation], |[now, then, deviation]| {
            over_positive(now - then, deviation)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{of_inputs, same};
    use super::*;

    const MISSING: f64 = f64::NAN;

    #[test]
    fn growth_by_hand() {
        let rows = [[3.0, -1.0, 2.0, 0.0, 1.0], [1.0, 1.0, -1.0, 0.0, MISSING]];
        let symmetric = of_inputs(EarningsGrowth::symmetric(), &rows);
        assert_eq!(symmetric[..3], [1.0, -2.0, 2.0]);
        let over_size = of_inputs(EarningsGrowth::over_size(), &rows);
        assert_eq!(over_size[..3], [2.0, -2.0, 3.0]);
        for values in [symmetric, over_size] {
            assert!(values[3].is_nan() && values[4].is_nan());
        }
        let from_nothing = of_inputs(EarningsGrowth::over_size(), &[[1.0], [0.0]]);
        assert!(from_nothing[0].is_nan());
    }

    #[test]
    fn the_change_over_price_by_hand() {
        // 100 m more, at 1.2 dollars, on a value of 40 x 60 m.
        let rows = [[3e8, 3e8], [2e8, MISSING], [1.2; 2], [40.0; 2], [6e7; 2]];
        let values = of_inputs(EarningsChangeToPrice, &rows);
        assert!(same(values[0], 0.05) && values[1].is_nan());
    }

    #[test]
    fn acceleration_by_hand() {
        // 3 from 1 is +1, 1 from 3 is -1; a first quarter out of nothing is missing.
        let values =
            of_inputs(EarningsAcceleration, &[[3.0, 0.0], [1.0, 0.0], [1.0, 1.0], [3.0, 1.0]]);
        assert_eq!(values[0], 2.0);
        assert!(values[1].is_nan());
    }

    #[test]
    fn surprise_by_hand() {
        let rows = [[12.0, 12.0, 12.0], [9.0, 15.0, 9.0], [1.5, 1.5, 0.0]];
        let values = of_inputs(EarningsSurprise, &rows);
        assert_eq!(values[..2], [2.0, -2.0]);
        assert!(values[2].is_nan());
    }
}
