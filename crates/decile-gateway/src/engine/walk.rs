//! The path of a seed.
//!
//! Between two instants where it has no deviation a path is a Brownian bridge, made by halving: the
//! middle of a span of `n` steps lies in the middle of its ends, but for a draw whose standard
//! deviation is half the root of `n` steps (Lévy's construction). So the price of any instant is
//! found in fifteen draws, whatever was before it: a clock may jump, and a gateway be started again.

use chrono::{DateTime, TimeDelta, Utc};

/// Steps from one return to the next.
const PERIOD: u64 = 1 << 15;

/// The standard deviation of a step, as a part of the price.
const STEP: f64 = 0.0001;

/// The most that a path is away from its middle, whatever was drawn.
const DEVIATION_MAX: f64 = 0.5;

#[derive(Debug, Clone)]
pub(super) struct Walk {
    seed: u64,
    every: TimeDelta,
}

impl Walk {
    pub(super) fn new(seed: u64, every: TimeDelta) -> Self {
        Self { seed, every }
    }

    /// Returns the first step after an instant.
    pub(super) fn next_step(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let every = self.every.num_milliseconds();
        let next = (after.timestamp_millis().div_euclid(every) + 1).checked_mul(every)?;
        DateTime::from_timestamp_millis(next)
    }

    /// Returns the instant so many steps before another.
    pub(super) fn steps_before(&self, until: DateTime<Utc>, steps: i32) -> DateTime<Utc> {
        let span = self.every.checked_mul(steps);
        span.and_then(|span| until.checked_sub_signed(span)).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Returns by what part a stock is away from the middle of its path at an instant, and what it
    /// trades in that step, in lots of a hundred shares.
    pub(super) fn at(&self, stock: u64, time: DateTime<Utc>) -> (f64, i64) {
        let step = time.timestamp_millis().div_euclid(self.every.num_milliseconds());
        // Before 1970 there is nothing to trade.
        let step = u64::try_from(step).unwrap_or_default();
        let path = mixed(self.seed ^ mixed(stock));
        let begin = step - step % PERIOD;
        let (mut from, mut to) = ((begin, 0.0), (begin + PERIOD, 0.0));
        let mut lots = 1;
        while step != from.0 {
            let middle = from.0.midpoint(to.0);
            let drawn = mixed(path.wrapping_add(middle));
            lots = 1 + (drawn % 9) as i64;
            let spread = ((to.0 - from.0) as f64).sqrt() / 2.0;
            let value = (from.1 + to.1) / 2.0 + STEP * spread * bell(drawn);
            if step < middle { to = (middle, value) } else { from = (middle, value) }
        }
        (from.1.clamp(-DEVIATION_MAX, DEVIATION_MAX), lots)
    }
}

/// Draws 64 bits for a number: the one output of SplitMix64 from it (Steele, Lea and Flood 2014). A
/// stream of draws would have to be sought through for each step.
fn mixed(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Makes a bell of three uniform numbers of twenty bits: its middle is 0, its deviation 1. Only
/// `+ - * /` and roots are used, which give the same last bit on every platform.
fn bell(drawn: u64) -> f64 {
    const BITS: u64 = 20;
    let uniform =
        |shift: u64| ((drawn >> shift) & ((1 << BITS) - 1)) as f64 / (1_u64 << BITS) as f64;
    2.0 * (uniform(4) + uniform(4 + BITS) + uniform(4 + 2 * BITS) - 1.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn path(seed: u64, stock: u64, steps: i64) -> Vec<f64> {
        let walk = Walk::new(seed, TimeDelta::seconds(1));
        let start = at("2026-08-25T14:00:00Z");
        (0..steps).map(|step| walk.at(stock, start + TimeDelta::seconds(step)).0).collect()
    }

    #[test]
    fn a_path_depends_on_seed_stock_and_time_alone() {
        let whole = path(1, 5, 300);
        assert_eq!(whole[200..], path(1, 5, 300)[200..]);
        let walk = Walk::new(1, TimeDelta::seconds(1));
        walk.at(9, at("2031-01-01T00:00:00Z"));
        assert_eq!(walk.at(5, at("2026-08-25T14:04:00Z")).0, whole[240]);
        assert_ne!(whole, path(2, 5, 300));
        assert_ne!(whole, path(1, 6, 300));
    }

    #[test]
    fn steps_are_a_basis_point_and_have_no_direction() {
        let path = path(1, 5, 20_000);
        let steps: Vec<f64> = path.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let count = steps.len() as f64;
        let deviation = (steps.iter().map(|step| step * step).sum::<f64>() / count).sqrt();
        assert!((deviation - STEP).abs() < 0.03 * STEP, "{deviation}");
        let rising = steps.iter().filter(|step| **step > 0.0).count() as f64 / count;
        assert!((rising - 0.5).abs() < 0.02, "{rising}");
        // It goes far beyond a step, and stays near where it began.
        let most = path.iter().fold(0.0_f64, |most, part| most.max(part.abs()));
        assert!(most > 10.0 * STEP && most < 0.05, "{most}");
    }

    #[test]
    fn steps_follow_the_clock() {
        let walk = Walk::new(1, TimeDelta::milliseconds(500));
        let next = walk.next_step(at("2026-08-25T14:00:00.400Z"));
        assert_eq!(next, Some(at("2026-08-25T14:00:00.500Z")));
        assert_eq!(walk.next_step(next.unwrap()), Some(at("2026-08-25T14:00:01Z")));
        assert_eq!(walk.steps_before(at("2026-08-25T14:00:01Z"), 4), at("2026-08-25T13:59:59Z"));
        assert_eq!(walk.next_step(DateTime::<Utc>::MAX_UTC), None);
    }
}
