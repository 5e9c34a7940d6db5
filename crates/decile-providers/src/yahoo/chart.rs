//! Daily bars and corporate actions, which come in one reply.

mod events;
mod wire;

use super::Yahoo;
use super::envelope::{self, short};
use super::spelling;
use crate::asked::Asked;
use crate::notes::Notes;
use crate::rows::DailyBar;
use crate::{Reply, Url};
use chrono::{DateTime, Days, NaiveDate, NaiveTime};
use chrono_tz::Tz;
use decile_core::source::{Basis, Fetched, SourceError};
use decile_core::{Currency, DateRange, Symbol};
pub(super) use events::Event;
use wire::{Chart, Meta, Quotes};

/// What one chart says.
#[derive(Debug)]
pub(super) struct History {
    pub(super) bars: Fetched<DailyBar>,
    pub(super) events: Fetched<Event>,
    /// Whether the session of the last bar was not over yet.
    pub(super) is_open: bool,
}

/// Bars before the span that are asked for too: what a spin-off was worth shows in the close before.
const DAYS_BEFORE: u64 = 10;
/// Sessions east of Greenwich begin on the day before, those west of it end on the day after.
const DAYS_AFTER: u64 = 2;

impl Yahoo {
    /// Fetches the chart of a stock.
    pub(super) async fn history(
        &self,
        symbol: &Symbol,
        range: DateRange,
    ) -> Result<History, SourceError> {
        let asked = Self::asked(symbol).within(range);
        self.chart(&spelling::symbol(symbol), range, &asked).await
    }

    /// Fetches the chart of a currency in dollars.
    pub(super) async fn exchange(
        &self,
        currency: Currency,
        range: DateRange,
    ) -> Result<History, SourceError> {
        let asked = Self::asked(currency).within(range);
        self.chart(&format!("{currency}{}=X", Currency::USD), range, &asked).await
    }

    async fn chart(
        &self,
        spelt: &str,
        range: DateRange,
        asked: &Asked,
    ) -> Result<History, SourceError> {
        let read = |reply: &Reply| read(reply, spelt, range, asked);
        self.caller().plain("chart", url(spelt, range), asked, read).await
    }
}

fn url(spelt: &str, range: DateRange) -> Url {
    let mut url = super::address(&["v8", "finance", "chart", spelt]);
    let from = range.from().checked_sub_days(Days::new(DAYS_BEFORE)).unwrap_or(range.from());
    let to = range.to().checked_add_days(Days::new(DAYS_AFTER)).unwrap_or(range.to());
    let midnight =
        |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc().timestamp().to_string();
    url.query_pairs_mut()
        .append_pair("period1", &midnight(from))
        .append_pair("period2", &midnight(to))
        .append_pair("interval", "1d")
        .append_pair("includePrePost", "false")
        .append_pair("events", "div|split");
    url
}

/// Reads a chart; rows outside the span are nobody's.
pub(super) fn read(
    reply: &Reply,
    spelt: &str,
    range: DateRange,
    asked: &Asked,
) -> Result<History, SourceError> {
    let charts: Vec<Chart> = envelope::open(reply, asked)?;
    let chart = charts.into_iter().next().ok_or_else(|| asked.no_data())?;
    // A window without data comes with status 200 and whatever granularity.
    if chart.timestamps().is_empty() {
        return Err(asked.no_data());
    }
    check(&chart.meta, spelt, asked)?;
    let zone = zone(&chart.meta, asked)?;
    let rows = Rows::read(&chart, zone, asked)?;
    let events = events::read(&chart, zone, &rows.bars, range);

    let (mut bars, mut notes) = (rows.bars, Notes::default());
    bars.retain(|bar| range.contains(bar.date));
    for (date, why) in rows.dropped.into_iter().filter(|(date, _)| range.contains(*date)) {
        notes.drop(format!("{date}: {why}"));
    }
    let mut fetched = Fetched::new(bars);
    notes.append_to(&mut fetched);
    let context = Context { meta: &chart.meta, zone, reply };
    Ok(History {
        bars: context.complete(fetched),
        events: context.complete(events),
        is_open: rows.is_open,
    })
}

/// Refuses what is not the daily chart of this symbol: Yahoo answers long spans in months, unasked.
fn check(meta: &Meta, spelt: &str, asked: &Asked) -> Result<(), SourceError> {
    match meta.data_granularity.as_str() {
        Some("1d") => {}
        Some(other) => {
            let found = short(other);
            return Err(asked.decode(format!("its bars are of {found:?} instead of a day")));
        }
        None => return Err(asked.decode("it does not say how long its bars are")),
    }
    match meta.symbol.as_str() {
        Some(found) if !found.eq_ignore_ascii_case(spelt) => {
            let found = short(found);
            Err(asked.decode(format!("it is about {found:?} instead of {spelt:?}")))
        }
        _ => Ok(()),
    }
}

