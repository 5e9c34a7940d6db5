mod error;

pub use error::ConsentError;

use crate::{AccountId, ApprovedPlan, Plan, PlanId, PlanRules};
use chrono::{DateTime, TimeDelta, Utc};
use decile_core::Targets;

/// How long a plan that was shown may be agreed to.
const SHOWN_MAX: TimeDelta = TimeDelta::minutes(15);

/// What a person's word on a plan is checked against, and what the plan was made of, as for
/// [`PlanId::of`].
///
/// See [`Consent`] for an example.
///
/// ```
/// fn is_for_real_money(inputs: &decile_trade::ConsentInputs<'_>) -> bool {
///     inputs.flag
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ConsentInputs<'a> {
    /// Whether the person asked for real money when the program was started, as with `--live`.
    pub flag: bool,
    /// The id of the plan, as the person typed it.
    pub typed: &'a PlanId,
    /// What is wanted.
    pub targets: &'a Targets,
    /// A text that no other model has.
    pub model: &'a str,
    /// The rules of the plan.
    pub rules: &'a PlanRules,
    /// The current instant.
    pub now: DateTime<Utc>,
}

/// A person's consent to one approved plan. For an account with real money nothing is sent without:
/// [`ApprovedPlan::into_orders`] gives no order out.
///
/// It is there only if all of this agrees: the flag, the environment in which `DECILE_LIVE` names the
/// account, and the id of the plan, which the journal showed at most 15 minutes before, with quantities
/// that have [moved](PlanId::moved) by no more than a tenth since. Only [`Consent::given`] makes one; it
/// cannot be copied, or read from a file, and is good for the approval that it was given to. On paper it
/// may be asked for, too; then the flag must not be there, and the environment does not count.
///
/// What no type can tell is whether a person typed the id. A program that shows a plan to itself and agrees
/// to it lacks only the environment, which is read here and not handed over for that reason.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{
///     Circumstances, Consent, ConsentError, ConsentInputs, History, JournalRecord, PlanId, PlanRules,
///     RiskInputs, RiskLimits,
/// };
///
/// let (wanted, rules, limits) = (targets(&["KO"]), PlanRules::default(), RiskLimits::default());
/// let plan = plan("10000", &[("KO", "50")]);
/// // The dry run: it prints the plan and its id, and writes down that it did.
/// let id = PlanId::of(&plan, &wanted, "q_core", (&rules, &limits));
/// let orders = Some(PlanId::quantities(&plan));
/// let shown = JournalRecord::Proposed { plan: id.clone(), orders, at: now() };
///
/// // The run that sends: a person has typed the id.
/// let history = History::of(vec![shown])?;
/// let (account, quotes) = (account("10000"), quotes(&[("KO", "50")]));
/// let known = Circumstances { history, ..Circumstances::default() };
/// let inputs =
///     RiskInputs { account: &account, positions: &[], quotes: &quotes, now: now(), known: &known };
/// let approved = limits.approve(plan, &inputs)?;
/// let inputs = ConsentInputs {
///     flag: false, // a paper account
///     typed: &id,
///     targets: &wanted,
///     model: "q_core",
///     rules: &rules,
///     now: now(),
/// };
/// let consent = Consent::given(&approved, &inputs)?;
/// let approved = approved.with_consent(consent)?;
/// assert_eq!(approved.consent().map(Consent::plan_id), Some(&id));
///
/// // Another plan is not agreed to, and real money has to be meant.
/// let other = ConsentInputs { model: "ranks", ..inputs };
/// let refused = Consent::given(&approved, &other).expect_err("another model");
/// assert!(matches!(refused, ConsentError::OtherPlan { .. }));
/// let refused = Consent::check_account(&"U1234567".parse()?, false).expect_err("no flag");
/// assert!(matches!(refused, ConsentError::NotMeant { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a consent is for ApprovedPlan::with_consent"]
pub struct Consent {
    id: PlanId,
    plan: Plan,
    approved_at: DateTime<Utc>,
}

impl Consent {
    /// The variable of the environment that names the account with real money.
    pub const VARIABLE: &'static str = "DECILE_LIVE";

    /// Refuses an account with real money, unless flag and environment say that it is meant, and the flag
    /// for a paper account. Worth asking before anything is connected or shown.
    ///
    /// # Errors
    /// [`ConsentError::NotMeant`], [`ConsentError::NotNamed`] or [`ConsentError::OtherNamed`] for real
    /// money, [`ConsentError::OnPaper`] for paper.
    pub fn check_account(account: &AccountId, flag: bool) -> Result<(), ConsentError> {
        // Read here, though crates are else told what they need: see above.
        let named = std::env::var_os(Self::VARIABLE);
        check(account, flag, named.as_ref().map(|named| named.to_string_lossy()).as_deref())
    }

