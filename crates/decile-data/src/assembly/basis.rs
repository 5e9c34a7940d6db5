//! Puts back as traded what a provider adjusted for later splits and spin-offs.

use chrono::NaiveDate;
use decile_core::source::{Basis, Fetched};
use decile_core::{ActionKind, Bar, CorporateAction};

/// The bars and actions of one stock as they were at the time.
#[derive(Debug, PartialEq)]
pub(super) struct AsTraded {
    pub(super) bars: Vec<Bar>,
    pub(super) actions: Vec<CorporateAction>,
}

/// By how much the prices before an ex-date were divided.
struct Step {
    ex_date: NaiveDate,
    factor: f64,
}

/// Undoes the adjustments, each list by its own basis. The actions have to reach up to the day on
/// which the bars were fetched.
pub(super) fn as_traded(bars: Fetched<Bar>, actions: Fetched<CorporateAction>) -> AsTraded {
    let (bars_adjusted, actions_adjusted) =
        (bars.basis == Basis::SplitAdjusted, actions.basis == Basis::SplitAdjusted);
    let (mut bars, mut actions) = (bars.rows, actions.rows);
    if !bars_adjusted && !actions_adjusted {
        return AsTraded { bars, actions };
    }
    // From the last ex-date back, `later` being the product of the steps that follow the day.
    let mut steps: Vec<Step> = Vec::new();
    let mut later = 1.0;
    for day in actions.chunk_by_mut(|a, b| a.ex_date == b.ex_date).rev() {
        let ex_date = day[0].ex_date;
        let before = bars.partition_point(|bar| bar.date < ex_date);
        let before = before.checked_sub(1).map(|bar| bars[bar].close);
        let split: f64 = day.iter().filter_map(CorporateAction::split_ratio).product();
        let mut factor = split;
        for action in day.iter_mut().filter(|action| action.kind != ActionKind::Split) {
            if actions_adjusted {
                action.value *= later;
            }
            if action.kind == ActionKind::Spinoff {
                // Of a share at P one at P - c was left: a step of P / (P - c).
                let worth = before.and_then(|close| match bars_adjusted {
                    // The close was divided by the step already: P - c itself.
                    true => Some(1.0 + action.value / (close * later)),
                    false => CorporateAction::price_factor(action.value * split, close)
                        .map(|left| 1.0 / left),
                });
                factor *= worth.filter(|step| step.is_finite() && *step >= 1.0).unwrap_or(1.0);
            }
        }
        later *= factor;
        steps.push(Step { ex_date, factor });
    }
    if bars_adjusted {
        undo(&mut bars, &steps);
    }
    AsTraded { bars, actions }
}

/// Multiplies each price by the steps after its day, which come last first.
fn undo(bars: &mut [Bar], steps: &[Step]) {
    let mut steps = steps.iter().peekable();
    let mut later = 1.0;
    for bar in bars.iter_mut().rev() {
        while let Some(step) = steps.next_if(|step| step.ex_date > bar.date) {
            later *= step.factor;
        }
        bar.close *= later;
        for price in [&mut bar.open, &mut bar.high, &mut bar.low] {
            *price = price.map(|price| price * later);
        }
        bar.volume = bar.volume.map(|volume| volume / later);
    }
}

