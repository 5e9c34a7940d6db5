//! Sorting positions by their values.

/// Returns the positions of the known values in ascending order; of equal values, and 0.0 equals
/// -0.0, the earlier position first.
///
/// Sorting bare integers is several times faster than sorting positions through a comparison, so
/// each value, as an integer of the same order, gives up its last bits to its position. Runs that
/// agree in what is left are then put right by their full values.
pub(super) fn ascending(values: &[f64]) -> Vec<usize> {
    let mask = values.len().next_power_of_two() as u64 - 1;
    let known = values.iter().enumerate().filter(|(_, value)| !value.is_nan());
    let mut keys: Vec<u64> =
        known.map(|(index, value)| (ordered(*value) & !mask) | index as u64).collect();
    keys.sort_unstable();
    let mut order: Vec<usize> = keys.iter().map(|key| (key & mask) as usize).collect();
    let mut start = 0;
    for run in keys.chunk_by(|a, b| (a ^ b) & !mask == 0) {
        let end = start + run.len();
        if run.len() > 1 {
            order[start..end].sort_unstable_by_key(|index| (ordered(values[*index]), *index));
        }
        start = end;
    }
    order
}

/// An integer that compares as the number does.
fn ordered(value: f64) -> u64 {
    // Adding 0.0 turns -0.0 into 0.0.
    let bits = (value + 0.0).to_bits();
    // Negative numbers grow with their bits, so those are flipped, and stand before the others.
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_come_in_the_order_of_their_values() {
        let infinite = f64::INFINITY;
        let values = [3.0, f64::NAN, -0.0, 0.0, -infinite, -1e-300, infinite, 3.0, -2.0];
        assert_eq!(ascending(&values), [4, 8, 5, 2, 3, 0, 7, 6]);
        assert_eq!(ascending(&[]), [0_usize; 0]);
        assert_eq!(ascending(&[f64::NAN]), [0_usize; 0]);
        assert_eq!(ascending(&[1.0]), [0]);
    }

    #[test]
    fn values_a_bit_apart_are_told_apart() {
        // All agree in every bit that the position leaves over.
        let values: Vec<f64> =
            (0..1000).map(|i| f64::from_bits(1.0_f64.to_bits() + (i * 7) % 1000)).collect();
        let order = ascending(&values);
        assert_eq!(order.len(), values.len());
        assert!(order.windows(2).all(|pair| values[pair[0]] < values[pair[1]]));
    }
}
