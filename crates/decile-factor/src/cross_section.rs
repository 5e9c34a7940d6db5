//! Operators over the stocks of one session, each by its standard name.
//!
//! A missing value is NaN. It takes no part in any statistic and stays missing. Infinite values are
//! the engine's errors and never arrive here. Results do not depend on the order of the values
//! beyond rounding of sums.
//!
//! ```
//! use decile_factor::cross_section::{population_z, winsorize};
//!
//! let mut values = [1.0, 2.0, 3.0, 4.0, f64::NAN];
//! winsorize(&mut values, 0.05, 0.95);
//! population_z(&mut values);
//! assert!((values.iter().take(4).sum::<f64>()).abs() < 1e-12 && values[4].is_nan());
//! ```

mod lanes;
mod rank;
mod scale;
mod select;
mod sort;

pub use rank::{Chains, TIE_TOLERANCE, decile, percentile};
pub use scale::{Moments, clip, population_z, quantile, winsorize};
