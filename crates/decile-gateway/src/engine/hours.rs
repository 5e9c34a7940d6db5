//! The bells of the exchange: when it trades, and its auctions.

use super::Engine;
use super::carry::EXPIRED;
use super::terms::{Kind, Tif};
use super::work::within;
use chrono::{DateTime, Days, NaiveDate, Utc};
use decile_core::Calendar;

/// How far ahead a bell is looked for: no break of the exchange is longer.
const BREAK_DAYS_MAX: u64 = 14;

/// The two bells of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bell {
    Open,
    Close,
}

impl Engine {
    /// Tells whether an instant has passed or comes before orders reach the market again.
    pub(super) fn is_before_open(&self, at: DateTime<Utc>) -> bool {
        let waits_until = if self.is_trading() { None } else { self.next_open() };
        at <= waits_until.unwrap_or(self.now())
    }

    /// Deals what is due at the bells after an instant, up to and with another.
    pub(super) fn ring(&mut self, after: DateTime<Utc>, until: DateTime<Utc>) {
        for bell in bells(after, until) {
            match bell {
                Bell::Open => self.open_auction(),
                Bell::Close => self.close_auction(),
            }
        }
    }

    /// Tells whether orders reach the market now.
    pub(super) fn is_trading(&self) -> bool {
        !self.rules.hours || is_open(self.now())
    }

    /// Deals the orders for the open at one price, and cancels what is left of them.
    fn open_auction(&mut self) {
        let is_for_open = |index: &usize| self.book.order(*index).terms.tif == Tif::Opg;
        let orders: Vec<usize> = self.book.working().filter(is_for_open).collect();
        self.auction(orders);
    }

    /// Deals the orders for the close at one price, and cancels what is left of them.
    fn close_auction(&mut self) {
        let is_for_close = |index: &usize| {
            let kind = self.book.order(*index).terms.kind;
            matches!(kind, Kind::MarketOnClose | Kind::LimitOnClose(_))
        };
        let orders: Vec<usize> = self.book.working().filter(is_for_close).collect();
        self.auction(orders);
    }

    /// Deals orders at the last price, or at the middle of the quote, and cancels those that
    /// their limit keeps from it.
    fn auction(&mut self, orders: Vec<usize>) {
        for index in orders {
            let order = self.book.order(index);
            let (side, limit, quantity) =
                (order.terms.side, order.terms.kind.limit(), order.remaining());
            let tape = self.floor.tape(&order.terms.symbol).filter(|tape| tape.halt.is_none());
            let price = tape.and_then(|tape| tape.quote.reference());
            match price.filter(|price| within(*price, side, limit)) {
                Some(price) if !self.waits_for_parent(index) => self.fill(index, price, quantity),
                _ => self.end(index, EXPIRED),
            }
        }
    }

    /// Returns when the exchange opens next, as a notice tells it.
    pub(super) fn next_open(&self) -> Option<DateTime<Utc>> {
        let (nyse, now) = (Calendar::nyse(), self.now());
        let today = nyse.session_on_or_after(nyse.local_date(now))?;
        let tomorrow = nyse.session_after(today);
        [Some(today), tomorrow]
            .into_iter()
            .flatten()
            .filter_map(|day| nyse.open(day))
            .find(|open| *open > now)
    }
}

pub(super) fn is_open(now: DateTime<Utc>) -> bool {
    let nyse = Calendar::nyse();
    let day = nyse.local_date(now);
    let open = nyse.open(day).is_some_and(|open| open <= now);
    open && nyse.close(day).is_some_and(|close| now < close)
}

/// Returns the bells after an instant, up to and with another.
fn bells(after: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Bell> {
    let nyse = Calendar::nyse();
    let days = nyse.between(nyse.local_date(after), nyse.local_date(until));
    let rung = |at: Option<DateTime<Utc>>| at.is_some_and(|at| after < at && at <= until);
    let of_day = |day: &NaiveDate| {
        let open = rung(nyse.open(*day)).then_some(Bell::Open);
        let close = rung(nyse.close(*day)).then_some(Bell::Close);
        [open, close]
    };
    days.iter().flat_map(of_day).flatten().collect()
}

/// Returns the first bell after an instant; none beyond the calendar.
pub(super) fn next_bell(now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let nyse = Calendar::nyse();
    let today = nyse.local_date(now);
    let days = nyse.between(today, today.checked_add_days(Days::new(BREAK_DAYS_MAX))?);
    let bells = days.iter().flat_map(|day| [nyse.open(*day), nyse.close(*day)]).flatten();
    bells.into_iter().find(|bell| *bell > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_bells_of_a_week_ring_in_their_order() {
        // Friday at noon to Monday at noon in New York.
        let rung = bells(at("2026-08-28T16:00:00Z"), at("2026-08-31T16:00:00Z"));
        assert_eq!(rung, [Bell::Close, Bell::Open]);
        assert_eq!(next_bell(at("2026-08-28T20:00:00Z")), Some(at("2026-08-31T13:30:00Z")));
        assert!(is_open(at("2026-08-31T13:30:00Z")));
        assert!(!is_open(at("2026-08-31T20:00:00Z")));
        assert!(!is_open(at("2026-08-29T16:00:00Z")));
    }
}
