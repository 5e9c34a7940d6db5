use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, Neg, Sub};

/// A whole number of shares; negative for a short holding or a sale.
///
/// Fractional shares are not represented: brokers differ on them, and plans floor to lots.
///
/// ```
/// use decile_core::Shares;
///
/// let change = Shares::new(40) - Shares::new(100);
/// assert_eq!(change, Shares::new(-60));
/// assert_eq!(change.abs().to_string(), "60");
/// ```
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Shares(i64);

impl Shares {
    /// No shares.
    pub const ZERO: Self = Self(0);

    /// Makes a number of shares.
    #[must_use]
    pub fn new(count: i64) -> Self {
        Self(count)
    }

    /// Returns the number.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }

    /// Returns the number without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// Tells whether there are none.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

// Sums saturate at 9e18 shares rather than panic: a hundred million times any company's count.
impl Add for Shares {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Shares {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Shares {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl fmt::Display for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
