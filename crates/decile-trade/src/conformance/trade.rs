//! Orders for the suite, which go through plan and limits as all orders do.

use super::{SHARES, Suite};
use crate::{
    Account, ApprovedOrder, Attempts, Circumstances, Error, MemoryJournal, Plan, PlanInputs,
    PlanRules, Released, RiskInputs, RiskLimits, Side, StrategyId,
};
use chrono::NaiveDate;
use decile_core::{Calendar, Quote, Shares, Target, TargetSize, Targets};
use std::collections::BTreeMap;

impl Suite {
    /// The session that the clock is in.
    pub(super) fn session(&self) -> NaiveDate {
        Calendar::nyse().local_date(self.clock.now())
    }

    /// Makes one order three times over, under one name, to buy or to sell the shares.
    pub(super) async fn orders(
        &self,
        side: Side,
        quote: &Quote,
    ) -> Result<[ApprovedOrder; 3], Error> {
        let order = async || -> Result<ApprovedOrder, Error> { self.order(side, quote).await };
        Ok([order().await?, order().await?, order().await?])
    }

    async fn order(&self, side: Side, quote: &Quote) -> Result<ApprovedOrder, Error> {
        let (account, mut positions) =
            (self.broker.account().await?, self.broker.positions().await?);
        // Nothing else in the account is to be touched.
        positions.retain(|position| position.symbol == quote.symbol);
        let held = super::held(&positions, &quote.symbol);
        let size = TargetSize::Shares(held + side.signed(Shares::new(SHARES)));
        let session = self.session();
        let as_of = Calendar::nyse().session_before(session).unwrap_or(session);
        let targets = Targets::new(as_of, vec![Target { symbol: quote.symbol.clone(), size }])?;
        let quotes = BTreeMap::from([(quote.symbol.clone(), quote.clone())]);
        let strategy = match &self.strategy {
            Some(strategy) => strategy.clone(),
            None => "conform".parse::<StrategyId>()?,
        };
        let inputs = PlanInputs {
            strategy: &strategy,
            session,
            targets: &targets,
            account: &account,
            positions: &positions,
            quotes: &quotes,
            average_daily_volume: None,
        };
        let plan = Plan::toward(&inputs, &PlanRules::default())?;
        let now = self.clock.now();
        let inputs = RiskInputs {
            account: &account,
            positions: &positions,
            quotes: &quotes,
            now,
            known: &Circumstances::default(),
        };
        let approved = RiskLimits::default().approve(plan, &inputs);
        let approved = approved.map_err(|denied| unfit(&account, &denied.to_string()))?;
        let attempts = Attempts::replay(&MemoryJournal::default())?;
        match approved.into_orders(&attempts)?.pop() {
            Some(Released::Ready(order)) => Ok(order),
            _ => Err(unfit(&account, "the plan has no order")),
        }
    }
}

fn unfit(account: &Account, why: &str) -> Error {
    Error::UnfitBroker { found: format!("account {}: {why}", account.id) }
}
