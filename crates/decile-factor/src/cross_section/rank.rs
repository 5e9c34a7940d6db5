use super::sort;
use decile_core::Symbol;

/// Sorted neighbours at most this far apart count as equal: composites are sums, so names with the
/// same inputs may differ by a rounding.
pub const TIE_TOLERANCE: f64 = 1e-12;

/// Which rank equal values get. The names of pandas and scipy are in brackets.
///
/// ```
/// use decile_factor::cross_section::{Chains, Ties};
///
/// assert_eq!(Chains::new(&[7.0, 7.0], 0.0).ranks(Ties::Maximum), [2.0, 2.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ties {
    /// The mean of the ranks they take up (`average`).
    Average,
    /// The least of them (`min`).
    Minimum,
    /// The greatest of them (`max`).
    Maximum,
    /// One more than the values below, each counted once (`dense`).
    Dense,
    /// Distinct ranks in the order of their values, then of their positions (`first`, `ordinal`).
    Position,
}

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

    /// Returns the chains as [`Chains::iter`], each with the mean of the ranks that it takes up.
    ///
    /// ```
    /// use decile_factor::cross_section::Chains;
    ///
    /// let chains = Chains::new(&[10.0, 30.0, 10.0], 0.0);
    /// let ranks: Vec<_> = chains.with_average_ranks().collect();
    /// assert_eq!(ranks, [(1.5, &[0, 2][..]), (3.0, &[1])]);
    /// ```
    pub fn with_average_ranks(&self) -> impl Iterator<Item = (f64, &[usize])> {
        let mut below = 0;
        self.iter().map(move |chain| {
            let rank = below as f64 + (chain.len() as f64 + 1.0) / 2.0;
            below += chain.len();
            (rank, chain)
        })
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
        self.ranks(Ties::Average)
    }

    /// Returns the ranks from 1 (least) up; NaN where missing.
    ///
    /// ```
    /// use decile_factor::cross_section::{Chains, Ties};
    ///
    /// let chains = Chains::new(&[10.0, 30.0, 10.0], 0.0);
    /// assert_eq!(chains.ranks(Ties::Dense), [1.0, 2.0, 1.0]);
    /// assert_eq!(chains.ranks(Ties::Position), [1.0, 3.0, 2.0]);
    /// ```
    #[must_use]
    pub fn ranks(&self, ties: Ties) -> Vec<f64> {
        let mut ranks = vec![f64::NAN; self.width];
        let mut below = 0;
        for (chains_below, chain) in self.iter().enumerate() {
            let (least, size) = (below as f64 + 1.0, chain.len() as f64);
            let shared = match ties {
                Ties::Average => least + (size - 1.0) / 2.0,
                Ties::Minimum | Ties::Position => least,
                Ties::Maximum => least + size - 1.0,
                Ties::Dense => chains_below as f64 + 1.0,
            };
            for (place, index) in chain.iter().enumerate() {
                let own = if ties == Ties::Position { place as f64 } else { 0.0 };
                ranks[*index] = shared + own;
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

/// Returns `(rank - 1/2) / count` (Hazen), in the middle of each stock's share: what normal scores
/// take. Missing for a missing rank, or with a count of 0.
///
/// ```
/// use decile_factor::cross_section::percentile_middle;
///
/// assert_eq!((percentile_middle(1.0, 4), percentile_middle(4.0, 4)), (0.125, 0.875));
/// ```
#[must_use]
pub fn percentile_middle(rank: f64, count: usize) -> f64 {
    if count == 0 { f64::NAN } else { (rank - 0.5) / count as f64 }
}

/// Returns `rank / count`, the percentile of pandas' `rank(pct=True)`: above 0, 1 for the greatest.
/// Missing for a missing rank, or with a count of 0.
///
/// ```
/// use decile_factor::cross_section::percentile_upper;
///
/// assert_eq!((percentile_upper(1.0, 4), percentile_upper(4.0, 4)), (0.25, 1.0));
/// ```
#[must_use]
pub fn percentile_upper(rank: f64, count: usize) -> f64 {
    if count == 0 { f64::NAN } else { rank / count as f64 }
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
    u8::try_from(quantile_bin(ordinal, count, 10)?).ok()
}

/// Returns the quantile of an ordinal rank among `count`, `floor((ordinal - 1) * bins / count) + 1`: 1
/// the lowest, `bins` the highest. `None` with fewer stocks than bins, or without bins.
///
/// Equal values are split as their ordinals are, so the bins differ by at most one stock. Cutting by
/// value instead is [`quantile_cut`](super::quantile_cut).
///
/// ```
/// use decile_factor::cross_section::quantile_bin;
///
/// assert_eq!((quantile_bin(10, 30, 3), quantile_bin(11, 30, 3)), (Some(1), Some(2)));
/// assert_eq!(quantile_bin(1, 2, 3), None);
/// ```
#[must_use]
pub fn quantile_bin(ordinal: usize, count: usize, bins: usize) -> Option<usize> {
    let possible = bins > 0 && count >= bins && (1..=count).contains(&ordinal);
    possible.then(|| (ordinal - 1) * bins / count + 1)
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
    fn ties_are_ranked_by_name() {
        let chains = Chains::new(&[2.0, 1.0, f64::NAN, 2.0, 3.0, 2.0], 0.0);
        let ranks = |ties| {
            let ranks = chains.ranks(ties);
            assert!(ranks[2].is_nan());
            [0, 1, 3, 4, 5].map(|at| ranks[at])
        };
        assert_eq!(ranks(Ties::Average), [3.0, 1.0, 3.0, 5.0, 3.0]);
        assert_eq!(ranks(Ties::Minimum), [2.0, 1.0, 2.0, 5.0, 2.0]);
        assert_eq!(ranks(Ties::Maximum), [4.0, 1.0, 4.0, 5.0, 4.0]);
        assert_eq!(ranks(Ties::Dense), [2.0, 1.0, 2.0, 3.0, 2.0]);
        assert_eq!(ranks(Ties::Position), [2.0, 1.0, 3.0, 5.0, 4.0]);
    }

    #[test]
    fn quantiles_need_a_stock_each() {
        assert_eq!([1, 2, 3].map(|ordinal| quantile_bin(ordinal, 3, 2)), [1, 1, 2].map(Some));
        assert_eq!((quantile_bin(1, 3, 0), quantile_bin(0, 3, 2)), (None, None));
        assert_eq!((quantile_bin(4, 3, 2), quantile_bin(1, 3, 4)), (None, None));
    }

    #[test]
    fn percentiles_run_from_zero_to_one() {
        assert_eq!((percentile(1.0, 4), percentile(4.0, 4)), (0.0, 1.0));
        assert_eq!(percentile(1.0, 1), 0.5);
        for count in 0..3 {
            for percentile in [percentile, percentile_middle, percentile_upper] {
                assert!(percentile(f64::NAN, count).is_nan(), "{count}");
            }
        }
    }
}
