//! Bars: those of days as they are, longer ones of several of them, those within a day as they are
//! drawn between its prices.

use super::notice::Refusal;
use super::reply::{BarView, Reply};
use super::request::HistoryQuery;
use super::{ConnectionId, Engine, intraday, times};
use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, Utc, Weekday};
use decile_core::{Bar, Calendar};

/// Bar sizes that a real gateway knows.
const BAR_SIZES: [&str; 21] = [
    "1 secs", "5 secs", "10 secs", "15 secs", "30 secs", "1 min", "2 mins", "3 mins", "5 mins",
    "10 mins", "15 mins", "20 mins", "30 mins", "1 hour", "2 hours", "3 hours", "4 hours",
    "8 hours", "1 day", "1W", "1M",
];

/// Other names of the longest.
const OTHER_SIZES: [&str; 2] = ["1 week", "1 month"];

/// How far back a request reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Duration {
    /// So many sessions.
    Days(usize),
    Weeks(i64),
    Months(u32),
}

impl Engine {
    pub(super) fn history(&mut self, at: ConnectionId, query: &HistoryQuery) {
        let request = query.request;
        match self.bars(query) {
            Ok((bars, start, end)) => {
                let (from, to) = (start.clone(), end.clone());
                self.tell(at, Reply::HistoricalBars { request, bars, start: from, end: to });
                self.tell(at, Reply::HistoricalBarsEnd { request, start, end });
            }
            Err(refusal) => self.refuse(at, request, refusal),
        }
    }

    fn bars(&self, query: &HistoryQuery) -> Result<(Vec<BarView>, String, String), Refusal> {
        let listing = self.floor.resolve(&query.contract)?;
        if !BAR_SIZES.iter().chain(&OTHER_SIZES).any(|size| *size == query.bar_size) {
            return Err(Refusal::invalid(format!(
                "Historical data bar size setting is invalid. Legal ones are: {}",
                BAR_SIZES.join(", ")
            )));
        }
        let end = match query.end.as_str() {
            "" => self.now(),
            text => {
                times::read(text).ok_or_else(|| Refusal::invalid_time(10314, "End Date/Time"))?
            }
        };
        let duration = Duration::of(&query.duration)?;
        let start = duration.before(end);
        let subject = format!("{}@SMART {}", listing.wire_symbol, title(&query.what));
        let seconds = intraday::seconds(&query.bar_size);
        let period = Period::of(&query.bar_size);
        let is_shown = ["TRADES", "MIDPOINT", "ADJUSTED_LAST"].contains(&query.what.as_str());
        if !is_shown || query.keep_up_to_date {
            return Err(Refusal::no_history(subject));
        }
        let adjusted;
        let bars = match query.what.as_str() {
            "ADJUSTED_LAST" if !query.end.is_empty() => {
                return Err(Refusal::invalid("End date not supported with adjusted last"));
            }
            "ADJUSTED_LAST" => {
                adjusted = self.adjusted(listing);
                &adjusted
            }
            _ => &listing.bars,
        };
        let until = bars.partition_point(|bar| has_opened(bar, end));
        let known = &bars[..until];
        let from = match duration {
            Duration::Days(days) => until.saturating_sub(days),
            _ => known.partition_point(|bar| bar.date < times::local_date(start)),
        };
        // A week or a month that is begun is whole.
        let is_before = |bar: &Bar| {
            known.get(from).is_some_and(|first| period.of_day(bar.date) < period.of_day(first.date))
        };
        let from = known.partition_point(is_before);
        let known = &known[from..];
        let mut bars: Vec<BarView> = match seconds {
            None => {
                let of_one =
                    |one: &Bar, other: &Bar| period.of_day(one.date) == period.of_day(other.date);
                known.chunk_by(of_one).filter_map(joined).map(|bar| whole(&bar)).collect()
            }
            Some(seconds) if count_of(known, seconds) > BARS_MAX => {
                let text = "Historical Market Data Service error message:Time length exceed max.";
                return Err(Refusal::new(162, text));
            }
            Some(seconds) => {
                // A span of days begins with the open of its first session.
                let start = known.first().and_then(|day| Calendar::nyse().open(day.date));
                let span = (start.unwrap_or(end), end);
                let of_day = |day| intraday::within_day(day, seconds, span, query.in_epoch);
                known.iter().flat_map(of_day).collect()
            }
        };
        if bars.is_empty() {
            return Err(Refusal::no_history(subject));
        }
        if query.what == "MIDPOINT" {
            // Nothing is traded in the middle of a quote.
            bars.iter_mut().for_each(|bar| bar.volume = None);
        }
        Ok((bars, times::local(start), times::local(end)))
    }
}

/// How many bars are given at once.
const BARS_MAX: usize = 100_000;

/// Returns about how many bars of a size there are in so many days of six and a half hours.
fn count_of(days: &[Bar], seconds: i64) -> usize {
    days.len().saturating_mul(usize::try_from(23_400 / seconds).unwrap_or(1).max(1))
}

/// What a bar spans that is longer than hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Period {
    Day,
    Week,
    Month,
}

impl Period {
    fn of(size: &str) -> Self {
        match size {
            "1W" | "1 week" => Self::Week,
            "1M" | "1 month" => Self::Month,
            _ => Self::Day,
        }
    }

    /// Returns the first day of the period of a day.
    fn of_day(self, date: NaiveDate) -> NaiveDate {
        let first = match self {
            Self::Day => Some(date),
            Self::Week => Some(date.week(Weekday::Mon).first_day()),
            Self::Month => date.with_day(1),
        };
        first.unwrap_or(date)
    }
}

