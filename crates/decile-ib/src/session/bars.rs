//! Daily bars.

use super::Session;
use crate::Error;
use chrono::NaiveDate;
use decile_core::{Bar, Calendar, DateRange, Symbol};
use ibapi::market_data::historical::{Bar as WireBar, BarSize, BarTimestamp, Duration, WhatToShow};
use std::sync::Arc;
use tokio::time::{Instant, sleep_until};

impl Session {
    /// Returns the bars of a span, of the regular sessions.
    ///
    /// The gateway counts back from now, so a span that ended long ago costs all that came after it.
    pub(crate) async fn bars(
        self: &Arc<Self>,
        symbol: &Symbol,
        range: DateRange,
    ) -> Result<Vec<Bar>, Error> {
        let contract = self.contract(symbol).await?;
        let today = Calendar::nyse().local_date(self.config.clock.now());
        sleep_until(self.history.take(Instant::now())).await;
        let session = Arc::clone(self);
        let ask = async move {
            let client = session.client();
            let history = client.historical_data(&contract, BarSize::Day);
            let history = history.what_to_show(WhatToShow::Trades).duration(back_to(range, today));
            history.fetch().await.map_err(Error::from_client)
        };
        let after = self.config.quote_timeout.max(self.config.request_timeout);
        let history = self.bounded(("daily bars", after), ask).await?;
        let bars: Vec<_> = history.bars.iter().map(read).collect::<Result<_, _>>()?;
        Ok(bars.into_iter().filter(|bar| range.contains(bar.date)).collect())
    }
}

/// Returns how long ago a span began, in the units that the gateway takes.
fn back_to(range: DateRange, today: NaiveDate) -> Duration {
    // One day more: the gateway counts sessions, of which the current one is the first.
    let days = today.signed_duration_since(range.from()).num_days().clamp(0, 36_500) + 1;
    #[expect(clippy::cast_possible_truncation, reason = "at most 36,501")]
    match days {
        ..=365 => Duration::days(days as i32),
        _ => Duration::years(days.div_euclid(365) as i32 + 1),
    }
}

fn read(bar: &WireBar) -> Result<Bar, Error> {
    let unreadable = || Error::Unreadable { what: "a daily bar", text: format!("{bar:?}") };
    let date = match bar.date {
        BarTimestamp::Date(date) => {
            NaiveDate::from_yo_opt(date.year(), u32::from(date.ordinal())).ok_or_else(unreadable)?
        }
        BarTimestamp::DateTime(_) => return Err(unreadable()),
    };
    let known = |price: f64| (price > 0.0 && price < f64::MAX).then_some(price);
    Ok(Bar {
        date,
        open: known(bar.open),
        high: known(bar.high),
        low: known(bar.low),
        close: known(bar.close).ok_or_else(unreadable)?,
        // -1 says that it is not known.
        volume: (bar.volume >= 0.0 && bar.volume < f64::MAX).then_some(bar.volume),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_asked_for_in_days_and_then_in_years() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = day("2026-11-20");
        let back = |from: &str| back_to(DateRange::new(day(from), today).unwrap(), today);
        assert_eq!(back("2026-11-20"), Duration::days(1));
        assert_eq!(back("2026-11-13"), Duration::days(8));
        assert_eq!(back("2025-11-21"), Duration::days(365));
        assert_eq!(back("2025-11-20"), Duration::years(2));
        assert_eq!(back("2016-11-20"), Duration::years(11));
        let ahead = DateRange::new(day("2026-12-01"), day("2026-12-02")).unwrap();
        assert_eq!(back_to(ahead, today), Duration::days(1));
    }
}
