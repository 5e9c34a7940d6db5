mod approved;
mod check;
mod cost;
pub(crate) mod hours;
mod rest;
mod review;
pub(crate) mod seconds;

pub use approved::{ApprovedOrder, ApprovedPlan, Released, Withheld};
pub use check::{Check, CheckName, Denied};
pub(crate) use rest::{Approval, Rest};

use crate::plan::refuse_invalid;
use crate::{Account, AccountKind, Circumstances, Day, Error, LossLimits, Plan, Position};
use approved::Grounds;
use chrono::{DateTime, Utc};
use decile_core::{Decimal, FixedCommission, Money, Quote, Symbol, Weight};
use review::Review;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// What a plan is checked against: the account and the market at the moment of approval.
///
/// Read anew rather than taken over from the plan: a plan may have been looked at for a while.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{Circumstances, RiskInputs, RiskLimits};
///
/// let inputs = RiskInputs {
///     account: &account("10000"),
///     positions: &[],
///     quotes: &quotes(&[("KO", "50"), ("PEP", "150")]),
///     now: now(),
///     known: &Circumstances::default(),
/// };
/// let plan = plan("10000", &[("KO", "50"), ("PEP", "150")]);
/// assert!(RiskLimits::default().approve(plan, &inputs).is_ok());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RiskInputs<'a> {
    /// What the account has.
    pub account: &'a Account,
    /// What the account holds.
    pub positions: &'a [Position],
    /// What the stocks trade at.
    pub quotes: &'a BTreeMap<Symbol, Quote>,
    /// The current instant.
    pub now: DateTime<Utc>,
    /// What else is known: the runs before, the open orders, and the stocks.
    pub known: &'a Circumstances,
}

/// The limits that no plan may cross. Each is a named check that allows or denies, with a reason.
///
/// Plain numbers, as they stand in a strategy file, times in seconds. [`RiskLimits::check`] refuses
/// what would be no limit.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{CheckName, Circumstances, RiskInputs, RiskLimits};
///
/// let limits = RiskLimits { order_notional_max: money("4700"), ..RiskLimits::default() };
/// let quotes = quotes(&[("KO", "50"), ("PEP", "150")]);
/// let account = account("10000");
/// let inputs = RiskInputs {
///     account: &account,
///     positions: &[],
///     quotes: &quotes,
///     now: now(),
///     known: &Circumstances::default(),
/// };
/// let plan = plan("10000", &[("KO", "50"), ("PEP", "150")]);
///
/// let denied = limits.approve(plan, &inputs).expect_err("95 x 50 is more than 4,700");
/// let broken: Vec<_> = denied.broken().collect();
/// assert_eq!(broken.len(), 1);
/// assert_eq!(broken[0].name, CheckName::OrderNotionalMax);
/// assert_eq!(broken[0].reason, "buy KO is 4750 of at most 4700");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RiskLimits {
    /// Largest value of one order, at the larger of the two prices that `price_move_max` names.
    pub order_notional_max: Money,
    /// Most orders of one plan.
    pub order_count_max: usize,
    /// Most orders of one session, all runs of the journal together.
    pub day_order_count_max: usize,
    /// Most that may be bought in one session, all runs of the journal together, as a fraction of the
    /// equity.
    pub day_buys_max: Decimal,
    /// Most that may be traded in one run, as a fraction of the equity: the lesser of buys and sells,
    /// as the SEC's Form N-1A measures turnover. To invest cash turns nothing over.
    pub turnover_max: Decimal,
    /// Largest part of the equity in one name after the trades; `None`: 15 %, or 1/N of N names if
    /// that is more.
    pub name_weight_max: Option<Weight>,
    /// Largest part of the equity in one company after the trades, its share classes together; `None`:
    /// as for a name. What belongs together is what [`Plan::with_classifications`] says.
    pub issuer_weight_max: Option<Weight>,
    /// Largest part of the equity in one sector after the trades; `None`: no limit. With one, a plan
    /// that does not say the sector of a name is denied.
    pub sector_weight_max: Option<Weight>,
    /// Largest part of the equity in all names after the trades.
    pub gross_max: Decimal,
    /// Largest move from the previous close to the price that an order is sized with, and to the
    /// one that it is likely to get: the ask for a buy, the bid for a sell. A stock whose previous
    /// close is not known is denied.
    pub price_move_max: Decimal,
    /// Oldest quote that an order may rest on.
    #[serde(with = "seconds")]
    pub quote_age_max: Duration,
    /// How far ahead of our clock a quote may be before one of the two must be wrong.
    #[serde(with = "seconds")]
    pub quote_lead_max: Duration,
    /// Widest spread of a stock that is traded by market order, as a fraction of the middle of bid
    /// and ask. One whose spread is not known is denied.
    pub spread_max: Decimal,
    /// Lowest price of a stock that is bought.
    pub price_min: Money,
    /// Largest order, as a fraction of the shares that change hands in a day. In a live account, one in
    /// a stock whose volume is not known is denied.
    pub adv_fraction_max: Decimal,
    /// Smallest value that changes hands in a day of a stock that is bought. In a live account, one of
    /// which it is not known is denied.
    pub day_value_min: Money,
    /// Smallest market value of a company whose stock is bought. In a live account, one of which it is
    /// not known is denied.
    pub market_cap_min: Money,
    /// How much may be lost before nothing more is bought.
    pub losses: LossLimits,
    /// What the broker charges. The cash must pay for it, or for the plan's fee if that is more.
    pub commission: FixedCommission,
    /// What the account may buy with. In a cash account buys may take the settled cash, beyond the
    /// plan's buffer, and nothing that sales of the day bring.
    pub account_kind: AccountKind,
}

