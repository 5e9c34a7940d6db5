//! Which provider gives which part of a market, how often it is called and how long its replies stay
//! fresh.

use super::{Live, Provider, Times};
use crate::budget::Budget;
use chrono::{DateTime, TimeDelta, Utc};
use decile::core::source::EstimateSource;
use decile::core::{Clock, ManualClock};
use decile::data::{
    Cached, CrossChecked, EstimateHistory, Fallback, Limiter, Retrying, Sources, SystemTimer,
};
use decile::providers::alphavantage::AlphaVantage;
use decile::providers::sec::Sec;
use decile::providers::yahoo::Yahoo;
use decile::providers::{Secret, Transport, TransportBuilder};
use decile::store::CacheStore;
use std::error::Error;
use std::num::NonZeroU32;
use std::sync::Arc;

const KEY_VARIABLE: &str = "ALPHAVANTAGE_API_KEY";
const CONTACT_VARIABLE: &str = "SEC_CONTACT";

/// Yahoo publishes no limit; this is what a person with many windows might do.
const YAHOO_PER_SECOND: NonZeroU32 = NonZeroU32::new(4).expect("not zero");
/// The SEC allows ten.
const SEC_PER_SECOND: NonZeroU32 = NonZeroU32::new(8).expect("not zero");

/// Endpoints whose replies stay fresh for longer or shorter than an hour.
const YAHOO_FRESH: [(&str, TimeDelta); 3] = [
    ("quote", TimeDelta::minutes(1)),
    ("quoteSummary", TimeDelta::hours(12)),
    ("timeseries", TimeDelta::hours(12)),
];
const SEC_FRESH: [(&str, TimeDelta); 2] =
    [("companyfacts", TimeDelta::hours(12)), ("company_tickers", TimeDelta::days(7))];
/// At 25 calls a day thirty stocks take two weeks, so what changes once a quarter is good for as
/// long. A split that comes meanwhile shows as a jump, and the stock is left out.
const ALPHA_VANTAGE_FRESH: [(&str, TimeDelta); 12] = [
    ("OVERVIEW", TimeDelta::days(14)),
    ("INCOME_STATEMENT", TimeDelta::days(14)),
    ("BALANCE_SHEET", TimeDelta::days(14)),
    ("CASH_FLOW", TimeDelta::days(14)),
    ("EARNINGS", TimeDelta::days(14)),
    ("EARNINGS_ESTIMATES", TimeDelta::days(14)),
    ("SPLITS", TimeDelta::days(14)),
    ("DIVIDENDS", TimeDelta::days(14)),
    ("TIME_SERIES_MONTHLY_ADJUSTED", TimeDelta::days(14)),
    ("TIME_SERIES_DAILY", TimeDelta::hours(12)),
    ("TIME_SERIES_DAILY_ADJUSTED", TimeDelta::hours(12)),
    ("FX_DAILY", TimeDelta::hours(12)),
];

/// Connects to the providers that were asked for, and returns with them the time of the run.
///
/// With two providers the second is asked where the first gives nothing, and their statements are
/// held against each other. Nothing is sent yet.
pub(super) fn connect(
    live: &Live,
    cache: Option<Arc<CacheStore>>,
    (clock, at): Times,
) -> Result<(Sources, DateTime<Utc>), Box<dyn Error>> {
    let line = Line { live, cache, clock, at };
    // Every transport of a replay plays at the time of the recording, those of a recording and of a cache
    // at that of the run that made it, whatever the clock says when the last of them asks.
    let now = line.transport(line.limiter(), &[])?.now();
    let line = Line { at: Some(now), ..line };
    let mut all = Vec::new();
    for provider in &live.source {
        all.push(match provider {
            Provider::Yahoo => line.of_yahoo()?,
            Provider::AlphaVantage => line.of_alpha_vantage()?,
        });
    }
    Ok((all.into_iter().reduce(in_turn).ok_or("name a source")?, now))
}

/// What all connections have in common.
struct Line<'a> {
    live: &'a Live,
    cache: Option<Arc<CacheStore>>,
    clock: Arc<dyn Clock>,
    /// The time of the run, once it is known.
    at: Option<DateTime<Utc>>,
}

