//! Live data: from `--source` to a market.

mod providers;

use chrono::{DateTime, Days, NaiveDate, Utc};
use clap::{Args, ValueEnum};
use decile::core::{Calendar, Clock, DateRange, ManualClock, Market, Symbol, SystemClock};
use decile::data::{Assembled, Assembly, Note, NoteKind, universe};
use decile::store::CacheStore;
use std::error::Error;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

/// Years of history: one for momentum, two for a year of quarters and the year before, one to spare.
const HISTORY_DAYS: u64 = 4 * 365;
/// Stocks under way at a time.
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(4).expect("not zero");

/// Whom to ask.
///
/// ```
/// use clap::ValueEnum;
/// use decile_examples::source::Provider;
///
/// assert_eq!(Provider::from_str("yahoo", false), Ok(Provider::Yahoo));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Provider {
    /// Yahoo Finance, with statements from the SEC
    Yahoo,
    /// Alpha Vantage, with the key in ALPHAVANTAGE_API_KEY
    #[value(name = "alphavantage")]
    AlphaVantage,
}

/// Where live data comes from.
///
/// ```
/// use clap::Parser;
/// use decile_examples::arguments::Arguments;
///
/// let arguments = ["top10", "--source", "yahoo", "--symbols", "KO,PEP"];
/// let live = Arguments::try_parse_from(arguments)?.live;
/// assert_eq!(live.symbols.as_deref(), Some("KO,PEP"));
/// # Ok::<(), clap::Error>(())
/// ```
#[derive(Debug, Args)]
#[command(next_help_heading = "Live data")]
pub struct Live {
    /// Fetches the market: yahoo, alphavantage, or both with the preferred one first
    #[arg(long, value_name = "NAMES", value_delimiter = ',', conflicts_with_all = ["data", "seed"])]
    pub source: Vec<Provider>,
    /// Stocks to fetch, as in AAPL,BRK.B [default: thirty large companies of the USA]
    #[arg(long, value_name = "SYMBOLS", requires = "source", conflicts_with = "universe")]
    pub symbols: Option<String>,
    /// Stocks to fetch, one a line of a file
    #[arg(long, value_name = "FILE", requires = "source")]
    pub universe: Option<PathBuf>,
    /// Keeps replies and counts of calls in this file
    #[arg(long, value_name = "FILE", default_value = "cache.sqlite")]
    pub cache: PathBuf,
    /// Asks nobody: answers from --cache, at the time of the run that got its newest reply
    #[arg(long, requires = "source", conflicts_with_all = ["record", "replay"])]
    pub offline: bool,
    /// Calls a day that the key of Alpha Vantage is good for [default: 25; with --base-url no limit]
    #[arg(long, value_name = "N", requires = "source")]
    pub daily_calls: Option<u32>,
    /// Share of the stocks without whose prices and statements nothing is ranked
    #[arg(long, value_name = "SHARE", default_value_t = 0.9, value_parser = share)]
    pub coverage: f64,
    /// Lists every note on rows and dates, not only the stocks that are left out
    #[arg(long, requires = "source")]
    pub notes: bool,
    /// Sends the requests of every host to this address, path and query unchanged
    #[arg(long, value_name = "URL", requires = "source")]
    pub base_url: Option<String>,
    /// Writes each reply to a folder
    #[arg(long, value_name = "DIR", requires = "source", conflicts_with = "replay")]
    pub record: Option<PathBuf>,
    /// Answers from a folder that --record wrote, at the time of its newest reply; without network
    #[arg(long, value_name = "DIR", requires = "source")]
    pub replay: Option<PathBuf>,
}

/// By which clock replies come, and what time it is for questions, if that is another.
type Times = (Arc<dyn Clock>, Option<DateTime<Utc>>);

/// A market that was fetched, and what there is to say about it.
#[derive(Debug)]
pub struct Fetched {
    /// The market, up to the last session that had closed.
    pub market: Market,
    /// What it is, what is missing and why, a line each.
    pub lines: Vec<String>,
}

