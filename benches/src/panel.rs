//! Made-up panels, laid out in memory as the engine reads them.

use crate::nyse_sessions;
use decile::core::Symbol;
use decile::factor::{Field, Panel};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const QUARTER_SESSIONS: usize = 63;
const MONTH_SESSIONS: usize = 21;

/// Makes a panel of random walks with quarterly statements and monthly estimates.
///
/// One stock in ten is listed later than the first session, and each statement and estimate is
/// missing of one stock in twenty.
///
/// # Panics
/// If the NYSE's calendar is shorter than the sessions asked for.
#[must_use]
pub fn random_panel(symbols: usize, sessions: usize, fields: &[Field]) -> Panel {
    let dates = nyse_sessions(sessions);
    let names: Vec<Symbol> =
        (0..symbols).map(|index| format!("R{index:05}").parse().expect("a symbol")).collect();
    let mut wanted = fields.to_vec();
    wanted.push(Field::Close);
    wanted.sort();
    wanted.dedup();
    let shape = Shape { symbols, sessions };
    let matrices = wanted.into_iter().map(|field| {
        let values = shape.matrix(&field);
        (field, values)
    });
    Panel::from_matrices(dates, names, matrices).expect("finite numbers for every cell")
}

#[derive(Clone, Copy)]
struct Shape {
    symbols: usize,
    sessions: usize,
}

impl Shape {
    fn matrix(self, field: &Field) -> Vec<f64> {
        match field {
            Field::Close | Field::TotalReturn => self.walk(100.0),
            Field::ClosesObserved => {
                self.rows(|session, index| (session + 1 - self.listed(index)) as f64)
            }
            Field::Fx => self.rows(|_, _| 1.0),
            Field::ListedShares => self.steps(field, QUARTER_SESSIONS, 1e9, 0.5),
            Field::Volume => self.steps(field, 1, 1e6, 0.9),
            // Income is sometimes a loss, and book equity now and then negative.
            Field::Quarter(..) | Field::QuarterYearAgo(..) => {
                self.steps(field, QUARTER_SESSIONS, 4e9, 2.2)
            }
            Field::Estimate(_) => self.steps(field, MONTH_SESSIONS, 4.0, 1.0),
            _ => self.steps(field, QUARTER_SESSIONS, 1e9, 3.0),
        }
    }

    /// The first session of a stock.
    fn listed(self, index: usize) -> usize {
        if index % 10 == 3 { self.sessions / 3 } else { 0 }
    }

    fn rows(self, mut value: impl FnMut(usize, usize) -> f64) -> Vec<f64> {
        let mut matrix = Vec::with_capacity(self.sessions * self.symbols);
        for session in 0..self.sessions {
            let cells = (0..self.symbols).map(|index| {
                if session < self.listed(index) { f64::NAN } else { value(session, index) }
            });
            matrix.extend(cells);
        }
        matrix
    }

    /// Prices: the same walk whatever it is called.
    fn walk(self, start: f64) -> Vec<f64> {
        let mut uniform = uniform("walk");
        let mut levels = vec![start; self.symbols];
        self.rows(|_, index| {
            levels[index] *= 1.0 + 0.05 * uniform();
            levels[index]
        })
    }

    /// Numbers that change every so many sessions, each stock on a session of its own.
    fn steps(self, field: &Field, every: usize, centre: f64, spread: f64) -> Vec<f64> {
        let mut uniform = uniform(&field.to_string());
        let mut draw = move || {
            let value = centre * (1.0 + spread * uniform());
            if uniform() < -0.45 { f64::NAN } else { value }
        };
        let mut state: Vec<f64> = (0..self.symbols).map(|_| draw()).collect();
        self.rows(|session, index| {
            if (session + index).is_multiple_of(every) {
                state[index] = draw();
            }
            state[index]
        })
    }
}

/// Numbers from -0.5 to 0.5, of a stream of its own for every name.
fn uniform(name: &str) -> impl FnMut() -> f64 + use<> {
    let seed = name.bytes().fold(17_u64, |seed, byte| seed.wrapping_mul(31) + u64::from(byte));
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    move || f64::from(random.next_u32()) / f64::from(u32::MAX) - 0.5
}
