//! Factors of past prices, on the total-return index: splits and payouts make no return.

use super::each_of;
use super::rolling::{Rolling, rolling_factor};
use crate::{Factor, Field, Window};

/// Total return of a year, with or without its last month: `A[t-21] / A[t-252] - 1` is `mom_12_1`,
/// `A[t] / A[t-252] - 1` is `mom_12_0`.
///
/// - **Source**: Jegadeesh and Titman, *Returns to Buying Winners and Selling Losers* (1993); Fama
///   and French's prior (2-12). The last month is left out because it reverts; `mom_12_0` counts it,
///   as the wording of J.P. Morgan does, and so counts `rev_1m` against itself.
/// - **Inputs**: [`Field::TotalReturn`], [`Field::ClosesObserved`]. **Lookback**: 252 sessions.
/// - **Missing**: if either end is more than 5 sessions old, or if fewer than 200 closes were observed
///   in the 252 sessions up to today.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::price::Momentum;
///
/// assert_eq!(Momentum::twelve_one().name(), "mom_12_1");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Momentum {
    name: &'static str,
    skip: usize,
}

impl Momentum {
    /// Sessions from the start of the return to today.
    const SESSIONS: usize = 252;
    /// Closes that must have been observed in them.
    const CLOSES_MIN: f64 = 200.0;

    /// Makes the factor `mom_12_1`.
    #[must_use]
    pub fn twelve_one() -> Self {
        Self { name: "mom_12_1", skip: 21 }
    }

    /// Makes the factor `mom_12_0`.
    #[must_use]
    pub fn twelve_zero() -> Self {
        Self { name: "mom_12_0", skip: 0 }
    }
}

impl Factor for Momentum {
    fn name(&self) -> &str {
        self.name
    }

    fn inputs(&self) -> &[Field] {
        &[Field::TotalReturn, Field::ClosesObserved]
    }

    fn lookback(&self) -> usize {
        Self::SESSIONS
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let end = window.ago(Field::TotalReturn, self.skip);
        let start = window.ago(Field::TotalReturn, Self::SESSIONS);
        let now = window.today(Field::ClosesObserved);
        let then = window.ago(Field::ClosesObserved, Self::SESSIONS);
        each_of(out, [end, start, now, then], |[end, start, now, then]| {
            if now - then < Self::CLOSES_MIN { f64::NAN } else { end / start - 1.0 }
        });
    }
}

/// Minus the total return of the last 21 sessions: `-(A[t] / A[t-21] - 1)`.
///
/// - **Source**: Jegadeesh, *Evidence of Predictable Behavior of Security Returns* (1990); Lehmann,
///   *Fads, Martingales, and Market Efficiency* (1990): what was sold off last month tends to come
///   back.
/// - **Inputs**: [`Field::TotalReturn`]. **Lookback**: 21 sessions.
/// - **Missing**: if either end is more than 5 sessions old.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::price::Reversal;
///
/// assert_eq!(Reversal::one_month().lookback(), 21);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Reversal {
    name: &'static str,
    sessions: usize,
}

impl Reversal {
    /// Makes the factor `rev_1m`.
    #[must_use]
    pub fn one_month() -> Self {
        Self { name: "rev_1m", sessions: 21 }
    }
}

impl Factor for Reversal {
    fn name(&self) -> &str {
        self.name
    }

    fn inputs(&self) -> &[Field] {
        &[Field::TotalReturn]
    }

    fn lookback(&self) -> usize {
        self.sessions
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let now = window.today(Field::TotalReturn);
        let then = window.ago(Field::TotalReturn, self.sessions);
        each_of(out, [now, then], |[now, then]| -(now / then - 1.0));
    }
}

/// The total-return index over its highest of the last 252 sessions: `A[t] / max(A[t-251..t])`, in
/// (0, 1].
///
/// - **Source**: George and Hwang, *The 52-Week High and Momentum Investing* (2004), who take prices;
///   on the index an ex-date is no fall.
/// - **Inputs**: [`Field::TotalReturn`]. **Lookback**: 251 sessions.
/// - **Direction**: near the high is better.
/// - **Missing**: without a price, or if fewer than 200 of the 252 sessions have one.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::price::HighProximity;
///
/// assert_eq!(HighProximity.name(), "high_52w");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct HighProximity;

