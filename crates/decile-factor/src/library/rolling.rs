//! Factors of many sessions: something of every session, joined over the last so many.
//!
//! What is joined is a handful of numbers per stock: counts, sums, a maximum. A scan keeps a ring of
//! them, one row per session, in cycles as long as the factor looks back. At the end of a cycle the
//! rows turn into joins from each row to the last one; in the next cycle the sessions still looked
//! back at are one such join, and those since are one running join. So a session costs two joins
//! whatever the lookback, and **nothing is ever taken out of a sum**: what a large number in the past
//! rounded away comes back when it leaves, and rounding does not pile up over the years. (The scheme
//! is van Herk's and Gil and Werman's, for running maxima; it works for everything that can be
//! joined in any grouping.)
//!
//! Where only a few sessions are wanted the window is read, and joined in the grouping that a scan
//! from the panel's first session would have used: the values are the same to the bit.

use crate::{Field, Scan, Window};
use std::fmt;

/// A factor that joins N numbers of I fields over a number of sessions; [`rolling_factor`] makes a
/// [`Factor`](crate::Factor) of it.
pub(super) trait Rolling<const I: usize, const N: usize>:
    fmt::Debug + Clone + Send + Sync + 'static
{
    /// The fields that are read.
    const INPUTS: &'static [Field; I];
    /// What joins with anything newer to that thing.
    const NOTHING: [f64; N];

    fn name(&self) -> &'static str;

    /// Returns how many sessions are joined, today's among them.
    fn sessions(&self) -> usize;

    fn lookback(&self) -> usize {
        self.sessions() - 1
    }

    /// Returns a number of the session itself that all stocks share.
    fn shared(&self, window: &Window<'_>, ago: usize) -> f64 {
        let _ = (window, ago);
        f64::NAN
    }

    /// Returns what one stock adds in one session.
    fn part(&self, inputs: [f64; I], shared: f64) -> [f64; N];

    /// Joins what is older with what is newer. It must not matter how parts are grouped.
    fn join(older: [f64; N], newer: [f64; N]) -> [f64; N] {
        std::array::from_fn(|term| older[term] + newer[term])
    }

    /// Returns the value of all sessions together.
    fn value(&self, whole: [f64; N]) -> f64;
}

/// Implements [`Factor`](crate::Factor) for a type that is [`Rolling`]: read where one session is
/// asked for, scanned where many are.
macro_rules! rolling_factor {
    ($factor:ty) => {
        impl $crate::Factor for $factor {
            fn name(&self) -> &str {
                $crate::library::rolling::Rolling::name(self)
            }

            fn inputs(&self) -> &[$crate::Field] {
                <Self as $crate::library::rolling::Rolling<_, _>>::INPUTS
            }

            fn lookback(&self) -> usize {
                $crate::library::rolling::Rolling::lookback(self)
            }

            fn compute(&self, window: &$crate::Window<'_>, out: &mut [f64]) {
                $crate::library::rolling::read(self, window, out);
            }

            fn scan(&self, width: usize) -> Option<Box<dyn $crate::Scan>> {
                $crate::library::rolling::scan(self, width)
            }
        }
    };
}
pub(super) use rolling_factor;

/// Hands the part of every stock in one session to `each`, with its column.
fn parts<const I: usize, const N: usize, R: Rolling<I, N>>(
    factor: &R,
    window: &Window<'_>,
    ago: usize,
    mut each: impl FnMut(usize, [f64; N]),
) {
    let shared = factor.shared(window, ago);
    let width = window.symbols().len();
    let rows = R::INPUTS.each_ref().map(|field| &window.ago(field, ago)[..width]);
    let part = |column| factor.part(std::array::from_fn(|input| rows[input][column]), shared);
    (0..width).for_each(|column| each(column, part(column)));
}

/// Computes a factor by reading its whole window, joined in the grouping of a scan.
pub(super) fn read<const I: usize, const N: usize, R: Rolling<I, N>>(
    factor: &R,
    window: &Window<'_>,
    out: &mut [f64],
) {
    // The sessions of today's cycle, and before them the rest of the cycle before.
    let in_cycle = window.index() % factor.sessions() + 1;
    let mut since = vec![R::NOTHING; out.len()];
    for ago in (0..in_cycle).rev() {
        parts(factor, window, ago, |column, part| since[column] = R::join(since[column], part));
    }
    let mut before = vec![R::NOTHING; out.len()];
    for ago in in_cycle..factor.sessions() {
        parts(factor, window, ago, |column, part| {
            let is_last = ago == in_cycle;
            before[column] = if is_last { part } else { R::join(part, before[column]) };
        });
    }
    for ((value, before), since) in out.iter_mut().zip(before).zip(since) {
        *value = factor.value(R::join(before, since));
    }
}

