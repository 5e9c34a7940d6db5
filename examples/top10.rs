//! Ranks a market, takes the best ten stocks and trades them on paper.
//!
//! `cargo run --example top10` needs nothing; `-- --help` lists what it can do.

use clap::Parser;
use decile::core::AppliedAction;
use decile::prelude::*;
use decile::trade::Resolution;
use decile_examples::arguments::Arguments;
use decile_examples::console::{Console, Steps, one_line};
use decile_examples::summary::{Output, Summary};
use decile_examples::{paper, tables};
use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const DONE: u8 = 0;
const BAD_INPUT: u8 = 2;
const DENIED: u8 = 3;
const NOT_WHOLLY_FILLED: u8 = 4;

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
    let desk = Desk::open(arguments, &ranked.stored).await?;
    desk.since.iter().for_each(|action| console.say(format!("Since the last run: {action}")));
    tables::resolution(&desk.earlier).iter().for_each(|line| console.say(line));

    let plan = steps.run("plan", || desk.plan(arguments, &ranked))?;
    steps.pause();
    console.say(format!("\nPlan for {}\n{}", plan.session(), tables::plan(&plan, &desk.quotes)));
    tables::unplanned(&plan).iter().for_each(|line| console.say(line));
    let mut summary = Summary::new(&ranked.ranking, &plan, &desk.account, &desk.positions);

    let decision = RiskLimits::default().approve(plan, &desk.risk_inputs());
    let checks = decision.as_ref().map_or_else(|denied| denied.checks(), ApprovedPlan::checks);
    console.say(format!("\nChecks\n{}", tables::checks(checks)));
    summary.checked(checks);
    let code = match decision {
        Err(_) => {
            console.say("A check denied the plan: nothing was sent.");
            summary.denied();
            DENIED
        }
        Ok(_) if arguments.dry_run => {
            console.say("Dry run: nothing was sent.");
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
        Err(error) if code == DONE && !arguments.dry_run => {
            // The orders are out: whatever this is, it is not bad input.
            console.say(format!("error: the JSON could not be written: {error}"));
            Ok(NOT_WHOLLY_FILLED)
        }
        written => Ok(written.map(|()| code)?),
    }
}

/// What is known, and what it says.
struct Ranked {
    stored: StoredMarket,
    ranking: Ranking,
    targets: Targets,
}

async fn rank(arguments: &Arguments, console: Console, steps: &mut Steps) -> Result<Ranked> {
    if arguments.is_synthetic() {
        let seed = arguments.seed;
        console.say(format!("SYNTHETIC MARKET (seed {seed}): companies and prices are invented."));
    }
    steps.begin("data");
    let (market, lines) = load(arguments).await?;
    steps.end("data");
    let market = Arc::new(market);
    let as_of = arguments.as_of.unwrap_or(market.calendar().last());
    let stored = StoredMarket::new(market.clone(), as_of)?;

    let model = Model::preset(&arguments.model)?.resolve(&FactorRegistry::library())?;
    let panel = steps.run("panel", || Panel::new(&market, &model.fields()));
    let ranking = steps.run("scores", || model.score(&panel, as_of))?.rank();
    let targets = match arguments.quantity {
        Some(quantity) => construct::equal_shares(&ranking, arguments.top, Shares::new(quantity))?,
        None => construct::equal_weight(&ranking, arguments.top)?,
    };

    steps.pause();
    lines.iter().for_each(|line| console.say(line));
    let (used, wanted) = (ranking.model(), model.model().name());
    if used != wanted {
        console.say(format!("The market has no estimates: ranked by {used} instead of {wanted}."));
    }
    console.say(format!("\nRanking by {used} on {as_of}\n{}", tables::ranking(&ranking)));
    tables::excluded(&ranking).iter().for_each(|line| console.say(line));
    Ok(Ranked { stored, ranking, targets })
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

/// A paper account at ten o'clock on the session after the one whose close is known.
struct Desk {
    time: SimulatedTime,
    quotes: BTreeMap<Symbol, Quote>,
    broker: Arc<dyn Broker>,
    executor: Executor,
    /// Splits and payouts of what is held, since the account's last session.
    since: Vec<AppliedAction>,
    /// What earlier runs left open; resolved first, since its fills are part of the positions.
    earlier: Resolution,
    account: Account,
    positions: Vec<Position>,
}

impl Desk {
    async fn open(arguments: &Arguments, stored: &StoredMarket) -> Result<Self> {
        let (market, as_of) = (stored.market(), stored.as_of());
        let time = SimulatedTime::after(market.calendar(), as_of)
            .ok_or_else(|| format!("no session is known after {as_of}: give an earlier --as-of"))?;
        let clock = Arc::new(ManualClock::new(time.now));
        let symbols: Vec<Symbol> = market.stocks().iter().map(|s| s.symbol().clone()).collect();
        let quotes = stored.session_quotes(time.now).quotes(&symbols).await?;
        let paper = paper::open(arguments, stored, clock.clone())?;
        paper.broker.set_quotes(quotes.iter().cloned());
        let broker: Arc<dyn Broker> = Arc::new(paper.broker);
        let config = ExecutorConfig::default();
        let executor = Executor::new(broker.clone(), paper.journal, clock, config);
        Ok(Self {
            time,
            since: paper.since,
            quotes: quotes.into_iter().map(|quote| (quote.symbol.clone(), quote)).collect(),
            earlier: executor.resolve().await?,
            account: broker.account().await?,
            positions: broker.positions().await?,
            broker,
            executor,
        })
    }

    fn plan(&self, arguments: &Arguments, ranked: &Ranked) -> Result<Plan> {
        let volumes = paper::volumes(&ranked.stored);
        let inputs = PlanInputs {
            strategy: &"top10".parse()?,
            session: self.time.session,
            targets: &ranked.targets,
            account: &self.account,
            positions: &self.positions,
            quotes: &self.quotes,
            average_daily_volume: Some(&volumes),
        };
        let rules = PlanRules { cash_buffer: arguments.buffer, ..PlanRules::default() };
        Ok(Plan::toward(&inputs, &rules)?)
    }

    fn risk_inputs(&self) -> RiskInputs<'_> {
        let Self { account, positions, quotes, .. } = self;
        RiskInputs { account, positions, quotes, now: self.time.now }
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
            console.say(format!("\nFills\n{}", tables::fills(&report)));
        }
        match (self.broker.account().await, self.broker.positions().await) {
            (Ok(after), Ok(held)) => {
                let before = (&self.account, &self.positions[..]);
                console.say(format!("\n{}", tables::accounts(before, (&after, &held))));
                summary.executed(&report, Some((&after, &held)));
                report.is_complete() && self.earlier.is_clear()
            }
            (Err(error), _) | (_, Err(error)) => {
                console.say(format!("error: orders are out, but {}", one_line(&error)));
                summary.executed(&report, None);
                false
            }
        }
    }
}
