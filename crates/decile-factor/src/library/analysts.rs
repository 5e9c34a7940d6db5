//! What the analysts think, how it changes and how far they agree.
//!
//! Every number of a factor comes from one snapshot, the newest of an earlier day and at most 45 days
//! old, so a split between snapshots cannot look like a revision.

use super::{each_of, mean_of_known, over_positive, symmetric_growth};
use crate::{Consensus, Factor, Field, Window};

/// Analysts below whom a spread or a mean of theirs says nothing.
const ANALYSTS_MIN: f64 = 3.0;

fn today<'a, const N: usize>(window: &Window<'a>, numbers: [Consensus; N]) -> [&'a [f64]; N] {
    numbers.map(|number| window.today(Field::Estimate(number)))
}

/// Symmetric change of the consensus over 90 days, averaged over this and the next fiscal year.
///
/// - **Source**: Chan, Jegadeesh and Lakonishok, *Momentum Strategies* (1996): forecasts respond slowly
///   to news; J.P. Morgan's three-month earnings momentum.
/// - **Inputs**: [`Field::Estimate`] of both years, now and 90 days ago. **Lookback**: none; the 90
///   days are the snapshot's.
/// - **Bad cases**: one year missing, or 0 then and now: the other alone.
/// - **Missing**: without a snapshot of the last 45 days.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::analysts::EarningsMomentum;
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
        each_of(out, today(window, numbers), |[fy1, fy1_ago, fy2, fy2_ago]| {
            mean_of_known(symmetric_growth(fy1, fy1_ago), symmetric_growth(fy2, fy2_ago))
        });
    }
}

/// Symmetric growth from this fiscal year's consensus to the next one's.
///
/// - **Source**: J.P. Morgan's growth from FY1 to FY2.
/// - **Inputs**: [`Field::Estimate`] of both years. **Lookback**: none.
/// - **Missing**: without both years, or when both are 0.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::analysts::ForwardGrowth;
///
/// assert_eq!(ForwardGrowth.name(), "epsg_fwd");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ForwardGrowth;

impl Factor for ForwardGrowth {
    fn name(&self) -> &str {
        "epsg_fwd"
    }

    fn inputs(&self) -> &[Field] {
        &[Field::Estimate(Consensus::Fy1), Field::Estimate(Consensus::Fy2)]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let numbers = [Consensus::Fy1, Consensus::Fy2];
        each_of(out, today(window, numbers), |[fy1, fy2]| symmetric_growth(fy2, fy1));
    }
}

/// Analysts who raised the second fiscal year in the last 30 days less those who cut it, over both:
/// `(up - down) / (up + down)`.
///
/// - **Source**: Givoly and Lakonishok, *The Information Content of Financial Analysts' Forecasts of
///   Earnings* (1979); Stickel, *Common Stock Returns Surrounding Earnings Forecast Revisions* (1991);
///   J.P. Morgan's net revisions.
/// - **Inputs**: [`Field::Estimate`] of the analysts and of those who raised and cut. **Lookback**:
///   none.
/// - **Bad cases**: none moved gives 0. Vendors leave a count of 0 empty, so an empty one counts 0
///   where there are analysts.
/// - **Missing**: without analysts.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::analysts::NetRevisions;
///
/// assert_eq!(NetRevisions.name(), "net_rev_fy2");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct NetRevisions;

impl Factor for NetRevisions {
    fn name(&self) -> &str {
        "net_rev_fy2"
    }

    fn inputs(&self) -> &[Field] {
        &[
            Field::Estimate(Consensus::Analysts),
            Field::Estimate(Consensus::Fy2Raised),
            Field::Estimate(Consensus::Fy2Cut),
        ]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let numbers = [Consensus::Analysts, Consensus::Fy2Raised, Consensus::Fy2Cut];
        each_of(out, today(window, numbers), |[analysts, raised, cut]| {
            if analysts > 0.0 { net_share(or_none(raised), or_none(cut)) } else { f64::NAN }
        });
    }
}

fn or_none(count: f64) -> f64 {
    if count.is_nan() { 0.0 } else { count }
}

