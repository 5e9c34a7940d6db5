mod nyse;
#[cfg(test)]
mod tests;

use crate::Error;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::America::New_York;
use std::sync::LazyLock;

/// Lists the sessions of the exchange and knows when each one opens and closes.
///
/// A calendar has at least one session, and its sessions rise strictly. It says nothing about the
/// time before its first session and after its last one: a lookup that leaves the calendar finds
/// `None`.
///
/// The hours are those of the New York Stock Exchange as they were known the evening before:
/// 09:30 to 16:00 in New York, and on some days beside a holiday to 13:00 (to 14:00 up to 1992).
/// Halts and interruptions are not in them.
///
/// # Examples
///
/// ```
/// use chrono::NaiveDate;
/// use decile_core::Calendar;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let calendar = Calendar::nyse();
/// let black_friday: NaiveDate = "2024-11-29".parse()?;
/// assert!(calendar.is_session(black_friday));
/// assert_eq!(calendar.session_before(black_friday), Some("2024-11-27".parse()?));
/// assert_eq!(calendar.session_after(black_friday), Some("2024-12-02".parse()?));
/// assert_eq!(calendar.close(black_friday), Some("2024-11-29T18:00:00Z".parse()?));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    sessions: Vec<NaiveDate>,
}

static NYSE: LazyLock<Calendar> = LazyLock::new(|| Calendar { sessions: nyse::sessions() });

