//! A market as somebody knew it on an earlier day.

use super::{Market, Stock, Tables};
use crate::{Calendar, Error, Membership};
use chrono::NaiveDate;

impl Market {
    /// Returns the tables that make this market: rows by symbol, then in their order.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use decile_core::{Bar, Calendar, Market, Security, Tables};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).expect("a date");
    /// # let mut tables = Tables::default();
    /// # tables.securities.push(Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples"));
    /// # tables.prices.push(("KO".parse()?, Bar::close_only(day(2), 59.82)));
    /// # let market = Market::new(Calendar::from_sessions(vec![day(2), day(3)])?, tables)?;
    /// assert_eq!(Market::new(market.calendar().clone(), market.tables())?, market);
    /// # Ok::<(), decile_core::Error>(())
    /// ```
    #[must_use]
    pub fn tables(&self) -> Tables {
        let stocks = || self.stocks.iter();
        let prices = |stock: &Stock| {
            let symbol = stock.symbol().clone();
            stock.bars.clone().into_iter().map(move |bar| (symbol.clone(), bar))
        };
        let membership = stocks().map(Stock::membership).collect::<Option<Vec<_>>>();
        Tables {
            securities: stocks().map(|stock| stock.security.clone()).collect(),
            prices: stocks().flat_map(prices).collect(),
            actions: stocks().flat_map(Stock::actions).cloned().collect(),
            filings: stocks().flat_map(Stock::filings).cloned().collect(),
            estimates: stocks().flat_map(Stock::estimates).cloned().collect(),
            fx: self.fx_rates().copied().collect(),
            membership: membership.map(|spans| spans.concat()),
            benchmark: self.benchmark.clone(),
        }
    }

    /// Returns the market as it stood at the close of a session: everything that nobody knew by then
    /// is gone, sessions, prices and ex-dates later than it, filings that were not usable yet, and
    /// snapshots of that day or later. Spans of membership that ended later are open.
    ///
    /// Stocks that were not listed yet stay, without a price: their names give nothing away that a
    /// factor could read.
    ///
    /// ```
    /// # use chrono::NaiveDate;
    /// # use decile_core::{Bar, Calendar, Market, Security, Tables};
    /// # let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).expect("a date");
    /// # let mut tables = Tables::default();
    /// # tables.securities.push(Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples"));
    /// # tables.prices.push(("KO".parse()?, Bar::close_only(day(2), 59.82)));
    /// # tables.prices.push(("KO".parse()?, Bar::close_only(day(3), 60.12)));
    /// # let market = Market::new(Calendar::from_sessions(vec![day(2), day(3)])?, tables)?;
    /// let earlier = market.known_at(day(2))?;
    /// assert_eq!(earlier.stocks()[0].bars().len(), 1);
    /// assert_eq!(earlier.calendar().last(), day(2));
    /// # Ok::<(), decile_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::CalendarEmpty`] for a date before the first session, [`Error::EmptyTable`] for one
    /// before the first price.
    pub fn known_at(&self, session: NaiveDate) -> Result<Self, Error> {
        let calendar = &self.calendar;
        let mut tables = self.tables();
        tables.prices.retain(|(_, bar)| bar.date <= session);
        tables.actions.retain(|action| action.ex_date <= session);
        tables.filings.retain(|filing| filing.known_on(calendar).is_some_and(|on| on <= session));
        tables.estimates.retain(|snapshot| snapshot.as_of < session);
        tables.fx.retain(|rate| rate.date <= session);
        tables.benchmark.retain(|level| level.date <= session);
        if let Some(spans) = &mut tables.membership {
            spans.retain(|span| span.from <= session);
            spans.iter_mut().for_each(|span: &mut Membership| {
                span.to = span.to.filter(|to| *to <= session);
            });
        }
        let sessions = calendar.sessions().iter().copied().filter(|date| *date <= session);
        Self::new(Calendar::from_sessions(sessions.collect())?, tables)
    }
}
