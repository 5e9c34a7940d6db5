use crate::Error;
use chrono::{DateTime, Utc};
use decile_core::source::{Call, KeptReply};
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Keeps raw replies for ever: nothing is changed or taken away again.
///
/// What a provider said on a day can so be read again later, by a better reader too, and analysts'
/// estimates, which no provider sells the past of cheaply, build up a history of their own.
/// `decile_data::conformance::cache`, with the feature `conformance`, tests these
/// promises.
///
/// ```
/// use decile_core::source::{Call, KeptReply, Verdict};
/// use decile_data::{MemoryCache, ReplyCache};
///
/// let call = Call {
///     provider: "example",
///     endpoint: "quote",
///     subject: "KO".to_owned(),
///     request: "GET https://example.com/quote?symbol=KO".to_owned(),
/// };
/// let at = |text: &str| text.parse().expect("an instant");
/// let reply = |time, body: &str| KeptReply {
///     verdict: Verdict::Answer,
///     status: 200,
///     content_type: None,
///     retrieved_at: at(time),
///     body: body.into(),
/// };
/// let cache = MemoryCache::default();
/// cache.append(&call, &reply("2025-12-01T15:00:00Z", "72.1"))?;
/// cache.append(&call, &reply("2025-12-02T15:00:00Z", "72.9"))?;
/// let known = cache.newest(&call, at("2025-12-02T09:00:00Z"))?.expect("kept");
/// assert_eq!(known.body, b"72.1");
/// assert_eq!(cache.retrievals("example", "quote", "KO")?.len(), 2);
/// # Ok::<(), decile_data::Error>(())
/// ```
pub trait ReplyCache: fmt::Debug + Send + Sync {
    /// Keeps a reply to a call.
    ///
    /// # Errors
    /// [`Error::Storage`] if it cannot be written.
    fn append(&self, call: &Call, reply: &KeptReply) -> Result<(), Error>;

    /// Returns the newest reply to the request of the call that had come by `until`; of those of
    /// one instant, the one kept last.
    ///
    /// # Errors
    /// [`Error::Storage`] if it cannot be read.
    fn newest(&self, call: &Call, until: DateTime<Utc>) -> Result<Option<KeptReply>, Error>;

    /// Returns when replies of an endpoint about a subject came, in order.
    ///
    /// # Errors
    /// [`Error::Storage`] if they cannot be read.
    fn retrievals(
        &self,
        provider: &str,
        endpoint: &str,
        subject: &str,
    ) -> Result<Vec<DateTime<Utc>>, Error>;
}

/// Keeps replies in memory: for one process and as long as it lives.
///
/// ```
/// use decile_data::{MemoryCache, ReplyCache};
///
/// assert!(MemoryCache::default().retrievals("example", "quote", "KO")?.is_empty());
/// # Ok::<(), decile_data::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryCache(Mutex<Vec<(Call, KeptReply)>>);

impl ReplyCache for MemoryCache {
    fn append(&self, call: &Call, reply: &KeptReply) -> Result<(), Error> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push((call.clone(), reply.clone()));
        Ok(())
    }

    fn newest(&self, call: &Call, until: DateTime<Utc>) -> Result<Option<KeptReply>, Error> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = kept.iter().filter(|(other, reply)| {
            (other.provider, &other.request) == (call.provider, &call.request)
                && reply.retrieved_at <= until
        });
        // Of equal maxima, `max_by_key` returns the last.
        Ok(same.max_by_key(|(_, reply)| reply.retrieved_at).map(|(_, reply)| reply.clone()))
    }

    fn retrievals(
        &self,
        provider: &str,
        endpoint: &str,
        subject: &str,
    ) -> Result<Vec<DateTime<Utc>>, Error> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = (provider, endpoint, subject);
        let same = |call: &Call| (call.provider, call.endpoint, call.subject.as_str()) == wanted;
        let times = kept.iter().filter(|(call, _)| same(call)).map(|(_, reply)| reply.retrieved_at);
        let mut times: Vec<_> = times.collect();
        times.sort_unstable();
        Ok(times)
    }
}
