use chrono::{DateTime, TimeDelta, Utc};
use decile_core::Clock;
use std::time::Instant;

/// A clock that begins at an instant and goes on from there, as many times as fast as the machine's
/// as it is told to: a day at the exchange in a few minutes.
///
/// ```
/// use chrono::DateTime;
/// use decile_core::Clock;
/// use decile_gateway::RunningClock;
///
/// // A minute each second.
/// let clock = RunningClock::new(DateTime::UNIX_EPOCH, 60);
/// assert!(clock.now() >= DateTime::UNIX_EPOCH);
/// ```
#[derive(Debug)]
pub struct RunningClock {
    start: DateTime<Utc>,
    began: Instant,
    speed: u32,
}

impl RunningClock {
    /// Makes a clock that shows `start` now; with a speed of 0 it stands still.
    #[must_use]
    pub fn new(start: DateTime<Utc>, speed: u32) -> Self {
        Self { start, began: Instant::now(), speed }
    }

    /// Returns the time after so much of the machine's; out of the range of dates it stands still.
    fn after(&self, passed: std::time::Duration) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(passed).ok();
        let speed = i32::try_from(self.speed).unwrap_or(i32::MAX);
        let passed = passed.and_then(|passed| passed.checked_mul(speed));
        passed.and_then(|passed| self.start.checked_add_signed(passed)).unwrap_or(self.start)
    }
}

impl Clock for RunningClock {
    fn now(&self) -> DateTime<Utc> {
        self.after(self.began.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn it_runs_as_fast_as_it_is_told() {
        let start = "2026-08-25T13:29:00Z".parse().unwrap();
        let after = |speed, seconds| {
            let clock = RunningClock::new(start, speed);
            (clock.after(Duration::from_millis(seconds)) - start).num_milliseconds()
        };
        assert_eq!(after(1, 1500), 1500);
        assert_eq!(after(60, 1500), 90_000);
        assert_eq!(after(0, 1500), 0);
        assert_eq!(after(u32::MAX, u64::MAX), 0);
    }
}
