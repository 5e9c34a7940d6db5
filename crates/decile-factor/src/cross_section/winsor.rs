use super::{Chains, clip, known, quantile};

/// The median distance from the median of normal values times this is their standard deviation:
/// 1 / Φ⁻¹(3/4).
const NORMAL_SCALE: f64 = 1.482_602_218_505_602;

/// Returns the median absolute deviation from the median, scaled so that it estimates the standard
/// deviation of normal values: `1.4826 * median(|x - median(x)|)`. `None` if nothing is known.
///
/// ```
/// use decile_factor::cross_section::median_deviation;
///
/// // Median 2, distances 1, 0, 1, 98.
/// let deviation = median_deviation(&[1.0, 2.0, 3.0, 2.0, 100.0]).expect("known");
/// assert!((deviation - 1.482602218505602).abs() < 1e-15);
/// ```
#[must_use]
pub fn median_deviation(values: &[f64]) -> Option<f64> {
    let median = quantile(values, 0.5)?;
    let distances: Vec<f64> = known(values).iter().map(|value| (value - median).abs()).collect();
    Some(NORMAL_SCALE * quantile(&distances, 0.5)?)
}

/// Clips the values to their median ± so many [`median_deviation`]s.
///
/// Neither bound depends on the outliers, so this serves small cross-sections, where quantiles lean
/// on them. If more than half of the values are equal the deviation is 0: then nothing changes.
///
/// ```
/// use decile_factor::cross_section::winsorize_mad;
///
/// let mut values = [1.0, 2.0, 3.0, 2.0, 100.0];
/// winsorize_mad(&mut values, 3.0);
/// assert!((values[4] - (2.0 + 3.0 * 1.482602218505602)).abs() < 1e-14);
/// ```
pub fn winsorize_mad(values: &mut [f64], deviations: f64) {
    if let Some((low, high)) = median_bounds(values, deviations) {
        clip(values, low, high);
    }
}

/// Returns the bounds of [`winsorize_mad`]: median ± so many [`median_deviation`]s. `None` if nothing
/// is known, or if more than half of the values are equal.
///
/// ```
/// use decile_factor::cross_section::median_bounds;
///
/// let (low, high) = median_bounds(&[1.0, 2.0, 3.0, 2.0, 100.0], 1.0).expect("known");
/// assert!((high - 2.0 - 1.482602218505602).abs() < 1e-15 && (low + high - 4.0).abs() < 1e-15);
/// assert_eq!(median_bounds(&[5.0, 5.0, 7.0], 3.0), None);
/// ```
#[must_use]
pub fn median_bounds(values: &[f64], deviations: f64) -> Option<(f64, f64)> {
    let deviation = median_deviation(values).filter(|deviation| *deviation > 0.0)?;
    let median = quantile(values, 0.5)?;
    Some((median - deviations * deviation, median + deviations * deviation))
}

/// Replaces the `floor(lower * n)` least values by the next one, and those from place
/// `ceil(upper * n)` on by the one before: the index cut of zipline. Nothing moves below 20 values at
/// 5 % and 95 %.
///
/// ```
/// use decile_factor::cross_section::winsorize_zipline;
///
/// let mut values = [9.0, 1.0, 5.0, 4.0];
/// winsorize_zipline(&mut values, 0.25, 0.75);
/// assert_eq!(values, [5.0, 4.0, 5.0, 4.0]);
/// ```
pub fn winsorize_zipline(values: &mut [f64], lower: f64, upper: f64) {
    cut(values, |count| ((lower * count) as usize, (upper * count).ceil() as usize));
}

/// Replaces the `floor(lower * n)` least values by the next one, and the `floor(upper * n)` greatest by
/// the one before: the index cut of `scipy.stats.mstats.winsorize`. `upper` is the share that is cut:
/// 0.05 where zipline says 0.95.
///
/// ```
/// use decile_factor::cross_section::winsorize_scipy;
///
/// let mut values = [9.0, 1.0, 5.0, 4.0];
/// winsorize_scipy(&mut values, 0.25, 0.25);
/// assert_eq!(values, [5.0, 4.0, 5.0, 4.0]);
/// ```
pub fn winsorize_scipy(values: &mut [f64], lower: f64, upper: f64) {
    cut(values, |count| ((lower * count) as usize, count as usize - (upper * count) as usize));
}

/// Pulls in the values outside of two places in their order, the second excluded.
fn cut(values: &mut [f64], places: impl Fn(f64) -> (usize, usize)) {
    let chains = Chains::new(values, f64::INFINITY);
    let Some(order) = chains.iter().next() else { return };
    let (low, high) = places(order.len() as f64);
    // Of two tails that overlap the upper one counts, as it does in both libraries.
    let (low, high) = (low.min(order.len() - 1), high.clamp(1, order.len()));
    let (least, greatest) = (values[order[low]], values[order[high - 1]]);
    for index in &order[..low] {
        values[*index] = least;
    }
    for index in &order[high..] {
        values[*index] = greatest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_cut_moves_nothing_below_twenty_values() {
        let ascending = |count: u32| (0..count).map(f64::from).collect::<Vec<_>>();
        for cut in [
            |v: &mut [f64]| winsorize_zipline(v, 0.05, 0.95),
            |v: &mut [f64]| winsorize_scipy(v, 0.05, 0.05),
        ] {
            let mut few = ascending(19);
            cut(&mut few);
            assert_eq!(few, ascending(19));
            let mut enough = ascending(20);
            cut(&mut enough);
            assert_eq!((enough[0], enough[19]), (1.0, 18.0));
        }
    }

    #[test]
    fn nothing_and_one_value_stay_as_they_are() {
        let operators: [fn(&mut [f64]); 3] = [
            |values| winsorize_mad(values, 3.0),
            |values| winsorize_zipline(values, 0.4, 0.6),
            |values| winsorize_scipy(values, 0.6, 0.6),
        ];
        for operator in operators {
            let mut single = [f64::NAN, 4.0];
            operator(&mut single);
            assert!(single[0].is_nan() && single[1] == 4.0);
            operator(&mut []);
        }
        assert_eq!(median_deviation(&[f64::NAN]), None);
    }

    #[test]
    fn a_majority_of_equal_values_leaves_the_others_alone() {
        let mut values = [0.0, 0.0, 0.0, 1.0, -1.0];
        winsorize_mad(&mut values, 3.0);
        assert_eq!(values, [0.0, 0.0, 0.0, 1.0, -1.0]);
    }
}
