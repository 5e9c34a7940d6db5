/// How far two sources may be apart, as shares of the one that checks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tolerance {
    /// Above it, somebody should look.
    pub(crate) warned: f64,
    /// Above it, nobody knows the value.
    pub(crate) missing: f64,
}

/// What comes of holding a value against another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Gap {
    /// They agree, or one of them is missing.
    Fine,
    /// So far apart that it is worth a warning.
    Warned(f64),
    /// So far apart that the value is missing.
    Missing(f64),
}

impl Tolerance {
    /// Compares by |value / check - 1|. Two zeros agree; a value beside a zero is infinitely far.
    pub(crate) fn gap(self, value: Option<f64>, check: Option<f64>) -> Gap {
        let (Some(value), Some(check)) = (value, check) else { return Gap::Fine };
        let gap = if value == check { 0.0 } else { (value / check - 1.0).abs() };
        // A gap that is no number is no agreement.
        if gap <= self.warned {
            Gap::Fine
        } else if gap <= self.missing {
            Gap::Warned(gap)
        } else {
            Gap::Missing(gap)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_relative_to_the_check() {
        let tolerance = Tolerance { warned: 0.10, missing: 0.50 };
        let gap = |value, check| tolerance.gap(Some(value), Some(check));
        assert_eq!(gap(109.0, 100.0), Gap::Fine);
        assert_eq!(gap(-80.0, -100.0), Gap::Warned(1.0 - 0.8));
        assert_eq!(gap(1.0, -1.0), Gap::Missing(2.0));
        assert_eq!(gap(0.0, 0.0), Gap::Fine);
        assert_eq!(gap(1.0, 0.0), Gap::Missing(f64::INFINITY));
        assert!(matches!(gap(f64::NAN, 1.0), Gap::Missing(_)));
        assert_eq!(tolerance.gap(None, Some(1.0)), Gap::Fine);
        assert_eq!(tolerance.gap(Some(1.0), None), Gap::Fine);
    }
}
