//! Sorting positions by their values.

/// More keys than these are distributed before they are sorted.
const DISTRIBUTED_MIN: usize = 256;
/// Bits of a digit by which keys are distributed: two digits hold the sign, the exponent and the first
/// twelve bits of the fraction, so few keys are left together.
const DIGIT_BITS: u32 = 12;
const DIGITS: usize = 1 << DIGIT_BITS;
/// Bits below both digits.
const REST_BITS: u32 = u64::BITS - 2 * DIGIT_BITS;

/// Returns the positions of the known values in ascending order; of equal values, and 0.0 equals
/// -0.0, the earlier position first.
///
/// Sorting bare integers is several times faster than sorting positions through a comparison, so
/// each value, as an integer of the same order, gives up its last bits to its position. Runs that
/// agree in what is left are then put right by their full values.
pub(super) fn ascending(values: &[f64]) -> Vec<usize> {
    let mask = values.len().next_power_of_two() as u64 - 1;
    let known = values.iter().enumerate().filter(|(_, value)| !value.is_nan());
    let mut keys: Vec<u64> = Vec::with_capacity(values.len());
    keys.extend(known.map(|(index, value)| (ordered(*value) & !mask) | index as u64));
    sort(&mut keys);
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

/// Sorts keys: distributes many by their first digits, and compares those that stay together.
fn sort(keys: &mut [u64]) {
    if keys.len() < DISTRIBUTED_MIN {
        return keys.sort_unstable();
    }
    let mut other = vec![0; keys.len()];
    // The lower digit first; the second round keeps the order of the first.
    distribute(keys, &mut other, REST_BITS);
    distribute(&other, keys, REST_BITS + DIGIT_BITS);
    for run in keys.chunk_by_mut(|a, b| a >> REST_BITS == b >> REST_BITS) {
        if run.len() > 1 {
            run.sort_unstable();
        }
    }
}

/// Copies keys in the order of one digit; those that agree in it keep theirs.
fn distribute(from: &[u64], to: &mut [u64], shift: u32) {
    let digit = |key: u64| (key >> shift) as usize % DIGITS;
    let mut places = [0_u32; DIGITS];
    for key in from {
        places[digit(*key)] += 1;
    }
    let mut next = 0;
    for place in &mut places {
        next += std::mem::replace(place, next);
    }
    for key in from {
        let place = &mut places[digit(*key)];
        to[*place as usize] = *key;
        *place += 1;
    }
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
    fn many_values_come_in_the_order_of_all_their_bits() {
        // Of every size from subnormal to huge, of both signs, some missing and some equal.
        let scattered = |index: u64| index.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17);
        for count in [255, 256, 1000, 5000] {
            let mut values: Vec<f64> = (0..count).map(|at| f64::from_bits(scattered(at))).collect();
            values.extend_from_within(..50);
            let mut expected: Vec<usize> =
                (0..values.len()).filter(|at| !values[*at].is_nan()).collect();
            expected.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
            assert_eq!(ascending(&values), expected);
            let near: Vec<f64> = values.iter().map(|value| 1.0 + (value % 1.0) / 1e7).collect();
            let order = ascending(&near);
            assert!(order.windows(2).all(|pair| near[pair[0]] <= near[pair[1]]));
        }
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
