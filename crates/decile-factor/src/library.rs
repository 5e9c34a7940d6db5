//! The factors that come with decile, one file per family, signed so that larger is better.
//!
//! | name | formula | unit | family |
//! |---|---|---|---|
//! | `mom_12_1` | total return from 252 to 21 sessions ago | 1 | [`price`] |
//! | `mom_12_0` | total return of the last 252 sessions | 1 | [`price`] |
//! | `rev_1m` | minus the total return of the last 21 sessions | 1 | [`price`] |
//! | `high_52w` | total-return index over its highest of 252 sessions | 1 | [`price`] |
//! | `ey_ttm` | net income of four quarters over market value | a year | [`value`] |
//! | `ey_fwd` | consensus earnings of the next twelve months over price | a year | [`value`] |
//! | `bm` | book equity over market value | 1 | [`value`] |
//! | `dy` | dividends of a year over price | a year | [`value`] |
//! | `roe` | net income of four quarters over average book equity | a year | [`quality`] |
//! | `roe_fwd` | consensus earnings of the next twelve months over book equity | a year | [`quality`] |
//! | `gpa` | gross profit of four quarters over total assets | a year | [`quality`] |
//! | `accruals` | minus income without cash over average total assets | a year | [`quality`] |
//! | `asset_growth` | minus the growth of total assets over a year | 1 | [`quality`] |
//! | `eg_sym` | symmetric growth of four-quarter net income over a year | 1, in [-2, 2] | [`earnings`] |
//! | `eg_abs` | the same change over the size of where it started | 1 | [`earnings`] |
//! | `eg_price` | the same change over market value | 1 | [`earnings`] |
//! | `eaccel` | growth of the newest quarter minus that of the one before | 1, in [-4, 4] | [`earnings`] |
//! | `sue` | change of the newest quarter over a year in its standard deviations | 1 | [`earnings`] |
//! | `em_3m` | symmetric change of consensus earnings over 90 days | 1, in [-2, 2] | [`analysts`] |
//! | `epsg_fwd` | symmetric growth from this fiscal year's consensus to the next | 1, in [-2, 2] | [`analysts`] |
//! | `net_rev_fy2` | analysts who raised less those who cut, over both | 1, in [-1, 1] | [`analysts`] |
//! | `rec_chg_1m` | minus the change of the mean recommendation over 30 days | grades | [`analysts`] |
//! | `erisk` | minus the deviation of the analysts over their mean | 1 | [`analysts`] |
//! | `erisk_range` | minus the range of the analysts over their mean | 1 | [`analysts`] |
//! | `vol_63`, `vol_252` | minus the volatility of daily returns | a square root of a year | [`risk`] |
//! | `downside_252` | minus the downside deviation of daily returns | a square root of a year | [`risk`] |
//! | `beta_252` | minus the slope of daily returns on the benchmark's | 1 | [`risk`] |
//! | `max_21` | minus the largest daily return | 1 | [`risk`] |
//! | `size` | minus the logarithm of market value | ln of US dollars | [`size`] |
//! | `amihud_21` | mean size of a daily return per million dollars traded | per million US dollars | [`size`] |
//! | `turnover_21` | minus the mean part of the shares that is traded in a session | 1 | [`size`] |
//!
//! A return of 5 % is 0.05. Where the literature finds that less is better (risk, accruals, size …)
//! the factor is the negative of the usual number. Whether it still pays is yours to test.
//!
//! ```
//! use decile_factor::library;
//!
//! let names: Vec<_> = library::all().iter().map(|factor| factor.name().to_owned()).collect();
//! assert!(names.contains(&"ey_ttm".to_owned()));
//! ```

use crate::Factor;
use std::sync::Arc;

pub mod analysts;
pub mod earnings;
pub mod price;
pub mod quality;
pub mod risk;
mod rolling;
pub mod size;
#[cfg(test)]
mod testing;
pub mod value;

/// Returns every factor of the library.
#[must_use]
pub fn all() -> Vec<Arc<dyn Factor>> {
    vec![
        Arc::new(price::Momentum::twelve_one()),
        Arc::new(price::Momentum::twelve_zero()),
        Arc::new(price::Reversal::one_month()),
        Arc::new(price::HighProximity),
        Arc::new(value::EarningsYield),
        Arc::new(value::ForwardEarningsYield),
        Arc::new(value::BookToMarket),
        Arc::new(value::DividendYield),
        Arc::new(quality::ReturnOnEquity),
        Arc::new(quality::ForwardReturnOnEquity),
        Arc::new(quality::GrossProfitability),
        Arc::new(quality::Accruals),
        Arc::new(quality::AssetGrowth),
        Arc::new(earnings::EarningsGrowth::symmetric()),
        Arc::new(earnings::EarningsGrowth::over_size()),
        Arc::new(earnings::EarningsChangeToPrice),
        Arc::new(earnings::EarningsAcceleration),
        Arc::new(earnings::EarningsSurprise),
        Arc::new(analysts::EarningsMomentum),
        Arc::new(analysts::ForwardGrowth),
        Arc::new(analysts::NetRevisions),
        Arc::new(analysts::RecommendationChange),
        Arc::new(analysts::EarningsRisk::by_deviation()),
        Arc::new(analysts::EarningsRisk::by_range()),
        Arc::new(risk::Volatility::quarter()),
        Arc::new(risk::Volatility::year()),
        Arc::new(risk::DownsideDeviation),
        Arc::new(risk::Beta),
        Arc::new(risk::MaximumReturn),
        Arc::new(size::Size),
        Arc::new(size::Illiquidity),
        Arc::new(size::Turnover),
    ]
}

/// Writes `formula` of the inputs of each stock.
fn each_of<const N: usize>(
    out: &mut [f64],
    inputs: [&[f64]; N],
    formula: impl Fn([f64; N]) -> f64,
) {
    // Cut to one length, so that the compiler sees that no index is beyond.
    let rows = inputs.map(|row| &row[..out.len()]);
    for (column, value) in out.iter_mut().enumerate() {
        *value = formula(std::array::from_fn(|input| rows[input][column]));
    }
}

/// Growth from `then` to `now` over the mean of their sizes: in [-2, 2], of the right sign through
/// losses, missing when both are 0 (Davis, Haltiwanger and Schuh, *Job Creation and Destruction*,
/// 1996).
fn symmetric_growth(now: f64, then: f64) -> f64 {
    // 0 / 0 is NaN, which is what missing is.
    (now - then) / (f64::midpoint(now.abs(), then.abs()))
}

/// The quotient; missing if the divisor is not above 0.
fn over_positive(value: f64, divisor: f64) -> f64 {
    if divisor > 0.0 { value / divisor } else { f64::NAN }
}

/// The mean of the two; of the one that is known.
fn mean_of_known(a: f64, b: f64) -> f64 {
    match (a.is_nan(), b.is_nan()) {
        (true, _) => b,
        (_, true) => a,
        _ => f64::midpoint(a, b),
    }
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
    fn one_known_number_stands_for_both() {
        assert_eq!(mean_of_known(0.1, 0.3), 0.2);
        assert_eq!(mean_of_known(f64::NAN, 0.3), 0.3);
        assert_eq!(mean_of_known(0.1, f64::NAN), 0.1);
        assert!(mean_of_known(f64::NAN, f64::NAN).is_nan());
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = all().iter().map(|factor| factor.name().to_owned()).collect();
        names.sort();
        let count = names.len();
        names.dedup();
        assert_eq!((names.len(), count), (32, 32));
    }
}
