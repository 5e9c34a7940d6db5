//! Bars as if dividends had been put back into the stock.

use super::Engine;
use crate::venue::Listing;
use chrono::NaiveDate;
use decile_core::{Bar, CorporateAction, Symbol};

impl Engine {
    /// Returns the bars of a stock adjusted for its dividends and spin-offs up to the last known
    /// close; for splits they are already.
    pub(super) fn adjusted(&self, listing: &Listing) -> Vec<Bar> {
        adjusted(&listing.bars, self.floor.actions(), &listing.symbol, self.book.known())
    }
}

/// Multiplies the prices before each ex-date by what its payout leaves of the close before it
/// ([`CorporateAction::price_factor`]).
fn adjusted(
    bars: &[Bar],
    actions: &[CorporateAction],
    symbol: &Symbol,
    known: NaiveDate,
) -> Vec<Bar> {
    let own: Vec<&CorporateAction> = CorporateAction::due(actions, NaiveDate::MIN, known)
        .into_iter()
        .filter(|action| action.symbol == *symbol)
        .collect();
    let mut adjusted = bars.to_vec();
    for action in &own {
        let Some(cash) = action.cash() else { continue };
        // The bars are on the share basis of the end; the payout is on that of its day.
        let later = own.iter().filter(|split| split.ex_date > action.ex_date);
        let ratio: f64 = later.filter_map(|split| split.split_ratio()).product();
        let before = bars.partition_point(|bar| bar.date < action.ex_date);
        let Some(close) = before.checked_sub(1).map(|last| bars[last].close) else { continue };
        if let Some(factor) = CorporateAction::price_factor(cash / ratio, close) {
            adjusted[..before].iter_mut().for_each(|bar| *bar = times(bar, factor));
        }
    }
    adjusted
}

fn times(bar: &Bar, factor: f64) -> Bar {
    let by = |price: f64| price * factor;
    Bar {
        open: bar.open.map(by),
        high: bar.high.map(by),
        low: bar.low.map(by),
        close: by(bar.close),
        ..*bar
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use decile_core::ActionKind;

    #[test]
    fn dividends_lower_what_was_before_them() {
        let bar = |date: &str, close| Bar {
            date: date.parse().unwrap(),
            open: None,
            high: Some(close + 1.0),
            low: None,
            close,
            volume: Some(7.0),
        };
        let bars = [bar("2026-08-24", 50.0), bar("2026-08-25", 49.0), bar("2026-08-26", 50.0)];
        let action = |symbol: &str, date: &str, kind, value| CorporateAction {
            symbol: symbol.parse().unwrap(),
            ex_date: date.parse().unwrap(),
            kind,
            value,
        };
        let actions = [
            // A dollar of the old share is half a dollar of the new: 1 % of 50.
            action("KO", "2026-08-25", ActionKind::Dividend, 1.0),
            action("KO", "2026-08-26", ActionKind::Split, 2.0),
            action("PEP", "2026-08-25", ActionKind::Dividend, 9.0),
            // Not known yet.
            action("KO", "2026-08-27", ActionKind::Dividend, 9.0),
        ];
        let known = "2026-08-26".parse().unwrap();
        let adjusted = adjusted(&bars, &actions, &"KO".parse().unwrap(), known);
        let closes: Vec<f64> = adjusted.iter().map(|bar| bar.close).collect();
        assert_eq!(closes, [49.5, 49.0, 50.0]);
        assert_eq!((adjusted[0].high, adjusted[0].volume), (Some(51.0 * 0.99), Some(7.0)));
        assert_eq!(adjusted[0].open, None);
    }
}
