use super::{BudgetLedger, Timer};
use async_trait::async_trait;
use chrono::{DateTime, Days, NaiveTime, Utc};
use decile_core::Clock;
use decile_core::source::{Call, Gate, SourceError};
use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// Paces the calls to a provider and holds them to a budget of the day.
///
/// Paced calls are spread evenly: at most `n` per minute means one every 60/n seconds, so no minute
/// sees more, wherever it begins. A call that is too early waits, one that is over the budget is
/// refused. The budget's day is one of UTC. The count is taken and made durable before the call
/// leaves; a call that is dropped in between stays counted.
///
/// ```
/// use decile_core::source::{Call, Gate, SourceError};
/// use decile_core::{Clock, ManualClock};
/// use decile_data::{Limiter, ManualTimer, MemoryLedger};
/// use std::{num::NonZeroU32, sync::Arc};
///
/// let clock = Arc::new(ManualClock::new("2025-12-01T15:00:00Z".parse().expect("an instant")));
/// let limiter = Limiter::new(clock.clone(), Arc::new(ManualTimer(clock.clone())))
///     .per_second(NonZeroU32::MIN)
///     .daily("alphavantage", 2, Arc::new(MemoryLedger::default()));
/// let call = Call {
///     provider: "Alpha Vantage",
///     endpoint: "OVERVIEW",
///     subject: "KO".to_owned(),
///     request: "GET https://example.com/KO".to_owned(),
/// };
/// futures::executor::block_on(async {
///     limiter.pass(&call).await?;
///     limiter.pass(&call).await?;
///     assert_eq!(clock.now().to_rfc3339(), "2025-12-01T15:00:01+00:00");
///     let refused = limiter.pass(&call).await.expect_err("two a day");
///     assert!(refused.to_string().ends_with("it resets at 2025-12-02 00:00 UTC"));
///     Ok::<(), SourceError>(())
/// })?;
/// # Ok::<(), SourceError>(())
/// ```
pub struct Limiter {
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    paces: Vec<Pace>,
    budget: Option<Budget>,
    wait_max: Duration,
}

/// One call in each period.
struct Pace {
    period: Duration,
    cells: RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<SystemTime>>,
}

#[derive(Debug)]
struct Budget {
    account: String,
    limit: u32,
    ledger: Arc<dyn BudgetLedger>,
}

/// Shows governor the clock that everything else goes by.
#[derive(Debug, Clone)]
struct Ticks(Arc<dyn Clock>);

impl GovernorClock for Ticks {
    type Instant = SystemTime;

    fn now(&self) -> SystemTime {
        self.0.now().into()
    }
}

impl Limiter {
    /// Makes a gate that is open until a pace or budget is set.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, timer: Arc<dyn Timer>) -> Self {
        Self { clock, timer, paces: Vec::new(), budget: None, wait_max: 2 * MINUTE }
    }

    /// Lets at most so many calls out in a second.
    #[must_use]
    pub fn per_second(self, calls: NonZeroU32) -> Self {
        self.pace(SECOND / calls.get())
    }

    /// Lets at most so many calls out in a minute.
    #[must_use]
    pub fn per_minute(self, calls: NonZeroU32) -> Self {
        self.pace(MINUTE / calls.get())
    }

    /// Lets at most so many calls out on a day of UTC, all who use the account in the ledger
    /// together. An account is a name: two keys with a budget each need two.
    #[must_use]
    pub fn daily(mut self, account: &str, calls: u32, ledger: Arc<dyn BudgetLedger>) -> Self {
        self.budget = Some(Budget { account: account.to_owned(), limit: calls, ledger });
        self
    }

    /// Bounds how long a call waits for its turn; two minutes unless set.
    #[must_use]
    pub fn wait_max(self, wait_max: Duration) -> Self {
        Self { wait_max, ..self }
    }

    fn pace(mut self, period: Duration) -> Self {
        // More calls than the clock has ticks are no limit.
        if let Some(quota) = Quota::with_period(period) {
            let cells = RateLimiter::direct_with_clock(quota, Ticks(self.clock.clone()));
            self.paces.push(Pace { period, cells });
        }
        self
    }

    /// Waits until each pace lets the call out, within the bound.
    async fn wait(&self, call: &Call) -> Result<(), SourceError> {
        let mut waited = Duration::ZERO;
        for pace in &self.paces {
            // Whoever woke at the same instant may have been faster, so this can take some turns;
            // each adds to what was waited, and that is bounded.
            while let Err(early) = pace.cells.check() {
                let wait = early.wait_time_from(self.clock.now().into()).max(TICK);
                waited = waited.saturating_add(wait);
                if waited > self.wait_max {
                    return Err(SourceError::RateLimited {
                        provider: call.provider,
                        subject: call.subject.clone(),
                        retry_after: Some(wait),
                    });
                }
                self.timer.sleep(wait).await;
            }
        }
        Ok(())
    }

    fn spend(&self, budget: &Budget, call: &Call) -> Result<(), SourceError> {
        let now = self.clock.now();
        let (provider, subject) = (call.provider, call.subject.clone());
        match budget.ledger.spend(&budget.account, now.date_naive(), budget.limit) {
            Ok(true) => Ok(()),
            Ok(false) => {
                Err(SourceError::BudgetSpent { provider, subject, resets: midnight_after(now) })
            }
            Err(error) => Err(SourceError::Storage { provider, subject, source: Box::new(error) }),
        }
    }
}

