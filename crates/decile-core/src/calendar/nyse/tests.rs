use super::*;

/// Writes the weekdays without a session as `2020: 01-01 01-20`.
fn closed_weekdays(year: i32) -> String {
    let sessions: Vec<NaiveDate> = sessions_of_year(year).collect();
    let closed: Vec<String> = day(year, 1, 1)
        .iter_days()
        .take_while(|date| date.year() == year)
        .filter(|date| date.weekday().num_days_from_monday() < 5 && !sessions.contains(date))
        .map(|date| date.format("%m-%d").to_string())
        .collect();
    format!("{year}: {}", closed.join(" "))
}

/// Writes the short sessions as `2024-07-03 13:00`.
fn short_sessions(years: RangeInclusive<i32>) -> Vec<String> {
    years
        .flat_map(sessions_of_year)
        .filter(|date| is_early_close(*date))
        .map(|date| format!("{date} {}", close_time(date).format("%H:%M")))
        .collect()
}

#[test]
fn keeps_the_holidays_that_the_exchange_published() {
    for published in [
        "1990: 01-01 02-19 04-13 05-28 07-04 09-03 11-22 12-25",
        "1997: 01-01 02-17 03-28 05-26 07-04 09-01 11-27 12-25",
        "1998: 01-01 01-19 02-16 04-10 05-25 07-03 09-07 11-26 12-25", // first King Day
        "2020: 01-01 01-20 02-17 04-10 05-25 07-03 09-07 11-26 12-25",
        "2021: 01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24",
        "2022: 01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26", // first Juneteenth
        "2023: 01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25",
        "2026: 01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25",
        "2027: 01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24",
        "2028: 01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25",
    ] {
        let year = published[..4].parse().unwrap();
        assert_eq!(closed_weekdays(year), published);
    }
}

#[test]
fn closes_for_mourning_terror_and_storm() {
    for published in [
        "1994: 02-21 04-01 04-27 05-30 07-04 09-05 11-24 12-26",
        "2001: 01-01 01-15 02-19 04-13 05-28 07-04 09-03 09-11 09-12 09-13 09-14 11-22 12-25",
        "2004: 01-01 01-19 02-16 04-09 05-31 06-11 07-05 09-06 11-25 12-24",
        "2007: 01-01 01-02 01-15 02-19 04-06 05-28 07-04 09-03 11-22 12-25",
        "2012: 01-02 01-16 02-20 04-06 05-28 07-04 09-03 10-29 10-30 11-22 12-25",
        "2018: 01-01 01-15 02-19 03-30 05-28 07-04 09-03 11-22 12-05 12-25",
        "2025: 01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25",
    ] {
        let year = published[..4].parse().unwrap();
        assert_eq!(closed_weekdays(year), published);
    }
}

#[test]
fn loses_a_new_year_on_saturday_and_makes_up_one_on_sunday() {
    assert_eq!(day(2022, 1, 1).weekday(), Weekday::Sat);
    assert_eq!(new_year(2022), None);
    assert!(sessions_of_year(2021).any(|date| date == day(2021, 12, 31)));
    assert_eq!(day(2023, 1, 1).weekday(), Weekday::Sun);
    assert_eq!(new_year(2023), Some(day(2023, 1, 2)));
}

#[test]
fn finds_easter_at_its_earliest_and_latest_and_at_the_two_moved_moons() {
    // The Easter Sundays of the almanac.
    for easter in [
        day(1913, 3, 23), // the earliest from 1900 to 2099, as in 2008
        day(1943, 4, 25), // the latest possible, as in 2038
        day(1954, 4, 18), // a full moon moved from 28 to 27, as in 2049
        day(1981, 4, 19), // a full moon moved from 29 to 28, as in 2076
        day(1990, 4, 15),
        day(2000, 4, 23),
        day(2008, 3, 23),
        day(2024, 3, 31),
        day(2035, 3, 25),
        day(2038, 4, 25),
        day(2049, 4, 18),
        day(2076, 4, 19),
    ] {
        assert_eq!(good_friday(easter.year()), easter - Days::new(2), "{easter}");
    }
}

#[test]
fn counts_as_many_sessions_as_the_published_calendars() {
    for (year, count) in [
        (1990, 253), // 261 weekdays less 8 holidays
        (1994, 252), // 260 weekdays less 7 holidays (New Year is lost) and a funeral
        (1996, 254), // a leap year: 262 weekdays less 8
        (2001, 248), // 261 weekdays less 9 holidays and 4 days in September
        (2012, 250), // 261 weekdays less 9 holidays and 2 days of storm
        (2020, 253), // 262 weekdays less 9
        (2021, 252), // 261 weekdays less 9
        (2022, 251), // 260 weekdays less 9: New Year is lost, Juneteenth is new
        (2023, 250), // 260 weekdays less 10
        (2024, 252), // 262 weekdays less 10
        (2025, 250), // 261 weekdays less 10 holidays and a day of mourning
    ] {
        assert_eq!(sessions_of_year(year).count(), count, "{year}");
    }
}

#[test]
fn closed_at_14_until_1992_and_knows_the_short_sessions_of_the_nineties() {
    let published = [
        "1990-12-24 14:00",
        "1991-12-24 14:00",
        "1992-11-27 14:00", // the first short Friday after Thanksgiving
        "1992-12-24 14:00",
        "1993-11-26 13:00",
        "1994-11-25 13:00",
        "1995-07-03 13:00", // the first short session before Independence Day
        "1995-11-24 13:00",
        "1996-07-05 13:00", // a Friday after the holiday
        "1996-11-29 13:00",
        "1996-12-24 13:00",
        "1997-07-03 13:00",
        "1997-11-28 13:00",
        "1997-12-24 13:00",
        "1997-12-26 13:00",
        "1998-11-27 13:00",
        "1998-12-24 13:00",
        "1999-11-26 13:00",
        "1999-12-31 13:00",
    ];
    assert_eq!(short_sessions(1990..=1999), published);
}

#[test]
fn shortens_july_3_before_a_thursday_holiday_only_since_2013() {
    let published = [
        "2002-07-05 13:00",
        "2002-11-29 13:00",
        "2002-12-24 13:00",
        "2003-07-03 13:00",
        "2003-11-28 13:00",
        "2003-12-24 13:00",
        "2003-12-26 13:00",
    ];
    assert_eq!(short_sessions(2002..=2003), published);
    let published = [
        "2012-07-03 13:00",
        "2012-11-23 13:00",
        "2012-12-24 13:00",
        "2013-07-03 13:00",
        "2013-11-29 13:00",
        "2013-12-24 13:00",
    ];
    assert_eq!(short_sessions(2012..=2013), published);
    // Independence Day is made up on Friday the 3rd in 2026 and on Monday the 5th in 2027.
    let published = ["2026-11-27 13:00", "2026-12-24 13:00", "2027-11-26 13:00"];
    assert_eq!(short_sessions(2026..=2027), published);
}

#[test]
fn has_no_short_session_on_a_friday_that_is_the_holiday_itself() {
    assert!(!is_early_close(day(2020, 7, 3)));
    assert!(!is_early_close(day(2021, 12, 24)));
}

#[test]
fn opened_at_noon_on_the_first_anniversary_of_september_11() {
    assert_eq!(open_time(day(2002, 9, 11)), time(12, 0));
    assert_eq!(open_time(day(2002, 9, 12)), time(9, 30));
}

#[test]
fn knows_no_short_session_outside_its_years() {
    assert!(!is_early_close(day(1989, 12, 26)));
    assert!(is_early_close(day(2035, 12, 24)));
    assert!(!is_early_close(day(2036, 12, 24)));
}
