use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn calendar(sessions: &[&str]) -> Calendar {
    Calendar::from_sessions(sessions.iter().map(|text| day(text)).collect()).unwrap()
}

/// The turn of 2021, with New Year on a Friday.
fn turn_of_year() -> Calendar {
    calendar(&["2020-12-30", "2020-12-31", "2021-01-04", "2021-01-05"])
}

#[test]
fn covers_1990_to_2035() {
    let nyse = Calendar::nyse();
    assert_eq!(nyse.first(), day("1990-01-02"));
    assert_eq!(nyse.last(), day("2035-12-31"));
    assert_eq!(nyse.len(), nyse.sessions().len());
    assert_eq!(Calendar::from_sessions(nyse.sessions().to_vec()).as_ref(), Ok(nyse));
}

#[test]
fn rejects_a_calendar_without_sessions() {
    assert_eq!(Calendar::from_sessions(vec![]), Err(Error::CalendarEmpty));
}

#[test]
fn rejects_sessions_that_fall_or_repeat_and_names_the_row() {
    let falling = ["2021-01-04", "2021-01-06", "2021-01-05"].map(day).to_vec();
    assert_eq!(
        Calendar::from_sessions(falling),
        Err(Error::CalendarUnordered {
            row: 3,
            date: day("2021-01-05"),
            previous: day("2021-01-06"),
        })
    );
    let repeating = vec![day("2021-01-04"); 2];
    assert_eq!(
        Calendar::from_sessions(repeating),
        Err(Error::CalendarUnordered {
            row: 2,
            date: day("2021-01-04"),
            previous: day("2021-01-04"),
        })
    );
}

#[test]
fn holds_a_single_session() {
    let calendar = calendar(&["2021-01-04"]);
    assert_eq!(calendar.first(), calendar.last());
    assert_eq!(calendar.len(), 1);
    assert_eq!(calendar.session_after(calendar.first()), None);
    assert_eq!(calendar.session_before(calendar.first()), None);
    assert!(calendar.month_ends().eq([calendar.first()]));
}

#[test]
fn finds_the_position_of_sessions_only() {
    let calendar = turn_of_year();
    assert_eq!(calendar.position(day("2020-12-30")), Some(0));
    assert_eq!(calendar.position(day("2021-01-05")), Some(3));
    for closed in ["2020-12-29", "2021-01-01", "2021-01-06"].map(day) {
        assert_eq!(calendar.position(closed), None);
        assert!(!calendar.is_session(closed));
    }
}

#[test]
fn finds_the_neighbours_of_every_kind_of_date() {
    let calendar = turn_of_year();
    for row in [
        // date, on or after it, after it, on or before it, before it
        "2020-12-29 2020-12-30 2020-12-30 none none",
        "2020-12-30 2020-12-30 2020-12-31 2020-12-30 none",
        "2020-12-31 2020-12-31 2021-01-04 2020-12-31 2020-12-30",
        "2021-01-02 2021-01-04 2021-01-04 2020-12-31 2020-12-31",
        "2021-01-05 2021-01-05 none 2021-01-05 2021-01-04",
        "2021-01-06 none none 2021-01-05 2021-01-05",
    ] {
        let cells: Vec<Option<NaiveDate>> = row.split(' ').map(|cell| cell.parse().ok()).collect();
        let date = cells[0].unwrap();
        let found = [
            calendar.session_on_or_after(date),
            calendar.session_after(date),
            calendar.session_on_or_before(date),
            calendar.session_before(date),
        ];
        assert_eq!(found, cells[1..], "{date}");
    }
}

#[test]
fn cuts_between_two_dates_with_both_ends() {
    let calendar = turn_of_year();
    let between = |from, to| calendar.between(day(from), day(to));
    assert_eq!(between("2020-12-31", "2021-01-04"), &calendar.sessions()[1..3]);
    assert_eq!(between("2020-12-31", "2020-12-31"), [day("2020-12-31")]);
    assert_eq!(between("1900-01-01", "2100-01-01"), calendar.sessions());
    assert_eq!(between("2021-01-01", "2021-01-03"), [] as [NaiveDate; 0]);
    assert_eq!(between("2021-01-05", "2020-12-30"), [] as [NaiveDate; 0]);
    assert_eq!(between("2021-01-06", "2100-01-01"), [] as [NaiveDate; 0]);
}

#[test]
fn ends_months_on_their_last_session_and_a_cut_off_month_on_its_own() {
    let ends = ["2020-12-31", "2021-01-05"].map(day);
    assert!(turn_of_year().month_ends().eq(ends));
    // The same month of two years is two months.
    let ends = ["2020-01-02", "2021-01-04"].map(day);
    assert!(calendar(&["2020-01-02", "2021-01-04"]).month_ends().eq(ends));
    // Good Friday was on 2024-03-29, and the end of August on a Saturday.
    let ends: Vec<NaiveDate> = Calendar::nyse().month_ends().collect();
    assert_eq!(ends.len(), 46 * 12);
    assert!(ends.contains(&day("2024-03-28")));
    assert!(ends.contains(&day("2024-08-30")));
}

