//! Ranks a market, takes the best ten stocks and buys them in a paper account.
//!
//! `cargo run --example top10` needs nothing; `-- --help` lists what it can do.

use clap::Parser;
use decile::core::{Money, TargetSize, Targets};
use decile::factor::Screen;
use decile::prelude::*;
use decile::rank::construct::{ConstructionInputs, Portfolio};
use decile::rank::{GateReport, Verdict};
use decile::strategy::Strategy;
use decile::trade::{
    Circumstances, Classification, ExecutionReport, History, JournalRecord, OrderStyle, PlanId,
    Resolution, position_breaks,
};
use decile_examples::arguments::Arguments;
use decile_examples::console::{Console, Steps, one_line};
use decile_examples::summary::{Output, Summary};
use decile_examples::trading::{Trading, check_plan, decide, evidence, facts, volumes};
use decile_examples::{strategy, tables};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const DONE: u8 = 0;
const BAD_INPUT: u8 = 2;
const DENIED: u8 = 3;
const NOT_WHOLLY_FILLED: u8 = 4;
/// How often it is looked whether the positions show what has filled, and how far apart.
const SETTLE_LOOKS: u32 = 5;
const SETTLE_PAUSE: Duration = Duration::from_secs(1);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let console = Console::new(!arguments.json_to_stdout());
    match run(&arguments, console).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            Console::new(false).say(format!("error: {}", one_line(&*error)));
            ExitCode::from(BAD_INPUT)
        }
    }
}

/// Data to ranking, ranking to plan, plan past the limits, orders to fills.
async fn run(arguments: &Arguments, console: Console) -> Result<u8> {
    arguments.check()?;
    let output = Output::open(arguments.json.as_deref())?;
    let mut steps = Steps::new(5);
    let ranked = rank(arguments, console, &mut steps).await?;
    let desk = Desk::open(arguments, &ranked).await?;
    desk.left_out.iter().for_each(|line| console.say(line));
    let Trading { remarks, since, .. } = &desk.trading;
    remarks.iter().for_each(|remark| console.say(format!("\n{remark}")));
    since.iter().for_each(|action| console.say(format!("Since the last run: {action}")));
    tables::resolution(&desk.earlier).iter().for_each(|line| console.say(line));

    let plan = steps.run("plan", || desk.plan(arguments, &ranked))?;
    steps.pause();
    desk.portfolio.notes().iter().for_each(|note| console.say(format!("  {note}")));
    console.say(format!("\nPlan for {}\n{}", plan.session(), tables::plan(&plan, &desk.quotes)));
    tables::unplanned(&plan).iter().for_each(|line| console.say(line));
    let mut summary = Summary::new(&ranked.ranking, &plan, &desk.account, &desk.positions);

    let shown = desk.show(arguments, &ranked, &plan, console)?;
    let decision = ranked.strategy.limits.approve(plan, &desk.risk_inputs());
    let checks = decision.as_ref().map_or_else(|denied| denied.checks(), ApprovedPlan::checks);
    console.say(format!("\nChecks\n{}", tables::checks(&ranked.gates, checks)));
    summary.checked(&ranked.gates, checks);
    let killed = arguments.kill_switch().and_then(|switch| switch.engaged());
    let code = match decision {
        Err(denied) if arguments.sends() => {
            console.say("A check denied the plan: nothing was sent.");
            summary.denied();
            desk.refuse(denied.to_string())?
        }
        _ if ranked.gates.verdict() == Verdict::ReportOnly => {
            let told = "The model's gates say: report only, no trading.";
            console.say(format!("{told} Nothing was sent."));
            summary.denied();
            desk.refuse(told.to_owned())?
        }
        Err(_) => {
            console.say("A check denied the plan: nothing was sent.");
            summary.denied();
            DENIED
        }
        Ok(_) if killed.is_some() => {
            let told = killed.unwrap_or_default();
            console.say(format!("Nothing was sent: {told}. The example kill --release lifts it."));
            summary.denied();
            desk.refuse(told)?
        }
        Ok(_) if shown.is_err() => {
            let told = shown.err().unwrap_or_default();
            console.say(format!("Nothing was sent: {told}"));
            summary.denied();
            desk.refuse(told)?
        }
        Ok(_) if !arguments.sends() => {
            let add = if arguments.dry_run { "" } else { " Add --submit to send the orders." };
            console.say(format!("Dry run: nothing was sent.{add}"));
            DONE
        }
        Ok(approved) => {
            steps.begin("orders");
            let whole = desk.trade(approved, console, &mut summary).await;
            steps.end("orders");
            if whole { DONE } else { NOT_WHOLLY_FILLED }
        }
    };
    steps.pause();
    if arguments.timings {
        console.say(format!("\nTimings\n{}", steps.report()));
    }
    match output.write(&summary) {
        Err(error) if code == DONE && arguments.sends() => {
            // The orders are out: whatever this is, it is not bad input.
            console.say(format!("error: the JSON could not be written: {error}"));
            Ok(NOT_WHOLLY_FILLED)
        }
        written => Ok(written.map(|()| code)?),
    }
}

