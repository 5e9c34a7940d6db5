//! Seeded randomness that is the same on every platform.
//!
//! ChaCha gives the bits; from there on only integers and the operations that IEEE 754 defines to
//! the last bit (+ - * / and the square root) are used. `exp`, `ln` and `powi` come from the
//! platform's mathematics library and differ between systems, so nothing here calls them.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a stream of random numbers is for.
///
/// Every purpose has its own stream for every stock, so that one more draw for volumes does not
/// change a single filing. The numbers are part of the market's definition: never renumber.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// The shock that all stocks share.
    Market = 1,
    /// The shock that a sector shares; counted by sector.
    Sector = 2,
    /// The shock of the stock alone.
    Own = 3,
    /// Open, high, low and volume.
    Session = 4,
    /// Size, volatility, valuation and the other traits that last.
    Character = 5,
    /// The latent signal.
    Signal = 6,
    /// The monthly course of the business.
    Economy = 7,
    /// What the quarter's statements add to it.
    Statement = 8,
    /// When and how a statement is filed.
    Filing = 9,
    /// The error that all analysts of a company share.
    Consensus = 10,
    /// What a snapshot shows of the analysts beside their consensus.
    Snapshot = 11,
}

/// One stream of random numbers.
#[derive(Debug)]
pub(super) struct Draws(ChaCha8Rng);

impl Draws {
    pub(super) fn new(seed: u64, purpose: Purpose, index: usize) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(((purpose as u64) << 32) | index as u64);
        Self(generator)
    }

    /// Returns a number from `low` up to, but not including, `high`.
    pub(super) fn uniform(&mut self, low: f64, high: f64) -> f64 {
        const STEPS: f64 = (1_u64 << 53) as f64;
        low + (high - low) * ((self.0.next_u64() >> 11) as f64 / STEPS)
    }

    /// Returns a standard normal number, or nearly: the sum of 12 uniform ones of 16 bits each.
    ///
    /// Its variance is 1 - 2^-32, its kurtosis 2.9 and its largest value 6. The sum is an integer,
    /// so it is exact in any order.
    pub(super) fn normal(&mut self) -> f64 {
        let mut sum = 0;
        for _ in 0..3 {
            let bits = self.0.next_u64();
            sum += (bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff);
            sum += bits >> 48;
        }
        (sum as f64 - 12.0 * 32_767.5) / 65_536.0
    }

    /// Returns true with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.uniform(0.0, 1.0) < probability
    }

    /// Returns a whole number from `low` to `high`, both included.
    pub(super) fn whole(&mut self, low: u32, high: u32) -> u32 {
        low + self.uniform(0.0, f64::from(high - low + 1)) as u32
    }
}

/// Rounds to a number of steps per unit: 100 for cents. Halves go away from zero.
///
/// A negative zero comes out as 0: it has other bits, and prints otherwise.
pub(super) fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(purpose: Purpose) -> (f64, f64, f64) {
        let mut draws = Draws::new(1, purpose, 0);
        let values: Vec<f64> = (0..100_000).map(|_| draws.normal()).collect();
        let mean = |f: &dyn Fn(f64) -> f64| values.iter().map(|v| f(*v)).sum::<f64>() / 1e5;
        (mean(&|v| v), mean(&|v| v * v), mean(&|v| v * v * v * v))
    }

    #[test]
    fn normals_have_the_moments_of_a_normal() {
        // Standard errors at 100,000 draws: 0.003, 0.0045 and 0.03; the fourth moment is 3 - 0.1.
        let (first, second, fourth) = moments(Purpose::Own);
        assert!(first.abs() < 0.015, "{first}");
        assert!((second - 1.0).abs() < 0.02, "{second}");
        assert!((fourth - 2.9).abs() < 0.15, "{fourth}");
    }

    #[test]
    fn streams_differ_by_seed_purpose_and_index() {
        let first = |seed, purpose, index| Draws::new(seed, purpose, index).uniform(0.0, 1.0);
        let base = first(1, Purpose::Own, 0);
        assert_eq!(base, first(1, Purpose::Own, 0));
        assert_ne!(base, first(2, Purpose::Own, 0));
        assert_ne!(base, first(1, Purpose::Session, 0));
        assert_ne!(base, first(1, Purpose::Own, 1));
    }

    #[test]
    fn whole_numbers_reach_both_ends_and_nothing_beyond() {
        let mut draws = Draws::new(1, Purpose::Filing, 0);
        let mut seen = [0; 4];
        (0..1000).for_each(|_| seen[draws.whole(2, 5) as usize - 2] += 1);
        assert!(seen.iter().all(|count| *count > 150), "{seen:?}");
    }

    #[test]
    fn halves_round_away_from_zero() {
        assert_eq!(rounded(0.125, 100.0), 0.13);
        assert_eq!(rounded(-0.125, 100.0), -0.13);
    }

    #[test]
    fn zero_has_no_sign() {
        assert!(rounded(-0.0, 100.0).is_sign_positive());
        assert!(rounded(-0.001, 100.0).is_sign_positive());
    }
}
