//! What must agree before real money is traded, and what a person decides.

use crate::story;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use decile::core::CorporateAction;
use decile::trade::{
    AccountId, History, Journal, JournalRecord, OrderStyle, PlanId, PlanRules, Position,
};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

/// How long a plan that was shown may be approved.
const SHOWN_MAX: TimeDelta = TimeDelta::minutes(15);
/// How many monthly cycles on paper are advised before real money, with no break among them.
const MONTHS: usize = 3;

/// What a person has said about real money.
///
/// ```
/// use decile_examples::trading::{Approval, check_account};
///
/// let nothing = Approval::default();
/// assert!(check_account(&"DU1234567".parse()?, &nothing).is_ok());
/// assert!(check_account(&"U1234567".parse()?, &nothing).is_err());
/// # Ok::<(), decile::trade::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Approval<'a> {
    /// `--live` is on the command line.
    pub flag: bool,
    /// The account that the environment names.
    pub environment: Option<&'a str>,
    /// Orders are to be sent.
    pub sends: bool,
    /// A plan is named.
    pub plan: bool,
}

/// Refuses an account with real money unless a person has said so in every way.
///
/// # Errors
/// A sentence that says what is missing.
pub fn check_account(account: &AccountId, approval: &Approval<'_>) -> Result<(), String> {
    let Approval { flag, environment, sends, plan } = *approval;
    if account.is_paper() {
        return match flag {
            true => Err(format!("--live is for real money, and {account} is a paper account")),
            false => Ok(()),
        };
    }
    if !flag {
        return Err(format!(
            "--account {account} is not a paper account (DU… or DF…): for real money, go through \
             docs/live-checklist.md and add --live"
        ));
    }
    match environment {
        None => return Err(format!("--live needs DECILE_LIVE={account} in the environment")),
        Some(named) if named != account.as_str() => {
            return Err(format!("DECILE_LIVE names {named:?}, and --account {account}"));
        }
        Some(_) => {}
    }
    match sends && !plan {
        true => Err("--live --submit needs --plan-id: run without --submit first, which prints it"
            .to_owned()),
        false => Ok(()),
    }
}

/// Makes rules fit for real money: market orders become marketable limits, and another kind of order
/// without a limit goes out only if the strategy says that it may.
///
/// ```
/// use decile::prelude::*;
/// use decile::trade::OrderStyle;
/// use decile_examples::trading::with_limits;
///
/// let rules = |order| PlanRules { order, ..PlanRules::default() };
/// let market = with_limits(rules(OrderStyle::Market))?;
/// assert_eq!(market.order, OrderStyle::MarketableLimit);
/// assert!(with_limits(rules(OrderStyle::MarketOnClose)).is_err());
/// # Ok::<(), String>(())
/// ```
///
/// # Errors
/// A sentence that says what to choose instead.
pub fn with_limits(rules: PlanRules) -> Result<PlanRules, String> {
    match rules.order {
        OrderStyle::Market => Ok(PlanRules { order: OrderStyle::MarketableLimit, ..rules }),
        order if order.has_limit() || rules.live_without_limit => Ok(rules),
        order => Err(format!(
            "{order:?} orders have no limit, and real money pays no price that nobody has looked at: \
             choose order = \"limit_on_close\" or \"marketable_limit\" in [plan] of the strategy, or \
             say live_without_limit = true there"
        )),
    }
}

/// Refuses a plan that is not the approved one, or that was not shown, or too long ago, or that trades much
/// more or less by now.
///
/// # Errors
/// A sentence that says what to do.
pub fn check_plan(
    approved: &PlanId,
    found: &PlanId,
    (shown, now): (Option<DateTime<Utc>>, DateTime<Utc>),
    moved: Option<String>,
) -> Result<(), String> {
    let again = "look at it again without --submit";
    if approved != found {
        return Err(format!("the plan is {found} by now, and {approved} was approved: {again}"));
    }
    let Some(shown) = shown else {
        return Err(format!("the journal has no look at the plan {approved}: {again}"));
    };
    if let Some(moved) = moved {
        return Err(format!("the plan {approved} is for {moved}: {again}"));
    }
    let age = now - shown;
    match (TimeDelta::zero()..=SHOWN_MAX).contains(&age) {
        true => Ok(()),
        false => {
            let minutes = age.num_minutes();
            Err(format!(
                "the plan {approved} was shown {minutes} minutes ago, of at most 15: {again}"
            ))
        }
    }
}

/// Writes down what a person has decided on the command line, if there is anything to decide: an option
/// that was left in a scheduled command would else decide day after day what nobody has looked at.
///
/// # Errors
/// A sentence that names the option with nothing to do, and whatever keeps the decision from being
/// written or the journal from being read.
pub fn decide(
    arguments: &crate::arguments::Arguments,
    (positions, actions, session): (&[Position], &[CorporateAction], NaiveDate),
    (journal, at): (&dyn Journal, DateTime<Utc>),
) -> Result<(), Box<dyn Error>> {
    let (reset, adopt) = (&arguments.reset_loss_latch, &arguments.adopt_positions);
    if reset.is_none() && adopt.is_none() {
        return Ok(());
    }
    let history = History::replay(journal)?;
    let mut decided = Vec::new();
    if let Some(reason) = reset.clone() {
        if history.latched().is_none() {
            return Err("--reset-loss-latch has nothing to lift: leave it out".into());
        }
        decided.push(JournalRecord::LossReset { reason, at });
    }
    if let Some(reason) = adopt.clone() {
        let held = |position: &Position| (position.symbol.clone(), position.quantity);
        let positions: BTreeMap<_, _> = positions.iter().map(held).collect();
        if history.owned_with(actions, session)? == positions {
            return Err("--adopt-positions has nothing to adopt, since the journal explains all \
                        that is held: leave it out"
                .into());
        }
        decided.push(JournalRecord::Adopted { positions, reason, at });
    }
    Ok(journal.append(&decided)?)
}

