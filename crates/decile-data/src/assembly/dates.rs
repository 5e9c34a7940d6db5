//! Dates statements that come without a date by the filings of others.

use chrono::NaiveDate;
use decile_core::{Filing, ReportTime};

/// Days that two sources' ends of one quarter may be apart: the day on which the books were closed,
/// and the end of that month.
const PERIOD_DAYS_MAX: i64 = 20;

/// Gives each statement without a filing date that of the same quarter in the first of the lists
/// that has one, and returns how many have none still.
pub(super) fn stamp<'a>(
    filings: &mut [Filing],
    lists: impl Iterator<Item = &'a [Filing]> + Clone,
) -> usize {
    for filing in filings.iter_mut().filter(|filing| filing.filed.is_none()) {
        let mut dates = lists.clone().filter_map(|list| first_filed(filing.period_end, list));
        if let Some((filed, report_time)) = dates.next() {
            (filing.filed, filing.report_time) = (Some(filed), report_time);
        }
    }
    filings.iter().filter(|filing| filing.is_imputed()).count()
}

/// When the quarter nearest to `period_end` was first filed. A restatement comes later, but what it
/// restates was known before.
fn first_filed(period_end: NaiveDate, list: &[Filing]) -> Option<(NaiveDate, ReportTime)> {
    let apart = |other: &Filing| (other.period_end - period_end).num_days().abs();
    let dated = list.iter().filter_map(|other| Some((apart(other), other.filed?, other)));
    // A date before the end of the statement's own period would be a look ahead.
    let same = dated.filter(|(apart, filed, _)| *apart <= PERIOD_DAYS_MAX && *filed >= period_end);
    let (_, filed, first) = same.min_by_key(|(apart, filed, _)| (*apart, *filed))?;
    Some((filed, first.report_time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, m, d).unwrap()
    }

    fn filing(end: NaiveDate, filed: Option<NaiveDate>) -> Filing {
        let mut filing = Filing::new("NVDA".parse().unwrap(), end, "10-Q".parse().unwrap());
        filing.filed = filed;
        filing
    }

    fn stamped(filing: Filing, lists: &[Vec<Filing>]) -> (Option<NaiveDate>, usize) {
        let mut filings = [filing];
        let imputed = stamp(&mut filings, lists.iter().map(Vec::as_slice));
        (filings[0].filed, imputed)
    }

    #[test]
    fn the_nearest_quarter_gives_its_first_date() {
        // The books closed on the 28th; the statement says the 31st.
        let list = vec![
            filing(day(7, 28), Some(day(11, 20))), // as restated
            filing(day(7, 28), Some(day(8, 28))),
            filing(day(4, 28), Some(day(5, 29))),
        ];
        assert_eq!(stamped(filing(day(7, 31), None), &[list]), (Some(day(8, 28)), 0));
    }

    #[test]
    fn the_first_list_that_knows_it_decides() {
        let early = vec![filing(day(7, 31), Some(day(8, 1)))];
        let late = vec![filing(day(7, 31), Some(day(8, 28)))];
        let lists = [vec![filing(day(7, 31), None)], late, early];
        assert_eq!(stamped(filing(day(7, 31), None), &lists).0, Some(day(8, 28)));
    }

    #[test]
    fn a_date_that_is_there_stays_and_one_that_is_not_is_imputed() {
        let list = [vec![filing(day(7, 31), Some(day(8, 28)))]];
        assert_eq!(stamped(filing(day(7, 31), Some(day(9, 9))), &list), (Some(day(9, 9)), 0));
        assert_eq!(stamped(filing(day(10, 31), None), &list), (None, 1));
        // Filed before the statement's own period ended: of another quarter.
        let hasty = [vec![filing(day(7, 20), Some(day(7, 25)))]];
        assert_eq!(stamped(filing(day(7, 31), None), &hasty), (None, 1));
    }
}