/// Makes one bar of several, dated as the last of them. What is not known of one is not known of all.
fn joined(bars: &[Bar]) -> Option<Bar> {
    let (first, last) = (bars.first()?, bars.last()?);
    let over = |value: fn(&Bar) -> Option<f64>, pick: fn(f64, f64) -> f64| {
        let values: Option<Vec<f64>> = bars.iter().map(value).collect();
        values.and_then(|values| values.into_iter().reduce(pick))
    };
    Some(Bar {
        date: last.date,
        open: first.open,
        high: over(|bar| bar.high, f64::max),
        low: over(|bar| bar.low, f64::min),
        close: last.close,
        volume: over(|bar| bar.volume, |sum, volume| sum + volume),
    })
}

fn whole(day: &Bar) -> BarView {
    BarView {
        date: day.date.format("%Y%m%d").to_string(),
        open: day.open.unwrap_or(day.close),
        high: day.high.unwrap_or(day.close),
        low: day.low.unwrap_or(day.close),
        close: day.close,
        volume: day.volume,
    }
}

/// Tells whether a bar's session had opened at an instant.
fn has_opened(bar: &Bar, at: DateTime<Utc>) -> bool {
    match Calendar::nyse().open(bar.date) {
        Some(open) => open < at,
        // A session that a market made up.
        None => bar.date < times::local_date(at),
    }
}

impl Duration {
    /// Reads `5 D`, `1 W`, `6 M` or `2 Y`. Seconds are counted as days, for bars of a day.
    fn of(text: &str) -> Result<Self, Refusal> {
        let invalid = || Refusal::invalid(format!("Invalid historical data duration {text:?}"));
        let (count, unit) = text.trim().split_once(' ').ok_or_else(invalid)?;
        let count: u32 = count.parse().map_err(|_| invalid())?;
        match unit {
            _ if count == 0 => Err(invalid()),
            "S" => Ok(Self::Days(count.div_ceil(86_400) as usize)),
            "D" if count > 365 => Err(Refusal::invalid(
                "Historical data request for durations longer than 365 days must be made in years.",
            )),
            "D" => Ok(Self::Days(count as usize)),
            "W" => Ok(Self::Weeks(i64::from(count))),
            "M" => Ok(Self::Months(count)),
            "Y" => Ok(Self::Months(count.saturating_mul(12))),
            _ => Err(invalid()),
        }
    }

    /// Returns where the span begins that ends at an instant.
    fn before(self, end: DateTime<Utc>) -> DateTime<Utc> {
        let start = match self {
            Self::Days(days) => end.checked_sub_signed(TimeDelta::days(days as i64)),
            Self::Weeks(weeks) => {
                TimeDelta::try_weeks(weeks).and_then(|span| end.checked_sub_signed(span))
            }
            Self::Months(months) => end.checked_sub_months(Months::new(months)),
        };
        start.unwrap_or(DateTime::UNIX_EPOCH)
    }
}

/// Writes `TRADES` as recorded errors do, `Trades`.
fn title(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters.map(|letter| letter.to_ascii_lowercase())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_joined_to_weeks() {
        let bar = |date: &str, high, volume| Bar {
            date: date.parse().unwrap(),
            open: Some(10.0),
            high,
            low: Some(9.0),
            close: 11.0,
            volume,
        };
        let week = [
            bar("2026-08-24", Some(12.0), Some(5.0)),
            bar("2026-08-25", Some(14.0), Some(6.0)),
            Bar { close: 13.0, open: Some(11.0), ..bar("2026-08-28", Some(13.5), Some(7.0)) },
        ];
        let whole = joined(&week).unwrap();
        assert_eq!(whole.date, week[2].date);
        assert_eq!((whole.open, whole.high, whole.low), (Some(10.0), Some(14.0), Some(9.0)));
        assert_eq!((whole.close, whole.volume), (13.0, Some(18.0)));
        assert_eq!(joined(&[week[0], bar("2026-08-25", None, None)]).unwrap().high, None);
        assert_eq!(joined(&[]), None);
        let monday = Period::Week.of_day(week[2].date);
        assert_eq!(monday, week[0].date);
        assert_eq!(Period::Month.of_day(monday), "2026-08-01".parse().unwrap());
    }

    #[test]
    fn durations_are_read() {
        assert_eq!(Duration::of("5 D"), Ok(Duration::Days(5)));
        assert_eq!(Duration::of("86401 S"), Ok(Duration::Days(2)));
        assert_eq!(Duration::of("2 Y"), Ok(Duration::Months(24)));
        for bad in ["", "D", "5", "5 d", "0 D", "-1 D", "400 D", "5  D", "1 Z"] {
            assert_eq!(Duration::of(bad).unwrap_err().code, 321, "{bad}");
        }
        assert!(Duration::of("400 D").unwrap_err().text.ends_with("must be made in years."));
        let end = "2026-08-31T15:00:00Z".parse().unwrap();
        assert_eq!(Duration::Months(6).before(end).to_rfc3339(), "2026-02-28T15:00:00+00:00");
        assert_eq!(Duration::Months(u32::MAX).before(end), DateTime::UNIX_EPOCH);
    }

    #[test]
    fn words_begin_with_a_capital() {
        assert_eq!(title("TRADES"), "Trades");
        assert_eq!(title(""), "");
    }
}
