//! Where earnings, and the analysts' view of them, are going.

use super::{each_of_2, each_of_4, symmetric_growth};
use crate::{Consensus, Factor, Field, Item, Window};

/// Symmetric growth of four-quarter net income over a year: `(E1 - E0) / ((|E1| + |E0|) / 2)`.
///
/// In [-2, 2] and of the right sign through losses, where `(E1 - E0) / E0` is neither (Davis and
/// Haltiwanger's measure). Missing without both sums, or when both are 0.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::earnings::EarningsGrowth;
///
/// assert_eq!(EarningsGrowth.name(), "eg_sym");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct EarningsGrowth;

impl Factor for EarningsGrowth {
    fn name(&self) -> &str {
        "eg_sym"
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
        each_of_2(out, now, then, symmetric_growth);
    }
}

/// Symmetric change of the consensus over 90 days, averaged over this and the next fiscal year.
///
/// Chan, Jegadeesh and Lakonishok, *Momentum Strategies* (1996): forecasts respond slowly to news.
/// Both numbers of a change come from one snapshot, so a split between snapshots cannot look like a
/// revision. One year missing: the other alone. Missing without a snapshot of the last 45 days.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::earnings::EarningsMomentum;
///
/// assert_eq!(EarningsMomentum.name(), "em_3m");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct EarningsMomentum;

impl Factor for EarningsMomentum {
    fn name(&self) -> &str {
        "em_3m"
    }

    fn inputs(&self) -> &[Field] {
        &[
            Field::Estimate(Consensus::Fy1),
            Field::Estimate(Consensus::Fy1Ago90),
            Field::Estimate(Consensus::Fy2),
            Field::Estimate(Consensus::Fy2Ago90),
        ]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let numbers = [Consensus::Fy1, Consensus::Fy1Ago90, Consensus::Fy2, Consensus::Fy2Ago90];
        let rows = numbers.map(|number| window.today(Field::Estimate(number)));
        each_of_4(out, rows, |[fy1, fy1_ago, fy2, fy2_ago]| {
            mean_of_known(symmetric_growth(fy1, fy1_ago), symmetric_growth(fy2, fy2_ago))
        });
    }
}

fn mean_of_known(a: f64, b: f64) -> f64 {
    match (a.is_nan(), b.is_nan()) {
        (true, _) => b,
        (_, true) => a,
        _ => f64::midpoint(a, b),
    }
}

/// Growth over a year of the newest quarter's net income minus that of the quarter before, both
/// symmetric: earnings speeding up.
///
/// It stands in for earnings momentum on a market without estimates. Missing without both quarters
/// and those of a year before.
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
        each_of_4(out, rows, |[newest, newest_ago, before, before_ago]| {
            symmetric_growth(newest, newest_ago) - symmetric_growth(before, before_ago)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_known_year_stands_for_both() {
        assert_eq!(mean_of_known(0.1, 0.3), 0.2);
        assert_eq!(mean_of_known(f64::NAN, 0.3), 0.3);
        assert_eq!(mean_of_known(0.1, f64::NAN), 0.1);
        assert!(mean_of_known(f64::NAN, f64::NAN).is_nan());
    }
}
