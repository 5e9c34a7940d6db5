//! `TIME_SERIES_DAILY`, `_DAILY_ADJUSTED`, `_MONTHLY_ADJUSTED` and `FX_DAILY`: rows by date.
//!
//! Prices are as traded; only `adjusted close` is not. Newest comes first.

use super::reply::{Body, about, csv_rows};
use super::row::{ROWS_MAX, Row};
use crate::asked::Asked;
use crate::notes::Notes;
use crate::rows::DailyBar;
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::Calendar;
use decile_core::source::SourceError;
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use smol_str::SmolStr;
use std::fmt;

/// The rows of a series, oldest first, and what stands above them.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) timezone: Option<SmolStr>,
    pub(super) retrieved_at: DateTime<Utc>,
    refreshed: Option<String>,
    rows: Vec<(NaiveDate, Row)>,
}

impl Series {
    pub(super) fn read(
        body: Body<'_>,
        retrieved_at: DateTime<Utc>,
        asked: &Asked,
        notes: &mut Notes,
    ) -> Result<Self, SourceError> {
        let (meta, rows) = match body {
            Body::Csv(bytes) => {
                let rows = csv_rows(bytes, &["timestamp", "close"], asked, notes)?;
                (Row::default(), rows)
            }
            Body::Json(_) => {
                let json: Json = body.json(asked)?;
                about(json.meta.text("symbol"), asked)?;
                let rows = json.rows.ok_or_else(|| asked.decode("it holds no time series"))?;
                (json.meta, rows)
            }
        };
        Ok(Self {
            timezone: meta.text("time_zone").map(SmolStr::new),
            refreshed: meta.text("last_refreshed").map(str::to_owned),
            retrieved_at,
            rows: in_order(rows, notes),
        })
    }

    /// Reads the rows as daily bars; one without a close is dropped.
    pub(super) fn bars(&self, notes: &mut Notes) -> Vec<DailyBar> {
        let today = Calendar::nyse().local_date(self.retrieved_at);
        let mut bars = Vec::with_capacity(self.rows.len());
        for (date, row) in &self.rows {
            let bar = bar(*date, row, notes);
            match bar.close {
                None => notes.drop(format!("{date}: it has no close")),
                Some(_) if *date > today => notes.drop(format!("{date}: it was still to come")),
                Some(_) => bars.push(bar),
            }
        }
        if let Some(last) = bars.last_mut() {
            last.partial = self.is_partial(last.date);
        }
        bars
    }

    /// Reads the rows as months, of which the closes alone are those of their last session.
    pub(super) fn month_ends(&self, notes: &mut Notes) -> Vec<DailyBar> {
        let end = |month: DailyBar| {
            let mut bar = DailyBar::new(month.date);
            (bar.close, bar.adj_close, bar.partial) = (month.close, month.adj_close, month.partial);
            bar
        };
        self.bars(notes).into_iter().map(end).collect()
    }

    /// Reads the closes alone.
    pub(super) fn closes(&self, notes: &mut Notes) -> Vec<(NaiveDate, f64)> {
        let close = |(date, row): &(NaiveDate, Row)| match row.positive("close", notes) {
            Some(close) => Some((*date, close)),
            None => {
                notes.drop(format!("{date}: it has no close"));
                None
            }
        };
        self.rows.iter().filter_map(close).collect()
    }

    /// Tells whether a bar was made before its session ended: by the provider's own time where it
    /// gives one, else by when the reply came.
    fn is_partial(&self, date: NaiveDate) -> bool {
        let Some(close) = Calendar::nyse().close(date) else { return false };
        let time = self.refreshed.as_deref().and_then(|text| text.split_once(' '));
        let parsed =
            |(day, time): (&str, &str)| Some((day.parse::<NaiveDate>().ok()?, time.parse().ok()?));
        match time.and_then(parsed) {
            Some((day, time)) if day == date => {
                Calendar::nyse().at(date, time).is_some_and(|refreshed| refreshed < close)
            }
            _ => self.retrieved_at < close,
        }
    }
}

fn bar(date: NaiveDate, row: &Row, notes: &mut Notes) -> DailyBar {
    let mut bar = DailyBar::new(date);
    bar.close = row.positive("close", notes);
    bar.open = row.positive("open", notes);
    bar.high = row.positive("high", notes);
    bar.low = row.positive("low", notes);
    bar.adj_close = row.positive("adjusted_close", notes);
    bar.volume = row.not_negative("volume", notes);
    bar
}

/// Sorts the rows by date. Of two of one date the first counts, and the other is noted.
fn in_order(rows: Vec<Row>, notes: &mut Notes) -> Vec<(NaiveDate, Row)> {
    let mut dated = Vec::with_capacity(rows.len());
    for row in rows {
        match row.date("timestamp") {
            Some(date) => dated.push((date, row)),
            None => notes.drop("a row without a date"),
        }
    }
    dated.sort_by_key(|(date, _)| *date);
    dated.dedup_by(|second, first| {
        let again = second.0 == first.0;
        if again {
            notes.drop(format!("{}: it stands there twice", second.0));
        }
        again
    });
    dated
}

/// `{"Meta Data": {…}, "Time Series (Daily)": {"2024-05-02": {…}, …}}`; each series has a name of
/// its own.
#[derive(Default)]
struct Json {
    meta: Row,
    rows: Option<Vec<Row>>,
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a time series")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut json = Json::default();
        while let Some(name) = map.next_key::<String>()? {
            if name == "Meta Data" {
                json.meta = map.next_value()?;
            } else if name.contains("Time Series") {
                json.rows = Some(map.next_value::<ByDate>()?.0);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(json)
    }
}

/// Rows under their dates, which become the field `timestamp` as in CSV.
struct ByDate(Vec<Row>);

impl<'de> Deserialize<'de> for ByDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ByDateVisitor)
    }
}

struct ByDateVisitor;

impl<'de> Visitor<'de> for ByDateVisitor {
    type Value = ByDate;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {ROWS_MAX} rows by date")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ByDate, A::Error> {
        let mut rows = Vec::new();
        while let Some((date, mut row)) = map.next_entry::<String, Row>()? {
            if rows.len() == ROWS_MAX {
                return Err(de::Error::invalid_length(ROWS_MAX + 1, &self));
            }
            row.push("timestamp", &date);
            rows.push(row);
        }
        Ok(ByDate(rows))
    }
}
