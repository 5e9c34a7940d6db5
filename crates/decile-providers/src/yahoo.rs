//! Yahoo Finance: bars, actions, statements, estimates, quotes, ratios, securities, exchange rates.
//!
//! Yahoo publishes no description of what it answers; what is read here is what it was seen to send.
//! It wants no key. Quotes and whatever comes with statistics need a cookie and a crumb, which are
//! fetched with the first such call and renewed once if refused.
//!
//! - Prices, volumes, dividends and share counts are **split-adjusted** as of the day of the call:
//!   divided (or multiplied) by every later split and spin-off. Never join two calls.
//! - Dates are those of the exchange. The newest bar may still change; it is marked `partial`.
//! - Statements come without the day they were filed, so that day is missing. Periods end on the last
//!   day of a month, whatever day the company closed its books.
//! - Prices in pence are in `GBX`, which Yahoo writes `GBp`. Ratios that Yahoo makes of two
//!   currencies are missing.
//! - Estimates of exactly 0 where nobody estimates are missing.

mod agenda;
mod chart;
mod envelope;
mod estimates;
mod number;
mod profile;
mod quotes;
mod session;
mod sources;
mod spelling;
mod statements;
mod statistics;
mod summary;

pub use agenda::{Agenda, EarningsSurprise};

use crate::asked::Asked;
use crate::rows::DailyBar;
use crate::{Transport, Url};
use chart::Event;
use decile_core::source::{Basis, Fetched, SourceError};
use decile_core::{CorporateAction, Currency, DateRange, Symbol};
use session::Caller;

/// How errors name Yahoo.
const PROVIDER: &str = "Yahoo";

/// Yahoo Finance as a source.
///
/// It implements every source trait; its own methods give what the traits leave out. Clones share
/// connections, cookie and crumb.
///
/// ```
/// use decile_core::DateRange;
/// use decile_core::source::BarSource;
/// use decile_providers::yahoo::Yahoo;
/// use decile_providers::{Cassette, Reply, Request, Transport};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// # let folder = tempfile::tempdir()?;
/// # let url = "https://query2.finance.yahoo.com/v8/finance/chart/KO?period1=1703289600\
/// #     &period2=1704326400&interval=1d&includePrePost=false&events=div%7Csplit";
/// # let body = r#"{"chart":{"result":[{"meta":{"currency":"USD","symbol":"KO","dataGranularity":"1d",
/// #     "exchangeTimezoneName":"America/New_York"},"timestamp":[1704205800],"indicators":{"quote":[
/// #     {"open":[59.26],"high":[60.08],"low":[59.06],"close":[59.82],"volume":[14094300]}]}}],
/// #     "error":null}}"#;
/// # let request = Request::get(url.parse()?);
/// # let reply = Reply::new(url.parse()?, 200, "2024-02-01T00:00:00Z".parse()?, body);
/// # Cassette::new(&request, &reply).write(folder.path())?;
/// // From a folder of recordings; `Transport::builder().build()` would ask Yahoo itself.
/// let yahoo = Yahoo::new(Transport::builder().replay(folder.path()).build()?);
/// let day = "2024-01-02".parse()?;
/// let bars = yahoo.bars(&"KO".parse()?, DateRange::new(day, day)?).await?;
/// assert_eq!((bars.rows[0].date, bars.rows[0].close), (day, 59.82));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Yahoo {
    caller: Caller,
}

impl Yahoo {
    /// Asks Yahoo by a transport. Nothing is sent yet.
    #[must_use]
    pub fn new(transport: Transport) -> Self {
        Self { caller: Caller::new(transport) }
    }

    fn caller(&self) -> &Caller {
        &self.caller
    }

    fn asked(subject: impl ToString) -> Asked {
        Asked::new(PROVIDER, subject)
    }

    /// Fetches the daily bars of a span as Yahoo gives them, with its own adjusted closes.
    ///
    /// Sessions without a close are in `dropped`; so is the first of two bars of one session.
    ///
    /// # Errors
    /// As [`BarSource`](decile_core::source::BarSource); [`SourceError::Decode`] also if the bars
    /// are not daily.
    pub async fn daily_bars(
        &self,
        symbol: &Symbol,
        range: DateRange,
    ) -> Result<Fetched<DailyBar>, SourceError> {
        let history = self.history(symbol, range).await?;
        if history.bars.rows.is_empty() {
            return Err(Self::asked(symbol).within(range).no_data());
        }
        Ok(history.bars)
    }

    /// Fetches splits, dividends and spin-offs of a span, split-adjusted as the bars are.
    ///
    /// A spin-off, which Yahoo writes as an odd split, is worth the close before, on the basis of the
    /// bars, times the ratio less 1.
    ///
    /// # Errors
    /// As [`ActionSource`](decile_core::source::ActionSource).
    pub async fn raw_actions(
        &self,
        symbol: &Symbol,
        range: DateRange,
    ) -> Result<Fetched<CorporateAction>, SourceError> {
        let action = |Event { ex_date, kind, value }| {
            let symbol = symbol.clone();
            CorporateAction { symbol, ex_date, kind, value }
        };
        match self.history(symbol, range).await {
            Ok(history) => Ok(history.events.map(action)),
            Err(SourceError::NoDataInRange { .. }) => {
                let mut none = Fetched::new(Vec::new());
                none.basis = Basis::SplitAdjusted;
                Ok(none)
            }
            Err(error) => Err(error),
        }
    }

    /// Returns a currency as Yahoo writes it: `GBp` for pence, which are `GBX` elsewhere.
    ///
    /// ```
    /// use decile_providers::yahoo::Yahoo;
    ///
    /// assert_eq!(Yahoo::currency_text("GBX".parse()?), "GBp");
    /// assert_eq!(Yahoo::currency_text("EUR".parse()?), "EUR");
    /// # Ok::<(), decile_core::Error>(())
    /// ```
    #[must_use]
    pub fn currency_text(currency: Currency) -> String {
        spelling::currency_text(currency)
    }
}

/// Returns an address below the host that answers everything but crumbs.
fn address(path: &[&str]) -> Url {
    let base = "https://query2.finance.yahoo.com/";
    let mut url: Url = base.parse().expect("a constant of this function is a URL");
    url.path_segments_mut().expect("an https URL has a path").clear().extend(path);
    url
}
