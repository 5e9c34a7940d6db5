//! Order statistics without sorting.

/// Fewer values are selected from directly.
const SAMPLED_MIN: usize = 512;
/// Size of the sample that tells about where a tail ends.
const SAMPLE: usize = 128;
/// A tail may hold one in so many values.
const TAIL_ROOM: usize = 4;
/// How far beyond its expected place in the sample a tail is cut, in standard deviations of that
/// place: too short a cut costs a second look, never a wrong result.
const SAFETY: f64 = 3.0;

/// The two type-7 quantiles of the known values; `None` if there are none.
///
/// Both tails are collected in one pass, bounded by what a sample says, and the order statistics are
/// selected from them. If the sample misled, they are selected from all values: the result is the
/// same.
pub(super) fn quantiles(values: &[f64], lower: f64, upper: f64) -> Option<(f64, f64)> {
    let known = values.iter().filter(|value| !value.is_nan()).count();
    let low = Place::new(known, lower)?;
    let high = Place::new(known, upper)?;
    if known >= SAMPLED_MIN
        && let Some(found) = from_tails(values, known, low, high)
    {
        return Some(found);
    }
    let mut all: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    Some((low.of(&mut all, 0)?, high.of(&mut all, 0)?))
}

/// Where a quantile lies among values in ascending order.
#[derive(Clone, Copy)]
struct Place {
    /// Index of the value at or below it.
    below: usize,
    /// How far it is from there to the next.
    fraction: f64,
}

impl Place {
    fn new(count: usize, probability: f64) -> Option<Self> {
        let last = count.checked_sub(1)?;
        let position = probability.clamp(0.0, 1.0) * last as f64;
        let below = (position.floor() as usize).min(last);
        Some(Self { below, fraction: position - below as f64 })
    }

    /// The last index that is looked at.
    fn above(self) -> usize {
        self.below + usize::from(self.fraction > 0.0)
    }

    /// The quantile of a whole of which `part` holds the values from rank `first` on; reorders them.
    fn of(self, part: &mut [f64], first: usize) -> Option<f64> {
        let below = self.below.checked_sub(first).filter(|below| *below < part.len())?;
        let (_, low, rest) = part.select_nth_unstable_by(below, f64::total_cmp);
        let low = *low;
        let high = rest.iter().copied().fold(f64::INFINITY, f64::min);
        // At the end of the values there is no next one, and no way to go to it either.
        Some(if rest.is_empty() { low } else { low + (high - low) * self.fraction })
    }
}

fn from_tails(values: &[f64], known: usize, low: Place, high: Place) -> Option<(f64, f64)> {
    let mut sample = [0.0; SAMPLE];
    let mut taken = 0;
    let step = values.len().div_ceil(SAMPLE);
    for value in values.iter().step_by(step).filter(|value| !value.is_nan()) {
        sample[taken] = *value;
        taken += 1;
    }
    let sample = &mut sample[..taken];
    let mut bound = |place: Place, away: f64| {
        let share = place.below as f64 / known as f64;
        let spread = (share * (1.0 - share) * taken as f64).sqrt();
        let index = share * taken as f64 + away * (SAFETY * spread + 1.0);
        let is_inside = (0.0..taken as f64).contains(&index);
        is_inside.then(|| *sample.select_nth_unstable_by(index as usize, f64::total_cmp).1)
    };
    let (to, from) = (bound(low, 1.0)?, bound(high, -1.0)?);
    // Written whether it belongs or not, and kept by moving on: no branch to mispredict. Tails that
    // do not fit pile up in the last place.
    let room = known / TAIL_ROOM;
    let (mut least, mut most) = (vec![0.0; room + 1], vec![0.0; room + 1]);
    let (mut below, mut above) = (0, 0);
    for value in values {
        least[below.min(room)] = *value;
        below += usize::from(*value <= to);
        most[above.min(room)] = *value;
        above += usize::from(*value >= from);
    }
    let first = known - above;
    let is_whole = below.max(above) <= room && low.above() < below && first <= high.below;
    let tails = is_whole.then(|| (&mut least[..below], &mut most[..above]));
    tails.and_then(|(least, most)| Some((low.of(least, 0)?, high.of(most, first)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition: sort, and interpolate between neighbours.
    fn by_sorting(values: &[f64], probability: f64) -> f64 {
        let mut known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        known.sort_by(f64::total_cmp);
        let position = probability * (known.len() - 1) as f64;
        let below = position.floor() as usize;
        let above = (below + 1).min(known.len() - 1);
        known[below] + (known[above] - known[below]) * (position - below as f64)
    }

    /// Numbers without order, some of them missing.
    fn scattered(count: u64, missing_every: u64) -> Vec<f64> {
        let value = |index: u64| {
            let mixed = index.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11;
            let missing = missing_every > 0 && index.is_multiple_of(missing_every);
            if missing { f64::NAN } else { mixed as f64 / 1e15 - 4.0 }
        };
        (0..count).map(value).collect()
    }

    #[test]
    fn quantiles_are_those_of_the_sorted_values() {
        for count in [1, 2, 20, 511, 512, 2000, 5001] {
            for missing_every in [0, 3, 40] {
                let values = scattered(count, missing_every);
                for (lower, upper) in [(0.05, 0.95), (0.0, 1.0), (0.25, 0.75), (0.4, 0.5)] {
                    let Some(ours) = quantiles(&values, lower, upper) else {
                        assert!(values.iter().all(|value| value.is_nan()));
                        continue;
                    };
                    let sorted = (by_sorting(&values, lower), by_sorting(&values, upper));
                    assert_eq!(ours, sorted, "{count} {missing_every} {lower}");
                }
            }
        }
    }

    #[test]
    fn a_sample_that_misleads_changes_nothing() {
        // Every value that the sample sees is among the largest, then among the smallest.
        let step = 2048_usize.div_ceil(SAMPLE);
        for sign in [1.0, -1.0] {
            let value = |index: usize| {
                let seen = if index.is_multiple_of(step) { 1e6 } else { 0.0 };
                sign * (index as f64 + seen)
            };
            let values: Vec<f64> = (0..2048).map(value).collect();
            let ours = quantiles(&values, 0.05, 0.95).unwrap();
            assert_eq!(ours, (by_sorting(&values, 0.05), by_sorting(&values, 0.95)));
        }
    }

    #[test]
    fn equal_values_are_their_quantiles() {
        assert_eq!(quantiles(&[2.5; 700], 0.05, 0.95), Some((2.5, 2.5)));
        assert_eq!(quantiles(&[f64::NAN; 700], 0.05, 0.95), None);
    }
}
