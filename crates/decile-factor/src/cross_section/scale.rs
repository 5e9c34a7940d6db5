use super::{lanes, select};

/// Returns a quantile by linear interpolation between order statistics: type 7 of Hyndman and Fan,
/// *Sample Quantiles in Statistical Packages* (1996), the default of numpy, pandas and R.
///
/// `probability` runs from 0 to 1. `None` if nothing is known. One value is every quantile.
///
/// ```
/// use decile_factor::cross_section::quantile;
///
/// assert_eq!(quantile(&[4.0, 1.0, f64::NAN, 2.0], 0.5), Some(2.0));
/// assert_eq!(quantile(&[f64::NAN], 0.5), None);
/// ```
#[must_use]
pub fn quantile(values: &[f64], probability: f64) -> Option<f64> {
    select::quantiles(values, probability, probability).map(|(quantile, _)| quantile)
}

/// Returns two quantiles, as [`quantile`] would each; `None` if nothing is known.
///
/// ```
/// use decile_factor::cross_section::quantile_pair;
///
/// assert_eq!(quantile_pair(&[4.0, 1.0, 2.0], 0.0, 0.5), Some((1.0, 2.0)));
/// ```
#[must_use]
pub fn quantile_pair(values: &[f64], lower: f64, upper: f64) -> Option<(f64, f64)> {
    select::quantiles(values, lower, upper)
}

/// Clips the values to two of their own quantiles (type 7).
///
/// Interpolated quantiles pull in the outermost value of each tail even below 20 values, where the
/// count-based cut of zipline and scipy moves none.
///
/// ```
/// use decile_factor::cross_section::winsorize;
///
/// let mut values = [0.0, 1.0, 2.0, 3.0, 100.0];
/// winsorize(&mut values, 0.25, 0.75);
/// assert_eq!(values, [1.0, 1.0, 2.0, 3.0, 3.0]);
/// ```
pub fn winsorize(values: &mut [f64], lower: f64, upper: f64) {
    if let Some((low, high)) = select::quantiles(values, lower, upper) {
        clip(values, low, high);
    }
}

/// Moves values outside of `[low, high]` to its nearer end.
///
/// ```
/// use decile_factor::cross_section::clip;
///
/// let mut values = [-5.0, 0.5, 7.0];
/// clip(&mut values, -3.0, 3.0);
/// assert_eq!(values, [-3.0, 0.5, 3.0]);
/// ```
pub fn clip(values: &mut [f64], low: f64, high: f64) {
    for value in values {
        *value = clipped(*value, low, high);
    }
}

/// Returns a value, or the end of `[low, high]` that is nearer to it; a missing value is missing.
///
/// ```
/// use decile_factor::cross_section::clipped;
///
/// assert_eq!((clipped(7.0, -3.0, 3.0), clipped(0.5, -3.0, 3.0)), (3.0, 0.5));
/// ```
#[must_use]
pub fn clipped(value: f64, low: f64, high: f64) -> f64 {
    // Comparisons, not f64::clamp, which panics if the bounds crossed by rounding. A result always, so
    // that nothing has to be predicted.
    let above = if value < low { low } else { value };
    if above > high { high } else { above }
}

/// The population mean and standard deviation of the known values of a cross-section.
///
/// Values that differ by less than a 1e-12th of their size are the same number but for rounding, and
/// have no spread: noise must not be blown up to z-scores.
///
/// ```
/// use decile_factor::cross_section::Moments;
///
/// let moments = Moments::of(&[1.0, 3.0, f64::NAN]).expect("something is known");
/// assert_eq!((moments.mean, moments.deviation, moments.z(5.0)), (2.0, 1.0, 3.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation, divided by n, not n - 1; exactly 0 if all values are equal, up to
    /// rounding.
    pub deviation: f64,
}

/// Spread, relative to the size of the values, up to which they count as equal.
const SPREAD_MIN: f64 = 1e-12;

