//! Which consensus a run may see.

use super::Assembly;
use super::note::StockNotes;
use chrono::NaiveDate;
use decile_core::source::Fetched;
use decile_core::{Calendar, CorporateAction, Currency, EstimateSnapshot};

/// Returns the snapshots that count as shown before `as_of`, one a day in order.
///
/// Those of `as_of` and later were not known at its close. A live run dates the newest of them, which
/// was fetched for it, on the session before; its amounts per share are put on the split basis of
/// that day.
pub(super) fn usable(
    fetched: Fetched<EstimateSnapshot>,
    trade_currency: Currency,
    calendar: &Calendar,
    actions: &[CorporateAction],
    assembly: &Assembly,
    notes: &mut StockNotes<'_>,
) -> Vec<EstimateSnapshot> {
    if let Some(other) = fetched.currency.filter(|currency| *currency != trade_currency) {
        notes.drop(format!("estimates in {other} are of no use to a stock in {trade_currency}"));
        return Vec::new();
    }
    let (mut known, later): (Vec<_>, Vec<_>) =
        fetched.rows.into_iter().partition(|snapshot| snapshot.as_of < assembly.as_of);
    if let Some(newest) = later.into_iter().max_by_key(|snapshot| snapshot.as_of) {
        match calendar.session_before(assembly.as_of).filter(|_| assembly.is_live) {
            Some(day) => known.push(dated(newest, day, actions)),
            None => notes.drop(format!(
                "the estimates of {} were not known on {}",
                newest.as_of, assembly.as_of
            )),
        }
    }
    known.sort_by_key(|snapshot| snapshot.as_of);
    // Of two of one day the later in the list is the newer.
    known.reverse();
    known.dedup_by_key(|snapshot| snapshot.as_of);
    known.reverse();
    known
}

fn dated(
    mut snapshot: EstimateSnapshot,
    day: NaiveDate,
    actions: &[CorporateAction],
) -> EstimateSnapshot {
    let since = CorporateAction::due(actions, day, snapshot.as_of);
    let splits: f64 = since.into_iter().filter_map(CorporateAction::split_ratio).product();
    snapshot.as_of = day;
    snapshot.times(splits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assembly::note::Notes;
    use decile_core::{ActionKind, Symbol};

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 1, d).unwrap()
    }

    fn coke() -> Symbol {
        "KO".parse().unwrap()
    }

    /// What a run of the 5th sees of snapshots of these days, and what it notes.
    fn seen(
        assembly: Assembly,
        days: &[(u32, f64)],
        currency: Currency,
    ) -> (Vec<(NaiveDate, Option<f64>)>, usize) {
        let snapshot = |(d, fy1): &(u32, f64)| {
            let mut snapshot = EstimateSnapshot::new(coke(), day(*d), day(31));
            snapshot.fy1 = Some(*fy1);
            snapshot
        };
        let mut fetched = Fetched::new(days.iter().map(snapshot).collect());
        fetched.currency = Some(currency);
        let split = CorporateAction {
            symbol: coke(),
            ex_date: day(5),
            kind: ActionKind::Split,
            value: 4.0,
        };
        let mut notes = Notes::default();
        let symbol = coke();
        let calendar = Calendar::nyse();
        let mut own = notes.of(&symbol);
        let usd = Currency::USD;
        let rows = usable(fetched, usd, calendar, &[split], &assembly, &mut own);
        (rows.into_iter().map(|row| (row.as_of, row.fy1)).collect(), notes.into_list().len())
    }

    #[test]
    fn a_past_run_refuses_what_was_shown_later() {
        let dated = Assembly::dated(day(5));
        let days = [(3, 2.8), (8, 0.7)];
        assert_eq!(seen(dated, &days, Currency::USD), (vec![(day(3), Some(2.8))], 1));
    }

    #[test]
    fn a_live_run_sees_what_was_fetched_for_it_on_the_basis_of_the_day_before() {
        let live = Assembly::live(day(5));
        // Fetched on Monday the 8th, after the split of Friday: 0.7 is 2.8 before it.
        let days = [(3, 2.7), (6, 0.6), (8, 0.7)];
        let expected = vec![(day(3), Some(2.7)), (day(4), Some(2.8))];
        assert_eq!(seen(live, &days, Currency::USD), (expected, 0));
        // One of the very day before gives way.
        assert_eq!(seen(live, &[(4, 9.9), (8, 0.7)], Currency::USD).0, [(day(4), Some(2.8))]);
    }

    #[test]
    fn another_currency_is_of_no_use() {
        let live = Assembly::live(day(5));
        assert_eq!(seen(live, &[(3, 2.8)], "JPY".parse().unwrap()), (vec![], 1));
    }
}
