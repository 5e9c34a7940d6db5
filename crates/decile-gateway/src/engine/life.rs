//! The numbers of a life of the gateway: what it forgets at its end, it never counts again.

use chrono::{DateTime, Utc};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::sync::atomic::{AtomicU64, Ordering};

/// Where the ids of an account begin that knows of none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Life {
    /// The first part of the ids of executions.
    pub(crate) session: u32,
    pub(crate) first_perm_id: i64,
}

/// How many lives this process has begun: two may begin at one instant of a simulated clock.
static BEGUN: AtomicU64 = AtomicU64::new(0);

/// Permanent ids have ten digits, as recorded, and fit into 32 bits.
const FIRST_PERM_ID: i64 = 1_000_000_000;
const PERM_IDS: u32 = 1_100_000_000;

impl Life {
    /// Begins the next life of this process; the same at the same instant of the clock in the same
    /// place.
    pub(crate) fn begin(now: DateTime<Utc>) -> Self {
        let instant = now.timestamp_micros() as u64;
        Self::drawn(instant.wrapping_add(BEGUN.fetch_add(1, Ordering::Relaxed)))
    }

    fn drawn(seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let session = random.next_u32();
        let first_perm_id = FIRST_PERM_ID + i64::from(random.next_u32() % PERM_IDS);
        Self { session, first_perm_id }
    }

    /// Returns a life by its number. Ten million orders are between two of them.
    pub(crate) fn numbered(life: u32) -> Self {
        let first_perm_id = 1_700_000_001 + i64::from(life % 40) * 10_000_000;
        Self { session: 0xdec1_u32.wrapping_add(life), first_perm_id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lives_that_follow_each_other_have_ids_of_their_own() {
        let lives: Vec<Life> = (0..100).map(Life::drawn).collect();
        for (index, life) in lives.iter().enumerate() {
            for other in &lives[..index] {
                assert_ne!(life.session, other.session);
                assert!(life.first_perm_id.abs_diff(other.first_perm_id) > 1000);
            }
            assert!((1_000_000_000..=i64::from(i32::MAX)).contains(&life.first_perm_id));
        }
        let now = "2026-08-25T14:30:00Z".parse().unwrap();
        assert_ne!(Life::begin(now), Life::begin(now));
    }
}
