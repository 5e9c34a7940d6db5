//! What a quarter's number was, filing by filing.
//!
//! A 10-Q gives the quarter, and the year so far; for cash flows the year so far alone. A 10-K gives
//! the year. So a quarter is what stands there for it, or the year so far less the year so far a
//! quarter before.

use super::concepts::Term;
use super::facts::{Fact, Facts, FilingId};
use chrono::{NaiveDate, TimeDelta};
use std::ops::RangeInclusive;

/// Days of a quarter: 12, 13, 16 or 17 weeks.
pub(super) const QUARTER_DAYS: RangeInclusive<i64> = 80..=120;
/// Days of a year, of 52 or 53 weeks too.
pub(super) const YEAR_DAYS: RangeInclusive<i64> = 350..=380;

/// What one filing says an item was.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Version {
    pub(super) filing: FilingId,
    pub(super) value: f64,
}

/// Whether an item is counted over a quarter or at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    OverQuarter,
    AtEnd,
}

/// Returns the versions of an item for the quarter that ends on a day, in the order in which they
/// were filed.
///
/// One tag gives all of them: the one that was used first for this quarter, and of several the one
/// preferred. A second tag that a later filing uses for the same quarter may mean something a little
/// different, and would pass for a restatement.
pub(super) fn versions(facts: &Facts, terms: &[Term], kind: Kind, end: NaiveDate) -> Vec<Version> {
    let candidates = terms.iter().map(|term| term_versions(facts, term, kind, end));
    let candidates = candidates.filter(|versions| !versions.is_empty());
    // Of equal ones `min_by_key` takes the first.
    candidates.min_by_key(|versions| versions[0].filing.filed).unwrap_or_default()
}

fn term_versions(facts: &Facts, term: &Term, kind: Kind, end: NaiveDate) -> Vec<Version> {
    let mut versions = tag_versions(facts, term.tag, kind, end);
    for group in term.less {
        let less: Vec<_> = group.iter().map(|tag| tag_versions(facts, tag, kind, end)).collect();
        for version in &mut versions {
            let beside = |other: &&Version| other.filing.accession == version.filing.accession;
            if let Some(less) = less.iter().find_map(|tag| tag.iter().find(beside)) {
                version.value -= less.value;
            }
        }
    }
    versions
}

/// Returns one version a filing, oldest first.
fn tag_versions(facts: &Facts, tag: &str, kind: Kind, end: NaiveDate) -> Vec<Version> {
    let mut versions: Vec<(Version, bool)> = Vec::new();
    let mut pair = None;
    for fact in facts.ending(tag, end) {
        let (value, is_direct) = match (kind, fact.days()) {
            (Kind::AtEnd, None) => (Some(fact.value), true),
            (Kind::OverQuarter, Some(days)) if QUARTER_DAYS.contains(&days) => {
                (Some(fact.value), true)
            }
            (Kind::OverQuarter, Some(_)) => (difference(facts, tag, fact, &mut pair), false),
            _ => (None, false),
        };
        let Some(value) = value else { continue };
        let version = Version { filing: fact.filing.clone(), value };
        match versions.last_mut().filter(|(last, _)| last.filing == fact.filing) {
            // What is said outright counts, and not what can be worked out.
            Some((_, last_is_direct)) if *last_is_direct && !is_direct => {}
            Some(last) => *last = (version, is_direct),
            None => versions.push((version, is_direct)),
        }
    }
    versions.into_iter().map(|(version, _)| version).collect()
}

/// Returns the year so far less the year so far a quarter before.
///
/// `pair` is what the last difference was made of. Both are restated, or none: a year that is
/// restated before its nine months are would put the whole change into one quarter.
fn difference(facts: &Facts, tag: &str, fact: &Fact, pair: &mut Option<(f64, f64)>) -> Option<f64> {
    let now = (fact.value, before(facts, tag, fact)?.value);
    if let Some(known) = pair
        && (known.0 == now.0) != (known.1 == now.1)
    {
        return None;
    }
    *pair = Some(now);
    Some(now.0 - now.1)
}