fn net_share(raised: f64, cut: f64) -> f64 {
    let moved = raised + cut;
    if moved > 0.0 { (raised - cut) / moved } else { 0.0 }
}

/// Minus the change of the mean recommendation over 30 days, 1 being strong buy and 5 sell: upgrades
/// are above 0.
///
/// - **Source**: Womack, *Do Brokerage Analysts' Recommendations Have Investment Value?* (1996);
///   Jegadeesh, Kim, Krische and Lee, *Analyzing the Analysts* (2004).
/// - **Inputs**: [`Field::Estimate`] of the recommendation, now and 30 days ago, and of how many stand
///   behind it. **Lookback**: none; the 30 days are the snapshot's.
/// - **Missing**: without both means, or with fewer than 3 analysts where their number is given.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::analysts::RecommendationChange;
///
/// assert_eq!(RecommendationChange.name(), "rec_chg_1m");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RecommendationChange;

impl Factor for RecommendationChange {
    fn name(&self) -> &str {
        "rec_chg_1m"
    }

    fn inputs(&self) -> &[Field] {
        &[
            Field::Estimate(Consensus::Recommendation),
            Field::Estimate(Consensus::RecommendationAgo30),
            Field::Estimate(Consensus::Recommending),
        ]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let numbers =
            [Consensus::Recommendation, Consensus::RecommendationAgo30, Consensus::Recommending];
        each_of(out, today(window, numbers), |[now, then, analysts]| {
            if analysts < ANALYSTS_MIN { f64::NAN } else { then - now }
        });
    }
}

/// Minus how far the analysts differ, relative to their mean and averaged over this and the next
/// fiscal year: `-mean(deviation / |mean|)` is `erisk`, `-mean((high - low) / |mean|)` is
/// `erisk_range`, for vendors who give no deviation.
///
/// - **Source**: Diether, Malloy and Scherbina, *Differences of Opinion and the Cross Section of Stock
///   Returns* (2002); J.P. Morgan's coefficient of variation over FY1 and FY2.
/// - **Inputs**: [`Field::Estimate`] of the analysts, of both years and of their deviations (their
///   highest and lowest). **Lookback**: none.
/// - **Direction**: analysts who agree are better.
/// - **Bad cases**: one year missing, or with a mean of 0: the other alone.
/// - **Missing**: with fewer than 3 analysts.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::analysts::EarningsRisk;
///
/// assert_eq!(EarningsRisk::by_deviation().name(), "erisk");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct EarningsRisk {
    by_range: bool,
}

impl EarningsRisk {
    /// Makes the factor `erisk`.
    #[must_use]
    pub fn by_deviation() -> Self {
        Self { by_range: false }
    }

    /// Makes the factor `erisk_range`.
    #[must_use]
    pub fn by_range() -> Self {
        Self { by_range: true }
    }
}

impl Factor for EarningsRisk {
    fn name(&self) -> &str {
        if self.by_range { "erisk_range" } else { "erisk" }
    }

    fn inputs(&self) -> &[Field] {
        if self.by_range {
            return &[
                Field::Estimate(Consensus::Analysts),
                Field::Estimate(Consensus::Fy1),
                Field::Estimate(Consensus::Fy1High),
                Field::Estimate(Consensus::Fy1Low),
                Field::Estimate(Consensus::Fy2),
                Field::Estimate(Consensus::Fy2High),
                Field::Estimate(Consensus::Fy2Low),
            ];
        }
        &[
            Field::Estimate(Consensus::Analysts),
            Field::Estimate(Consensus::Fy1),
            Field::Estimate(Consensus::Fy1Std),
            Field::Estimate(Consensus::Fy2),
            Field::Estimate(Consensus::Fy2Std),
        ]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let [analysts, fy1, fy2] =
            today(window, [Consensus::Analysts, Consensus::Fy1, Consensus::Fy2]);
        if self.by_range {
            let ends =
                [Consensus::Fy1High, Consensus::Fy1Low, Consensus::Fy2High, Consensus::Fy2Low];
            let [high1, low1, high2, low2] = today(window, ends);
            let rows = [analysts, fy1, high1, low1, fy2, high2, low2];
            each_of(out, rows, |[analysts, fy1, high1, low1, fy2, high2, low2]| {
                disagreement(analysts, [(high1 - low1, fy1), (high2 - low2, fy2)])
            });
        } else {
            let [spread1, spread2] = today(window, [Consensus::Fy1Std, Consensus::Fy2Std]);
            let rows = [analysts, fy1, spread1, fy2, spread2];
            each_of(out, rows, |[analysts, fy1, spread1, fy2, spread2]| {
                disagreement(analysts, [(spread1, fy1), (spread2, fy2)])
            });
        }
    }
}

