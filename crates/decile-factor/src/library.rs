//! The factors that come with decile, one file per family, signed so that larger is better.
//!
//! | name | formula | family |
//! |---|---|---|
//! | `mom_12_1` | total return from 252 to 21 sessions ago | [`price`] |
//! | `rev_1m` | minus the total return of the last 21 sessions | [`price`] |
//! | `ey_ttm` | net income of four quarters over market value | [`value`] |
//! | `bm` | book equity over market value | [`value`] |
//! | `roe` | net income of four quarters over average book equity | [`quality`] |
//! | `eg_sym` | symmetric growth of four-quarter net income over a year | [`earnings`] |
//! | `em_3m` | symmetric change of consensus earnings over 90 days | [`earnings`] |
//! | `eaccel` | growth of the newest quarter minus that of the one before | [`earnings`] |
//!
//! ```
//! use decile_factor::library;
//!
//! let names: Vec<_> = library::all().iter().map(|factor| factor.name().to_owned()).collect();
//! assert!(names.contains(&"ey_ttm".to_owned()));
//! ```

use crate::Factor;
use std::sync::Arc;

pub mod earnings;
pub mod price;
pub mod quality;
pub mod value;

/// Returns every factor of the library.
#[must_use]
pub fn all() -> Vec<Arc<dyn Factor>> {
    vec![
        Arc::new(price::Momentum::twelve_one()),
        Arc::new(price::Reversal::one_month()),
        Arc::new(value::EarningsYield),
        Arc::new(value::BookToMarket),
        Arc::new(quality::ReturnOnEquity),
        Arc::new(earnings::EarningsGrowth),
        Arc::new(earnings::EarningsMomentum),
        Arc::new(earnings::EarningsAcceleration),
    ]
}

/// Writes `formula` of the two inputs of each stock.
fn each_of_2(out: &mut [f64], a: &[f64], b: &[f64], formula: impl Fn(f64, f64) -> f64) {
    for ((value, a), b) in out.iter_mut().zip(a).zip(b) {
        *value = formula(*a, *b);
    }
}

/// Writes `formula` of the four inputs of each stock.
fn each_of_4(out: &mut [f64], inputs: [&[f64]; 4], formula: impl Fn([f64; 4]) -> f64) {
    let [a, b, c, d] = inputs;
    for ((((value, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        *value = formula([*a, *b, *c, *d]);
    }
}

/// Growth from `then` to `now` over the mean of their sizes: in [-2, 2], of the right sign through
/// losses, missing when both are 0 (Davis, Haltiwanger and Schuh, *Job Creation and Destruction*,
/// 1996).
fn symmetric_growth(now: f64, then: f64) -> f64 {
    // 0 / 0 is NaN, which is what missing is.
    (now - then) / (f64::midpoint(now.abs(), then.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symmetric_growth_keeps_its_sign_through_losses() {
        assert_eq!(symmetric_growth(3.0, 1.0), 1.0);
        assert_eq!(symmetric_growth(1.0, -1.0), 2.0);
        assert_eq!(symmetric_growth(-3.0, -1.0), -1.0);
        assert_eq!(symmetric_growth(0.0, 5.0), -2.0);
        assert!(symmetric_growth(0.0, 0.0).is_nan());
        assert!(symmetric_growth(f64::NAN, 1.0).is_nan());
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = all().iter().map(|factor| factor.name().to_owned()).collect();
        names.sort();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