/// Returns the year so far a quarter before, as it was known when the fact was filed.
fn before<'a>(facts: &'a Facts, tag: &str, fact: &Fact) -> Option<&'a Fact> {
    let ago = |days: i64| fact.end.checked_sub_signed(TimeDelta::days(days));
    let days = ago(*QUARTER_DAYS.end())?..=ago(*QUARTER_DAYS.start())?;
    facts
        .ending_in(tag, days)
        .filter(|other| other.start == fact.start && other.filing <= fact.filing)
        .max_by(|a, b| a.filing.cmp(&b.filing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asked::Asked;
    use crate::notes::Notes;
    use crate::sec::concepts::NET_INCOME;
    use serde_json::{Value, json};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// `[tag, start, end, value, filed, form]`.
    fn facts(rows: &[(&str, &str, &str, f64, &str, &str)]) -> Facts {
        let mut tags = serde_json::Map::new();
        for (tag, start, end, value, filed, form) in rows {
            let row = json!({"start": start, "end": end, "val": value, "filed": filed,
                "form": form, "accn": format!("{filed}-{form}")});
            let tag = tags.entry(*tag).or_insert_with(|| json!({"units": {"USD": []}}));
            let Some(Value::Array(rows)) = tag.pointer_mut("/units/USD") else { panic!() };
            rows.push(row);
        }
        let body = json!({"cik": 1, "facts": {"us-gaap": tags}}).to_string();
        let asked = Asked::new("SEC", "QZA");
        Facts::read(body.as_bytes(), 1, &asked, &mut Notes::default()).unwrap()
    }

    fn net_income(facts: &Facts, end: &str) -> Vec<(String, f64)> {
        let versions = versions(facts, NET_INCOME, Kind::OverQuarter, day(end));
        versions.into_iter().map(|v| (v.filing.filed.to_string(), v.value)).collect()
    }

    const NI: &str = "NetIncomeLoss";

    #[test]
    fn the_last_quarter_is_the_year_less_nine_months() {
        let facts = facts(&[
            (NI, "2023-01-01", "2023-09-30", 30.0, "2023-11-01", "10-Q"),
            (NI, "2023-07-01", "2023-09-30", 12.0, "2023-11-01", "10-Q"),
            (NI, "2023-01-01", "2023-12-31", 45.0, "2024-02-15", "10-K"),
        ]);
        assert_eq!(net_income(&facts, "2023-12-31"), [("2024-02-15".to_owned(), 15.0)]);
        assert_eq!(net_income(&facts, "2023-09-30"), [("2023-11-01".to_owned(), 12.0)]);
    }

    #[test]
    fn a_year_is_lessened_by_the_nine_months_of_its_own_time() {
        // The nine months are restated a year later, by the 10-Q; the year by the next 10-K.
        let facts = facts(&[
            (NI, "2023-01-01", "2023-09-30", 30.0, "2023-11-01", "10-Q"),
            (NI, "2023-01-01", "2023-12-31", 45.0, "2024-02-15", "10-K"),
            (NI, "2023-01-01", "2023-09-30", 20.0, "2024-11-01", "10-Q"),
            (NI, "2023-01-01", "2023-12-31", 31.0, "2025-02-15", "10-K"),
        ]);
        let expected = [("2024-02-15".to_owned(), 15.0), ("2025-02-15".to_owned(), 11.0)];
        assert_eq!(net_income(&facts, "2023-12-31"), expected);
    }

    #[test]
    fn a_year_that_is_restated_alone_restates_no_quarter() {
        // As Apple's 10-K/A of January 2010; the quarter itself is told in the next 10-K.
        let facts = facts(&[
            (NI, "2023-01-01", "2023-09-30", 30.0, "2023-11-01", "10-Q"),
            (NI, "2023-01-01", "2023-12-31", 45.0, "2024-02-15", "10-K"),
            (NI, "2023-01-01", "2023-12-31", 70.0, "2024-04-25", "10-K/A"),
            (NI, "2023-10-01", "2023-12-31", 22.0, "2025-02-15", "10-K"),
        ]);
        let expected = [("2024-02-15".to_owned(), 15.0), ("2025-02-15".to_owned(), 22.0)];
        assert_eq!(net_income(&facts, "2023-12-31"), expected);
    }

    #[test]
    fn a_year_without_its_nine_months_gives_no_quarter() {
        let facts = facts(&[
            (NI, "2023-01-01", "2023-06-30", 20.0, "2023-08-01", "10-Q"),
            (NI, "2023-01-01", "2023-12-31", 45.0, "2024-02-15", "10-K"),
        ]);
        assert_eq!(net_income(&facts, "2023-12-31"), []);
    }

    #[test]
    fn a_filer_that_changes_its_tag_loses_no_quarter() {
        let facts = facts(&[
            (NI, "2013-07-01", "2013-09-30", 8.0, "2013-11-01", "10-Q"),
            ("ProfitLoss", "2014-07-01", "2014-09-30", 10.0, "2014-11-01", "10-Q"),
            (
                "NetIncomeLossAttributableToNoncontrollingInterest",
                "2014-07-01",
                "2014-09-30",
                1.0,
                "2014-11-01",
                "10-Q",
            ),
            // The comparative of the quarter that was filed under the other tag.
            ("ProfitLoss", "2013-07-01", "2013-09-30", 9.0, "2014-11-01", "10-Q"),
        ]);
        assert_eq!(net_income(&facts, "2014-09-30"), [("2014-11-01".to_owned(), 9.0)]);
        assert_eq!(net_income(&facts, "2013-09-30"), [("2013-11-01".to_owned(), 8.0)]);
    }

    #[test]
    fn twelve_months_to_a_quarters_end_are_no_quarter() {
        let facts = facts(&[
            (NI, "2023-04-01", "2023-06-30", 10.0, "2023-08-01", "10-Q"),
            (NI, "2023-04-01", "2024-03-31", 44.0, "2024-05-01", "10-Q"),
        ]);
        assert_eq!(net_income(&facts, "2024-03-31"), []);
    }
}
