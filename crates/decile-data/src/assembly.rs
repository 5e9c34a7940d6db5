//! Puts a market together from what the sources gave.

mod basis;
mod dates;
mod jumps;
mod note;
mod snapshots;
mod stock;
mod vendor;

pub use note::{Note, NoteKind};

use crate::{Error, Failure, Gathered};
use chrono::NaiveDate;
use decile_core::{Calendar, FxRate, Market, Symbol, Tables};
use note::Notes;

/// Puts a market together from what the sources gave, as it was known after the close of a session.
///
/// - Prices that a provider adjusted for splits and spin-offs are put back as traded, so the span
///   fetched has to reach up to today, whatever `as_of` is.
/// - A statement without a filing date takes that of the same quarter from [`Sources::dates`], the
///   earliest there is. What still has none is imputed by rule (45 or 90 days), and a note says so.
/// - Consensus and ratios are as of now. A run of today may use them; for an earlier `as_of` they
///   are refused.
/// - A provider's market value, price-earnings and price-to-book ratios are held against those of
///   the market: more than 5 % apart is noted, and more than 50 % takes the shares, the net income
///   or the book equity of the newest quarter out, since nobody knows which number is right.
/// - A move of more than 40 % between neighbouring sessions that no action explains leaves the stock
///   out: prices and actions do not fit together.
///
/// A stock that cannot be used is left out with the reason in a note; it never loses the others.
///
/// [`Sources::dates`]: crate::Sources::dates
///
/// ```
/// use decile_core::{Bar, DateRange, Security, source::Fetched};
/// use decile_data::{Assembly, Gathered, GatheredStock};
///
/// let day: chrono::NaiveDate = "2024-01-02".parse()?;
/// let coke = Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples");
/// let bars = Fetched::new(vec![Bar::close_only(day, 59.82)]);
/// let mut gathered = Gathered::new(DateRange::new(day, day)?);
/// gathered.asked.push("KO".parse()?);
/// gathered.stocks.push(GatheredStock::new(coke, bars, Fetched::new(Vec::new())));
///
/// let assembled = Assembly::dated(day).assemble(gathered)?;
/// assert_eq!(assembled.market.stocks()[0].bars()[0].close, 59.82);
/// // Prices alone are not enough to trade on.
/// assert!(assembled.check_coverage(0.9).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assembly {
    as_of: NaiveDate,
    is_live: bool,
    jump_max: Option<f64>,
}

impl Assembly {
    /// Puts together what was known after the close of a session in the past.
    #[must_use]
    pub fn dated(as_of: NaiveDate) -> Self {
        Self { as_of, is_live: false, jump_max: Some(0.40) }
    }

    /// Puts together what is known now, the last closed session being `as_of`.
    ///
    /// A consensus that was fetched for this run counts as shown on the session before `as_of`, so
    /// that a ranking of `as_of` may use it. A market that is stored must not be made this way.
    #[must_use]
    pub fn live(as_of: NaiveDate) -> Self {
        Self { is_live: true, ..Self::dated(as_of) }
    }

    /// Sets the move without an action that leaves a stock out, as a share of the price; `None` for
    /// any.
    #[must_use]
    pub fn jump_max(self, jump_max: Option<f64>) -> Self {
        Self { jump_max, ..self }
    }

    /// Puts the market together.
    ///
    /// Its calendar has the sessions of the New York Stock Exchange from the first date fetched to
    /// `as_of`.
    ///
    /// # Errors
    /// [`Error::NoMarket`] if the span holds no session, `as_of` is not one, or no stock is left.
    pub fn assemble(&self, gathered: Gathered) -> Result<Assembled, Error> {
        let calendar = self.calendar(&gathered)?;
        let mut notes = Notes::default();
        let mut tables = Tables { fx: self.rates(&gathered.fx), ..Tables::default() };
        let mut usable = 0;
        for stock in gathered.stocks {
            let symbol = stock.security.symbol.clone();
            let mut own = notes.of(&symbol);
            let Some(one) = stock::tables(stock, &calendar, self, &mut own, &tables.fx) else {
                continue;
            };
            usable +=
                usize::from(one.filings.iter().any(|filing| {
                    filing.known_on(&calendar).is_some_and(|known| known <= self.as_of)
                }));
            stock::append(&mut tables, one);
        }
        let nothing = |what: &str, source| Error::NoMarket {
            as_of: self.as_of,
            what: what.to_owned(),
            source,
        };
        if tables.securities.is_empty() {
            return Err(nothing("no stock is left", None));
        }
        let market = Market::new(calendar, tables)
            .map_err(|error| nothing("its parts do not fit", Some(Box::new(error))))?;
        let (asked, failures, notes) = (gathered.asked, gathered.failures, notes.into_list());
        Ok(Assembled { market, asked, usable, notes, failures })
    }

    fn calendar(&self, gathered: &Gathered) -> Result<Calendar, Error> {
        let nyse = Calendar::nyse();
        let what = match gathered.range {
            _ if !nyse.is_session(self.as_of) => "it is not a session",
            range if range.from() > self.as_of => "the span that was fetched begins later",
            range => {
                let sessions = nyse.between(range.from(), self.as_of).to_vec();
                return Calendar::from_sessions(sessions).map_err(|error| Error::NoMarket {
                    as_of: self.as_of,
                    what: "there is no session".to_owned(),
                    source: Some(Box::new(error)),
                });
            }
        };
        Err(Error::NoMarket { as_of: self.as_of, what: what.to_owned(), source: None })
    }

    /// Returns the rates up to `as_of`, one a day.
    fn rates(&self, rates: &[FxRate]) -> Vec<FxRate> {
        let mut rates: Vec<FxRate> =
            rates.iter().filter(|rate| rate.date <= self.as_of).copied().collect();
        rates.sort_by_key(|rate| (rate.currency, rate.date));
        rates.dedup_by_key(|rate| (rate.currency, rate.date));
        rates
    }
}

/// A market with everything that has to be said about it.
///
/// See [`Assembly`] for an example.
///
/// ```
/// use decile_data::Assembled;
///
/// fn usable(assembled: &Assembled) -> bool {
///     assembled.check_coverage(0.9).is_ok()
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Assembled {
    /// The market.
    pub market: Market,
    /// The stocks that were asked for.
    pub asked: Vec<Symbol>,
    /// How many of them have prices and at least one statement that was known.
    pub usable: usize,
    /// What was found on the way, stock by stock.
    pub notes: Vec<Note>,
    /// What the sources did not give.
    pub failures: Vec<Failure>,
}

impl Assembled {
    /// Refuses a market that covers less than this share of the stocks asked for. Who trades on it
    /// asks this first: the best ten of what happened to arrive are not the best ten.
    ///
    /// # Errors
    /// [`Error::CoverageTooLow`].
    pub fn check_coverage(&self, required: f64) -> Result<(), Error> {
        let (usable, asked) = (self.usable, self.asked.len());
        if usable as f64 >= required * asked as f64 {
            return Ok(());
        }
        Err(Error::CoverageTooLow { usable, asked, required })
    }
}
