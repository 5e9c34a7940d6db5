use smol_str::SmolStr;
use std::fmt;

/// A way to sort stocks into groups.
///
/// ```
/// use decile_factor::Grouping;
///
/// assert_eq!(Grouping::Sector.to_string(), "sector");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Grouping {
    /// The sector of the company.
    Sector,
    /// The company: share classes of one issuer are one group.
    Issuer,
}

impl fmt::Display for Grouping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sector => "sector",
            Self::Issuer => "issuer",
        })
    }
}

/// The groups of one grouping.
#[derive(Debug, Clone)]
pub(crate) struct Groups {
    /// Name of each stock's group.
    pub(crate) names: Vec<SmolStr>,
    /// Its number, counted from 0 in the order of the names.
    pub(crate) numbers: Vec<usize>,
}

impl Groups {
    pub(crate) fn new(names: Vec<SmolStr>) -> Self {
        let mut distinct: Vec<&SmolStr> = names.iter().collect();
        distinct.sort();
        distinct.dedup();
        let numbers = names.iter().map(|name| distinct.partition_point(|one| *one < name));
        Self { numbers: numbers.collect(), names }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_numbered_by_their_names() {
        let groups = Groups::new(["b", "a", "b", "c"].map(SmolStr::new_static).to_vec());
        assert_eq!(groups.numbers, [1, 0, 1, 2]);
        assert_eq!(Groups::new(Vec::new()).numbers, []);
    }
}
