use super::{Moments, check_lengths, population_z};
use crate::Error;
use std::collections::BTreeMap;

/// Takes off each value the mean of its group; of a group with fewer than `members_min` known values,
/// the mean of all.
///
/// `groups` holds the number of each stock's group, as [`Window::group`](crate::Window::group) gives
/// it. A `members_min` of 1 always takes the group's own mean. With 30 stocks in 11 sectors most groups
/// are too small to be judged by themselves.
///
/// # Errors
/// [`Error::LengthMismatch`] if there are not as many groups as values.
///
/// ```
/// use decile_factor::cross_section::demean_by_group;
///
/// let mut values = [1.0, 3.0, 10.0, f64::NAN];
/// demean_by_group(&mut values, &[0, 0, 1, 1], 2)?;
/// // The mean of all three for the one that is alone in its group.
/// assert_eq!(values[..3], [-1.0, 1.0, 10.0 - 14.0 / 3.0]);
/// # Ok::<(), decile_factor::Error>(())
/// ```
pub fn demean_by_group(
    values: &mut [f64],
    groups: &[usize],
    members_min: usize,
) -> Result<(), Error> {
    by_group(values, groups, members_min, |value, moments| value - moments.mean)
}

/// Takes off the mean of the group, as [`demean_by_group`], and standardises over all by the
/// population deviation: how far a stock is from its group, in units that all groups share.
///
/// # Errors
/// [`Error::LengthMismatch`] if there are not as many groups as values.
///
/// ```
/// use decile_factor::cross_section::neutral_z;
///
/// let mut values = [1.0, 3.0, 11.0, 13.0];
/// neutral_z(&mut values, &[0, 0, 1, 1], 2)?;
/// assert_eq!(values, [-1.0, 1.0, -1.0, 1.0]);
/// # Ok::<(), decile_factor::Error>(())
/// ```
pub fn neutral_z(values: &mut [f64], groups: &[usize], members_min: usize) -> Result<(), Error> {
    demean_by_group(values, groups, members_min)?;
    population_z(values);
    Ok(())
}

/// Standardises inside each group by its own mean and population deviation; a group with fewer than
/// `members_min` known values, by those of all. For groups of eight or more.
///
/// # Errors
/// [`Error::LengthMismatch`] if there are not as many groups as values.
///
/// ```
/// use decile_factor::cross_section::z_within_groups;
///
/// let mut values = [1.0, 3.0, 10.0, 30.0];
/// z_within_groups(&mut values, &[0, 0, 1, 1], 2)?;
/// assert_eq!(values, [-1.0, 1.0, -1.0, 1.0]);
/// # Ok::<(), decile_factor::Error>(())
/// ```
pub fn z_within_groups(
    values: &mut [f64],
    groups: &[usize],
    members_min: usize,
) -> Result<(), Error> {
    by_group(values, groups, members_min, |value, moments| moments.z(value))
}

/// Rewrites each value by the moments of its group, or of all if the group is too small.
fn by_group(
    values: &mut [f64],
    groups: &[usize],
    members_min: usize,
    rewrite: impl Fn(f64, Moments) -> f64,
) -> Result<(), Error> {
    check_lengths(values.len(), groups.len())?;
    let Some(all) = Moments::of(values) else { return Ok(()) };
    let mut members: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for (value, group) in values.iter().zip(groups).filter(|(value, _)| !value.is_nan()) {
        members.entry(*group).or_default().push(*value);
    }
    members.retain(|_, values| values.len() >= members_min);
    let own = |(group, values): (&usize, &Vec<f64>)| Some((*group, Moments::of(values)?));
    let moments: BTreeMap<usize, Moments> = members.iter().filter_map(own).collect();
    for (value, group) in values.iter_mut().zip(groups) {
        *value = rewrite(*value, *moments.get(group).unwrap_or(&all));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_too_small_is_judged_by_all() {
        // All: mean 4, deviation √((9 + 1 + 1 + 9) / 4) = √5.
        let sample = [1.0, 3.0, 5.0, 7.0];
        let mut values = sample;
        z_within_groups(&mut values, &[0, 0, 0, 1], 2).unwrap();
        assert!((values[3] - 3.0 / 5.0_f64.sqrt()).abs() < 1e-15);
        let mut values = sample;
        demean_by_group(&mut values, &[0, 0, 0, 1], 4).unwrap();
        assert_eq!(values, [-3.0, -1.0, 1.0, 3.0]);
        let mut values = sample;
        demean_by_group(&mut values, &[0, 0, 0, 1], 1).unwrap();
        assert_eq!(values, [-2.0, 0.0, 2.0, 0.0]);
    }

    #[test]
    fn equal_values_and_missing_ones() {
        let mut equal = [0.1; 3];
        neutral_z(&mut equal, &[0, 0, 1], 1).unwrap();
        assert_eq!(equal, [0.0; 3]);
        let mut missing = [f64::NAN; 2];
        z_within_groups(&mut missing, &[0, 1], 1).unwrap();
        assert!(missing.iter().all(|value| value.is_nan()));
        neutral_z(&mut [], &[], 3).unwrap();
        let error = demean_by_group(&mut [1.0], &[], 3).unwrap_err();
        assert_eq!(error, Error::LengthMismatch { left: 1, right: 0 });
    }
}
