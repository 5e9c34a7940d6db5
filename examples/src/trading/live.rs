//! What real money needs besides a person's consent, and what a person decides.

use crate::story;
use chrono::{DateTime, NaiveDate, Utc};
use decile::core::CorporateAction;
use decile::trade::{History, Journal, JournalRecord, OrderStyle, PlanRules, Position};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

/// How many monthly cycles on paper are advised before real money, with no break among them.
const MONTHS: usize = 3;

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
}
