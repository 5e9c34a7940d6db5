use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use decile_core::Calendar;

/// When a simulated run trades: at 10:00 exchange time on the first session after the one whose
/// close it knows.
///
/// ```
/// use decile_core::Calendar;
/// use decile_data::SimulatedTime;
///
/// let time = SimulatedTime::after(Calendar::nyse(), "2025-11-28".parse()?).expect("a session");
/// assert_eq!(time.session.to_string(), "2025-12-01");
/// assert_eq!(time.now.to_rfc3339(), "2025-12-01T15:00:00+00:00");
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimulatedTime {
    /// The session traded.
    pub session: NaiveDate,
    /// The instant.
    pub now: DateTime<Utc>,
}

impl SimulatedTime {
    /// Finds the session after a date in a calendar, or beyond its end in the NYSE's. `None` beyond
    /// that too.
    #[must_use]
    pub fn after(calendar: &Calendar, as_of: NaiveDate) -> Option<Self> {
        let own = calendar.session_after(as_of).map(|session| (calendar, session));
        let (calendar, session) =
            own.or_else(|| Some((Calendar::nyse(), Calendar::nyse().session_after(as_of)?)))?;
        let now = calendar.at(session, NaiveTime::from_hms_opt(10, 0, 0)?)?;
        Some(Self { session, now })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_market_that_ends_goes_on_with_the_exchanges_calendar() {
        let calendar = Calendar::from_sessions(vec![day("2024-07-02"), day("2024-07-03")]).unwrap();
        let time = SimulatedTime::after(&calendar, day("2024-07-03")).unwrap();
        // The Fourth is a holiday; New York is four hours behind in summer.
        assert_eq!(time.session, day("2024-07-05"));
        assert_eq!(time.now, "2024-07-05T14:00:00Z".parse::<DateTime<Utc>>().unwrap());
    }

    #[test]
    fn a_markets_own_sessions_come_first() {
        // A made-up market may trade on a holiday.
        let calendar = Calendar::from_sessions(vec![day("2024-07-03"), day("2024-07-04")]).unwrap();
        let time = SimulatedTime::after(&calendar, day("2024-07-03")).unwrap();
        assert_eq!(time.session, day("2024-07-04"));
        assert_eq!(SimulatedTime::after(Calendar::nyse(), day("2035-12-31")), None);
    }
}
