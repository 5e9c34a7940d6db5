//! Bars: those of days as they are, those within a day as they are drawn between its prices.

use super::notice::Refusal;
use super::reply::{BarView, Reply};
use super::request::HistoryQuery;
use super::{ConnectionId, Engine, intraday, times};
use chrono::{DateTime, Months, TimeDelta, Utc};
use decile_core::{Bar, Calendar};

/// Bar sizes that a real gateway knows; those of weeks and months are not here.
const BAR_SIZES: [&str; 21] = [
    "1 secs", "5 secs", "10 secs", "15 secs", "30 secs", "1 min", "2 mins", "3 mins", "5 mins",
    "10 mins", "15 mins", "20 mins", "30 mins", "1 hour", "2 hours", "3 hours", "4 hours",
    "8 hours", "1 day", "1W", "1M",
];

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
        if !BAR_SIZES.contains(&query.bar_size.as_str()) {
            return Err(Refusal::invalid(format!(
                "Historical data bar size setting is invalid. Legal ones are: {}",
                BAR_SIZES.join(", ")
            )));
        }
        let end = match query.end.as_str() {
            "" => self.clock.now(),
            text => times::read(text).ok_or_else(|| {
                Refusal::invalid(format!(
                    "Historical data query end date/time string [{text}] is invalid.  \
                    Format is 'YYYYMMDD{{SPACE}}hh:mm:ss[{{SPACE}}TMZ]'."
                ))
            })?,
        };
        let duration = Duration::of(&query.duration)?;
        let start = duration.before(end);
        let subject = format!("{}@SMART {}", listing.wire_symbol, title(&query.what));
        let seconds = intraday::seconds(&query.bar_size);
        let is_known = query.bar_size == "1 day" || seconds.is_some();
        if !is_known || query.what != "TRADES" || query.keep_up_to_date {
            return Err(Refusal::no_history(subject));
        }
        let until = listing.bars.partition_point(|bar| has_opened(bar, end));
        let known = &listing.bars[..until];
        let from = match duration {
            Duration::Days(days) => until.saturating_sub(days),
            _ => known.partition_point(|bar| bar.date < times::local_date(start)),
        };
        let known = &known[from..];
        let bars: Vec<BarView> = match seconds {
            None => known.iter().map(whole_day).collect(),
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
        Ok((bars, times::local(start), times::local(end)))
    }
}

/// How many bars are given at once.
const BARS_MAX: usize = 100_000;

/// Returns about how many bars of a size there are in so many days of six and a half hours.
fn count_of(days: &[Bar], seconds: i64) -> usize {
    days.len().saturating_mul(usize::try_from(23_400 / seconds).unwrap_or(1).max(1))
}

fn whole_day(day: &Bar) -> BarView {
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
