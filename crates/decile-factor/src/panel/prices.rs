//! Prices of one stock at every session: newest close, total-return index, splits.

use super::Panel;
use chrono::NaiveDate;
use decile_core::{CorporateAction, Stock};

/// The bars of one stock laid onto the sessions.
pub(super) struct Observed<'a> {
    stock: &'a Stock,
    /// For each session the newest bar at or before it, by index.
    newest: Vec<Option<usize>>,
    /// For each session how many sessions old that bar is.
    age: Vec<usize>,
}

impl<'a> Observed<'a> {
    pub(super) fn new(stock: &'a Stock, sessions: &[NaiveDate]) -> Self {
        let bars = stock.bars();
        let (mut next, mut age_now) = (0, 0);
        let mut newest = Vec::with_capacity(sessions.len());
        let mut age = Vec::with_capacity(sessions.len());
        for date in sessions {
            age_now += 1;
            if bars.get(next).is_some_and(|bar| bar.date == *date) {
                (next, age_now) = (next + 1, 0);
            }
            newest.push(next.checked_sub(1));
            age.push(age_now);
        }
        Self { stock, newest, age }
    }

    /// Tells whether the newest close is young enough to be the price at the session.
    pub(super) fn has_price(&self, session: usize) -> bool {
        self.bar(session).is_some()
    }

    /// The bar that gives the price at the session.
    fn bar(&self, session: usize) -> Option<usize> {
        self.newest[session].filter(|_| self.age[session] <= Panel::PRICE_AGE_MAX)
    }

    fn column(&self, value: impl Fn(usize) -> f64) -> Vec<f64> {
        let price = |session| self.bar(session).map_or(f64::NAN, &value);
        (0..self.newest.len()).map(price).collect()
    }

    pub(super) fn closes(&self) -> Vec<f64> {
        self.column(|bar| self.stock.bars()[bar].close)
    }

    pub(super) fn volumes(&self) -> Vec<f64> {
        let volume = |session: usize| {
            let bar = self.newest[session].filter(|_| self.age[session] == 0)?;
            self.stock.bars()[bar].volume
        };
        (0..self.newest.len()).map(|session| volume(session).unwrap_or(f64::NAN)).collect()
    }

    pub(super) fn counts(&self) -> Vec<f64> {
        self.newest.iter().map(|bar| bar.map_or(0.0, |bar| (bar + 1) as f64)).collect()
    }

    pub(super) fn total_return(&self) -> Vec<f64> {
        let index = total_return_by_bar(self.stock);
        self.column(|bar| index[bar])
    }

    /// Product of the split ratios with `after` < ex-date <= date of the price used at the session;
    /// `None` without a price.
    pub(super) fn splits_since(&self, after: NaiveDate, session: usize) -> Option<f64> {
        let date = self.stock.bars()[self.bar(session)?].date;
        let within = |ex_date: NaiveDate| after < ex_date && ex_date <= date;
        let splits = self.stock.actions().iter().filter(|action| within(action.ex_date));
        Some(splits.filter_map(CorporateAction::split_ratio).product())
    }
}

