//! How much a stock moves, alone and with the market: daily total returns, simple, not logarithmic.
//!
//! A session without a trade has no return; the next one has the return since the last close
//! ([`Field::DailyReturn`]), so the jump after a halt counts. Each factor says how many returns it
//! needs. All are scanned: see the note on sums that do not drift in the source of this module's
//! neighbour `rolling`. Scanned sums differ from sums over the window by a rounding.

use super::rolling::{Rolling, rolling_factor};
use crate::{Field, Series, Window};

/// Sessions in a year, by which daily deviations become yearly ones.
const YEAR: f64 = 252.0;
/// Part of the sum of squares below which what is left of it after the mean is rounding.
const SPREAD_MIN: f64 = 1e-12;

/// The sum of squares about the mean; 0 if it is but the rounding of equal values.
fn about_mean(count: f64, sum: f64, squares: f64) -> f64 {
    let about = squares - sum * sum / count;
    if about > SPREAD_MIN * squares { about } else { 0.0 }
}

/// Minus the volatility: the sample standard deviation of the daily returns of 63 (`vol_63`) or 252
/// sessions (`vol_252`), times √252.
///
/// - **Source**: Ang, Hodrick, Xing and Zhang, *The Cross-Section of Volatility and Expected Returns*
///   (2006); Blitz and van Vliet, *The Volatility Effect* (2007).
/// - **Inputs**: [`Field::DailyReturn`]. **Lookback**: 62 or 251 sessions.
/// - **Direction**: calm stocks are better.
/// - **Bad cases**: equal returns have no volatility: 0.
/// - **Missing**: with fewer than 50 or 200 returns.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::risk::Volatility;
///
/// assert_eq!(Volatility::quarter().name(), "vol_63");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Volatility {
    name: &'static str,
    sessions: usize,
    returns_min: f64,
}

impl Volatility {
    /// Makes the factor `vol_63`.
    #[must_use]
    pub fn quarter() -> Self {
        Self { name: "vol_63", sessions: 63, returns_min: 50.0 }
    }

    /// Makes the factor `vol_252`.
    #[must_use]
    pub fn year() -> Self {
        Self { name: "vol_252", sessions: 252, returns_min: 200.0 }
    }
}

rolling_factor!(Volatility);

/// Count, sum, sum of squares. A year of daily returns is far larger in its spread than in its mean,
/// so nothing is lost by the plain sum of squares.
impl Rolling<1, 3> for Volatility {
    const INPUTS: &'static [Field; 1] = &[Field::DailyReturn];
    const NOTHING: [f64; 3] = [0.0; 3];

    fn name(&self) -> &'static str {
        self.name
    }

    fn sessions(&self) -> usize {
        self.sessions
    }

    fn part(&self, [gain]: [f64; 1], _: f64) -> [f64; 3] {
        if gain.is_nan() { Self::NOTHING } else { [1.0, gain, gain * gain] }
    }

    fn value(&self, [count, sum, squares]: [f64; 3]) -> f64 {
        if count < self.returns_min {
            return f64::NAN;
        }
        0.0 - (YEAR * about_mean(count, sum, squares) / (count - 1.0)).sqrt()
    }
}

/// Minus the downside deviation: the root of the mean square of the daily losses of 252 sessions, a
/// gain counting 0, times √252.
///
/// - **Source**: Sortino and van der Meer, *Downside Risk* (1991), against a target of 0; Ang, Chen and
///   Xing, *Downside Risk* (2006).
/// - **Inputs**: [`Field::DailyReturn`]. **Lookback**: 251 sessions.
/// - **Direction**: stocks that lose less are better.
/// - **Bad cases**: a stock that never lost has 0.
/// - **Missing**: with fewer than 200 returns.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::risk::DownsideDeviation;
///
/// assert_eq!(DownsideDeviation.name(), "downside_252");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct DownsideDeviation;

impl DownsideDeviation {
    const SESSIONS: usize = 252;
    const RETURNS_MIN: f64 = 200.0;
}

rolling_factor!(DownsideDeviation);

/// Count, sum of squared losses.
impl Rolling<1, 2> for DownsideDeviation {
    const INPUTS: &'static [Field; 1] = &[Field::DailyReturn];
    const NOTHING: [f64; 2] = [0.0; 2];

