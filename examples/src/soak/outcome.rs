use std::fmt;

/// The most memory of the later half of the lives may be so much above that of the first half, in KiB.
const GROWTH_MAX: u64 = 16 * 1024;

/// What came of all orders.
///
/// ```
/// use decile_examples::soak::Outcome;
///
/// let outcome = Outcome { orders: 500, faults: 7, ..Outcome::default() };
/// assert_eq!(outcome.to_string(), "orders 500, faults 7, unknown 0, drifts 0");
/// assert!(outcome.is_sound());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many orders were intended.
    pub orders: usize,
    /// How many things were set to go wrong.
    pub faults: usize,
    /// How many orders ended unknown, and say so.
    pub unknown: usize,
    /// Where journal, broker and account differ, a sentence each.
    pub drifts: Vec<String>,
    /// The resident memory at the end of each life, in KiB; nothing where the system does not tell.
    pub memory: Vec<u64>,
}

impl Outcome {
    /// Tells whether nothing differs and the memory does not grow from life to life. What is free but
    /// not given back differs from life to life by some ten MiB, so halves are compared: an order that
    /// left 400 bytes behind would show in a hundred thousand.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let is_bounded = match self.halves() {
            (Some(before), Some(after)) => after <= before + GROWTH_MAX,
            _ => true,
        };
        self.drifts.is_empty() && is_bounded
    }

    /// The most memory in each half of the lives, the one in the middle with the first.
    fn halves(&self) -> (Option<u64>, Option<u64>) {
        let (before, after) = self.memory.split_at(self.memory.len().div_ceil(2));
        (before.iter().max().copied(), after.iter().max().copied())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { orders, faults, unknown, drifts, .. } = self;
        let drifts = drifts.len();
        write!(f, "orders {orders}, faults {faults}, unknown {unknown}, drifts {drifts}")?;
        match self.halves() {
            (Some(before), Some(after)) => {
                let (before, after) = (before / 1024, after / 1024);
                write!(
                    f,
                    ", memory at most {before} MiB in the first half and {after} MiB in the second"
                )
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_grows_and_drifts_are_not_sound() {
        let of = |memory: &[u64]| Outcome { memory: memory.to_vec(), ..Outcome::default() };
        assert!(of(&[10, 40_000, 41_000, 56_000]).is_sound());
        assert!(!of(&[10, 40_000, 41_000, 60_000]).is_sound());
        // The one in the middle is in the first half.
        assert!(of(&[10, 60_000, 60_000]).is_sound());
        let drifts = vec!["a cent".to_owned()];
        assert!(!Outcome { drifts, ..Outcome::default() }.is_sound());
    }
}