/// The forward total-return index at every bar: 1 at the first, then times (P_t / P_prev) divided
/// by the factors of the ex-dates in (prev, t].
///
/// The factor of an ex-date is (1 / ratio) * (1 - cash / P_prev), P_prev put on the share basis of
/// that ex-date; the second term is left out where it is not positive (the convention of Yahoo and
/// zipline). Several payouts of one ex-date are one sum.
fn total_return_by_bar(stock: &Stock) -> Vec<f64> {
    let bars = stock.bars();
    let mut index = Vec::with_capacity(bars.len());
    let mut actions = stock.actions().iter().peekable();
    let mut level = 1.0;
    let mut previous: Option<f64> = None;
    for bar in bars {
        let mut basis = previous;
        let mut factor = 1.0;
        while let Some(first) = actions.next_if(|action| action.ex_date <= bar.date) {
            let mut split = first.split_ratio().unwrap_or(1.0);
            let mut cash = first.cash().unwrap_or(0.0);
            while let Some(same) = actions.next_if(|action| action.ex_date == first.ex_date) {
                split *= same.split_ratio().unwrap_or(1.0);
                cash += same.cash().unwrap_or(0.0);
            }
            basis = basis.map(|close| close / split);
            let payout = basis.map_or(1.0, |close| 1.0 - cash / close);
            factor *= if payout > 0.0 { payout / split } else { 1.0 / split };
        }
        if let Some(close) = previous {
            level *= bar.close / close / factor;
        }
        index.push(level);
        previous = Some(bar.close);
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;
    use decile_core::{
        ActionKind, Bar, Calendar, CorporateAction, Market, Security, Symbol, Tables,
    };

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 1, d).unwrap()
    }

    fn market(closes: &[(u32, f64)], actions: &[(u32, ActionKind, f64)]) -> Market {
        let symbol: Symbol = "KO".parse().unwrap();
        let bar = |&(d, close): &(u32, f64)| (symbol.clone(), Bar::close_only(day(d), close));
        let action = |&(d, kind, value): &(u32, ActionKind, f64)| CorporateAction {
            symbol: symbol.clone(),
            ex_date: day(d),
            kind,
            value,
        };
        let tables = Tables {
            securities: vec![Security::us(symbol.clone(), "Coca-Cola", "Staples")],
            prices: closes.iter().map(bar).collect(),
            actions: actions.iter().map(action).collect(),
            ..Tables::default()
        };
        let sessions = (2..=20).map(day).collect();
        Market::new(Calendar::from_sessions(sessions).unwrap(), tables).unwrap()
    }

    fn index(market: &Market) -> Vec<f64> {
        total_return_by_bar(&market.stocks()[0])
    }

    #[test]
    fn a_split_and_a_dividend_of_one_day_leave_the_holder_whole() {
        // 100 -> 2-for-1 and 1 in cash on the new basis -> 49: 2 shares of 49 and 2 in cash.
        let market = market(
            &[(2, 100.0), (3, 49.0)],
            &[(3, ActionKind::Dividend, 1.0), (3, ActionKind::Split, 2.0)],
        );
        // 49/100 / (1/2 * (1 - 1/50)) = 1 by hand.
        assert!((index(&market)[1] - 1.0).abs() < 1e-15);
    }

    #[test]
    fn actions_inside_a_halt_are_applied_in_turn() {
        // Dividend 2 on the old basis (100), then 4-for-1, then dividend 1 on the basis of 25.
        let market = market(
            &[(2, 100.0), (10, 30.0)],
            &[
                (4, ActionKind::Dividend, 2.0),
                (5, ActionKind::Split, 4.0),
                (8, ActionKind::Spinoff, 1.0),
            ],
        );
        let by_hand = 0.3 / (0.98 * 0.25 * (1.0 - 1.0 / 25.0));
        assert!((index(&market)[1] / by_hand - 1.0).abs() < 1e-15);
    }

    #[test]
    fn payouts_before_the_first_close_and_of_more_than_the_price_are_left_out() {
        let early = market(&[(5, 10.0)], &[(3, ActionKind::Dividend, 1.0)]);
        assert_eq!(index(&early), [1.0]);
        let absurd = market(&[(2, 10.0), (3, 9.0)], &[(3, ActionKind::Dividend, 10.0)]);
        assert_eq!(index(&absurd), [1.0, 0.9]);
    }

    #[test]
    fn a_close_counts_for_five_sessions() {
        let market = market(&[(2, 10.0), (15, 11.0)], &[]);
        let sessions = market.calendar().sessions();
        let closes = Observed::new(&market.stocks()[0], sessions).closes();
        let at = |d: u32| closes[d as usize - 2];
        assert_eq!((at(2), at(7)), (10.0, 10.0));
        assert!(at(8).is_nan() && at(14).is_nan());
        assert_eq!((at(15), at(20)), (11.0, 11.0));
    }
}