impl Calendar {
    /// Returns every session of the New York Stock Exchange from 1990-01-02 to 2035-12-31.
    ///
    /// Sessions to come follow from the rules in force. A closure that the exchange decides on
    /// later, such as a day of mourning, is not in them.
    #[must_use]
    pub fn nyse() -> &'static Calendar {
        &NYSE
    }

    /// Makes a calendar of these sessions.
    ///
    /// Its hours are those of the New York Stock Exchange from 1990 to 2035; before and after, no
    /// early close is known and every session lasts from 09:30 to 16:00.
    ///
    /// # Errors
    ///
    /// [`Error::CalendarEmpty`] if there is no session, and [`Error::CalendarUnordered`] at the
    /// first session that does not come after the one before it.
    pub fn from_sessions(sessions: Vec<NaiveDate>) -> Result<Calendar, Error> {
        if sessions.is_empty() {
            return Err(Error::CalendarEmpty);
        }
        for (index, [previous, date]) in sessions.array_windows().enumerate() {
            if date <= previous {
                return Err(Error::CalendarUnordered {
                    row: index + 2, // rows count from 1, and `date` is the second of the pair
                    date: *date,
                    previous: *previous,
                });
            }
        }
        Ok(Calendar { sessions })
    }

    /// Returns the sessions in order.
    #[must_use]
    pub fn sessions(&self) -> &[NaiveDate] {
        &self.sessions
    }

    /// Returns the first session.
    #[must_use]
    pub fn first(&self) -> NaiveDate {
        // Here and in `last` the index exists: no constructor makes an empty calendar.
        self.sessions[0]
    }

    /// Returns the last session.
    #[must_use]
    pub fn last(&self) -> NaiveDate {
        self.sessions[self.sessions.len() - 1]
    }

    /// Returns the number of sessions, at least 1.
    #[expect(
        clippy::len_without_is_empty,
        reason = "a calendar is never empty, so the question has no use"
    )]
    #[must_use]
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Returns whether the exchange trades on `date`.
    #[must_use]
    pub fn is_session(&self, date: NaiveDate) -> bool {
        self.position(date).is_some()
    }

    /// Returns the index of a session in [`sessions`](Self::sessions), or `None` if `date` is not a
    /// session.
    #[must_use]
    pub fn position(&self, date: NaiveDate) -> Option<usize> {
        self.sessions.binary_search(&date).ok()
    }

    /// Returns `date` if it is a session, and otherwise the next one.
    #[must_use]
    pub fn session_on_or_after(&self, date: NaiveDate) -> Option<NaiveDate> {
        self.sessions.get(self.count_before(date)).copied()
    }

    /// Returns the first session later than `date`, which need not be a session.
    #[must_use]
    pub fn session_after(&self, date: NaiveDate) -> Option<NaiveDate> {
        self.sessions.get(self.count_until(date)).copied()
    }

    /// Returns `date` if it is a session, and otherwise the one before.
    #[must_use]
    pub fn session_on_or_before(&self, date: NaiveDate) -> Option<NaiveDate> {
        self.sessions[..self.count_until(date)].last().copied()
    }

    /// Returns the last session earlier than `date`, which need not be a session.
    #[must_use]
    pub fn session_before(&self, date: NaiveDate) -> Option<NaiveDate> {
        self.sessions[..self.count_before(date)].last().copied()
    }

    /// Returns the sessions from `from` to `to`, both included; none if `from` is later than `to`.
    #[must_use]
    pub fn between(&self, from: NaiveDate, to: NaiveDate) -> &[NaiveDate] {
        // The range is inverted when `from` is later than `to`, and then `get` finds nothing.
        self.sessions.get(self.count_before(from)..self.count_until(to)).unwrap_or_default()
    }

    /// Returns the last session of every month, in order.
    ///
    /// The last one is always the calendar's own [`last`](Self::last) session. If the calendar ends
    /// within a month, that is not where the month ended on the exchange, and a caller who wants
    /// whole months drops it.
    pub fn month_ends(&self) -> impl Iterator<Item = NaiveDate> {
        self.sessions
            .chunk_by(|date, next| (date.year(), date.month()) == (next.year(), next.month()))
            .filter_map(|month| month.last().copied())
    }

    /// Returns whether `date` is a session that ends before 16:00.
    #[must_use]
    pub fn is_early_close(&self, date: NaiveDate) -> bool {
        self.is_session(date) && nyse::is_early_close(date)
    }

    /// Returns when the session opens, or `None` if `session` is not one.
    ///
    /// That is 09:30 in New York, and noon on 2002-09-11.
    #[must_use]
    pub fn open(&self, session: NaiveDate) -> Option<DateTime<Utc>> {
        self.at(session, nyse::open_time(session))
    }

    /// Returns when the session closes, or `None` if `session` is not one.
    ///
    /// That is 16:00 in New York, and 13:00 (up to 1992: 14:00) on an
    /// [early close](Self::is_early_close).
    #[must_use]
    pub fn close(&self, session: NaiveDate) -> Option<DateTime<Utc>> {
        self.at(session, nyse::close_time(session))
    }

    /// Returns the instant when the clocks of New York show `time` on a session.
    ///
    /// `None` if `session` is not one, or if the clocks jump over `time` on that day. A time which
    /// they show twice means the first. Clocks change on Sunday mornings, so neither happens on a
    /// session of the New York Stock Exchange.
    #[must_use]
    pub fn at(&self, session: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
        self.position(session)?;
        let instant = New_York.from_local_datetime(&session.and_time(time)).earliest()?;
        Some(instant.with_timezone(&Utc))
    }

    /// Returns the date that the calendars of New York show at `instant`, session or not.
    ///
    /// In the evening (from 19:00 in winter, from 20:00 in summer) UTC is already a day ahead.
    #[must_use]
    pub fn local_date(&self, instant: DateTime<Utc>) -> NaiveDate {
        let utc = instant.naive_utc();
        let offset = New_York.offset_from_utc_datetime(&utc).fix();
        // `DateTime::date_naive` panics in the first hours of time, when New York is still in the
        // year before.
        utc.checked_add_offset(offset).unwrap_or(utc).date()
    }

    fn count_before(&self, date: NaiveDate) -> usize {
        self.sessions.partition_point(|session| *session < date)
    }

    fn count_until(&self, date: NaiveDate) -> usize {
        self.sessions.partition_point(|session| *session <= date)
    }
}
