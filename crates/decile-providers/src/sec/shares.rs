//! How many shares a filing counts, and whether it can be so many.

use super::concepts::{EARNINGS_PER_SHARE, SHARES_AT_END, SHARES_ON_COVER, SHARES_OVER_PERIOD};
use super::facts::{Fact, Facts, FilingId};
use super::periods::{QUARTER_DAYS, YEAR_DAYS};
use crate::notes::Notes;
use chrono::NaiveDate;
use std::ops::RangeInclusive;

/// Counts are right to this factor: averages, options and rounding explain less.
const TOLERANCE: f64 = 2.0;
/// Counts in thousands or millions are this many times too small at least.
const UNIT_MIN: f64 = 500.0;
/// Earnings per share below this are rounded too much to check with.
const EARNINGS_PER_SHARE_MIN: f64 = 0.1;
/// Tags of the earnings that earnings per share are made of.
const EARNINGS: [&str; 3] =
    ["NetIncomeLossAvailableToCommonStockholdersBasic", "NetIncomeLoss", "ProfitLoss"];

/// Returns the shares that a filing counts for the quarter that ends on a day.
///
/// The average over the quarter with dilution comes first, then other averages, then the count at the
/// end and the one on the cover. Some filers write millions as if they were ones: a count that does
/// not go with earnings per share, or is hundreds of times smaller than another one, is passed over.
pub(super) fn shares(
    facts: &Facts,
    filing: &FilingId,
    end: NaiveDate,
    notes: &mut Notes,
) -> Option<f64> {
    let counts = counts(facts, filing, end);
    let most = counts.iter().copied().fold(0.0, f64::max);
    let implied = implied(facts, filing, end);
    let is_possible = |count: f64| match implied {
        Some(implied) => (implied / TOLERANCE..=implied * TOLERANCE).contains(&count),
        None => count * UNIT_MIN > most,
    };
    for count in counts {
        if is_possible(count) {
            return Some(count);
        }
        notes.warn(format!("{end}: a count of {count} shares is in other units: passed over"));
    }
    None
}

/// Returns the counts in a filing, the preferred one first.
fn counts(facts: &Facts, filing: &FilingId, end: NaiveDate) -> Vec<f64> {
    let mut counts = Vec::new();
    for tag in SHARES_OVER_PERIOD {
        counts.extend(over_period(facts.ending(tag, end), filing).map(|fact| fact.value));
    }
    let in_filing = |fact: &&Fact| fact.filing == *filing;
    let mut at_end = facts.ending(SHARES_AT_END, end).iter().filter(|fact| fact.start.is_none());
    counts.extend(at_end.find(in_filing).map(|fact| fact.value));
    counts.extend(facts.of(SHARES_ON_COVER).find(in_filing).map(|fact| fact.value));
    counts.retain(|count| *count > 0.0);
    counts
}

/// Returns the shares that follow from earnings and earnings per share in a filing.
fn implied(facts: &Facts, filing: &FilingId, end: NaiveDate) -> Option<f64> {
    let per_share = EARNINGS_PER_SHARE
        .iter()
        .find_map(|tag| over_period(facts.ending(tag, end), filing))
        .filter(|fact| fact.value.abs() >= EARNINGS_PER_SHARE_MIN)?;
    let earned = EARNINGS.iter().find_map(|tag| {
        let same = |fact: &&Fact| fact.start == per_share.start && fact.filing == *filing;
        facts.ending(tag, end).iter().find(same)
    })?;
    Some(earned.value / per_share.value).filter(|shares| *shares > 0.0)
}

/// Returns what a filing says of the quarter that ends with these facts, else of the year.
fn over_period<'a>(ending: &'a [Fact], filing: &FilingId) -> Option<&'a Fact> {
    let lasting = |days: &RangeInclusive<i64>| {
        let mut found = ending.iter().filter(|fact| fact.filing == *filing);
        found.find(|fact| fact.days().is_some_and(|number| days.contains(&number)))
    };
    lasting(&QUARTER_DAYS).or_else(|| lasting(&YEAR_DAYS))
}
