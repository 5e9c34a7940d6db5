use chrono::{DateTime, Utc};
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Tells the time. Every part of decile that needs it is given one of these.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use decile_core::{Clock, ManualClock};
///
/// let clock = ManualClock::new(DateTime::UNIX_EPOCH);
/// clock.advance(TimeDelta::minutes(5));
/// assert_eq!(clock.now().timestamp(), 300);
/// ```
pub trait Clock: fmt::Debug + Send + Sync {
    /// Returns the current instant.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
///
/// ```
/// use decile_core::{Clock, SystemClock};
///
/// assert!(SystemClock.now().timestamp() > 1_700_000_000);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// A clock that stands still until it is turned: simulated time, and tests.
///
/// ```
/// use chrono::DateTime;
/// use decile_core::{Clock, ManualClock};
///
/// let clock = ManualClock::new(DateTime::UNIX_EPOCH);
/// assert_eq!(clock.now(), clock.now());
/// ```
#[derive(Debug)]
pub struct ManualClock(Mutex<DateTime<Utc>>);

impl ManualClock {
    /// Makes a clock that shows `now`.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(now))
    }

    /// Turns the clock by so much; a step out of the range of dates leaves it where it is.
    pub fn advance(&self, step: chrono::TimeDelta) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.checked_add_signed(step).unwrap_or(*now);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
