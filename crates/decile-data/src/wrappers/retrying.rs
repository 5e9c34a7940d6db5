use crate::{SystemTimer, Timer};
use async_trait::async_trait;
use backon::{ExponentialBuilder, Retryable};
use chrono::{DateTime, Utc};
use decile_core::source::{
    ActionSource, BarSource, EstimateSource, Fetched, FilingSource, FxSource, QuoteSource,
    SecuritySource, SourceError, Stats, StatsSource,
};
use decile_core::{
    Bar, Clock, CorporateAction, Currency, DateRange, EstimateSnapshot, Filing, FxRate, Quote,
    Security, Symbol, SystemClock,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

/// Asks again when that may help: after a lost connection, a server in trouble, a rate limit.
///
/// At most so many tries are made, and none begins after the total time. Between them it waits for
/// half a second, then twice as long each time, plus up to as much again by chance, so that many
/// tasks do not come back together; at least as long as the provider asked for. If that is beyond
/// the total time, or asking again cannot help ([`SourceError::is_retryable`]), the error is returned
/// at once.
///
/// ```
/// use async_trait::async_trait;
/// use decile_core::source::{SourceError, Stats, StatsSource};
/// use decile_core::{ManualClock, Symbol};
/// use decile_data::{ManualTimer, Retrying};
/// use std::sync::{Arc, atomic::{AtomicU32, Ordering}};
/// use std::time::Duration;
///
/// /// Answers the second time.
/// #[derive(Debug, Default)]
/// struct Tired(AtomicU32);
///
/// #[async_trait]
/// impl StatsSource for Tired {
///     async fn stats(&self, symbol: &Symbol) -> Result<Stats, SourceError> {
///         match self.0.fetch_add(1, Ordering::Relaxed) {
///             0 => Err(SourceError::RateLimited {
///                 provider: "example",
///                 subject: symbol.to_string(),
///                 retry_after: Some(Duration::from_secs(20)),
///             }),
///             _ => Ok(Stats::default()),
///         }
///     }
/// }
///
/// let clock = Arc::new(ManualClock::new(chrono::DateTime::UNIX_EPOCH));
/// let source = Retrying::new(Tired::default()).time(clock.clone(), Arc::new(ManualTimer(clock)));
/// futures::executor::block_on(source.stats(&"KO".parse()?)).expect("the second time");
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Retrying<S> {
    source: S,
    tries_max: usize,
    total_max: Duration,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
}

impl<S> Retrying<S> {
    /// Asks the source up to three times within 60 s.
    #[must_use]
    pub fn new(source: S) -> Self {
        let (clock, timer) = (Arc::new(SystemClock), Arc::new(SystemTimer));
        Self { source, tries_max: 3, total_max: Duration::from_secs(60), clock, timer }
    }

    /// Sets how often it asks; at least once.
    #[must_use]
    pub fn tries_max(self, tries_max: usize) -> Self {
        Self { tries_max, ..self }
    }

    /// Sets the time after which no new try begins.
    #[must_use]
    pub fn total_max(self, total_max: Duration) -> Self {
        Self { total_max, ..self }
    }

    /// Goes by another clock and waits by another timer than the machine's.
    #[must_use]
    pub fn time(self, clock: Arc<dyn Clock>, timer: Arc<dyn Timer>) -> Self {
        Self { clock, timer, ..self }
    }
}

impl<S: Sync> Retrying<S> {
    /// Boxes the retries here: as a part of a caller's future the compiler cannot see that they may
    /// move between threads.
    fn retried<'a, T: Send + 'a>(
        &'a self,
        ask: impl FnMut() -> BoxFuture<'a, Result<T, SourceError>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, SourceError>> {
        let backoff = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(500))
            .with_factor(2.0)
            .with_jitter()
            .with_max_times(self.tries_max.saturating_sub(1));
        let began = self.clock.now();
        let timer = self.timer.clone();
        let sleep = move |duration| {
            let timer = timer.clone();
            async move { timer.sleep(duration).await }.boxed()
        };
        ask.retry(backoff)
            .sleep(sleep)
            .when(SourceError::is_retryable)
            .adjust(move |error, delay| self.wait(began, error, delay?))
            .boxed()
    }

    /// Returns how long to wait before the next try; `None` to give up.
    fn wait(&self, began: DateTime<Utc>, error: &SourceError, delay: Duration) -> Option<Duration> {
        let wait = delay.max(error.retry_after().unwrap_or_default());
        // A clock that was set back has seen no time pass.
        let passed = (self.clock.now() - began).to_std().unwrap_or_default();
        (passed.saturating_add(wait) <= self.total_max).then_some(wait)
    }
}

