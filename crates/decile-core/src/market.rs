use crate::{
    Bar, BenchmarkClose, Calendar, CorporateAction, Currency, Error, EstimateSnapshot, Filing,
    FxRate, Membership, Security, Symbol,
};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::fmt;

mod past;
mod validate;

/// Names a table of a market; prints as its file is called.
///
/// ```
/// use decile_core::Table;
///
/// assert_eq!(Table::Prices.to_string(), "prices");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each variant is the table of that name")]
pub enum Table {
    Calendar,
    Securities,
    Prices,
    Actions,
    Fundamentals,
    Estimates,
    Fx,
    Membership,
    Benchmark,
}

impl Table {
    /// Every table, in the order in which they are read.
    pub const ALL: &[Self] = &[
        Self::Calendar,
        Self::Securities,
        Self::Prices,
        Self::Actions,
        Self::Fundamentals,
        Self::Estimates,
        Self::Fx,
        Self::Membership,
        Self::Benchmark,
    ];

    /// Returns the name of the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Calendar => "calendar",
            Self::Securities => "securities",
            Self::Prices => "prices",
            Self::Actions => "actions",
            Self::Fundamentals => "fundamentals",
            Self::Estimates => "estimates",
            Self::Fx => "fx",
            Self::Membership => "membership",
            Self::Benchmark => "benchmark",
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The raw tables of a market, in file order; [`Market::new`] checks them.
///
/// Rows of one symbol (one currency in `fx`) must come in the order of their dates. `filings` are
/// exempt: a restatement may stand anywhere, and of versions filed on one day the later row wins.
///
/// ```
/// use decile_core::{Security, Tables};
///
/// let mut tables = Tables::default();
/// tables.securities.push(Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples"));
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tables {
    /// Every stock, in any order.
    pub securities: Vec<Security>,
    /// Bars with their stock.
    pub prices: Vec<(Symbol, Bar)>,
    /// Splits, dividends and spin-offs.
    pub actions: Vec<CorporateAction>,
    /// Statements, one row a version.
    pub filings: Vec<Filing>,
    /// Consensus snapshots.
    pub estimates: Vec<EstimateSnapshot>,
    /// Exchange rates.
    pub fx: Vec<FxRate>,
    /// Dated universe; `None` if every stock is always in it.
    pub membership: Option<Vec<Membership>>,
    /// Benchmark closes; may be empty.
    pub benchmark: Vec<BenchmarkClose>,
}

/// One stock of a market with everything that is stored about it, in the order of dates.
///
/// ```
/// # use chrono::NaiveDate;
/// # use decile_core::{Bar, Calendar, Market, Security, Tables};
/// # let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).expect("a date");
/// # let mut tables = Tables::default();
/// # tables.securities.push(Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples"));
/// # tables.prices.push(("KO".parse()?, Bar::close_only(day(2), 59.82)));
/// # let market = Market::new(Calendar::from_sessions(vec![day(2), day(3)])?, tables)?;
/// let stock = market.stock(&"KO".parse()?).expect("listed");
/// assert_eq!(stock.close_at(day(3)), Some((day(2), 59.82)));
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Stock {
    security: Security,
    bars: Vec<Bar>,
    actions: Vec<CorporateAction>,
    filings: Vec<Filing>,
    estimates: Vec<EstimateSnapshot>,
    membership: Option<Vec<Membership>>,
}

impl Stock {
    fn new(security: Security) -> Self {
        Self {
            security,
            bars: Vec::new(),
            actions: Vec::new(),
            filings: Vec::new(),
            estimates: Vec::new(),
            membership: None,
        }
    }

    /// Returns the canonical ticker.
    #[must_use]
    pub fn symbol(&self) -> &Symbol {
        &self.security.symbol
    }

    /// Returns what the symbol is.
    #[must_use]
    pub fn security(&self) -> &Security {
        &self.security
    }

    /// Returns the raw bars; a session without a trade has none.
    #[must_use]
    pub fn bars(&self) -> &[Bar] {
        &self.bars
    }

    /// Returns the splits, dividends and spin-offs.
    #[must_use]
    pub fn actions(&self) -> &[CorporateAction] {
        &self.actions
    }

    /// Returns the filings in file order, which decides between versions of one day.
    #[must_use]
    pub fn filings(&self) -> &[Filing] {
        &self.filings
    }

    /// Returns the consensus snapshots.
    #[must_use]
    pub fn estimates(&self) -> &[EstimateSnapshot] {
        &self.estimates
    }

    /// Returns the spans in which it belongs to the universe; `None` if it always does.
    #[must_use]
    pub fn membership(&self) -> Option<&[Membership]> {
        self.membership.as_deref()
    }

    /// Tells whether it belongs to the universe on the date.
    #[must_use]
    pub fn is_member(&self, date: NaiveDate) -> bool {
        self.membership.as_ref().is_none_or(|spans| spans.iter().any(|span| span.contains(date)))
    }

    /// Sessions after which an observed close no longer counts as the price.
    pub const PRICE_AGE_SESSIONS_MAX: usize = 5;

    /// Returns the newest raw close at or before the date, however old, with its session.
    #[must_use]
    pub fn close_at(&self, date: NaiveDate) -> Option<(NaiveDate, f64)> {
        let after = self.bars.partition_point(|bar| bar.date <= date);
        let bar = self.bars[..after].last()?;
        Some((bar.date, bar.close))
    }