impl Live {
    /// Tells whether a market is to be fetched.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        !self.source.is_empty()
    }

    /// Fetches the market as it was known after the close of `as_of`, or of the last session that
    /// has closed.
    ///
    /// # Errors
    /// If the list of stocks, the cache or a setting of a provider cannot be used, or if too few of
    /// the stocks are known to trade on. The sentence then says what failed.
    pub async fn fetch(&self, as_of: Option<NaiveDate>) -> Result<Fetched, Box<dyn Error>> {
        let symbols = self.stocks()?;
        let cache = match &self.replay {
            Some(_) => None,
            None => Some(Arc::new(CacheStore::open(&self.cache)?)),
        };
        let times = self.times(cache.as_deref())?;
        let (sources, now) = providers::connect(self, cache.clone(), times)?;
        if let Some(cache) = cache.filter(|_| !self.offline) {
            cache.begin(now)?;
        }
        let closed = last_closed(now).ok_or("no session of the exchange has closed yet")?;
        let as_of = as_of.unwrap_or(closed);
        let assembly = match as_of == closed {
            true => Assembly::live(as_of),
            false => Assembly::dated(as_of),
        };
        // Up to today, since what providers adjust prices by is known up to today.
        let today = Calendar::nyse().local_date(now);
        let from = as_of.checked_sub_days(Days::new(HISTORY_DAYS)).unwrap_or(as_of);
        let range = DateRange::new(from, today.max(as_of))?;
        let gathered = sources.gather(&symbols, range, AT_ONCE).await;
        let assembled = match gathered.stocks.is_empty() {
            true => return Err(nothing(&gathered.failures).into()),
            false => assembly.assemble(gathered)?,
        };
        let lines = self.lines(&assembled, as_of, closed);
        assembled.check_coverage(self.coverage).map_err(|error| {
            // The lines say what to look at, so they have to be seen in any case.
            format!("{error}\n{}", lines.join("\n"))
        })?;
        Ok(Fetched { market: assembled.market, lines })
    }

    fn stocks(&self) -> Result<Vec<Symbol>, decile::data::Error> {
        match (&self.symbols, &self.universe) {
            (Some(list), _) => universe::of_list(list),
            (None, Some(path)) => universe::of_file(path),
            (None, None) => Ok(universe::us_large_30()),
        }
    }

    /// The machine's clock; offline, the time of the newest reply, and that of the run which got it: its
    /// questions were of the day on which it began.
    fn times(&self, cache: Option<&CacheStore>) -> Result<Times, Box<dyn Error>> {
        let Some(cache) = cache.filter(|_| self.offline) else {
            return Ok((Arc::new(SystemClock), None));
        };
        let path = cache.path().display();
        let newest = cache.newest_retrieval()?;
        let newest = newest.ok_or_else(|| format!("{path} holds no reply: run once online"))?;
        Ok((Arc::new(ManualClock::new(newest)), cache.began(newest)?))
    }

    fn lines(&self, assembled: &Assembled, as_of: NaiveDate, closed: NaiveDate) -> Vec<String> {
        let (known, asked) = (assembled.usable, assembled.asked.len());
        let mut lines = vec![format!("{known} of {asked} stocks have prices and statements.")];
        if as_of < closed {
            lines.push(
                "The list of stocks is today's: of a past session it knows too much (those that \
                 failed since are not in it)."
                    .to_owned(),
            );
        }
        lines.extend(assembled.failures.iter().map(|failure| format!("  {failure}")));
        let told = |note: &&Note| self.notes || note.kind == NoteKind::LeftOut;
        lines.extend(assembled.notes.iter().filter(told).map(|note| format!("  {note}")));
        let others = assembled.notes.iter().filter(|note| !told(note)).count();
        if others > 0 {
            lines.push(format!("  {others} more notes on rows and dates: --notes lists them"));
        }
        lines
    }
}

/// Says why there is nothing at all: the first failure stands for the others.
fn nothing(failures: &[decile::data::Failure]) -> String {
    let first = failures.first().map(ToString::to_string).unwrap_or_default();
    format!("not one stock could be fetched; the first: {first}")
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("write a share from 0 to 1, as 0.9".to_owned()),
    }
}

/// Finds the last session that has closed.
fn last_closed(now: DateTime<Utc>) -> Option<NaiveDate> {
    let calendar = Calendar::nyse();
    let session = calendar.session_on_or_before(calendar.local_date(now))?;
    match calendar.close(session)? <= now {
        true => Some(session),
        false => calendar.session_before(session),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_that_was_filled_across_midnight_is_asked_for_the_day_before() {
        use clap::Parser;
        use decile::core::source::{Call, KeptReply, Verdict};
        use decile::data::ReplyCache;

        let folder = tempfile::tempdir().unwrap();
        let cache = CacheStore::open(folder.path().join("cache.sqlite")).unwrap();
        let arguments = ["top10", "--source", "yahoo", "--offline"];
        let live = crate::arguments::Arguments::try_parse_from(arguments).unwrap().live;
        let instant = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let call = Call {
            provider: "Yahoo",
            endpoint: "chart",
            subject: "KO".to_owned(),
            request: "GET a".to_owned(),
        };
        // A minute past midnight in New York.
        let retrieved_at = instant("2025-12-02T05:01:00Z");
        let (verdict, body) = (Verdict::Answer, Vec::new());
        let reply = KeptReply { verdict, status: 200, content_type: None, retrieved_at, body };
        cache.append(&call, &reply).unwrap();
        let times = || {
            let (clock, at) = live.times(Some(&cache)).unwrap();
            (clock.now(), at)
        };
        // A file of an earlier version does not know.
        assert_eq!(times(), (retrieved_at, None));
        let began = instant("2025-12-02T04:59:00Z");
        cache.begin(began).unwrap();
        assert_eq!(times(), (retrieved_at, Some(began)));
        // A run that got nothing, as without network, is none.
        cache.begin(instant("2025-12-03T15:00:00Z")).unwrap();
        assert_eq!(times(), (retrieved_at, Some(began)));
    }

    #[test]
    fn a_session_is_known_from_its_close_on() {
        let closed = |now: &str| last_closed(now.parse().unwrap()).unwrap().to_string();
        // Black Friday closes at 13:00 in New York, 18:00 UTC.
        assert_eq!(closed("2025-11-28T17:59:59Z"), "2025-11-26");
        assert_eq!(closed("2025-11-28T18:00:00Z"), "2025-11-28");
        assert_eq!(closed("2025-11-30T12:00:00Z"), "2025-11-28");
        // Evening in New York, the next day in UTC.
        assert_eq!(closed("2025-12-02T01:00:00Z"), "2025-12-01");
    }
}
