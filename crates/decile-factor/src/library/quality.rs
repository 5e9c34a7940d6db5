//! How well the company uses what it owns.

use crate::{Factor, Field, Item, Window};

/// Net income of four quarters over the mean of book equity now and a year ago.
///
/// Haugen and Baker, *Commonality in the Determinants of Expected Stock Returns* (1996); Hou, Xue
/// and Zhang, *Digesting Anomalies* (2015). Without a quarter a year ago, book equity now alone.
/// Missing if either book equity is 0 or less.
///
/// ```
/// use decile_factor::Factor;
/// use decile_factor::library::quality::ReturnOnEquity;
///
/// assert_eq!(ReturnOnEquity.name(), "roe");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ReturnOnEquity;

impl Factor for ReturnOnEquity {
    fn name(&self) -> &str {
        "roe"
    }

    fn inputs(&self) -> &[Field] {
        &[
            Field::Ttm(Item::NetIncome),
            Field::Quarter(Item::BookEquity, 0),
            Field::QuarterYearAgo(Item::BookEquity, 0),
        ]
    }

    fn lookback(&self) -> usize {
        0
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        let income = window.today(Field::Ttm(Item::NetIncome));
        let now = window.today(Field::Quarter(Item::BookEquity, 0));
        let then = window.today(Field::QuarterYearAgo(Item::BookEquity, 0));
        for (((value, income), now), then) in out.iter_mut().zip(income).zip(now).zip(then) {
            *value = income / average_book(*now, *then);
        }
    }
}

/// The mean of both books; missing unless every book that is known is above 0.
fn average_book(now: f64, then: f64) -> f64 {
    match (now > 0.0, then.is_nan()) {
        (true, true) => now,
        (true, false) if then > 0.0 => f64::midpoint(now, then),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_book_must_be_positive() {
        assert_eq!(average_book(10.0, 20.0), 15.0);
        assert_eq!(average_book(10.0, f64::NAN), 10.0);
        for (now, then) in [(0.0, 5.0), (5.0, 0.0), (5.0, -1.0), (-1.0, f64::NAN), (f64::NAN, 5.0)]
        {
            assert!(average_book(now, then).is_nan(), "{now} {then}");
        }
    }
}