/// What is known, and what it says.
struct Ranked {
    strategy: Strategy,
    stored: StoredMarket,
    panel: Panel,
    ranking: Ranking,
    gates: GateReport,
}

async fn rank(arguments: &Arguments, console: Console, steps: &mut Steps) -> Result<Ranked> {
    let strategy::Chosen { strategy, overrides } = strategy::choose(arguments)?;
    if arguments.is_synthetic() {
        let seed = arguments.seed;
        console.say(format!("SYNTHETIC MARKET (seed {seed}): companies and prices are invented."));
    }
    overrides.iter().for_each(|line| console.say(line));
    steps.begin("data");
    let (market, lines) = load(arguments).await?;
    steps.end("data");
    let market = Arc::new(strategy.market(market)?);
    let as_of = arguments.as_of.unwrap_or(market.calendar().last());
    let stored = StoredMarket::new(market.clone(), as_of)?;

    let model = strategy.resolve(&FactorRegistry::plausible())?;
    // The last is what is screened.
    let screened = vec![Field::TotalReturn];
    let fields = [model.fields(), strategy.construction.fields(), screened].concat();
    let panel = steps.run("panel", || Panel::new(&market, &fields).screened(&Screen::default()))?;
    let ranking = steps.run("scores", || model.score(&panel, as_of))?.rank();
    let before = panel.session_index(as_of)?.checked_sub(1).map(|row| panel.sessions()[row]);
    let before = before.map(|date| model.score(&panel, date)).transpose()?.map(|it| it.rank());
    let gates = ranking.check(before.as_ref());

    steps.pause();
    lines.iter().for_each(|line| console.say(line));
    let (used, wanted) = (ranking.model(), model.model().name());
    if used != wanted {
        console.say(format!("The market has no estimates: ranked by {used} instead of {wanted}."));
    }
    console.say(format!("\nRanking by {used} on {as_of}\n{}", tables::ranking(&ranking)));
    tables::excluded(&ranking).iter().for_each(|line| console.say(line));
    ranking.remarks().iter().for_each(|remark| console.say(format!("  {remark}")));
    let ranked = Ranked { strategy, stored, panel, ranking, gates };
    // What can't be held is bad input, and is said before an account is opened.
    let first = ranked.portfolio(&[])?;
    let short = first.targets().iter().find_map(|target| match target.size {
        TargetSize::Weight(weight) if weight < Weight::ZERO => Some((target, weight)),
        _ => None,
    });
    match short {
        Some((target, weight)) => {
            let (symbol, size) = (target.symbol.clone(), weight.to_string());
            Err(decile::trade::Error::ShortTarget { symbol, size }.into())
        }
        None => Ok(ranked),
    }
}

impl Ranked {
    /// The portfolio that the strategy makes of the ranking; what is held may stay longer.
    fn portfolio(&self, held: &[Symbol]) -> Result<Portfolio> {
        let Self { ranking, panel, .. } = self;
        Ok(self.strategy.construction.build(&ConstructionInputs { ranking, panel, held })?)
    }
}

