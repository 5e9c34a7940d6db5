//! Bars within a day, drawn between the four prices of its daily bar.
//!
//! Nothing is known of a day but its open, high, low and close. The path between them goes straight
//! from one to the next, to the nearer extreme first: through the low of a day that rose, through
//! the high of one that fell. The volume is spread evenly.

use super::reply::BarView;
use super::times;
use chrono::{DateTime, TimeDelta, Utc};
use decile_core::{Bar, Calendar};

/// Bar sizes within a day, and their seconds.
const SIZES: [(&str, i64); 18] = [
    ("1 secs", 1),
    ("5 secs", 5),
    ("10 secs", 10),
    ("15 secs", 15),
    ("30 secs", 30),
    ("1 min", 60),
    ("2 mins", 120),
    ("3 mins", 180),
    ("5 mins", 300),
    ("10 mins", 600),
    ("15 mins", 900),
    ("20 mins", 1200),
    ("30 mins", 1800),
    ("1 hour", 3600),
    ("2 hours", 7200),
    ("3 hours", 10_800),
    ("4 hours", 14_400),
    ("8 hours", 28_800),
];

/// Returns the seconds of a bar size within a day.
pub(super) fn seconds(size: &str) -> Option<i64> {
    SIZES.iter().find(|(name, _)| *name == size).map(|(_, seconds)| *seconds)
}

/// Returns the bars of a day that began before `end` and end after `start`. There are none of a
/// day whose open, high or low is not known, or whose hours are not.
pub(super) fn within_day(
    day: &Bar,
    seconds: i64,
    (start, end): (DateTime<Utc>, DateTime<Utc>),
    in_epoch: bool,
) -> Vec<BarView> {
    let hours = Calendar::nyse().open(day.date).zip(Calendar::nyse().close(day.date));
    let (Some((open, close)), Some(path)) = (hours, Path::of(day)) else { return Vec::new() };
    let length = (close - open).num_seconds();
    let first = (start - open).num_seconds().max(0) / seconds * seconds;
    let last = (end - open).num_seconds().min(length);
    let mut bars = Vec::new();
    let mut from = first;
    while from < last {
        let to = (from + seconds).min(length);
        let begin = open + TimeDelta::seconds(from);
        let part = |second: i64| second as f64 / length as f64;
        let (low, high) = path.extremes(part(from), part(to));
        bars.push(BarView {
            date: if in_epoch { begin.timestamp().to_string() } else { times::local(begin) },
            open: path.at(part(from)),
            high,
            low,
            close: path.at(part(to)),
            volume: day.volume.map(|volume| (volume * (part(to) - part(from))).round()),
        });
        from = to;
    }
    bars
}

/// A day as a line through four points that are equally far apart.
struct Path([f64; 4]);

impl Path {
    fn of(day: &Bar) -> Option<Self> {
        let (open, high, low, close) = (day.open?, day.high?, day.low?, day.close);
        Some(Self(if close >= open { [open, low, high, close] } else { [open, high, low, close] }))
    }

    /// Returns the price at a part of the day, from 0 to 1, to the cent.
    fn at(&self, part: f64) -> f64 {
        let knot = (part * 3.0).floor().clamp(0.0, 2.0);
        let [from, to] = [self.0[knot as usize], self.0[knot as usize + 1]];
        cents(from + (to - from) * (part * 3.0 - knot))
    }

    /// Returns the lowest and the highest price between two parts of the day.
    fn extremes(&self, from: f64, to: f64) -> (f64, f64) {
        let passed = [1.0, 2.0].into_iter().filter(|knot| from < knot / 3.0 && knot / 3.0 < to);
        let knots = passed.map(|knot| cents(self.0[knot as usize]));
        let ends = [self.at(from), self.at(to)];
        let all = knots.chain(ends);
        all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), price| {
            (low.min(price), high.max(price))
        })
    }
}

fn cents(price: f64) -> f64 {
    (price * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> Bar {
        Bar {
            date: "2026-08-25".parse().unwrap(),
            open: Some(100.0),
            high: Some(106.0),
            low: Some(97.0),
            close: 103.0,
            volume: Some(1300.0),
        }
    }

    #[test]
    fn a_day_is_drawn_through_its_four_prices() {
        let all =
            ("2026-08-25T00:00:00Z".parse().unwrap(), "2026-08-26T00:00:00Z".parse().unwrap());
        let bars = within_day(&day(), 1800, all, false);
        assert_eq!(bars.len(), 13);
        assert_eq!(bars[0].date, "20260825 09:30:00 US/Eastern");
        let (first, last) = (&bars[0], &bars[12]);
        assert_eq!((first.open, last.close), (100.0, 103.0));
        let low = bars.iter().map(|bar| bar.low).fold(f64::INFINITY, f64::min);
        let high = bars.iter().map(|bar| bar.high).fold(0.0, f64::max);
        assert_eq!((low, high), (97.0, 106.0));
        assert_eq!(bars.iter().filter_map(|bar| bar.volume).sum::<f64>(), 1300.0);
        for pair in bars.windows(2) {
            assert_eq!(pair[0].close, pair[1].open);
        }
    }

    #[test]
    fn a_span_takes_the_bars_that_it_touches() {
        let span =
            ("2026-08-25T14:00:00Z".parse().unwrap(), "2026-08-25T14:10:00Z".parse().unwrap());
        let dates: Vec<String> =
            within_day(&day(), 300, span, true).into_iter().map(|bar| bar.date).collect();
        assert_eq!(dates, ["1787666400", "1787666700"]);
        let mut unknown = day();
        unknown.high = None;
        assert!(within_day(&unknown, 300, span, true).is_empty());
    }
}
