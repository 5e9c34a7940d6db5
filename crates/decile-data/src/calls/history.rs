use super::ReplyCache;
use async_trait::async_trait;
use decile_core::source::{EstimateSource, Fetched, SourceError};
use decile_core::{Clock, EstimateSnapshot, ManualClock, Symbol};
use futures::lock::Mutex;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Adds to today's consensus what the same provider showed whenever it was asked before.
///
/// No provider gives the past of its estimates, but the replies of past runs are kept. Each of them is
/// read again, by a source that answers [offline](super::Cached::offline) at the time of a clock of
/// its own, so that it is read as it would have been then. Of several on a day the last one counts.
/// If today's cannot be had, the past is given alone, with a warning.
///
/// ```
/// use decile_core::source::EstimateSource;
/// use decile_core::{ManualClock, SystemClock};
/// use decile_data::{Cached, EstimateHistory, MemoryCache};
/// use std::sync::Arc;
///
/// /// Connects a client of the provider with what it is to keep its replies in.
/// fn with_history<S: EstimateSource>(connect: impl Fn(Cached) -> S) -> EstimateHistory<S> {
///     let cache = Arc::new(MemoryCache::default());
///     let clock = Arc::new(ManualClock::new(chrono::DateTime::UNIX_EPOCH));
///     let today = connect(Cached::new(cache.clone(), Arc::new(SystemClock)));
///     let past = connect(Cached::offline(cache.clone(), clock.clone()));
///     EstimateHistory::new(today, past, clock, cache, "Yahoo", "quoteSummary")
/// }
/// ```
pub struct EstimateHistory<S> {
    today: S,
    past: S,
    /// The time at which `past` answers; whoever holds the lock turns it.
    clock: Mutex<Arc<ManualClock>>,
    cache: Arc<dyn ReplyCache>,
    provider: &'static str,
    endpoint: &'static str,
}

impl<S: EstimateSource> EstimateHistory<S> {
    /// Asks `today` for what is shown now, and `past` for what was shown at each time at which the
    /// cache has a reply of the endpoint. `past` goes by `clock`, and nothing else may.
    #[must_use]
    pub fn new(
        today: S,
        past: S,
        clock: Arc<ManualClock>,
        cache: Arc<dyn ReplyCache>,
        provider: &'static str,
        endpoint: &'static str,
    ) -> Self {
        Self { today, past, clock: Mutex::new(clock), cache, provider, endpoint }
    }

    /// The snapshots of earlier days by their own day.
    async fn earlier(
        &self,
        symbol: &Symbol,
    ) -> Result<BTreeMap<chrono::NaiveDate, EstimateSnapshot>, SourceError> {
        let times = self.cache.retrievals(self.provider, self.endpoint, symbol.as_str());
        let times = times.map_err(|error| SourceError::Storage {
            provider: self.provider,
            subject: symbol.to_string(),
            source: Box::new(error),
        })?;
        let mut snapshots = BTreeMap::new();
        let clock = self.clock.lock().await;
        for day in times.chunk_by(|a, b| a.date_naive() == b.date_naive()) {
            let Some(last) = day.last() else { continue };
            clock.advance(*last - clock.now());
            // Nothing to be read again, as where the endpoint was asked for something else.
            let Ok(shown) = self.past.estimates(symbol).await else { continue };
            snapshots.extend(shown.rows.into_iter().map(|snapshot| (snapshot.as_of, snapshot)));
        }
        Ok(snapshots)
    }
}

#[async_trait]
impl<S: EstimateSource> EstimateSource for EstimateHistory<S> {
    async fn estimates(&self, symbol: &Symbol) -> Result<Fetched<EstimateSnapshot>, SourceError> {
        let mut snapshots = self.earlier(symbol).await?;
        let mut fetched = match self.today.estimates(symbol).await {
            Ok(fetched) => fetched,
            Err(error) if snapshots.is_empty() => return Err(error),
            Err(error) => {
                let mut past = Fetched::new(Vec::new());
                past.warnings.push(format!("only earlier estimates: {error}"));
                past
            }
        };
        snapshots.extend(fetched.rows.drain(..).map(|snapshot| (snapshot.as_of, snapshot)));
        fetched.rows = snapshots.into_values().collect();
        Ok(fetched)
    }
}

