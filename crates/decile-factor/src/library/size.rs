//! How large a company is, and how easily its shares are traded.

use super::each_of;
use super::rolling::{Rolling, rolling_factor};
use crate::{Factor, Field, Window};

/// Sessions over which trading is averaged, and how many of them must count.
const SESSIONS: usize = 21;
const SESSIONS_MIN: f64 = 15.0;

/// Minus the natural logarithm of the company's market value in US dollars.
///
/// - **Source**: Banz, *The Relationship between Return and Market Value of Common Stocks* (1981); Fama
///   and French, *The Cross-Section of Expected Stock Returns* (1992).
/// - **Inputs**: [`Field::Close`], [`Field::ListedShares`], [`Field::UsdRate`]. **Lookback**: none.
/// - **Direction**: small companies are better.
/// - **Missing**: without a price, a share count or an exchange rate.
///
/// ```
/// use decile_factor::Factor;
///
/// assert_eq!(decile_factor::library::size::Size.name(), "size");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Size;

impl Factor for Size {
    fn name(&self) -> &str {
        "size"
    }

    fn inputs(&self) -> &[Field] {
        &[Field::Close, Field::ListedShares, Field::UsdRate]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let inputs = [Field::Close, Field::ListedShares, Field::UsdRate];
        each_of(out, inputs.map(|field| window.today(field)), |[close, shares, rate]| {
            let value = close * shares * rate;
            if value > 0.0 { -value.ln() } else { f64::NAN }
        });
    }
}

/// Illiquidity: the mean over 21 sessions of the size of the daily return per million US dollars
/// traded, `mean(|r| / (close x volume x rate / 10^6))`.
///
/// - **Source**: Amihud, *Illiquidity and Stock Returns* (2002), who averages over a year.
/// - **Inputs**: [`Field::DailyReturn`], [`Field::Close`], [`Field::Volume`], [`Field::UsdRate`].
///   **Lookback**: 20 sessions.
/// - **Direction**: illiquid stocks are better: they are paid for it. Mind what trading them costs.
/// - **Bad cases**: sessions with a volume of 0 do not count.
/// - **Missing**: with fewer than 15 sessions that count.
///
/// ```
/// use decile_factor::Factor;
///
/// assert_eq!(decile_factor::library::size::Illiquidity.name(), "amihud_21");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Illiquidity;

rolling_factor!(Illiquidity);

/// Count, sum.
impl Rolling<4, 2> for Illiquidity {
    const INPUTS: &'static [Field; 4] =
        &[Field::DailyReturn, Field::Close, Field::Volume, Field::UsdRate];
    const NOTHING: [f64; 2] = [0.0; 2];

    fn name(&self) -> &'static str {
        "amihud_21"
    }

    fn sessions(&self) -> usize {
        SESSIONS
    }

    fn part(&self, [gain, close, volume, rate]: [f64; 4], _: f64) -> [f64; 2] {
        let dollars = close * volume * rate;
        if dollars > 0.0 && !gain.is_nan() { [1.0, gain.abs() / dollars] } else { Self::NOTHING }
    }

    fn value(&self, [count, sum]: [f64; 2]) -> f64 {
        if count < SESSIONS_MIN { f64::NAN } else { 1e6 * sum / count }
    }
}

/// Minus the turnover: the mean over 21 sessions of the shares traded over the shares of the class.
///
/// - **Source**: Datar, Naik and Radcliffe, *Liquidity and Stock Returns: An Alternative Test* (1998).
/// - **Inputs**: [`Field::Volume`], [`Field::ClassShares`]. **Lookback**: 20 sessions.
/// - **Direction**: stocks that change hands less are better.
/// - **Bad cases**: volume and shares are on the split basis of each session, so splits cancel.
///   Sessions without a known volume do not count.
/// - **Missing**: with fewer than 15 sessions that count.
///
/// ```
/// use decile_factor::Factor;
///
/// assert_eq!(decile_factor::library::size::Turnover.name(), "turnover_21");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Turnover;

rolling_factor!(Turnover);

/// Count, sum.
impl Rolling<2, 2> for Turnover {
    const INPUTS: &'static [Field; 2] = &[Field::Volume, Field::ClassShares];
    const NOTHING: [f64; 2] = [0.0; 2];

    fn name(&self) -> &'static str {
        "turnover_21"
    }

    fn sessions(&self) -> usize {
        SESSIONS
    }

    fn part(&self, [volume, shares]: [f64; 2], _: f64) -> [f64; 2] {
        let part = volume / shares;
        if shares > 0.0 && !part.is_nan() { [1.0, part] } else { Self::NOTHING }
    }

    fn value(&self, [count, sum]: [f64; 2]) -> f64 {
        if count < SESSIONS_MIN { f64::NAN } else { 0.0 - sum / count }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{last, matrix, of_inputs, panel, same};
    use super::*;

    #[test]
    fn size_by_hand() {
        let e = std::f64::consts::E;
        let rows = [[e * e, 50.0], [2.0, 1e8], [0.5, f64::NAN]];
        let values = of_inputs(Size, &rows);
        assert!(same(values[0], -2.0) && values[1].is_nan(), "{values:?}");
    }

    #[test]
    fn illiquidity_by_hand() {
        // 2 % either way on 100,000 shares of 50 at 0.8 dollars: 0.02 / 4 million. The first six
        // sessions have no volume, or none was traded; one more leaves 14.
        let panel = panel(
            3,
            vec![
                (Field::DailyReturn, matrix(21, 3, |s, _| if s % 2 == 0 { 0.02 } else { -0.02 })),
                (Field::Close, matrix(21, 3, |_, _| 50.0)),
                (
                    Field::Volume,
                    matrix(21, 3, |session, column| match (session, column) {
                        (session, 0) if session < 6 => f64::NAN,
                        (session, 1) if session < 6 => 0.0,
                        (session, 2) if session < 7 => 0.0,
                        _ => 100_000.0,
                    }),
                ),
                (Field::UsdRate, matrix(21, 3, |_, _| 0.8)),
            ],
        );
        let values = last(Illiquidity, &panel);
        assert!(same(values[0], 0.005) && same(values[1], 0.005), "{values:?}");
        assert!(values[2].is_nan());
    }

    #[test]
    fn turnover_by_hand() {
        // A split of 2 for 1 half-way doubles volume and shares: 1 % of the shares all the time.
        let later = |session: usize| if session < 10 { 1.0 } else { 2.0 };
        let panel = panel(
            2,
            vec![
                (
                    Field::Volume,
                    matrix(21, 2, |session, column| match (session, column) {
                        (session, 1) if session < 7 => f64::NAN,
                        (session, _) => 1e6 * later(session),
                    }),
                ),
                (Field::ClassShares, matrix(21, 2, |session, _| 1e8 * later(session))),
            ],
        );
        let values = last(Turnover, &panel);
        assert!((values[0] + 0.01).abs() < 1e-15 && values[1].is_nan(), "{values:?}");
    }
}