impl HighProximity {
    const SESSIONS: usize = 252;
    const PRICES_MIN: f64 = 200.0;
}

rolling_factor!(HighProximity);

/// Count, highest, newest.
impl Rolling<1, 3> for HighProximity {
    const INPUTS: &'static [Field; 1] = &[Field::TotalReturn];
    const NOTHING: [f64; 3] = [0.0, 0.0, f64::NAN];

    fn name(&self) -> &'static str {
        "high_52w"
    }

    fn sessions(&self) -> usize {
        Self::SESSIONS
    }

    fn part(&self, [index]: [f64; 1], _: f64) -> [f64; 3] {
        if index.is_nan() { Self::NOTHING } else { [1.0, index, index] }
    }

    fn join(older: [f64; 3], newer: [f64; 3]) -> [f64; 3] {
        [older[0] + newer[0], older[1].max(newer[1]), newer[2]]
    }

    fn value(&self, [count, highest, newest]: [f64; 3]) -> f64 {
        if count < Self::PRICES_MIN { f64::NAN } else { newest / highest }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{last, matrix, panel, same};
    use super::*;

    /// 253 sessions of three stocks: one that gains a part in a thousand a session, one that did not
    /// trade for 53 sessions, one with exactly 200 closes.
    fn year() -> crate::Panel {
        let skipped = [0, 53, 52];
        panel(
            3,
            vec![
                (Field::TotalReturn, matrix(253, 3, |session, _| 1.0 + session as f64 / 1000.0)),
                (
                    Field::ClosesObserved,
                    matrix(253, 3, |session, column| {
                        session.saturating_sub(skipped[column]) as f64 + 1.0
                    }),
                ),
            ],
        )
    }

    #[test]
    fn momentum_by_hand() {
        // A[t-21] = 1.231, A[t] = 1.252, A[t-252] = 1.
        let one = last(Momentum::twelve_one(), &year());
        let zero = last(Momentum::twelve_zero(), &year());
        assert!(same(one[0], 1.231 - 1.0) && same(zero[0], 1.252 - 1.0), "{one:?} {zero:?}");
        // 252 - 53 = 199 closes are too few, 200 are enough.
        assert!(one[1].is_nan() && !one[2].is_nan());
        assert!(last(Reversal::one_month(), &year())[0] < 0.0);
    }

    #[test]
    fn reversal_by_hand() {
        let level = |session: usize, column: usize| match (session, column) {
            (21, 0) => 1.1,
            (21, 1) => 0.8,
            (21, 2) => f64::NAN,
            _ => 1.0,
        };
        let panel = panel(3, vec![(Field::TotalReturn, matrix(22, 3, level))]);
        let values = last(Reversal::one_month(), &panel);
        assert!((values[0] + 0.1).abs() < 1e-15 && (values[1] - 0.2).abs() < 1e-15, "{values:?}");
        assert!(values[2].is_nan());
    }

    #[test]
    fn proximity_to_the_high_by_hand() {
        // Highest 2.0 at session 100 of 252, newest 1.5; at its high; without a price today; 199.
        let level = |session: usize, column: usize| match (session, column) {
            (100, 0) => 2.0,
            (251, 0) => 1.5,
            (251, 1) => 1.25,
            (251, 2) => f64::NAN,
            (session, 3) if session < 53 => f64::NAN,
            _ => 1.0,
        };
        let panel = panel(4, vec![(Field::TotalReturn, matrix(252, 4, level))]);
        let values = last(HighProximity, &panel);
        assert_eq!(values[..2], [0.75, 1.0]);
        assert!(values[2].is_nan() && values[3].is_nan());
    }

    #[test]
    fn a_high_is_forgotten_after_a_year() {
        let level = |session: usize, _: usize| if session == 0 { 9.0 } else { 1.0 };
        let forgotten = panel(1, vec![(Field::TotalReturn, matrix(253, 1, level))]);
        assert_eq!(last(HighProximity, &forgotten), [1.0]);
        let known = panel(1, vec![(Field::TotalReturn, matrix(252, 1, level))]);
        assert_eq!(last(HighProximity, &known), [1.0 / 9.0]);
    }
}
