//! What `fetch` asks and prints.

mod arguments;
mod failure;
mod providers;
mod rows;
pub mod tables;

pub use arguments::{Arguments, Source, What};
pub use failure::Failure;

use crate::budget::Budget;
use decile::core::Clock;
use decile::core::source::Fetched;
use decile::core::{Currency, DateRange, SystemClock};
use decile::data::{Limiter, SystemTimer};
use decile::providers::Transport;
use decile::providers::yahoo::Yahoo;
use decile::store::CacheStore;
use providers::{Login, Question};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

/// What a provider said, in the shape that `fetch --json` prints.
///
/// ```
/// use clap::Parser;
/// use decile_examples::fetch::{Answer, Arguments};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let arguments = ["fetch", "--source", "sec", "--what", "quote", "--symbol", "KO", "--json"];
/// let failure = Answer::fetch(&Arguments::try_parse_from(arguments)?, &|_| None).await;
/// assert_eq!(failure.expect_err("the SEC has no quotes").kind, "invalid_request");
/// # Ok::<(), clap::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Serialize)]
pub struct Answer {
    /// Who was asked.
    pub source: Source,
    /// The stock.
    pub symbol: String,
    /// What was asked.
    pub what: What,
    /// Currency of the amounts, as the provider writes it.
    pub currency: Option<String>,
    /// Time zone of the exchange.
    pub timezone: Option<String>,
    /// `raw` or `split-adjusted`.
    pub basis: String,
    /// The rows, each with the fields that `docs/data-formats.md` lists.
    pub rows: Vec<Value>,
    /// Rows that the provider sent and that are not in `rows`.
    pub dropped: Vec<String>,
    /// What looks wrong.
    pub warnings: Vec<String>,
}

impl Answer {
    /// Asks. `secrets` gives the values of environment variables.
    ///
    /// # Errors
    /// Whatever kept the provider from answering, by its kind.
    pub async fn fetch(
        arguments: &Arguments,
        secrets: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Failure> {
        let symbol = arguments.symbol()?;
        let login = Login::read(arguments, secrets)?;
        let transport = transport(arguments)?;
        let range = range(arguments, &transport)?;
        let question = Question { symbol, range, what: arguments.what };
        let fetched = question.put(login, transport).await?;
        Ok(Self::new(arguments, fetched))
    }

    fn new(arguments: &Arguments, fetched: Fetched<Value>) -> Self {
        let spelt = |currency: Currency| match arguments.source {
            Source::Yahoo => Yahoo::currency_text(currency),
            Source::Alphavantage | Source::Sec => currency.to_string(),
        };
        let mut rows = fetched.rows;
        rows.iter_mut().for_each(|row| rows::spell_currencies(row, &spelt));
        Self {
            source: arguments.source,
            symbol: arguments.symbol.clone(),
            what: arguments.what,
            currency: fetched.currency.map(spelt),
            timezone: fetched.timezone.map(String::from),
            basis: fetched.basis.to_string(),
            rows,
            dropped: fetched.dropped,
            warnings: fetched.warnings,
        }
    }

    /// Returns one line of JSON.
    ///
    /// # Panics
    /// Never: everything in an answer can be written as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts, numbers and lists are JSON")
    }
}

fn transport(arguments: &Arguments) -> Result<Transport, Failure> {
    let mut transport = Transport::builder();
    if let Some(url) = &arguments.base_url {
        transport = transport.base_url(url);
    }
    if let Some(gate) = gate(arguments)? {
        transport = transport.gate(Arc::new(gate));
    }
    if let Some(folder) = &arguments.record {
        transport = transport.record(folder);
    }
    if let Some(folder) = &arguments.replay {
        transport = transport.replay(folder);
    }
    Ok(transport.build()?)
}

/// What holds the calls of Alpha Vantage to the rules of its key; of a replay none leaves.
fn gate(arguments: &Arguments) -> Result<Option<Limiter>, Failure> {
    if arguments.source != Source::Alphavantage || arguments.replay.is_some() {
        return Ok(None);
    }
    let budget = Budget::new(arguments.base_url.as_deref(), arguments.daily_calls);
    let Some(budget) = budget else { return Ok(None) };
    let store = CacheStore::open(&arguments.cache)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let limiter = Limiter::new(clock, Arc::new(SystemTimer));
    Ok(Some(budget.limit(limiter, Arc::new(store))))
}

/// The span asked for: by default the year up to today, or to the day of the recording.
fn range(arguments: &Arguments, transport: &Transport) -> Result<DateRange, Failure> {
    const DAYS: chrono::Days = chrono::Days::new(365);
    let to = arguments.to.unwrap_or_else(|| transport.now().date_naive());
    let from = arguments.from.or(to.checked_sub_days(DAYS)).unwrap_or(to);
    DateRange::new(from, to).map_err(|error| Failure::invalid_request(error.to_string()))
}