    /// Returns the price at a session: the newest raw close at or before it, if that is at most
    /// [`Stock::PRICE_AGE_SESSIONS_MAX`] sessions of the calendar old.
    #[must_use]
    pub fn price_at(&self, calendar: &Calendar, session: NaiveDate) -> Option<f64> {
        let (observed, close) = self.close_at(session)?;
        let age = calendar.position(session)? - calendar.position(observed)?;
        (age <= Self::PRICE_AGE_SESSIONS_MAX).then_some(close)
    }
}

/// Everything known about a list of stocks: the checked form of [`Tables`].
///
/// A market holds its whole history, so it knows more than anybody did on a date in its middle.
/// What may be used when is decided where it is read: filings by [`Filing::known_on`], estimates by
/// their `as_of`, prices by their session.
///
/// ```
/// use chrono::NaiveDate;
/// use decile_core::{Bar, Calendar, Market, Security, Tables};
///
/// let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).expect("a date");
/// let mut tables = Tables::default();
/// tables.securities.push(Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples"));
/// tables.prices.push(("KO".parse()?, Bar::close_only(day(2), 59.82)));
/// let market = Market::new(Calendar::from_sessions(vec![day(2), day(3)])?, tables)?;
/// assert_eq!(market.stocks().len(), 1);
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Market {
    calendar: Calendar,
    stocks: Vec<Stock>,
    fx: BTreeMap<Currency, Vec<FxRate>>,
    benchmark: Vec<BenchmarkClose>,
}

impl Market {
    /// Checks the tables and makes a market of them.
    ///
    /// # Errors
    /// The first fault found, with its table, row and symbol: [`Error::EmptyTable`],
    /// [`Error::DuplicateSecurity`], [`Error::UnknownSymbol`], [`Error::DuplicateRow`],
    /// [`Error::UnorderedRow`], [`Error::NotASession`] or [`Error::InvalidValue`].
    pub fn new(calendar: Calendar, tables: Tables) -> Result<Self, Error> {
        validate::market(calendar, tables)
    }

    /// Returns the market with a smaller universe: the stocks that are not kept stay in it, so that
    /// companies keep their other share classes, but belong to the universe on no date.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use decile_core::{Bar, Calendar, Market, Security, Tables};
    /// # let day = NaiveDate::from_ymd_opt(2024, 1, 2).expect("a date");
    /// # let mut tables = Tables::default();
    /// # for symbol in ["KO", "PEP"] {
    /// #     tables.securities.push(Security::us(symbol.parse()?, symbol, "Consumer Staples"));
    /// #     tables.prices.push((symbol.parse()?, Bar::close_only(day, 59.82)));
    /// # }
    /// # let market = Market::new(Calendar::from_sessions(vec![day])?, tables)?;
    /// let market = market.with_universe(|stock| stock.symbol().as_str() == "KO");
    /// let is_member: Vec<_> = market.stocks().iter().map(|stock| stock.is_member(day)).collect();
    /// assert_eq!(is_member, [true, false]);
    /// # Ok::<(), decile_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_universe(mut self, keep: impl Fn(&Stock) -> bool) -> Self {
        let from = self.calendar.first();
        for stock in &mut self.stocks {
            let symbol = stock.symbol().clone();
            // Where one stock has dates, those without would have to be told from those left out.
            let always = || vec![Membership { symbol, from, to: None }];
            let spans = stock.membership.take();
            let spans = if keep(stock) { spans.unwrap_or_else(always) } else { Vec::new() };
            stock.membership = Some(spans);
        }
        self
    }

    /// Returns the sessions of the market.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Returns the stocks in the order of their symbols.
    #[must_use]
    pub fn stocks(&self) -> &[Stock] {
        &self.stocks
    }

    /// Returns the stock of a symbol, if it is listed.
    #[must_use]
    pub fn stock(&self, symbol: &Symbol) -> Option<&Stock> {
        let index = self.stocks.binary_search_by(|stock| stock.symbol().cmp(symbol)).ok()?;
        Some(&self.stocks[index])
    }

    /// Returns the benchmark closes in the order of their sessions; empty if there are none.
    #[must_use]
    pub fn benchmark(&self) -> &[BenchmarkClose] {
        &self.benchmark
    }

    /// Returns every exchange rate, by currency, then date.
    pub fn fx_rates(&self) -> impl Iterator<Item = &FxRate> {
        self.fx.values().flatten()
    }

    /// Returns how many units of `to` one unit of `from` buys on the date, by the newest rates at
    /// or before it; `None` if one of them is missing. 1 for two equal currencies.
    #[must_use]
    pub fn exchange(&self, from: Currency, to: Currency, date: NaiveDate) -> Option<f64> {
        if from == to {
            return Some(1.0);
        }
        Some(self.usd_per_unit(from, date)? / self.usd_per_unit(to, date)?)
    }

    fn usd_per_unit(&self, currency: Currency, date: NaiveDate) -> Option<f64> {
        if currency == Currency::USD {
            return Some(1.0);
        }
        let rates = self.fx.get(&currency)?;
        let after = rates.partition_point(|rate| rate.date <= date);
        rates[..after].last().map(|rate| rate.usd_per_unit)
    }
}
