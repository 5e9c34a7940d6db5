//! How many messages go out in a second.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Lets so many messages through in any second: a tenth of them at once, the others evenly after them.
///
/// The client library has such a limit, too. But an order that waits in it is written as soon as the
/// connection is back, before anybody has looked whose the gateway is now. Here it waits first, and
/// whether it may be sent is looked at afterwards.
#[derive(Debug)]
pub(super) struct Rate(Option<Mutex<Bucket>>);

/// A token bucket that remembers, instead of a count, when it will be full (the generic cell rate
/// algorithm of ITU-T I.371).
#[derive(Debug)]
struct Bucket {
    interval: Duration,
    /// How much earlier than evenly a message may go out.
    tolerance: Duration,
    full_at: Option<Instant>,
}

impl Rate {
    /// Makes a limit of so many messages a second, above 0, or none.
    pub(super) fn new(per_second: Option<u32>) -> Self {
        Self(per_second.map(|limit| Mutex::new(Bucket::new(limit))))
    }

    /// Waits for the turn of one message.
    pub(super) async fn turn(&self) {
        if let Some(at) = self.take(Instant::now()) {
            sleep_until(at).await;
        }
    }

    /// Counts a message that does not wait, for those that do.
    pub(super) fn count(&self) {
        self.take(Instant::now());
    }

    /// Takes the next place; returns when it comes, if it is not there yet.
    fn take(&self, now: Instant) -> Option<Instant> {
        let mut bucket = self.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(bucket.take(now)).filter(|at| *at > now)
    }
}

impl Bucket {
    fn new(per_second: u32) -> Self {
        // With a burst of b and an interval of 1/r a second sees at most b + r - 1 messages.
        let burst = (per_second / 10).max(1);
        let rate = per_second.saturating_add(1) - burst;
        let interval = Duration::from_secs(1) / rate.max(1) + Duration::from_nanos(1);
        Self { interval, tolerance: interval * (burst - 1), full_at: None }
    }

    fn take(&mut self, now: Instant) -> Instant {
        let full_at = self.full_at.map_or(now, |at| at.max(now));
        self.full_at = Some(full_at + self.interval);
        full_at.checked_sub(self.tolerance).map_or(now, |at| at.max(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_second_sees_more_than_the_limit() {
        for limit in [1, 2, 9, 10, 40, 50, 1000] {
            let (rate, now) = (Rate::new(Some(limit)), Instant::now());
            let places: Vec<_> =
                (0..4 * limit).map(|_| rate.take(now).unwrap_or(now) - now).collect();
            let (limit, second) = (limit as usize, Duration::from_secs(1));
            assert!(places.windows(limit + 1).all(|some| some[limit] - some[0] >= second));
            assert!(places[limit - 1] < second, "and no fewer: {limit}");
        }
    }

    #[test]
    fn a_few_at_once_and_after_a_pause_again() {
        let (rate, now) = (Rate::new(Some(40)), Instant::now());
        assert!((0..4).all(|_| rate.take(now).is_none()));
        assert!(rate.take(now).is_some());
        let later = now + Duration::from_secs(2);
        assert!((0..4).all(|_| rate.take(later).is_none()));
        assert!(rate.take(later).is_some());
    }

    #[test]
    fn without_a_limit_nothing_waits() {
        let (rate, now) = (Rate::new(None), Instant::now());
        assert!((0..1000).all(|_| rate.take(now).is_none()));
    }
}
