use super::ReplyCache;
use crate::Error;
use chrono::TimeDelta;
use decile_core::Clock;
use decile_core::source::{Call, Keeper, KeptReply, SourceError, Verdict};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Answers from kept replies while they are fresh, or from them alone.
///
/// A reply is fresh for the time set for its endpoint, and one that said that there is nothing for a
/// time of its own. A reply is as old as the clock says; one from the future does not count. Nothing
/// is ever thrown away: what is stale is asked for again, and both replies stay.
///
/// Offline, the newest reply by the clock's time counts however old it is, and a question without
/// one is an error. With a [`ManualClock`](decile_core::ManualClock) that is a view of what was
/// known at any time since the first reply.
///
/// ```
/// use decile_core::source::{Call, Keeper, KeptReply, Verdict};
/// use decile_core::{Clock, ManualClock};
/// use decile_data::{Cached, MemoryCache};
/// use chrono::TimeDelta;
/// use std::sync::Arc;
///
/// let clock = Arc::new(ManualClock::new("2025-12-01T15:00:00Z".parse().expect("an instant")));
/// let cache = Arc::new(MemoryCache::default());
/// let cached = Cached::new(cache.clone(), clock.clone()).fresh_for("quote", TimeDelta::minutes(15));
/// let call = Call {
///     provider: "example",
///     endpoint: "quote",
///     subject: "KO".to_owned(),
///     request: "GET https://example.com/quote?symbol=KO".to_owned(),
/// };
/// cached.keep(&call, &KeptReply {
///     verdict: Verdict::Answer,
///     status: 200,
///     content_type: None,
///     retrieved_at: clock.now(),
///     body: b"72.1".to_vec(),
/// })?;
/// clock.advance(TimeDelta::minutes(14));
/// assert!(cached.kept(&call)?.is_some());
/// clock.advance(TimeDelta::minutes(1));
/// assert_eq!(cached.kept(&call)?, None);
/// assert!(Cached::offline(cache, clock).kept(&call)?.is_some());
/// # Ok::<(), decile_core::source::SourceError>(())
/// ```
#[derive(Clone)]
pub struct Cached {
    cache: Arc<dyn ReplyCache>,
    clock: Arc<dyn Clock>,
    /// `None` offline.
    ages: Option<Ages>,
}

/// How long replies stay fresh.
#[derive(Debug, Clone)]
struct Ages {
    endpoints: BTreeMap<&'static str, TimeDelta>,
    otherwise: TimeDelta,
    nothing: TimeDelta,
}

impl Cached {
    /// Answers from replies that are fresh: for an hour, and for a day if there was nothing, unless
    /// set.
    #[must_use]
    pub fn new(cache: Arc<dyn ReplyCache>, clock: Arc<dyn Clock>) -> Self {
        let (otherwise, nothing) = (TimeDelta::hours(1), TimeDelta::days(1));
        let ages = Ages { endpoints: BTreeMap::new(), otherwise, nothing };
        Self { cache, clock, ages: Some(ages) }
    }

    /// Answers from kept replies alone, as of the clock's time.
    #[must_use]
    pub fn offline(cache: Arc<dyn ReplyCache>, clock: Arc<dyn Clock>) -> Self {
        Self { cache, clock, ages: None }
    }

    /// Sets how long a reply of an endpoint stays fresh; nothing to set offline.
    #[must_use]
    pub fn fresh_for(mut self, endpoint: &'static str, age: TimeDelta) -> Self {
        if let Some(ages) = &mut self.ages {
            ages.endpoints.insert(endpoint, age);
        }
        self
    }

    /// Sets how long a reply that said that there is nothing stays fresh; nothing to set offline.
    #[must_use]
    pub fn nothing_for(mut self, age: TimeDelta) -> Self {
        if let Some(ages) = &mut self.ages {
            ages.nothing = age;
        }
        self
    }
}

