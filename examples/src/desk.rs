//! A broker, what its account has, what the stocks to trade cost, and the plan that comes of it.

use crate::arguments::Arguments;
use crate::console::Console;
use crate::ranked::Ranked;
use crate::tables;
use crate::trading::{RunJournal, Trading, decide, evidence, facts, volumes, with_limits};
use decile::core::{CorporateAction, Stock, Targets};
use decile::prelude::*;
use decile::rank::construct::Portfolio;
use decile::trade::{
    Circumstances, Classification, Consent, ConsentError, ConsentInputs, Error as TradeError,
    History, JournalRecord, PlanId, Resolution,
};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::time::{Duration, Instant};

/// Within what time quotes must come for the executor to ask for them before each window, too. A gateway
/// may take 11 s for a snapshot, and an order must not wait so long for what only its report needs.
const QUOTES_QUICK: Duration = Duration::from_secs(1);

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Everything that a plan is made of, and who carries it out.
///
/// ```
/// use decile_examples::desk::Desk;
///
/// fn names_to_trade(desk: &Desk) -> usize {
///     desk.quotes.len()
/// }
/// ```
#[derive(Debug)]
pub struct Desk {
    /// The broker, its prices, the journal and the clock.
    pub trading: Trading,
    /// Who sends the orders.
    pub executor: Executor,
    /// What earlier runs left open; resolved first, since its fills are part of the positions.
    pub earlier: Resolution,
    /// What the account has.
    pub account: Account,
    /// What it holds.
    pub positions: Vec<Position>,
    /// What is wanted, given what is held.
    pub portfolio: Portfolio,
    /// The prices of what is held or wanted. What has none is left alone.
    pub quotes: BTreeMap<Symbol, Quote>,
    /// What the runs before did, what is open, what is known of the stocks.
    pub known: Circumstances,
    /// What is not traded today, or not bought, and why.
    pub left_out: Vec<String>,
}

impl Desk {
    /// Opens the broker and, if it is not open yet, the journal, looks up what earlier runs left open, and
    /// then at the account.
    ///
    /// # Errors
    /// If one of them cannot be reached, read or written, or if the prices are not known.
    pub async fn open(
        arguments: &Arguments,
        ranked: &Ranked,
        journal: &RunJournal,
    ) -> Result<Self> {
        let trading = Trading::open(arguments, ranked, journal).await?;
        let executor = executor(arguments, ranked, &trading);
        let earlier = executor.resolve().await?;
        let Trading { broker, journal, clock, .. } = &trading;
        let (account, positions) = (broker.account().await?, broker.positions().await?);
        let actions: Vec<_> =
            ranked.stored.market().stocks().iter().flat_map(Stock::actions).cloned().collect();
        let known = (&positions[..], &actions[..], trading.session);
        decide(arguments, known, (&**journal, clock.now()))?;
        let limits = &ranked.strategy.limits;
        let losses = limits.losses.watch(&**broker, &**journal, &**clock).await?;
        let known = Circumstances {
            history: History::replay(&**journal)?,
            stocks: facts(&ranked.stored, &ranked.ranking),
            open_orders: broker.open_orders().await?,
        };
        let held: Vec<_> = positions.iter().map(|position| position.symbol.clone()).collect();
        let portfolio = ranked.portfolio(&held)?;
        let wanted = portfolio.targets().iter().map(|target| target.symbol.clone());
        let symbols: BTreeSet<_> = wanted.chain(held).collect();
        let symbols: Vec<_> = symbols.into_iter().collect();
        let asked = Instant::now();
        let quotes = trading.quotes.quotes(&symbols).await?;
        let executor = match trading.is_simulated() || asked.elapsed() < QUOTES_QUICK {
            true => executor.with_quotes(trading.quotes.clone()),
            false => executor,
        };
        let quotes = quotes.into_iter().map(|quote| (quote.symbol.clone(), quote)).collect();
        let left_out = losses.latched().map(no_buys).into_iter().collect();
        let mut desk = Self {
            trading,
            executor,
            earlier,
            account,
            positions,
            portfolio,
            quotes,
            known,
            left_out,
        };
        desk.leave_out_rebased(ranked);
        if arguments.keeps_journal() && desk.account.id.is_paper() {
            desk.leave_out_foreign(&actions)?;
        }
        Ok(desk)
    }

    /// Takes away the quotes of what is held on paper and is not the strategy's by its journal: another
    /// strategy may need it. Where real money is, such a holding denies the whole plan.
    fn leave_out_foreign(&mut self, actions: &[CorporateAction]) -> Result<()> {
        let owned = self.known.history.owned_with(actions, self.trading.session)?;
        for Position { symbol, quantity, .. } in &self.positions {
            let ours = owned.get(symbol).copied().unwrap_or_default();
            if *quantity > ours && self.quotes.remove(symbol).is_some() {
                self.left_out.push(format!(
                    "{symbol}: {quantity} are held, and the journal explains {ours}: left alone today. \
                     --adopt-positions takes them over."
                ));
            }
        }
        Ok(())
    }

    /// Takes away the quotes of stocks whose shares are others today than in the data.
    fn leave_out_rebased(&mut self, ranked: &Ranked) {
        let Self { trading, quotes, known, left_out, .. } = self;
        let (as_of, session) = (ranked.ranking.as_of(), trading.session);
        let rebased = |symbol: &Symbol| known.stocks.get(symbol)?.rebased_by(as_of, session);
        quotes.retain(|symbol, _| match rebased(symbol) {
            Some(action) => {
                let (kind, date) = (action.kind, action.ex_date);
                left_out.push(format!("{symbol} has a {kind} on {date}: left alone today."));
                false
            }
            None => true,
        });
    }