    /// Takes a person's consent to a plan. What the journal has shown is what the plan was approved with
    /// ([`Circumstances::history`](crate::Circumstances::history)).
    ///
    /// # Errors
    /// As [`check_account`](Self::check_account), and what speaks against the plan:
    /// [`ConsentError::OtherPlan`], [`ConsentError::NotShown`], [`ConsentError::Moved`] or
    /// [`ConsentError::ShownBefore`].
    pub fn given(
        approved: &ApprovedPlan,
        inputs: &ConsentInputs<'_>,
    ) -> Result<Self, ConsentError> {
        let plan = approved.plan();
        Self::check_account(plan.account(), inputs.flag)?;
        let ConsentInputs { targets, model, rules, now, .. } = *inputs;
        let id = inputs.typed.clone();
        let found = PlanId::of(plan, targets, model, (rules, approved.limits()));
        if found != id {
            return Err(ConsentError::OtherPlan { approved: id, found });
        }
        let history = approved.history();
        let shown = history.proposed(&id).zip(history.proposed_orders(&id));
        let Some((shown, orders)) = shown else { return Err(ConsentError::NotShown { plan: id }) };
        if let Some(moved) = PlanId::moved(plan, orders) {
            return Err(ConsentError::Moved { plan: id, moved });
        }
        // A look from the future shows a clock that cannot be trusted.
        let age = now - shown;
        match (TimeDelta::zero()..=SHOWN_MAX).contains(&age) {
            true => Ok(Self { id, plan: plan.clone(), approved_at: approved.approved_at() }),
            false => Err(ConsentError::ShownBefore { plan: id, age, most: SHOWN_MAX }),
        }
    }

    /// Returns the id of the plan.
    #[must_use]
    pub fn plan_id(&self) -> &PlanId {
        &self.id
    }

    /// Tells whether it was given to this approval of this plan.
    pub(crate) fn is_to(&self, approved: &ApprovedPlan) -> bool {
        self.approved_at == approved.approved_at() && self.plan == *approved.plan()
    }
}

fn check(account: &AccountId, flag: bool, named: Option<&str>) -> Result<(), ConsentError> {
    let of = account.clone();
    match (account.is_paper(), flag, named) {
        (true, true, _) => Err(ConsentError::OnPaper { account: of }),
        (true, false, _) => Ok(()),
        (false, false, _) => Err(ConsentError::NotMeant { account: of }),
        (false, true, None) => Err(ConsentError::NotNamed { account: of }),
        (false, true, Some(named)) if named == account.as_str() => Ok(()),
        (false, true, Some(named)) => {
            Err(ConsentError::OtherNamed { account: of, named: named.to_owned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules in words, written down a second time.
    fn allowed(account: &str, flag: bool, named: Option<&str>) -> bool {
        match account.starts_with("DU") || account.starts_with("DF") {
            true => !flag,
            false => flag && named == Some(account),
        }
    }

    #[test]
    fn every_combination_of_account_flag_and_environment() {
        let mut count = 0;
        for account in ["DU1234567", "DF1234567", "U1234567", "F1234567", "U12345678"] {
            for named in [None, Some(""), Some("1"), Some("U1234567"), Some("DU1234567")] {
                for flag in [false, true] {
                    let checked = check(&account.parse().unwrap(), flag, named);
                    let expected = allowed(account, flag, named);
                    assert_eq!(
                        checked.is_ok(),
                        expected,
                        "{account} {flag} {named:?}: {checked:?}"
                    );
                    count += usize::from(expected);
                }
            }
        }
        // Two paper accounts without the flag, and one live one that is named.
        assert_eq!(count, 2 * 5 + 1);
    }

    #[test]
    fn each_refusal_says_what_to_do() {
        let told = |account: &str, flag, named| {
            check(&account.parse().unwrap(), flag, named).unwrap_err().to_string()
        };
        assert!(told("U1", false, Some("U1")).contains("docs/live-checklist.md"));
        assert!(told("U1", true, None).contains("needs DECILE_LIVE=U1 in the environment"));
        assert!(told("U1", true, Some("U2")).contains("DECILE_LIVE names \"U2\""));
        assert!(told("DU1", true, None).contains("DU1 is a paper account"));
    }
}
