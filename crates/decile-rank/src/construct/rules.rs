use crate::Error;
use decile_core::{Decimal, Weight};
use decile_factor::{Factor, Field};
use serde::{Deserialize, Serialize};

/// How the weights of the chosen stocks compare.
///
/// ```
/// use decile_rank::construct::Scheme;
///
/// let scheme: Scheme = serde_json::from_str("\"inverse_volatility\"").expect("a scheme");
/// assert_eq!(scheme, Scheme::InverseVolatility);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scheme {
    /// All the same.
    #[default]
    Equal,
    /// As the Q score exceeds 50: `max(Q - 50, 0)`; as it falls short of 50 for a stock that is sold
    /// short. A stock of the wrong half gets nothing.
    Score,
    /// As the place among the chosen: n for the best, 1 for the last.
    Rank,
    /// As 1 over the volatility of the last 63 sessions (factor `vol_63`). A stock of which it is not
    /// known, or is 0, is passed over.
    InverseVolatility,
}

/// Which stocks are chosen.
///
/// ```
/// use decile_rank::construct::Selection;
///
/// assert_eq!(Selection::default(), Selection::Top);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Selection {
    /// The best so many.
    #[default]
    Top,
    /// The top decile is bought, the bottom decile is sold short, for the same amount.
    LongShort,
}

/// What becomes of a company with several share classes among the eligible.
///
/// ```
/// use decile_rank::construct::ShareClasses;
///
/// assert_eq!(ShareClasses::default(), ShareClasses::All);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ShareClasses {
    /// Each is a stock of its own.
    #[default]
    All,
    /// Only the class with the largest mean value traded over 21 sessions; of classes without a
    /// volume the better ranked.
    MostLiquid,
}

/// The rules that make a portfolio of a ranking: plain numbers, as they stand in a strategy file.
///
/// Going down the ranking, each chosen stock gets the weight that the scheme wishes for it, as far
/// as the limits of name, issuer and sector leave room. What they cut off goes to the next ranks,
/// each taking at most what the scheme would give it, and what finds no place stays in cash. A
/// position under [`Construction::WEIGHT_MIN`] is not opened.
///
/// ```
/// use decile_rank::construct::{Construction, Scheme};
///
/// let rules = Construction { scheme: Scheme::Rank, count: 5, ..Construction::default() };
/// assert!(rules.check().is_ok());
/// let text = r#"{"count": 5, "scheme": "rank"}"#;
/// assert_eq!(serde_json::from_str::<Construction>(text).expect("rules"), rules);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Construction {
    /// Which stocks.
    pub selection: Selection,
    /// How many of the best; not used by [`Selection::LongShort`].
    pub count: usize,
    /// A stock that is held stays until its rank is worse than this, so that it does not come and
    /// go with every change; none: it leaves when it is not among the best `count`.
    pub leave_rank: Option<usize>,
    /// How their weights compare.
    pub scheme: Scheme,
    /// Largest weight of one stock.
    pub name_weight_max: Option<Weight>,
    /// Largest weight of one company, all its share classes together.
    pub issuer_weight_max: Option<Weight>,
    /// Largest weight of one sector.
    pub sector_weight_max: Option<Weight>,
    /// What becomes of several share classes.
    pub share_classes: ShareClasses,
    /// Longs and shorts together, half of it each; not used by [`Selection::Top`].
    pub gross_max: Decimal,
    /// Share of the equity that stays in cash whatever the weights, which are shares of the rest. It
    /// is for the plan's rules (`PlanRules::cash_buffer`) and does not change the weights.
    pub cash_buffer: Decimal,
}

impl Default for Construction {
    fn default() -> Self {
        Self {
            selection: Selection::Top,
            count: 10,
            leave_rank: None,
            scheme: Scheme::Equal,
            name_weight_max: None,
            issuer_weight_max: None,
            sector_weight_max: None,
            share_classes: ShareClasses::All,
            gross_max: Decimal::ONE,
            cash_buffer: Decimal::new(5, 2),
        }
    }
}

impl Construction {
    /// Smallest weight that is worth a position: a ten-thousandth of a percent.
    pub const WEIGHT_MIN: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

    /// Refuses rules that make no sense.
    ///
    /// # Errors
    /// [`Error::InvalidConstruction`] with the key.
    pub fn check(&self) -> Result<(), Error> {
        let fault = |key, reason: String| Err(Error::InvalidConstruction { key, reason });
        if self.count == 0 {
            return fault("count", "it is 0; it must be 1 or more".to_owned());
        }
        if let Some(leave) = self.leave_rank {
            if self.selection == Selection::LongShort {
                let reason = "has no meaning for long_short; drop one of the two".to_owned();
                return fault("leave_rank", reason);
            }
            if leave < self.count {
                let reason = format!("it is {leave}; it must be {} or more, the count", self.count);
                return fault("leave_rank", reason);
            }
        }
        let caps = [
            ("name_weight_max", self.name_weight_max),
            ("issuer_weight_max", self.issuer_weight_max),
            ("sector_weight_max", self.sector_weight_max),
        ];
        for (key, cap) in caps {
            if let Some(cap) = cap.filter(|cap| *cap <= Weight::ZERO) {
                return fault(key, format!("it is {cap}; it must be above 0 and at most 1"));
            }
        }
        if self.gross_max <= Decimal::ZERO || self.gross_max > Decimal::TWO {
            let reason = format!("it is {}; it must be above 0 and at most 2", self.gross_max);
            return fault("gross_max", reason);
        }
        if self.cash_buffer < Decimal::ZERO || self.cash_buffer >= Decimal::ONE {
            let reason = format!("it is {}; it must be from 0 to below 1", self.cash_buffer);
            return fault("cash_buffer", reason);
        }
        Ok(())
    }

    /// Returns the fields that a panel must hold beside those of the model.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        if self.scheme == Scheme::InverseVolatility {
            fields.extend_from_slice(super::facts::volatility().inputs());
        }
        if self.share_classes == ShareClasses::MostLiquid {
            fields.extend([Field::Close, Field::Volume]);
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_checked_and_named() {
        let broken = |change: fn(&mut Construction)| {
            let mut rules = Construction::default();
            change(&mut rules);
            match rules.check() {
                Err(Error::InvalidConstruction { key, .. }) => key,
                other => panic!("not refused: {other:?}"),
            }
        };
        assert!(Construction::default().check().is_ok());
        assert_eq!(broken(|rules| rules.count = 0), "count");
        assert_eq!(broken(|rules| rules.leave_rank = Some(9)), "leave_rank");
        assert_eq!(broken(|rules| rules.name_weight_max = Some(Weight::ZERO)), "name_weight_max");
        assert_eq!(
            broken(|rules| rules.issuer_weight_max = Some(Weight::ZERO)),
            "issuer_weight_max"
        );
        assert_eq!(
            broken(|rules| rules.sector_weight_max = Some(Weight::ZERO)),
            "sector_weight_max"
        );
        assert_eq!(broken(|rules| rules.gross_max = Decimal::ZERO), "gross_max");
        assert_eq!(broken(|rules| rules.gross_max = Decimal::TEN), "gross_max");
        assert_eq!(broken(|rules| rules.cash_buffer = Decimal::ONE), "cash_buffer");
        let long_short = |rules: &mut Construction| {
            rules.selection = Selection::LongShort;
            rules.leave_rank = Some(13);
        };
        assert_eq!(broken(long_short), "leave_rank");
    }

    #[test]
    fn unknown_rules_are_refused() {
        assert!(serde_json::from_str::<Construction>(r#"{"cuont": 3}"#).is_err());
    }
}
