use super::OrderStyle;
use crate::{AccountKind, Error};
use decile_core::{Decimal, Money, Shares};
use serde::{Deserialize, Serialize};

/// The rules that turn weights into orders.
///
/// Plain numbers, as they stand in a strategy file; [`Plan::toward`](crate::Plan::toward) refuses
/// the ones that make no sense. The default keeps 5 % in cash, because Interactive Brokers reserves
/// about as much for market orders of a cash account.
///
/// ```
/// use decile_trade::PlanRules;
///
/// let rules = PlanRules { cash_buffer: "0.02".parse()?, ..PlanRules::default() };
/// assert_eq!(rules.lot.get(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlanRules {
    /// Fraction of the equity that stays in cash: from 0 to below 1.
    pub cash_buffer: Decimal,
    /// A holding that is nearer to its target than this fraction of the equity is left alone,
    /// unless it is entered or sold entirely: 0 or more.
    pub band: Decimal,
    /// Changes of less value than this are left alone, unless a holding is sold entirely.
    pub min_notional: Money,
    /// What trading costs, as a fraction of what is traded: from 0 to below 1.
    pub fee: Decimal,
    /// Larger orders are clipped to this value: above 0.
    pub order_notional_max: Money,
    /// Larger orders are clipped to this fraction of the average daily volume: above 0.
    pub adv_fraction_max: Decimal,
    /// Orders are multiples of so many shares: 1 or more. But an order in a stock of which an odd number
    /// is held makes that even: a sale takes along what is above its target, a buy what is missing.
    pub lot: Shares,
    /// What kind of orders are made.
    pub order: OrderStyle,
    /// What the account may buy with: in a cash account what the plan sells pays for none of its buys.
    pub account_kind: AccountKind,
    /// Whether real money may be traded without a limit, where `order` has none
    /// ([`OrderStyle::has_limit`]). It says so to whoever trades with real money, as `top10 --live`: a plan
    /// does not know whose money it is.
    pub live_without_limit: bool,
}

impl Default for PlanRules {
    fn default() -> Self {
        Self {
            cash_buffer: Decimal::new(5, 2),
            band: Decimal::new(5, 3),
            min_notional: Money::new(Decimal::from(200)),
            fee: Decimal::new(1, 4),
            order_notional_max: Money::new(Decimal::from(1_000_000)),
            adv_fraction_max: Decimal::new(1, 2),
            lot: Shares::new(1),
            order: OrderStyle::Market,
            account_kind: AccountKind::Margin,
            live_without_limit: false,
        }
    }
}

impl PlanRules {
    /// Refuses rules that make no sense, as [`Plan::toward`](crate::Plan::toward) does.
    ///
    /// # Errors
    /// [`Error::InvalidRule`] with the key.
    pub fn check(&self) -> Result<(), Error> {
        let fraction = "a fraction from 0 to below 1";
        let is_fraction = |number: Decimal| number >= Decimal::ZERO && number < Decimal::ONE;
        let rules = [
            ("cash_buffer", self.cash_buffer, is_fraction(self.cash_buffer), fraction),
            ("band", self.band, self.band >= Decimal::ZERO, "0 or more"),
            (
                "min_notional",
                self.min_notional.get(),
                !self.min_notional.is_negative(),
                "0 or more",
            ),
            ("fee", self.fee, is_fraction(self.fee), fraction),
            (
                "order_notional_max",
                self.order_notional_max.get(),
                self.order_notional_max > Money::ZERO,
                "above 0",
            ),
            (
                "adv_fraction_max",
                self.adv_fraction_max,
                self.adv_fraction_max > Decimal::ZERO,
                "above 0",
            ),
            ("lot", Decimal::from(self.lot.get()), self.lot > Shares::ZERO, "1 or more"),
        ];
        refuse_invalid(rules)
    }
}

/// Refuses the first rule that is not valid. A rule is its name, its value, whether that is valid, and
/// what is.
pub(crate) fn refuse_invalid(
    rules: impl IntoIterator<Item = (&'static str, Decimal, bool, &'static str)>,
) -> Result<(), Error> {
    match rules.into_iter().find(|(_, _, is_valid, _)| !is_valid) {
        Some((rule, value, _, expected)) => {
            Err(Error::InvalidRule { rule, value: value.to_string(), expected })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_checked_and_named() {
        let broken = |change: fn(&mut PlanRules)| {
            let mut rules = PlanRules::default();
            change(&mut rules);
            match rules.check() {
                Err(Error::InvalidRule { rule, .. }) => rule,
                other => panic!("not refused: {other:?}"),
            }
        };
        assert!(PlanRules::default().check().is_ok());
        assert_eq!(broken(|rules| rules.cash_buffer = Decimal::ONE), "cash_buffer");
        assert_eq!(broken(|rules| rules.band = Decimal::NEGATIVE_ONE), "band");
        assert_eq!(broken(|rules| rules.min_notional = Money::new(-Decimal::ONE)), "min_notional");
        assert_eq!(broken(|rules| rules.fee = Decimal::NEGATIVE_ONE), "fee");
        assert_eq!(broken(|rules| rules.order_notional_max = Money::ZERO), "order_notional_max");
        assert_eq!(broken(|rules| rules.adv_fraction_max = Decimal::ZERO), "adv_fraction_max");
        assert_eq!(broken(|rules| rules.lot = Shares::ZERO), "lot");
    }

    #[test]
    fn a_strategy_file_may_leave_rules_out_but_not_invent_any() {
        let rules: PlanRules = serde_json::from_str(r#"{"lot": 100}"#).unwrap();
        assert_eq!(rules, PlanRules { lot: Shares::new(100), ..PlanRules::default() });
        assert!(serde_json::from_str::<PlanRules>(r#"{"bnad": "0.1"}"#).is_err());
    }
}
