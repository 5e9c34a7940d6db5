//! What splits and payouts do to a series of closes.

use chrono::NaiveDate;
use decile_core::{CorporateAction, Stock};

/// The factor of every ex-date, by which a close before it is put on the basis after it:
/// (1 / ratio) * (1 - cash / P_prev), the second term being [`CorporateAction::price_factor`].
///
/// P_prev is the last close before the ex-date on the ex-date's share basis: divided by every split
/// after it, up to and including the ex-date. Without an earlier close, or where the second term is
/// not positive, the first stands alone (the convention of Yahoo and zipline). Several payouts of
/// one ex-date are one sum.
fn ex_date_factors(stock: &Stock) -> Vec<(NaiveDate, f64)> {
    let bars = stock.bars();
    let (mut earlier, mut splits_since) = (0, 1.0);
    let mut factors = Vec::new();
    for day in stock.actions().chunk_by(|a, b| a.ex_date == b.ex_date) {
        let ex_date = day[0].ex_date;
        let advanced = bars[earlier..].partition_point(|bar| bar.date < ex_date);
        if advanced > 0 {
            (earlier, splits_since) = (earlier + advanced, 1.0);
        }
        let split: f64 = day.iter().filter_map(CorporateAction::split_ratio).product();
        let cash: f64 = day.iter().filter_map(CorporateAction::cash).sum();
        splits_since *= split;
        let previous = earlier.checked_sub(1).map(|bar| bars[bar].close / splits_since);
        let kept = previous.and_then(|close| CorporateAction::price_factor(cash, close));
        factors.push((ex_date, kept.unwrap_or(1.0) / split));
    }
    factors
}

/// A bar, by its index, with the total-return index there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    pub(super) bar: usize,
    pub(super) index: f64,
}

impl Level {
    /// Where every index begins.
    pub(super) const FIRST: Self = Self { bar: 0, index: 1.0 };
}

/// The forward total-return index from a bar on: 1 at the first of all, then times (P_t / P_prev)
/// divided by the factors of the ex-dates in (prev, t].
pub(super) fn total_return(stock: &Stock, from: Level) -> Vec<f64> {
    let factors = ex_date_factors(stock);
    let mut pending = factors.iter().peekable();
    let mut level = from.index;
    let mut previous: Option<f64> = None;
    let next = |bar: &decile_core::Bar| {
        let mut factor = 1.0;
        while let Some((_, one)) = pending.next_if(|(ex_date, _)| *ex_date <= bar.date) {
            factor *= one;
        }
        if let Some(close) = previous {
            level *= bar.close / close / factor;
        }
        previous = Some(bar.close);
        level
    };
    stock.bars().iter().skip(from.bar).map(next).collect()
}

/// Returns the backward-adjusted close of every bar: each raw close times the factors of all later
/// ex-dates, those after the last bar included.
///
/// For people and for files only. Every later payout rescales the whole series, so a factor that
/// read it would look ahead; factors read [`Field::TotalReturn`](crate::Field::TotalReturn), whose
/// ratios are the same.
///
/// ```
/// # use chrono::NaiveDate;
/// # use decile_core::{ActionKind, Bar, Calendar, CorporateAction, Market, Security, Symbol, Tables};
/// # let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).expect("a date");
/// # let symbol: Symbol = "KO".parse()?;
/// # let mut tables = Tables::default();
/// # tables.securities.push(Security::us(symbol.clone(), "Coca-Cola", "Consumer Staples"));
/// # tables.prices.push((symbol.clone(), Bar::close_only(day(2), 100.0)));
/// # tables.prices.push((symbol.clone(), Bar::close_only(day(3), 52.0)));
/// # tables.actions.push(CorporateAction { symbol, ex_date: day(3), kind: ActionKind::Split, value: 2.0 });
/// # let market = Market::new(Calendar::from_sessions(vec![day(2), day(3)])?, tables)?;
/// // Split two for one on the second session.
/// assert_eq!(decile_factor::adjusted_closes(&market.stocks()[0]), [50.0, 52.0]);
/// # Ok::<(), decile_core::Error>(())
/// ```
#[must_use]
pub fn adjusted_closes(stock: &Stock) -> Vec<f64> {
    let factors = ex_date_factors(stock);
    let mut later = factors.iter().rev().peekable();
    let mut factor = 1.0;
    let adjusted = |bar: &decile_core::Bar| {
        while let Some((_, one)) = later.next_if(|(ex_date, _)| *ex_date > bar.date) {
            factor *= one;
        }
        bar.close * factor
    };
    let mut closes: Vec<f64> = stock.bars().iter().rev().map(adjusted).collect();
    closes.reverse();
    closes
}

