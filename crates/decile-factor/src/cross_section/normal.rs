use super::{Chains, percentile_middle};
use statrs::distribution::{ContinuousCDF, Normal};

/// Where in (0, 1) a rank is put before it becomes a normal score.
///
/// ```
/// use decile_factor::cross_section::Plotting;
///
/// assert_ne!(Plotting::Blom, Plotting::Hazen);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Plotting {
    /// `(r - 3/8) / (n + 1/4)`: Blom, *Statistical Estimates and Transformed Beta-Variables* (1958).
    Blom,
    /// `(r - 1/2) / n`, as skfolio.
    Hazen,
}

/// Replaces values by the standard normal scores of their ranks, ties sharing the mean of theirs.
///
/// All values equal, or a single one: 0. Missing stays missing.
///
/// ```
/// use decile_factor::cross_section::{Plotting, rank_gauss};
///
/// let mut values = [10.0, 1000.0, 11.0, f64::NAN];
/// rank_gauss(&mut values, Plotting::Hazen);
/// // Ranks 1, 3 and 2 of 3: 1/6, 5/6 and 1/2 of the normal distribution.
/// assert!((values[0] + 0.967421566101701).abs() < 1e-12 && values[2] == 0.0);
/// ```
pub fn rank_gauss(values: &mut [f64], plotting: Plotting) {
    let chains = Chains::new(values, 0.0);
    let (ranks, count) = (chains.average_ranks(), chains.known());
    let normal = Normal::standard();
    for (value, rank) in values.iter_mut().zip(ranks).filter(|(_, rank)| !rank.is_nan()) {
        let share = match plotting {
            Plotting::Blom => (rank - 0.375) / (count as f64 + 0.25),
            Plotting::Hazen => percentile_middle(rank, count),
        };
        // The middle one is 0 exactly, not the rounding of a root.
        *value = if share == 0.5 { 0.0 } else { normal.inverse_cdf(share) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_of_the_tables() {
        // Φ⁻¹ of 0.95, 0.975 and 0.995, as printed everywhere.
        let known =
            [(0.95, 1.644853626951473), (0.975, 1.959963984540054), (0.995, 2.575829303548901)];
        for (share, score) in known {
            assert!((Normal::standard().inverse_cdf(share) - score).abs() < 1e-12, "{share}");
        }
    }

    #[test]
    fn equal_values_score_nothing() {
        for plotting in [Plotting::Blom, Plotting::Hazen] {
            let mut values = [5.0, 5.0, f64::NAN];
            rank_gauss(&mut values, plotting);
            assert!(values[..2] == [0.0, 0.0] && values[2].is_nan());
            rank_gauss(&mut [], plotting);
        }
    }
}