/// The market, and what there is to say about how it was come by.
async fn load(arguments: &Arguments) -> Result<(Market, Vec<String>)> {
    #[cfg(feature = "providers")]
    if arguments.live.is_wanted() {
        let fetched = arguments.live.fetch(arguments.as_of).await?;
        return Ok((fetched.market, fetched.lines));
    }
    match &arguments.data {
        Some(folder) => Ok((read_folder(folder)?, Vec::new())),
        None => Ok((SyntheticMarket::default().seed(arguments.seed).generate()?, Vec::new())),
    }
}

/// A broker, what its account has, and what the stocks to trade cost.
struct Desk {
    trading: Trading,
    executor: Executor,
    /// What earlier runs left open; resolved first, since its fills are part of the positions.
    earlier: Resolution,
    account: Account,
    positions: Vec<Position>,
    portfolio: Portfolio,
    quotes: BTreeMap<Symbol, Quote>,
    /// What the runs before did, what is open, what is known of the stocks.
    known: Circumstances,
    /// What is not traded today, or not bought, and why.
    left_out: Vec<String>,
}

impl Desk {
    async fn open(arguments: &Arguments, ranked: &Ranked) -> Result<Self> {
        let trading = Trading::open(arguments, &ranked.strategy.name, &ranked.stored).await?;
        let Trading { broker, journal, clock, .. } = &trading;
        let config = ExecutorConfig::default();
        let executor = Executor::new(broker.clone(), journal.clone(), clock.clone(), config);
        let executor = match arguments.kill_switch() {
            Some(switch) => executor.with_kill_switch(switch),
            None => executor,
        };
        let earlier = executor.resolve().await?;
        let (account, positions) = (broker.account().await?, broker.positions().await?);
        decide(arguments, &positions, (&**journal, clock.now()))?;
        let limits = &ranked.strategy.limits;
        let losses = limits.losses.watch(&**broker, &**journal, &**clock).await?;
        let known = Circumstances {
            history: History::replay(&**journal)?,
            stocks: facts(&ranked.stored, &ranked.ranking),
            open_orders: broker.open_orders().await?,
        };
        let mut left_out: Vec<_> = losses.latched().map(no_buys).into_iter().collect();
        let held: Vec<_> = positions.iter().map(|position| position.symbol.clone()).collect();
        let portfolio = ranked.portfolio(&held)?;
        let targets = portfolio.targets().iter().map(|target| target.symbol.clone());
        let symbols: BTreeSet<_> = targets.chain(held).collect();
        let symbols: Vec<_> = symbols.into_iter().collect();
        let quotes = trading.quotes.quotes(&symbols).await?;
        let mut quotes: BTreeMap<_, _> =
            quotes.into_iter().map(|quote| (quote.symbol.clone(), quote)).collect();
        // What has no quote is left alone.
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
        let desk = Self {
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
        Ok(desk)
    }

    /// What is wanted: the weights of the portfolio, or the same number of shares of each.
    fn targets(&self, arguments: &Arguments) -> Targets {
        let targets = self.portfolio.targets();
        match arguments.quantity {
            Some(quantity) => targets.with_shares(Shares::new(quantity)),
            None => targets.clone(),
        }
    }

    fn plan(&self, arguments: &Arguments, ranked: &Ranked) -> Result<Plan> {
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
        let mut rules = ranked.strategy.plan_rules();
        if arguments.real_money && rules.order == OrderStyle::Market {
            // Real money pays no price that nobody has looked at.
            rules.order = OrderStyle::MarketableLimit;
        }
        let plan = Plan::toward(&inputs, &rules)?;
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

    fn risk_inputs(&self) -> RiskInputs<'_> {
        let Self { account, positions, quotes, .. } = self;
        let (now, known) = (self.trading.clock.now(), &self.known);
        RiskInputs { account, positions, quotes, now, known }
    }

    /// Names the plan for the person who is to approve it, and writes that down; or tells why it is not
    /// the one that was approved.
    fn show(
        &self,
        arguments: &Arguments,
        ranked: &Ranked,
        plan: &Plan,
        console: Console,
    ) -> Result<std::result::Result<(), String>> {
        let id = PlanId::of(plan, &self.targets(arguments), ranked.ranking.model_hash());
        let at = self.trading.clock.now();
        if let Some(wanted) = &arguments.plan_id {
            let shown = self.known.history.proposed(wanted);
            return Ok(check_plan(wanted, &id, (shown, at)));
        }
        if arguments.keeps_journal() && !arguments.sends() {
            console.say(format!("\nPlan id {id}: with --submit --plan-id {id} for 15 minutes."));
            self.trading.journal.append(&[JournalRecord::Proposed { plan: id, at }])?;
        }
        if arguments.real_money {
            console.say(evidence(arguments.paper_journal.as_deref())?);
        }
        Ok(Ok(()))
    }

    /// Writes down that nothing was sent, and why.
    fn refuse(&self, reason: String) -> Result<u8> {
        let at = self.trading.clock.now();
        self.trading.journal.append(&[JournalRecord::Refused { reason, at }])?;
        Ok(DENIED)
    }

    /// Sends the orders and tells whether everything is filled, this time and before. Orders may be
    /// out, so from here on nothing is called bad input.
    async fn trade(&self, approved: ApprovedPlan, console: Console, summary: &mut Summary) -> bool {
        let stop = StopSignal::new();
        let interrupt = stop.clone();
        tokio::spawn(async move {
            // Between orders; the one under way is seen through.
            if tokio::signal::ctrl_c().await.is_ok() {
                interrupt.stop();
            }
        });
        let report = match self.executor.execute(approved, &stop).await {
            Ok(report) => report,
            Err(error) => {
                console.say(format!("error: {}", one_line(&error)));
                return false;
            }
        };
        if !report.orders.is_empty() {
            console.say(format!("\nFills\n{}\n{}", tables::fills(&report), tables::costs(&report)));
        }
        let broker = &self.trading.broker;
        match (broker.account().await, self.settled(&report).await) {
            (Ok(after), Ok((held, breaks))) => {
                breaks.iter().for_each(|line| console.say(format!("BREAK: {line}")));
                if let Err(error) = self.write_down(after.equity, &breaks) {
                    console.say(format!("error: {}", one_line(&error)));
                    return false;
                }
                let before = (&self.account, &self.positions[..]);
                console.say(format!("\n{}", tables::accounts(before, (&after, &held))));
                summary.executed(&report, Some((&after, &held)));
                report.is_complete() && self.earlier.is_clear() && breaks.is_empty()
            }
            (Err(error), _) | (_, Err(error)) => {
                console.say(format!("error: orders are out, but {}", one_line(&error)));
                summary.executed(&report, None);
                false
            }
        }
    }

    /// What is held once the broker shows what has filled, and what does not agree even then.
    async fn settled(
        &self,
        report: &ExecutionReport,
    ) -> std::result::Result<(Vec<Position>, Vec<String>), decile::trade::Error> {
        let mut looks = 0;
        loop {
            let held = self.trading.broker.positions().await?;
            let breaks = position_breaks(report, &self.positions, &held);
            looks += 1;
            if breaks.is_empty() || looks == SETTLE_LOOKS {
                return Ok((held, breaks));
            }
            tokio::time::sleep(SETTLE_PAUSE).await;
        }
    }

    fn write_down(
        &self,
        equity: Money,
        breaks: &[String],
    ) -> std::result::Result<(), decile::trade::Error> {
        let at = self.trading.clock.now();
        let breaks = breaks.to_vec();
        self.trading.journal.append(&[
            JournalRecord::Equity { equity, at },
            JournalRecord::Reconciled { breaks, at },
        ])
    }
}

fn no_buys(reason: &str) -> String {
    format!("Too much was lost, so nothing is bought: {reason}. --reset-loss-latch lifts it.")
}