#[cfg(test)]
mod tests {
    use super::*;
    use decile_core::{ActionKind, Bar, Calendar, Market, Security, Symbol, Tables};

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 1, d).unwrap()
    }

    fn market(closes: &[(u32, f64)], actions: &[(u32, ActionKind, f64)]) -> Market {
        let symbol: Symbol = "KO".parse().unwrap();
        let bar = |&(d, close): &(u32, f64)| (symbol.clone(), Bar::close_only(day(d), close));
        let action = |&(d, kind, value): &(u32, ActionKind, f64)| CorporateAction {
            symbol: symbol.clone(),
            ex_date: day(d),
            kind,
            value,
        };
        let tables = Tables {
            securities: vec![Security::us(symbol.clone(), "Coca-Cola", "Staples")],
            prices: closes.iter().map(bar).collect(),
            actions: actions.iter().map(action).collect(),
            ..Tables::default()
        };
        let sessions = (2..=20).map(day).collect();
        Market::new(Calendar::from_sessions(sessions).unwrap(), tables).unwrap()
    }

    fn index(market: &Market) -> Vec<f64> {
        total_return(&market.stocks()[0], Level::FIRST)
    }

    #[test]
    fn a_split_and_a_dividend_of_one_day_leave_the_holder_whole() {
        // 100 -> 2-for-1 and 1 in cash on the new basis -> 49: 2 shares of 49 and 2 in cash.
        let market = market(
            &[(2, 100.0), (3, 49.0)],
            &[(3, ActionKind::Dividend, 1.0), (3, ActionKind::Split, 2.0)],
        );
        // 49/100 / (1/2 * (1 - 1/50)) = 1 by hand.
        assert!((index(&market)[1] - 1.0).abs() < 1e-15);
    }

    #[test]
    fn actions_inside_a_halt_are_applied_in_turn() {
        // Dividend 2 on the old basis (100), then 4-for-1, then dividend 1 on the basis of 25.
        let market = market(
            &[(2, 100.0), (10, 30.0)],
            &[
                (4, ActionKind::Dividend, 2.0),
                (5, ActionKind::Split, 4.0),
                (8, ActionKind::Spinoff, 1.0),
            ],
        );
        let by_hand = 0.3 / (0.98 * 0.25 * (1.0 - 1.0 / 25.0));
        assert!((index(&market)[1] / by_hand - 1.0).abs() < 1e-15);
    }

    #[test]
    fn payouts_before_the_first_close_and_of_more_than_the_price_are_left_out() {
        let early = market(&[(5, 10.0)], &[(3, ActionKind::Dividend, 1.0)]);
        assert_eq!(index(&early), [1.0]);
        let absurd = market(&[(2, 10.0), (3, 9.0)], &[(3, ActionKind::Dividend, 10.0)]);
        assert_eq!(index(&absurd), [1.0, 0.9]);
    }

    #[test]
    fn later_ex_dates_rescale_the_backward_series_only() {
        let before = market(&[(2, 100.0), (3, 110.0)], &[]);
        let after = market(&[(2, 100.0), (3, 110.0)], &[(9, ActionKind::Dividend, 11.0)]);
        assert_eq!(index(&before), index(&after));
        assert_eq!(adjusted_closes(&after.stocks()[0]), [90.0, 99.0]);
    }
}
