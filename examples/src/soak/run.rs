//! One plan, carried out in as many passes as it takes.

use super::faults::{self, below};
use super::ledger::{self, Ledger};
use super::{Outcome, market};
use decile::core::{Decimal, Shares, Symbol, Target, TargetSize, Targets};
use decile::gateway::{Faults, Gateway};
use decile::ib::IbBroker;
use decile::store::JournalStore;
use decile::trade::{
    Account, ApprovedPlan, Attempts, Broker, Circumstances, Executor, ExecutorConfig, Journal,
    JournalRecord, Plan, PlanInputs, PlanRules, Position, RiskInputs, RiskLimits, StopSignal,
    StrategyId,
};
use rand_chacha::ChaCha8Rng;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How many passes there are at most, and in how many of them things go wrong.
const PASSES: usize = 3;
const FAULTY: usize = 2;
/// How often what is still open is asked for in the end.
const LOOKS: usize = 3;
/// How often a broker that does not answer is asked again, and how far apart.
const PATIENCE: usize = 20;
const PAUSE: Duration = Duration::from_millis(250);

/// A run of a strategy of its own, whose journal nobody else has.
pub(super) struct Run<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) broker: &'a Arc<IbBroker>,
    pub(super) folder: &'a Path,
    pub(super) number: usize,
}

impl Run<'_> {
    /// Trades towards random holdings; adds what the journal knows in the end to the ledger.
    pub(super) async fn trade(
        &self,
        random: &mut ChaCha8Rng,
        (ledger, outcome): (&mut Ledger, &mut Outcome),
    ) -> Result<(), Box<dyn Error>> {
        let strategy: StrategyId = format!("s{}", self.number).parse()?;
        let path = self.folder.join(format!("{strategy}.sqlite"));
        let journal = Arc::new(JournalStore::open(path, &strategy, &market::ACCOUNT.parse()?)?);
        let executor = self.executor(journal.clone())?;
        let targets = wanted(random)?;
        for pass in 0..PASSES {
            let (faults, count) = match pass < FAULTY {
                true => faults::any(random),
                false => (Faults::default(), 0),
            };
            self.wait().await;
            self.gateway.set_faults(faults);
            outcome.faults += count;
            if self.pass(&executor, &strategy, &targets).await? {
                break;
            }
        }
        self.gateway.set_faults(Faults::default());
        self.settle(&executor, &*journal).await?;
        outcome.unknown += Attempts::replay(&*journal)?.unresolved().count();
        let records = journal.replay()?;
        let is_intent = |record: &&JournalRecord| matches!(record, JournalRecord::Intent { .. });
        outcome.orders += records.iter().filter(is_intent).count();
        ledger.add(records);
        Ok(())
    }

    /// Resolves until the end and the cost of every order is known, or the broker was asked for them
    /// often enough: an order that never arrived stays unknown.
    async fn settle(
        &self,
        executor: &Executor,
        journal: &dyn Journal,
    ) -> Result<(), Box<dyn Error>> {
        for _ in 0..LOOKS {
            self.wait().await;
            if executor.resolve().await?.is_clear() && ledger::is_settled(journal.replay()?) {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Waits until the broker answers, or patience ends: a connection that was lost takes a while to be
    /// made again.
    async fn wait(&self) {
        for _ in 0..PATIENCE {
            if self.broker.account().await.is_ok() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Resolves, plans and trades, and tells whether all is done. A broker that does not answer is for
    /// the next pass.
    async fn pass(
        &self,
        executor: &Executor,
        strategy: &StrategyId,
        targets: &Targets,
    ) -> Result<bool, Box<dyn Error>> {
        let earlier = executor.resolve().await?;
        let (Ok(account), Ok(positions)) =
            (self.broker.account().await, self.broker.positions().await)
        else {
            return Ok(false);
        };
        let approved = approved(strategy, targets, (&account, &positions))?;
        let report = executor.execute(approved, &StopSignal::new()).await?;
        Ok(report.is_complete() && earlier.is_clear())
    }

    fn executor(&self, journal: Arc<dyn Journal>) -> Result<Executor, Box<dyn Error>> {
        let short = Duration::from_millis(500);
        let config = ExecutorConfig {
            submit_timeout: 2 * short,
            fill_timeout: 3 * short,
            find_interval: short / 2,
            request_timeout: 3 * short,
            reconnect_max: 6 * short,
            in_flight_max: 100,
            unknown_max: 5,
            ..ExecutorConfig::default()
        };
        Ok(Executor::new(self.broker.clone(), journal, market::clock()?, config))
    }
}

/// From 1 to 200 shares of every other stock, or so.
fn wanted(random: &mut ChaCha8Rng) -> Result<Targets, Box<dyn Error>> {
    let mut targets = Vec::new();
    for (symbol, _) in market::prices()? {
        let symbol: Symbol = symbol;
        let shares = i64::from(below(random, 400)) - 200;
        if shares > 0 {
            targets.push(Target { symbol, size: TargetSize::Shares(Shares::new(shares)) });
        }
    }
    let as_of = market::session()?.pred_opt().ok_or("a day before")?;
    Ok(Targets::new(as_of, targets)?)
}

fn approved(
    strategy: &StrategyId,
    targets: &Targets,
    (account, positions): (&Account, &[Position]),
) -> Result<ApprovedPlan, Box<dyn Error>> {
    let quotes = market::quotes()?;
    let inputs = PlanInputs {
        strategy,
        session: market::session()?,
        targets,
        account,
        positions,
        quotes: &quotes,
        average_daily_volume: None,
    };
    let plan = Plan::toward(&inputs, &PlanRules::default())?;
    let known = Circumstances::default();
    let inputs =
        RiskInputs { account, positions, quotes: &quotes, now: market::now()?, known: &known };
    let limits = RiskLimits {
        order_count_max: 1_000,
        day_order_count_max: 1_000,
        turnover_max: Decimal::ONE,
        ..RiskLimits::default()
    };
    Ok(limits.approve(plan, &inputs)?)
}
