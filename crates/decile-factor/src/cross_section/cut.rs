use super::{check_finite, quantile};
use crate::Error;

/// Cuts the values at their own quantiles (type 7) into bins from 1, the lowest, up: pandas' `qcut`,
/// which zipline and alphalens use. `None` where missing.
///
/// A value on an edge belongs to the bin below. Bins are of different sizes where values are equal, and
/// no cut is possible where two edges are; [`quantile_bin`](super::quantile_bin) of ordinal ranks
/// always is.
///
/// # Errors
/// [`Error::DuplicateEdges`] if two edges are equal, [`Error::InfiniteValue`] for an infinite value.
///
/// ```
/// use decile_factor::cross_section::quantile_cut;
///
/// let bins = quantile_cut(&[4.0, 1.0, f64::NAN, 2.0, 3.0], 2)?;
/// assert_eq!(bins, [Some(2), Some(1), None, Some(1), Some(2)]);
/// # Ok::<(), decile_factor::Error>(())
/// ```
pub fn quantile_cut(values: &[f64], bins: usize) -> Result<Vec<Option<usize>>, Error> {
    check_finite(values)?;
    let edge = |bin: usize| quantile(values, bin as f64 / bins as f64);
    let edges: Vec<f64> =
        if bins == 0 { Vec::new() } else { (0..=bins).filter_map(edge).collect() };
    if let Some(pair) = edges.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(Error::DuplicateEdges { bins, edge: pair[1] });
    }
    let bin = |value: &f64| {
        let below = edges.iter().filter(|edge| **edge < *value).count();
        (!value.is_nan() && bins > 0).then(|| below.clamp(1, bins))
    };
    Ok(values.iter().map(bin).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_that_coincide_are_an_error() {
        let error = quantile_cut(&[1.0, 1.0, 1.0, 2.0], 4).unwrap_err();
        assert_eq!(error, Error::DuplicateEdges { bins: 4, edge: 1.0 });
        assert!(quantile_cut(&[5.0], 2).is_err(), "one value is every edge");
        let infinite = quantile_cut(&[0.0, f64::NEG_INFINITY], 2).unwrap_err();
        assert_eq!(infinite, Error::InfiniteValue { position: 1 });
    }

    #[test]
    fn nothing_known_is_in_no_bin() {
        assert_eq!(quantile_cut(&[f64::NAN], 3).unwrap(), [None]);
        assert_eq!(quantile_cut(&[1.0], 0).unwrap(), [None]);
        assert_eq!(quantile_cut(&[], 3).unwrap(), []);
    }
}