/// Returns the exchange's time zone by its name. The offset beside it is that of the day of the
/// call, which is wrong for half the year.
fn zone(meta: &Meta, asked: &Asked) -> Result<Tz, SourceError> {
    let name = meta.exchange_timezone_name.as_str();
    let name = name.ok_or_else(|| asked.decode("it names no time zone"))?;
    name.parse().map_err(|_| asked.decode(format!("nobody knows its time zone {:?}", short(name))))
}

fn date(seconds: i64, zone: Tz) -> Option<NaiveDate> {
    Some(DateTime::from_timestamp(seconds, 0)?.with_timezone(&zone).date_naive())
}

/// What a chart says about all of its rows.
struct Context<'a> {
    meta: &'a Meta,
    zone: Tz,
    reply: &'a Reply,
}

impl Context<'_> {
    fn complete<T>(&self, mut fetched: Fetched<T>) -> Fetched<T> {
        let text = self.meta.currency.as_str();
        fetched.currency = spelling::currency(text);
        fetched.timezone = Some(self.zone.name().into());
        fetched.basis = Basis::SplitAdjusted;
        fetched.retrieved_at = Some(self.reply.retrieved_at());
        if fetched.currency.is_none() {
            let found =
                text.map_or_else(|| "no currency".to_owned(), |text| format!("{:?}", short(text)));
            let warning = format!("the currency of the prices is not known: Yahoo names {found}");
            fetched.warnings.push(warning);
        }
        fetched
    }
}

/// The bars of a chart, those before the span included.
struct Rows {
    bars: Vec<DailyBar>,
    dropped: Vec<(NaiveDate, &'static str)>,
    is_open: bool,
}

impl Rows {
    fn read(chart: &Chart, zone: Tz, asked: &Asked) -> Result<Self, SourceError> {
        let times = chart.timestamps();
        let quotes = chart.quotes();
        let adjusted = chart.adjusted();
        let lengths = quotes.lengths().into_iter().chain([adjusted.len()]);
        if lengths.into_iter().any(|length| length != 0 && length != times.len()) {
            return Err(asked.decode("its columns are of different lengths"));
        }
        let last = Last::of(&chart.meta, zone);
        let mut rows =
            Self { bars: Vec::with_capacity(times.len()), dropped: vec![], is_open: false };
        let mut previous: Option<NaiveDate> = None;
        for (row, seconds) in times.iter().enumerate() {
            let date = date(*seconds, zone);
            let date = date.ok_or_else(|| asked.decode("a bar is beyond all calendars"))?;
            if previous.is_some_and(|previous| date < previous) {
                return Err(asked.decode(format!("the bar of {date} comes after a later one")));
            }
            if previous == Some(date) && rows.bars.last().is_some_and(|bar| bar.date == date) {
                // A session that is going on comes twice: as it was some minutes ago, and live.
                rows.bars.pop();
                rows.dropped.push((date, "Yahoo sent the session twice; the later bar stays"));
            }
            previous = Some(date);
            let is_last = row + 1 == times.len();
            let bar = DailyBar {
                partial: is_last && last.is_live(*seconds, date),
                ..quotes.bar(row, date, adjusted)
            };
            match bar.close {
                Some(_) => rows.bars.push(bar),
                None => rows.dropped.push((date, "the bar has no close")),
            }
            rows.is_open = is_last && last.is_open(date);
        }
        Ok(rows)
    }
}

/// What tells a session that goes on from those that are over.
struct Last {
    /// Time and day of the newest trade.
    traded: Option<(i64, NaiveDate)>,
    /// Begin and end of the regular session of that time, or of the next one.
    hours: Option<(i64, i64)>,
}

impl Last {
    fn of(meta: &Meta, zone: Tz) -> Self {
        let traded = meta.regular_market_time.instant().map(|time| time.timestamp());
        let hours = meta.current_trading_period.as_ref().and_then(|period| period.regular.as_ref());
        let seconds = |number: super::number::Number| Some(number.instant()?.timestamp());
        Self {
            traded: traded.and_then(|time| Some((time, date(time, zone)?))),
            hours: hours.and_then(|hours| Some((seconds(hours.start)?, seconds(hours.end)?))),
        }
    }

    /// Tells whether the bar of the day may still change: it bears the time of the newest trade
    /// instead of the session's open, or the session goes on.
    fn is_live(&self, seconds: i64, day: NaiveDate) -> bool {
        self.traded.is_some_and(|(time, _)| time == seconds) || self.is_open(day)
    }

    fn is_open(&self, day: NaiveDate) -> bool {
        let (Some((time, traded)), Some((start, end))) = (self.traded, self.hours) else {
            return false;
        };
        traded == day && (start..end).contains(&time)
    }
}

impl Quotes {
    fn bar(&self, row: usize, date: NaiveDate, adjusted: &[super::number::Number]) -> DailyBar {
        let at = |column: &[super::number::Number]| column.get(row).copied().unwrap_or_default();
        DailyBar {
            open: at(&self.open).positive(),
            high: at(&self.high).positive(),
            low: at(&self.low).positive(),
            close: at(&self.close).positive(),
            adj_close: at(adjusted).positive(),
            volume: at(&self.volume).amount().filter(|volume| *volume >= 0.0),
            ..DailyBar::new(date)
        }
    }
}
