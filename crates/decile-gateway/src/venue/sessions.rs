use crate::Error;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use decile_core::Calendar;

/// Which session an instant belongs to, and which ones follow.
#[derive(Debug, Clone)]
pub(crate) enum Sessions {
    /// The sessions after the last known close: the first of them whatever the clock says, or, if
    /// they follow it, the one that it has come to.
    After { as_of: NaiveDate, upcoming: Vec<NaiveDate>, follows: bool },
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
        let upcoming = std::iter::successors(Some(first), next).collect();
        Ok(Self::After { as_of, upcoming, follows: false })
    }

    /// Lets the sessions after a known close come as the clock passes those before them.
    pub(crate) fn follow(&mut self) {
        if let Self::After { follows, .. } = self {
            *follows = true;
        }
    }

    /// Returns the session that is traded at an instant: the one under way, or after its close the
    /// next. Beyond the calendar that is the date itself.
    pub(crate) fn at(&self, now: DateTime<Utc>) -> NaiveDate {
        match self {
            Self::After { as_of, upcoming, follows } => {
                let is_to_come = |session: &NaiveDate| !follows || now < close(*session);
                let session = upcoming.iter().copied().find(is_to_come);
                session.or(upcoming.last().copied()).unwrap_or(*as_of)
            }
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
            // However far it follows the clock.
            Self::After { as_of, .. } => *as_of,
            Self::Exchange => Calendar::nyse().session_before(session).unwrap_or(session),
        }
    }

    /// Returns the sessions that a contract tells the hours of: that of the day, also after its
    /// close, and those that follow.
    pub(crate) fn upcoming(&self, now: DateTime<Utc>) -> Vec<NaiveDate> {
        match self {
            Self::After { upcoming, follows, .. } => {
                let today = Calendar::nyse().local_date(now);
                let is_over = |session: &&NaiveDate| *follows && **session < today;
                upcoming.iter().skip_while(is_over).take(UPCOMING).copied().collect()
            }
            Self::Exchange => {
                let nyse = Calendar::nyse();
                let first = nyse.session_on_or_after(nyse.local_date(now));
                let next = |date: &NaiveDate| nyse.session_after(*date);
                std::iter::successors(first, next).take(UPCOMING).collect()
            }
        }
    }
}

/// Returns when a session ends; one that a market made up ends at midnight.
fn close(session: NaiveDate) -> DateTime<Utc> {
    let nyse = Calendar::nyse();
    let midnight = || session.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::days(1);
    nyse.close(session).unwrap_or_else(midnight)
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
    fn sessions_of_a_market_may_follow_the_clock() {
        let own = Calendar::from_sessions(vec![day("2024-07-02"), day("2024-07-03")]).unwrap();
        let mut sessions = Sessions::after(&own, day("2024-07-02")).unwrap();
        sessions.follow();
        let at = |text: &str| sessions.at(text.parse().unwrap());
        assert_eq!(at("2024-07-01T00:00:00Z"), day("2024-07-03"));
        assert_eq!(at("2024-07-03T16:59:59Z"), day("2024-07-03"));
        // The third closes early, and the fourth is a holiday.
        assert_eq!(at("2024-07-03T17:00:00Z"), day("2024-07-05"));
        let evening = sessions.upcoming("2024-07-03T20:00:00Z".parse().unwrap());
        assert_eq!(evening[..2], [day("2024-07-03"), day("2024-07-05")]);
        // Nothing later becomes known by it.
        assert_eq!(sessions.known(day("2024-07-05")), day("2024-07-02"));
    }

    #[test]
    fn a_date_without_a_session_is_refused() {
        let error = Sessions::after(Calendar::nyse(), day("2024-07-04")).unwrap_err();
        assert!(matches!(error, Error::NotASession { .. }), "{error}");
        let error = Sessions::after(Calendar::nyse(), Calendar::nyse().last()).unwrap_err();
        assert!(matches!(error, Error::NoSession { .. }), "{error}");
    }
}
