//! Factors of past prices, on the total-return index: splits and payouts make no return.

use super::each_of_2;
use crate::{Factor, Field, Window};

/// Total return from 252 to 21 sessions ago: `A[t-21] / A[t-252] - 1`.
///
/// Jegadeesh and Titman, *Returns to Buying Winners and Selling Losers* (1993); Fama and French's
/// prior (2-12). The last month is left out because it reverts. Missing if either end is more than
/// 5 sessions old, or if fewer than 200 closes were observed in the 252 sessions up to today.
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
        each_of_2(out, end, start, |end, start| end / start - 1.0);
        let now = window.today(Field::ClosesObserved);
        let then = window.ago(Field::ClosesObserved, Self::SESSIONS);
        for ((value, now), then) in out.iter_mut().zip(now).zip(then) {
            if now - then < Self::CLOSES_MIN {
                *value = f64::NAN;
            }
        }
    }
}

/// Minus the total return of the last 21 sessions: `-(A[t] / A[t-21] - 1)`.
///
/// Jegadeesh, *Evidence of Predictable Behavior of Security Returns* (1990); Lehmann, *Fads,
/// Martingales, and Market Efficiency* (1990): what was sold off last month tends to come back.
/// Missing if either end is more than 5 sessions old.
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
        each_of_2(out, now, then, |now, then| -(now / then - 1.0));
    }
}