/// Makes the running state that computes the same session by session.
pub(super) fn scan<const I: usize, const N: usize, R: Rolling<I, N>>(
    factor: &R,
    width: usize,
) -> Option<Box<dyn Scan>> {
    Some(Box::new(Ring::<R, I, N> {
        rows: vec![R::NOTHING; factor.sessions() * width],
        since: vec![R::NOTHING; width],
        factor: factor.clone(),
        row: 0,
    }))
}

/// The running state of a block of columns.
struct Ring<R, const I: usize, const N: usize> {
    factor: R,
    /// Row of the session to come, in its cycle.
    row: usize,
    /// Above `row`: the parts of this cycle. From it on: joins of the cycle before, each from its
    /// own row to the last.
    rows: Vec<[f64; N]>,
    /// All parts of this cycle joined.
    since: Vec<[f64; N]>,
}

impl<const I: usize, const N: usize, R: Rolling<I, N>> Scan for Ring<R, I, N> {
    fn step(&mut self, window: &Window<'_>, out: &mut [f64]) {
        let width = out.len();
        if self.row == 0 {
            self.since.fill(R::NOTHING);
        }
        let (above, below) = self.rows.split_at_mut((self.row + 1) * width);
        let row = &mut above[self.row * width..];
        parts(&self.factor, window, 0, |column, part| {
            row[column] = part;
            let since = R::join(self.since[column], part);
            self.since[column] = since;
            // The last session of a cycle looks back at nothing before it.
            let before = below.get(column).copied().unwrap_or(R::NOTHING);
            out[column] = self.factor.value(R::join(before, since));
        });
        self.row += 1;
        if self.row == self.factor.sessions() {
            self.begin_cycle(width);
        }
    }
}

impl<const I: usize, const N: usize, R: Rolling<I, N>> Ring<R, I, N> {
    /// Turns the parts of a whole cycle into joins from each row to the last.
    fn begin_cycle(&mut self, width: usize) {
        for place in (0..self.rows.len() - width).rev() {
            self.rows[place] = R::join(self.rows[place], self.rows[place + width]);
        }
        self.row = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{matrix, panel};
    use super::*;
    use crate::{Engine, Factor, Panel, Unscanned, library};
    use std::sync::Arc;

    /// Four stocks over 900 sessions, with holes, of prices that jump by a factor of a thousand and
    /// back: what a running sum would never forget.
    fn rough() -> Panel {
        let width = 4;
        let mut state = 12_345_u64;
        let mut draw = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut levels = [1.0; 4];
        let mut rows: [Vec<f64>; 5] = Default::default();
        for session in 0..900 {
            for (column, level) in levels.iter_mut().enumerate() {
                let gain = match (session, column) {
                    (300, 1) => 999.0,
                    (310, 1) => -0.999,
                    _ => 0.04 * (draw() - 0.5),
                };
                *level *= 1.0 + gain;
                let hole = draw() < 0.05 * column as f64;
                let or_hole = |value: f64| if hole { f64::NAN } else { value };
                rows[0].push(or_hole(gain));
                rows[1].push(or_hole(*level));
                rows[2].push(or_hole(1e6 * draw()));
                rows[3].push(1e8);
                rows[4].push(or_hole(50.0 * *level));
            }
        }
        let [returns, index, volume, shares, close] = rows;
        let benchmark = (0..900).map(|_| 100.0 + draw()).collect();
        panel(
            width,
            vec![
                (Field::DailyReturn, returns),
                (Field::TotalReturn, index),
                (Field::Volume, volume),
                (Field::ClassShares, shares),
                (Field::Close, close),
                (Field::UsdRate, matrix(900, width, |_, _| 1.0)),
            ],
        )
        .with_series(crate::Series::Benchmark, benchmark)
        .unwrap()
    }

    fn values(factor: &Arc<dyn Factor>, panel: &Panel) -> Vec<f64> {
        let engine = Engine::new(panel, std::slice::from_ref(factor)).unwrap();
        let values = engine.run(0..panel.sessions().len()).unwrap();
        values.matrix(factor.name()).unwrap().to_vec()
    }

    #[test]
    fn scanning_gives_what_reading_gives() {
        let panel = rough();
        let mut scans = Vec::new();
        for factor in library::all() {
            if factor.scan(1).is_none() {
                continue;
            }
            let mut compared = 0;
            let read: Arc<dyn Factor> = Arc::new(Unscanned(factor.clone()));
            for (scanned, read) in values(&factor, &panel).into_iter().zip(values(&read, &panel)) {
                assert_eq!(scanned.is_nan(), read.is_nan(), "{}", factor.name());
                let same = scanned.is_nan() || scanned.to_bits() == read.to_bits();
                assert!(same, "{}: {scanned} {read}", factor.name());
                compared += usize::from(!read.is_nan());
            }
            assert!(compared > 2000, "{}: {compared}", factor.name());
            scans.push(factor.name().to_owned());
        }
        let rolling = [
            "high_52w",
            "vol_63",
            "vol_252",
            "downside_252",
            "beta_252",
            "max_21",
            "amihud_21",
            "turnover_21",
        ];
        assert_eq!(scans, rolling);
    }
}