impl Moments {
    /// Computes both; `None` if nothing is known.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let (count, sum) = lanes::count_and_sum(values);
        if count == 0.0 {
            return None;
        }
        let mean = sum / count;
        let squares = lanes::sum(values, |value| {
            let distance = value - mean;
            if distance.is_nan() { 0.0 } else { distance * distance }
        });
        let deviation = (squares / count).sqrt();
        // No value is farther from the mean than the root of all squares, and no spread is less than
        // two deviations: mostly that is enough to know that there is one.
        let size_most = mean.abs() + squares.sqrt();
        if deviation > SPREAD_MIN * size_most {
            return Some(Self { mean, deviation });
        }
        let (least, most) = lanes::extremes(values);
        let equal = most - least <= SPREAD_MIN * least.abs().max(most.abs());
        Some(if equal { Self { mean: least, deviation: 0.0 } } else { Self { mean, deviation } })
    }

    /// Returns the distance of a value from the mean in standard deviations: 0 if there is no spread,
    /// missing for a missing value.
    #[must_use]
    pub fn z(self, value: f64) -> f64 {
        if self.deviation > 0.0 {
            (value - self.mean) / self.deviation
        } else if value.is_nan() {
            f64::NAN
        } else {
            0.0
        }
    }
}

/// Replaces values by their distance from the mean in population standard deviations (divisor n,
/// as zipline and scipy; pandas divides by n - 1).
///
/// All values equal up to rounding, or a single one: 0. Nothing known: nothing changes.
///
/// ```
/// use decile_factor::cross_section::population_z;
///
/// let mut values = [1.0, 3.0];
/// population_z(&mut values);
/// assert_eq!(values, [-1.0, 1.0]);
/// let mut equal = [0.1, 0.1, 0.1];
/// population_z(&mut equal);
/// assert_eq!(equal, [0.0, 0.0, 0.0]);
/// ```
pub fn population_z(values: &mut [f64]) {
    if let Some(moments) = Moments::of(values) {
        for value in values {
            *value = moments.z(*value);
        }
    }
}

/// As [`population_z`], in sample standard deviations (divisor n - 1, as pandas and skfolio).
///
/// ```
/// use decile_factor::cross_section::sample_z;
///
/// let mut values = [1.0, 3.0];
/// sample_z(&mut values);
/// assert!((values[1] - 0.5_f64.sqrt()).abs() < 1e-15);
/// let mut single = [7.0];
/// sample_z(&mut single);
/// assert_eq!(single, [0.0]);
/// ```
pub fn sample_z(values: &mut [f64]) {
    let count = values.iter().filter(|value| !value.is_nan()).count() as f64;
    if let Some(moments) = Moments::of(values) {
        // One value has no deviation of either kind, so what its factor is does not matter.
        let deviation = moments.deviation * (count / (count - 1.0).max(1.0)).sqrt();
        let sample = Moments { deviation, ..moments };
        for value in values {
            *value = sample.z(*value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_between_order_statistics() {
        // numpy.quantile([1, 2, 4, 8], [0.05, 0.5, 0.95]) by hand: positions 0.15, 1.5, 2.85.
        let values = [8.0, 1.0, 4.0, 2.0];
        assert!((quantile(&values, 0.05).unwrap() - 1.15).abs() < 1e-15);
        assert_eq!(quantile(&values, 0.5), Some(3.0));
        assert!((quantile(&values, 0.95).unwrap() - 7.4).abs() < 1e-14);
        assert_eq!(quantile(&values, 1.0), Some(8.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn values_equal_after_clipping_have_no_spread() {
        let mut values = [0.1; 30];
        population_z(&mut values);
        assert_eq!(values, [0.0; 30]);
    }

    #[test]
    fn a_rounding_apart_is_no_spread() {
        let mut values = [3.368_143_199_757_998_5, 3.368_143_199_757_998, f64::NAN];
        population_z(&mut values);
        assert_eq!(values[..2], [0.0, 0.0]);
        let mut apart = [1.0, 1.0 + 1e-9];
        population_z(&mut apart);
        assert!((apart[1] - 1.0).abs() < 1e-6, "{apart:?}");
    }

    #[test]
    fn nothing_known_stays_unknown() {
        let mut values = [f64::NAN; 3];
        winsorize(&mut values, 0.05, 0.95);
        population_z(&mut values);
        assert!(values.iter().all(|value| value.is_nan()));
    }
}
