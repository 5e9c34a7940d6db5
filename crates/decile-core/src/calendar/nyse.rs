//! Sessions and hours of the New York Stock Exchange, 1990 to 2035, worked out from its rules.
//!
//! Rules rather than a list of dates: each one can be checked against what the exchange announced,
//! and the years it has not published yet follow from the same lines. Only what no rule could have
//! foreseen, such as a day of mourning, stands in a table.
//!
//! The hours are those a trader knew the evening before. Interruptions that surprised everybody
//! (the snow of 1994-02-11 and 1996-01-08, the circuit breaker of 1997-10-27, the failures of
//! 1995-12-18 and 2005-06-01) and minutes of silence are left out on purpose: a backtest that knew
//! of them at the open would be looking ahead.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Weekday};
use std::ops::RangeInclusive;

#[cfg(test)]
mod tests;

const YEARS: RangeInclusive<i32> = 1990..=2035;

const OPEN: NaiveTime = time(9, 30);
const CLOSE: NaiveTime = time(16, 0);
const EARLY_CLOSE: NaiveTime = time(13, 0);
/// Up to 1992 a short session ended an hour later.
const EARLY_CLOSE_UNTIL_1992: NaiveTime = time(14, 0);

/// Weekdays without trading that follow from no holiday.
const CLOSURES: [NaiveDate; 11] = [
    day(1994, 4, 27),  // funeral of President Nixon
    day(2001, 9, 11),  // attack on the World Trade Center, before the opening bell
    day(2001, 9, 12),  // the same
    day(2001, 9, 13),  // the same
    day(2001, 9, 14),  // the same; trading resumed on Monday, the 17th
    day(2004, 6, 11),  // mourning for President Reagan
    day(2007, 1, 2),   // mourning for President Ford
    day(2012, 10, 29), // Hurricane Sandy
    day(2012, 10, 30), // Hurricane Sandy
    day(2018, 12, 5),  // mourning for President George H. W. Bush
    day(2025, 1, 9),   // mourning for President Carter
];

/// Short sessions that the exchange announced for one year only.
const EARLY_CLOSES: [NaiveDate; 3] = [
    // The Friday after a Thursday Christmas, in these two years only: 2008, 2014 and 2025 had a
    // full day.
    day(1997, 12, 26),
    day(2003, 12, 26),
    // Some public lists leave this one out. The exchange's board decided on it in June 1999, to
    // leave the afternoon for the change of century, and the press of the time reports it.
    day(1999, 12, 31),
];

/// The one opening that was put off by decision and not by accident: the first anniversary of the
/// attack of 2001. A late opening was announced in August (for 11:00 or so, to let the memorial
/// service end), and the bell rang at noon. Some public lists leave it out.
const LATE_OPEN: (NaiveDate, NaiveTime) = (day(2002, 9, 11), time(12, 0));

/// Returns every session of the years 1990 to 2035, in order.
pub(super) fn sessions() -> Vec<NaiveDate> {
    YEARS.flat_map(sessions_of_year).collect()
}

/// Returns when trading begins, in exchange time, if `date` is a session.
pub(super) fn open_time(date: NaiveDate) -> NaiveTime {
    let (late_date, late_time) = LATE_OPEN;
    if date == late_date { late_time } else { OPEN }
}

/// Returns when trading ends, in exchange time, if `date` is a session.
pub(super) fn close_time(date: NaiveDate) -> NaiveTime {
    if !is_early_close(date) {
        CLOSE
    } else if date.year() <= 1992 {
        EARLY_CLOSE_UNTIL_1992
    } else {
        EARLY_CLOSE
    }
}

/// Returns whether trading ends early on `date`, if it is a session of the years 1990 to 2035.
pub(super) fn is_early_close(date: NaiveDate) -> bool {
    YEARS.contains(&date.year())
        && (follows_thanksgiving(date)
            || is_christmas_eve(date)
            || is_beside_independence_day(date)
            || EARLY_CLOSES.contains(&date))
}

fn sessions_of_year(year: i32) -> impl Iterator<Item = NaiveDate> {
    let holidays = holidays(year);
    day(year, 1, 1)
        .iter_days()
        .take_while(move |date| date.year() == year)
        .filter(|date| !matches!(date.weekday(), Weekday::Sat | Weekday::Sun))
        .filter(move |date| !holidays.contains(&Some(*date)) && !CLOSURES.contains(date))
}

