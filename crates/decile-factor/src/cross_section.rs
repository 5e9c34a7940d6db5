//! Operators over the stocks of one session, each by its standard name.
//!
//! A missing value is NaN. It takes no part in any statistic and stays missing. Infinite values are
//! errors: the engine's, or of [`check_finite`]. Results do not depend on the order of the values
//! beyond rounding of sums.
//!
//! | you want | take |
//! |---|---|
//! | outliers pulled in, quantiles interpolated (type 7) | [`winsorize`] |
//! | … median ± deviations, for 20 values or fewer | [`winsorize_mad`] |
//! | … whole values counted off each tail | [`winsorize_zipline`], [`winsorize_scipy`] |
//! | z-scores by n, by n - 1 | [`population_z`], [`sample_z`] |
//! | z-scores against a group's mean, inside groups | [`neutral_z`], [`z_within_groups`] |
//! | group means taken off | [`demean_by_group`] |
//! | ranks, with ties by name | [`Chains::ranks`] with [`Ties`], [`Chains::ordinals`] |
//! | (r - 1) / (n - 1), (r - 1/2) / n, r / n | [`percentile`], [`percentile_middle`], [`percentile_upper`] |
//! | normal scores of ranks | [`rank_gauss`] |
//! | deciles, quantiles of ranks, of values | [`decile`], [`quantile_bin`], [`quantile_cut`] |
//! | correlations | [`pearson`], [`spearman`], [`kendall`] |
//!
//! ```
//! use decile_factor::cross_section::{population_z, winsorize};
//!
//! let mut values = [1.0, 2.0, 3.0, 4.0, f64::NAN];
//! winsorize(&mut values, 0.05, 0.95);
//! population_z(&mut values);
//! assert!((values.iter().take(4).sum::<f64>()).abs() < 1e-12 && values[4].is_nan());
//! ```

mod correlation;
mod cut;
mod group;
mod lanes;
mod normal;
mod rank;
mod scale;
mod select;
mod sort;
mod winsor;

pub use correlation::{kendall, pearson, spearman};
pub use cut::quantile_cut;
pub use group::{demean_by_group, neutral_z, z_within_groups};
pub use normal::{Plotting, rank_gauss};
pub use rank::{
    Chains, TIE_TOLERANCE, Ties, decile, percentile, percentile_middle, percentile_upper,
    quantile_bin,
};
pub use scale::{
    Moments, clip, clipped, population_z, quantile, quantile_pair, sample_z, winsorize,
};
pub use winsor::{
    median_bounds, median_deviation, winsorize_mad, winsorize_scipy, winsorize_zipline,
};

use crate::Error;

/// Refuses infinite values, which are errors and not missing.
///
/// The engine, panels and frames refuse them where they come in. Check numbers of your own before you
/// hand them to the operators on slices, in whose statistics an infinite value would drown the others.
///
/// # Errors
/// [`Error::InfiniteValue`] with its position.
///
/// ```
/// use decile_factor::cross_section::check_finite;
///
/// assert!(check_finite(&[1.0, f64::NAN]).is_ok());
/// assert!(check_finite(&[1.0, f64::INFINITY]).is_err());
/// ```
pub fn check_finite(values: &[f64]) -> Result<(), Error> {
    match values.iter().position(|value| value.is_infinite()) {
        Some(position) => Err(Error::InfiniteValue { position }),
        None => Ok(()),
    }
}

/// Refuses two lists of different lengths.
fn check_lengths(left: usize, right: usize) -> Result<(), Error> {
    if left == right { Ok(()) } else { Err(Error::LengthMismatch { left, right }) }
}

/// The known values, in their order.
fn known(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|value| !value.is_nan()).collect()
}
