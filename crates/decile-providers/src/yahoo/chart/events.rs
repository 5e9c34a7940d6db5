//! Splits, dividends and spin-offs of a chart.

use super::date;
use super::wire::{Chart, Split};
use crate::notes::Notes;
use crate::rows::DailyBar;
use crate::yahoo::number::Number;
use chrono::NaiveDate;
use chrono_tz::Tz;
use decile_core::source::Fetched;
use decile_core::{ActionKind, DateRange};

/// Splits that somebody might make; anything beyond is a slip.
const RATIOS: std::ops::RangeInclusive<f64> = 1e-5..=1e5;

/// A corporate action of whatever the chart is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::yahoo) struct Event {
    pub(in crate::yahoo) ex_date: NaiveDate,
    pub(in crate::yahoo) kind: ActionKind,
    pub(in crate::yahoo) value: f64,
}

/// Reads the actions of the span, in the order of their dates, a split before what is paid on its
/// day.
pub(super) fn read(chart: &Chart, zone: Tz, bars: &[DailyBar], range: DateRange) -> Fetched<Event> {
    let (events, notes) = (Vec::new(), Notes::default());
    let mut reader = Reader { zone, bars, range, events, notes };
    let wire = chart.events();
    for (key, split) in wire.and_then(|wire| wire.splits.as_ref()).into_iter().flatten() {
        reader.split(key, split);
    }
    for (key, dividend) in wire.and_then(|wire| wire.dividends.as_ref()).into_iter().flatten() {
        match reader.ex_date(key, dividend.date) {
            None => reader.drop_undated("dividend", key),
            Some(day) => match dividend.amount.positive() {
                Some(amount) => reader.keep(day, ActionKind::Dividend, amount),
                None => reader.drop(day, "a dividend has no amount"),
            },
        }
    }
    let Reader { mut events, notes, .. } = reader;
    events.sort_by_key(|event| (event.ex_date, event.kind != ActionKind::Split));
    let mut fetched = Fetched::new(events);
    notes.append_to(&mut fetched);
    fetched
}

struct Reader<'a> {
    zone: Tz,
    bars: &'a [DailyBar],
    range: DateRange,
    events: Vec<Event>,
    notes: Notes,
}

impl Reader<'_> {
    /// The day stands in the event; its key is the same time as text.
    fn ex_date(&self, key: &str, field: Number) -> Option<NaiveDate> {
        let seconds = field.instant().map(|time| time.timestamp()).or_else(|| key.parse().ok())?;
        date(seconds, self.zone)
    }

    fn keep(&mut self, ex_date: NaiveDate, kind: ActionKind, value: f64) {
        if !value.is_finite() {
            self.drop(ex_date, "the value of an action is out of range");
        } else if self.range.contains(ex_date) {
            self.events.push(Event { ex_date, kind, value });
        }
    }

    fn drop(&mut self, day: NaiveDate, why: &str) {
        if self.range.contains(day) {
            self.notes.drop(format!("{day}: {why}"));
        }
    }

    fn drop_undated(&mut self, what: &str, key: &str) {
        let key: String = key.chars().take(40).collect();
        self.notes.drop(format!("a {what} has no date ({key:?})"));
    }

    fn split(&mut self, key: &str, split: &Split) {
        let Some(day) = self.ex_date(key, split.date) else {
            return self.drop_undated("split", key);
        };
        let terms = split.numerator.positive().zip(split.denominator.positive());
        match terms.map(|(new, old)| (new / old, is_spinoff(new, old))) {
            Some((ratio, _)) if !RATIOS.contains(&ratio) => {
                self.drop(day, "a split has a ratio out of range");
            }
            Some((ratio, false)) => self.keep(day, ActionKind::Split, ratio),
            Some((ratio, true)) => self.spinoff(day, ratio),
            None => self.drop(day, "a split has no ratio"),
        }
    }

    /// Puts a worth on what Yahoo writes as a split of 1.046: a share of 1.046 before became one of
    /// 1 and 0.046 of another company.
    ///
    /// The closes before are divided by the ratio already, so the worth on their basis is
    /// (ratio - 1) times the close before.
    fn spinoff(&mut self, day: NaiveDate, ratio: f64) {
        if !self.range.contains(day) {
            return;
        }
        let before = self.bars.iter().rev().find(|bar| bar.date < day).and_then(|bar| bar.close);
        let Some(close) = before else {
            return self.drop(day, "a spin-off without a close before has no worth");
        };
        self.keep(day, ActionKind::Spinoff, close * (ratio - 1.0));
        self.notes.warn(format!(
            "{day}: the split of {ratio} is taken for a spin-off, worth {} of the close before",
            ratio - 1.0
        ));
    }
}

/// Tells a spin-off from a split by its odd terms, as in 1046:1000.
///
/// Splits and stock dividends are ratios of small numbers (4:1, 3:2, 21:20). A spin-off is written
/// with three decimals, so that a large denominator stays when it is reduced. Ratios within 0.5 % of
/// a whole number from 2 on are splits: 1998:1000 was a second class of shares for each old one.
fn is_spinoff(new: f64, old: f64) -> bool {
    const DENOMINATOR_MAX: u64 = 100;
    let ratio = new / old;
    let whole = ratio.round();
    if ratio <= 1.0 || (whole >= 2.0 && (ratio / whole - 1.0).abs() < 0.005) {
        return false;
    }
    let is_whole = |term: f64| term.fract() == 0.0 && term < 1e12;
    if !is_whole(new) || !is_whole(old) {
        return true;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, 1 to 1e12")]
    let (new, old) = (new as u64, old as u64);
    old / greatest_common_divisor(new, old) > DENOMINATOR_MAX
}

fn greatest_common_divisor(left: u64, right: u64) -> u64 {
    if right == 0 { left } else { greatest_common_divisor(right, left % right) }
}

#[cfg(test)]
mod tests {
    use super::is_spinoff;

    #[test]
    fn odd_ratios_are_spin_offs_and_round_ones_are_splits() {
        // IBM 2021, MRK 2021, PFE 2020, GE 2023, EBAY 2015.
        for (new, old) in
            [(1046., 1000.), (1048., 1000.), (1054., 1000.), (1281., 1000.), (2376., 1000.)]
        {
            assert!(is_spinoff(new, old), "{new}:{old}");
        }
        let splits =
            [(4., 1.), (3., 2.), (1., 10.), (21., 20.), (103., 100.), (1998., 1000.), (20., 1.)];
        for (new, old) in splits {
            assert!(!is_spinoff(new, old), "{new}:{old}");
        }
        assert!(is_spinoff(1.046, 1.0));
    }
}