/// Minus the mean of the spreads over the sizes of their means.
fn disagreement(analysts: f64, years: [(f64, f64); 2]) -> f64 {
    let [fy1, fy2] = years.map(|(spread, mean)| over_positive(spread, mean.abs()));
    // Fewer, or nobody knows how many.
    if analysts >= ANALYSTS_MIN { -mean_of_known(fy1, fy2) } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{of_inputs, same};
    use super::*;

    const MISSING: f64 = f64::NAN;

    #[test]
    fn earnings_momentum_by_hand() {
        // 3 from 1 is +1 and 1 from 1 is 0; one year alone; nothing.
        let rows =
            [[3.0, MISSING, MISSING], [1.0, 1.0, MISSING], [1.0, 1.0, 1.0], [1.0, 3.0, MISSING]];
        let values = of_inputs(EarningsMomentum, &rows);
        assert_eq!(values[..2], [0.5, -1.0]);
        assert!(values[2].is_nan());
    }

    #[test]
    fn forward_growth_by_hand() {
        let values = of_inputs(ForwardGrowth, &[[1.0, -1.0, 0.0], [3.0, 1.0, 0.0]]);
        assert_eq!(values[..2], [1.0, 2.0]);
        assert!(values[2].is_nan());
    }

    #[test]
    fn net_revisions_by_hand() {
        // Three up and one down; nobody moved; a count left empty; nobody there; not known.
        let rows = [
            [9.0, 9.0, 9.0, 0.0, MISSING],
            [3.0, 0.0, MISSING, 0.0, 3.0],
            [1.0, 0.0, 2.0, 0.0, 1.0],
        ];
        let values = of_inputs(NetRevisions, &rows);
        assert_eq!(values[..3], [0.5, 0.0, -1.0]);
        assert!(values[3].is_nan() && values[4].is_nan());
    }

    #[test]
    fn recommendation_changes_by_hand() {
        // From hold to buy; the other way; too few; their number not given; no earlier mean.
        let rows = [
            [2.0, 3.0, 2.0, 2.0, 2.0],
            [3.0, 2.5, 3.0, 3.0, MISSING],
            [3.0, 5.0, 2.0, MISSING, 9.0],
        ];
        let values = of_inputs(RecommendationChange, &rows);
        assert_eq!(values[..2], [1.0, -0.5]);
        assert_eq!(values[3], 1.0);
        assert!(values[2].is_nan() && values[4].is_nan());
    }

    #[test]
    fn earnings_risk_by_hand() {
        // 0.2/2 and 0.6/3 are 0.15 on average; the second year alone; a mean of 0; two analysts.
        let rows = [
            [5.0, 5.0, 5.0, 2.0, MISSING],
            [2.0, MISSING, 0.0, 2.0, 2.0],
            [0.2; 5],
            [-3.0, 3.0, 3.0, 3.0, 3.0],
            [0.6; 5],
        ];
        let values = of_inputs(EarningsRisk::by_deviation(), &rows);
        assert!(same(values[0], -0.15), "{values:?}");
        assert!(same(values[1], -0.2) && same(values[2], -0.2), "{values:?}");
        assert!(values[3].is_nan() && values[4].is_nan());
        let rows =
            [[3.0, 3.0], [2.0, 2.0], [2.5, 2.5], [1.5, MISSING], [4.0; 2], [5.0; 2], [3.0; 2]];
        let values = of_inputs(EarningsRisk::by_range(), &rows);
        assert_eq!(values, [-0.5, -0.5]);
    }
}