impl Default for RiskLimits {
    fn default() -> Self {
        Self {
            order_notional_max: Money::new(Decimal::from(1_000_000)),
            order_count_max: 50,
            day_order_count_max: 100,
            day_buys_max: Decimal::ONE,
            turnover_max: Decimal::new(7, 1),
            name_weight_max: None,
            issuer_weight_max: None,
            sector_weight_max: None,
            gross_max: Decimal::ONE,
            price_move_max: Decimal::new(1, 1),
            quote_age_max: Duration::from_secs(60),
            quote_lead_max: Duration::from_secs(2),
            spread_max: Decimal::new(2, 3),
            price_min: Money::new(Decimal::from(5)),
            adv_fraction_max: Decimal::new(1, 2),
            day_value_min: Money::new(Decimal::from(1_000_000)),
            market_cap_min: Money::new(Decimal::from(300_000_000)),
            losses: LossLimits::default(),
            commission: FixedCommission::default(),
            account_kind: AccountKind::Margin,
        }
    }
}

impl RiskLimits {
    /// Refuses limits that make no sense, or that would let everything pass: a file may tighten the
    /// limits or loosen them, but not switch one off by a slip such as 10 where 10 % is meant.
    ///
    /// # Errors
    /// [`Error::InvalidRule`] with the key.
    pub fn check(&self) -> Result<(), Error> {
        let share = "above 0 and at most 1";
        let is_share = |number: Decimal| number > Decimal::ZERO && number <= Decimal::ONE;
        let weight = |most: Option<Weight>| most.map_or(Decimal::ONE, Weight::get);
        let name_weight = weight(self.name_weight_max);
        let issuer_weight = weight(self.issuer_weight_max);
        let sector_weight = weight(self.sector_weight_max);
        let age = Decimal::from(self.quote_age_max.as_secs());
        let lead = Decimal::from(self.quote_lead_max.as_secs());
        let hour = "at most 3600 seconds";
        let is_short = |time: Duration| time <= Duration::from_secs(3600);
        let fee = self.commission;
        let is_positive = |amount: Money| amount >= Money::ZERO;
        let rules = [
            (
                "order_notional_max",
                self.order_notional_max.get(),
                self.order_notional_max > Money::ZERO,
                "above 0",
            ),
            (
                "order_count_max",
                Decimal::from(self.order_count_max),
                self.order_count_max > 0,
                "1 or more",
            ),
            (
                "day_order_count_max",
                Decimal::from(self.day_order_count_max),
                self.day_order_count_max > 0,
                "1 or more",
            ),
            (
                "day_buys_max",
                self.day_buys_max,
                self.day_buys_max > Decimal::ZERO && self.day_buys_max <= Decimal::TEN,
                "above 0 and at most 10",
            ),
            ("turnover_max", self.turnover_max, is_share(self.turnover_max), share),
            ("adv_fraction_max", self.adv_fraction_max, is_share(self.adv_fraction_max), share),
            ("price_min", self.price_min.get(), is_positive(self.price_min), "0 or more"),
            (
                "day_value_min",
                self.day_value_min.get(),
                is_positive(self.day_value_min),
                "0 or more",
            ),
            (
                "market_cap_min",
                self.market_cap_min.get(),
                is_positive(self.market_cap_min),
                "0 or more",
            ),
            ("name_weight_max", name_weight, is_share(name_weight), share),
            ("issuer_weight_max", issuer_weight, is_share(issuer_weight), share),
            ("sector_weight_max", sector_weight, is_share(sector_weight), share),
            ("gross_max", self.gross_max, is_share(self.gross_max), share),
            ("price_move_max", self.price_move_max, is_share(self.price_move_max), share),
            ("quote_age_max", age, is_short(self.quote_age_max), hour),
            ("quote_lead_max", lead, is_short(self.quote_lead_max), hour),
            ("spread_max", self.spread_max, is_share(self.spread_max), share),
            ("commission.per_share", fee.per_share.get(), is_positive(fee.per_share), "0 or more"),
            ("commission.order_min", fee.order_min.get(), is_positive(fee.order_min), "0 or more"),
            (
                "commission.notional_fraction_max",
                fee.notional_fraction_max,
                is_share(fee.notional_fraction_max),
                share,
            ),
        ];
        refuse_invalid(rules)?;
        self.losses.check()
    }

