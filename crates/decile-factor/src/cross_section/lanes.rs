//! Sums that a processor adds up several at a time.
//!
//! Floating-point addition is not associative, so a compiler keeps the order it is given. These
//! sums are defined as eight running sums, one for every eighth value, added up in a fixed order:
//! the same bytes everywhere, and less rounding than one long chain.

const LANES: usize = 8;

/// Adds up `term` of every value.
pub(super) fn sum(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += term(*value);
        }
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        *lane += term(*value);
    }
    total(lanes)
}

fn total([a, b, c, d, e, f, g, h]: [f64; LANES]) -> f64 {
    ((a + e) + (b + f)) + ((c + g) + (d + h))
}

/// The number of known values, and their sum.
pub(super) fn count_and_sum(values: &[f64]) -> (f64, f64) {
    let (mut counts, mut sums) = ([0.0; LANES], [0.0; LANES]);
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks.iter().map(<[f64; LANES]>::as_slice).chain([rest]) {
        for ((count, sum), value) in counts.iter_mut().zip(&mut sums).zip(chunk) {
            // Both written always, so that nothing has to be predicted.
            *count += if value.is_nan() { 0.0 } else { 1.0 };
            *sum += if value.is_nan() { 0.0 } else { *value };
        }
    }
    (total(counts), total(sums))
}

/// The least and the greatest of the known values; infinities the wrong way round if there are none.
pub(super) fn extremes(values: &[f64]) -> (f64, f64) {
    let mut least = [f64::INFINITY; LANES];
    let mut most = [f64::NEG_INFINITY; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks.iter().map(<[f64; LANES]>::as_slice).chain([rest]) {
        for ((least, most), value) in least.iter_mut().zip(&mut most).zip(chunk) {
            // A missing value fails both comparisons.
            *least = if *value < *least { *value } else { *least };
            *most = if *value > *most { *value } else { *most };
        }
    }
    (
        least.into_iter().fold(f64::INFINITY, f64::min),
        most.into_iter().fold(f64::NEG_INFINITY, f64::max),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_counts_once() {
        for count in 0..40_i32 {
            let values: Vec<f64> = (1..=count).map(f64::from).collect();
            let all = f64::from(count * (count + 1) / 2);
            assert_eq!(sum(&values, |value| value), all);
            assert_eq!(count_and_sum(&values), (f64::from(count), all));
            let (least, most) = extremes(&values);
            let expected = if count == 0 { f64::INFINITY } else { 1.0 };
            assert_eq!((least, most.max(0.0)), (expected, f64::from(count)));
        }
        assert_eq!(extremes(&[f64::NAN, 2.0, f64::NAN, -3.0]), (-3.0, 2.0));
        assert_eq!(count_and_sum(&[f64::NAN, 2.0, f64::NAN, -3.0]), (2.0, -1.0));
    }
}
