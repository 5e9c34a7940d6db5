//! Sums that are exact.
//!
//! Binary fractions of a fixed step add up without rounding, in any order, as long as the sums stay
//! small enough for the 53 bits of an `f64`. Composites and contributions are such fractions, so a
//! score and its explanation agree to the last bit.

/// 2^44: steps of 6e-14, a hundredth of the distance at which composites count as equal. With them
/// sums are exact up to 2^9.
const STEPS: f64 = (1_u64 << 44) as f64;

/// Larger parts cancel each other almost wholly, which happens when the factors of a group are
/// nearly opposite: their sizes are an accident and their sum would not be exact.
const PARTS_MAX: f64 = 256.0;

/// From 2^52 on every `f64` is a whole number.
const WHOLE: f64 = (1_u64 << 52) as f64;

/// Rounds to the grid, ties to even; from 2^8 on perhaps to every second or fourth step of it.
pub(super) fn on_grid(value: f64) -> f64 {
    let steps = value * STEPS;
    // What is left of the fraction when it is moved to where there are none is the rounded number.
    // Rounding by itself would be a call on processors older than SSE 4.1.
    let away = WHOLE.copysign(steps);
    ((steps + away) - away) / STEPS
}

/// Moves the parts by the little that they lack to add up to `total` exactly: each to the grid, and
/// the rest onto the largest of them.
///
/// `total` must be on the grid. Parts too large to be exact are replaced by the total split in
/// proportion to `shares`.
pub(super) fn apportion(total: f64, parts: &mut [f64], shares: &[f64]) {
    // A part that is not a number fails the comparison as it should.
    let is_small = parts.iter().map(|part| part.abs()).sum::<f64>() <= PARTS_MAX;
    if !is_small {
        let whole: f64 = shares.iter().sum();
        for (part, share) in parts.iter_mut().zip(shares) {
            *part = total * share / whole;
        }
    }
    for part in parts.iter_mut() {
        *part = on_grid(*part);
    }
    let rest = total - parts.iter().sum::<f64>();
    // Of equals the first.
    let largest = parts.iter_mut().rev().max_by(|a, b| a.abs().total_cmp(&b.abs()));
    if let Some(part) = largest {
        *part += rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_third_each_adds_up() {
        let total = on_grid(1.0);
        let mut parts = [1.0 / 3.0; 3];
        apportion(total, &mut parts, &[1.0; 3]);
        assert_eq!(parts.iter().sum::<f64>(), 1.0);
        // 2^44 is 1 above a multiple of 3, so the first takes one step more than the others.
        assert_eq!((parts[0] - parts[1]) * STEPS, 1.0);
        assert_eq!(parts[1], parts[2]);
    }

    #[test]
    fn the_grid_has_whole_steps_and_ties_go_to_even() {
        for (steps, rounded) in [(0.5, 0.0), (1.5, 2.0), (-2.5, -2.0), (3.3, 3.0), (-0.2, 0.0)] {
            assert_eq!(on_grid(steps / STEPS) * STEPS, rounded);
        }
        for value in [1.0 / 3.0, -77.7, 300.1, -300.1, 1e9] {
            assert_eq!((on_grid(value) * STEPS).fract(), 0.0);
            assert!((on_grid(value) / value - 1.0).abs() < 1e-13);
        }
    }

    #[test]
    fn parts_that_cancel_are_split_by_their_shares() {
        let mut parts = [1e9, -1e9];
        apportion(0.5, &mut parts, &[3.0, 1.0]);
        assert_eq!(parts, [0.375, 0.125]);
    }

    proptest! {
        #[test]
        fn rounding_by_addition_is_rounding(value in -150.0..150.0_f64, scale in 0..60) {
            let value = value / 2.0_f64.powi(scale);
            prop_assert_eq!(on_grid(value), (value * STEPS).round_ties_even() / STEPS);
        }

        #[test]
        fn the_sum_is_exact_in_any_order(
            parts in prop::collection::vec(-300.0..300.0_f64, 1..9),
            error in -1e-12..1e-12_f64,
        ) {
            let total = on_grid(parts.iter().sum::<f64>() + error);
            prop_assume!(total.abs() < 500.0);
            let mut ours = parts.clone();
            apportion(total, &mut ours, &vec![1.0; parts.len()]);
            prop_assert_eq!(ours.iter().sum::<f64>(), total);
            prop_assert_eq!(ours.iter().rev().sum::<f64>(), total);
            if parts.iter().map(|part| part.abs()).sum::<f64>() < PARTS_MAX {
                for (ours, part) in ours.iter().zip(&parts) {
                    prop_assert!((ours - part).abs() < 2e-12);
                }
            }
        }
    }
}