    /// What may go out in the session of an account that is worth so much.
    fn day_caps(&self, equity: Money) -> Day {
        // An equity out of range is denied; without a cap there would be none.
        let bought = equity.times(self.day_buys_max).unwrap_or_default();
        Day { orders: self.day_order_count_max, bought }
    }

    /// Allows a plan, or denies it as a whole.
    ///
    /// Every check of [`CheckName`] is made and reported, whether the ones before it allowed the
    /// plan or not. They look at what is held after the trades, not only at the orders; but what
    /// only reduces a holding is never denied for the size of that holding.
    ///
    /// # Errors
    /// [`Denied`], which gives the plan back, if at least one check does not allow it.
    pub fn approve(
        &self,
        plan: Plan,
        inputs: &RiskInputs<'_>,
    ) -> Result<ApprovedPlan, Box<Denied>> {
        let (checks, costs) = {
            let review = Review::new(self, &plan, inputs);
            (review.checks(), review.costs())
        };
        if checks.iter().all(|check| check.allowed) {
            let grounds = Grounds {
                limits: self.clone(),
                known: inputs.known.clone(),
                approved_at: inputs.now,
                day_caps: self.day_caps(inputs.account.equity),
            };
            Ok(ApprovedPlan::new(plan, (checks, costs), grounds))
        } else {
            Err(Box::new(Denied::new(plan, checks)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_is_checked_and_named() {
        let broken = |change: fn(&mut RiskLimits)| {
            let mut limits = RiskLimits::default();
            change(&mut limits);
            match limits.check() {
                Err(Error::InvalidRule { rule, .. }) => rule,
                other => panic!("not refused: {other:?}"),
            }
        };
        assert!(RiskLimits::default().check().is_ok());
        assert_eq!(broken(|limits| limits.order_notional_max = Money::ZERO), "order_notional_max");
        assert_eq!(broken(|limits| limits.order_count_max = 0), "order_count_max");
        assert_eq!(broken(|limits| limits.name_weight_max = Some(Weight::ZERO)), "name_weight_max");
        let issuer = |limits: &mut RiskLimits| limits.issuer_weight_max = Some(Weight::ZERO);
        assert_eq!(broken(issuer), "issuer_weight_max");
        let sector = |limits: &mut RiskLimits| limits.sector_weight_max = Some(Weight::ZERO);
        assert_eq!(broken(sector), "sector_weight_max");
        assert_eq!(broken(|limits| limits.gross_max = Decimal::TWO), "gross_max");
        assert_eq!(broken(|limits| limits.price_move_max = Decimal::TEN), "price_move_max");
        let age = |limits: &mut RiskLimits| limits.quote_age_max = Duration::from_secs(7200);
        assert_eq!(broken(age), "quote_age_max");
        let lead = |limits: &mut RiskLimits| limits.quote_lead_max = Duration::from_secs(7200);
        assert_eq!(broken(lead), "quote_lead_max");
        assert_eq!(broken(|limits| limits.spread_max = Decimal::TWO), "spread_max");
        let fee = |limits: &mut RiskLimits| {
            limits.commission.notional_fraction_max = Decimal::ZERO;
        };
        assert_eq!(broken(fee), "commission.notional_fraction_max");
    }

    #[test]
    fn a_file_may_leave_limits_out_but_not_invent_any() {
        let text = r#"{"order_count_max": 5, "quote_age_max": 1.5}"#;
        let limits: RiskLimits = serde_json::from_str(text).unwrap();
        let quote_age_max = Duration::from_millis(1500);
        let expected = RiskLimits { order_count_max: 5, quote_age_max, ..RiskLimits::default() };
        assert_eq!(limits, expected);
        let again = serde_json::to_string(&limits).unwrap();
        assert_eq!(serde_json::from_str::<RiskLimits>(&again).unwrap(), limits);
        assert!(serde_json::from_str::<RiskLimits>(r#"{"order_max": 5}"#).is_err());
        let negative = serde_json::from_str::<RiskLimits>(r#"{"quote_age_max": -1}"#);
        assert!(negative.unwrap_err().to_string().contains("-1 is no number of seconds"));
    }
}
