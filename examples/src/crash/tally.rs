use std::fmt;

/// What came of all kills.
///
/// ```
/// use decile_examples::crash::Tally;
///
/// let tally = Tally { kills: 2, orders: 40, ..Tally::default() };
/// assert_eq!(tally.to_string(), "kills 2, orders 40, doubled 0, lost 0, unknown 0");
/// assert!(tally.is_sound());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often something was killed, or a disk was full.
    pub kills: usize,
    /// How many orders were planned in all.
    pub orders: usize,
    /// How many were executed more than once or for too much.
    pub doubled: usize,
    /// How many were neither executed as planned nor reported, or filled without the journal knowing.
    pub lost: usize,
    /// How many ended unknown, said so, and wait for a person.
    pub unknown: usize,
}

impl Tally {
    /// Tells whether nothing was doubled or lost.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        (self.doubled, self.lost) == (0, 0)
    }

    /// Adds the outcome of a trial.
    pub fn add(&mut self, other: Self) {
        self.kills += other.kills;
        self.orders += other.orders;
        self.doubled += other.doubled;
        self.lost += other.lost;
        self.unknown += other.unknown;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, orders, doubled, lost, unknown } = self;
        write!(
            f,
            "kills {kills}, orders {orders}, doubled {doubled}, lost {lost}, unknown {unknown}"
        )
    }
}
