//! Finds the first difference between two rows of values.

use super::place;
use crate::Panel;

/// Relative difference up to which two sums of the same numbers count as equal.
const ROUNDING: f64 = 1e-9;

/// How far two values may be apart.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tolerance {
    /// Not a bit; missing equals missing.
    Nothing,
    /// A 1e-9th of their size, for sums in another order.
    Rounding,
}

/// Where two lists differ.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) place: usize,
    pub(super) left: f64,
    pub(super) right: f64,
}

impl Difference {
    /// Says of which stock and session, in a matrix of the panel, and from what to what.
    pub(super) fn of(&self, panel: &Panel) -> String {
        let (symbol, date) = place(panel, self.place);
        format!("{symbol} on {date} changes from {} to {}", self.left, self.right)
    }
}

/// Returns the first place at which the lists differ.
pub(super) fn difference(left: &[f64], right: &[f64], tolerance: Tolerance) -> Option<Difference> {
    let same = |left: f64, right: f64| match tolerance {
        _ if left.is_nan() || right.is_nan() => left.is_nan() && right.is_nan(),
        Tolerance::Nothing => left.to_bits() == right.to_bits(),
        Tolerance::Rounding => (left - right).abs() <= ROUNDING * left.abs().max(right.abs()),
    };
    let mut pairs = left.iter().zip(right).enumerate();
    let (place, (left, right)) = pairs.find(|(_, (left, right))| !same(**left, **right))?;
    Some(Difference { place, left: *left, right: *right })
}