    fn name(&self) -> &'static str {
        "downside_252"
    }

    fn sessions(&self) -> usize {
        Self::SESSIONS
    }

    fn part(&self, [gain]: [f64; 1], _: f64) -> [f64; 2] {
        let loss = gain.min(0.0);
        if gain.is_nan() { Self::NOTHING } else { [1.0, loss * loss] }
    }

    fn value(&self, [count, squares]: [f64; 2]) -> f64 {
        if count < Self::RETURNS_MIN { f64::NAN } else { 0.0 - (YEAR * squares / count).sqrt() }
    }
}

/// Minus the beta: the slope of the daily returns on those of the benchmark over 252 sessions, by
/// ordinary least squares, without a riskless rate.
///
/// - **Source**: Sharpe, *Capital Asset Prices* (1964); Frazzini and Pedersen, *Betting Against Beta*
///   (2014).
/// - **Inputs**: [`Field::DailyReturn`], [`Series::Benchmark`]. **Lookback**: 252 sessions, one more
///   than there are returns.
/// - **Direction**: low beta is better.
/// - **Bad cases**: the return after a halt stands against the benchmark's of that session alone, as
///   with CRSP data.
/// - **Missing**: with fewer than 200 sessions in which both have a return, or if the benchmark did not
///   move.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::risk::Beta;
///
/// assert_eq!(Beta.name(), "beta_252");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Beta;

impl Beta {
    const SESSIONS: usize = 252;
    const RETURNS_MIN: f64 = 200.0;
}

rolling_factor!(Beta);

/// Count, sum of the stock's returns, of the benchmark's, of its squares, of the products.
impl Rolling<1, 5> for Beta {
    const INPUTS: &'static [Field; 1] = &[Field::DailyReturn];
    const NOTHING: [f64; 5] = [0.0; 5];

    fn name(&self) -> &'static str {
        "beta_252"
    }

    fn sessions(&self) -> usize {
        Self::SESSIONS
    }

    fn lookback(&self) -> usize {
        // The return of the oldest session needs the benchmark's close before it.
        Self::SESSIONS
    }

    fn shared(&self, window: &Window<'_>, ago: usize) -> f64 {
        window.series(Series::Benchmark, ago) / window.series(Series::Benchmark, ago + 1) - 1.0
    }

    fn part(&self, [gain]: [f64; 1], market: f64) -> [f64; 5] {
        if gain.is_nan() || market.is_nan() {
            return Self::NOTHING;
        }
        [1.0, gain, market, market * market, gain * market]
    }

    fn value(&self, [count, gains, markets, squares, products]: [f64; 5]) -> f64 {
        let spread = about_mean(count, markets, squares);
        if count < Self::RETURNS_MIN || spread <= 0.0 {
            return f64::NAN;
        }
        0.0 - (products - gains * markets / count) / spread
    }
}

/// Minus the largest daily return of 21 sessions.
///
/// - **Source**: Bali, Cakici and Whitelaw, *Maxing Out: Stocks as Lotteries and the Cross-Section of
///   Expected Returns* (2011).
/// - **Inputs**: [`Field::DailyReturn`]. **Lookback**: 20 sessions.
/// - **Direction**: stocks that are no lottery tickets are better.
/// - **Missing**: with fewer than 15 returns.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::risk::MaximumReturn;
///
/// assert_eq!(MaximumReturn.name(), "max_21");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct MaximumReturn;

impl MaximumReturn {
    const SESSIONS: usize = 21;
    const RETURNS_MIN: f64 = 15.0;
}

rolling_factor!(MaximumReturn);

/// Count, largest.
impl Rolling<1, 2> for MaximumReturn {
    const INPUTS: &'static [Field; 1] = &[Field::DailyReturn];
    const NOTHING: [f64; 2] = [0.0, f64::NEG_INFINITY];