#[test]
fn opens_and_closes_by_the_clocks_of_new_york() {
    let nyse = Calendar::nyse();
    // Winter time ended on 2024-03-10 and began on 2024-11-03. Up to 2006 summer was shorter:
    // it began on 2006-04-02 and ended on 2006-10-29.
    for (session, open, close) in [
        ("2024-03-08", "14:30", "21:00"),
        ("2024-03-11", "13:30", "20:00"),
        ("2024-11-01", "13:30", "20:00"),
        ("2024-11-04", "14:30", "21:00"),
        ("2006-03-31", "14:30", "21:00"),
        ("2006-04-03", "13:30", "20:00"),
        ("2006-10-27", "13:30", "20:00"),
        ("2006-10-30", "14:30", "21:00"),
        ("2024-07-03", "13:30", "17:00"),
        ("2024-12-24", "14:30", "18:00"),
        ("1990-12-24", "14:30", "19:00"),
        ("2002-09-11", "16:00", "20:00"),
    ] {
        let at = |time| Some(instant(&format!("{session}T{time}:00Z")));
        assert_eq!(nyse.open(day(session)), at(open), "{session}");
        assert_eq!(nyse.close(day(session)), at(close), "{session}");
    }
}

#[test]
fn has_no_hours_without_a_session() {
    let nyse = Calendar::nyse();
    for closed in ["2024-12-25", "2024-12-28", "1989-12-29", "2036-01-02"].map(day) {
        assert_eq!(nyse.open(closed), None);
        assert_eq!(nyse.close(closed), None);
        assert_eq!(nyse.at(closed, NaiveTime::MIN), None);
        assert!(!nyse.is_early_close(closed));
    }
}

#[test]
fn takes_early_closes_of_given_sessions_from_the_exchange() {
    let calendar = calendar(&["2024-11-27", "2024-11-29", "2036-11-28"]);
    assert!(!calendar.is_early_close(day("2024-11-27")));
    assert!(calendar.is_early_close(day("2024-11-29")));
    assert!(!calendar.is_early_close(day("2024-12-24"))); // early, but not a session here
    assert!(!calendar.is_early_close(day("2036-11-28"))); // after the last year of the rules
}

#[test]
fn turns_exchange_time_into_utc_where_the_clocks_show_it() {
    let ten = NaiveTime::from_hms_opt(10, 0, 0).unwrap();
    assert_eq!(Calendar::nyse().at(day("2024-07-05"), ten), Some(instant("2024-07-05T14:00:00Z")));
    // Sundays on which the clocks jump from 02:00 to 03:00, and from 02:00 back to 01:00.
    let sundays = calendar(&["2024-03-10", "2024-11-03"]);
    let half_past = |hour| NaiveTime::from_hms_opt(hour, 30, 0).unwrap();
    assert_eq!(sundays.at(day("2024-03-10"), half_past(2)), None);
    assert_eq!(sundays.at(day("2024-11-03"), half_past(1)), Some(instant("2024-11-03T05:30:00Z")));
}

#[test]
fn dates_an_instant_by_new_york() {
    let local_date = |text| Calendar::nyse().local_date(instant(text));
    assert_eq!(local_date("2024-01-03T04:59:59Z"), day("2024-01-02"));
    assert_eq!(local_date("2024-01-03T05:00:00Z"), day("2024-01-03"));
    assert_eq!(local_date("2024-07-03T03:59:59Z"), day("2024-07-02"));
    assert_eq!(local_date("2024-07-03T04:00:00Z"), day("2024-07-03"));
}

#[test]
fn does_not_panic_at_the_ends_of_time() {
    let calendar = Calendar::from_sessions(vec![NaiveDate::MIN, NaiveDate::MAX]).unwrap();
    assert_eq!(calendar.session_before(NaiveDate::MIN), None);
    assert_eq!(calendar.session_after(NaiveDate::MAX), None);
    assert!(!calendar.is_early_close(NaiveDate::MIN));
    assert!(!calendar.is_early_close(NaiveDate::MAX));
    assert!(calendar.close(NaiveDate::MIN).is_some());
    // 23:00 in New York is on the next day in UTC, and there is none.
    let late = NaiveTime::from_hms_opt(23, 0, 0).unwrap();
    assert_eq!(calendar.at(NaiveDate::MAX, late), None);
    assert_eq!(calendar.local_date(DateTime::<Utc>::MIN_UTC), NaiveDate::MIN);
    assert_eq!(calendar.local_date(DateTime::<Utc>::MAX_UTC), NaiveDate::MAX);
}
