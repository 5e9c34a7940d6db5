use super::{Chains, Moments, check_finite, check_lengths};
use crate::Error;

/// Returns Pearson's correlation of the pairs of which both values are known. `None` with fewer than
/// two pairs, or if either side has no spread.
///
/// # Errors
/// [`Error::LengthMismatch`] for lists of different lengths, [`Error::InfiniteValue`] for an infinite
/// value.
///
/// ```
/// use decile_factor::cross_section::pearson;
///
/// let correlation = pearson(&[1.0, 2.0, 3.0, f64::NAN], &[1.0, 3.0, 2.0, 9.0])?;
/// assert!((correlation.expect("three pairs") - 0.5).abs() < 1e-15);
/// # Ok::<(), decile_factor::Error>(())
/// ```
pub fn pearson(a: &[f64], b: &[f64]) -> Result<Option<f64>, Error> {
    let (a, b) = pairs(a, b)?;
    Ok(correlation(&a, &b))
}

/// Returns Spearman's rank correlation: [`pearson`] of the ranks, ties sharing the mean of theirs, of
/// the pairs of which both values are known. `None` as there.
///
/// # Errors
/// As [`pearson`].
///
/// ```
/// use decile_factor::cross_section::spearman;
///
/// let correlation = spearman(&[1.0, 2.0, 30.0], &[1.0, 3.0, 2.0])?;
/// assert!((correlation.expect("three pairs") - 0.5).abs() < 1e-15);
/// # Ok::<(), decile_factor::Error>(())
/// ```
pub fn spearman(a: &[f64], b: &[f64]) -> Result<Option<f64>, Error> {
    let (a, b) = pairs(a, b)?;
    let ranks = |values: &[f64]| Chains::new(values, 0.0).average_ranks();
    Ok(correlation(&ranks(&a), &ranks(&b)))
}

/// Returns Kendall's tau-b, which allows for ties, of the pairs of which both values are known:
/// `(concordant - discordant) / √((n0 - ties in a) (n0 - ties in b))`, n0 = n (n - 1) / 2. `None` with
/// fewer than two pairs, or if either side is constant.
///
/// In n log n steps: Knight, *A Computer Method for Calculating Kendall's Tau with Ungrouped Data*
/// (1966).
///
/// # Errors
/// As [`pearson`].
///
/// ```
/// use decile_factor::cross_section::kendall;
///
/// // Two pairs of three are in the same order.
/// let tau = kendall(&[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0])?.expect("three pairs");
/// assert!((tau - 1.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), decile_factor::Error>(())
/// ```
pub fn kendall(a: &[f64], b: &[f64]) -> Result<Option<f64>, Error> {
    let (a, b) = pairs(a, b)?;
    // -0.0 + 0.0 is 0.0, which sorts as its equal.
    let mut points: Vec<(f64, f64)> = a.iter().zip(&b).map(|(a, b)| (a + 0.0, b + 0.0)).collect();
    points.sort_unstable_by(|p, q| p.0.total_cmp(&q.0).then(p.1.total_cmp(&q.1)));
    let tied_in_a = tied(points.chunk_by(|p, q| p.0 == q.0));
    let tied_in_both = tied(points.chunk_by(|p, q| p == q));
    let mut second: Vec<f64> = points.into_iter().map(|(_, b)| b).collect();
    let discordant = sort_counting_swaps(&mut second) as f64;
    let tied_in_b = tied(second.chunk_by(|p, q| p == q));
    let all = pairs_among(second.len());
    let (apart_in_a, apart_in_b) = (all - tied_in_a, all - tied_in_b);
    if apart_in_a <= 0.0 || apart_in_b <= 0.0 {
        return Ok(None);
    }
    let difference = all - tied_in_a - tied_in_b + tied_in_both - 2.0 * discordant;
    Ok(Some(difference / apart_in_a.sqrt() / apart_in_b.sqrt()))
}

/// The pairs of which both values are known, taken apart.
fn pairs(a: &[f64], b: &[f64]) -> Result<(Vec<f64>, Vec<f64>), Error> {
    check_lengths(a.len(), b.len())?;
    check_finite(a)?;
    check_finite(b)?;
    Ok(a.iter().zip(b).filter(|(a, b)| !a.is_nan() && !b.is_nan()).unzip())
}

fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let (of_a, of_b) = (Moments::of(a)?, Moments::of(b)?);
    if of_a.deviation <= 0.0 || of_b.deviation <= 0.0 {
        return None;
    }
    let products: f64 = a.iter().zip(b).map(|(a, b)| of_a.z(*a) * of_b.z(*b)).sum();
    Some((products / a.len() as f64).clamp(-1.0, 1.0))
}

fn pairs_among(count: usize) -> f64 {
    let count = count as f64;
    count * (count - 1.0) / 2.0
}

/// Number of pairs inside the runs.
fn tied<'a, T: 'a>(runs: impl Iterator<Item = &'a [T]>) -> f64 {
    runs.map(|run| pairs_among(run.len())).sum()
}

/// Sorts by merging, and returns how many pairs stood in the wrong order.
fn sort_counting_swaps(values: &mut [f64]) -> u64 {
    let mut swaps = 0;
    let mut merged = values.to_vec();
    let mut run = 1;
    while run < values.len() {
        for (from, to) in values.chunks(2 * run).zip(merged.chunks_mut(2 * run)) {
            swaps += merge(from, run.min(from.len()), to);
        }
        values.copy_from_slice(&merged);
        run *= 2;
    }
    swaps
}

/// Merges the two sorted parts of `from`, the second of which begins at `middle`.
fn merge(from: &[f64], middle: usize, to: &mut [f64]) -> u64 {
    let (mut left, mut right, mut swaps) = (0, middle, 0);
    for place in to {
        let take_left = right == from.len() || (left < middle && from[left] <= from[right]);
        if take_left {
            *place = from[left];
            left += 1;
        } else {
            *place = from[right];
            right += 1;
            swaps += (middle - left) as u64;
        }
    }
    swaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tau_is_what_counting_all_pairs_gives() {
        // A fixed run of small whole numbers: many ties of every kind.
        let draw =
            |at: u64, seed: u64| f64::from(((at * 7919 + seed) * 104_729 % 1_000_003 % 7) as u32);
        for count in [2, 3, 10, 64, 101] {
            let a: Vec<f64> = (0..count).map(|at| draw(at, 1)).collect();
            let b: Vec<f64> = (0..count).map(|at| draw(at, 500)).collect();
            let (mut sum, mut in_a, mut in_b) = (0.0, 0.0, 0.0);
            for i in 0..a.len() {
                for j in 0..i {
                    let sign = |x: f64| if x == 0.0 { 0.0 } else { x.signum() };
                    let (of_a, of_b) = (sign(a[i] - a[j]), sign(b[i] - b[j]));
                    (sum, in_a, in_b) = (sum + of_a * of_b, in_a + of_a.abs(), in_b + of_b.abs());
                }
            }
            let ours = kendall(&a, &b).unwrap();
            let by_counting = (in_a > 0.0 && in_b > 0.0).then(|| sum / (in_a * in_b).sqrt());
            match (ours, by_counting) {
                (Some(ours), Some(other)) => assert!((ours - other).abs() < 1e-14, "{count}"),
                (ours, other) => assert_eq!(ours, other, "{count}"),
            }
        }
    }

    #[test]
    fn edges_of_every_correlation() {
        for correlate in [pearson, spearman, kendall] {
            assert_eq!(correlate(&[], &[]), Ok(None));
            assert_eq!(correlate(&[1.0], &[1.0]), Ok(None));
            assert_eq!(correlate(&[1.0, 1.0], &[1.0, 2.0]), Ok(None), "constant");
            assert_eq!(correlate(&[1.0, f64::NAN], &[f64::NAN, 2.0]), Ok(None), "no pair");
            let opposite = correlate(&[1.0, 2.0, f64::NAN], &[5.0, 4.0, 3.0]).unwrap().unwrap();
            assert!((opposite + 1.0).abs() < 1e-15, "{opposite}");
            assert_eq!(correlate(&[1.0], &[]), Err(Error::LengthMismatch { left: 1, right: 0 }));
            let infinite = correlate(&[1.0, 2.0], &[f64::INFINITY, 2.0]);
            assert_eq!(infinite, Err(Error::InfiniteValue { position: 0 }));
        }
    }
}
