//! Moves that no action explains.

use chrono::NaiveDate;
use decile_core::{Bar, Calendar, CorporateAction, Stock};

/// A move between two neighbouring bars, what was split and paid out counted in.
#[derive(Debug, PartialEq)]
pub(super) struct Jump {
    pub(super) date: NaiveDate,
    pub(super) change: f64,
}

/// Finds the first move of more than `jump_max` up or down. Bars further apart than a price may be
/// old are not neighbours: much can happen in a month.
pub(super) fn first(
    bars: &[Bar],
    actions: &[CorporateAction],
    calendar: &Calendar,
    jump_max: f64,
) -> Option<Jump> {
    bars.array_windows().find_map(|[before, after]| {
        let apart = calendar.position(after.date)? - calendar.position(before.date)?;
        let mut value = after.close;
        for action in CorporateAction::due(actions, before.date, after.date).into_iter().rev() {
            value += action.cash().unwrap_or_default();
            value *= action.split_ratio().unwrap_or(1.0);
        }
        let change = value / before.close - 1.0;
        let is_jump = apart <= Stock::PRICE_AGE_SESSIONS_MAX && change.abs() > jump_max;
        is_jump.then_some(Jump { date: after.date, change })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use decile_core::ActionKind;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 1, d).unwrap()
    }

    fn jump(closes: &[(u32, f64)], actions: &[(u32, ActionKind, f64)]) -> Option<Jump> {
        let bars: Vec<Bar> =
            closes.iter().map(|(d, close)| Bar::close_only(day(*d), *close)).collect();
        let action = |(d, kind, value): &(u32, ActionKind, f64)| CorporateAction {
            symbol: "KO".parse().unwrap(),
            ex_date: day(*d),
            kind: *kind,
            value: *value,
        };
        let actions: Vec<_> = actions.iter().map(action).collect();
        first(&bars, &actions, Calendar::nyse(), 0.40)
    }

    #[test]
    fn a_split_without_an_action_is_a_jump() {
        let closes = [(2, 400.0), (3, 401.0), (4, 100.0)];
        let found = jump(&closes, &[]).unwrap();
        assert_eq!((found.date, (found.change * 100.0).round()), (day(4), -75.0));
        assert_eq!(jump(&closes, &[(4, ActionKind::Split, 4.0)]), None);
        // The ratio the wrong way round makes it worse.
        assert!(jump(&closes, &[(4, ActionKind::Split, 0.25)]).is_some());
    }

    #[test]
    fn what_is_paid_out_is_no_loss() {
        // Two for one, and 30 in cash on the new basis.
        let paid = [(3, ActionKind::Split, 2.0), (3, ActionKind::Dividend, 30.0)];
        assert_eq!(jump(&[(2, 100.0), (3, 20.0)], &paid), None);
    }

    #[test]
    fn bars_that_are_months_apart_are_not_neighbours() {
        assert_eq!(jump(&[(2, 100.0), (31, 50.0)], &[]), None);
        assert!(jump(&[(2, 100.0), (9, 50.0)], &[]).is_some());
    }
}
