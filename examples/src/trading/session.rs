//! Which session is traded, and by which clock.

use chrono::NaiveDate;
use decile::core::{Calendar, Clock, ManualClock, SystemClock};
use decile::data::{SimulatedTime, StoredMarket};
use std::sync::Arc;

/// A session, and the clock that says whether it is open.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) date: NaiveDate,
    pub(super) clock: Arc<dyn Clock>,
}

impl Session {
    /// Ten o'clock on the session after the one whose close is known; time stands still.
    pub(super) fn simulated(stored: &StoredMarket) -> Result<Self, String> {
        let (calendar, as_of) = (stored.market().calendar(), stored.as_of());
        let time = SimulatedTime::after(calendar, as_of)
            .ok_or_else(|| format!("no session is known after {as_of}: give an earlier --as-of"))?;
        Ok(Self { date: time.session, clock: Arc::new(ManualClock::new(time.now)) })
    }

    /// The session that the machine's clock is in or before.
    pub(super) fn real() -> Result<Self, String> {
        let clock = Arc::new(SystemClock);
        Ok(Self { date: at_or_after(&*clock)?, clock })
    }

    /// Returns what speaks against trading on what is known up to `as_of`, a sentence each.
    pub(super) fn objections(&self, as_of: NaiveDate) -> Vec<String> {
        let (calendar, date) = (Calendar::nyse(), self.date);
        let mut objections = Vec::new();
        if calendar.session_before(date) != Some(as_of) {
            objections.push(format!(
                "the market data end on {as_of}, which is not the session before {date}: bring \
                 them up to date"
            ));
        }
        let (now, span) = (self.clock.now(), calendar.open(date).zip(calendar.close(date)));
        if !span.is_some_and(|(open, close)| open <= now && now < close) {
            let opens = span.map_or_else(String::new, |(open, _)| {
                format!(", which opens at {}", open.format("%H:%M UTC"))
            });
            objections.push(format!("the exchange is closed: the next session is {date}{opens}"));
        }
        objections
    }
}

/// The session of today if it is not over, else the next one.
fn at_or_after(clock: &dyn Clock) -> Result<NaiveDate, String> {
    let (calendar, now) = (Calendar::nyse(), clock.now());
    let today = calendar.local_date(now);
    let is_over = calendar.close(today).is_some_and(|close| now >= close);
    let session = match is_over {
        true => calendar.session_after(today),
        false => calendar.session_on_or_after(today),
    };
    session.ok_or_else(|| format!("no session of the exchange is known after {today}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(now: &str) -> Session {
        let clock = Arc::new(ManualClock::new(now.parse().unwrap()));
        Session { date: at_or_after(&*clock).unwrap(), clock }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_session_lasts_until_its_close() {
        assert_eq!(session("2025-11-26T13:00:00Z").date, day("2025-11-26"));
        assert_eq!(session("2025-11-26T20:59:59Z").date, day("2025-11-26"));
        // Thanksgiving, and the early close of the day after.
        assert_eq!(session("2025-11-26T21:00:00Z").date, day("2025-11-28"));
        assert_eq!(session("2025-11-28T18:00:00Z").date, day("2025-12-01"));
    }

    #[test]
    fn only_the_last_close_of_an_open_exchange_will_do() {
        let open = session("2025-12-01T15:00:00Z");
        assert!(open.objections(day("2025-11-28")).is_empty());
        let stale = open.objections(day("2025-11-26"));
        assert!(stale[0].starts_with("the market data end on 2025-11-26"), "{stale:?}");
        let early = session("2025-12-01T14:29:59Z").objections(day("2025-11-28"));
        assert!(early[0].contains("2025-12-01, which opens at 14:30 UTC"), "{early:?}");
    }
}
