//! Ranks a market, takes the best ten stocks and trades them on paper.
//!
//! `cargo run --example top10` needs nothing; `-- --help` lists what it can do.

use clap::Parser;
use decile::prelude::*;
use decile_examples::arguments::Arguments;
use decile_examples::console::{Console, Steps, one_line};
use decile_examples::summary::{Output, Summary};
use decile_examples::tables;
use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const BAD_INPUT: u8 = 2;
const DENIED: u8 = 3;
const NOT_WHOLLY_FILLED: u8 = 4;
/// Sessions over which the average daily volume is taken.
const VOLUME_SESSIONS: usize = 20;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            Console::new(false).say(format!("error: {}", one_line(&*error)));
            ExitCode::from(BAD_INPUT)
        }
    }
}

async fn run(arguments: &Arguments) -> Result<u8> {
    let console = Console::new(!arguments.json_to_stdout());
    let output = Output::open(arguments.json.as_deref())?;
    let mut steps = Steps::new(5);

    // Data: a market, and the session after whose close nothing is known.
    let market = Arc::new(steps.run("data", || load(arguments, console))?);
    let as_of = arguments.as_of.unwrap_or(market.calendar().last());
    let stored = StoredMarket::new(market.clone(), as_of)?;

    // Factors, scores, ranking, targets.
    let wanted = Model::preset(&arguments.model)?;
    let model = wanted.clone().suited_to(&market, as_of).resolve(&FactorRegistry::library())?;
    let panel = steps.run("panel", || Panel::new(&market, &model.fields()));
    let ranking = steps.run("scores", || model.score(&panel, as_of))?.rank();
    let targets = match arguments.quantity {
        Some(quantity) => construct::equal_shares(&ranking, arguments.top, Shares::new(quantity))?,
        None => construct::equal_weight(&ranking, arguments.top)?,
    };
    steps.pause();
    if ranking.model() != wanted.name() {
        let (used, asked) = (ranking.model(), wanted.name());
        console.say(format!("The market has no estimates: ranked by {used} instead of {asked}."));
    }
    console.say(format!(
        "\nRanking by {} on {as_of}\n{}",
        ranking.model(),
        tables::ranking(&ranking)
    ));
    tables::excluded(&ranking).iter().for_each(|line| console.say(line));

    // The paper account, in simulated time: ten o'clock on the next session.
    let time = SimulatedTime::after(market.calendar(), as_of)
        .ok_or_else(|| format!("no session is known after {as_of}: choose an earlier --as-of"))?;
    let clock = Arc::new(ManualClock::new(time.now));
    let symbols: Vec<Symbol> = panel.symbols().to_vec();
    let quotes = stored.session_quotes(time.now).quotes(&symbols).await?;
    let paper = decile_examples::paper::open(arguments, &stored, clock.clone())?;
    paper.set_quotes(quotes.iter().cloned());
    let quotes: BTreeMap<Symbol, Quote> =
        quotes.into_iter().map(|quote| (quote.symbol.clone(), quote)).collect();
    let broker: Arc<dyn Broker> = Arc::new(paper);
    let journal = decile_examples::paper::journal(arguments)?;
    let executor = Executor::new(broker.clone(), journal, clock, ExecutorConfig::default());
    let earlier = executor.resolve(time.session).await?;
    tables::resolution(&earlier).iter().for_each(|line| console.say(line));
    let (account, positions) = (broker.account().await?, broker.positions().await?);

    // Targets to a plan, and the plan past the limits.
    let strategy = "top10".parse()?;
    let volumes = volumes(&stored);
    let inputs = PlanInputs {
        strategy: &strategy,
        session: time.session,
        targets: &targets,
        account: &account,
        positions: &positions,
        quotes: &quotes,
        average_daily_volume: Some(&volumes),
    };
    let rules = PlanRules { cash_buffer: arguments.buffer, ..PlanRules::default() };
    let plan = steps.run("plan", || Plan::toward(&inputs, &rules))?;
    steps.pause();
    console.say(format!("\nPlan for {}\n{}", time.session, tables::plan(&plan, &quotes)));
    tables::unplanned(&plan).iter().for_each(|line| console.say(line));
    let mut summary = Summary::new(&ranking, &plan, &account, &positions);
    let inputs =
        RiskInputs { account: &account, positions: &positions, quotes: &quotes, now: time.now };
    let approved = match RiskLimits::default().approve(plan, &inputs) {
        Ok(approved) => approved,
        Err(denied) => {
            console.say(format!("\nChecks\n{}", tables::checks(denied.checks())));
            console.say("A check denied the plan: nothing was sent.");
            summary.checked(denied.checks());
            summary.denied();
            output.write(&summary)?;
            return Ok(DENIED);
        }
    };
    console.say(format!("\nChecks\n{}", tables::checks(approved.checks())));
    summary.checked(approved.checks());
    if arguments.dry_run {
        console.say("Dry run: nothing was sent.");
        output.write(&summary)?;
        return Ok(0);
    }

    // Orders, and what became of them.
    steps.begin("orders");
    let report = executor.execute(approved, &StopSignal::new()).await?;
    steps.end("orders");
    steps.pause();
    let (after, held) = (broker.account().await?, broker.positions().await?);
    console.say(format!("\nFills\n{}", tables::fills(&report)));
    console.say(format!("\n{}", tables::accounts((&account, &positions), (&after, &held))));
    if arguments.timings {
        console.say(format!("\nTimings\n{}", steps.report()));
    }
    summary.executed(&report, &after, &held);
    output.write(&summary)?;
    let whole = report.is_complete() && earlier.unknown.is_empty();
    Ok(if whole { 0 } else { NOT_WHOLLY_FILLED })
}

fn load(arguments: &Arguments, console: Console) -> Result<Market> {
    if let Some(folder) = &arguments.data {
        return Ok(read_folder(folder)?);
    }
    let seed = arguments.seed;
    console.say(format!("SYNTHETIC MARKET (seed {seed}): companies and prices are invented."));
    Ok(SyntheticMarket::default().seed(seed).generate()?)
}

fn volumes(stored: &StoredMarket) -> BTreeMap<Symbol, Shares> {
    let (market, as_of) = (stored.market(), stored.as_of());
    let volume = |stock: &decile::core::Stock| {
        let mean = average_daily_volume(stock, market.calendar(), as_of, VOLUME_SESSIONS)?;
        Some((stock.symbol().clone(), Shares::new(mean as i64)))
    };
    market.stocks().iter().filter_map(volume).collect()
}