    /// What there is to say before a plan is made, a line each.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let Trading { remarks, since, .. } = &self.trading;
        let remarks = remarks.iter().map(|remark| format!("\n{remark}"));
        let since = since.iter().map(|action| format!("Since the last run: {action}"));
        let left_out = self.left_out.iter().cloned();
        left_out.chain(remarks).chain(since).chain(tables::resolution(&self.earlier)).collect()
    }

    /// What is wanted: the weights of the portfolio, or the same number of shares of each.
    fn targets(&self, arguments: &Arguments) -> Targets {
        let targets = self.portfolio.targets();
        match arguments.quantity {
            Some(quantity) => targets.with_shares(Shares::new(quantity)),
            None => targets.clone(),
        }
    }

    /// Makes the orders that lead from what is held to what is wanted.
    ///
    /// # Errors
    /// What keeps a plan from being made, as when the account has nothing.
    pub fn plan(&self, arguments: &Arguments, ranked: &Ranked) -> Result<Plan> {
        let volumes = volumes(&ranked.stored);
        let targets = self.targets(arguments);
        let inputs = PlanInputs {
            strategy: &ranked.strategy.name,
            session: self.trading.session,
            targets: &targets,
            account: &self.account,
            positions: &self.positions,
            quotes: &self.quotes,
            average_daily_volume: Some(&volumes),
        };
        let plan = Plan::toward(&inputs, &rules(arguments, ranked)?)?;
        let plan = match self.known.history.latched() {
            Some(_) => plan.without_buys(),
            None => plan,
        };
        let belongs = |stock: &RankedStock| {
            let (issuer, sector) = (stock.issuer.to_string(), stock.sector.to_string());
            (stock.symbol.clone(), Classification { issuer, sector })
        };
        Ok(plan.with_classifications(ranked.ranking.iter().map(belongs)))
    }

    /// What the limits look at, as it is now.
    #[must_use]
    pub fn risk_inputs(&self) -> RiskInputs<'_> {
        let Self { account, positions, quotes, .. } = self;
        let (now, known) = (self.trading.clock.now(), &self.known);
        RiskInputs { account, positions, quotes, now, known }
    }

    /// Names a plan that the limits allow for the person who is to agree to it, and writes that down; or
    /// takes the consent of who has named one, and returns why not if it is not that.
    ///
    /// # Errors
    /// If the journal cannot be written, or that of the paper account not be read.
    pub fn show(
        &self,
        arguments: &Arguments,
        ranked: &Ranked,
        approved: &ApprovedPlan,
        console: Console,
    ) -> Result<std::result::Result<Option<Consent>, ConsentError>> {
        let (rules, targets) = (rules(arguments, ranked)?, self.targets(arguments));
        let (plan, at) = (approved.plan(), self.trading.clock.now());
        let model = ranked.ranking.model_hash();
        if let Some(typed) = &arguments.plan_id {
            let inputs = ConsentInputs {
                flag: arguments.real_money,
                typed,
                targets: &targets,
                model,
                rules: &rules,
                now: at,
            };
            return Ok(Consent::given(approved, &inputs).map(Some));
        }
        if arguments.keeps_journal() && !arguments.sends() {
            let id = PlanId::of(plan, &targets, model, (&rules, &ranked.strategy.limits));
            console.say(format!("\nPlan id {id}: with --submit --plan-id {id} for 15 minutes."));
            let orders = Some(PlanId::quantities(plan));
            self.trading.journal.append(&[JournalRecord::Proposed { plan: id, orders, at }])?;
        }
        if arguments.real_money {
            console.say(evidence(arguments.paper_journal.as_deref())?);
        }
        Ok(Ok(None))
    }

    /// Writes down that nothing was sent, and why.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn refuse(&self, reason: String) -> std::result::Result<(), TradeError> {
        let at = self.trading.clock.now();
        self.trading.journal.append(&[JournalRecord::Refused { reason, at }])
    }
}

/// The rules of the strategy. Real money pays no price that nobody has looked at.
fn rules(arguments: &Arguments, ranked: &Ranked) -> std::result::Result<PlanRules, String> {
    let rules = ranked.strategy.plan_rules();
    if arguments.real_money { with_limits(rules) } else { Ok(rules) }
}

/// Who sends the orders, cancels the limits that rest, and stops when the user's file says so.
fn executor(arguments: &Arguments, ranked: &Ranked, trading: &Trading) -> Executor {
    let Trading { broker, journal, clock, quotes, .. } = trading;
    let stale_limit = ranked.strategy.stale_limit.clone();
    let reprices = stale_limit.reprices_max > 0;
    let (stale_limit, margin_check) = (Some(stale_limit), arguments.margin_check);
    let reconnect_max = Duration::from_secs(arguments.reconnect_max);
    let config =
        ExecutorConfig { stale_limit, margin_check, reconnect_max, ..ExecutorConfig::default() };
    let config = match arguments.simulated_time {
        // That clock is wrong on purpose, and the gateway may go by another.
        true => ExecutorConfig { clock_skew_max: Duration::MAX, ..config },
        false => config,
    };
    let executor = Executor::new(broker.clone(), journal.clone(), clock.clone(), config);
    let executor = match reprices {
        true => executor.with_quotes(quotes.clone()),
        false => executor,
    };
    match arguments.kill_switch() {
        Some(switch) => executor.with_kill_switch(switch),
        None => executor,
    }
}

pub(crate) fn no_buys(reason: &str) -> String {
    format!("Too much was lost, so nothing is bought: {reason}. --reset-loss-latch lifts it.")
}
