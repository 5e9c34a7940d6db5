//! Prices of one stock at every session: newest close, total-return index, splits.

use super::adjustment::{self, Level};
use super::span::Span;
use chrono::{Days, NaiveDate};
use decile_core::{ActionKind, Bar, CorporateAction, Stock};

/// The span over which dividends are added up.
const YEAR: Days = Days::new(365);

/// The bars of one stock laid onto the sessions.
pub(super) struct Observed<'a> {
    stock: &'a Stock,
    span: Span<'a>,
    /// The session of the first element of `newest` and `age`: the one before the span.
    first: usize,
    /// For each session the newest bar at or before it, by index.
    newest: Vec<Option<usize>>,
    /// For each session how many sessions old that bar is.
    age: Vec<usize>,
    /// The few splits among many payouts.
    splits: Vec<(NaiveDate, f64)>,
}

impl<'a> Observed<'a> {
    pub(super) fn new(stock: &'a Stock, span: Span<'a>) -> Self {
        let bars = stock.bars();
        let first = span.first.saturating_sub(1);
        let dates = &span.sessions[first..];
        let earlier = |bar: &Bar| dates.first().is_some_and(|date| bar.date < *date);
        let mut next = bars.partition_point(earlier);
        // Every bar is of a session, so those before are counted.
        let session_of = |bar: usize| span.sessions.partition_point(|date| *date < bars[bar].date);
        let mut age_now = next.checked_sub(1).map_or(0, |bar| first - 1 - session_of(bar));
        let mut newest = Vec::with_capacity(dates.len());
        let mut age = Vec::with_capacity(dates.len());
        for date in dates {
            age_now += 1;
            if bars.get(next).is_some_and(|bar| bar.date == *date) {
                (next, age_now) = (next + 1, 0);
            }
            newest.push(next.checked_sub(1));
            age.push(age_now);
        }
        let split = |action: &CorporateAction| Some((action.ex_date, action.split_ratio()?));
        let splits = stock.actions().iter().filter_map(split).collect();
        Self { stock, span, first, newest, age, splits }
    }

    /// Tells whether the newest close is young enough to be the price at the session.
    pub(super) fn has_price(&self, session: usize) -> bool {
        self.bar(session).is_some()
    }

    /// The newest bar at the session, if it is at most so many sessions old.
    fn bar_within(&self, session: usize, age_max: usize) -> Option<usize> {
        let at = session - self.first;
        self.newest[at].filter(|_| self.age[at] <= age_max)
    }

    /// The bar that gives the price at the session.
    fn bar(&self, session: usize) -> Option<usize> {
        self.bar_within(session, Stock::PRICE_AGE_SESSIONS_MAX)
    }

    /// The bar of the session itself.
    fn traded(&self, session: usize) -> Option<usize> {
        self.bar_within(session, 0)
    }

    pub(super) fn closes(&self) -> Vec<f64> {
        self.span.column(|session| self.close(session))
    }

    pub(super) fn volumes(&self) -> Vec<f64> {
        self.span.column(|session| self.stock.bars()[self.traded(session)?].volume)
    }

    /// Returns since the close before, of an index that is known at a bar before the span.
    pub(super) fn daily_returns(&self, from: Level) -> Vec<f64> {
        let index = adjustment::total_return(self.stock, from);
        self.span.column(|session| {
            let before = self.bar(session.checked_sub(1)?)?;
            Some(index[self.traded(session)? - from.bar] / index[before - from.bar] - 1.0)
        })
    }

    /// Dividends of a year per share, on the split basis of the price.
    pub(super) fn dividends(&self) -> Vec<f64> {
        let dividend = |action: &CorporateAction| {
            (action.kind == ActionKind::Dividend).then_some((action.ex_date, action.value))
        };
        let dividends: Vec<_> = self.stock.actions().iter().filter_map(dividend).collect();
        self.span.column(|session| {
            let from = self.span.sessions[session].checked_sub_days(YEAR)?;
            let price_date = self.price_date(session)?;
            if self.stock.bars().first()?.date > from {
                return None;
            }
            let first = dividends.partition_point(|(ex_date, _)| *ex_date <= from);
            let within =
                dividends[first..].iter().take_while(|(ex_date, _)| *ex_date <= price_date);
            let on_basis = |(ex_date, cash): &(NaiveDate, f64)| {
                Some(cash / self.splits_since(*ex_date, session)?)
            };
            // An empty sum is -0.0.
            within.map(on_basis).sum::<Option<f64>>().map(|cash| cash + 0.0)
        })
    }

    pub(super) fn close(&self, session: usize) -> Option<f64> {
        Some(self.stock.bars()[self.bar(session)?].close)
    }

    /// The session of the close that gives the price.
    fn price_date(&self, session: usize) -> Option<NaiveDate> {
        Some(self.stock.bars()[self.bar(session)?].date)
    }

    pub(super) fn counts(&self) -> Vec<f64> {
        let counted = |session: usize| self.newest[session - self.first].map_or(0, |bar| bar + 1);
        self.span.indices().map(|session| counted(session) as f64).collect()
    }

    /// The total-return index, which is known at a bar before the span.
    pub(super) fn total_return(&self, from: Level) -> Vec<f64> {
        let index = adjustment::total_return(self.stock, from);
        self.span.column(|session| Some(index[self.bar(session)? - from.bar]))
    }

    /// Product of the split ratios with `after` < ex-date <= date of the price used at the session;
    /// `None` without a price.
    pub(super) fn splits_since(&self, after: NaiveDate, session: usize) -> Option<f64> {
        let date = self.price_date(session)?;
        let within = self.splits.iter().filter(|(ex_date, _)| after < *ex_date && *ex_date <= date);
        Some(within.map(|(_, ratio)| ratio).product())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use decile_core::{Calendar, Market, Security, Symbol, Tables};

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 1, d).unwrap()
    }

    #[test]
    fn a_close_counts_for_five_sessions() {
        let symbol: Symbol = "KO".parse().unwrap();
        let bars = [(2, 10.0), (15, 11.0)].map(|(d, close)| Bar::close_only(day(d), close));
        let tables = Tables {
            securities: vec![Security::us(symbol.clone(), "Coca-Cola", "Staples")],
            prices: bars.map(|bar| (symbol.clone(), bar)).to_vec(),
            ..Tables::default()
        };
        let calendar = Calendar::from_sessions((2..=20).map(day).collect()).unwrap();
        let market = Market::new(calendar, tables).unwrap();
        let sessions = market.calendar().sessions();
        let closes = Observed::new(&market.stocks()[0], Span { sessions, first: 0 }).closes();
        let at = |d: u32| closes[d as usize - 2];
        assert_eq!((at(2), at(7)), (10.0, 10.0));
        assert!(at(8).is_nan() && at(14).is_nan());
        assert_eq!((at(15), at(20)), (11.0, 11.0));
    }
}
