use crate::Error;
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::Calendar;

/// Which session an instant belongs to, and which ones follow.
#[derive(Debug, Clone)]
pub(crate) enum Sessions {
    /// One session, whatever the clock says: the one after the last known close.
    One { as_of: NaiveDate, upcoming: Vec<NaiveDate> },
    /// The sessions of the New York Stock Exchange, by the clock.
    Exchange,
}

/// How many sessions a contract tells the hours of.
pub(crate) const UPCOMING: usize = 5;

impl Sessions {
    /// Returns the session after a date of a calendar, with those that follow.
    pub(crate) fn after(calendar: &Calendar, as_of: NaiveDate) -> Result<Self, Error> {
        if !calendar.is_session(as_of) {
            let (first, last) = (calendar.first(), calendar.last());
            return Err(Error::NotASession { as_of, first, last });
        }
        let own = |date| calendar.session_after(date);
        let beyond = |date: NaiveDate| Calendar::nyse().session_after(date.max(calendar.last()));
        let next = |date: &NaiveDate| own(*date).or_else(|| beyond(*date));
        let first = next(&as_of).ok_or(Error::NoSession { as_of })?;
        let upcoming = std::iter::successors(Some(first), next).take(UPCOMING).collect();
        Ok(Self::One { as_of, upcoming })
    }

    /// Returns the session that is traded at an instant: the one under way, or after its close the
    /// next. Beyond the calendar that is the date itself.
    pub(crate) fn at(&self, now: DateTime<Utc>) -> NaiveDate {
        match self {
            Self::One { as_of, upcoming } => upcoming.first().copied().unwrap_or(*as_of),
            Self::Exchange => {
                let nyse = Calendar::nyse();
                let date = nyse.local_date(now);
                let is_over = nyse.close(date).is_some_and(|close| now >= close);
                let next =
                    if is_over { nyse.session_after(date) } else { nyse.session_on_or_after(date) };
                next.unwrap_or(date)
            }
        }
    }

    /// Returns the session whose close is the last one known in a session.
    pub(crate) fn known(&self, session: NaiveDate) -> NaiveDate {
        match self {
            Self::One { as_of, .. } => *as_of,
            Self::Exchange => Calendar::nyse().session_before(session).unwrap_or(session),
        }
    }

    /// Returns the sessions that a contract tells the hours of: that of the day, also after its
    /// close, and those that follow.
    pub(crate) fn upcoming(&self, now: DateTime<Utc>) -> Vec<NaiveDate> {
        match self {
            Self::One { upcoming, .. } => upcoming.clone(),
            Self::Exchange => {
                let nyse = Calendar::nyse();
                let first = nyse.session_on_or_after(nyse.local_date(now));
                let next = |date: &NaiveDate| nyse.session_after(*date);
                std::iter::successors(first, next).take(UPCOMING).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> NaiveDate {
        Sessions::Exchange.at(text.parse().unwrap())
    }

    #[test]
    fn after_the_close_the_next_session_is_traded() {
        assert_eq!(at("2026-08-25T19:59:59Z"), day("2026-08-25"));
        assert_eq!(at("2026-08-25T20:00:00Z"), day("2026-08-26"));
        // Friday evening and Saturday belong to Monday.
        assert_eq!(at("2026-08-28T20:00:00Z"), day("2026-08-31"));
        assert_eq!(at("2026-08-29T12:00:00Z"), day("2026-08-31"));
        // In the night New York is still on the day before.
        assert_eq!(at("2026-08-26T03:00:00Z"), day("2026-08-26"));
    }

    #[test]
    fn hours_are_told_from_the_day_on() {
        let evening = Sessions::Exchange.upcoming("2026-08-24T20:27:00Z".parse().unwrap());
        assert_eq!(evening[..2], [day("2026-08-24"), day("2026-08-25")]); // as recorded
        let saturday = Sessions::Exchange.upcoming("2026-08-29T12:00:00Z".parse().unwrap());
        assert_eq!(saturday[0], day("2026-08-31"));
    }

    #[test]
    fn a_market_goes_on_with_the_exchange_beyond_its_end() {
        let own = Calendar::from_sessions(vec![day("2024-07-02"), day("2024-07-03")]).unwrap();
        let sessions = Sessions::after(&own, day("2024-07-02")).unwrap();
        let some_day = "2030-01-01T00:00:00Z".parse().unwrap();
        let upcoming = sessions.upcoming(some_day);
        assert_eq!(upcoming[..3], [day("2024-07-03"), day("2024-07-05"), day("2024-07-08")]);
        assert_eq!(sessions.at(some_day), day("2024-07-03"));
        assert_eq!(sessions.known(day("2024-07-03")), day("2024-07-02"));
    }

    #[test]
    fn a_date_without_a_session_is_refused() {
        let error = Sessions::after(Calendar::nyse(), day("2024-07-04")).unwrap_err();
        assert!(matches!(error, Error::NotASession { .. }), "{error}");
        let error = Sessions::after(Calendar::nyse(), Calendar::nyse().last()).unwrap_err();
        assert!(matches!(error, Error::NoSession { .. }), "{error}");
    }
}
