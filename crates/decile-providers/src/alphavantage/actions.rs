//! `SPLITS` and `DIVIDENDS`: ratios and cash by ex-date, as they were at the time.

use super::reply::Body;
use super::row::Row;
use crate::asked::Asked;
use crate::notes::Notes;
use chrono::NaiveDate;
use decile_core::source::SourceError;

/// New shares per old share.
pub(super) const SPLITS: Events =
    Events { function: "SPLITS", date: "effective_date", value: "split_factor" };
/// Cash per share of the ex-date.
pub(super) const DIVIDENDS: Events =
    Events { function: "DIVIDENDS", date: "ex_dividend_date", value: "amount" };

/// A table of events: who gives it, and its columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Events {
    pub(super) function: &'static str,
    date: &'static str,
    value: &'static str,
}

impl Events {
    /// Reads the values by their ex-dates, oldest first.
    pub(super) fn read(
        &self,
        body: Body<'_>,
        asked: &Asked,
        notes: &mut Notes,
    ) -> Result<Vec<(NaiveDate, f64)>, SourceError> {
        let rows = body.table(&[self.date, self.value], asked, notes)?;
        Ok(self.in_order(&rows, notes))
    }

    fn in_order(&self, rows: &[Row], notes: &mut Notes) -> Vec<(NaiveDate, f64)> {
        let mut events = Vec::with_capacity(rows.len());
        for row in rows {
            match (row.date(self.date), row.positive(self.value, notes)) {
                (Some(day), Some(number)) => events.push((day, number)),
                (Some(day), None) => notes.drop(format!("{day}: it has no {}", self.value)),
                (None, _) => notes.drop(format!("a row without {}", self.date)),
            }
        }
        events.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        // The same value twice on a day is one event written down twice; two values are two events.
        events.dedup_by(|second, first| {
            if second == first {
                notes.drop(format!("{}: the same {} stands there twice", second.0, self.value));
            }
            second == first
        });
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use decile_core::source::Fetched;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn what_stands_there_twice_counts_once() {
        let rows: Vec<Row> = serde_json::from_str(
            r#"[{"ex_dividend_date": "2024-05-09", "amount": "1.67"},
                {"ex_dividend_date": "2024-05-09", "amount": "1.67"},
                {"ex_dividend_date": "2024-02-08", "amount": "None"},
                {"ex_dividend_date": "2024-02-08", "amount": "1.66"},
                {"ex_dividend_date": "None", "amount": "1"}]"#,
        )
        .unwrap();
        let mut notes = Notes::default();
        let read = DIVIDENDS.in_order(&rows, &mut notes);
        assert_eq!(read, [(day("2024-02-08"), 1.66), (day("2024-05-09"), 1.67)]);
        let mut fetched = Fetched::new(read);
        notes.append_to(&mut fetched);
        assert_eq!(fetched.dropped.len(), 3, "{:?}", fetched.dropped);
    }
}
