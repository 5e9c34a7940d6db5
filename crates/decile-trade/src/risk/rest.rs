//! What is left of an approved order, at another price and within what was approved.

use super::cost::Cost;
use super::review::Review;
use super::{ApprovedOrder, CheckName, RiskInputs, RiskLimits};
use crate::exact::exact;
use crate::plan::reference;
use crate::{Circumstances, ClientOrderId, OrderSnapshot, OrderStyle, Plan, PlannedOrder, Side};
use decile_core::{Decimal, Money, Price, Shares};

/// The checks that look at all that is held. A rest that has no more shares and no more cash than was
/// approved adds nothing to them.
const OF_THE_WHOLE: [CheckName; 10] = [
    CheckName::NameWeightMax,
    CheckName::IssuerWeightMax,
    CheckName::SectorWeightMax,
    CheckName::GrossMax,
    // What was approved for the session and the run has this order in it, and so have what is held and
    // open by now. The executor itself counts what goes out.
    CheckName::DayOrderCountMax,
    CheckName::DayBuysMax,
    CheckName::TurnoverMax,
    CheckName::OpenOrders,
    CheckName::OwnPositions,
    // The executor buys with nothing that is not settled.
    CheckName::SettledCash,
];

/// What an approval allowed, and by which limits.
#[derive(Debug)]
pub(crate) struct Approval {
    plan: Plan,
    limits: RiskLimits,
    known: Circumstances,
}

/// What is left of an order that is cancelled.
#[derive(Debug)]
pub(crate) struct Rest<'a> {
    /// The attempt that is to come.
    pub(crate) id: ClientOrderId,
    /// How many shares have not filled.
    pub(crate) quantity: Shares,
    /// What the cancelled attempt was approved with.
    pub(crate) cash_needed: Money,
    /// How the cancelled attempt ended.
    pub(crate) ended: &'a OrderSnapshot,
}

impl Approval {
    pub(super) fn new(plan: Plan, limits: RiskLimits, known: Circumstances) -> Self {
        Self { plan, limits, known }
    }

    /// Returns what was known beside account and market.
    pub(crate) fn known(&self) -> &Circumstances {
        &self.known
    }

    /// Approves a rest at a limit that the market gives now, at most so far from the price that the
    /// plan was sized with, as a fraction of it. For a buy it has only as many shares as the cash pays
    /// for that is left of the approved.
    pub(crate) fn renew(
        &self,
        rest: Rest<'_>,
        inputs: &RiskInputs<'_>,
        move_max: Decimal,
    ) -> Result<ApprovedOrder, String> {
        let order = self.order(&rest, inputs, move_max)?;
        let plan = self.plan.of_one(order);
        let review = Review::new(&self.limits, &plan, inputs);
        let mut denied = review.checks().into_iter().filter(|check| !check.allowed);
        if let Some(check) = denied.find(|check| !OF_THE_WHOLE.contains(&check.name)) {
            return Err(check.to_string());
        }
        let order = plan.orders().first().cloned();
        let (Some(order), Some(cost)) = (order, review.costs().first().map(|(cost, _)| *cost))
        else {
            return Err("nothing is left".to_owned());
        };
        Ok(ApprovedOrder::new(rest.id, order, cost))
    }

    fn order(
        &self,
        rest: &Rest<'_>,
        inputs: &RiskInputs<'_>,
        move_max: Decimal,
    ) -> Result<PlannedOrder, String> {
        let (symbol, side) = (rest.id.symbol(), rest.id.side());
        let is_it = |order: &&PlannedOrder| order.symbol == *symbol && order.side == side;
        let planned = self.plan.orders().iter().find(is_it);
        let planned = planned.ok_or_else(|| format!("{symbol} is not in the plan"))?;
        let quote = inputs.quotes.get(symbol).ok_or_else(|| format!("{symbol} has no quote"))?;
        let price = reference(Some(quote)).ok_or_else(|| format!("{symbol} has no price"))?;
        let kind = OrderStyle::MarketableLimit.kind(side, quote, price);
        let kind = kind.ok_or_else(|| format!("the limit of {symbol} is out of range"))?;
        let limit = kind.limit().unwrap_or(price);
        let distance = limit.get() - planned.reference.get();
        if exact(distance.abs()) > exact(planned.reference.get()) * exact(move_max) {
            let from = planned.reference;
            return Err(format!("a limit of {limit} is too far from {from}, which was approved"));
        }
        let quantity = match side {
            Side::Buy => self.affordable(rest, limit)?,
            Side::Sell => rest.quantity,
        };
        let notional = price.notional(quantity).map_err(|error| error.to_string())?;
        let order = planned.clone();
        Ok(PlannedOrder { quantity, kind, reference: price, notional, ..order })
    }

    /// How many of the shares the cash pays for that the cancelled attempt has left.
    fn affordable(&self, rest: &Rest<'_>, limit: Price) -> Result<Shares, String> {
        let left = rest.cash_needed - self.spent(rest.ended)?;
        match self.cost(limit).affordable(left, Shares::new(1)).min(rest.quantity) {
            none if none.is_zero() => {
                Err(format!("what is left of the approved cash pays for no share at {limit}"))
            }
            quantity => Ok(quantity),
        }
    }

    /// What the fills of a buy took, at most.
    fn spent(&self, ended: &OrderSnapshot) -> Result<Money, String> {
        if ended.filled.is_zero() {
            return Ok(Money::ZERO);
        }
        let price = ended.average_price.ok_or("the price of its fills is not known")?;
        match ended.commission {
            Some(commission) => {
                let value = price.notional(ended.filled).map_err(|error| error.to_string())?;
                Ok(value + commission)
            }
            None => Ok(self.cost(price).of(ended.filled)),
        }
    }

    fn cost(&self, dealt: Price) -> Cost {
        let (fee, commission) = (self.plan.fee(), self.limits.commission);
        Cost { side: Side::Buy, dealt, fee, commission }
    }
}