    fn name(&self) -> &'static str {
        "max_21"
    }

    fn sessions(&self) -> usize {
        Self::SESSIONS
    }

    fn part(&self, [gain]: [f64; 1], _: f64) -> [f64; 2] {
        if gain.is_nan() { Self::NOTHING } else { [1.0, gain] }
    }

    fn join(older: [f64; 2], newer: [f64; 2]) -> [f64; 2] {
        [older[0] + newer[0], older[1].max(newer[1])]
    }

    fn value(&self, [count, largest]: [f64; 2]) -> f64 {
        if count < Self::RETURNS_MIN { f64::NAN } else { 0.0 - largest }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{last, matrix, panel};
    use super::*;
    use crate::Panel;

    fn returns(sessions: usize, width: usize, gain: impl Fn(usize, usize) -> f64) -> Panel {
        panel(width, vec![(Field::DailyReturn, matrix(sessions, width, gain))])
    }

    fn near(ours: f64, by_hand: f64) -> bool {
        (ours - by_hand).abs() <= 1e-14 * by_hand.abs()
    }

    #[test]
    fn volatility_by_hand() {
        // 50 returns, 1 % and -1 % in turn: mean 0, squares 50e-4, over 49. The others are missing,
        // one return too many in the second stock. The third moves by the same all the time.
        let gain = |session: usize, column: usize| match (session, column) {
            (session, 0) if session < 13 => f64::NAN,
            (session, 1) if session < 14 => f64::NAN,
            (_, 2) => 0.01,
            (session, _) if session % 2 == 0 => 0.01,
            _ => -0.01,
        };
        let values = last(Volatility::quarter(), &returns(63, 3, gain));
        assert!(near(values[0], -(252.0_f64 * 50e-4 / 49.0).sqrt()), "{values:?}");
        assert!(values[1].is_nan(), "49 returns are too few");
        assert_eq!(values[2], 0.0);
        // 252 returns with a mean of 0.1 %: squares about it 252e-4.
        let year = returns(252, 1, |session, _| if session % 2 == 0 { 0.011 } else { -0.009 });
        assert!(near(last(Volatility::year(), &year)[0], -(252.0_f64 * 252e-4 / 251.0).sqrt()));
    }

    #[test]
    fn a_quarter_forgets_what_is_older() {
        let gain = |session: usize, _: usize| match session {
            36 => 40.0,
            session if session % 2 == 0 => 0.01,
            _ => -0.01,
        };
        // Session 36 is 63 before 99, the last: just out.
        let value = last(Volatility::quarter(), &returns(100, 1, gain))[0];
        let squares = 63e-4 - 1e-4 / 63.0;
        assert!(near(value, -(252.0_f64 * squares / 62.0).sqrt()), "{value}");
        let jump_inside = last(Volatility::quarter(), &returns(99, 1, gain))[0];
        assert!(jump_inside < -50.0, "{jump_inside}");
    }

    #[test]
    fn downside_by_hand() {
        // A loss of 2 % in every fourth of 252 sessions: mean square 1e-4.
        let gain = |session: usize, column: usize| match (session % 4, column) {
            (0, 0) => -0.02,
            _ => 0.01,
        };
        let values = last(DownsideDeviation, &returns(252, 2, gain));
        assert!(near(values[0], -(252.0_f64 * 1e-4).sqrt()), "{values:?}");
        assert_eq!(values[1], 0.0);
    }

    #[test]
    fn beta_by_hand() {
        // The benchmark goes up and down by a half and a third; stocks follow 1.5 and -0.5 times,
        // with a steady gain beside; one has a return in 199 sessions only.
        let levels: Vec<f64> =
            (0..253).map(|session| if session % 2 == 0 { 100.0 } else { 150.0 }).collect();
        let market = |session: usize| if session.is_multiple_of(2) { -1.0 / 3.0 } else { 0.5 };
        let slopes = [1.5, -0.5, 1.0];
        let gain = |session: usize, column: usize| {
            if column == 2 && session < 54 {
                return f64::NAN;
            }
            slopes[column] * market(session) + 0.001
        };
        let panel = returns(253, 3, gain).with_series(Series::Benchmark, levels).unwrap();
        let values = last(Beta, &panel);
        assert!((values[0] + 1.5).abs() < 1e-12 && (values[1] - 0.5).abs() < 1e-12, "{values:?}");
        assert!(values[2].is_nan());
        let flat = panel.with_series(Series::Benchmark, vec![100.0; 253]).unwrap();
        assert!(last(Beta, &flat)[0].is_nan(), "a benchmark that does not move");
    }

    #[test]
    fn the_largest_return_by_hand() {
        let gain = |session: usize, column: usize| match (session, column) {
            (0, 0) => 0.9,
            (7, 0) => 0.08,
            (session, 1) if session < 7 => f64::NAN,
            (session, 2) if session < 8 => f64::NAN,
            (_, 1) => -0.01,
            _ => 0.001,
        };
        // 22 sessions: the 90 % of the first are forgotten. All losses; 14 returns.
        let values = last(MaximumReturn, &returns(22, 3, gain));
        assert_eq!(values[..2], [-0.08, 0.01]);
        assert!(values[2].is_nan());
    }
}
