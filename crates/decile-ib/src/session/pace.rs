//! How often history may be asked for.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Interactive Brokers allows 60 requests for history in ten minutes, and fewer than six for one
/// contract in two seconds. A little less of both keeps clear of the edge.
const COUNT: usize = 58;
const SPAN: Duration = Duration::from_secs(600);
const APART: Duration = Duration::from_millis(400);

#[derive(Debug)]
pub(super) struct Pace {
    /// When the last requests were or will be made, oldest first.
    taken: Mutex<VecDeque<Instant>>,
}

impl Pace {
    pub(super) fn history() -> Self {
        Self { taken: Mutex::new(VecDeque::with_capacity(COUNT)) }
    }

    /// Takes the next place, and returns when it comes.
    pub(super) fn take(&self, now: Instant) -> Instant {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let spaced = taken.back().map_or(now, |last| now.max(*last + APART));
        let at = match taken.front() {
            Some(first) if taken.len() == COUNT => spaced.max(*first + SPAN),
            _ => spaced,
        };
        if taken.len() == COUNT {
            taken.pop_front();
        }
        taken.push_back(at);
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_apart_and_at_most_58_in_ten_minutes() {
        let (pace, now) = (Pace::history(), Instant::now());
        let places: Vec<_> = (0..200).map(|_| pace.take(now)).collect();
        assert_eq!(places[0], now);
        assert_eq!(places[1], now + APART);
        assert!(places.windows(2).all(|two| two[1] - two[0] >= APART));
        assert!(places.windows(COUNT + 1).all(|some| some[COUNT] - some[0] >= SPAN));
        let later = places[199] + SPAN;
        assert_eq!(pace.take(later), later);
    }
}