macro_rules! retried {
    ($source:ident: $method:ident($($argument:ident: $type:ty),+) -> $answer:ty) => {
        #[async_trait]
        impl<S: $source> $source for Retrying<S> {
            async fn $method(&self, $($argument: $type),+) -> Result<$answer, SourceError> {
                self.retried(|| self.source.$method($($argument),+)).await
            }
        }
    };
}

retried!(BarSource: bars(symbol: &Symbol, range: DateRange) -> Fetched<Bar>);
retried!(ActionSource: actions(symbol: &Symbol, range: DateRange) -> Fetched<CorporateAction>);
retried!(FilingSource: filings(symbol: &Symbol) -> Fetched<Filing>);
retried!(EstimateSource: estimates(symbol: &Symbol) -> Fetched<EstimateSnapshot>);
retried!(QuoteSource: quotes(symbols: &[Symbol]) -> Vec<Quote>);
retried!(StatsSource: stats(symbol: &Symbol) -> Stats);
retried!(SecuritySource: security(symbol: &Symbol) -> Security);
retried!(FxSource: rates(currency: Currency, range: DateRange) -> Fetched<FxRate>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ManualTimer;
    use decile_core::ManualClock;
    use futures::executor::block_on;
    use std::io;
    use std::sync::Mutex;

    /// Fails in the ways given, the last for ever, and notes when it was asked.
    #[derive(Debug)]
    struct Failing {
        clock: Arc<ManualClock>,
        ways: Vec<fn() -> SourceError>,
        asked: Mutex<Vec<DateTime<Utc>>>,
    }

    #[async_trait]
    impl StatsSource for Failing {
        async fn stats(&self, _: &Symbol) -> Result<Stats, SourceError> {
            let mut asked = self.asked.lock().unwrap();
            let way = self.ways[asked.len().min(self.ways.len() - 1)];
            asked.push(self.clock.now());
            Err(way())
        }
    }

    fn lost() -> SourceError {
        let source = Box::new(io::Error::from(io::ErrorKind::ConnectionReset));
        SourceError::Network { provider: "example", subject: "KO".to_owned(), source }
    }

    fn busy() -> SourceError {
        let retry_after = Some(Duration::from_secs(25));
        SourceError::RateLimited { provider: "example", subject: "KO".to_owned(), retry_after }
    }

    fn unknown() -> SourceError {
        SourceError::NotFound { provider: "example", subject: "KO".to_owned() }
    }

    /// Asks, and returns the kind of the last error and the seconds at which it asked.
    fn ask(
        ways: Vec<fn() -> SourceError>,
        set: impl Fn(Retrying<Failing>) -> Retrying<Failing>,
    ) -> (&'static str, Vec<f64>) {
        let clock = Arc::new(ManualClock::new(DateTime::UNIX_EPOCH));
        let failing = Failing { clock: clock.clone(), ways, asked: Mutex::default() };
        let retrying = Retrying::new(failing).time(clock.clone(), Arc::new(ManualTimer(clock)));
        let retrying = set(retrying);
        let error = block_on(retrying.stats(&"KO".parse().unwrap())).unwrap_err();
        let asked = retrying.source.asked.into_inner().unwrap();
        let seconds = |time: DateTime<Utc>| time.timestamp_millis() as f64 / 1000.0;
        (error.kind(), asked.into_iter().map(seconds).collect())
    }

    #[test]
    fn it_waits_longer_each_time_and_gives_up() {
        let (kind, asked) = ask(vec![lost], |retrying| retrying.tries_max(4));
        assert_eq!((kind, asked.len()), ("network", 4));
        for (pause, shortest) in asked.windows(2).zip([0.5, 1.0, 2.0]) {
            let pause = pause[1] - pause[0];
            assert!((shortest..=2.0 * shortest).contains(&pause), "{asked:?}");
        }
    }

    #[test]
    fn it_waits_as_long_as_the_provider_asks_within_the_total() {
        let (kind, asked) = ask(vec![busy], |retrying| retrying.tries_max(9));
        assert_eq!((kind, asked), ("rate_limited", vec![0.0, 25.0, 50.0]));
        let (_, asked) = ask(vec![busy], |retrying| retrying.total_max(Duration::from_secs(24)));
        assert_eq!(asked, [0.0]);
    }

    #[test]
    fn what_asking_again_cannot_help_is_told_at_once() {
        assert_eq!(ask(vec![unknown], |retrying| retrying), ("not_found", vec![0.0]));
        let (kind, asked) = ask(vec![lost, unknown], |retrying| retrying.tries_max(9));
        assert_eq!((kind, asked.len()), ("not_found", 2));
        assert_eq!(ask(vec![lost], |retrying| retrying.tries_max(0)).1, [0.0]);
    }
}
