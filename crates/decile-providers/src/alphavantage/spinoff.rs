//! Spin-offs that providers write down as odd splits.

/// Denominators of real splits, as in 21:20 for a stock dividend of 5 %.
const DENOMINATOR_MAX: i32 = 20;
/// Providers round ratios to four decimals.
const TOLERANCE: f64 = 1e-4;
/// Splits into whole shares may come with a small correction, as 2.002 for 2:1.
const WHOLE_TOLERANCE: f64 = 2e-3;

/// Tells whether new shares per old share are those of a split.
///
/// A spin-off is written as a ratio just large enough to explain the fall of the price: 1.046 for
/// Kyndryl, out of IBM. No holder got 46 shares for 1,000, so share counts must not follow it. A
/// split's ratio is one of small whole numbers; below 1 it is always one, a price does not rise by
/// handing a company out.
pub(crate) fn is_split(ratio: f64) -> bool {
    let near_whole = |number: f64, tolerance: f64| {
        let whole = number.round();
        whole >= 1.0 && (number - whole).abs() <= tolerance * number
    };
    ratio < 1.0
        || (ratio > 1.5 && near_whole(ratio, WHOLE_TOLERANCE))
        || (1..=DENOMINATOR_MAX).any(|d| near_whole(ratio * f64::from(d), TOLERANCE))
}

/// Returns the cash that moves a price as the ratio did: the price falls from `close_before` to
/// `close_before / ratio`, and a dividend D to `close_before - D`.
pub(crate) fn cash(ratio: f64, close_before: f64) -> f64 {
    close_before * (1.0 - 1.0 / ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_are_ratios_of_small_numbers() {
        for ratio in [2.0, 4.0, 20.0, 1.5, 1.3333, 1.05, 1.1, 1.25, 2.002, 0.125, 0.0333, 7.0] {
            assert!(is_split(ratio), "{ratio}");
        }
        // Kyndryl, Organon, Viatris, AbbVie out of Abbott, PayPal out of eBay.
        for ratio in [1.046, 1.048, 1.054, 2.0898, 2.376] {
            assert!(!is_split(ratio), "{ratio}");
        }
    }

    #[test]
    fn the_cash_moves_the_price_as_the_ratio_did() {
        // 104.6 / 1.046 = 100, so 4.6 were handed out.
        assert!((cash(1.046, 104.6) - 4.6).abs() < 1e-12);
    }
}