impl Ages {
    fn of(&self, call: &Call, verdict: Verdict) -> TimeDelta {
        match verdict {
            Verdict::Answer => *self.endpoints.get(call.endpoint).unwrap_or(&self.otherwise),
            Verdict::Nothing => self.nothing,
        }
    }
}

impl Keeper for Cached {
    fn kept(&self, call: &Call) -> Result<Option<KeptReply>, SourceError> {
        let now = self.clock.now();
        let newest = self.cache.newest(call, now).map_err(|error| unusable(call, error))?;
        match (&self.ages, newest) {
            (Some(ages), newest) => Ok(newest.filter(|reply| {
                now.signed_duration_since(reply.retrieved_at) < ages.of(call, reply.verdict)
            })),
            (None, Some(reply)) => Ok(Some(reply)),
            (None, None) => Err(SourceError::Unreachable {
                provider: call.provider,
                subject: call.subject.clone(),
                source: Box::new(Error::NotKept { call: call.to_string(), until: now }),
            }),
        }
    }

    fn keep(&self, call: &Call, reply: &KeptReply) -> Result<(), SourceError> {
        self.cache.append(call, reply).map_err(|error| unusable(call, error))
    }
}

fn unusable(call: &Call, error: Error) -> SourceError {
    let (provider, subject) = (call.provider, call.subject.clone());
    SourceError::Storage { provider, subject, source: Box::new(error) }
}

impl fmt::Debug for Cached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offline = self.ages.is_none();
        f.debug_struct("Cached").field("offline", &offline).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryCache;
    use crate::calls::example as call;
    use decile_core::ManualClock;

    fn reply(clock: &ManualClock, verdict: Verdict, body: &str) -> KeptReply {
        let (content_type, retrieved_at) = (None, clock.now());
        KeptReply { verdict, status: 200, content_type, retrieved_at, body: body.into() }
    }

    fn at_noon() -> Arc<ManualClock> {
        Arc::new(ManualClock::new("2025-12-01T12:00:00Z".parse().unwrap()))
    }

    #[test]
    fn nothing_is_fresh_for_a_time_of_its_own() {
        let clock = at_noon();
        let cached = Cached::new(Arc::new(MemoryCache::default()), clock.clone())
            .fresh_for("quote", TimeDelta::minutes(1))
            .nothing_for(TimeDelta::minutes(10));
        cached.keep(&call(), &reply(&clock, Verdict::Nothing, "{}")).unwrap();
        clock.advance(TimeDelta::minutes(9));
        assert_eq!(cached.kept(&call()).unwrap().unwrap().verdict, Verdict::Nothing);
        clock.advance(TimeDelta::minutes(1));
        assert_eq!(cached.kept(&call()).unwrap(), None);
    }

    #[test]
    fn a_reply_from_the_future_does_not_count() {
        let (clock, behind) = (at_noon(), at_noon());
        behind.advance(TimeDelta::hours(-1));
        let cache = Arc::new(MemoryCache::default());
        let cached = Cached::new(cache.clone(), behind);
        cached.keep(&call(), &reply(&clock, Verdict::Answer, "72.1")).unwrap();
        assert_eq!(cached.kept(&call()).unwrap(), None);
    }

    #[test]
    fn offline_shows_what_was_known_and_never_asks() {
        let clock = at_noon();
        let cache = Arc::new(MemoryCache::default());
        let live = Cached::new(cache.clone(), clock.clone());
        let past = at_noon();
        let offline = Cached::offline(cache, past.clone());
        let error = offline.kept(&call()).unwrap_err();
        assert!(matches!(error, SourceError::Unreachable { .. }) && !error.is_retryable());
        for body in ["72.1", "72.9"] {
            live.keep(&call(), &reply(&clock, Verdict::Answer, body)).unwrap();
            clock.advance(TimeDelta::days(40));
        }
        assert_eq!(offline.kept(&call()).unwrap().unwrap().body, b"72.1");
        past.advance(TimeDelta::days(300));
        assert_eq!(offline.kept(&call()).unwrap().unwrap().body, b"72.9");
    }
}