impl<S: fmt::Debug> fmt::Debug for EstimateHistory<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EstimateHistory").field("today", &self.today).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cached, MemoryCache};
    use chrono::{NaiveDate, TimeDelta};
    use decile_core::source::{Call, Keeper, KeptReply, Verdict};
    use futures::executor::block_on;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// A client whose replies are a number: the consensus. It shows the hour as dollars.
    #[derive(Debug)]
    struct Client {
        keeper: Cached,
        now: Option<Arc<ManualClock>>,
        down: Arc<AtomicBool>,
    }

    #[async_trait]
    impl EstimateSource for Client {
        async fn estimates(
            &self,
            symbol: &Symbol,
        ) -> Result<Fetched<EstimateSnapshot>, SourceError> {
            let (provider, subject) = ("example", symbol.to_string());
            let request = "GET https://example.com/estimates".to_owned();
            let call = Call { provider, endpoint: "estimates", subject, request };
            let reply = match (&self.now, self.keeper.kept(&call)?) {
                (_, Some(reply)) => reply,
                (Some(_), None) if self.down.load(Ordering::Relaxed) => {
                    let subject = call.subject;
                    return Err(SourceError::RateLimited { provider, subject, retry_after: None });
                }
                (Some(now), None) => {
                    let (retrieved_at, status) = (now.now(), 200);
                    let body = retrieved_at.format("%d.%H").to_string().into_bytes();
                    let (verdict, content_type) = (Verdict::Answer, None);
                    let reply = KeptReply { verdict, status, content_type, retrieved_at, body };
                    self.keeper.keep(&call, &reply)?;
                    reply
                }
                (None, None) => unreachable!("offline is an error"),
            };
            let as_of = reply.retrieved_at.date_naive();
            let mut snapshot = EstimateSnapshot::new(symbol.clone(), as_of, as_of);
            snapshot.fy1 = String::from_utf8(reply.body).unwrap().parse().ok();
            Ok(Fetched::new(vec![snapshot]))
        }
    }

    #[test]
    fn every_day_on_which_somebody_asked_is_there() {
        let start = "2025-12-01T12:00:00Z".parse().unwrap();
        let (now, then) = (Arc::new(ManualClock::new(start)), Arc::new(ManualClock::new(start)));
        let (cache, down) = (Arc::new(MemoryCache::default()), Arc::new(AtomicBool::new(false)));
        let today = Client {
            keeper: Cached::new(cache.clone(), now.clone()),
            now: Some(now.clone()),
            down: down.clone(),
        };
        let past = Client {
            keeper: Cached::offline(cache.clone(), then.clone()),
            now: None,
            down: down.clone(),
        };
        let history = EstimateHistory::new(today, past, then, cache, "example", "estimates");
        let symbol: Symbol = "KO".parse().unwrap();
        let ask = || {
            let fetched = block_on(history.estimates(&symbol)).unwrap();
            let row = |row: EstimateSnapshot| (row.as_of, row.fy1.unwrap());
            (fetched.rows.into_iter().map(row).collect::<Vec<_>>(), fetched.warnings.len())
        };
        let day = |d| NaiveDate::from_ymd_opt(2025, 12, d).unwrap();
        assert_eq!(ask(), (vec![(day(1), 1.12)], 0));
        now.advance(TimeDelta::hours(3));
        assert_eq!(ask(), (vec![(day(1), 1.15)], 0));
        now.advance(TimeDelta::days(30));
        assert_eq!(ask(), (vec![(day(1), 1.15), (day(31), 31.15)], 0));
        // The provider is down, and the newest reply no longer fresh.
        now.advance(TimeDelta::days(1));
        down.store(true, Ordering::Relaxed);
        assert_eq!(ask(), (vec![(day(1), 1.15), (day(31), 31.15)], 1));
        let other = block_on(history.estimates(&"PEP".parse().unwrap()));
        assert_eq!(other.unwrap_err().kind(), "rate_limited");
    }
}
