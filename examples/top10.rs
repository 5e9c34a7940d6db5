//! Ranks a market, takes the best ten stocks and buys them in a paper account.
//!
//! `cargo run --example top10` needs nothing; `-- --help` lists what it can do.

use clap::Parser;
use decile::factor::Screen;
use decile::prelude::*;
use decile::rank::Verdict;
use decile_examples::arguments::Arguments;
use decile_examples::console::{Console, Steps, one_line};
use decile_examples::desk::Desk;
use decile_examples::finish::Traded;
use decile_examples::ranked::{Ranked, load};
use decile_examples::strategy::{self, Chosen};
use decile_examples::summary::{Output, Summary};
use decile_examples::tables;
use decile_examples::trading::RunJournal;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const DONE: u8 = 0;
const BAD_INPUT: u8 = 2;
const DENIED: u8 = 3;
const NOT_WHOLLY_FILLED: u8 = 4;
const DENIES: &str = "A check denied the plan: nothing was sent.";
const REPORT_ONLY: &str = "The model's gates say: report only, no trading.";

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

/// Opens what is written to, and leaves a record of whatever fails.
async fn run(arguments: &Arguments, console: Console) -> Result<u8> {
    arguments.check()?;
    let output = Output::open(arguments.json.as_deref())?;
    let chosen = strategy::choose(arguments)?;
    let journal = RunJournal::default();
    journal.open_first(arguments, &chosen.strategy.name)?;
    let done = trade(arguments, console, chosen, (output, &journal)).await;
    if let Err(error) = &done {
        // Orders that are out end a run in another way.
        let written = journal.refuse(one_line(&**error));
        written.err().iter().for_each(|error| console.say(format!("error: {}", one_line(error))));
    }
    done
}

/// Data to ranking, ranking to plan, plan past the limits, orders to fills.
async fn trade(
    arguments: &Arguments,
    console: Console,
    chosen: Chosen,
    (output, journal): (Output, &RunJournal),
) -> Result<u8> {
    let mut steps = Steps::new(5);
    let ranked = rank(arguments, console, chosen, &mut steps).await?;
    let desk = Desk::open(arguments, &ranked, journal).await?;
    desk.notes().iter().for_each(|line| console.say(line));

    let plan = steps.run("plan", || desk.plan(arguments, &ranked))?;
    steps.pause();
    desk.portfolio.notes().iter().for_each(|note| console.say(format!("  {note}")));
    console.say(format!("\nPlan for {}\n{}", plan.session(), tables::plan(&plan, &desk.quotes)));
    tables::unplanned(&plan).iter().for_each(|line| console.say(line));
    let mut summary = Summary::new(&ranked.ranking, &plan, &desk.account, &desk.positions);

    let decision = ranked.strategy.limits.approve(plan, &desk.risk_inputs());
    let checks = decision.as_ref().map_or_else(|denied| denied.checks(), ApprovedPlan::checks);
    console.say(format!("\nChecks\n{}", tables::checks(&ranked.gates, checks)));
    summary.checked(&ranked.gates, checks);
    let consent = match &decision {
        Ok(approved) if ranked.gates.verdict() != Verdict::ReportOnly => {
            desk.show(arguments, &ranked, approved, console)?
        }
        _ => Ok(None),
    };
    let killed = arguments.kill_switch().and_then(|switch| switch.engaged());
    let refuse = |said: String, reason: String| {
        console.say(said);
        desk.refuse(reason).map(|()| DENIED)
    };
    let code = match decision {
        Err(denied) if arguments.sends() => refuse(DENIES.to_owned(), denied.to_string())?,
        _ if ranked.gates.verdict() == Verdict::ReportOnly => {
            refuse(format!("{REPORT_ONLY} Nothing was sent."), REPORT_ONLY.to_owned())?
        }
        Err(_) => {
            console.say(DENIES);
            DENIED
        }
        Ok(approved) => match (killed, consent) {
            (Some(told), _) => {
                let lifts = "The example kill --release lifts it.";
                refuse(format!("Nothing was sent: {told}. {lifts}"), told)?
            }
            (None, Err(told)) => refuse(format!("Nothing was sent: {told}"), told.to_string())?,
            _ if !arguments.sends() => {
                let add = if arguments.dry_run { "" } else { " Add --submit to send the orders." };
                console.say(format!("Dry run: nothing was sent.{add}"));
                DONE
            }
            (None, Ok(consent)) => {
                let approved = match consent {
                    Some(consent) => approved.with_consent(consent)?,
                    None => approved,
                };
                steps.begin("orders");
                let judged = (&ranked.strategy.limits.losses, console);
                let traded = desk.trade(approved, judged, &mut summary).await;
                steps.end("orders");
                match traded {
                    Traded::InFull => DONE,
                    Traded::InPart => NOT_WHOLLY_FILLED,
                    Traded::Denied => DENIED,
                }
            }
        },
    };
    if code == DENIED {
        summary.denied();
    }
    steps.pause();
    if arguments.timings {
        console.say(format!("\nTimings\n{}", steps.report()));
    }
    match output.write(&summary) {
        Err(error) if code != DENIED && arguments.sends() => {
            // The orders are out: whatever this is, it is not bad input.
            console.say(format!("error: the JSON could not be written: {error}"));
            Ok(NOT_WHOLLY_FILLED)
        }
        written => Ok(written.map(|()| code)?),
    }
}

/// The market, what the model makes of it, and whether that is fit to trade on.
async fn rank(
    arguments: &Arguments,
    console: Console,
    Chosen { strategy, overrides }: Chosen,
    steps: &mut Steps,
) -> Result<Ranked> {
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
    ranked.check_long_only()?;
    Ok(ranked)
}