/// A wait of nothing would not let others run.
const TICK: Duration = Duration::from_millis(1);

fn midnight_after(now: DateTime<Utc>) -> DateTime<Utc> {
    let tomorrow = now.date_naive().checked_add_days(Days::new(1));
    tomorrow.map_or(now, |day| day.and_time(NaiveTime::MIN).and_utc())
}

#[async_trait]
impl Gate for Limiter {
    async fn pass(&self, call: &Call) -> Result<(), SourceError> {
        self.wait(call).await?;
        self.budget.as_ref().map_or(Ok(()), |budget| self.spend(budget, call))
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let periods: Vec<Duration> = self.paces.iter().map(|pace| pace.period).collect();
        f.debug_struct("Limiter")
            .field("one_in_each", &periods)
            .field("budget", &self.budget.as_ref().map(|b| (&b.account, b.limit)))
            .field("wait_max", &self.wait_max)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::example as call;
    use crate::{Error, ManualTimer, MemoryLedger};
    use chrono::{NaiveDate, TimeDelta};
    use decile_core::ManualClock;
    use futures::executor::block_on;
    use futures::future::join_all;

    const FIVE: NonZeroU32 = NonZeroU32::new(5).unwrap();

    fn clock(text: &str) -> Arc<ManualClock> {
        Arc::new(ManualClock::new(text.parse().unwrap()))
    }

    fn limiter(clock: &Arc<ManualClock>) -> Limiter {
        Limiter::new(clock.clone(), Arc::new(ManualTimer(clock.clone())))
    }

    #[test]
    fn calls_are_spread_over_the_minute_and_the_second() {
        let clock = clock("2025-12-01T15:00:00Z");
        let limiter = limiter(&clock).per_minute(FIVE).per_second(NonZeroU32::MIN);
        let start = clock.now();
        let times: Vec<i64> = (0..4)
            .map(|_| {
                block_on(limiter.pass(&call())).unwrap();
                (clock.now() - start).num_milliseconds()
            })
            .collect();
        // Five a minute is one in 12 s, which is stricter than one a second.
        assert_eq!(times, [0, 12_000, 24_000, 36_000]);
    }

    #[test]
    fn a_turn_that_is_too_far_off_is_refused() {
        let clock = clock("2025-12-01T15:00:00Z");
        let limiter = limiter(&clock).per_minute(NonZeroU32::MIN).wait_max(10 * SECOND);
        block_on(limiter.pass(&call())).unwrap();
        let refused = block_on(limiter.pass(&call())).unwrap_err();
        assert_eq!(refused.retry_after(), Some(MINUTE));
        assert_eq!(clock.now(), "2025-12-01T15:00:00Z".parse::<DateTime<Utc>>().unwrap());
    }

    #[test]
    fn a_budget_is_of_a_day_of_utc() {
        let clock = clock("2025-12-31T23:59:59Z");
        let limiter = limiter(&clock).daily("av", 1, Arc::new(MemoryLedger::default()));
        block_on(limiter.pass(&call())).unwrap();
        let refused = block_on(limiter.pass(&call())).unwrap_err();
        let SourceError::BudgetSpent { resets, .. } = refused else { panic!("{refused}") };
        assert_eq!(resets, "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
        clock.advance(TimeDelta::seconds(1));
        block_on(limiter.pass(&call())).unwrap();
    }

    #[test]
    fn those_who_wait_together_leave_one_by_one() {
        let clock = clock("2025-12-01T15:00:00Z");
        let ledger = Arc::new(MemoryLedger::default());
        let limiter = limiter(&clock).per_second(NonZeroU32::MIN).daily("av", 8, ledger.clone());
        let call = call();
        let passed = block_on(join_all((0..10).map(|_| limiter.pass(&call))));
        assert_eq!(passed.iter().filter(|passed| passed.is_ok()).count(), 8);
        assert_eq!(ledger.spent("av", "2025-12-01".parse().unwrap()).unwrap(), 8);
        // Ten turns at a second each, the first at once; the last two only found the budget spent.
        assert_eq!((clock.now().timestamp() - 1_764_601_200), 9);
    }

    /// A file system that is full.
    #[derive(Debug)]
    struct Full;

    impl BudgetLedger for Full {
        fn spend(&self, _: &str, _: NaiveDate, _: u32) -> Result<bool, Error> {
            let source = std::io::Error::from(std::io::ErrorKind::StorageFull);
            Err(Error::Storage { action: "count a call", source: Box::new(source) })
        }

        fn spent(&self, _: &str, _: NaiveDate) -> Result<u32, Error> {
            unreachable!("nobody asks")
        }
    }

    #[test]
    fn what_cannot_be_counted_does_not_leave() {
        let limiter = limiter(&clock("2025-12-01T15:00:00Z")).daily("av", 8, Arc::new(Full));
        let refused = block_on(limiter.pass(&call())).unwrap_err();
        assert!(matches!(refused, SourceError::Storage { .. }), "{refused}");
    }
}