impl Line<'_> {
    /// A gate without a pace. A server of one's own needs none.
    fn limiter(&self) -> Limiter {
        Limiter::new(self.clock.clone(), Arc::new(SystemTimer))
    }

    fn paced(&self, calls_per_second: NonZeroU32) -> Limiter {
        match &self.live.base_url {
            Some(_) => self.limiter(),
            None => self.limiter().per_second(calls_per_second),
        }
    }

    /// A transport to the providers, or to the server that stands in for them.
    fn addressed(&self) -> TransportBuilder {
        match &self.live.base_url {
            Some(url) => Transport::builder().base_url(url),
            None => Transport::builder(),
        }
    }

    fn transport(
        &self,
        limiter: Limiter,
        fresh: &[(&'static str, TimeDelta)],
    ) -> Result<Transport, decile::providers::Error> {
        let mut builder = self.addressed().clock(self.clock.clone()).gate(Arc::new(limiter));
        if let Some(at) = self.at {
            builder = builder.at(at);
        }
        if let Some(folder) = &self.live.record {
            builder = builder.record(folder);
        }
        if let Some(folder) = &self.live.replay {
            builder = builder.replay(folder);
        }
        if let Some(cache) = &self.cache {
            let (cache, clock) = (cache.clone(), self.clock.clone());
            let cached = match self.live.offline {
                true => Cached::offline(cache, clock),
                false => fresh.iter().fold(Cached::new(cache, clock), |cached, (endpoint, age)| {
                    cached.fresh_for(endpoint, *age)
                }),
            };
            builder = builder.keeper(Arc::new(cached));
        }
        builder.build()
    }

    /// Adds the estimates of earlier runs, if there is a cache: the same provider at a time of its
    /// own, answering from there alone.
    fn with_history<S: EstimateSource + 'static>(
        &self,
        today: &Arc<S>,
        connect: impl FnOnce(Transport) -> S,
        provider: &'static str,
        endpoint: &'static str,
    ) -> Result<Arc<dyn EstimateSource>, decile::providers::Error> {
        let Some(cache) = &self.cache else { return Ok(today.clone()) };
        let clock = Arc::new(ManualClock::new(self.clock.now()));
        let keeper = Arc::new(Cached::offline(cache.clone(), clock.clone()));
        let transport = self.addressed().keeper(keeper).clock(clock.clone()).build()?;
        let (today, past, cache) = (today.clone(), Arc::new(connect(transport)), cache.clone());
        Ok(Arc::new(EstimateHistory::new(today, past, clock, cache, provider, endpoint)))
    }

    /// Tells whether nobody is asked, so that neither key nor contact is needed.
    fn is_closed(&self) -> bool {
        self.live.offline || self.live.replay.is_some()
    }

    fn yahoo(&self) -> Result<Yahoo, decile::providers::Error> {
        let limiter = self.paced(YAHOO_PER_SECOND);
        Ok(Yahoo::new(self.transport(limiter, &YAHOO_FRESH)?))
    }

    fn sec(&self) -> Result<Sec, Box<dyn Error>> {
        let why = "the SEC asks for a name and an e-mail address in every request";
        // A server of one's own does not ask who calls; the SEC does.
        let is_asked = !self.is_closed() && self.live.base_url.is_none();
        let unasked = (!is_asked).then_some("nobody nobody@example.invalid");
        let contact = setting(CONTACT_VARIABLE, why, unasked)?;
        let limiter = self.paced(SEC_PER_SECOND);
        Ok(Sec::new(self.transport(limiter, &SEC_FRESH)?, &contact)?)
    }

    fn alpha_vantage(&self) -> Result<AlphaVantage, Box<dyn Error>> {
        let unasked = self.is_closed().then_some("none");
        let key = setting(KEY_VARIABLE, "put your key there", unasked)?;
        let budget = Budget::new(self.live.base_url.as_deref(), self.live.daily_calls);
        let limiter = match (budget, &self.cache) {
            (Some(budget), Some(cache)) => budget.limit(self.limiter(), cache.clone()),
            _ => self.limiter(),
        };
        let transport = self.transport(limiter, &ALPHA_VANTAGE_FRESH)?;
        Ok(AlphaVantage::new(transport, Secret::new(key)))
    }

    /// Statements are the SEC's, since only there is the day on which they were known, and are held
    /// against Yahoo's, which do for a company that does not file there.
    fn of_yahoo(&self) -> Result<Sources, Box<dyn Error>> {
        let yahoo = Arc::new(Retrying::new(self.yahoo()?));
        let sec = Retrying::new(self.sec()?);
        let mut sources = Sources::new(yahoo.clone(), yahoo.clone(), yahoo.clone());
        let checked = CrossChecked::new(sec, yahoo.clone());
        sources.filings = Some(Arc::new(Fallback::new(checked, yahoo.clone())));
        let past = |transport| Retrying::new(Yahoo::new(transport));
        sources.estimates = Some(self.with_history(&yahoo, past, "Yahoo", "quoteSummary")?);
        sources.stats = Some(yahoo.clone());
        sources.fx = Some(yahoo);
        Ok(sources)
    }

    fn of_alpha_vantage(&self) -> Result<Sources, Box<dyn Error>> {
        let source = Arc::new(Retrying::new(self.alpha_vantage()?));
        let mut sources = Sources::new(source.clone(), source.clone(), source.clone());
        sources.filings = Some(source.clone());
        let past = |transport| Retrying::new(AlphaVantage::new(transport, Secret::new("none")));
        let endpoint = "EARNINGS_ESTIMATES";
        sources.estimates = Some(self.with_history(&source, past, "Alpha Vantage", endpoint)?);
        sources.stats = Some(source.clone());
        sources.fx = Some(source);
        Ok(sources)
    }
}

/// Reads a setting; where nobody asks for it, anything of its kind will do.
fn setting(variable: &str, why: &str, unasked: Option<&str>) -> Result<String, String> {
    match (std::env::var(variable), unasked) {
        (Ok(value), _) if !value.trim().is_empty() => Ok(value),
        (_, Some(unasked)) => Ok(unasked.to_owned()),
        (_, None) => Err(format!("{variable} is not set: {why}")),
    }
}

fn in_turn(first: Sources, second: Sources) -> Sources {
    let mut sources = Sources::new(
        Arc::new(Fallback::new(first.bars, second.bars)),
        Arc::new(Fallback::new(first.actions, second.actions)),
        Arc::new(Fallback::new(first.securities, second.securities)),
    );
    sources.filings = match (first.filings, second.filings) {
        (Some(first), Some(second)) => {
            let checked = CrossChecked::new(first, second.clone());
            Some(Arc::new(Fallback::new(checked, second)))
        }
        (first, second) => first.or(second),
    };
    sources.estimates = match (first.estimates, second.estimates) {
        (Some(first), Some(second)) => Some(Arc::new(Fallback::new(first, second))),
        (first, second) => first.or(second),
    };
    sources.stats = match (first.stats, second.stats) {
        (Some(first), Some(second)) => Some(Arc::new(Fallback::new(first, second))),
        (first, second) => first.or(second),
    };
    sources.fx = match (first.fx, second.fx) {
        (Some(first), Some(second)) => Some(Arc::new(Fallback::new(first, second))),
        (first, second) => first.or(second),
    };
    sources
}