/// Divides a share count that was restated for later splits by them. Spin-offs leave counts alone.
pub(super) fn shares_of_period(
    shares: f64,
    period_end: NaiveDate,
    actions: &[CorporateAction],
) -> f64 {
    let later = actions.iter().filter(|action| action.ex_date > period_end);
    shares / later.filter_map(CorporateAction::split_ratio).product::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 1, d).unwrap()
    }

    fn action(d: u32, kind: ActionKind, value: f64) -> CorporateAction {
        CorporateAction { symbol: "GE".parse().unwrap(), ex_date: day(d), kind, value }
    }

    /// A stock at 96, from which 16 is spun off, then a dividend of 4, then split 4 for 1, then a
    /// dividend of 0.5; nothing else moves it.
    const RAW: [(u32, f64); 4] = [(2, 96.0), (3, 80.0), (4, 76.0), (5, 19.0)];

    fn raw() -> AsTraded {
        let bar = |(d, close)| Bar { volume: Some(100.0), ..Bar::close_only(day(d), close) };
        AsTraded {
            bars: RAW.map(bar).to_vec(),
            actions: vec![
                action(3, ActionKind::Spinoff, 16.0),
                action(4, ActionKind::Dividend, 4.0),
                action(5, ActionKind::Split, 4.0),
                action(8, ActionKind::Dividend, 0.5),
            ],
        }
    }

    /// What a provider makes of it that writes the spin-off as a split of 1.2: 96/80.
    fn adjusted() -> (Fetched<Bar>, Fetched<CorporateAction>) {
        let bar =
            |(d, close, volume)| Bar { volume: Some(volume), ..Bar::close_only(day(d), close) };
        let rows =
            [(2, 96.0 / 1.2 / 4.0, 480.0), (3, 20.0, 400.0), (4, 19.0, 400.0), (5, 19.0, 100.0)];
        let mut bars = Fetched::new(rows.map(bar).to_vec());
        let mut actions = Fetched::new(vec![
            action(3, ActionKind::Spinoff, 20.0 * 0.2),
            action(4, ActionKind::Dividend, 1.0),
            action(5, ActionKind::Split, 4.0),
            action(8, ActionKind::Dividend, 0.5),
        ]);
        bars.basis = Basis::SplitAdjusted;
        actions.basis = Basis::SplitAdjusted;
        (bars, actions)
    }

    fn assert_alike(found: &AsTraded, expected: &AsTraded) {
        let close = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-14;
        for (a, b) in found.bars.iter().zip(&expected.bars) {
            assert!(close(a.close, b.close), "{a:?} {b:?}");
            assert!(close(a.volume.unwrap(), b.volume.unwrap()), "{a:?} {b:?}");
        }
        for (a, b) in found.actions.iter().zip(&expected.actions) {
            assert!(close(a.value, b.value) && a.ex_date == b.ex_date, "{a:?} {b:?}");
        }
        let lengths = |data: &AsTraded| (data.bars.len(), data.actions.len());
        assert_eq!(lengths(found), lengths(expected));
    }

    #[test]
    fn splits_and_spin_offs_are_undone() {
        let (bars, actions) = adjusted();
        assert_alike(&as_traded(bars, actions), &raw());
    }

    #[test]
    fn each_list_goes_by_its_own_basis() {
        let (bars, actions) = adjusted();
        let AsTraded { bars: raw_bars, actions: raw_actions } = raw();
        assert_alike(&as_traded(bars, Fetched::new(raw_actions.clone())), &raw());
        assert_alike(&as_traded(Fetched::new(raw_bars.clone()), actions), &raw());
        let same = as_traded(Fetched::new(raw_bars), Fetched::new(raw_actions));
        assert_eq!(same, raw());
    }

    #[test]
    fn actions_of_one_day_are_on_the_basis_after_its_split() {
        // 100, then 2 for 1 and 1 in cash on the new basis, then 5 for 1.
        let mut bars =
            Fetched::new(vec![Bar::close_only(day(2), 10.0), Bar::close_only(day(3), 9.8)]);
        let mut actions = Fetched::new(vec![
            action(3, ActionKind::Split, 2.0),
            action(3, ActionKind::Dividend, 0.2),
            action(4, ActionKind::Split, 5.0),
        ]);
        (bars.basis, actions.basis) = (Basis::SplitAdjusted, Basis::SplitAdjusted);
        let undone = as_traded(bars, actions);
        assert_eq!(undone.bars.iter().map(|bar| bar.close).collect::<Vec<_>>(), [100.0, 49.0]);
        assert_eq!(undone.actions[1].value, 1.0);
    }

    #[test]
    fn share_counts_lose_the_splits_after_their_quarter() {
        let actions = raw().actions;
        assert_eq!(shares_of_period(400.0, day(2), &actions), 100.0);
        assert_eq!(shares_of_period(400.0, day(5), &actions), 400.0);
    }
}
