use std::fmt;

/// The memory of the later lives may be so much above that of the second one, in KiB.
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
    /// Tells whether nothing differs and the memory does not grow from life to life. The first two lives
    /// are those in which everything is needed for the first time.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let is_bounded = match self.memory.get(1..) {
            Some([second, later @ ..]) => later.iter().all(|most| *most <= second + GROWTH_MAX),
            _ => true,
        };
        self.drifts.is_empty() && is_bounded
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { orders, faults, unknown, drifts, memory } = self;
        let drifts = drifts.len();
        write!(f, "orders {orders}, faults {faults}, unknown {unknown}, drifts {drifts}")?;
        match (memory.get(1).or(memory.first()), memory.last()) {
            (Some(first), Some(last)) => {
                write!(f, ", memory {} MiB, first {} MiB", last / 1024, first / 1024)
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
        assert!(of(&[10, 40_000, 41_000, 40_500]).is_sound());
        assert!(!of(&[10, 40_000, 41_000, 60_000]).is_sound());
        let drifts = vec!["a cent".to_owned()];
        assert!(!Outcome { drifts, ..Outcome::default() }.is_sound());
    }
}
