use super::sort;
use decile_core::Symbol;

/// Sorted neighbours at most this far apart count as equal: composites are sums, so names with the
/// same inputs may differ by a rounding.
pub const TIE_TOLERANCE: f64 = 1e-12;

/// The positions of the known values in ascending order, cut into chains of ties.
///
/// Sorted neighbours at most a tolerance apart join one chain, and -0.0 equals 0.0, so a chain may be
/// longer than the tolerance from end to end. With a tolerance of 0, chains are equal values.
///
/// ```
/// use decile_factor::cross_section::Chains;
///
/// let chains = Chains::new(&[3.0, f64::NAN, -0.0, 0.0], 0.0);
/// assert_eq!(chains.iter().collect::<Vec<_>>(), [&[2, 3][..], &[0]]);
/// assert_eq!(chains.known(), 3);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chains {
    /// Number of values, known or not.
    width: usize,
    /// Positions of the known values, sorted.
    order: Vec<usize>,
    /// Where in `order` each chain ends.
    ends: Vec<usize>,
}

impl Chains {
    /// Sorts the values and cuts them into chains.
    #[must_use]
    pub fn new(values: &[f64], tolerance: f64) -> Self {
        let order = sort::ascending(values);
        let apart = |pair: &[usize]| values[pair[1]] - values[pair[0]] > tolerance;
        let breaks = order.windows(2).enumerate().filter(|(_, pair)| apart(pair));
        let mut ends: Vec<usize> = breaks.map(|(index, _)| index + 1).collect();
        if !order.is_empty() {
            ends.push(order.len());
        }
        Self { width: values.len(), order, ends }
    }

    /// Returns the chains from the least to the greatest value, each as positions.
    pub fn iter(&self) -> impl Iterator<Item = &[usize]> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(start, end)| &self.order[*start..*end])
    }

    /// Returns the number of known values.
    #[must_use]
    pub fn known(&self) -> usize {
        self.order.len()
    }

    /// Returns the ranks from 1 (least) up, ties sharing the mean of theirs; NaN where missing.
    ///
    /// ```
    /// use decile_factor::cross_section::Chains;
    ///
    /// assert_eq!(Chains::new(&[10.0, 30.0, 10.0], 0.0).average_ranks(), [1.5, 3.0, 1.5]);
    /// ```
    #[must_use]
    pub fn average_ranks(&self) -> Vec<f64> {
        let mut ranks = vec![f64::NAN; self.width];
        let mut below = 0;
        for chain in self.iter() {
            let rank = below as f64 + (chain.len() as f64 + 1.0) / 2.0;
            for index in chain {
                ranks[*index] = rank;
            }
            below += chain.len();
        }
        ranks
    }

    /// Returns distinct ranks from 1 (least) up; of ties the alphabetically smaller symbol ranks
    /// higher. `None` where missing.
    ///
    /// # Panics
    /// If there are fewer symbols than values.
    ///
    /// ```
    /// use decile_core::Symbol;
    /// use decile_factor::cross_section::Chains;
    ///
    /// let symbols: [Symbol; 3] = ["A".parse()?, "B".parse()?, "C".parse()?];
    /// let chains = Chains::new(&[1.0, 1.0, 0.0], 0.0);
    /// assert_eq!(chains.ordinals(&symbols), [Some(3), Some(2), Some(1)]);
    /// # Ok::<(), decile_core::Error>(())
    /// ```
    #[must_use]
    pub fn ordinals(&self, symbols: &[Symbol]) -> Vec<Option<usize>> {
        let mut ordinals = vec![None; self.width];
        let mut below = 0;
        let mut tied = Vec::new();
        for chain in self.iter() {
            tied.clear();
            tied.extend_from_slice(chain);
            tied.sort_by(|a, b| symbols[*b].cmp(&symbols[*a]));
            for index in &tied {
                below += 1;
                ordinals[*index] = Some(below);
            }
        }
        ordinals
    }
}

/// Returns `(rank - 1) / (count - 1)`: 0 for the least, 1 for the greatest; 0.5 if there is but one;
/// missing for a missing rank.
///
/// ```
/// use decile_factor::cross_section::percentile;
///
/// assert_eq!((percentile(3.0, 5), percentile(1.0, 1)), (0.5, 0.5));
/// ```
#[must_use]
pub fn percentile(rank: f64, count: usize) -> f64 {
    match count {
        0 => f64::NAN,
        _ if rank.is_nan() => f64::NAN,
        1 => 0.5,
        _ => (rank - 1.0) / (count - 1) as f64,
    }
}

/// Returns the decile of an ordinal rank among `count`: 1 the lowest tenth, 10 the highest. `None`
/// for fewer than ten.
///
/// ```
/// use decile_factor::cross_section::decile;
///
/// assert_eq!((decile(1, 30), decile(28, 30), decile(1, 9)), (Some(1), Some(10), None));
/// ```
#[must_use]
pub fn decile(ordinal: usize, count: usize) -> Option<u8> {
    if count < 10 || !(1..=count).contains(&ordinal) {
        return None;
    }
    u8::try_from((ordinal - 1) * 10 / count + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_within_the_tolerance_join_one_chain() {
        let values = [1.0, 1.0 + 0.9e-12, 1.0 + 1.8e-12, 1.0 + 4e-12];
        let chains = Chains::new(&values, TIE_TOLERANCE);
        assert_eq!(chains.iter().collect::<Vec<_>>(), [&[0, 1, 2][..], &[3]]);
        assert_eq!(Chains::new(&[f64::NAN], 0.0).iter().count(), 0);
        assert_eq!(chains.average_ranks(), [2.0, 2.0, 2.0, 4.0]);
    }

    #[test]
    fn a_tenth_of_the_names_is_in_each_decile() {
        let counts = |n: usize| {
            let mut counts = [0; 10];
            for ordinal in 1..=n {
                counts[usize::from(decile(ordinal, n).unwrap()) - 1] += 1;
            }
            counts
        };
        assert_eq!(counts(30), [3; 10]);
        assert_eq!(counts(10), [1; 10]);
        assert_eq!(counts(13).iter().sum::<i32>(), 13);
        assert_eq!((decile(0, 30), decile(31, 30)), (None, None));
    }

    #[test]
    fn percentiles_run_from_zero_to_one() {
        assert_eq!((percentile(1.0, 4), percentile(4.0, 4)), (0.0, 1.0));
        assert_eq!(percentile(1.0, 1), 0.5);
        for count in 0..3 {
            assert!(percentile(f64::NAN, count).is_nan(), "{count}");
        }
    }
}