/// Returns the days the exchange rests in `year`; `None` stands for a holiday it did not keep.
fn holidays(year: i32) -> [Option<NaiveDate>; 10] {
    [
        new_year(year),
        (year >= 1998).then(|| nth(year, 1, Weekday::Mon, 3)), // Martin Luther King, Jr. Day
        Some(nth(year, 2, Weekday::Mon, 3)),                   // Washington's Birthday
        Some(good_friday(year)),
        Some(monday_until(day(year, 5, 31))), // Memorial Day
        (year >= 2022).then(|| observed(day(year, 6, 19))), // Juneteenth
        Some(observed(day(year, 7, 4))),      // Independence Day
        Some(nth(year, 9, Weekday::Mon, 1)),  // Labor Day
        Some(thanksgiving(year)),
        Some(observed(day(year, 12, 25))), // Christmas
    ]
}

/// Returns the day on which New Year is kept, if it is.
///
/// The exchange makes up a Saturday holiday on the Friday before, except where that Friday ends a
/// month or a year of the books. Only New Year can do that, so a Saturday New Year is lost.
fn new_year(year: i32) -> Option<NaiveDate> {
    let date = day(year, 1, 1);
    (date.weekday() != Weekday::Sat).then(|| observed(date))
}

/// Moves a holiday from Saturday to Friday and from Sunday to Monday.
fn observed(date: NaiveDate) -> NaiveDate {
    match date.weekday() {
        Weekday::Sat => date - Days::new(1),
        Weekday::Sun => date + Days::new(1),
        _ => date,
    }
}

/// Returns the Friday before Easter, by the Gregorian computus as it stands from 1900 to 2099.
///
/// Easter is the first Sunday after the ecclesiastical full moon on or next after March 21. The
/// moon repeats every 19 years, and with position `cycle` in them the full moon comes
/// `(19 cycle + 24) mod 30` days after March 21. Two results are moved: 29 becomes 28, and 28
/// becomes 27 late in the cycle, so that no two years of one cycle share a full moon.
fn good_friday(year: i32) -> NaiveDate {
    let cycle = u64::from(year.rem_euclid(19).unsigned_abs());
    let full_moon_age = match (19 * cycle + 24) % 30 {
        29 => 28,
        28 if cycle > 10 => 27,
        age => age,
    };
    let full_moon = day(year, 3, 21) + Days::new(full_moon_age);
    // The week of the day after the full moon ends on Easter, as weeks end on Sundays here.
    let easter_week = (full_moon + Days::new(1)).week(Weekday::Mon);
    easter_week.first_day() + Days::new(4)
}

fn thanksgiving(year: i32) -> NaiveDate {
    nth(year, 11, Weekday::Thu, 4)
}

/// Short since 1992.
fn follows_thanksgiving(date: NaiveDate) -> bool {
    date.year() >= 1992 && date == thanksgiving(date.year()) + Days::new(1)
}

/// Short from Monday to Thursday. Christmas Eve on a Friday is the holiday itself, which fell on
/// Saturday.
fn is_christmas_eve(date: NaiveDate) -> bool {
    (date.month(), date.day()) == (12, 24) && is_monday_to_thursday(date)
}

/// Short since 1995, on July 3. A Thursday holiday leaves a single Friday before the weekend, and
/// up to 2012 the exchange shortened that one instead. A holiday on a Monday has no short session,
/// nor has one that is made up on a Friday or a Monday.
fn is_beside_independence_day(date: NaiveDate) -> bool {
    let year = date.year();
    let is_on_friday = year <= 2012 && day(year, 7, 4).weekday() == Weekday::Thu;
    match (date.month(), date.day()) {
        (7, 3) => year >= 1995 && !is_on_friday && is_monday_to_thursday(date),
        (7, 5) => year >= 1995 && is_on_friday,
        _ => false,
    }
}

fn is_monday_to_thursday(date: NaiveDate) -> bool {
    date.weekday().num_days_from_monday() < 4
}

fn monday_until(date: NaiveDate) -> NaiveDate {
    date.week(Weekday::Mon).first_day()
}

fn nth(year: i32, month: u32, weekday: Weekday, count: u8) -> NaiveDate {
    NaiveDate::from_weekday_of_month_opt(year, month, weekday, count)
        .expect("every month has four of each weekday, and the rules ask for no fifth")
}

const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day)
        .expect("the rules and tables name days that every year has")
}

const fn time(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).expect("the tables name times of a day")
}
