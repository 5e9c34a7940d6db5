use chrono::NaiveDate;
use decile_core::{Calendar, CorporateAction, Stock};

/// Returns the mean volume of a stock, in shares, over the last `sessions` sessions up to `as_of`.
///
/// The mean runs over the sessions on which the stock traded: a halt says nothing about what can be
/// traded on an open day. The answer is missing if
/// - fewer than half of the sessions have a bar, or the calendar has fewer than half of them,
/// - any bar among them lacks its volume: a mean of the rest would pretend to know,
/// - `as_of` is not a session, or `sessions` is 0.
///
/// Volumes before a split are put on the share basis of `as_of`.
///
/// ```
/// use chrono::NaiveDate;
/// use decile_core::{Bar, Calendar, Market, Security, Tables};
/// use decile_data::average_daily_volume;
///
/// let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).expect("a date");
/// let mut tables = Tables::default();
/// tables.securities.push(Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples"));
/// for (d, volume) in [(2, 1000.0), (3, 3000.0)] {
///     let bar = Bar { volume: Some(volume), ..Bar::close_only(day(d), 59.82) };
///     tables.prices.push(("KO".parse()?, bar));
/// }
/// let market = Market::new(Calendar::from_sessions(vec![day(2), day(3)])?, tables)?;
/// let stock = market.stock(&"KO".parse()?).expect("listed");
/// assert_eq!(average_daily_volume(stock, market.calendar(), day(3), 2), Some(2000.0));
/// assert_eq!(average_daily_volume(stock, market.calendar(), day(3), 20), None);
/// # Ok::<(), decile_core::Error>(())
/// ```
#[must_use]
pub fn average_daily_volume(
    stock: &Stock,
    calendar: &Calendar,
    as_of: NaiveDate,
    sessions: usize,
) -> Option<f64> {
    let last = calendar.position(as_of)?;
    let first = (last + 1).saturating_sub(sessions);
    let from = *calendar.sessions()[..=last].get(first)?;
    let bars = stock.bars();
    let bars = &bars[bars.partition_point(|bar| bar.date < from)..];
    let bars = &bars[..bars.partition_point(|bar| bar.date <= as_of)];
    if bars.len() < sessions.div_ceil(2) {
        return None;
    }
    let splits_after = |date: NaiveDate| -> f64 {
        let later = stock.actions().iter().filter(|a| date < a.ex_date && a.ex_date <= as_of);
        later.filter_map(CorporateAction::split_ratio).product()
    };
    let volumes = bars.iter().map(|bar| Some(bar.volume? * splits_after(bar.date)));
    let total = volumes.sum::<Option<f64>>()?;
    Some(total / bars.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use decile_core::{Bar, Market, Security, Tables};

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 1, d).unwrap()
    }

    /// Ten sessions, 1 to 10 January, with bars of the stock on the days given.
    fn average(bars: &[(u32, Option<f64>)], as_of: NaiveDate, sessions: usize) -> Option<f64> {
        let mut tables = Tables::default();
        tables.securities.push(Security::us("KO".parse().unwrap(), "Coca-Cola", "Staples"));
        for (d, volume) in bars {
            let bar = Bar { volume: *volume, ..Bar::close_only(day(*d), 1.0) };
            tables.prices.push(("KO".parse().unwrap(), bar));
        }
        let calendar = Calendar::from_sessions((1..=10).map(day).collect()).unwrap();
        let market = Market::new(calendar, tables).unwrap();
        average_daily_volume(&market.stocks()[0], market.calendar(), as_of, sessions)
    }

    #[test]
    fn only_the_sessions_asked_for_count() {
        let bars: Vec<_> = (1..=10).map(|d| (d, Some(f64::from(d) * 100.0))).collect();
        assert_eq!(average(&bars, day(9), 4), Some(750.0)); // 600, 700, 800, 900
        assert_eq!(average(&bars, day(2), 4), Some(150.0)); // the calendar begins on the 1st
    }

    #[test]
    fn a_halt_lowers_the_count_not_the_mean() {
        let bars = [(7, Some(100.0)), (10, Some(300.0))];
        assert_eq!(average(&bars, day(10), 4), Some(200.0));
        assert_eq!(average(&bars, day(10), 5), None); // two of five are fewer than half
    }

    #[test]
    fn an_unknown_volume_makes_the_mean_unknown() {
        let bars = [(8, None), (9, Some(100.0)), (10, Some(300.0))];
        assert_eq!(average(&bars, day(10), 3), None);
        assert_eq!(average(&bars, day(10), 2), Some(200.0));
    }

    #[test]
    fn no_session_has_no_mean() {
        let bars = [(10, Some(300.0))];
        assert_eq!(average(&bars, day(11), 1), None);
        assert_eq!(average(&bars, day(10), 0), None);
    }
}
