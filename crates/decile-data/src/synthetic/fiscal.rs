//! Where companies' quarters end.

use super::roster::FiscalYear;
use chrono::{Datelike, Days, Months, NaiveDate};

/// One quarter of a company's books.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quarter {
    /// Its last day.
    pub(super) end: NaiveDate,
    /// Its length in days.
    pub(super) days: i64,
    /// Its place in the fiscal year, from 0 to 3.
    pub(super) number: usize,
}

impl Quarter {
    pub(super) fn is_last_of_year(&self) -> bool {
        self.number == 3
    }
}

/// Returns the quarters that end in the given dates, both included, in order.
pub(super) fn quarters(books: FiscalYear, from: NaiveDate, to: NaiveDate) -> Vec<Quarter> {
    let mut ends = Vec::new();
    // A year more on either side: the quarters of a fiscal year spread over two calendar years.
    for year in from.year() - 1..=to.year() + 1 {
        ends.extend(year_ends(books, year).into_iter().zip(0..));
    }
    let pairs = ends.windows(2).map(|pair| Quarter {
        end: pair[1].0,
        days: (pair[1].0 - pair[0].0).num_days(),
        number: pair[1].1,
    });
    pairs.filter(|quarter| from <= quarter.end && quarter.end <= to).collect()
}

/// Returns the four ends of the fiscal year that closes in a calendar year.
fn year_ends(books: FiscalYear, year: i32) -> [NaiveDate; 4] {
    match books {
        FiscalYear::EndsIn(month) => {
            let last = month_end(year, month);
            [9, 6, 3, 0].map(|months| {
                let earlier = last - Months::new(months);
                month_end(earlier.year(), earlier.month())
            })
        }
        FiscalYear::Weeks => {
            let first = sunday_nearest_august_end(year - 1);
            let weeks = |count: u64| first + Days::new(7 * count);
            [weeks(12), weeks(24), weeks(36), sunday_nearest_august_end(year)]
        }
    }
}

fn month_end(year: i32, month: u32) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(year, month, 1).expect("every month has a first day");
    first + Months::new(1) - Days::new(1)
}

fn sunday_nearest_august_end(year: i32) -> NaiveDate {
    let end = month_end(year, 8);
    let since_sunday = u64::from(end.weekday().num_days_from_sunday());
    if since_sunday <= 3 {
        end - Days::new(since_sunday)
    } else {
        end + Days::new(7 - since_sunday)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn a_january_year_ends_on_month_ends() {
        let found = quarters(FiscalYear::EndsIn(1), day(2024, 1, 1), day(2024, 12, 31));
        let ends: Vec<_> = found.iter().map(|quarter| (quarter.end, quarter.number)).collect();
        let expected = [
            (day(2024, 1, 31), 3),
            (day(2024, 4, 30), 0),
            (day(2024, 7, 31), 1),
            (day(2024, 10, 31), 2),
        ];
        assert_eq!(ends, expected);
        assert_eq!(found[1].days, 90); // February 2024 has 29 days
    }

    #[test]
    fn weeks_follow_the_sunday_nearest_to_the_end_of_august() {
        // 31 August 2023 is a Thursday, 2024 a Saturday: 3 September 2023, 1 September 2024.
        let found = quarters(FiscalYear::Weeks, day(2023, 9, 1), day(2024, 9, 30));
        let ends: Vec<_> = found.iter().map(|quarter| (quarter.end, quarter.days)).collect();
        let expected = [
            (day(2023, 9, 3), 119), // 53 weeks since 28 August 2022
            (day(2023, 11, 26), 84),
            (day(2024, 2, 18), 84),
            (day(2024, 5, 12), 84),
            (day(2024, 9, 1), 112),
        ];
        assert_eq!(ends, expected);
    }

    #[test]
    fn quarters_follow_each_other_without_a_gap() {
        for books in [FiscalYear::EndsIn(6), FiscalYear::EndsIn(12), FiscalYear::Weeks] {
            for pair in quarters(books, day(1990, 1, 1), day(2035, 12, 31)).windows(2) {
                assert_eq!((pair[1].end - pair[0].end).num_days(), pair[1].days);
                assert_eq!((pair[0].number + 1) % 4, pair[1].number);
                assert!((80..=120).contains(&pair[1].days), "{pair:?}");
            }
        }
    }
}