/// Says how long the strategy was tried on paper. It warns, and locks nothing.
///
/// # Errors
/// If the journal is named and cannot be read.
pub fn evidence(paper_journal: Option<&Path>) -> Result<String, Box<dyn Error>> {
    let Some(path) = paper_journal else {
        return Ok(
            "WARNING: no --paper-journal, so nothing shows that this was tried on paper.".into()
        );
    };
    let (months, breaks) = History::of(story::read(path)?)?.reconciled();
    let word = if months >= MONTHS && breaks == 0 { "Evidence" } else { "WARNING" };
    Ok(format!(
        "{word}: {months} months on paper with {breaks} breaks; {MONTHS} and 0 are advised."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules in words, written down a second time.
    fn allowed(account: &str, approval: &Approval<'_>) -> bool {
        match account.starts_with("DU") || account.starts_with("DF") {
            true => !approval.flag,
            false => {
                approval.flag
                    && approval.environment == Some(account)
                    && (approval.plan || !approval.sends)
            }
        }
    }

    #[test]
    fn every_combination_of_account_flag_environment_and_plan() {
        let mut count = 0;
        for account in ["DU1234567", "DF1234567", "U1234567", "F1234567", "U12345678"] {
            for environment in [None, Some(""), Some("1"), Some("U1234567"), Some("DU1234567")] {
                for bits in 0..8 {
                    let [flag, sends, plan] = [1, 2, 4].map(|bit| bits & bit != 0);
                    let approval = Approval { flag, environment, sends, plan };
                    let checked = check_account(&account.parse().unwrap(), &approval);
                    let expected = allowed(account, &approval);
                    assert_eq!(checked.is_ok(), expected, "{account} {approval:?}: {checked:?}");
                    count += usize::from(expected);
                }
            }
        }
        // Two paper accounts without the flag, and one live one named three times.
        assert_eq!(count, 2 * 5 * 4 + 3);
    }

    #[test]
    fn real_money_has_limits_unless_the_strategy_says_otherwise() {
        use OrderStyle::{Adaptive, LimitOnClose, Market, MarketOnClose, MarketableLimit};
        let rules = |order, live_without_limit| PlanRules {
            order,
            live_without_limit,
            ..PlanRules::default()
        };
        let made = |order, says| with_limits(rules(order, says)).map(|rules| rules.order);
        for says in [false, true] {
            assert_eq!(made(Market, says), Ok(MarketableLimit));
            assert_eq!(made(MarketableLimit, says), Ok(MarketableLimit));
            assert_eq!(made(LimitOnClose, says), Ok(LimitOnClose));
        }
        for order in [MarketOnClose, Adaptive] {
            assert_eq!(made(order, true), Ok(order));
            let refused = made(order, false).unwrap_err();
            assert!(refused.contains("live_without_limit = true"), "{refused}");
        }
    }

    #[test]
    fn evidence_counts_months_and_breaks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("paper.jsonl");
        let journal =
            decile::trade::FileJournal::open(&path, &"q".parse().unwrap(), &"DU1".parse().unwrap())
                .unwrap();
        let run = |day: &str, breaks: Vec<String>| {
            let at = format!("{day}T15:00:00Z").parse().unwrap();
            journal.append(&[JournalRecord::Reconciled { breaks, at }]).unwrap();
            evidence(Some(&path)).unwrap()
        };
        assert!(evidence(None).unwrap().starts_with("WARNING: no --paper-journal"));
        run("2025-09-02", Vec::new());
        run("2025-10-01", Vec::new());
        // A second run of a month is the same month.
        let told = run("2025-10-31", Vec::new());
        assert!(told.starts_with("WARNING: 2 months on paper with 0 breaks"), "{told}");
        let told = run("2025-11-03", Vec::new());
        assert!(told.starts_with("Evidence: 3 months on paper with 0 breaks"), "{told}");
        let told = run("2025-12-01", vec!["1 KO are held".to_owned()]);
        assert!(told.starts_with("WARNING: 4 months on paper with 1 breaks"), "{told}");
    }

    #[test]
    fn only_the_plan_that_was_just_shown_is_sent() {
        let [plan, other] =
            ["0123456789abcdef", "fedcba9876543210"].map(|text| text.parse::<PlanId>().unwrap());
        let now: DateTime<Utc> = "2025-12-01T15:00:00Z".parse().unwrap();
        let ago = |seconds| Some(now - TimeDelta::seconds(seconds));
        let refused = |found, shown| check_plan(&plan, found, (shown, now), None).unwrap_err();
        assert!(check_plan(&plan, &plan, (ago(0), now), None).is_ok());
        assert!(check_plan(&plan, &plan, (ago(900), now), None).is_ok());
        let moved = check_plan(&plan, &plan, (ago(1), now), Some("198 KO by now".to_owned()));
        assert!(moved.unwrap_err().contains("is for 198 KO by now: look at it again"));
        assert!(refused(&plan, ago(901)).contains("shown 15 minutes ago"));
        assert!(refused(&plan, ago(-1)).contains("look at it again"));
        assert!(refused(&plan, None).contains("has no look at the plan"));
        assert!(refused(&other, ago(1)).contains("the plan is fedcba9876543210 by now"));
    }
}
